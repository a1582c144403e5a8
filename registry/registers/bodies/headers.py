"""Words that sheets of bodies use for their columns, by field. A word ends at a semicolon."""

from __future__ import annotations

from registry.kit.header_words import CREDIT_CODE, REGION, VALID_UNTIL

HEADER_WORDS = {
    "approval_no": (
        "批准号; 批准编号; 批准书编号; 批准书号; 机构批准书编号; 认证机构批准号; 认证机构批准书编号; 机构编号; Approval no; Body number; "
        "Approval certificate number"
    ),
    "name_zh": (
        "机构名称; 认证机构; 认证机构名称; 检测机构名称; 检验检测机构名称; 检验机构名称; 评价机构名称; 实验室名称; 单位名称; 中文名称; 机构中文名称; Name; Body; "
        "Body name; Chinese name; Name in Chinese; Laboratory"
    ),
    "name_en": "英文名称; 英文名; 机构英文名称; English name; Name in English; Body name (English)",
    "kind": "机构类别; 机构性质; 类别; 类型; Kind; Type; Body type; Type of body",
    "uscc": CREDIT_CODE,
    "region_code": REGION,
    "scope": "认证范围; 业务范围; 认证领域; 批准领域; 资质范围; 认证业务范围; Scope; Approved scope; Scope of accreditation",
    "cma_no": "CMA CMA编号 CMA证书编号 资质认定证书编号 资质认定编号 资质认定证书号; CMA no; CMA number",
    "cnas_no": "CNAS CNAS编号 CNAS证书编号 CNAS认可编号 认可证书编号 实验室认可编号; CNAS no; Accreditation number",
    "website": "网址; 官网; 官方网站; 机构网站; 机构网址; Web site; Homepage; Home page; Web address; URL",
    "valid_from": (
        "有效期起; 有效期开始; 有效期开始日期; 有效期起始日期; 生效日期; 起始日期; 批准日期; Valid since; Effective date; Effective from; "
        "Start date; Approval date"
    ),
    "valid_to": VALID_UNTIL,
}
