"""Words that sheets of the green manufacturing lists use for their columns, by field. A word ends at a semicolon."""

from __future__ import annotations

from registry.kit.header_words import CREDIT_CODE, REGION

HEADER_WORDS = {
    "kind": "名单类别; 类型; 名单; Kind; List",
    "product_name_zh": "产品名称; 产品; Product; Product name; Product (Chinese)",
    "product_name_en": "产品英文名称; Product name in English; Product (English)",
    "models": "产品型号; 型号; 规格型号; Model; Models",
    "category_zh": "种类; 产品种类; Kind of product; Category",
    "holder_name_zh": "企业名称; 工厂名称; 单位名称; Enterprise; Factory; Company; Holder",
    "holder_name_en": "企业英文名称; Enterprise (English); Company name in English",
    "holder_uscc": CREDIT_CODE,
    "region_code": REGION,
    "industry_zh": "行业; Industry; Sector",
    "standards": "适用评价标准; 评价标准; 适用标准; Standard; Standards; Assessment standard",
    "highlights_zh": "绿色设计亮点; 亮点; Highlights",
    "recommended_by": "推荐单位; 推荐部门; Recommended by",
    "assessor_zh": "第三方评价机构; 评价机构; Assessor; Third-party assessor",
    "batch": "批次; Batch",
    "listed_on": "公布日期; 列入日期; Listed on; Published on",
    "removed_on": "移出日期; Removed on",
    "removal_reason_zh": "移出原因; Reason of removal",
}
