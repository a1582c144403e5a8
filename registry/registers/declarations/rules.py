"""Rules of declarations over several fields (Standardization Law 2017; SAMR Order No. 83)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit import indicators
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, not_after_today, order_of_dates, rule
from registry.reference import standard_numbers
from registry.registers.declarations.codes import STATE_KINDS
from registry.registers.declarations.schema import ORDER_83

LAW = "标准化法 (2017)"
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@rule("kind_fits_number", fields=("std_kind", "std_no"), source=f"{LAW}, Art. 2")
def kind_fits_number(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """`GB/T` is voluntary, `GB` mandatory, `Q/` the enterprise's own."""
    del context
    parsed = standard_numbers.parse(str(values.get("std_no") or ""))
    if parsed and values.get("std_kind") and parsed.kind != values["std_kind"]:
        yield Issue("kind_differs", "std_kind", {"value": values["std_kind"], "number": values["std_no"]})


@rule(
    "standard_in_catalogue",
    fields=("std_kind", "std_no", "declared_on"),
    moment="publish",
    source=f"{LAW}, Art. 27",
)
def standard_in_catalogue(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A state standard is picked from the catalogue and in force, or soon."""
    number = values.get("std_no")
    if not number or values.get("std_kind") not in STATE_KINDS or context.others is None:
        return
    known = context.others.known("standards", str(number))
    if known is None:
        yield Issue("standard_not_known", "std_no", {"value": number})
        return
    ended = str(known.get("withdrawn_on") or "")
    declared = str(values.get("declared_on") or "")
    if known["status"] in ("superseded", "withdrawn") and not (ended and declared and declared < ended):
        yield Issue("standard_ended", "std_no", {"value": number})


@rule("own_standard_whole", fields=("std_kind", "indicators"), source=f"{LAW}, Art. 27")
def own_standard_whole(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """An own standard is declared with at least one functional or performance indicator."""
    del context
    if values.get("std_kind") == "enterprise" and not values.get("indicators"):
        yield Issue("indicators_missing", "indicators")


@rule("methods_named", fields=("indicators",), source=f"{ORDER_83}, Art. 12")
def methods_named(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Every indicator names the method by which it is tested."""
    del context
    for place, row in enumerate(values.get("indicators") or (), start=1):
        if not row.get("method"):
            yield Issue("method_missing", "indicators", {"row": place, "name": indicators.name_of(row)})


@rule("own_number_of_year", fields=("std_kind", "std_no", "issued_on"), source=ORDER_83)
def own_number_of_year(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The year of an own standard's number is that of its issue."""
    del context
    parsed = standard_numbers.parse(str(values.get("std_no") or ""))
    issued = str(values.get("issued_on") or "")
    own = values.get("std_kind") == "enterprise" and parsed is not None and parsed.full_year
    if own and issued and str(own) != issued[:4]:
        yield Issue("year_differs", "std_no", {"value": values["std_no"], "issued": issued})


@rule(
    "said_plainly",
    fields=("below_voluntary", "compared_std", "below_statement"),
    source=f"{ORDER_83}, Art. 14",
)
def said_plainly(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Fewer or lower indicators than the voluntary standard are stated plainly, with the standard's number."""
    del context
    if values.get("below_voluntary"):
        for name in ("compared_std", "below_statement"):
            if not values.get(name):
                yield Issue("required", name)


@rule("below_is_flagged", fields=("benchmarks", "below_voluntary"), source=f"{ORDER_83}, Art. 14")
def below_is_flagged(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A benchmark below another standard makes the plain statement compulsory."""
    del context
    below = [row for row in values.get("benchmarks") or () if row.get("relation") == "below"]
    if below and not values.get("below_voluntary"):
        yield Issue("below_not_stated", "below_voluntary", {"name": indicators.name_of(below[0])})


@rule("relation_agrees", fields=("indicators", "benchmarks"), source="register")
def relation_agrees(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """“Higher”, “equal” and “lower” say what the two numbers say; a lower limit is the stricter one for ≤."""
    del context
    own = {indicators.name_of(row): row for row in values.get("indicators") or ()}
    for place, row in enumerate(values.get("benchmarks") or (), start=1):
        name = indicators.name_of(row)
        promised = own.get(name, {})
        other = NUMBER.search(str(row.get("other_value") or ""))
        operator = str(promised.get("operator") or "")
        if not other or promised.get("value") is None or operator[:1] not in "<>" or not operator:
            continue
        better = (float(promised["value"]) - float(other[0])) * (-1 if operator[0] == "<" else 1)
        relation = "equal" if better == 0 else "above" if better > 0 else "below"
        if row.get("relation") not in (None, relation):
            yield Issue(
                "relation_differs", "benchmarks", {"row": place, "name": name, "value": row["relation"]}
            )


@rule("channel_known", fields=("channel", "channel_url"), source=f"{ORDER_83}, Art. 16")
def channel_known(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Another channel is named by an https address."""
    del context
    if values.get("channel") == "other" and not str(values.get("channel_url") or "").startswith("https://"):
        yield Issue("channel_address", "channel_url")


@rule(
    "production_named",
    fields=("production_mode", "principal", "contractor"),
    moment="submit",
    source=ORDER_83,
)
def production_named(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Commissioned production names its contractor."""
    del context
    if values.get("production_mode") == "commissioned" and not values.get("contractor"):
        yield Issue("required", "contractor")


@rule("not_before_standard", fields=("std_no", "effective_from"), moment="publish", source=f"{LAW}, Art. 27")
def not_before_standard(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A standard is in use from its issue at the earliest."""
    begins = str(values.get("effective_from") or "")
    if not begins or not values.get("std_no") or context.others is None:
        return
    known = context.others.known("standards", str(values["std_no"]))
    issued = str(known.get("issued_on") or "") if known else ""
    if issued and begins < issued[: len(begins)]:
        yield Issue("used_before_issue", "effective_from", {"value": begins, "issued": issued})


RULES = (
    kind_fits_number,
    standard_in_catalogue,
    own_standard_whole,
    methods_named,
    own_number_of_year,
    said_plainly,
    below_is_flagged,
    relation_agrees,
    channel_known,
    production_named,
    not_before_standard,
    not_after_today("declared_on", source=LAW),
    order_of_dates("issued_on", "in_force_on", source=LAW),
    order_of_dates("declared_on", "withdrawn_on", source=LAW),
    indicators.need_units("indicators", source=f"{LAW}, Art. 27"),
)

WORDS = {
    **indicators.WORDS,
    "kind_differs": _("The number %(number)s does not say “%(value)s”."),
    "standard_not_known": _("The standard “%(value)s” is not in the register of standards."),
    "standard_ended": _("The standard “%(value)s” had ended when it was declared."),
    "indicators_missing": _("An own standard is declared with its functional or performance indicators."),
    "method_missing": _("Row %(row)s, “%(name)s”: the test method is missing."),
    "year_differs": _("The year of “%(value)s” is not that of its issue, %(issued)s."),
    "below_not_stated": _("“%(name)s” is below the compared standard: this must be stated plainly."),
    "relation_differs": _("Row %(row)s, “%(name)s”: the two values do not say “%(value)s”."),
    "channel_address": _("Another channel is named by an address that begins with https://."),
    "used_before_issue": _("In use from %(value)s, before the standard was issued (%(issued)s)."),
}
