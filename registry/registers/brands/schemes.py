"""Titles of time-honoured brands, a tier each: `national`, `provincial:<region>`, `city:<region>` (design, section 5).

Age, review cycle and rectification period differ by tier and place (domain B.1): a table, never constants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry.kit.display import Words
from registry.reference import regions
from registry.reference.folding import fold_name

SCHEME = re.compile(r"national|(?:provincial|city):[1-8]\d{5}")
NATIONAL_WORDS = frozenset(
    fold_name(word) for word in ("national", "国家级", "中华老字号", "China Time-honored Brand")
)


@dataclass(frozen=True, slots=True)
class SchemeRules:
    """What a title lays down. Months and years; None: the source gives no number."""

    min_age_years: int | None
    review_years: int | None = None
    rectification_months: int | None = None
    validity_years: int | None = None
    authority: str = ""


# 《中华老字号示范创建管理办法》 (商流通规发〔2023〕6号) and the local rules that domain B.1 cites.
RULES = {
    "national": SchemeRules(50, 3, 6, authority="商务部等五部门"),
    "provincial:510000": SchemeRules(40),
    "provincial:110000": SchemeRules(None, 5),
    "provincial:370000": SchemeRules(None, 5, 12, 5),
    "city:320400": SchemeRules(35),
    "city:360100": SchemeRules(None, None, 6),
}
LOCAL = SchemeRules(None)


def rules_of(scheme: str) -> SchemeRules:
    return RULES.get(scheme, LOCAL)


def normalise(text: str) -> str:
    """`国家级`, `中华老字号` → `national`; other titles keep their form."""
    return "national" if fold_name(text) in NATIONAL_WORDS else text.strip()


def doubt(scheme: str) -> str | None:
    if not SCHEME.fullmatch(scheme):
        return "scheme_form"
    _tier, _colon, code = scheme.partition(":")
    return "region_unknown" if code and regions.region(code) is None else None


def words(scheme: str) -> Words:
    """The title in both languages: 中华老字号（国家级）, 浙江老字号（省级） …"""
    if scheme == "national":
        return Words("中华老字号（国家级）", "China Time-honored Brand (national)")
    tier, _colon, code = scheme.partition(":")
    region = regions.region(code)
    if region is None:
        return Words(scheme, scheme, "missing")
    zh, en = regions.short_label(code, "zh"), regions.short_label(code, "en")
    if tier == "city":
        return Words(f"{zh}老字号（市级）", f"{en} time-honoured brand (city)", "platform")
    return Words(f"{zh}老字号（省级）", f"{en} time-honoured brand (provincial)", "platform")
