"""Titles of time-honoured brands, a tier each: `national`, `provincial:<region>`, `city:<region>`.

What each title lays down differs by tier and region: a table, never constants. Rules and deadlines (`dates`) follow from it.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from registry.kit.codes import Code
from registry.kit.display import Words
from registry.reference.code_lists import regions
from registry.reference.code_lists.region_names import short_form
from registry.reference.text.folding import clean_cell, fold_name

SCHEME = re.compile(r"(?P<tier>provincial|city):(?P<code>[1-8]\d{5})")
TITLE = re.compile(r"(?P<region>.{2,12})老字号(?:[（(](?P<tier>省级|市级)[)）])?")
TIERS = {"省级": "provincial", "市级": "city"}
NATIONAL = "national"
NATIONAL_WORDS = frozenset(
    fold_name(word)
    for word in (NATIONAL, "国家级", "中华老字号", "中华老字号（国家级）", "China Time-honored Brand")
)


@dataclass(frozen=True, slots=True)
class BrandScheme:
    """What a title lays down. Months and years; None: the source gives no number.

    `title_zh`, `title_en`: the title's own name where it is not made from the region's (三晋老字号).
    """

    min_age_years: int | None = None
    business_years: int | None = None  # main business in continuous operation
    review_years: int | None = None  # from one review to the next
    reviews_since: int | None = None  # the year in which reviews began
    rectification_months: int | None = None  # after a review passed with conditions
    breach_months: int | None = None  # after a breach; None: as after a review
    validity_years: int | None = None
    objection_working_days: int | None = None  # of a notice that proposes or recommends a brand
    barred_periods: int | None = None  # application periods a removed brand must let pass
    period_years: int | None = None  # from one application period to the next
    title_zh: str = ""
    title_en: str = ""
    authority_zh: str = ""
    authority_en: str = ""


# 《中华老字号示范创建管理办法》 (商流通规发〔2023〕6号) and local rules. National notices are open for 15 working days: so the
# notice of 2023-12-21, and those by which provinces recommend (Hubei 2023-06-08 to 06-30, Hainan 2023-07-28 to 08-18, Beijing
# 2023-06-25 to 07-13). Reviews of Beijing: news of the Ministry of Culture and Tourism, 2025-05-09.
BRAND_SCHEMES = {
    NATIONAL: BrandScheme(
        min_age_years=50,
        business_years=30,
        review_years=3,
        reviews_since=2023,
        rectification_months=6,
        breach_months=3,
        objection_working_days=15,
        barred_periods=2,
        period_years=3,
        title_zh="中华老字号",
        title_en="China Time-honored Brand",
        authority_zh="商务部、文化和旅游部、市场监管总局、国家文物局、国家知识产权局",
        authority_en="Ministry of Commerce with the Ministry of Culture and Tourism, SAMR, the National "
        "Cultural Heritage Administration and CNIPA",
    ),
    "provincial:110000": BrandScheme(
        review_years=3, authority_zh="北京市商务局", authority_en="Beijing Municipal Commerce Bureau"
    ),
    "provincial:140000": BrandScheme(
        title_zh="三晋老字号",
        title_en="Sanjin time-honoured brand",
        authority_zh="山西省商务厅",
        authority_en="Department of Commerce of Shanxi Province",
    ),
    "provincial:370000": BrandScheme(
        review_years=5,
        rectification_months=12,
        validity_years=5,
        authority_zh="山东省商务厅",
        authority_en="Department of Commerce of Shandong Province",
    ),
    "provincial:510000": BrandScheme(
        min_age_years=40,
        authority_zh="四川省商务厅",
        authority_en="Department of Commerce of Sichuan Province",
    ),
    "city:320400": BrandScheme(
        min_age_years=35, authority_zh="常州市商务局", authority_en="Changzhou Municipal Bureau of Commerce"
    ),
    "city:360100": BrandScheme(
        rectification_months=6,
        authority_zh="南昌市商务局",
        authority_en="Nanchang Municipal Bureau of Commerce",
    ),
}
LOCAL = BrandScheme()
WITHOUT_TITLE = ("710000", "810000", "820000")  # Taiwan, Hong Kong, Macao: the measures give no title there


def authority(scheme: str) -> Words | None:
    """Who gives a title; None where the table does not say."""
    known = rules_of(scheme)
    return Words(known.authority_zh, known.authority_en) if known.authority_zh else None


def rules_of(scheme: str) -> BrandScheme:
    """The title's rules; a title we do not know lays nothing down."""
    return BRAND_SCHEMES.get(scheme, LOCAL)


def region_of(scheme: str) -> str:
    """The region code of a local title, else ""."""
    match = SCHEME.fullmatch(scheme)
    return match["code"] if match else ""


def normalise(text: str) -> str:
    """`国家级`, `中华老字号` → `national`; `江苏老字号` → `provincial:320000`; other words stay as written."""
    written = clean_cell(text)
    if fold_name(written) in NATIONAL_WORDS:
        return NATIONAL
    if written.lower().startswith(("provincial:", "city:")):
        return written.lower()
    return _offered_by_name().get(fold_name(written)) or _from_title(written) or written


@functools.cache
def offered() -> tuple[Code, ...]:
    """Titles that a form offers: the national one, that of every province, and those of cities in the table."""
    provinces = [f"provincial:{each.code}" for each in regions.provinces() if each.code not in WITHOUT_TITLE]
    cities = [key for key in BRAND_SCHEMES if key.startswith("city:")]
    keys = (NATIONAL, *provinces, *cities)
    return tuple(Code(key, (words := scheme_words(key)).zh, words.en) for key in keys)


@functools.cache
def _offered_by_name() -> dict[str, str]:
    """The offered titles by the names under which they are offered, in both languages."""
    return {fold_name(name): title.code for title in offered() for name in (title.zh, title.en)}


def _from_title(written: str) -> str:
    match = TITLE.fullmatch(written)
    if match is None:
        return ""
    named = next(
        (key for key, each in BRAND_SCHEMES.items() if each.title_zh == f"{match['region']}老字号"), ""
    )
    code = regions.find_code(match["region"])
    if named or code is None:
        return named
    tier = "provincial" if code.endswith("0000") else "city"
    # 吉林老字号（市级） is the city's, not the province's of the same name: better as written than wrong.
    return f"{tier}:{code}" if TIERS.get(match["tier"] or "", tier) == tier else ""


def check_scheme(scheme: str) -> str | None:
    """What stands against a title's form: `scheme_form`, `region_unknown`, or nothing."""
    if scheme == NATIONAL:
        return None
    match = SCHEME.fullmatch(scheme)
    if match is None:
        return "scheme_form"
    region = regions.region(match["code"])
    if region is None:
        return "region_unknown"
    return "scheme_form" if (match["tier"] == "provincial") != (region.level == "province") else None


def scheme_words(scheme: str) -> Words:
    """The title in both languages: 中华老字号（国家级）, 浙江老字号（省级） …"""
    known = rules_of(scheme)
    if scheme == NATIONAL:
        return Words(f"{known.title_zh}（国家级）", f"{known.title_en} (national)")
    tier, _colon, code = scheme.partition(":")
    region = regions.region(code)
    if region is None:
        return Words(scheme, scheme if scheme.isascii() else "", "missing")
    zh = known.title_zh or f"{short_form(region.zh)}老字号"
    en = known.title_en or f"{region.en} time-honoured brand"
    if tier == "city":
        return Words(f"{zh}（市级）", f"{en} (city)", "platform")
    return Words(f"{zh}（省级）", f"{en} (provincial)", "platform")
