"""Whether a decision on a record is possible as the record is now, and the document that it would publish.

The same check runs when a decision is looked at, when it is prepared and when it is taken. What stood against the record
before stands as it did; what the decision itself would make wrong refuses it, whatever the role.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.life_cycle import DECIDED_HERE, SOURCE, SOURCE_DATE, Transition
from registry.kit.rules import RuleContext
from registry.reference.text import sparse_dates
from registry.services.deciding import moves
from registry.services.deciding.cases import existing_record
from registry.services.exchange.stated_cells import stated_cells
from registry.services.publication.existing_records import ExistingRecord
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.sources import FIELD_SOURCES, SOURCES_DIFFER
from registry.services.publication.transitions import RecordState, next_status
from registry.services.publication.validation import RefusedRow, StatedRow, check_row, read_row
from registry.store.base import FetchedRow


@dataclass(frozen=True, slots=True)
class StatedDecision:
    """What a decision states of each of its records. `key`: of its transitions; `stated`: field → text as typed."""

    definition: RegisterDefinition
    key: str
    stated: Mapping[str, str]
    moves: tuple[Transition, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", moves.moves_by_key(self.definition, self.key))

    @property
    def after(self) -> str:
        """The state that it leads to; "" for a correction and a merge, which leave each record in its own."""
        return "" if self.has_public_words else self.moves[0].after

    @property
    def corrects(self) -> bool:
        """True for a correction of facts."""
        return bool(self.moves) and moves.is_correction(self.moves[0])

    @property
    def merges(self) -> bool:
        """True for the merging of a record into another one."""
        return bool(self.moves) and moves.is_merge(self.moves[0])

    @property
    def has_public_words(self) -> bool:
        """True where the entry has the reason in words, after its basis."""
        return self.corrects or self.merges


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """A record beside a decision. `document`: what would be published, None where `issues` stand against it."""

    record: FetchedRow
    document: PreparedDocument | None
    issues: tuple[Issue, ...] = ()

    @property
    def status(self) -> str:
        """The status of the record after the decision; as it is where that is refused."""
        if self.document is None or not self.document.status:
            return str(self.record.status)
        return self.document.status


def check_case(
    decision: StatedDecision,
    record: FetchedRow,
    context: RuleContext,
    *,
    role: str,
    first_entry: dt.datetime | None = None,
    row: int = 1,
) -> CheckedCase:
    """Check a decision by a role on one record. `first_entry`: when it was entered, for transitions with a time limit."""
    move = moves.move_from(decision.moves, record.status)
    if move is None:
        params: dict[str, object] = {"before": record.status, "after": decision.after}
        return CheckedCase(record, None, (Issue("not_a_transition", "status", params),))
    moment = clock.now()
    if not move.is_allowed(role, moment - first_entry if first_entry else dt.timedelta(0)):
        code = "transition_too_late" if role in move.roles else "transition_not_allowed"
        return CheckedCase(
            record, None, (Issue(code, "status", {"after": move.after, "hours": move.within_hours}),)
        )
    existing = existing_record(record)
    issues = (
        *_foreign(decision, move, record, context),
        *_missing(decision, move, existing, context.today),
    )
    checked = _check(decision, move, existing, context, row=row)
    if issues or isinstance(checked, tuple):
        found = checked if isinstance(checked, tuple) else ()
        told = {issue.field for issue in issues}
        return CheckedCase(record, None, (*issues, *(issue for issue in found if issue.field not in told)))
    if moves.ends_publicity(decision.definition, move):
        until = decision.definition.life_cycle.objections_until(move.before, existing.values)
        if until is not None and context.today <= until:
            return CheckedCase(
                record, None, (Issue("objections_still_taken", "", {"due": until.isoformat()}),)
            )
    state = RecordState(record.status, first_entry_at=first_entry)
    if problem := _outcome_problem(decision, move, checked, state, role=role, moment=moment):
        return CheckedCase(record, None, (problem,))
    return CheckedCase(record, checked)


def asked_fields(decision: StatedDecision, record: FetchedRow, context: RuleContext) -> tuple[str, ...]:
    """Return the fields of the form for a record: those of the transition, and what the rules want of the state it leads to."""
    move = moves.move_from(decision.moves, record.status)
    if move is None:
        return ()
    definition = decision.definition
    fields = definition.schema.register_fields()
    names = moves.form_fields(definition, move)
    found = _check(replace(decision, stated={}), move, existing_record(record), context)
    wanted = [issue.field for issue in found if issue.code == "required"] if isinstance(found, tuple) else []
    more = (
        name
        for name in wanted
        if name in fields and fields[name].kind != "rows" and name not in moves.NOT_ASKED
    )
    basis = (moves.LEGAL_BASIS,) if moves.LEGAL_BASIS in names else ()
    return tuple(dict.fromkeys((*(name for name in names if name not in basis), *more, *basis)))


def _foreign(
    decision: StatedDecision, move: Transition, record: FetchedRow, context: RuleContext
) -> Iterator[Issue]:
    """Fields that the decision states and may not: it is no correction of other facts."""
    foreign = set(decision.stated).difference(moves.form_fields(decision.definition, move))
    if foreign:
        foreign -= set(asked_fields(decision, record, context))
    for name in sorted(foreign):
        yield Issue("field_not_of_decision", "", {"name": name[:60]})


def _missing(
    decision: StatedDecision, move: Transition, existing: ExistingRecord, today: dt.date
) -> Iterator[Issue]:
    """What the table wants to be stated with the decision and is not, and a day that is not there yet."""
    for name in (*(move.adds_row.questions() if move.adds_row else ()), *move.needs):
        if not decision.stated.get(name):
            yield Issue("required", name)
    name = moves.day_field(decision.definition, move)
    written = decision.stated.get(name, "")
    if written:
        loaded = decision.definition.schema.load_values({name: written}, complete=False).values
        if name in loaded and sparse_dates.first_day(str(loaded[name])) > today:
            yield Issue("after_today", name, {"value": loaded[name]})
        elif name in loaded and str(loaded[name]) < str(existing.values.get(name) or "")[: len(loaded[name])]:
            yield Issue("before_last_decision", name, {"value": loaded[name], "last": existing.values[name]})


def _check(
    decision: StatedDecision,
    move: Transition,
    existing: ExistingRecord,
    context: RuleContext,
    *,
    row: int = 1,
) -> PreparedDocument | tuple[Issue, ...]:
    """The document that the decision makes of the record, or what it would make wrong."""
    definition = decision.definition
    stated = {name: text for name, text in decision.stated.items() if text}
    emptied: frozenset[str] = frozenset()
    if decision.corrects:  # its basis is that of the entry: the one of the state of the record stays
        cells = stated_cells({name: text for name, text in stated.items() if name != moves.LEGAL_BASIS})
        stated, emptied = cells.values, cells.cleared
        origin: dict[str, Any] = _as_source_of(existing, (*stated, *emptied), context.today)
    else:
        origin = _as_source(existing, context.today)
    raw: dict[str, Any] = {**stated, **origin}
    if move.adds_row:
        raw = {name: value for name, value in raw.items() if name not in move.adds_row.questions()}
        rows = existing.values.get(move.adds_row.table) or ()
        raw[move.adds_row.table] = [*rows, move.adds_row.row(stated, existing.values)]
    if (kept := move.ended_values) and kept.field in stated:
        listed = definition.schema.load_values({kept.field: stated[kept.field]}, complete=False).values
        rows = kept.table_after(existing.values, listed.get(kept.field) or (), context.today)
        if rows:
            raw[kept.table] = rows
        else:
            emptied |= {kept.table}
    if move.after != move.before:
        raw["status"] = move.after
    cleared = frozenset(
        name for name in moves.emptied_fields(definition, move, stated) if existing.values.get(name)
    )
    read = read_row(definition, row, raw, cleared=cleared | emptied)
    checked = check_stated(definition, read, existing, context, may_rekey=decision.corrects)
    if isinstance(checked, tuple):
        return checked
    named = move.name if move.after == move.before else ""
    return replace(checked, amendment_reason=named, transition=move.name)


def check_stated(
    definition: RegisterDefinition,
    read: StatedRow,
    existing: ExistingRecord,
    context: RuleContext,
    *,
    may_rekey: bool = False,
) -> PreparedDocument | tuple[Issue, ...]:
    """Return the document that what a decision states makes of a record, or what it would make wrong.

    What stood against the record before refuses nothing. `may_rekey`: the decision may correct what its number is made of.
    """

    def check(*, registrar: bool) -> PreparedDocument | RefusedRow:
        return check_row(
            definition, read, context, registrar=registrar, existing=existing, may_rekey=may_rekey
        )

    checked = check(registrar=False)
    if isinstance(checked, RefusedRow):
        before = _known(definition, existing, context)
        new = tuple(
            issue
            for issue in checked.issues
            if issue.severity == "blocks" and (issue.code, issue.field) not in before
        )
        if new:
            return new
        checked = check(registrar=True)
        if isinstance(checked, RefusedRow):
            return tuple(issue for issue in checked.issues if issue.severity == "blocks")
    # What the decision states takes the place of what was: an earlier statement of it is no contradiction.
    warnings = [
        issue
        for issue in checked.warnings
        if not (issue.code == SOURCES_DIFFER and issue.field in read.loaded.values)
    ]
    return replace(checked, warnings=tuple(warnings))


def _known(
    definition: RegisterDefinition, existing: ExistingRecord, context: RuleContext
) -> set[tuple[str, str]]:
    """What stands against the record as it is, as (code, field)."""
    as_it_is = check_row(definition, read_row(definition, 1, {}), context, registrar=False, existing=existing)
    issues: Iterable[Issue] = as_it_is.issues if isinstance(as_it_is, RefusedRow) else ()
    return {(issue.code, issue.field) for issue in issues}


def _as_source_of(
    existing: ExistingRecord, names: Iterable[str], today: dt.date
) -> dict[str, dict[str, dict[str, str]]]:
    """The correction as the source of the facts that it states, and of no others: of the state it says nothing.

    Nothing for a record that the register itself keeps.
    """
    if not (source := _as_source(existing, today)):
        return {}
    return {FIELD_SOURCES: {**(existing.values.get(FIELD_SOURCES) or {}), **dict.fromkeys(names, source)}}


def _as_source(existing: ExistingRecord, today: dt.date) -> dict[str, str]:
    """The decision as the source of a record that was taken from one; nothing for a record that the register itself keeps.

    Sheets of an earlier day do not undo it then.
    """
    if not (existing.values.get(SOURCE) or existing.values.get(SOURCE_DATE)):
        return {}
    return {SOURCE: DECIDED_HERE, SOURCE_DATE: today.isoformat()}


def _outcome_problem(
    decision: StatedDecision,
    move: Transition,
    document: PreparedDocument,
    state: RecordState,
    *,
    role: str,
    moment: dt.datetime,
) -> Issue | None:
    """Why publication would not do what the decision says, None where it would."""
    life_cycle = decision.definition.life_cycle
    before = document.amends.values if document.amends else {}
    if move.after == move.before:
        facts, former = ({**values, SOURCE: "", SOURCE_DATE: ""} for values in (document.values, before))
        names = {name.partition(".")[0] for name in decision.stated}
        if not any(facts.get(name) != former.get(name) for name in names):
            return Issue("decision_changes_nothing")
        if move.is_shown_by and not move.is_shown_by(before, document.values):
            return Issue("decision_not_shown")
        return None
    step = next_status(decision.definition, document.values, document.status, state, role=role, moment=moment)
    if isinstance(step, Issue):
        return step
    if step.status != life_cycle.refined(move.after, document.values):
        return Issue("status_kept", "status", {"before": state.status, "after": move.after})
    return None
