"""What stands against the rows of a sheet of decisions: each is checked as a decision on its record is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from registry.accounts.policy import Action, Actor, require
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.services.deciding import cases, moves, preparing
from registry.services.deciding.checking import CheckedCase, StatedDecision
from registry.services.deciding.preparing import MAX_EVIDENCE_LENGTH, MAX_NOTE_LENGTH
from registry.services.decision_sheets.columns import (
    MAX_QUOTED,
    NOTE,
    NUMBER,
    PAPERS,
    TRANSITION,
    WrittenRow,
    find_key,
)


@dataclass(frozen=True, slots=True)
class Grounds:
    """What counts for the rows that leave it empty. `key`: of their transition; `stated`: field → text; `evidence`: papers."""

    key: str = ""
    stated: Mapping[str, str] | None = None
    evidence: str = ""

    def complete(self, row: WrittenRow) -> WrittenRow:
        """A row with what it leaves empty."""
        return WrittenRow(
            row.row,
            row.place,
            row.number,
            row.transition or self.key,
            {**(self.stated or {}), **row.stated},
            row.evidence or self.evidence,
            row.note,
            row.issues,
        )


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with its decision and its record, as far as they are known. It is possible where nothing stands against it."""

    written: WrittenRow
    decision: StatedDecision | None = None
    case: CheckedCase | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def is_possible(self) -> bool:
        """True if the decision can be prepared."""
        return not self.issues and self.case is not None and self.case.document is not None


def check_rows(
    connection: Connection,
    actor: Actor,
    definition: RegisterDefinition,
    rows: Sequence[WrittenRow],
    *,
    prepared: bool = False,
) -> list[CheckedRow]:
    """Check rows as decisions of an actor, on records as they are in this transaction. A record is decided on once in a sheet.

    `prepared`: they are decisions already, for which the records wait.
    """
    require(actor, Action.TAKE_DECISIONS)
    numbers = list(dict.fromkeys(row.number for row in rows if row.number))
    named = cases.find_named_cases(connection, definition, numbers)
    seen: dict[int, str] = {}
    read: list[CheckedRow] = []
    for row in rows:
        record = named.get(row.number)
        decision, issues = _decision_of(definition, actor, row, status=record.status if record else "")
        if record is None:
            issues += _number_issues(row)
        elif record.id in seen:
            issues.append(Issue("row_repeats_record", NUMBER, {"row": seen[record.id]}))
        elif not issues:
            seen[record.id] = row.place
        case = CheckedCase(record, None) if record is not None else None
        read.append(CheckedRow(row, decision, case, tuple(issues)))
    open_rows = [row for row in read if not row.issues]
    pairs = [(row.decision, row.case.record) for row in open_rows if row.decision and row.case]
    cases_of_rows = preparing.check_pairs(connection, actor, pairs)
    checked = iter(cases_of_rows if prepared else preparing.without_waiting(connection, cases_of_rows))
    return [row if row.issues else _with_case(row, next(checked)) for row in read]


def without_hindered(connection: Connection, actor: Actor, rows: Sequence[CheckedRow]) -> list[CheckedRow]:
    """Rows that were checked before: those refused that are out of the actor's bounds by now, or wait for a decision."""
    require(actor, Action.TAKE_DECISIONS)
    of_rows = [row.case for row in rows if row.is_possible and row.case]
    again = iter(preparing.without_hindered(connection, actor, of_rows))
    return [_with_case(row, next(again)) if row.is_possible else row for row in rows]


def _with_case(row: CheckedRow, case: CheckedCase) -> CheckedRow:
    return CheckedRow(row.written, row.decision, case, case.issues)


def _number_issues(row: WrittenRow) -> list[Issue]:
    if not row.number:
        return [Issue("required", NUMBER)]
    if any(issue.field == NUMBER for issue in row.issues):
        return []
    return [Issue("number_unknown_here", NUMBER, {"value": row.number[:MAX_QUOTED]})]


def _decision_of(
    definition: RegisterDefinition, actor: Actor, row: WrittenRow, *, status: str
) -> tuple[StatedDecision | None, list[Issue]]:
    """What a row decides, and what stands against it. `status`: of its record, which tells decisions of one name apart."""
    require(actor, Action.TAKE_DECISIONS)
    issues = list(row.issues)
    keys = find_key(definition, row.transition) if row.transition else ()
    if len(keys) > 1:
        leading_on = [key for key in keys if moves.move_from(moves.moves_by_key(definition, key), status)]
        keys = tuple(leading_on) or keys
    if len(keys) != 1:
        issues.append(_transition_issue(row, keys))
        return None, issues
    decision = StatedDecision(definition, keys[0], row.stated)
    if not any(actor.role in move.roles for move in decision.moves):
        issues.append(Issue("transition_of_others", TRANSITION, {"role": actor.role, "transition": keys[0]}))
    if decision.moves[0].evidence and not row.evidence:
        issues.append(Issue("evidence_wanted", PAPERS))
    for name, text, at_most in (
        (PAPERS, row.evidence, MAX_EVIDENCE_LENGTH),
        (NOTE, row.note, MAX_NOTE_LENGTH),
    ):
        if len(text) > at_most:
            issues.append(Issue("too_long", name, {"length": len(text), "at_most": at_most}))
    return decision, issues


def _transition_issue(row: WrittenRow, keys: Sequence[str]) -> Issue:
    if not row.transition:
        return Issue("required", TRANSITION)
    if keys:
        return Issue(
            "decision_unclear",
            TRANSITION,
            {"value": row.transition[:MAX_QUOTED], "possible": ", ".join(keys)},
        )
    return Issue("decision_unknown", TRANSITION, {"value": row.transition[:MAX_QUOTED]})


def keys_of_role(definition: RegisterDefinition, role: str) -> tuple[str, ...]:
    """The keys of the transitions of a register that a role decides."""
    return tuple(
        dict.fromkeys(moves.move_key(definition, move) for move in moves.desk_moves(definition, role))
    )
