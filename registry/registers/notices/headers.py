"""Words that sheets of notices use for their columns, by field. A word ends at a semicolon."""

from __future__ import annotations

from registry.kit.header_words import REGION

HEADER_WORDS = {
    "notice_no": "公告编号; 公告号; 发文字号; 文号; Notice number; Document number; Number of the notice",
    "notice_no_en": "英文编号; Number in English",
    "title_zh": "公告标题; 公告名称; 标题; 题名; Title; Chinese title",
    "title_en": "英文标题; English title",
    "authority_zh": "发文机关; 发布机关; 发布单位; 发文单位; Authority; Issuing authority",
    "authority_en": "发文机关英文名称; Authority in English",
    "issued_on": "发布日期; 公告日期; 成文日期; 发文日期; Issued on; Date; Date of issue",
    "region_code": REGION,
    "text_zh": "正文; 全文; 内容; 公告内容; Text; Chinese text",
    "text_en": "英文全文; English text",
    "repealed_on": "废止日期; Repealed on",
    "repealed_by": "废止依据; 废止文号; Repealed by",
}
