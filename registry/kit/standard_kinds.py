"""Kinds of standards (Standardization Law of China, Arts. 2, 10–19) and degrees of adoption (GB/T 1.2-2020).

The catalogue and declarations share them.
"""

from __future__ import annotations

import re

from registry.kit import kinds
from registry.kit.codes import Code, CodeList
from registry.kit.display import Words

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

ADOPTION_DEGREES = CodeList(
    Code("IDT", "等同采用", "identical", ("idt", "等同")),
    Code("MOD", "修改采用", "modified", ("mod", "修改")),
    Code("NEQ", "非等效", "not equivalent", ("neq",)),
    Code("EQV", "等效采用", "equivalent (older standards)", ("eqv", "等效")),
)

DEGREE_CODE = re.compile(r"\b(IDT|MOD|NEQ|EQV)\b", re.IGNORECASE)


class Adoption(kinds.Text):
    """An adopted standard with the degree of adoption, in either order: `IDT ISO 9001:2015`, `ISIC Rev.4 NEQ`."""

    @staticmethod
    def words(value: str) -> Words:
        """`IDT ISO 9001:2015 等同采用` and `IDT ISO 9001:2015 identical`; a text without a degree as it is."""
        match = DEGREE_CODE.search(value)
        degree = ADOPTION_DEGREES.get(match[1].upper()) if match else None
        if match is None or degree is None:
            return Words(value, value)
        rest = " ".join(DEGREE_CODE.sub(" ", value).replace(",", " ").replace("，", " ").split())
        name = f"{degree.code} {rest}".strip()
        return Words(f"{name} {degree.zh}", f"{name} {degree.en}")
