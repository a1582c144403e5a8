"""Cautions of grades: what a reader must know beside the status."""

from __future__ import annotations

from collections.abc import Iterator

from registry.i18n import _
from registry.kit.approvals import IssuerDuties
from registry.kit.cautions import Caution, CautionKind, CautionRule, Subject, linked_in_state, overdue
from registry.kit.editions import edition_notes, edition_params
from registry.kit.watch_lists import LinkedDueDate
from registry.registers.grades.life_cycle import LIFE_CYCLE
from registry.registers.grades.rules import covers_grading, may_grade

HOLDER_DEREGISTERED = CautionKind(
    code="holder_deregistered",
    watch="party",
    zh="持有人已注销",
    en="Holder deregistered",
    sentence=_(
        "The enterprise, %(title)s, has been deregistered: no one answers for this grade any more, and its mark must not "
        "be used on new products."
    ),
    dated=_(
        "The enterprise, %(title)s, was deregistered on %(since)s: no one answers for this grade any more, and its "
        "mark must not be used on new products."
    ),
    not_plain=True,
)
SUPERSEDED_EDITION = CautionKind(
    code="superseded_edition",
    zh="依据旧版标准",
    en="Based on a superseded edition",
    sentence=_(
        "The standard %(number)s, by which this was graded, is no longer the current edition: by the current one the "
        "grade may be another."
    ),
    dated=_(
        "The standard %(number)s, by which this was graded, has not been the current edition since %(since)s: by the "
        "current one the grade may be another."
    ),
)
GRADER = IssuerDuties(
    relation="graded_by",
    day_fields=("graded_on",),
    may_issue=may_grade,
    covers=covers_grading,
    scope_fields=("scheme",),
)

OLDER_EDITION_USABLE = _("Grades by the older edition can be used until %(until)s.")
OLDER_EDITION_OVER = _("Grades by the older edition could be used until %(until)s.")


def check_edition(subject: Subject) -> Iterator[Caution]:
    """The edition by which was graded is the current one."""
    for standard in subject.linked_by("based_on"):
        if standard.status in ("superseded", "withdrawn"):
            yield Caution(
                SUPERSEDED_EDITION.code,
                {
                    "number": standard.number,
                    "title": standard.title,
                    "since": standard.since,
                    **edition_params(standard.values),
                },
                tuple(
                    edition_notes(
                        standard.values, subject.today, usable=OLDER_EDITION_USABLE, over=OLDER_EDITION_OVER
                    )
                ),
            )


LINKED_DUE_DATES = (
    LinkedDueDate(
        code=SUPERSEDED_EDITION.code,
        watch="standard",
        states=("valid", "downgraded", "under_check", "suspended"),
        zh=SUPERSEDED_EDITION.zh,
        en=SUPERSEDED_EDITION.en,
        relation="based_on",
        when=("superseded", "withdrawn"),
        field="transition_until",
        or_given=("transition_until",),
        resolved_by=("withdrawn", "revoked"),
    ),
)

CAUTIONS = (
    *GRADER.rules(),
    linked_in_state(HOLDER_DEREGISTERED, "held_by", ("deregistered",)),
    CautionRule(kinds=(SUPERSEDED_EDITION,), check=check_edition, relations=("based_on",), reads_values=True),
    overdue(LIFE_CYCLE),
)
