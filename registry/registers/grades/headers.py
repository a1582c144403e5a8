"""Words that sheets of grading results use for their columns, by field. A word ends at a semicolon."""

from __future__ import annotations

from registry.kit.header_words import (
    COMPANY,
    COMPANY_ENGLISH,
    CREDIT_CODE,
    DECISION_DAY,
    MODELS,
    OBJECTIONS_UNTIL,
    PRODUCT,
    PRODUCT_ENGLISH,
    REASON,
    REGION,
    VALID_UNTIL,
)

HEADER_WORDS = {
    "result_no": (
        "结果编号; 分级编号; 质量分级编号; 质量分级结果编号; 证书编号; 证书号; 评定编号; Result no; Grading number; Certificate number; "
        "Grading result number"
    ),
    "scheme": "方案; 方案名称; 分级方案名称; 分级制度; 分级类别; 质量分级方案; Scheme; Scheme name; Grading scheme name",
    "subject_type": "对象类型; 分级对象; 评价对象; Subject type; Kind of subject",
    "org_uscc": CREDIT_CODE,
    "org_name_zh": COMPANY + "; 企业名称（中文）; 申请人; 申请企业; Holder; Applicant",
    "org_name_en": COMPANY_ENGLISH,
    "region_code": REGION,
    "product_name_zh": PRODUCT + "; 分级产品; 分级产品名称",
    "product_name_en": PRODUCT_ENGLISH,
    "models": MODELS + "; 规格; 产品规格",
    "service_site": "服务地点; 服务地址; 场所; Service site; Site",
    "grade": "质量等级; 产品等级; 级别; 评定等级; 分级等级; 分级结果; 评价等级; Level; Quality grade; Grade awarded",
    "grade_claimed": "标注等级; 明示等级; 企业明示等级; Claimed grade; Marked grade",
    "grader_approval_no": "机构批准号; 分级机构批准号; 评价机构批准号; 确认机构编号; 机构编号; Approval number; Grader approval number; Body number",
    "grader_name_zh": "确认机构名称; 分级机构; 分级机构名称; 评价机构; 评价机构名称; 评定机构; 机构名称; Grader; Grading body name; Body; Body name",
    "standard_edition": "标准; 标准编号; 标准号; 分级依据; 分级标准编号; 评价标准; 依据标准; Standard; Standard number; Standard no",
    "qualified": "是否合格; 是否符合强制性标准; 强制性标准符合性; Qualified; Conforms",
    "conformity_report": "合格报告编号; 符合性报告; Conformity report number",
    "overall_rule": "定级方法; 综合定级规则; Overall rule",
    "graded_on": (
        "分级日期; 评定日期; 评价日期; 定级日期; 发证日期; 颁发日期; Graded on; Grading date; Date of grading; Date graded; "
        "Issue date"
    ),
    "valid_to": VALID_UNTIL,
    "mark_download": "标识下载时间; 标识发放日期; Mark issued on",
    "objections_until": OBJECTIONS_UNTIL,
    "status_reason": REASON,
    "grade_before": "原质量等级; 变更前等级; 调整前等级; Previous grade; Former grade",
    "decided_on": DECISION_DAY,
}
