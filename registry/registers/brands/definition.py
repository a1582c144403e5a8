"""The register of time-honoured brands, put together."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry import clock
from registry.i18n import _
from registry.kit.definition import (
    DerivedFact,
    KeyMissing,
    Layout,
    NaturalKey,
    Numbering,
    RegisterDefinition,
    SearchSpec,
    Section,
    Showcase,
    Title,
)
from registry.kit.display import Words
from registry.kit.former_values import FormerValues
from registry.kit.life_cycle import SOURCE, SOURCE_DATE
from registry.kit.links import LinkSpec, Party
from registry.kit.near_doubles import NearDouble, same_name
from registry.kit.random_check import CheckRules
from registry.kit.statistics import Statistics
from registry.reference import working_days
from registry.reference.code_lists import industries
from registry.reference.identifiers import notice_numbers
from registry.reference.text import sparse_dates
from registry.reference.text.folding import fold_name, fold_number
from registry.registers.brands import dates, schemes
from registry.registers.brands.application import FILING, REPORTING_STATES
from registry.registers.brands.cautions import CAUTIONS
from registry.registers.brands.life_cycle import LIFE_CYCLE
from registry.registers.brands.marking import marking
from registry.registers.brands.rules import MESSAGES, RULES
from registry.registers.brands.samples import SAMPLES
from registry.registers.brands.schema import BrandSchema

DIVISION = 3  # characters of the code of a division, C14
INDUSTRY_WORDS = {
    each.code: Words(each.zh, each.en)
    for each in industries.all_industries().values()
    if len(each.code) <= DIVISION
}
AGES = {
    "century": Words("百年以上", "100 years and more"),
    "younger": Words("不满百年", "under 100 years"),
}


WORDS_FOR_BRANDS = (
    "老字号",
    "老店",
    "老铺",
    "老号",
    "字号",
    "brands",
    "old shops",
    *(
        f"{kind} {noun}"
        for kind in (
            "time-honoured",
            "time-honored",
            "old",
            "heritage",
            "china time-honoured",
            "china time-honored",
        )
        for noun in ("brand", "brands", "name", "names", "title", "titles")
    ),
)
WORDS_FOR_REMOVED = (
    "摘牌",
    "被摘牌",
    "已摘牌",
    "除名",
    "被除名",
    "移出",
    "delisted",
    "struck off",
    "removed",
)
WORDS_FOR_A_CENTURY = (
    "百年",
    "百年老店",
    "百年老字号",
    "百年以上",
    "100年以上",
    "一百年以上",
    *(f"{more}{age}" for more in ("超过", "超", "逾", "满", "达") for age in ("百年", "一百年", "100年")),
    *(f"{more} 100 years" for more in ("over", "more than", "at least")),
    "100 years old",
    "over a century",
    "century-old",
    "century old",
    "centenarian",
)


FIGURES = "一二三四五六七八九"
WORDS_FOR_BATCHES = {
    **{
        f"第{number}批": (("batch", str(count)),)
        for count, figure in enumerate(FIGURES, start=1)
        for number in (figure, str(count))
    },
    **dict.fromkeys(("首批", "第一批次", "first batch"), (("batch", "1"),)),
    **{
        f"{ordinal} batch": (("batch", str(count)),)
        for count, ordinal in enumerate(("second", "third", "fourth", "fifth"), start=2)
    },
}


folded = functools.lru_cache(maxsize=2048)(fold_name)  # a row is asked for its names several times


def natural_key(values: Mapping[str, Any]) -> str:
    """Title, brand (else holder), holder and region. Raises `KeyMissing`."""
    name = values.get("brand_name_zh") or values.get("holder_name_zh")
    missing = [
        field for field, value in (("scheme", values.get("scheme")), ("brand_name_zh", name)) if not value
    ]
    if missing:
        raise KeyMissing(*missing)
    parts = (str(name), str(values.get("holder_name_zh") or ""))
    return "|".join((str(values["scheme"]), *map(folded, parts), str(values.get("region_code") or "")))


def computed(values: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """A brand of a hundred years and more (Outline, article 21: “百年老店”), and the section and division of its industry."""
    facets: dict[str, tuple[str, ...]] = {}
    if founded := values.get("founded_year"):
        facets["age"] = ("century" if clock.today().year - founded >= 100 else "younger",)
    if industry := industries.industry(str(values.get("industry_code") or "")):
        facets["industry"] = tuple(dict.fromkeys((industry.code[:1], industry.code[:DIVISION])))
    return facets


def section_of(code: str) -> str:
    """The section of an industry's division, "" for a section."""
    return code[:1] if len(code) > 1 else ""


def further_names(values: Mapping[str, Any]) -> tuple[str, ...]:
    """A brand known by its holder alone goes by the holder's name."""
    return () if values.get("brand_name_zh") else (str(values.get("holder_name_zh") or ""),)


MARK_USES = {
    "listed": Words("可使用", "may be used"),
    "rectifying": Words("可使用", "may be used"),
    "suspended": Words("暂停使用", "suspended"),
}
PROPOSED_STATES = ("publicity", "publicity_hold")
FINAL_STATES = ("removed", "rejected")
MAX_AGE_OF_SOURCE = dt.timedelta(days=366)  # of one that still tells what a holder may do
NO_USE = Words("不得使用", "must not be used")


def mark_use(values: Mapping[str, Any], status: str, day: dt.date | None = None) -> Words | None:
    """What the state of the title allows on a day, today where none is given (《中华老字号示范创建管理办法》; 《“中华老字号”标识使用规定》).

    None where the state is known from an old source only, or what was decided since then is not: a lawful mark must not
    be called unlawful, nor the other way round.
    """
    today = day or clock.today()
    if status in PROPOSED_STATES and (end := dates.objections_last_day(values)) and end < today:
        return None
    written = values.get(SOURCE_DATE) if status not in FINAL_STATES else None
    if written and sparse_dates.last_day(str(written)) < today - MAX_AGE_OF_SOURCE:
        return None
    if any(each.deadline.not_plain for each in LIFE_CYCLE.overdue(status, values, today)):
        return None
    return MARK_USES.get(status, NO_USE)


def objection_days_left(values: Mapping[str, Any], status: str, day: dt.date | None = None) -> Words | None:
    """How many working days are left for objections to a proposed brand; None where none are taken or their end is not known."""
    today, end = day or clock.today(), dates.objections_last_day(values)
    if status != "publicity" or end is None or end < today:
        return None
    left = working_days.count_working_days(today, end)
    if not left:
        return Words("今天是最后一天", "today is the last day")
    return Words(f"还有{left}个工作日", f"{left} working day{'s' if left > 1 else ''} left")


def last_report(values: Mapping[str, Any], status: str, day: dt.date | None = None) -> Words | None:
    """Whether the holder has reported the last year; None where that is not known here: reports of other lists are not."""
    year = (day or clock.today()).year - 1
    if year in (values.get("annual_reports") or ()):
        return Words(f"{year}年度已报告", f"{year}: reported")
    recognised = dates.year_of(values.get("recognised_on"))
    kept_here = not values.get(SOURCE) and not values.get(SOURCE_DATE)
    if status not in REPORTING_STATES or not kept_here or not recognised or recognised >= year:
        return None
    return Words(f"{year}年度未报告", f"{year}: not reported")


def age_condition(values: Mapping[str, Any]) -> Words | None:
    """Whether the brand was as old when recognised as its title asks; None where a year or the rule is not known."""
    least = dates.rules_of(values).min_age_years
    recognised, founded = dates.year_of(values.get("recognised_on")), values.get("founded_year")
    if not (least and recognised and founded):
        return None
    age = recognised - founded
    if age >= least:
        return Words(
            f"满足：认定时已创立{age}年，要求{least}年", f"met: {age} years when recognised, {least} required"
        )
    return Words(
        f"不满足：认定时创立{age}年，要求{least}年", f"not met: {age} years when recognised, {least} required"
    )


def promoted_from_key(values: Mapping[str, Any]) -> str:
    """The key under which the title is found from which this one rose: its number or that of its plaque."""
    return fold_number(str(values.get("promoted_from") or ""))


def authority_of(values: Mapping[str, Any]) -> Words | None:
    return schemes.authority(str(values.get("scheme") or ""))


# Sources as mappings and sheets name them, so that pages name them in both languages.
SOURCES = (_("Notices of commerce authorities and news of them"),)


def name_of_title(values: Mapping[str, Any]) -> str:
    """Title and name, under which brands of one name meet, of any holder and place."""
    name = folded(str(values.get("brand_name_zh") or ""))
    return f"{values.get('scheme')}|{name}" if name else ""


def holder_of_title(values: Mapping[str, Any]) -> str:
    """Title and holder, under which the brands of one holder meet."""
    holder = folded(str(values.get("holder_name_zh") or ""))
    return f"{values.get('scheme')}|{holder}" if holder and values.get("brand_name_zh") else ""


def spelled_alike(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """True for two spellings of a name, not for one name twice: that is told of brands of any holder."""
    one, other = str(first["brand_name_zh"]), str(second["brand_name_zh"])
    return fold_name(one) != fold_name(other) and same_name(one, other)


NEAR_DOUBLES = (
    NearDouble("near_double", "holder_name_zh", name_of_title),
    NearDouble("near_double", "brand_name_zh", holder_of_title, spelled_alike),
    NearDouble("plaque_twice", "plaque_no", lambda values: fold_number(str(values.get("plaque_no") or ""))),
)

REGISTER = RegisterDefinition(
    slug="brands",
    position=1,
    mark="字",
    kind="core",
    label=_("Time-honoured brands"),
    label_one=_("Time-honoured brand"),
    about=_(
        "National, provincial and municipal time-honoured brands, with their reviews, rectifications and removals."
    ),
    schema=BrandSchema,
    key=NaturalKey(("scheme", "brand_name_zh", "holder_name_zh", "region_code"), natural_key),
    numbering=Numbering(prefix="TB", digits=5, year_field="recognised_on"),
    title=Title(
        zh=("brand_name_zh", "holder_name_zh"),
        en=("brand_name_en",),
        distinguish_by_region=True,
        romanise="name",
    ),
    life_cycle=LIFE_CYCLE,
    holder=Party("held_by", "organisations", "holder_uscc", zh="holder_name_zh", en="holder_name_en"),
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "scheme",
                    "pinyin",
                    "trad_name",
                    "former_names",
                    "former_name_years",
                    "region_code",
                    "category",
                    "industry_code",
                    "products",
                    "founded_year",
                    "founded_circa",
                    "founded_raw",
                    "founded_era",
                    "founded_region_code",
                    "founded_place",
                    "business_since",
                ),
            ),
            Section(
                "recognition",
                _("Recognition and review"),
                (
                    "mark_use",
                    "authority",
                    "batch",
                    "batch_document",
                    "recognised_on",
                    "age_condition",
                    "plaque_no",
                    "list_name",
                    "notice_date",
                    "objections_until",
                    "objection_days_left",
                    "rectify_until",
                    "decided_on",
                    "status_reason",
                    "removed_reason",
                    "promoted_from",
                    "annual_reports",
                    "last_report",
                    "review",
                    "source_note",
                ),
            ),
            Section(
                "rights",
                _("Rights and heritage"),
                (
                    "right_basis",
                    "holder_from",
                    "holder_to",
                    "relics",
                    "trademarks",
                    "ich",
                    "former_holders",
                    "published_evidence",
                ),
            ),
            Section("story", _("Story"), ("story_zh", "story_en")),
        ),
        result_fields=("scheme", "founded_year", "category"),
        kicker="scheme",
        key_facts=("founded_year", "recognised_on", "notice_date", "objections_until", "removed_reason"),
    ),
    folder=Path(__file__).parent,
    valid_from="recognised_on",
    identifiers=("plaque_no",),
    exact_lookup_fields=("plaque_no",),
    kept_completely=("demo",),
    links=(
        LinkSpec(
            "promoted_from",
            "brands",
            "promoted_from",
            _("Rose from this title"),
            _("Rose to this title"),
            key=promoted_from_key,
            by_identifier=True,
        ),
        LinkSpec(
            "under_notice",
            "notices",
            "batch_document",
            _("Notices"),
            "",
            role=_("notice"),
            parts=notice_numbers.find_numbers,
            lasting=True,
        ),
    ),
    rules=RULES,
    cautions=CAUTIONS,
    search=SearchSpec(
        facets=("scheme", "category", "batch"),
        computed_facets=computed,
        computed_labels={"age": _("Years since foundation"), "industry": _("Industry")},
        computed_words={"age": AGES, "industry": INDUSTRY_WORDS},
        parents={"industry": section_of},
        date_field="recognised_on",
        date_label=_("Recognised between"),
        subjects=("category", "products"),
        date_words=("认定", "入选", "recognised", "recognized", "recognition"),
        extra_names=further_names,
        founded="founded_year",
        register_words=WORDS_FOR_BRANDS,
        meanings={
            **dict.fromkeys(WORDS_FOR_A_CENTURY, (("age", "century"),)),
            **dict.fromkeys(WORDS_FOR_REMOVED, (("status", "removed"),)),
            **WORDS_FOR_BATCHES,
        },
    ),
    derived=(
        DerivedFact("mark_use", _("Use of the mark"), mark_use, takes_day=True),
        DerivedFact(
            "objection_days_left", _("Time left for objections"), objection_days_left, takes_day=True
        ),
        DerivedFact("last_report", _("Report of the last year"), last_report, takes_day=True),
        DerivedFact("age_condition", _("Age condition"), lambda values, _status: age_condition(values)),
        DerivedFact("authority", _("Title given by"), lambda values, _status: authority_of(values)),
    ),
    filing=FILING,
    marking=marking(mark_use),
    samples=SAMPLES,
    showcase=Showcase(_("A hundred-year brand"), "founded_year", 100, ("story_zh", "story_en")),
    checks=CheckRules(
        states=("listed",),
        failed="rectify",
        deadline="rectify_until",
        basis=Words(
            "《中华老字号示范创建管理办法》",
            "Measures for the Demonstration and Creation of China Time-honored Brands",
        ),
    ),
    statistics=Statistics(without=("age",)),  # the years since foundation tell more
    near_doubles=NEAR_DOUBLES,
    former_values=(
        FormerValues(
            fields=("holder_name_zh", "holder_name_en", "holder_uscc", "holder_from", "holder_to"),
            code="holder_uscc",
            table="former_holders",
            columns={
                "name_zh": "holder_name_zh",
                "uscc": "holder_uscc",
                "held_from": "holder_from",
                "held_to": "holder_to",
            },
            replaced_on="replaced_on",
            ended="held_to",
            began="holder_from",
            drops_unstated=True,
            transition="transferred",
        ),
    ),
    messages=MESSAGES,
    not_covered=_("Famous trademarks (著名商标) are another title and not kept here."),
)
