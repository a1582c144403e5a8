"""Rules of green certificates over several fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit import approvals, indicators
from registry.kit.approvals import approval_on
from registry.kit.issues import Issue
from registry.kit.rules import (
    RecordLookup,
    RuleContext,
    add_months,
    all_given,
    not_after_today,
    order_of_dates,
    rule,
)
from registry.messages import Message
from registry.reference.identifiers import certificate_numbers as numbers
from registry.reference.identifiers import standard_numbers
from registry.reference.text import sparse_dates
from registry.registers.green_products.cautions import (
    ISSUER,
    covers,
    end_of_edition,
    may_certify,
    surveillance_finding,
)
from registry.registers.green_products.codes import (
    EDITIONS_WITH_LEVELS,
    PRODUCT_WORDS,
    REASONS,
    REASONS_OF,
    SCHEMES,
    SUSPENSION_MONTHS,
    rules_of_scheme,
)

MARK_RULES = "《绿色产品标识使用管理办法》 (SAMR Announcement 2019 No. 20)"
LACKS_OF_APPROVAL = {
    approvals.NOT_YET: "body_not_yet_approved",
    approvals.ENDED: "body_no_longer_approved",
    approvals.SUSPENDED: "body_suspended",
    approvals.REVOKED: "body_revoked",
}
WANTED_IN_CHINA = (  # without them a certificate under Chinese rules is incomplete
    "route",
    "manufacturer",
    "factory",
    "unit_code",
    "rule_no",
    "mode",
    "attributes",
    "indicators",
    "test_body",
    "report_no",
    "surveillance",
)
CARBON = ("carbon_kg", "carbon_unit", "carbon_boundary", "carbon_method", "carbon_verifier")


@rule("validity", fields=("scheme", "issued_on", "reissued_on", "valid_to"), source=MARK_RULES)
def validity(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No longer than the scheme allows, five years by default, from the last issue."""
    del context
    begun = values.get("reissued_on") or values.get("issued_on")
    if not begun or not values.get("valid_to"):
        return
    years = rules_of_scheme(values).years
    first, last = sparse_dates.first_day(str(begun)), sparse_dates.first_day(str(values["valid_to"]))
    if last > add_months(first, 12 * years):
        yield Issue("valid_too_long", "valid_to", {"years": years})


def is_chinese(values: Mapping[str, Any]) -> bool:
    """Certificates of Chinese bodies: what SAMR asks to be reported binds no body abroad (`F-US-EPA`)."""
    return not str(values.get("body_approval_no") or "").startswith("F-")


@rule("level_of_scheme", fields=("scheme", "level", "standard_edition"), source="GB/T 35607-2024")
def level_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A level only where the scheme or the edition defines levels."""
    del context
    level, scheme = values.get("level"), str(values.get("scheme"))
    if not level:
        return
    allowed = rules_of_scheme(values).levels
    by_edition = scheme == "green_product" and values.get("standard_edition") not in EDITIONS_WITH_LEVELS
    if level not in allowed or by_edition:
        yield Issue("level_not_of_scheme", "level", {"value": level, "scheme": scheme})


@rule("attributes_of_scheme", fields=("scheme", "attributes"), source="GB/T 33761-2024")
def attributes_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Route 1 needs resource, energy, environment and quality."""
    del context
    required = rules_of_scheme(values).attributes
    lacking = [name for name in required if name not in (values.get("attributes") or ())]
    if required and lacking and values.get("attributes"):
        yield Issue("attributes_lacking", "attributes", {"names": ", ".join(lacking)})


@rule(
    "standard_of_catalogue",
    fields=("scheme", "route", "standard_edition"),
    source="《绿色产品评价标准清单及认证目录（第一批）》 (SAMR, April 2018)",
)
def standard_of_catalogue(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Route 1 assesses against the standards of the catalogue."""
    del context
    required, edition = rules_of_scheme(values).standards, str(values.get("standard_edition") or "")
    if not required or not edition or values.get("route") in ("2", "3"):
        return
    parsed = standard_numbers.parse(edition)
    if parsed is None or parsed.without_year not in required:
        yield Issue("standard_not_of_catalogue", "standard_edition", {"value": edition})


@rule("suspended_in_time", fields=("decided_on", "suspended_until"), source="register")
def suspended_in_time(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A suspension ends within a year."""
    del context
    decided, until = values.get("decided_on"), values.get("suspended_until")
    if decided and until:
        latest = add_months(sparse_dates.last_day(str(decided)), SUSPENSION_MONTHS)
        if sparse_dates.first_day(str(until)) > latest:
            yield Issue("suspended_too_long", "suspended_until", {"months": SUSPENSION_MONTHS})


@rule("edition_in_force", fields=("standard_edition", "issued_on", "reissued_on"), source=MARK_RULES)
def edition_in_force(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The edition is in force, or in its transition, on the day of issue; on that of the last re-issue where there is one."""
    edition = values.get("standard_edition")
    issued = values.get("reissued_on") or values.get("issued_on")
    if not edition or not issued or context.records is None:
        return
    known = context.records.find_record("standards", str(edition))
    if known is None:
        yield Issue("standard_not_known", "standard_edition", {"value": edition})
        return
    begins = str(known.get("in_force_on") or "")
    ends = end_of_edition(known, str(issued))
    if not (known.get("transition_until") or known.get("withdrawn_on")):
        ends = end_of_edition({"withdrawn_on": _taken_over_on(known, context.records)}, str(issued))
    if ends or (begins and str(issued) < begins[: len(str(issued))]):
        yield Issue("edition_not_in_force", "standard_edition", {"value": edition, "day": issued})


def _taken_over_on(standard: Mapping[str, Any], records: RecordLookup) -> str:
    """The day since which the editions that take the place of a standard are all in force, sparse ISO; "" where unknown."""
    newer = [records.find_record("standards", str(number)) for number in standard.get("replaced_by") or ()]
    days = [str(each.get("in_force_on") or "") if each else "" for each in newer]
    return max(days, key=sparse_dates.last_day) if days and all(days) else ""


@rule(
    "body_known",
    fields=("body_approval_no", "scheme", "issued_on"),
    source="认证认可条例, Art. 9",
)
def body_known(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The body is in the register, approved on the day of issue, and its scope covers the scheme."""
    number = values.get("body_approval_no")
    if not number or context.records is None:
        return
    known = context.records.find_record("bodies", str(number))
    if known is None:
        yield Issue("body_not_known", "body_approval_no", {"value": number})
        return
    for day in ISSUER.days_of_issue(values):
        code = LACKS_OF_APPROVAL.get(approval_on(known, str(known.get("status") or ""), day).state)
        if code:
            yield Issue(code, "body_approval_no", {"value": number})
            break
    if not may_certify(values, known):
        yield Issue("body_does_not_certify", "body_approval_no", {"value": number})
    if not covers(values, str(known.get("scope") or "")):
        yield Issue("scheme_out_of_scope", "scheme", {"value": number})


@rule("route_of_scheme", fields=("scheme", "route"), source=MARK_RULES)
def route_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Green products and green building materials are route 1, single attributes routes 2 and 3."""
    del context
    route, scheme = values.get("route"), values.get("scheme")
    if route and scheme in SCHEMES and route not in rules_of_scheme(values).routes:
        yield Issue("route_not_of_scheme", "route", {"value": route})


@rule("number_of_scheme", fields=("scheme", "cert_no"), source="《有机产品认证实施规则》 (CNCA-N-009:2019)")
def number_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Organic certificates have numbers of one form; those of the demonstration none but their own."""
    del context
    number, family = str(values.get("cert_no") or ""), rules_of_scheme(values).numbers
    if number and family and numbers.family(number) not in (family, "demo"):
        yield Issue("number_not_of_scheme", "cert_no", {"value": number})


@rule("reason_fits", fields=("status_reason", "suspended_until"), source=MARK_RULES)
def reason_fits(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """What ended or stopped a certificate is said, with a reason of that state; a suspension has its end."""
    reason, fitting = values.get("status_reason"), REASONS_OF.get(context.status)
    if fitting is None:
        return
    if not reason:
        yield Issue("required", "status_reason")
    elif reason in REASONS and reason not in fitting:
        yield Issue("reason_of_other_state", "status_reason", {"value": reason})
    if context.status == "suspended" and not values.get("suspended_until"):
        yield Issue("required", "suspended_until")


@rule("report_in_time", fields=("report_date", "issued_on"), source=MARK_RULES)
def report_in_time(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A certificate rests on a report that was there when it was issued."""
    del context
    report, issued = str(values.get("report_date") or ""), str(values.get("issued_on") or "")
    if report and issued and report[: len(issued)] > issued[: len(report)]:
        yield Issue("report_after_issue", "report_date", {"report": report, "issued": issued})


@rule(
    "laboratory_approved",
    fields=("test_body_approval_no", "report_date"),
    source="认证认可条例 (2023), Art. 16",
)
def laboratory_approved(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The laboratory holds CMA or CNAS, in force on the day of the report."""
    number, day = values.get("test_body_approval_no"), str(values.get("report_date") or "")
    if not number or context.records is None:
        return
    known = context.records.find_record("bodies", str(number))
    if known is None:
        yield Issue("body_not_known", "test_body_approval_no", {"value": number})
        return
    if not known.get("cma_no") and not known.get("cnas_no"):
        yield Issue("laboratory_unproved", "test_body_approval_no", {"value": number})
    begins, ends = str(known.get("valid_from") or ""), str(known.get("valid_to") or "")
    if (day and begins and day < begins[: len(day)]) or (day and ends and day[: len(ends)] > ends):
        yield Issue("body_no_longer_approved", "test_body_approval_no", {"value": number})


@rule("surveillance_of_scheme", fields=("scheme", "surveillance_months"), source=MARK_RULES)
def surveillance_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A body may look more often than the scheme lays down, not less often."""
    del context
    stated, most = values.get("surveillance_months"), rules_of_scheme(values).surveillance_months
    if stated and most and int(stated) > most:
        yield Issue("surveillance_too_seldom", "surveillance_months", {"value": stated, "at_most": most})


@rule("surveillance_told", fields=("surveillance",), source=MARK_RULES)
def surveillance_told(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """What is still to come has not been done; a certificate whose surveillance is overdue or failed is not plainly valid."""
    for row in values.get("surveillance") or ():
        done = str(row.get("done_on") or "")
        if done and sparse_dates.first_day(done) > context.today:
            yield Issue("surveillance_in_future", "surveillance", {"value": done})
    finding = surveillance_finding(values, context.today) if context.status == "valid" else None
    if finding is not None:
        yield Issue(f"{finding.code}_yet_valid", "surveillance", {"day": finding.day})


@rule("items_whole", fields=("indicators",), source="GB/T 33761-2024")
def items_whole(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """An item assessed has its limit and the method by which it was measured."""
    del context
    if not is_chinese(values):
        return
    for row in values.get("indicators") or ():
        name = row.get("name_zh") or row.get("name_en") or ""
        if row.get("limit") is None:
            yield Issue("item_without_limit", "indicators", {"name": name})
        if not row.get("method"):
            yield Issue("item_without_method", "indicators", {"name": name})


@rule(
    "product_of_standard",
    fields=("product_name_zh", "unit_code", "standard_edition"),
    source="《绿色产品评价标准清单及认证目录（第一批）》 (SAMR, April 2018)",
)
def product_of_standard(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A product is assessed to the standard of its kind, where its name tells the kind."""
    del context
    edition = standard_numbers.parse(str(values.get("standard_edition") or ""))
    if edition is None or edition.without_year not in PRODUCT_WORDS:
        return
    named = (values.get(name) for name in ("product_name_zh", "product_name_en", "unit_code"))
    text = " ".join(str(each) for each in named if each).lower()
    if any(word in text for word in PRODUCT_WORDS[edition.without_year]):
        return
    fitting = [number for number, words in PRODUCT_WORDS.items() if any(word in text for word in words)]
    if fitting:
        params = {
            "value": values.get("product_name_zh") or "",
            "standard": edition.without_year,
            "other": fitting[0],
        }
        yield Issue("product_of_other_standard", "standard_edition", params)


@rule("model_covered_or_ended", fields=("models", "models_ended"), source=MARK_RULES)
def model_covered_or_ended(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A model that is no longer covered is not listed as covered."""
    ended = {
        str(row.get("model"))
        for row in values.get("models_ended") or ()
        if not row.get("ended_on") or sparse_dates.first_day(str(row["ended_on"])) <= context.today
    }
    for model in values.get("models") or ():
        if model in ended:
            yield Issue("model_ended_yet_covered", "models", {"value": model})


@rule("carbon_whole", fields=CARBON, source="register")
def carbon_whole(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Footprint value, unit, boundary, method and verifier: all or none."""
    del context
    stated = [name for name in CARBON if values.get(name) is not None]
    if stated and len(stated) < len(CARBON):
        yield Issue("carbon_incomplete", next(name for name in CARBON if values.get(name) is None))


RULES = (
    order_of_dates("issued_on", "valid_to", source=MARK_RULES),
    order_of_dates("issued_on", "reissued_on", source=MARK_RULES),
    not_after_today("issued_on", source=MARK_RULES),
    validity,
    level_of_scheme,
    attributes_of_scheme,
    standard_of_catalogue,
    suspended_in_time,
    edition_in_force,
    body_known,
    route_of_scheme,
    number_of_scheme,
    reason_fits,
    report_in_time,
    laboratory_approved,
    surveillance_of_scheme,
    surveillance_told,
    items_whole,
    product_of_standard,
    model_covered_or_ended,
    carbon_whole,
    all_given(WANTED_IN_CHINA, source=MARK_RULES, when=is_chinese),
    indicators.require_units("indicators", source="GB/T 33761-2024"),
    indicators.ranges_in_order("indicators", source="GB/T 33761-2024"),
    indicators.within_limits("indicators", source="GB/T 33761-2024"),
)

MESSAGES: dict[str, Message | str] = {
    "certificate_no_form": _("“%(value)s” does not have the form of a certificate number."),
    "valid_too_long": _("A certificate of this scheme is valid for at most %(years)s years."),
    "level_not_of_scheme": Message(
        _("This scheme and edition define no level “%(value)s”."), unspoken=("scheme",)
    ),
    "attributes_lacking": _("Attributes are missing for this scheme: %(names)s."),
    "standard_not_known": _("The standard “%(value)s” is not in the register of standards."),
    "edition_not_in_force": _("The edition %(value)s was not in force on %(day)s."),
    "body_not_known": _("The body “%(value)s” is not in the register of bodies."),
    "approval_no_form": _("“%(value)s” does not have the form of an approval number, CNCA-R-2002-001."),
    "body_no_longer_approved": _("The body “%(value)s” was no longer approved on that day."),
    "body_suspended": _("The approval of the body “%(value)s” was suspended on that day."),
    "body_revoked": _(
        "The approval of the body “%(value)s” was revoked by that day, or it is not stated since when."
    ),
    "body_does_not_certify": _("The body “%(value)s” is not a certification body."),
    "surveillance_too_seldom": _(
        "%(value)s months from one surveillance to the next is longer than the scheme allows: %(at_most)s at most."
    ),
    "surveillance_in_future": _(
        "The surveillance of %(value)s lies in the future: it cannot have been done."
    ),
    "surveillance_overdue_yet_valid": _(
        "The status is “Valid”, but a surveillance has been due since %(day)s and none is stated."
    ),
    "surveillance_failed_yet_valid": _("The status is “Valid”, but the surveillance of %(day)s was failed."),
    "item_without_limit": _("The item “%(name)s” has no limit."),
    "item_without_method": _("The item “%(name)s” has no method."),
    "product_of_other_standard": _(
        "By its name, “%(value)s” is not a product of %(standard)s but of %(other)s."
    ),
    "model_ended_yet_covered": _("The model “%(value)s” is listed as covered and as no longer covered."),
    "scheme_out_of_scope": _("The scope of the body “%(value)s” does not name this scheme."),
    "standard_not_of_catalogue": _("“%(value)s” is not a standard of the catalogue of green products."),
    "suspended_too_long": _("A suspension lasts %(months)s months at most."),
    "body_not_yet_approved": _("The body “%(value)s” was not yet approved on that day."),
    "rule_no_form": _("“%(value)s” does not have the form of a certification rule, CNCA-CGP-04-2020."),
    "route_not_of_scheme": _("This scheme does not belong to route %(value)s."),
    "number_not_of_scheme": _("“%(value)s” does not have the form of a number of this scheme."),
    "reason_of_other_state": _("The reason “%(value)s” does not belong to this state."),
    "report_after_issue": _("The report of %(report)s is younger than the certificate of %(issued)s."),
    "laboratory_unproved": _("The register names neither CMA nor CNAS approval of “%(value)s”."),
    "carbon_incomplete": _("A footprint needs value, unit, boundary, method and verifier."),
}
