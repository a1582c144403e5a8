"""Rules of green certificates over several fields (domain B.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit import indicators
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, not_after_today, order_of_dates, rule
from registry.reference import sparse_dates
from registry.registers.green_products.codes import EDITIONS_WITH_LEVELS, SCHEME_RULES, SchemeRules

MARK_RULES = "《绿色产品标识使用管理办法》 (SAMR Announcement 2019 No. 20)"
CARBON = ("carbon_kg", "carbon_unit", "carbon_boundary", "carbon_method", "carbon_verifier")


@rule("validity", fields=("scheme", "issued_on", "reissued_on", "valid_to"), source=MARK_RULES)
def validity(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No longer than the scheme allows, five years by default, from the last issue."""
    del context
    begun = values.get("reissued_on") or values.get("issued_on")
    if not begun or not values.get("valid_to"):
        return
    years = SCHEME_RULES.get(str(values.get("scheme")), SchemeRules()).years
    first, last = sparse_dates.first_day(str(begun)), sparse_dates.first_day(str(values["valid_to"]))
    if last > _later(first, years):
        yield Issue("valid_too_long", "valid_to", {"years": years})


def _later(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February, or beyond the calendar
        return dt.date(min(day.year + years, 9999), 3, 1)


@rule("level_of_scheme", fields=("scheme", "level", "standard_edition"), source="GB/T 35607-2024; domain B.2")
def level_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A level only where the scheme or the edition defines levels."""
    del context
    level, scheme = values.get("level"), str(values.get("scheme"))
    if not level:
        return
    allowed = SCHEME_RULES.get(scheme, SchemeRules()).levels
    by_edition = scheme == "green_product" and values.get("standard_edition") not in EDITIONS_WITH_LEVELS
    if level not in allowed or by_edition:
        yield Issue("level_not_of_scheme", "level", {"value": level, "scheme": scheme})


@rule("attributes_of_scheme", fields=("scheme", "attributes"), moment="submit", source="GB/T 33761-2024")
def attributes_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Route 1 needs resource, energy, environment and quality."""
    del context
    wanted = SCHEME_RULES.get(str(values.get("scheme")), SchemeRules()).attributes
    lacking = [name for name in wanted if name not in (values.get("attributes") or ())]
    if wanted and lacking and values.get("attributes"):
        yield Issue("attributes_lacking", "attributes", {"names": ", ".join(lacking)})


@rule("edition_in_force", fields=("standard_edition", "issued_on"), moment="publish", source=MARK_RULES)
def edition_in_force(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The edition is in force on the day of issue, or in its transition."""
    edition, issued = values.get("standard_edition"), values.get("issued_on")
    if not edition or not issued or context.others is None:
        return
    known = context.others.known("standards", str(edition))
    if known is None:
        yield Issue("standard_not_known", "standard_edition", {"value": edition})
        return
    begins = str(known.get("in_force_on") or "")
    ends = str(known.get("transition_until") or known.get("withdrawn_on") or "")
    if (begins and str(issued) < begins[: len(str(issued))]) or (ends and str(issued) > ends):
        yield Issue("edition_not_in_force", "standard_edition", {"value": edition, "day": issued})


@rule("body_known", fields=("body_approval_no", "issued_on"), moment="publish", source="认证认可条例, Art. 9")
def body_known(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The body is in the register and its approval had begun."""
    number = values.get("body_approval_no")
    if not number or context.others is None:
        return
    known = context.others.known("bodies", str(number))
    if known is None:
        yield Issue("body_not_known", "body_approval_no", {"value": number})
    elif str(values.get("issued_on") or "9999") < str(known.get("valid_from") or ""):
        yield Issue("body_not_yet_approved", "body_approval_no", {"value": number})


@rule("carbon_whole", fields=CARBON, moment="submit", source="domain B.2")
def carbon_whole(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Footprint value, unit, boundary, method and verifier: all or none."""
    del context
    given = [name for name in CARBON if values.get(name) is not None]
    if given and len(given) < len(CARBON):
        yield Issue("carbon_incomplete", next(name for name in CARBON if values.get(name) is None))


RULES = (
    order_of_dates("issued_on", "valid_to", source=MARK_RULES),
    order_of_dates("issued_on", "reissued_on", source=MARK_RULES),
    not_after_today("issued_on", source=MARK_RULES),
    validity,
    level_of_scheme,
    attributes_of_scheme,
    edition_in_force,
    body_known,
    carbon_whole,
    indicators.need_units("indicators", source="GB/T 33761-2024"),
    indicators.within_limits("indicators", source="GB/T 33761-2024"),
)

WORDS = {
    **indicators.WORDS,
    "certificate_no_form": _("“%(value)s” does not have the form of a certificate number."),
    "gtin_shape": _("“%(value)s” is not a barcode of 8, 12, 13 or 14 digits."),
    "gtin_check_digit": _("One digit of the barcode “%(value)s” is wrong: the check digit does not fit."),
    "valid_too_long": _("A certificate of this scheme is valid for at most %(years)s years."),
    "level_not_of_scheme": _("This scheme and edition define no level “%(value)s”."),
    "attributes_lacking": _("Attributes are missing for this scheme: %(names)s."),
    "standard_not_known": _("The standard “%(value)s” is not in the register of standards."),
    "edition_not_in_force": _("The edition %(value)s was not in force on %(day)s."),
    "body_not_known": _("The body “%(value)s” is not in the register of bodies."),
    "body_not_yet_approved": _("The body “%(value)s” was not yet approved on that day."),
    "carbon_incomplete": _("A footprint needs value, unit, boundary, method and verifier."),
}
