"""Rules of time-honoured brands over several fields."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, add_months, all_given, not_after_today, order_of_dates, rule
from registry.messages import Message
from registry.reference.code_lists import regions
from registry.reference.text import romanise, sparse_dates
from registry.registers.brands import eras, schemes

MEASURES = "《中华老字号示范创建管理办法》 (商流通规发〔2023〕6号)"
NOT_RECOGNISED = ("publicity", "publicity_hold", "rejected")
ADVERTISING = re.compile("国家级产品|最佳|第一品牌|顶级|best in the world", re.IGNORECASE)


def _year(written: object) -> int | None:
    text = str(written or "")[:4]
    return int(text) if text.isdecimal() else None


@rule("named", fields=("brand_name_zh", "holder_name_zh"), source="register")
def brand_and_holder_named(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A brand known only by its holder takes the holder's name."""
    del context
    if not values.get("brand_name_zh"):
        yield Issue("brand_name_missing", "brand_name_zh")
    if not values.get("holder_name_zh"):
        yield Issue("not_stated", "holder_name_zh")


@rule("old_enough", fields=("scheme", "founded_year", "recognised_on"), source=MEASURES)
def old_enough(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Recognition year less founding year reaches the age of the title."""
    del context
    age = schemes.rules_of(str(values.get("scheme") or "")).min_age_years
    recognised = _year(values.get("recognised_on"))
    founded = values.get("founded_year")
    if age and recognised and founded and recognised - founded < age:
        yield Issue("too_young", "founded_year", {"age": recognised - founded, "least": age})


@rule("in_business", fields=("scheme", "business_since", "recognised_on"), source=MEASURES)
def in_business(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Years of main business before recognition: thirty for the national title."""
    del context
    least = schemes.rules_of(str(values.get("scheme") or "")).business_years
    recognised = _year(values.get("recognised_on"))
    since = values.get("business_since")
    if least and recognised and since and recognised - since < least:
        yield Issue("business_too_young", "business_since", {"years": recognised - since, "least": least})


@rule("business_stated", fields=("scheme", "business_since"), source=MEASURES)
def business_stated(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A title that asks for years of main business asks since when."""
    del context
    if schemes.rules_of(str(values.get("scheme") or "")).business_years and not values.get("business_since"):
        yield Issue("required", "business_since")


@rule("recognised", fields=("recognised_on",), source=MEASURES)
def recognised(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A title has its day, unless it is only proposed or was turned down."""
    if not values.get("recognised_on") and context.status not in NOT_RECOGNISED:
        yield Issue("required", "recognised_on")


@rule("objections_end", fields=("objections_until",), source=MEASURES)
def objections_end(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A proposed brand says until when objections are taken."""
    if context.status == "publicity" and not values.get("objections_until"):
        yield Issue("required", "objections_until")


@rule("pinyin_agrees", fields=("brand_name_zh", "pinyin"), source="GB/T 16159-2012")
def pinyin_agrees(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The Pinyin is one that the characters can have, and the one kept by hand where there is one."""
    del context
    name, pinyin = str(values.get("brand_name_zh") or ""), str(values.get("pinyin") or "")
    if name and pinyin and not romanise.is_possible_reading(name, pinyin):
        yield Issue("pinyin_differs", "pinyin", {"value": pinyin, "expected": romanise.pinyin_toned(name)})


@rule("region_of_title", fields=("scheme", "region_code"), source="register")
def region_of_title(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The holder of a local title sits in the region that gives it."""
    del context
    region, code = schemes.region_of(str(values.get("scheme") or "")), str(values.get("region_code") or "")
    if region and code and region != code and region not in regions.ancestors(code):
        yield Issue("region_not_of_title", "region_code", {"value": code, "place": region})


@rule("founded_in_the_past", fields=("founded_year",), source=MEASURES)
def founded_in_the_past(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    founded = values.get("founded_year")
    if founded and founded > context.today.year:
        yield Issue("after_today", "founded_year", {"value": founded})
    if not founded and not values.get("founded_raw"):
        yield Issue("not_stated", "founded_year")


@rule("era_agrees", fields=("founded_year", "founded_era"), source="register")
def era_agrees(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The year agrees with the era written beside it, where that can be read."""
    del context
    founded, era = values.get("founded_year"), str(values.get("founded_era") or "")
    years = eras.years_of(era)
    if founded and years and not years[0] <= founded <= years[1]:
        yield Issue("era_differs", "founded_era", {"value": era, "year": founded})


@rule("right_proved", fields=("trademarks", "right_basis"), source=MEASURES)
def right_proved(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A trademark that has not run out, or proof of the trade name."""
    if values.get("right_basis") == "trade_name":
        return
    marks = values.get("trademarks") or ()
    ends = [str(mark.get("valid_to") or "") for mark in marks]
    if not marks:
        yield Issue("right_not_proved", "trademarks")
    elif all(end and sparse_dates.last_day(end) < context.today for end in ends):
        yield Issue("trademarks_expired", "trademarks", {"end": max(ends)})


@rule(
    "one_holder_at_a_time",
    fields=("former_holders", "holder_from", "holder_to"),
    source="register",
)
def one_holder_at_a_time(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Times of holding do not overlap; a sparse date is read generously."""
    del context
    times = [(row.get("held_from"), row.get("held_to")) for row in values.get("former_holders") or ()]
    if not times:
        return
    times.append((values.get("holder_from"), values.get("holder_to")))
    days = sorted(
        (
            sparse_dates.last_day(str(first)),
            sparse_dates.first_day(str(last)) if last else None,
        )
        for first, last in times
        if first
    )
    for (_begun, ended), (next_begun, _next_ended) in itertools.pairwise(days):
        if ended is None or next_begun < ended:
            yield Issue("holders_overlap", "former_holders", {"day": next_begun.isoformat()})
            return


@rule("time_to_rectify", fields=("scheme", "decided_on", "rectify_until"), source=MEASURES)
def time_to_rectify(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """An order to rectify leaves no more months than the title's rules."""
    del context
    months = schemes.rules_of(str(values.get("scheme") or "")).rectification_months
    decided, until = values.get("decided_on"), values.get("rectify_until")
    if months and decided and until:
        latest = add_months(sparse_dates.last_day(str(decided)), months)
        if sparse_dates.first_day(str(until)) > latest:
            yield Issue("rectification_too_long", "rectify_until", {"months": months})


@rule("plain_words", fields=("story_zh", "story_en"), source="广告法, Art. 9 (3)")
def no_superlatives(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No superlatives on a government page."""
    del context
    for name in ("story_zh", "story_en"):
        if match := ADVERTISING.search(str(values.get(name) or "")):
            yield Issue("superlative", name, {"value": match[0]})


@rule("removal_reason", fields=("removed_reason", "rectify_until"), source=MEASURES)
def removal_reason(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A brand is removed for a reason and is then no longer under rectification; who rectifies has a deadline."""
    if context.status == "removed" and not values.get("removed_reason"):
        yield Issue("required", "removed_reason")
    if context.status == "rectifying" and not values.get("rectify_until"):
        yield Issue("required", "rectify_until")
    if values.get("removed_reason") and values.get("rectify_until"):
        yield Issue("removed_and_rectifying", "rectify_until")


RULES = (
    brand_and_holder_named,
    recognised,
    objections_end,
    pinyin_agrees,
    old_enough,
    in_business,
    region_of_title,
    founded_in_the_past,
    era_agrees,
    right_proved,
    one_holder_at_a_time,
    no_superlatives,
    removal_reason,
    time_to_rectify,
    not_after_today("recognised_on", source=MEASURES),
    order_of_dates("holder_from", "holder_to", source=MEASURES),
    order_of_dates("notice_date", "objections_until", source=MEASURES),
    all_given(
        ("industry_code", "right_basis", "batch", "story_zh", "holder_from", "founded_place"), source=MEASURES
    ),
    business_stated,
)

MESSAGES: dict[str, Message | str] = {
    "scheme_form": _(
        "“%(value)s” is no title: write national, provincial:<region code> or city:<region code>."
    ),
    "trademark_form": _("“%(value)s” is not a trademark number of one to nine digits."),
    "brand_name_missing": _(
        "The source names the holder but not the brand; the holder's name stands for it."
    ),
    "too_young": _("The brand was %(age)s years old when recognised; this title asks for %(least)s."),
    "business_too_young": Message(
        _("The title asks for %(least)s years of main business before recognition."), unspoken=("years",)
    ),
    "pinyin_differs": _("“%(value)s” does not fit the characters of the brand, read %(expected)s."),
    "region_not_of_title": _(
        "The region %(value)s is not part of the place that gives the title, %(place)s."
    ),
    "era_differs": _("The year %(year)s does not agree with the era “%(value)s”."),
    "trademarks_expired": _("The last of the registered trademarks ran out on %(end)s."),
    "holders_overlap": _("Two holders are stated for the same time, about %(day)s."),
    "rectification_too_long": _("This title allows %(months)s months at most to put things right."),
    "right_not_proved": _("Neither a registered trademark nor a right to the trade name is stated."),
    "superlative": _("“%(value)s” is advertising and does not belong in a public register."),
    "removed_and_rectifying": _("A brand that was removed is no longer under rectification."),
}
