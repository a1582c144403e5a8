"""Words that sheets of declarations use for their columns, by field. A word ends at a semicolon."""

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
)

HEADER_WORDS = {
    "org_uscc": CREDIT_CODE,
    "org_name_zh": COMPANY + "; 声明企业; 公开企业; 填报单位; Declaring enterprise; Declarant",
    "org_name_en": COMPANY_ENGLISH,
    "region_code": REGION,
    "std_kind": "标准类别; 标准性质; 标准级别; 标准层级; Standard type; Type of standard; Standard kind",
    "std_no": (
        "标准编号; 标准号; 执行标准; 执行标准编号; 执行标准号; 声明标准; 声明标准编号; 企业标准编号; 产品标准; 产品标准编号; 标准代号; Standard number; "
        "Standard no; Std no"
    ),
    "std_name_zh": "标准中文名称; 标准名; 执行标准名称; 企业标准名称; 声明标准名称; Standard title; Standard name; Title of the standard",
    "std_name_en": "标准英文名称; 标准英文名; Standard title (English); Standard name (English); English title of the standard",
    "product_name_zh": PRODUCT,
    "product_name_en": PRODUCT_ENGLISH,
    "models": MODELS,
    "category": "产品类别; 分类; 类别; 产品品类; 品类; Category; Product type",
    "hs_code": "HS编码; HS代码; 海关编码; 海关商品编码; 商品编码; 税则号列; HS code; Customs code; Tariff code",
    "spec": "产品规格; 规格说明; Specifications; Spec",
    "gtin": BARCODES,
    "common_name": "通用名称; 产品通用名称; Generic name",
    "production_mode": "生产模式; 生产形式; Mode of production; Production mode",
    "principal": "委托人; 委托企业; 委托单位; Principal name",
    "contractor": "受托方; 受托企业; 受委托单位; 代工企业; Contractor name; Contract manufacturer",
    "below_voluntary": "是否低于推荐性标准; 低于推荐性标准; Below the voluntary standard; Lower than the voluntary standard",
    "compared_std": "比对标准; 对标标准; 对照标准; Compared standard; Benchmark standard",
    "below_statement": "低于内容; 低于推荐性标准说明; Lower indicators",
    "channel": "公开平台; 发布渠道; 公开方式; Channel; Publication channel",
    "channel_url": "公开网址; 公开链接; 其他渠道链接; Channel address; Publication address",
    "channel_snapshot": "渠道快照; 其他渠道快照; Snapshot",
    "text_hash": "文本散列; 文本哈希; 全文散列; Text hash",
    "fulltext_public": "是否公开全文; 公开全文; 全文是否公开; Public full text; Full text",
    "declared_on": (
        "公开日期; 声明公开日期; 自我声明日期; 公示日期; 填报日期; Declaration date; Date of declaration; Declared on; "
        "Date declared"
    ),
    "effective_from": "执行日期; 执行开始日期; 开始执行日期; 生效日期; Effective date; Effective from; In use since",
    "withdrawn_on": "作废日期; 停止执行日期; 撤回日期; Withdrawn; Withdrawal date; Date withdrawn",
    "commitment": "承诺内容; 承诺书; 声明承诺; Undertaking",
    "signer_post": "签署人职位; 职务; 签字人职务; Signer's post; Post",
    "edition_of": "代替; 代替标准编号; 被代替标准编号; 替代标准; Replaces; Supersedes",
    "issued_on": "发布日期; 标准发布日期; Issue date; Issued; Date of issue",
    "in_force_on": "实施日期; 标准实施日期; Implementation date; In force from; Date of implementation",
    "joint_with": "联合起草企业; 联合企业; 共同制定企业; Joint with; Jointly with",
    "status_reason": REASON,
    "correct_until": "改正截止日期; 整改期限; 责令改正期限; Correction deadline; Correct by",
    "decided_on": DECISION_DAY,
    "still_true_on": "确认日期; 最近确认时间; Last confirmed on; Confirmed on",
    "change_note": "修改备注; 变更说明; Amendment note",
}
