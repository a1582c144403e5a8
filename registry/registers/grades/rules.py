"""Rules of grading results over several fields (draft opinion of SAMR of 2024-09-26)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit import indicators
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, all_given, months_later, not_after_today, order_of_dates, rule
from registry.reference import sparse_dates
from registry.reference.folding import fold_name
from registry.registers.grades import scales

DRAFT = "《关于开展产品质量分级的实施意见（征求意见稿）》 (2024-09-26)"


@rule("grade_of_scale", fields=("scheme", "grade"), source=DRAFT)
def grade_of_scale(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The grade belongs to the scheme's scale; a scheme we do not know has no scale to judge by."""
    del context
    scheme, grade = str(values.get("scheme") or ""), str(values.get("grade") or "")
    if not scheme or not grade:
        return
    if scheme not in scales.SCHEMES:
        yield Issue("scheme_unknown", "scheme", {"value": scheme})
    elif scales.level(scheme, grade) is None:
        yield Issue("grade_not_of_scale", "grade", {"value": grade, "scheme": scheme})


@rule("not_marked_higher", fields=("scheme", "grade", "grade_claimed"), source=f"{DRAFT}: 低级高标")
def not_marked_higher(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No product is marked better than graded."""
    del context
    scheme = str(values.get("scheme") or "")
    given, claimed = (
        scales.level(scheme, str(values.get(name) or "")) for name in ("grade", "grade_claimed")
    )
    if given and claimed and claimed.rank < given.rank:
        yield Issue("marked_higher", "grade_claimed", {"claimed": claimed.code, "grade": given.code})


@rule("fresh_evidence", fields=("scheme", "evidence", "graded_on"), source=f"{DRAFT}: 一年内")
def fresh_evidence(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Evidence is at most twelve months old on the day of grading."""
    del context
    graded = values.get("graded_on")
    if not graded:
        return
    months = _scheme_of(values).evidence_months
    oldest = months_later(sparse_dates.first_day(str(graded)), -months)
    for place, row in enumerate(values.get("evidence") or (), start=1):
        if row.get("date") and sparse_dates.last_day(str(row["date"])) < oldest:
            yield Issue("evidence_too_old", "evidence", {"row": place, "months": months})


@rule("validity", fields=("scheme", "graded_on", "valid_to"), source=DRAFT)
def validity(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No longer than the scheme allows."""
    del context
    graded, until = values.get("graded_on"), values.get("valid_to")
    months = _scheme_of(values).validity_months
    if graded and until:
        latest = months_later(sparse_dates.last_day(str(graded)), months)
        if sparse_dates.first_day(str(until)) > latest:
            yield Issue("valid_too_long", "valid_to", {"months": months})


def _scheme_of(values: Mapping[str, Any]) -> scales.Scheme:
    """The record's scheme; for one that is not known, the months of the draft."""
    name = str(values.get("scheme") or "")
    return scales.SCHEMES.get(name) or scales.Scheme(name, "", ())


@rule("models_of_product", fields=("subject_type", "models", "service_site"), moment="submit", source=DRAFT)
def models_of_product(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A product has models, a service has a site."""
    del context
    if values.get("subject_type") == "service":
        if not values.get("service_site"):
            yield Issue("required", "service_site")
    elif values.get("subject_type", "product") == "product" and not values.get("models"):
        yield Issue("required", "models")


@rule("qualified_first", fields=("qualified",), source=DRAFT)
def qualified_first(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Only what meets the compulsory standard is graded."""
    del context
    if values.get("qualified") is False:
        yield Issue("not_qualified", "qualified")


@rule("grader_known", fields=("grader_approval_no", "org_uscc", "graded_on"), moment="publish", source=DRAFT)
def grader_known(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The grader is in the register of bodies, approved on that day, and is not the enterprise itself."""
    number = values.get("grader_approval_no")
    if not number or context.others is None:
        return
    known = context.others.known("bodies", str(number))
    if known is None:
        yield Issue("body_not_known", "grader_approval_no", {"value": number})
        return
    graded = str(values.get("graded_on") or "")
    begins, ends = str(known.get("valid_from") or ""), str(known.get("valid_to") or "")
    if (graded and begins and graded < begins[: len(graded)]) or (
        graded and ends and graded[: len(ends)] > ends
    ):
        yield Issue("body_not_approved_then", "grader_approval_no", {"value": number})
    if known.get("uscc") and known.get("uscc") == values.get("org_uscc"):
        yield Issue("graded_itself", "grader_approval_no")


@rule("grader_is_another", fields=("grader_name_zh", "org_name_zh"), source=DRAFT)
def grader_is_another(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A third party grades, never the enterprise itself."""
    del context
    grader, enterprise = (str(values.get(name) or "") for name in ("grader_name_zh", "org_name_zh"))
    if grader and fold_name(grader) == fold_name(enterprise):
        yield Issue("graded_itself", "grader_name_zh")


RULES = (
    order_of_dates("graded_on", "valid_to", source=DRAFT),
    not_after_today("graded_on", source=DRAFT),
    grade_of_scale,
    not_marked_higher,
    fresh_evidence,
    validity,
    models_of_product,
    qualified_first,
    grader_known,
    grader_is_another,
    all_given(
        ("subject_type", "grade_claimed", "qualified", "conformity_report", "evidence", "indicators"),
        source=DRAFT,
    ),
    indicators.need_units("indicators", source=DRAFT),
)

WORDS = {
    **indicators.WORDS,
    "scheme_unknown": _("The grading scheme “%(value)s” is not known here; its grades have no rank."),
    "grade_not_of_scale": _("“%(value)s” is no grade of the scheme “%(scheme)s”."),
    "marked_higher": _("The product is marked %(claimed)s but was graded %(grade)s."),
    "evidence_too_old": _("The evidence in row %(row)s is older than %(months)s months."),
    "not_qualified": _("Only products that meet the compulsory standard can be graded."),
    "body_not_known": _("The body “%(value)s” is not in the register of bodies."),
    "body_not_approved_then": _("The body “%(value)s” was not approved on that day."),
    "approval_no_form": _("“%(value)s” does not have the form of an approval number, CNCA-R-2002-001."),
    "valid_too_long": _("A grade of this scheme is valid for at most %(months)s months."),
    "graded_itself": _("An enterprise cannot grade its own product."),
}
