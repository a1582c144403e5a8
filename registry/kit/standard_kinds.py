"""Kinds of standards (Standardization Law of China, Arts. 2, 10–19): the catalogue and declarations share them."""

from __future__ import annotations

from registry.kit.codes import Code, CodeList

STANDARD_KINDS = CodeList(
    Code("national_mandatory", "强制性国家标准", "mandatory national standard", ("强制性国标",)),
    Code("national_voluntary", "推荐性国家标准", "voluntary national standard", ("推荐性国标",)),
    Code("national_guidance", "国家标准化指导性技术文件", "national guidance document", ("指导性技术文件",)),
    Code("sector", "行业标准", "sector standard", ("行业",)),
    Code("local", "地方标准", "local standard", ("地方",)),
    Code("association", "团体标准", "association standard", ("团体", "group standard")),
    Code("enterprise", "企业标准", "enterprise standard", ("企业",)),
    Code("international", "国际、国外标准", "international or foreign standard", ("国际国外", "国际标准")),
)
