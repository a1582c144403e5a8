"""Words that sheets of standards use for their columns, by field. A word ends at a semicolon."""

from __future__ import annotations

HEADER_WORDS = {
    "number": "标准号; 标准代号; 标准编码; 标准号码; 编号; Standard no; Std no; Std number; No.",
    "title_zh": (
        "中文标准名称; 标准中文名称; 中文名称; 中文题名; 中文名; 名称; 标准名; 标题; Title; Chinese title; Standard title; Standard name; "
        "Name; Title in Chinese"
    ),
    "title_en": "英文标准名称; 标准英文名称; 英文名称; 英文题名; 英文名; English title; English name; Title in English",
    "kind": "标准类别; 标准性质; 标准级别; 标准层级; 类别; 类型; 性质; Standard type; Type; Category; Type of standard",
    "ics": "ICS分类号; ICS号; ICS分类; ICS代码; 国际标准分类; 国际标准分类号; ICS code; ICS codes; ICS number",
    "ccs": "CCS分类号; CCS号; CCS分类; 中标分类号; 中国标准分类; 中国标准文献分类号; CCS code; CCS number",
    "issued_on": (
        "批准日期; 颁布日期; 公布日期; 批准发布日期; 标准发布日期; Issue date; Date of issue; Date issued; Published; Published on; "
        "Publication date; Release date"
    ),
    "in_force_on": (
        "执行日期; 生效日期; 施行日期; 正式实施日期; 标准实施日期; In force; Implementation date; Date of implementation; "
        "Implemented; Implemented on; Effective date; Effective from"
    ),
    "withdrawn_on": "作废日期; 停用日期; 失效日期; Withdrawn; Withdrawal date; Date withdrawn; Abolished on; Date of abolition",
    "transition_until": "过渡期截止; 过渡期至; 过渡期截止日期; 旧版有效期至; Transition until; End of transition; Transition ends",
    "replaces": "代替标准; 代替标准号; 代替标准编号; 替代; 替代标准; 替代标准号; Supersedes; Replaces standard",
    "replaced_by": "被替代; 被以下标准代替; 替代者; 新标准; 新标准编号; Superseded by; Replaced by standard",
    "adopts": (
        "采标情况; 采用标准; 采用国际标准; 采用的国际标准; 采标标准; 采标号; Adopted standard; Adopted standards; Adoption; "
        "Adopts standard"
    ),
    "department": "主管单位; 行政主管部门; 标准主管部门; 国务院主管部门; Competent department; Department in charge; Competent authority",
    "remarks": "备注; 说明; 附注; Remarks; Remark; Notes; Note; Comments",
}
