"""Rules of bodies: validity, and sanctions told with kind, days, decision and reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, order_of_dates, rule
from registry.messages import Message
from registry.reference.text import sparse_dates

SANCTIONS = "《认证机构管理办法》 (SAMR Order 193, amended by Order 31 of 2020)"
SANCTIONED = ("suspended", "revoked")


@rule("sanction_stated", fields=("sanctions",), source=SANCTIONS)
def sanction_stated(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A body that is suspended or revoked states since when, and by which decision."""
    if context.status not in SANCTIONED:
        return
    stated = [row for row in values.get("sanctions") or () if row.get("kind") == context.status]
    if not any(row.get("from_on") for row in stated):
        yield Issue("sanction_without_day", "sanctions")
    if not any(row.get("decision") for row in stated):
        yield Issue("sanction_without_decision", "sanctions")


@rule("sanction_days", fields=("sanctions",), source=SANCTIONS)
def sanction_days(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A sanction ends after it has begun, and has not begun in the future."""
    for row in values.get("sanctions") or ():
        begun, until = str(row.get("from_on") or ""), str(row.get("to_on") or "")
        if begun and until and until[: len(begun)] < begun[: len(until)]:
            yield Issue("ends_before_start", "sanctions", {"start": begun, "end": until})
        if begun and sparse_dates.first_day(begun) > context.today:
            yield Issue("after_today", "sanctions", {"value": begun})


@rule("sanction_fits_state", fields=("sanctions",), source=SANCTIONS)
def sanction_fits_state(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A body under a sanction that still runs is not listed with a valid approval."""
    if context.status != "valid":
        return
    for row in values.get("sanctions") or ():
        begun, until = str(row.get("from_on") or ""), str(row.get("to_on") or "")
        running = begun and sparse_dates.first_day(begun) <= context.today
        ended = row.get("kind") == "suspended" and until and sparse_dates.last_day(until) < context.today
        if running and not ended and row.get("kind") in SANCTIONED:
            yield Issue("sanction_still_running", "sanctions", {"day": begun})


RULES = (
    order_of_dates("valid_from", "valid_to", source="register"),
    sanction_stated,
    sanction_days,
    sanction_fits_state,
)
MESSAGES: dict[str, Message | str] = {
    "approval_no_form": _("“%(value)s” does not have the form of an approval number, CNCA-R-2002-001."),
    "cma_no_form": _("“%(value)s” is not a CMA certificate number of twelve digits."),
    "cnas_no_form": _("“%(value)s” does not have the form of a CNAS number, CNAS L0001."),
    "sanction_without_day": _("The source does not state since when the body is suspended or revoked."),
    "sanction_without_decision": _("The source names no decision by which the body is suspended or revoked."),
    "sanction_still_running": _("The status is “Valid”, but a sanction of %(day)s still runs."),
}
