"""Rules of time-honoured brands over several fields."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, add_months, all_given, not_after_today, order_of_dates, rule
from registry.messages import Message
from registry.reference import working_days
from registry.reference.code_lists import regions
from registry.reference.identifiers import register_numbers
from registry.reference.text import romanise, sparse_dates
from registry.registers.brands import dates, eras, schemes

MEASURES = "《中华老字号示范创建管理办法》 (商流通规发〔2023〕6号)"
PROPOSED = "publicity"  # an application is checked as what would be proposed
NOT_RECOGNISED = ("publicity", "publicity_hold", "rejected")
FULL_DATE = 10  # characters of a date that states its day
HERITAGE_CODE = re.compile(r"[IVX]{1,4}-\d{1,3}(?:-\d{1,2})?")  # the Roman figures Ⅰ to Ⅹ, folded
LOCAL_HERITAGE_CODE = re.compile(r"[^\s]*[-－][^\s]*\d[^\s]*")
PLAQUE = re.compile(
    r"(?=.*\d{2})[\w\-－/（）()〔〕第号]{4,40}"
)  # the number of a plaque has two figures at least
NUMBER_PREFIX = "TB-"
ADVERTISING = re.compile("国家级产品|最佳|第一品牌|顶级|best in the world", re.IGNORECASE)


@rule("named", fields=("brand_name_zh", "holder_name_zh"), source="register")
def brand_and_holder_named(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A brand known only by its holder takes the holder's name."""
    del context
    if not values.get("brand_name_zh"):
        yield Issue("brand_name_missing", "brand_name_zh")
    if not values.get("holder_name_zh"):
        yield Issue("not_stated", "holder_name_zh")


def _year_of_proposal(values: Mapping[str, Any], context: RuleContext) -> int:
    return dates.year_of(values.get("notice_date")) or context.today.year


@rule("old_enough", fields=("scheme", "founded_year", "recognised_on", "notice_date"), source=MEASURES)
def old_enough(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The year of recognition, or of the notice that proposes it, less that of foundation reaches the age of the title."""
    age = schemes.rules_of(str(values.get("scheme") or "")).min_age_years
    recognised = dates.year_of(values.get("recognised_on"))
    founded = values.get("founded_year")
    if age and recognised and founded and recognised - founded < age:
        yield Issue("too_young", "founded_year", {"age": recognised - founded, "least": age})
    elif (
        age
        and founded
        and context.status == PROPOSED
        and founded > (latest := _year_of_proposal(values, context) - age)
    ):
        yield Issue("too_young_to_apply", "founded_year", {"least": age, "latest": latest})


@rule("in_business", fields=("scheme", "business_since", "recognised_on", "notice_date"), source=MEASURES)
def in_business(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Years of main business before recognition: thirty for the national title."""
    least = schemes.rules_of(str(values.get("scheme") or "")).business_years
    recognised = dates.year_of(values.get("recognised_on"))
    since = values.get("business_since")
    if least and recognised and since and recognised - since < least:
        yield Issue("business_too_young", "business_since", {"years": recognised - since, "least": least})
    elif (
        least
        and since
        and context.status == PROPOSED
        and since > (latest := _year_of_proposal(values, context) - least)
    ):
        yield Issue("business_too_young_to_apply", "business_since", {"least": least, "latest": latest})


@rule("held_already", fields=("holder_from",), source="register")
def held_already(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The holder of a brand that is proposed holds it already; a transfer that is decided may begin later."""
    held_from = str(values.get("holder_from") or "")
    if context.status == PROPOSED and held_from > context.today.isoformat()[: len(held_from)]:
        yield Issue("after_today", "holder_from", {"value": held_from})


@rule("founded_before_business", fields=("founded_year", "business_since"), source="register")
def founded_before_business(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The main business of a brand does not begin before the brand."""
    del context
    founded, since = values.get("founded_year"), values.get("business_since")
    if founded and since and since < founded and not values.get("founded_circa"):
        yield Issue("business_before_founding", "business_since", {"value": since, "year": founded})


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


@rule("after_objections", fields=("objections_until", "recognised_on"), source=MEASURES)
def after_objections(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A brand is recognised after the last day for objections."""
    end, recognised_on = str(values.get("objections_until") or ""), str(values.get("recognised_on") or "")
    if context.status != "listed" or len(end) != FULL_DATE or not recognised_on:
        return
    if sparse_dates.last_day(recognised_on) <= sparse_dates.last_day(end):
        yield Issue("recognised_too_early", "recognised_on", {"end": end})


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


@rule(
    "time_to_rectify",
    fields=("scheme", "decided_on", "notice_date", "rectify_until", "review", "source_status"),
    source=MEASURES,
)
def time_to_rectify(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """An order to rectify leaves no more months than the title's rules: for a breach fewer than after a review."""
    until, months = values.get("rectify_until"), _months_to_rectify(values)
    if months and until:
        ordered = values.get("decided_on") or values.get("notice_date") or context.today.isoformat()
        if sparse_dates.first_day(str(until)) > add_months(sparse_dates.last_day(str(ordered)), months):
            yield Issue("rectification_too_long", "rectify_until", {"months": months})


def _months_to_rectify(values: Mapping[str, Any]) -> int | None:
    rules, review = dates.rules_of(values), dates.last_review(values)
    conditional = (review is not None and review.get("result") == "conditional") or "附条件" in str(
        values.get("source_status") or ""
    )
    return rules.rectification_months if conditional else rules.breach_months or rules.rectification_months


@rule("reviews_agree", fields=("scheme", "review"), source=MEASURES)
def reviews_agree(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The state agrees with the last review, and a condition has a deadline that the title allows."""
    months = dates.rules_of(values).rectification_months
    for row in values.get("review") or ():
        year, deadline = row.get("year"), row.get("deadline")
        if year and year > context.today.year:
            yield Issue("after_today", "review", {"value": year})
        if row.get("result") == "conditional" and not deadline:
            yield Issue("review_without_deadline", "review", {"year": year or ""})
        if months and year and deadline:
            latest = add_months(dt.date(year, 12, 31), months)
            if sparse_dates.first_day(str(deadline)) > latest:
                yield Issue("rectification_too_long", "review", {"months": months})
    last = dates.last_review(values)
    if last is None or context.status != "listed":
        return
    if last.get("result") == "fail":
        yield Issue("review_failed_yet_listed", "review", {"year": last["year"]})
    if last.get("result") == "conditional":
        yield Issue("review_conditional_yet_listed", "review", {"year": last["year"]})


@rule("still_held", fields=("holder_to",), source=MEASURES)
def still_held(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A brand on the list has a holder whose time has not ended."""
    until = values.get("holder_to")
    if until and context.status == "listed" and sparse_dates.last_day(str(until)) < context.today:
        yield Issue("holder_time_ended", "holder_to", {"end": until})


@rule("still_valid", fields=("scheme", "recognised_on", "review"), source="register")
def still_valid(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A title that holds for some years is not on the list beyond them without a review."""
    end = dates.validity_end(values)
    if end and context.status == "listed" and end < context.today:
        yield Issue("title_ran_out", "recognised_on", {"end": end.isoformat()})


@rule(
    "publicity_in_full",
    fields=("scheme", "notice_date", "objections_until"),
    source=MEASURES,
)
def publicity_in_full(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A notice is open for the working days of the title, counted from the day after it."""
    del context
    least = dates.rules_of(values).objection_working_days
    notice, until = str(values.get("notice_date") or ""), str(values.get("objections_until") or "")
    if not (least and len(notice) == len(until) == FULL_DATE):
        return
    first, last = sparse_dates.first_day(notice), sparse_dates.first_day(until)
    days = working_days.count_working_days(first, last)
    if first <= last and days < least:
        yield Issue("publicity_too_short", "objections_until", {"days": days, "least": least})
    if not (working_days.is_known(first) and working_days.is_known(last)):
        known = working_days.LAST_KNOWN_YEAR
        yield Issue("working_days_estimated", "objections_until", {"year": known}, "warns")


@rule(
    "heritage_coded",
    fields=("ich",),
    source="《国家级非物质文化遗产代表作申报评定暂行办法》 (国办发〔2005〕18号)",
)
def heritage_coded(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Codes of the national list are a category from Ⅰ to Ⅹ and a number; those of local lists have a number at least."""
    del context
    for row in values.get("ich") or ():
        code, level = str(row.get("code") or ""), row.get("level")
        form = HERITAGE_CODE if level in (None, "", "national") else LOCAL_HERITAGE_CODE
        if code and not form.fullmatch(unicodedata.normalize("NFKC", code).upper()):
            yield Issue("heritage_code_form", "ich", {"value": code})


@rule("reports_handed_in", fields=("annual_reports",), source=MEASURES)
def reports_handed_in(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The report of a year is not handed in before that year."""
    for year in values.get("annual_reports") or ():
        if year > context.today.year:
            yield Issue("after_today", "annual_reports", {"value": year})


@rule("promoted_from_known", fields=("promoted_from", "plaque_no", "scheme"), source=MEASURES)
def promoted_from_known(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A title that rose from a local one names that record: by its number here, or by its plaque."""
    del context
    written = str(values.get("promoted_from") or "")
    if not written:
        return
    number = register_numbers.normalise(written) or ""
    if number.startswith(NUMBER_PREFIX) and not register_numbers.check_digit_ok(number):
        yield Issue("promoted_from_number", "promoted_from", {"value": written})
    elif (
        (number and not number.startswith(NUMBER_PREFIX))
        or not PLAQUE.fullmatch(written)
        or written == values.get("plaque_no")
    ):
        yield Issue("promoted_from_form", "promoted_from", {"value": written})


@rule("former_names_in_order", fields=("former_name_years",), source="register")
def former_names_in_order(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The years of a former name begin before they end, and not in the future."""
    for row in values.get("former_name_years") or ():
        first, last = row.get("from_year"), row.get("to_year")
        if first and last and last < first:
            yield Issue("name_years_reversed", "former_name_years", {"first": first, "last": last})
        if (first or 0) > context.today.year:
            yield Issue("after_today", "former_name_years", {"value": first})


@rule(
    "not_barred",
    fields=("scheme", "removed_reason", "decided_on", "notice_date", "recognised_on"),
    source=MEASURES,
)
def not_barred(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A removed brand is not proposed again before the application periods that the title bars have passed."""
    if not values.get("removed_reason") or context.status not in ("publicity", "publicity_hold", "listed"):
        return
    name = "recognised_on" if context.status == "listed" else "notice_date"
    begun, end = values.get(name) or context.today.isoformat(), dates.barred_until(values)
    if end and sparse_dates.last_day(str(begun)) <= end:
        yield Issue("barred_after_removal", "removed_reason", {"end": end.isoformat()})


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
    after_objections,
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
    reviews_agree,
    still_held,
    still_valid,
    publicity_in_full,
    heritage_coded,
    reports_handed_in,
    promoted_from_known,
    former_names_in_order,
    not_barred,
    not_after_today("recognised_on", source=MEASURES),
    order_of_dates("holder_from", "holder_to", source=MEASURES),
    order_of_dates(
        "notice_date", "objections_until", source=MEASURES, not_in=("rectifying", "suspended", "removed")
    ),
    all_given(
        ("industry_code", "right_basis", "batch", "story_zh", "holder_from", "founded_place"), source=MEASURES
    ),
    business_stated,
    founded_before_business,
    held_already,
)

MESSAGES: dict[str, Message | str] = {
    "plaque_twice": _("%(number)s has the same plaque number."),
    "scheme_form": _(
        "“%(value)s” is no title. Give its name, such as China Time-honored Brand (national), or in a sheet national, "
        "provincial:<region code> or city:<region code>."
    ),
    "trademark_form": _("“%(value)s” is not a trademark number of one to nine digits."),
    "brand_name_missing": _(
        "The source names the holder but not the brand; the holder's name stands for it."
    ),
    "too_young": _("The brand was %(age)s years old when recognised; this title asks for %(least)s."),
    "business_too_young": Message(
        _("The title asks for %(least)s years of main business before recognition."), unspoken=("years",)
    ),
    "too_young_to_apply": _(
        "This title asks for %(least)s years since the foundation: %(latest)s or before."
    ),
    "business_too_young_to_apply": _(
        "This title asks for %(least)s years of main business: since %(latest)s or before."
    ),
    "business_before_founding": _(
        "The main business is stated since %(value)s, before the foundation in %(year)s."
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
    "review_failed_yet_listed": _("The review of %(year)s was failed, yet the brand stands as listed."),
    "review_conditional_yet_listed": _(
        "The review of %(year)s was passed on a condition, yet the brand stands as listed and not under rectification."
    ),
    "review_without_deadline": _("The review of %(year)s set a condition without a deadline."),
    "holder_time_ended": _("The holder's time ended on %(end)s, yet the brand stands as listed."),
    "title_ran_out": _("The title ran out on %(end)s, yet the brand stands as listed."),
    "publicity_too_short": _(
        "The notice is open for %(days)s working days; this title asks for %(least)s at least."
    ),
    "working_days_estimated": _(
        "Working days were counted without the public holidays after %(year)s, which are not announced yet."
    ),
    "heritage_code_form": _("“%(value)s” does not have the form of a heritage code, for example Ⅸ-7."),
    "promoted_from_form": _(
        "“%(value)s” names no other title: give its number here (TB-…), or the number of its plaque."
    ),
    "promoted_from_number": _("“%(value)s” is not a right number of a brand: one character is wrong."),
    "name_years_reversed": _("A former name ends in %(last)s, before it begins in %(first)s."),
    "title_held_already": _("%(number)s is on record for this title and brand, and has not ended."),
    "recognised_too_early": _(
        "The brand would be recognised on a day on which objections are taken still, until %(end)s."
    ),
    "barred_after_removal": _("After its removal the brand may not be proposed again before %(end)s."),
    "removed_and_rectifying": _("A brand that was removed is no longer under rectification."),
}
