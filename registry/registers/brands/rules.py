"""Rules of time-honoured brands over several fields (domain B.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, not_after_today, order_of_dates, rule
from registry.registers.brands import schemes

MEASURES = "《中华老字号示范创建管理办法》 (商流通规发〔2023〕6号)"
BUSINESS_YEARS = 30  # main business in continuous operation
ADVERTISING = re.compile("国家级产品|最佳|第一品牌|顶级|best in the world", re.IGNORECASE)


def _year(written: object) -> int | None:
    text = str(written or "")[:4]
    return int(text) if text.isdecimal() else None


@rule("named", fields=("brand_name_zh", "holder_name_zh"), source="design, section 6")
def named(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
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


@rule("in_business", fields=("scheme", "business_since", "recognised_on"), moment="submit", source=MEASURES)
def in_business(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Thirty years of main business before a national recognition."""
    del context
    recognised = _year(values.get("recognised_on"))
    since = values.get("business_since")
    if values.get("scheme") == "national" and recognised and since and recognised - since < BUSINESS_YEARS:
        yield Issue("business_too_young", "business_since", {"least": BUSINESS_YEARS})


@rule("founded_in_the_past", fields=("founded_year",), source=MEASURES)
def founded_in_the_past(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    founded = values.get("founded_year")
    if founded and founded > context.today.year:
        yield Issue("after_today", "founded_year", {"value": founded})
    if not founded and not values.get("founded_raw"):
        yield Issue("not_stated", "founded_year")


@rule("right_proved", fields=("trademarks", "right_basis"), moment="submit", source=MEASURES)
def right_proved(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A trademark or proof of the trade name."""
    del context
    if not values.get("trademarks") and values.get("right_basis") != "trade_name":
        yield Issue("right_not_proved", "trademarks")


@rule("plain_words", fields=("story_zh", "story_en"), moment="submit", source="广告法, Art. 9 (3)")
def plain_words(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No superlatives on a government page."""
    del context
    for name in ("story_zh", "story_en"):
        if found := ADVERTISING.search(str(values.get(name) or "")):
            yield Issue("superlative", name, {"value": found[0]})


@rule("removal_reason", fields=("removed_reason", "rectify_until"), source=MEASURES)
def removal_reason(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A removed brand is no longer under rectification."""
    del context
    if values.get("removed_reason") and values.get("rectify_until"):
        yield Issue("removed_and_rectifying", "rectify_until")


RULES = (
    named,
    old_enough,
    in_business,
    founded_in_the_past,
    right_proved,
    plain_words,
    removal_reason,
    not_after_today("recognised_on", source=MEASURES),
    order_of_dates("holder_from", "holder_to", source=MEASURES),
)

WORDS = {
    "scheme_form": _(
        "“%(value)s” is no title: write national, provincial:<region code> or city:<region code>."
    ),
    "trademark_form": _("“%(value)s” is not a trademark number of one to nine digits."),
    "brand_name_missing": _(
        "The source names the holder but not the brand; the holder's name stands for it."
    ),
    "too_young": _("The brand was %(age)s years old when recognised; this title asks for %(least)s."),
    "business_too_young": _("The title asks for %(least)s years of main business before recognition."),
    "right_not_proved": _("Neither a registered trademark nor a right to the trade name is stated."),
    "superlative": _("“%(value)s” is advertising and does not belong in a public register."),
    "removed_and_rectifying": _("A brand that was removed is no longer under rectification."),
}
