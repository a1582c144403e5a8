"""Words that sheets of green certificates use for their columns, by field. A word ends at a semicolon."""

from __future__ import annotations

from registry.kit.header_words import (
    BARCODES,
    COMPANY,
    COMPANY_ENGLISH,
    CREDIT_CODE,
    DECISION_DAY,
    MODELS,
    PRODUCT,
    PRODUCT_ENGLISH,
    REASON,
    REGION,
    VALID_UNTIL,
)

HEADER_WORDS = {
    "cert_no": (
        "证书号; 证书号码; 证书编码; 认证证书编号; 认证证书号; 认证编号; 绿色产品认证证书编号; Certificate; Certificate no; Cert no; "
        "Certificate ID; Certificate number of the product"
    ),
    "scheme": "认证类型; 认证类别; 认证种类; 认证项目; 认证制度名称; Scheme name; Certification scheme; Certification type",
    "route": "认证活动; 认证途径; Route",
    "body_approval_no": (
        "机构批准号; 认证机构编号; 认证机构批准书编号; 发证机构批准号; 发证机构编号; 机构编号; Approval number; Approval no; "
        "Body approval number; Body number"
    ),
    "body_name_zh": (
        "认证机构名称; 发证机构; 发证机构名称; 发证单位; 机构名称; Body; Body name; Certification body name; Certifier; Issued by; "
        "Issuing body"
    ),
    "applicant_uscc": CREDIT_CODE
    + (
        "; 认证委托人统一社会信用代码; 委托人统一社会信用代码; 委托人信用代码; 申请人统一社会信用代码; 申请人信用代码; 持证人统一社会信用代码; 持证人信用代码; 获证组织统一社会信用代码; "
        "获证企业统一社会信用代码; Applicant credit code; Holder credit code"
    ),
    "applicant_name_zh": COMPANY
    + (
        "; 认证委托人名称; 委托人; 委托人名称; 申请人; 申请人名称; 申请企业; 申请单位; 持证人; 持证人名称; 持证企业; 证书持有人; 获证企业; 获证企业名称; 获证组织; 获证组织名称; "
        "Applicant; Applicant name; Holder; Holder name; Certificate holder"
    ),
    "applicant_name_en": COMPANY_ENGLISH
    + "; 委托人英文名称; 申请人英文名称; 持证人英文名称; Applicant name (English); Applicant in English",
    "manufacturer": "制造商名称; 制造者; 制造企业; 生产者; 生产者名称; 生产商; 生产者（制造商）; Maker; Producer; Manufacturer name",
    "manufacturer_uscc": "制造商信用代码; 生产者信用代码; 生产者统一社会信用代码; 制造商社会信用代码; Manufacturer credit code",
    "factory": "生产厂; 生产厂名称; 生产厂地址; 生产企业; 生产企业名称; 生产地址; 生产场所; 工厂; Factory; Factory address; Production site; Plant",
    "region_code": REGION,
    "product_name_zh": PRODUCT + "; 认证产品; 认证产品名称; 获证产品; 获证产品名称",
    "product_name_en": PRODUCT_ENGLISH,
    "unit_code": "单元; 产品单元; 认证单元名称; 认证单元代码; Unit of certification",
    "models": MODELS + "; 规格; 产品规格; 认证型号",
    "gtin": BARCODES,
    "standard_edition": (
        "标准编号; 标准号; 认证标准; 认证依据; 认证依据标准; 依据标准; 产品标准; 执行标准; 评价标准; Standard number; Standard no; Certified to; "
        "Applicable standard"
    ),
    "rule_no": "规则编号; 认证规则编号; 认证规则号; 实施规则; 实施规则编号; 认证实施规则; Rule; Rule number; Rule no",
    "mode": "模式; Mode",
    "level": "等级; 星级; 认证等级; 认证级别; 评价等级; Grade; Stars; Star rating; Rating",
    "attributes": "属性; 绿色特征; 分项属性; 产品属性; Attributes",
    "carbon_kg": "碳足迹（千克二氧化碳当量）; 碳足迹（公斤）; Carbon footprint (kg); Footprint (kg)",
    "carbon_unit": "功能单位; 声明单位; 碳足迹功能单位; Functional unit; Declared unit",
    "carbon_boundary": "系统边界; 核算边界; System boundary",
    "carbon_method": "核算方法; 核算标准; 碳足迹核算标准; Footprint method",
    "carbon_verifier": "核查机构; 核查单位; 碳足迹核查单位; Verifier",
    "test_body": "检测机构; 检测机构名称; 检验机构名称; 检验检测机构; 实验室; 检测实验室; Lab; Test laboratory; Testing laboratory; Test body",
    "test_body_approval_no": "检测机构批准号; 检测机构编号; 检验机构编号; 实验室编号; Laboratory number; Laboratory approval number",
    "report_no": (
        "报告编号; 报告号; 检测报告; 检测报告编号; 检测报告号; 检验报告编号; 检验报告号; 试验报告编号; Report; Report number; Report no; "
        "Test report number; Test report no"
    ),
    "report_date": "报告日期; 检测日期; 检测报告日期; 报告签发日期; Report date; Date of report; Test date; Test report date",
    "issued_on": (
        "颁证日期; 颁发日期; 签发日期; 证书颁发日期; 证书签发日期; 首次发证日期; 首次颁证日期; 初次发证日期; Issue date; Date issued; Issued; "
        "Certification date"
    ),
    "reissued_on": "换发日期; 再认证日期; 重新发证日期; Reissued; Re-issue date; Reissue date",
    "valid_to": VALID_UNTIL,
    "status_reason": REASON + "; 暂停或撤销原因; 暂停/撤销原因",
    "suspended_until": "暂停期至; 暂停截止; 暂停截止日期; Suspension ends; Suspension until",
    "decided_on": DECISION_DAY,
    "replaces_cert_no": "原证书编号; 原证书号; 旧证书编号; 替代证书编号; 前一证书编号; Previous certificate; Former certificate; Replaces certificate",
    "surveillance_months": "监督周期; 监督周期（月）; 监督间隔; 监督间隔（月）; Surveillance interval; Months between surveillances",
}
