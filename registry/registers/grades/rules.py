"""Rules of grading results over several fields (draft opinion of SAMR of 2024-09-26)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit import indicators
from registry.kit.approvals import APPROVED, approval_on
from registry.kit.grading import Level, Scheme, WorkedOut, weighted_rank, work_out_levels
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, add_months, all_given, not_after_today, order_of_dates, rule
from registry.messages import Message, Messages
from registry.reference.identifiers import standard_numbers
from registry.reference.text import sparse_dates
from registry.reference.text.folding import fold_name
from registry.registers.grades import scales

DRAFT = "《关于开展产品质量分级的实施意见（征求意见稿）》 (2024-09-26)"


@rule(
    "grade_of_scale",
    fields=("scheme", "grade", "grade_claimed", "grade_before", "indicators", "level_thresholds"),
    source=DRAFT,
)
def grade_of_scale(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Every level that the record names belongs to the scheme's scale; an unknown scheme has no scale to judge by."""
    del context
    scheme = str(values.get("scheme") or "")
    if not scheme:
        return
    known = scales.SCHEMES.find(scheme)
    if known is None:
        yield Issue("scheme_unknown", "scheme", {"value": scheme})
        return
    for name in ("grade", "grade_claimed", "grade_before"):
        label = str(values.get(name) or "")
        if label and known.find_level(label) is None:
            yield Issue("grade_not_of_scale", name, {"value": label, "scheme": scheme})
    for name in ("indicators", "level_thresholds"):
        for row in values.get(name) or ():
            label = str(row.get("level") or "")
            if label and known.find_level(label) is None:
                yield Issue("grade_not_of_scale", name, {"value": label, "scheme": scheme})


@rule(
    "not_marked_higher",
    fields=("scheme", "grade", "grade_before", "grade_claimed"),
    source=f"{DRAFT}: 低级高标",
)
def not_marked_higher(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """No product is marked better than graded; what was claimed before a grade was lowered is held against the grade before."""
    del context
    scheme = str(values.get("scheme") or "")
    given, before, claimed = (
        scales.find_level(scheme, str(values.get(name) or ""))
        for name in ("grade", "grade_before", "grade_claimed")
    )
    best = min(filter(None, (given, before)), key=lambda level: level.rank, default=None)
    if given and best and claimed and claimed.rank < best.rank:
        yield Issue("marked_higher", "grade_claimed", {"claimed": claimed.code, "grade": given.code})


@rule("fresh_evidence", fields=("scheme", "evidence", "graded_on"), source=f"{DRAFT}: 一年内")
def fresh_evidence(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Evidence was there on the day of grading, and is at most so many months older than it."""
    del context
    graded = values.get("graded_on")
    if not graded:
        return
    months = _scheme_of(values).evidence_months
    oldest = add_months(sparse_dates.first_day(str(graded)), -months)
    for place, row in enumerate(values.get("evidence") or (), start=1):
        date, ended = str(row.get("date") or ""), str(row.get("valid_to") or "")
        if date and sparse_dates.last_day(date) < oldest:
            yield Issue("evidence_too_old", "evidence", {"row": place, "months": months})
        if date and sparse_dates.first_day(date) > sparse_dates.last_day(str(graded)):
            yield Issue("evidence_after_grading", "evidence", {"row": place, "value": date})
        if ended and sparse_dates.last_day(ended) < sparse_dates.first_day(str(graded)):
            yield Issue("evidence_ended", "evidence", {"row": place, "value": ended})


@rule("validity", fields=("scheme", "graded_on", "valid_to", "evidence"), source=DRAFT)
def validity(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A grade ends when the scheme says, at the latest; and it does not outlive its evidence."""
    del context
    graded, until = values.get("graded_on"), values.get("valid_to")
    if not until:
        return
    scheme, end = _scheme_of(values), sparse_dates.first_day(str(until))
    months = scheme.validity_months
    if graded and end > add_months(sparse_dates.last_day(str(graded)), months):
        yield Issue("valid_too_long", "valid_to", {"months": months})
    latest = _latest_end_by_evidence(values, scheme)
    if latest and end > latest:
        yield Issue("outlives_evidence", "valid_to", {"value": until, "latest": latest.isoformat()})


def _latest_end_by_evidence(values: Mapping[str, Any], scheme: Scheme) -> dt.date | None:
    """The last day on which a grade may hold by its evidence, None where that says nothing.

    A certificate ends on a day of its own. A report may be so many months old when the product is graded, and the grade
    holds so many months from then.
    """
    days = []
    for row in values.get("evidence") or ():
        if row.get("valid_to"):
            days.append(sparse_dates.last_day(str(row["valid_to"])))
        elif row.get("date"):
            months = scheme.evidence_months + scheme.validity_months
            days.append(add_months(sparse_dates.last_day(str(row["date"])), months))
    return min(days, default=None)


def _scheme_of(values: Mapping[str, Any]) -> Scheme:
    """The record's scheme; for one that is not known, the months of the draft."""
    return scales.SCHEMES.of_record(values) or scales.UNKNOWN


@rule("models_of_product", fields=("subject_type", "models", "service_site"), source=DRAFT)
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


@rule("subject_of_scheme", fields=("scheme", "subject_type"), source=DRAFT)
def subject_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A scheme for produce grades no hotels; institutions render services, so either word fits them."""
    del context
    known, subject = scales.SCHEMES.of_record(values), values.get("subject_type")
    same = {"service": "institution"}
    if known and subject and same.get(subject, subject) != same.get(known.subject, known.subject):
        yield Issue("subject_not_of_scheme", "subject_type", {"value": subject})


@rule(
    "levels_reached",
    fields=("scheme", "indicators", "level_thresholds"),
    source="GB/T 44164-2024",
)
def levels_reached(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The level of each indicator is the one that its value reaches by the thresholds."""
    del context
    for place, row, worked_out in _worked_out(values):
        if not worked_out.contradicts or worked_out.stated is None:
            continue
        params = {**indicators.row_params(place, row), "value": row["value"]}
        params |= _named(level=worked_out.stated)
        if worked_out.reached is None:
            yield Issue("level_not_reached", "indicators", params)
        else:
            yield Issue("level_differs", "indicators", params | _named(reached=worked_out.reached))


@rule(
    "worst_indicator_decides",
    fields=("scheme", "overall_rule", "indicators", "level_thresholds", "grade"),
    source="GB/T 44164-2024",
)
def worst_indicator_decides(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Where the worst indicator decides, the grade is no better than the level any of them reached."""
    del context
    given = scales.SCHEMES.level_of(values)
    if values.get("overall_rule") != "min" or given is None:
        return
    for place, row, worked_out in _worked_out(values):
        if worked_out.level and worked_out.level.rank > given.rank:
            params = indicators.row_params(place, row) | _named(value=worked_out.level)
            yield Issue("indicator_below_grade", "indicators", params)


@rule(
    "weighted_mean_decides",
    fields=("scheme", "overall_rule", "indicators", "level_thresholds", "grade"),
    source="GB/T 44164-2024",
)
def weighted_mean_decides(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """Where the levels are weighted, each has its weight, and the grade is no better than their weighted mean.

    The mean is rounded to a whole level, a half to the worse one.
    """
    del context
    given = scales.SCHEMES.level_of(values)
    if values.get("overall_rule") != "weighted" or given is None:
        return
    levels: list[Level] = []
    weights: list[float] = []
    complete = True
    for place, row, worked_out in _worked_out(values):
        weight = row.get("weight")
        if isinstance(weight, int | float):
            weights.append(weight)
        else:
            yield Issue("weight_missing", "indicators", indicators.row_params(place, row))
        complete = complete and worked_out.level is not None
        if worked_out.level is not None:
            levels.append(worked_out.level)
    if not levels or not complete:
        return
    if len(weights) == len(levels) and any(weights):
        mean = weighted_rank(levels, weights)
    else:  # whatever the weights are, the mean is no better than the best level reached
        mean = min(level.rank for level in levels)
    if given.rank < mean:
        params = _named(grade=given, reached=_scheme_of(values).levels[mean - 1])
        yield Issue("weighted_below_grade", "grade", params)


def _named(**levels: Level) -> dict[str, Any]:
    """Levels as parameters of an issue: each by its label, and by its English name where that differs."""
    labels = {name: level.code for name, level in levels.items()}
    english = {f"{name}_en": level.en_alone for name, level in levels.items() if level.en_alone != level.code}
    return labels | english


def _worked_out(values: Mapping[str, Any]) -> Iterable[tuple[int, Mapping[str, Any], WorkedOut]]:
    """(place from 1, row, level worked out) of each indicator, none for an unknown scheme."""
    scheme = scales.SCHEMES.of_record(values)
    if scheme is None:
        return
    rows = values.get("indicators") or ()
    levels = work_out_levels(scheme, rows, values.get("level_thresholds") or ())
    for place, (row, worked_out) in enumerate(zip(rows, levels, strict=True), start=1):
        yield place, row, worked_out


@rule("standard_of_scheme", fields=("scheme", "standard_edition"), source="GB/T 44164-2024")
def standard_of_scheme(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A product is graded by a standard of its scheme, not by that of another one."""
    del context
    scheme, edition = scales.SCHEMES.of_record(values), str(values.get("standard_edition") or "")
    if scheme is None or not edition:
        return
    family = _family(edition)
    own = {_family(number) for number in scheme.standards}
    of_others = {
        _family(number) for each in scales.SCHEMES.schemes if each is not scheme for number in each.standards
    }
    if family not in own and (own or family in of_others):
        yield Issue(
            "standard_not_of_scheme",
            "standard_edition",
            {"value": edition, "scheme": scheme.name, "scheme_en": scheme.en},
        )


def _family(number: str) -> str:
    """A standard's number without its year."""
    parsed = standard_numbers.parse(number)
    return parsed.without_year if parsed else number


@rule("mark_while_valid", fields=("graded_on", "valid_to", "mark_download"), source=DRAFT)
def mark_while_valid(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The mark is handed out only while the grade is valid."""
    del context
    issued = str(values.get("mark_download") or "")
    first, last = str(values.get("graded_on") or ""), str(values.get("valid_to") or "")
    if issued and ((first and issued < first[: len(issued)]) or (last and issued[: len(last)] > last)):
        yield Issue("mark_outside_validity", "mark_download", {"value": issued})


@rule(
    "status_explained",
    fields=("status_reason", "grade_before", "objections_until"),
    source=DRAFT,
)
def status_explained(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """What was lowered, suspended or taken away says why; a lower grade, what it was before."""
    if context.status in ("downgraded", "suspended", "revoked") and not values.get("status_reason"):
        yield Issue("required", "status_reason")
    if context.status == "downgraded" and not values.get("grade_before"):
        yield Issue("required", "grade_before")
    if context.status == "publicity" and not values.get("objections_until"):
        yield Issue("required", "objections_until")


@rule("lowered_indeed", fields=("scheme", "grade", "grade_before"), source=DRAFT)
def lowered_indeed(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """After a downgrade the grade is worse than before."""
    scheme = str(values.get("scheme") or "")
    now, before = (
        scales.find_level(scheme, str(values.get(name) or "")) for name in ("grade", "grade_before")
    )
    if context.status == "downgraded" and now and before and now.rank <= before.rank:
        yield Issue("not_lowered", "grade", _named(grade=now, before=before))


@rule(
    "grader_known",
    fields=("grader_approval_no", "org_uscc", "graded_on", "scheme"),
    source=DRAFT,
)
def grader_known(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """The grader is in the register of bodies, may grade to this scheme on that day, and is not the enterprise itself."""
    number = values.get("grader_approval_no")
    if not number or context.records is None:
        return
    known = context.records.find_record("bodies", str(number))
    if known is None:
        yield Issue("body_not_known", "grader_approval_no", {"value": number})
        return
    graded = str(values.get("graded_on") or "")
    if graded and approval_on(known, str(known.get("status") or ""), graded).state != APPROVED:
        yield Issue("body_not_approved_then", "grader_approval_no", {"value": number})
    if known.get("uscc") and known.get("uscc") == values.get("org_uscc"):
        yield Issue("graded_itself", "grader_approval_no")
    if not may_grade(values, known):
        yield Issue("grader_of_wrong_kind", "grader_approval_no", {"value": number})
    if not covers_grading(values, str(known.get("scope") or "")):
        yield Issue("grading_out_of_scope", "scheme", {"value": number})


def may_grade(values: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether a body is of a kind that the scheme asks for, a laboratory only with CMA or CNAS.

    What is not stated rules nothing out.
    """
    kind, kinds = body.get("kind"), _scheme_of(values).graders
    if kind == "testing":
        return kind in kinds and bool(body.get("cma_no") or body.get("cnas_no"))
    return kind is None or kind in kinds


def covers_grading(values: Mapping[str, Any], scope: str) -> bool:
    """Whether a scope in words names grading or the scheme; a scope that is not stated rules nothing out."""
    scheme, written = str(values.get("scheme") or "").casefold(), scope.casefold()
    return not scope or any(word in written for word in ("分级", "分等", "等级", "grading", scheme) if word)


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
    subject_of_scheme,
    levels_reached,
    worst_indicator_decides,
    weighted_mean_decides,
    standard_of_scheme,
    mark_while_valid,
    status_explained,
    lowered_indeed,
    grader_known,
    grader_is_another,
    all_given(
        ("subject_type", "grade_claimed", "qualified", "conformity_report", "evidence", "indicators"),
        source=DRAFT,
    ),
    indicators.require_units("indicators", source=DRAFT),
    indicators.ranges_in_order("indicators", source=DRAFT),
)

MESSAGES: Messages = {
    "graded_twice": _(
        "%(number)s grades the same on the same day by the same scheme: which of the two results holds is not known here."
    ),
    "scheme_unknown": _("The grading scheme “%(value)s” is not known here; its grades have no rank."),
    "grade_not_of_scale": _("“%(value)s” is no grade of the scheme “%(scheme)s”."),
    "marked_higher": _("The product is marked %(claimed)s but was graded %(grade)s."),
    "evidence_too_old": _("The evidence in row %(row)s is older than %(months)s months."),
    "evidence_after_grading": _(
        "The evidence in row %(row)s is of %(value)s, after the day of grading: a grade rests on what was there."
    ),
    "evidence_ended": _("The evidence in row %(row)s ended on %(value)s, before the day of grading."),
    "outlives_evidence": _(
        "The grade is to hold until %(value)s, but its evidence allows it until %(latest)s only."
    ),
    "not_qualified": _("Only products that meet the compulsory standard can be graded."),
    "body_not_known": _("The body “%(value)s” is not in the register of bodies."),
    "body_not_approved_then": _("The body “%(value)s” was not approved on that day."),
    "approval_no_form": _("“%(value)s” does not have the form of an approval number, CNCA-R-2002-001."),
    "valid_too_long": _("A grade of this scheme is valid for at most %(months)s months."),
    "subject_not_of_scheme": _("This scheme does not grade what “%(value)s” names."),
    "indicator_below_grade": Message(
        _("Row %(row)s, “%(name)s”: it reached %(value)s only, below the grade."),
        optional=("name_en", "value_en"),
    ),
    "level_not_reached": Message(
        _("Row %(row)s, “%(name)s”: %(value)s does not reach %(level)s by the thresholds."),
        optional=("name_en", "level_en"),
    ),
    "level_differs": Message(
        _("Row %(row)s, “%(name)s”: by the thresholds %(value)s reaches %(reached)s, not %(level)s."),
        optional=("name_en", "level_en", "reached_en"),
    ),
    "weight_missing": Message(
        _("Row %(row)s, “%(name)s”: a weighted grade needs the weight of each indicator."),
        optional=("name_en",),
    ),
    "weighted_below_grade": Message(
        _("The weighted indicators reach %(reached)s, below the grade %(grade)s."),
        optional=("grade_en", "reached_en"),
    ),
    "standard_not_of_scheme": Message(
        _("“%(value)s” is no standard of the scheme “%(scheme)s”."), unspoken=("scheme_en",)
    ),
    "mark_outside_validity": _("On %(value)s the grade was not valid: no mark is issued then."),
    "not_lowered": Message(
        _("%(grade)s is not below the grade before, %(before)s."), optional=("grade_en", "before_en")
    ),
    "grader_of_wrong_kind": _("A body of the kind of “%(value)s” does not grade to this scheme."),
    "grading_out_of_scope": _("The scope of the body “%(value)s” does not name grading."),
    "graded_itself": _("An enterprise cannot grade its own product."),
}
