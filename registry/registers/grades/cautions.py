"""Cautions of grades: what a reader must know beside the status."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.approvals import IssuerDuties
from registry.kit.cautions import CautionKind, linked_in_state, overdue
from registry.registers.grades.life_cycle import LIFE_CYCLE
from registry.registers.grades.rules import covers_grading, may_grade

HOLDER_DEREGISTERED = CautionKind(
    code="holder_deregistered",
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

CAUTIONS = (
    *GRADER.rules(),
    linked_in_state(HOLDER_DEREGISTERED, "held_by", ("deregistered",)),
    linked_in_state(SUPERSEDED_EDITION, "based_on", ("superseded", "withdrawn")),
    overdue(LIFE_CYCLE),
)
