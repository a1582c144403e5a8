"""Ending what was filed: the same rules for form, sheet and program.

A holder ends a record with a public reason, or marks it as filed by mistake, without one, for a time after its filing. The legal basis is that of the filing, unless the filer states another one; what
the life cycle wants to be stated with the transition (`Transition.needs`) and is not, refuses the withdrawal.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.filing import Filing, Retraction
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext
from registry.kit.schema import EMPTY_VALUES
from registry.ledger.model import Entry
from registry.reference.text.folding import clean_cell
from registry.registers import catalogue
from registry.services.exchange.stated_cells import CLEARING_CELLS
from registry.services.filing.submission import CheckedFiling, filing_of, says_the_same
from registry.services.publication import validation
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.transitions import DECISION_INCOMPLETE
from registry.services.publication.validation import RefusedRow
from registry.store.base import FetchedRow

STATUS, LEGAL_BASIS = "status", "legal_basis"
MAX_REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """A withdrawal as it is asked for. `day`: of it, as written, "" for today; `legal_basis`: "" for that of the filing.

    `retracts`: the record is to be marked as filed by mistake, without a reason.
    """

    reason: str
    legal_basis: str = ""
    day: str = ""
    retracts: bool = False


def read_withdrawal(
    definition: RegisterDefinition, typed: MutableMapping[str, Any], amends: FetchedRow | None
) -> tuple[Withdrawing | None, tuple[Issue, ...]]:
    """Take the status out of what a sheet or a program states, with the grounds of a withdrawal.

    Returns the withdrawal that it asks for, and what stands against the status. One that the record has, or would begin
    with, says nothing. `amends`: the record that is named, None for none: then there is nothing to withdraw.
    """
    filing = filing_of(definition)
    written = _text(typed.pop(STATUS, None))
    if not written:
        return None, ()
    code = definition.life_cycle.find_status(written)
    if code is None:
        return None, (Issue("status_unknown", STATUS, {"value": written[:60]}),)
    withdrawal = filing.withdrawal
    if filing.retraction is not None and code == filing.retraction.status:
        return Withdrawing("", retracts=True), ()
    if withdrawal is None or code != withdrawal.status:
        if code in _present_states(filing, amends):
            return None, ()
        return None, (Issue("status_not_filed", STATUS, {"value": written[:60]}),)
    names = (withdrawal.reason_field, LEGAL_BASIS, withdrawal.date_field)
    reason, basis, day = (_text(typed.pop(name, None)) for name in names)
    return Withdrawing(reason, basis, day), ()


def ground_issues(
    definition: RegisterDefinition, record: FetchedRow, withdrawing: Withdrawing
) -> Iterator[Issue]:
    """Yield what a withdrawal lacks, and what is wrong with its reason. The register must know withdrawals."""
    filing = filing_of(definition)
    withdrawal = filing.withdrawal
    assert withdrawal is not None
    reason = withdrawing.reason
    if not reason:
        yield Issue("reason_public", withdrawal.reason_field)
    elif len(reason) > MAX_REASON_LENGTH:
        params: dict[str, object] = {"length": len(reason), "at_most": MAX_REASON_LENGTH}
        yield Issue("too_long", withdrawal.reason_field, params)
    move = definition.life_cycle.find_transition(record.status, withdrawal.status)
    given = {
        withdrawal.reason_field: reason or "told",
        LEGAL_BASIS: withdrawing.legal_basis or filing.legal_basis,
    }
    for name in move.needs if move else ():
        if not given.get(name):
            yield Issue(DECISION_INCOMPLETE, name)


def withdrawn_values(
    definition: RegisterDefinition, record: FetchedRow, withdrawing: Withdrawing
) -> dict[str, Any]:
    """Return the values of a record that is withdrawn today, with its status. Everything else stays as it was."""
    withdrawal = filing_of(definition).withdrawal
    assert withdrawal is not None
    grounds = {LEGAL_BASIS: withdrawing.legal_basis} if withdrawing.legal_basis else {}
    return {
        **json.loads(record.document),
        **grounds,
        withdrawal.date_field: clock.today().isoformat(),
        withdrawal.reason_field: withdrawing.reason,
        STATUS: withdrawal.status,
    }


def retractable_ids(
    connection: Connection, definition: RegisterDefinition, statuses: Mapping[int, str]
) -> set[int]:
    """Return those of these records that may still be marked as filed by mistake. `statuses`: id → status."""
    retraction = filing_of(definition).retraction
    if retraction is None:
        return set()
    ids = [record_id for record_id, status in statuses.items() if status in retraction.from_states]
    first: ColumnElement[bool] = (Entry.version == 1) & (Entry.recorded_at > clock.now() - retraction.period)
    return set(connection.execute(select(Entry.record_id).where(Entry.record_id.in_(ids), first)).scalars())


def too_late_to_retract(retraction: Retraction | None) -> dict[str, object]:
    """Return the parameters of `retraction_too_late`: for how many hours it is possible."""
    return {"hours": retraction.period // dt.timedelta(hours=1) if retraction else 0}


def check_withdrawal(
    connection: Connection,
    record: FetchedRow,
    withdrawing: Withdrawing,
    *,
    typed: Mapping[str, Any],
    context: RuleContext,
    row: int = 1,
) -> CheckedFiling:
    """Check a withdrawal by sheet or program. `typed`: the facts that are stated besides; they may say what the record says.

    One that has been withdrawn for this reason already is left as it is, as is one that is marked as filed by mistake.
    """
    definition = catalogue()[record.register]
    document = json.loads(record.document)
    issues = [
        Issue("withdrawal_changes_facts", name)
        for name, value in typed.items()
        if value not in EMPTY_VALUES and not _is_known(definition, record, name, value)
    ]
    if withdrawing.retracts:
        return _check_retraction(connection, record, issues, context=context, row=row)
    filing = filing_of(definition)
    withdrawal = filing.withdrawal
    assert withdrawal is not None
    if record.status == withdrawal.status and not issues and _is_repeated(filing, document, withdrawing):
        prepared = PreparedDocument(row, definition.key.compute(document), document, record.status)
        return CheckedFiling(document, (), prepared)
    if record.status not in filing.amendable_states:
        return CheckedFiling(document, (Issue("not_open", STATUS, {"number": record.number}),), None)
    issues += ground_issues(definition, record, withdrawing)
    today = clock.today().isoformat()
    if withdrawing.day and not says_the_same(definition, withdrawal.date_field, withdrawing.day, today):
        issues.append(Issue("filled_in", withdrawal.date_field, {"value": today}))
    if issues:
        return CheckedFiling(document, tuple(issues), None)
    raw = withdrawn_values(definition, record, withdrawing)
    return _checked_values(definition, raw, context, row=row, legal_basis=withdrawing.legal_basis)


def _check_retraction(
    connection: Connection,
    record: FetchedRow,
    issues: list[Issue],
    *,
    context: RuleContext,
    row: int,
) -> CheckedFiling:
    """Check that a record can be marked as filed by mistake. `issues`: what stands against it already."""
    definition = catalogue()[record.register]
    retraction = filing_of(definition).retraction
    assert retraction is not None
    document = json.loads(record.document)
    if record.status == retraction.status and not issues:
        prepared = PreparedDocument(row, definition.key.compute(document), document, record.status)
        return CheckedFiling(document, (), prepared)
    if not retractable_ids(connection, definition, {record.id: record.status}):
        issues = [*issues, Issue("retraction_too_late", STATUS, too_late_to_retract(retraction))]
    if issues:
        return CheckedFiling(document, tuple(issues), None)
    return _checked_values(definition, {**document, STATUS: retraction.status}, context, row=row)


def _checked_values(
    definition: RegisterDefinition,
    raw: dict[str, Any],
    context: RuleContext,
    *,
    row: int,
    legal_basis: str = "",
) -> CheckedFiling:
    checked = validation.validate_row(definition, row, raw, context, registrar=True)
    if isinstance(checked, RefusedRow):
        blocking = tuple(issue for issue in checked.issues if issue.severity == "blocks")
        return CheckedFiling(raw, blocking, None)
    return CheckedFiling(raw, (), replace(checked, legal_basis=legal_basis))


def _text(value: Any) -> str:
    """What a cell or a JSON value says, in one line; "" for one that says nothing."""
    text = " ".join(clean_cell(str(value or "")).split())
    return "" if text in CLEARING_CELLS else text


def _present_states(filing: Filing, amends: FetchedRow | None) -> tuple[str, ...]:
    if amends is not None:
        return (amends.status,)
    starts = [filing.start, *([filing.postponement.start] if filing.postponement else [])]
    return tuple(start.status for start in starts)


def _is_known(definition: RegisterDefinition, record: FetchedRow, name: str, value: Any) -> bool:
    """True if a stated fact is what the record says already."""
    if name not in definition.schema.register_fields():
        return False
    return says_the_same(definition, name, value, json.loads(record.document).get(name))


def _is_repeated(filing: Filing, document: Mapping[str, Any], withdrawing: Withdrawing) -> bool:
    """True if a record was withdrawn for the reason that is stated again, or if none is stated."""
    assert filing.withdrawal is not None
    known = " ".join(str(document.get(filing.withdrawal.reason_field) or "").split())
    return withdrawing.reason in ("", known)
