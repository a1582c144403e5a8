"""Words that sheets of time-honoured brands use for their columns, by field. A word ends at a semicolon."""

from __future__ import annotations

from registry.kit.header_words import (
    COMPANY,
    COMPANY_ENGLISH,
    CREDIT_CODE,
    DECISION_DAY,
    OBJECTIONS_UNTIL,
    REASON,
    REGION,
)

HEADER_WORDS = {
    "scheme": "称号名称; 称号类别; 荣誉称号; 级别; 认定级别; 老字号级别; Scheme; Level; Tier; Honorary title",
    "brand_name_zh": (
        "品牌; 品牌名称; 品牌名; 字号名称; 老字号; 老字号名称; 老字号品牌; 商号; 中文字号; 品牌（字号）; 字号（品牌）; 品牌中文名称; Brand; Brand name; "
        "Trade name; Brand name (Chinese); Chinese brand name"
    ),
    "brand_name_en": (
        "英文名称; 英文字号; 品牌英文名; 品牌英文名称; 字号英文名; 品牌（英文）; 字号（英文）; English name; English brand; English brand name; "
        "Brand name (English)"
    ),
    "pinyin": "拼音; 品牌拼音; 字号拼音; Pinyin",
    "trad_name": "繁体; 繁体名; 繁体名称; 繁体字; Traditional; Traditional name; Traditional characters",
    "former_names": "曾用名; 别名; 又名; 原名; 原字号; 曾用字号; 历史名称; Former names; Former name; Other names; Also known as",
    "holder_name_zh": COMPANY
    + "; 持有人名称; 持有企业; 持有单位; 所属企业; 所属单位; 申报企业; 申报单位; 老字号企业; Holder; Holder name; Holder of the brand",
    "holder_name_en": COMPANY_ENGLISH + "; 持有人英文名称; Holder name (English); Holder in English",
    "holder_uscc": CREDIT_CODE + "; 持有人统一社会信用代码; Holder credit code",
    "holder_from": "持有开始; 持有自; 持有起始日期; 持有开始日期; Held from; Holder since",
    "holder_to": "持有至; 持有截止; 持有截止日期; 持有终止日期; Held to; Holder until",
    "region_code": REGION,
    "founded_year": (
        "创立年; 创始年份; 创始年; 创建年份; 创建年; 创办年份; 始创年份; 成立年份; 创立时间; 创始时间; 创建时间; 创办时间; 始创时间; Founded; Founded in; "
        "Founding year; Year of foundation; Year established; Established; Established in"
    ),
    "founded_circa": "约数; 是否约数; 年份约数; Circa; Approximate",
    "founded_raw": "创立年代; 创始年代; 创建年代; 创立年代原文; Founded as written",
    "founded_era": "年号; 朝代; 创立年号; 创立朝代; Dynasty; Reign",
    "founded_place": "创始地; 创建地; 发源地; 创立地点; 创始地点; Founding place; Place of foundation",
    "business_since": "主营业务起始年; 主营业务开始年份; 主营业务经营起始年份; In business since; Business since",
    "industry_code": "行业代码; 国民经济行业; 国民经济行业代码; 国民经济行业分类; Industry code",
    "category": "所属行业; 行业类别; 行业分类; 所属类别; 品类; 业态; 类型; Type; Sector",
    "right_basis": "权利依据; 商标权属; 权属; Basis of right; Right",
    "products": (
        "主要产品; 主营产品; 主营业务; 主要产品或服务; 主要产品（服务）; 代表产品; 经营范围; Products; Main products; Products and services; "
        "Main business"
    ),
    "relics": "文物; 可移动文物名称; Relics",
    "batch": "认定批次; 公布批次; Batch number; Batch no",
    "plaque_no": "牌匾号; 铭牌编号; 标牌编号; Plaque; Plaque no",
    "batch_document": "认定文件; 认定文号; 公布文件; 公告文号; 文号; Document; Document number",
    "recognised_on": (
        "认定时间; 认定年份; 认定年度; 授牌日期; 授予日期; 公布日期; Recognised on; Recognized; Recognized on; Recognition date; "
        "Date of recognition"
    ),
    "annual_reports": "年度报告; 年报; Annual reports",
    "story_zh": "故事; 品牌简介; 品牌历史; 品牌介绍; 历史沿革; 企业简介; 简介; Story; Brand story; History; Introduction",
    "story_en": "英文简介; 品牌故事英文; 英文品牌故事; Story in English; English story",
    "promoted_from": "原称号; 晋升自; 升级前称号; Promotion from",
    "objections_until": OBJECTIONS_UNTIL,
    "rectify_until": "整改截止日期; 整改截止; 整改期至; Rectification deadline; Rectification until",
    "decided_on": DECISION_DAY,
    "status_reason": REASON,
    "removed_reason": "移除原因; 移出理由; 除名原因; 取消原因; Removal reason; Removed because",
    "list_name": "名单名称; 名录; 名录名称; List name",
    "notice_date": "公示日期; 通告日期; 公告发布日期; Notice date; Date of notice",
    "source_note": "备注; 说明; Note; Notes; Remarks",
}
