"""Rules of declarations over several fields (Standardization Law 2017; SAMR Order No. 83)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from registry.i18n import _
from registry.kit import indicators
from registry.kit.comparison import Comparison, compare
from registry.kit.indicator_names import IndicatorIndex
from registry.kit.issues import Issue
from registry.kit.limits import (
    Limit,
    LimitComparison,
    compare_with_limits,
    limits_of_category,
    limits_of_standard,
)
from registry.kit.product_categories import is_service
from registry.kit.rules import RecordLookup, RuleContext, all_given, not_after_today, order_of_dates, rule
from registry.messages import Message
from registry.reference.identifiers import standard_numbers
from registry.reference.text.folding import fold_name
from registry.registers.declarations.codes import STATE_KINDS
from registry.registers.declarations.schema import ORDER_83
from registry.registers.declarations.sentences import submission_day

LAW = "标准化法 (2017)"


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
    source=f"{LAW}, Art. 27",
)
def standard_in_catalogue(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A state standard is picked from the catalogue and in force, or soon."""
    number = values.get("std_no")
    parsed = standard_numbers.parse(str(number or ""))
    kind = parsed.kind if parsed else values.get("std_kind")  # the number knows better than what is stated
    if not number or kind not in STATE_KINDS or context.records is None:
        return
    known = context.records.find_record("standards", str(number))
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


@rule("own_standard_dated", fields=("std_kind", "issued_on", "in_force_on"), source=ORDER_83)
def own_standard_dated(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """An own standard says when it was issued and since when it is in force."""
    del context
    if values.get("std_kind") == "enterprise":
        yield from (Issue("required", name) for name in ("issued_on", "in_force_on") if not values.get(name))


@rule("methods_named", fields=("indicators",), source=f"{ORDER_83}, Art. 12")
def methods_named(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Every indicator names the method by which it is tested."""
    del context
    for row_number, row in enumerate(values.get("indicators") or (), start=1):
        if not row.get("method"):
            yield Issue("method_missing", "indicators", indicators.row_params(row_number, row))


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


def _comparisons(values: Mapping[str, Any]) -> Iterator[Comparison]:
    return compare(values.get("indicators") or (), values.get("benchmarks") or ())


def _mandatory(row: Mapping[str, Any]) -> bool:
    parsed = standard_numbers.parse(str(row.get("standard") or ""))
    return parsed is not None and parsed.kind == "national_mandatory"


@rule(
    "below_is_flagged",
    fields=("indicators", "benchmarks", "below_voluntary", "category", "declared_on"),
    source=f"{ORDER_83}, Art. 14",
)
def below_is_flagged(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A value below a voluntary standard makes the plain statement compulsory, whatever the relation stated."""
    rows_below = [comparison.row for comparison in _comparisons(values) if comparison.relation == "below"]
    below = [row for row in rows_below if not _mandatory(row)]
    below += [
        each.limit.row
        for each in compare_declared(values, context.records, context.today.isoformat())
        if each.relation == "below" and not each.limit.mandatory
    ]
    if below and not values.get("below_voluntary"):
        yield Issue("below_not_stated", "below_voluntary", {"name": indicators.indicator_name(below[0])})


@rule(
    "not_fewer_than_voluntary",
    fields=("indicators", "benchmarks", "below_voluntary", "compared_std", "category", "std_kind"),
    source=f"{ORDER_83}, Art. 14",
)
def not_fewer_than_voluntary(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """What the voluntary standard that is compared limits, and an own standard leaves out, is stated plainly."""
    if values.get("std_kind") != "enterprise" or values.get("below_voluntary") or context.records is None:
        return
    compared = {values.get("compared_std"), *(row.get("standard") for row in values.get("benchmarks") or ())}
    promised = IndicatorIndex(values.get("indicators") or ())
    for limit in _limits(values, context.records, context.today.isoformat()):
        if not limit.mandatory and limit.standard in compared and not promised.places(limit.row):
            name = indicators.indicator_name(limit.row)
            yield Issue("fewer_not_stated", "below_voluntary", {"name": name, "value": limit.standard})
            return


@rule(
    "keeps_mandatory_limits",
    fields=("indicators", "category", "declared_on"),
    source=f"{LAW}, Art. 21",
)
def keeps_mandatory_limits(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No indicator is below a limit of the mandatory standards for the category, whether they are named or not."""
    for each in compare_declared(values, context.records, context.today.isoformat()):
        if not each.limit.mandatory:
            continue
        params = {**indicators.row_params(each.row_number, each.row), "value": _limit_words(each.limit)}
        if each.relation == "below":
            yield Issue("below_mandatory", "indicators", params)
        elif each.obstacle in ("unit", "direction"):
            yield Issue("limit_not_comparable", "indicators", params)


@rule("limit_quoted_rightly", fields=("benchmarks", "category", "declared_on"), source=f"{LAW}, Art. 27")
def limit_quoted_rightly(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The value of another standard is that of the register of standards, where it has one."""
    if context.records is None:
        return
    quoted: dict[tuple[str, str], list[tuple[int, Mapping[str, Any]]]] = {}
    for number, row in enumerate(values.get("benchmarks") or (), start=1):
        of = (str(row.get("standard") or ""), indicators.indicator_name(row))
        quoted.setdefault(of, []).append((number, row))
    for limit in _limits(values, context.records, context.today.isoformat()):
        own = {**limit.row, "operator": limit.row.get("operator") or "<="}
        rows = quoted.get((limit.standard, indicators.indicator_name(own)), ())
        for (number, row), comparison in zip(
            rows, compare([own], (quoted_row for _number, quoted_row in rows)), strict=True
        ):
            if not comparison.obstacle and comparison.margin:
                params = {"row": number, "name": indicators.indicator_name(row)}
                yield Issue("benchmark_differs", "benchmarks", {**params, "value": _limit_words(limit)})


def _limit_words(limit: Limit) -> str:
    return f"{limit.source()} ({limit.text()})"


def _limits(values: Mapping[str, Any], records: RecordLookup, today: str) -> Iterator[Limit]:
    """The limits of the standards for the category, and of those that the declaration names."""
    category, day = str(values.get("category") or ""), str(values.get("declared_on") or today)
    seen: set[str] = set()
    for limit in limits_of_category(records, category, day) if category else ():
        seen.add(limit.standard)
        yield limit
    others = (row.get("standard") for row in values.get("benchmarks") or ())
    named = (values.get("std_no"), values.get("compared_std"), *others)
    for number in dict.fromkeys(str(each) for each in named if each):
        if number not in seen:
            yield from limits_of_standard(records, number, category, day)


def compare_declared(
    values: Mapping[str, Any], records: RecordLookup | None, today: str
) -> tuple[LimitComparison, ...]:
    """Return the promised indicators held against every limit for the category of the product. `today`: ISO."""
    promised = values.get("indicators") or ()
    if records is None or not promised:
        return ()
    return tuple(compare_with_limits(promised, _limits(values, records, today)))


@rule("not_below_mandatory", fields=("indicators", "benchmarks"), source=f"{LAW}, Art. 21")
def not_below_mandatory(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No own standard is below the mandatory national standard."""
    del context
    for comparison in _comparisons(values):
        if comparison.relation == "below" and _mandatory(comparison.row):
            name = indicators.indicator_name(comparison.row)
            params = {"row": comparison.row_number, "name": name, "value": comparison.row["standard"]}
            yield Issue("below_mandatory", "benchmarks", params)


@rule("relation_agrees", fields=("indicators", "benchmarks"), source="register")
def relation_agrees(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """“Higher”, “equal” and “lower” say what the two numbers say."""
    del context
    for comparison in _comparisons(values):
        if comparison.row.get("relation") not in (None, comparison.relation):
            name = indicators.indicator_name(comparison.row)
            params = {"row": comparison.row_number, "name": name, "value": comparison.row["relation"]}
            yield Issue("relation_differs", "benchmarks", params)


@rule("same_unit", fields=("indicators", "benchmarks"), source=f"{LAW}, Art. 21; {ORDER_83}, Art. 14")
def same_unit(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """What cannot be compared cannot be seen to be below: the other value is given in the unit of the indicator."""
    del context
    for comparison in _comparisons(values):
        if comparison.obstacle == "unit":
            name, unit = indicators.indicator_name(comparison.row), comparison.own.get("unit") or "1"
            yield Issue(
                "units_differ", "benchmarks", {"row": comparison.row_number, "name": name, "unit": unit}
            )


@rule("name_of_catalogue", fields=("std_no", "std_name_zh"), source=f"{LAW}, Art. 27")
def name_of_catalogue(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The name of a standard is that of the catalogue; only an own standard is named by its enterprise."""
    number, name = values.get("std_no"), values.get("std_name_zh")
    parsed = standard_numbers.parse(str(number or ""))
    if not name or context.records is None or parsed is None or parsed.kind == "enterprise":
        return
    known = context.records.find_record("standards", str(number))
    title = str(known.get("title_zh") or "") if known else ""
    if title and fold_name(title) != fold_name(str(name)):
        yield Issue("name_differs", "std_name_zh", {"value": title})


@rule("follows_edition", fields=("std_no", "edition_of"), source=ORDER_83)
def follows_edition(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """What an edition takes the place of has the same code and sequence, and an earlier year."""
    del context
    new, old = (standard_numbers.parse(str(values.get(name) or "")) for name in ("std_no", "edition_of"))
    if new is None or old is None:
        return
    same = new.without_year == old.without_year
    if not same or (new.full_year and old.full_year and new.full_year <= old.full_year):
        yield Issue("no_earlier_edition", "edition_of", {"value": values["edition_of"]})


@rule(
    "status_explained",
    fields=("std_kind", "status_reason", "correct_until", "decided_on"),
    source=f"{LAW}, Art. 38; {LAW}, Art. 39; {LAW}, Art. 42",
)
def status_explained(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """An order has a deadline, an end its reason; only an own standard can lose its number or be abolished."""
    status = context.status
    if status == "standard_ended" and values.get("std_kind") == "enterprise":
        yield Issue("own_standard_ends_with_declaration", "std_kind")
    if status == "correction_ordered" and not values.get("correct_until"):
        yield Issue("required", "correct_until")
    if status in ("withdrawn", "number_revoked", "abolished") and not values.get("status_reason"):
        yield Issue("required", "status_reason")
    if status in ("number_revoked", "abolished"):
        if not values.get("decided_on"):
            yield Issue("required", "decided_on")
        if values.get("std_kind") not in (None, "enterprise"):
            yield Issue("own_standards_only", "std_kind", {"value": values["std_kind"]})


@rule("models_of_products", fields=("models", "category"), source=ORDER_83)
def models_of_products(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A product is declared with its models; a service has none."""
    del context
    if not values.get("models") and not is_service(values.get("category")):
        yield Issue("required", "models")


@rule("jointly_with_others", fields=("joint_with", "org_uscc", "std_kind"), source=ORDER_83)
def jointly_with_others(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A standard is made jointly with other enterprises, and each of them numbers it as its own."""
    del context
    others = values.get("joint_with") or ()
    if values.get("org_uscc") in others:
        yield Issue("joint_with_itself", "joint_with")
    if others and values.get("std_kind") not in (None, "enterprise"):
        yield Issue("joint_own_standards_only", "joint_with")


@rule(
    "order_answered",
    fields=("correct_until", "correction_submitted_on", "decided_on"),
    source=f"{LAW}, Art. 39",
)
def order_answered(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A declaration is back in force after an order with the new version that corrects it."""
    if context.status == "active" and values.get("correct_until") and not submission_day(values):
        yield Issue("corrected_without_version", "correction_submitted_on")


@rule("channel_known", fields=("channel", "channel_url", "channel_snapshot"), source=f"{ORDER_83}, Art. 16")
def channel_known(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Another channel is named by an https address and kept as a snapshot, so that it cannot be changed unseen."""
    del context
    if values.get("channel") != "other":
        return
    if not str(values.get("channel_url") or "").startswith("https://"):
        yield Issue("channel_address", "channel_url")
    if not values.get("channel_snapshot"):
        yield Issue("required", "channel_snapshot")


@rule(
    "production_named",
    fields=("production_mode", "principal", "contractor"),
    source=ORDER_83,
)
def production_named(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Commissioned production names who orders and who makes."""
    del context
    if values.get("production_mode") == "commissioned":
        yield from (Issue("required", name) for name in ("principal", "contractor") if not values.get(name))


@rule(
    "not_before_standard",
    fields=("std_no", "effective_from", "issued_on"),
    source=f"{LAW}, Art. 27",
)
def not_before_standard(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A standard is in use from its issue at the earliest; an own one states that day itself."""
    begins = str(values.get("effective_from") or "")
    if not begins or not values.get("std_no"):
        return
    issued = str(values.get("issued_on") or "")
    if not issued and context.records is not None:
        known = context.records.find_record("standards", str(values["std_no"]))
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
    not_fewer_than_voluntary,
    not_below_mandatory,
    keeps_mandatory_limits,
    limit_quoted_rightly,
    relation_agrees,
    same_unit,
    name_of_catalogue,
    follows_edition,
    status_explained,
    channel_known,
    jointly_with_others,
    order_answered,
    production_named,
    not_before_standard,
    not_after_today("declared_on", source=LAW),
    order_of_dates("issued_on", "in_force_on", source=LAW),
    order_of_dates("declared_on", "withdrawn_on", source=LAW),
    indicators.require_units("indicators", source=f"{LAW}, Art. 27"),
    indicators.ranges_in_order("indicators", source=f"{LAW}, Art. 27"),
    models_of_products,
    all_given(
        (
            "category",
            "production_mode",
            "below_voluntary",
            "channel",
            "effective_from",
            "commitment",
            "signer_post",
        ),
        source=ORDER_83,
    ),
    own_standard_dated,
)

MESSAGES: dict[str, Message | str] = {
    "kind_differs": _("The number %(number)s does not say “%(value)s”."),
    "standard_not_known": _("The standard “%(value)s” is not in the register of standards."),
    "standard_ended": _("The standard “%(value)s” had ended when it was declared."),
    "indicators_missing": _("An own standard is declared with its functional or performance indicators."),
    "method_missing": _("Row %(row)s, “%(name)s”: the test method is missing."),
    "year_differs": _("The year of “%(value)s” is not that of its issue, %(issued)s."),
    "below_not_stated": _(
        "“%(name)s” is less strict than the compared standard: this must be stated plainly."
    ),
    "below_mandatory": Message(
        _("Row %(row)s, “%(name)s”: the value does not meet the mandatory standard %(value)s."),
        optional=("name_en",),
    ),
    "limit_not_comparable": Message(
        _("Row %(row)s, “%(name)s”: %(value)s is mandatory. State a limit of this kind in this unit."),
        optional=("name_en",),
    ),
    "fewer_not_stated": _(
        "“%(name)s” is limited by %(value)s and is not among the indicators: this must be stated plainly."
    ),
    "benchmark_differs": _("Row %(row)s, “%(name)s”: the register of standards has %(value)s."),
    "name_differs": _("The catalogue names this standard “%(value)s”."),
    "no_earlier_edition": _("“%(value)s” is no earlier edition of this standard."),
    "own_standards_only": _(
        "Only an enterprise's own standard loses its number or is abolished, not “%(value)s”."
    ),
    "relation_differs": _("Row %(row)s, “%(name)s”: the two values do not say “%(value)s”."),
    "disclosed_late": _(
        "In use since %(value)s, %(days)s days before it is declared. What is offered is to be declared before. It can be published; check that the day is right. Only you are told."
    ),
    "method_form": _(
        "Row %(row)s, “%(name)s”: “%(value)s” looks like the number of a standard but matches no known form, such as GB/T 17657-2022."
    ),
    "method_ended": _(
        "Row %(row)s, “%(name)s”: the method %(value)s is not in force any more. Which edition do you test by?"
    ),
    "units_differ": _(
        "Row %(row)s, “%(name)s”: give the compared value in %(unit)s, the unit of the indicator."
    ),
    "own_standard_ends_with_declaration": _(
        "An own standard stands in no catalogue that could end it: it is withdrawn with its declaration."
    ),
    "joint_with_itself": _("An enterprise is not its own partner: give the codes of the others."),
    "joint_own_standards_only": _("Only an own standard is made jointly."),
    "corrected_without_version": _(
        "An order to correct stood, but no correction is on record: the authority's word is the only trace of it."
    ),
    "channel_address": _("Another channel is named by an address that begins with https://."),
    "used_before_issue": _("In use from %(value)s, before the standard was issued (%(issued)s)."),
}
