"""The second person: all decisions of a sheet are taken in one act, or returned; each may also be taken by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Connection, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Forbidden
from registry.kit.decision import (
    PREPARED,
    PUBLISHED,
    RETURNED,
    TAKEN,
    TAKEN_BACK,
    DecidedRecord,
    Decision,
    DecisionSheetRow,
)
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, holder_letters, persons, preparing, settling
from registry.services.deciding.checking import CheckedCase, StatedDecision
from registry.services.deciding.preparing import MAX_NOTE_LENGTH
from registry.services.deciding.settling import NotPossible
from registry.services.deciding.views import RefusedCaseView
from registry.services.decision_sheets import sheets
from registry.services.publication import publishing
from registry.services.publication.batch_writer import Authority
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.unit_of_work import unit_of_work

BATCH_SIZE = 500


def take_sheet(
    registry: Registry, actor: Actor, sheet_id: int, *, leave_out: bool = False
) -> tuple[RefusedCaseView, ...]:
    """Take all decisions of a sheet that wait for the actor's role, and publish them in one act: all of them or none.

    Returns the records on which it is not possible any more; unless there are none, or `leave_out` says to do without them,
    nothing was published. What is left out waits on. Raises `NotFound`, `Conflict` (nothing waits) and `Forbidden`
    (prepared by the actor, transitions of other roles).
    """
    require(actor, Action.TAKE_DECISIONS)
    try:
        with unit_of_work(registry.engine) as connection:
            take_in_transaction(connection, actor, sheet_id, leave_out=leave_out)
    except NotPossible as told:
        return told.refused
    return ()


def take_in_transaction(
    connection: Connection, actor: Actor, sheet_id: int, *, leave_out: bool
) -> tuple[RefusedCaseView, ...]:
    """Take the decisions of a sheet in the caller's transaction, which holds the publish lock from here on.

    Returns the records that were left out. Raises `NotPossible`, and as `take_sheet`.
    """
    require(actor, Action.TAKE_DECISIONS)
    publishing.acquire_publish_lock(connection)
    waiting = _waiting_for(connection, actor, sheet_id)
    checked = _check_again(connection, actor, waiting)
    possible = [(row, decision, case) for row, decision, case in checked if case.document is not None]
    refused = [case for _row, _decision, case in checked if case.document is None]
    if refused and not (leave_out and possible):
        raise NotPossible(refused)
    pairs = [(decision, case) for _row, decision, case in possible]
    settling.publish_cases(connection, Authority(actor.role), pairs)
    for key, group in groupby(pairs, key=lambda pair: pair[0].key):
        together = list(group)
        decided = [case for _decision, case in together]
        holder_letters.tell_holders(connection, together[0][0], decided, role=actor.role)
        numbers = [case.record.number for case in decided]
        audit_log.record_all(connection, actor, "decision_taken", numbers, details=f"{key} sheet {sheet_id}")
    ids = [row.decision_id for row, _decision, _case in possible]
    _end(connection, actor, ids, TAKEN)
    for part in batches(ids, BATCH_SIZE):
        connection.execute(
            update(DecidedRecord).where(DecidedRecord.decision_id.in_(part)).values(outcome=PUBLISHED)
        )
    return preparing.refused_views(refused)


def return_sheet(registry: Registry, actor: Actor, sheet_id: int, reply: str) -> None:
    """Return all decisions of a sheet that wait to the person who prepared them, with a note. Raises as `take_sheet`, and `Invalid`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        return_in_transaction(connection, actor, sheet_id, reply)


def return_in_transaction(connection: Connection, actor: Actor, sheet_id: int, reply: str) -> None:
    """Return the decisions of a sheet in the caller's transaction. Raises as `return_sheet`."""
    require(actor, Action.TAKE_DECISIONS)
    reply = persons.require_reply(" ".join(reply.split()), at_most=MAX_NOTE_LENGTH)
    waiting = _waiting_for(connection, actor, sheet_id)
    records = [row for row, _decision in waiting]
    hindered = persons.find_hindrances(connection, actor, records)
    ids = [row.decision_id for row in records if row.id not in hindered]
    if not ids:
        first = next(iter(hindered.values()))
        raise Forbidden(first.code, **first.params)
    _end(connection, actor, ids, RETURNED, reply=reply)
    sheet = sheets.load_sheet(connection, sheet_id)
    audit_log.record(
        connection, actor, "decision_sheet_returned", subject=sheet.register, details=str(sheet_id)
    )


def take_back_sheet(registry: Registry, actor: Actor, sheet_id: int) -> None:
    """Take back all decisions of one's own sheet that still wait. Raises `NotFound`, `Conflict`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        take_back_in_transaction(connection, actor, sheet_id)


def take_back_in_transaction(connection: Connection, actor: Actor, sheet_id: int) -> None:
    """Take back the decisions of one's own sheet in the caller's transaction. Raises as `take_back_sheet`."""
    require(actor, Action.TAKE_DECISIONS)
    sheet = sheets.own_sheet(connection, actor, sheet_id)
    ids = [row.decision_id for row in _waiting(connection, sheet_id)]
    if not ids:
        raise Conflict("decision_settled")
    _end(connection, actor, ids, TAKEN_BACK)
    audit_log.record(
        connection, actor, "decision_sheet_taken_back", subject=sheet.register, details=str(sheet_id)
    )


def _waiting(connection: Connection, sheet_id: int) -> Sequence[FetchedRow]:
    """The decisions of a sheet that still wait, with the record of each as it is now."""
    return connection.execute(
        cases.CASES.add_columns(
            DecidedRecord.version.label("decided_version"),
            Decision.id.label("decision_id"),
            Decision.transition,
            Decision.after,
            Decision.stated,
            Decision.prepared_by,
            Decision.claimed_by,
            Decision.claimed_at,
        )
        .join(DecidedRecord, DecidedRecord.record_id == Record.id)
        .join(Decision, Decision.id == DecidedRecord.decision_id)
        .join(DecisionSheetRow, DecisionSheetRow.decision_id == Decision.id)
        .where(DecisionSheetRow.sheet_id == sheet_id, Decision.state == PREPARED)
        .order_by(Decision.transition, Decision.after, DecisionSheetRow.row)
    ).all()


def _waiting_for(
    connection: Connection, actor: Actor, sheet_id: int
) -> list[tuple[FetchedRow, StatedDecision]]:
    """The decisions of a sheet that wait for the actor's role. Raises `NotFound`, `Conflict`, `Forbidden`."""
    require(actor, Action.TAKE_DECISIONS)
    person = persons.require_person(connection, actor)
    sheet = sheets.load_sheet(connection, sheet_id)
    waiting = _waiting(connection, sheet_id)
    if not waiting:
        raise Conflict("decision_settled")
    if sheet.made_by == person:
        raise Forbidden("decision_is_own")
    found = [(row, settling.decision_of_row(row)) for row in waiting]
    mine = [pair for pair in found if any(actor.role in move.roles for move in pair[1].moves)]
    if not mine:
        raise Forbidden("transition_of_others", role=actor.role, transition=waiting[0].transition)
    return mine


def _check_again(
    connection: Connection, actor: Actor, waiting: Sequence[tuple[FetchedRow, StatedDecision]]
) -> list[tuple[FetchedRow, StatedDecision, CheckedCase]]:
    """Each decision checked on its record as it is now; not one whose record has changed, or that another person has taken up."""
    require(actor, Action.TAKE_DECISIONS)
    records = [row for row, _decision in waiting]
    filed: set[int] = set()
    for part in batches(records, BATCH_SIZE):
        filed |= persons.filed_by(connection, int(actor.user_id or 0), part)
    checked = preparing.check_pairs(connection, actor, [(decision, row) for row, decision in waiting])
    names = persons.names_of(connection, [row.claimed_by for row in records])
    found = []
    for (row, decision), case in zip(waiting, checked, strict=True):
        issue = None
        if row.version != row.decided_version:
            issue = Issue("record_changed", "", {"number": row.number, "version": row.version})
        elif row.id in filed:
            issue = Issue("filed_by_you")
        elif settling.is_claimed_by_another(row, actor.user_id):
            issue = Issue("decision_claimed", "", {"name": names.get(row.claimed_by, "")})
        found.append((row, decision, CheckedCase(case.record, None, (issue,)) if issue else case))
    return found


def _end(connection: Connection, actor: Actor, ids: Sequence[int], state: str, *, reply: str = "") -> None:
    """End decisions that still wait. Raises `Conflict` where somebody else has ended one of them meanwhile."""
    require(actor, Action.TAKE_DECISIONS)
    values = {"state": state, "settled_by": actor.user_id, "settled_at": clock.now(), "reply": reply}
    for part in batches(ids, BATCH_SIZE):
        still = Decision.id.in_(part) & (Decision.state == PREPARED)
        if connection.execute(update(Decision).where(still).values(**values)).rowcount != len(part):
            raise Conflict("decision_settled")


def count_waiting(connection: Connection, sheet_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return how many decisions of sheets are in which state: sheet → state → number."""
    found: dict[int, dict[str, int]] = {}
    rows = connection.execute(
        select(DecisionSheetRow.sheet_id, Decision.state)
        .join(Decision, Decision.id == DecisionSheetRow.decision_id)
        .where(DecisionSheetRow.sheet_id.in_(sheet_ids))
    )
    for row in rows:
        states = found.setdefault(row.sheet_id, {})
        states[row.state] = states.get(row.state, 0) + 1
    return found
