"""Ending a prepared decision: another person takes it or returns it, who prepared it takes it back.

Taking publishes in one transaction: records, entries, messages, letters and the audit log, or nothing of it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Forbidden, NotFound, Refusal
from registry.kit.decision import (
    LEFT_OUT,
    PREPARED,
    PUBLISHED,
    RETURNED,
    TAKEN,
    TAKEN_BACK,
    DecidedRecord,
    Decision,
)
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.reference.identifiers import personal
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, holder_letters, merging, moves, persons, requests
from registry.services.deciding.checking import CheckedCase, StatedDecision
from registry.services.deciding.preparing import MAX_NOTE_LENGTH, check_records, refused_views
from registry.services.deciding.views import RefusedCaseView
from registry.services.publication import publishing
from registry.services.publication.batch_writer import Authority
from registry.services.publication.transitions import BEFORE_WORDS, FACTS_CORRECTED, MERGED_HERE
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

MAX_ASKED_ABOUT = 20  # records by which it is told whether a decision is within somebody's bounds
CLAIM_LASTS = dt.timedelta(hours=4)  # afterwards somebody else may take the decision up


class NotPossible(Exception):
    """The decision is not possible on some records: the transaction ends, and nothing was published. It leaves no service."""

    def __init__(self, refused: Sequence[CheckedCase]) -> None:
        super().__init__(len(refused))
        self.refused = refused_views(refused)


def take_decision(
    registry: Registry, actor: Actor, decision_id: int, *, leave_out: bool = False
) -> tuple[RefusedCaseView, ...]:
    """Take a decision that another person has prepared, and publish it.

    Returns the records on which it is not possible any more: unless there are none, or `leave_out` says to do without
    them, nothing was published. Raises `NotFound`, `Conflict` (settled or claimed meanwhile; possible on no record) and
    `Forbidden` (prepared by the actor, another role's transition, a suspended account).
    """
    require(actor, Action.TAKE_DECISIONS)
    try:
        with unit_of_work(registry.engine) as connection:
            take_in_transaction(connection, actor, decision_id, leave_out=leave_out)
    except NotPossible as told:
        return told.refused
    return ()


def return_decision(registry: Registry, actor: Actor, decision_id: int, reply: str) -> None:
    """Return a decision to the person who prepared it, with a note. Raises as `take_decision`, and `Invalid` without a note."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        return_in_transaction(connection, actor, decision_id, reply)


def return_in_transaction(connection: Connection, actor: Actor, decision_id: int, reply: str) -> None:
    """Return a decision in the caller's transaction. Raises as `return_decision`."""
    require(actor, Action.TAKE_DECISIONS)
    reply = persons.require_reply(" ".join(reply.split()), at_most=MAX_NOTE_LENGTH)
    row = load_decision(connection, decision_id)
    require_second_person(connection, actor, row)
    _require_within_bounds(connection, actor, row)
    _settle(connection, row, actor, RETURNED, reply=reply)
    _audit(connection, actor, "decision_returned", row)


def take_back_decision(registry: Registry, actor: Actor, decision_id: int) -> None:
    """Take back a decision that the actor has prepared. Raises `NotFound`, `Conflict` and `Forbidden` (another person's)."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        take_back_in_transaction(connection, actor, decision_id)


def take_back_in_transaction(connection: Connection, actor: Actor, decision_id: int) -> None:
    """Take back a decision in the caller's transaction. Raises as `take_back_decision`."""
    require(actor, Action.TAKE_DECISIONS)
    row = load_decision(connection, decision_id)
    persons.require_person(connection, actor)
    if row.prepared_by != actor.user_id:
        raise Forbidden("decision_of_another")
    _require_prepared(row)
    _settle(connection, row, actor, TAKEN_BACK)
    _audit(connection, actor, "decision_taken_back", row)


def claim_decision(registry: Registry, actor: Actor, decision_id: int) -> None:
    """Take up a decision, so that others see that somebody is at it. Raises as `take_decision`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        claim_in_transaction(connection, actor, decision_id)


def claim_in_transaction(connection: Connection, actor: Actor, decision_id: int) -> None:
    """Take up a decision in the caller's transaction. Raises as `claim_decision`."""
    require(actor, Action.TAKE_DECISIONS)
    row = load_decision(connection, decision_id)
    require_second_person(connection, actor, row)
    _require_within_bounds(connection, actor, row)
    _write(connection, row, claimed_by=actor.user_id, claimed_at=clock.now())
    _audit(connection, actor, "decision_claimed", row)


def release_decision(registry: Registry, actor: Actor, decision_id: int) -> None:
    """Let go of a decision that the actor has taken up; do nothing for any other. Raises `NotFound`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        release_in_transaction(connection, actor, decision_id)


def release_in_transaction(connection: Connection, actor: Actor, decision_id: int) -> None:
    """Let go of a decision in the caller's transaction. Raises as `release_decision`."""
    require(actor, Action.TAKE_DECISIONS)
    row = load_decision(connection, decision_id)
    if row.state == PREPARED and row.claimed_by == actor.user_id:
        _write(connection, row, claimed_by=None, claimed_at=None)
        _audit(connection, actor, "decision_released", row)


def load_decision(connection: Connection, decision_id: int, *, lock: bool = True) -> FetchedRow:
    """Return a decision. `lock`: until the end of the transaction. Raises `NotFound`."""
    statement = select(*Decision.__table__.columns).where(Decision.id == decision_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None or row.register not in catalogue():
        raise NotFound("decision", str(decision_id))
    return row


def decision_of_row(row: FetchedRow) -> StatedDecision:
    """Return what a kept decision states. Raises `Conflict` where the table has its transition no longer."""
    definition = catalogue()[row.register]
    if row.transition in (FACTS_CORRECTED, MERGED_HERE):
        return StatedDecision(definition, row.transition, json.loads(row.stated))
    named = [
        move
        for move in moves.desk_moves(definition)
        if move.name == row.transition and move.after == row.after
    ]
    if not named:
        raise Conflict("transition_gone", transition=row.transition)
    return StatedDecision(definition, moves.move_key(definition, named[0]), json.loads(row.stated))


def is_claimed_by_another(row: FetchedRow, actor_id: int | None) -> bool:
    """Return True while another person has taken the decision up."""
    if row.claimed_by in (None, actor_id):
        return False
    return bool(clock.now() - row.claimed_at < CLAIM_LASTS)


def require_second_person(connection: Connection, actor: Actor, row: FetchedRow) -> None:
    """Raise unless the actor may end this decision by taking or returning it: `Conflict` or `Forbidden`."""
    require(actor, Action.TAKE_DECISIONS)
    _require_prepared(row)
    person = persons.require_person(connection, actor)
    if row.prepared_by == person:
        raise Forbidden("decision_is_own")
    if not any(actor.role in move.roles for move in decision_of_row(row).moves):
        raise Forbidden("transition_of_others", role=actor.role, transition=row.transition)
    if is_claimed_by_another(row, person):
        name = persons.names_of(connection, [row.claimed_by]).get(row.claimed_by, "")
        raise Conflict("decision_claimed", name=name)


def _require_within_bounds(connection: Connection, actor: Actor, row: FetchedRow) -> None:
    """Raise `Forbidden` unless a record of the decision lies within the actor's bounds; taking it asks about each of them."""
    require(actor, Action.TAKE_DECISIONS)
    of_decision = (
        select(Record.id)
        .join(DecidedRecord, DecidedRecord.record_id == Record.id)
        .where(DecidedRecord.decision_id == row.id)
        .order_by(Record.id)
        .limit(MAX_ASKED_ABOUT)
    )
    within = connection.execute(of_decision.where(persons.records_in_bounds(connection, actor))).scalars()
    ids = list(within) or list(connection.execute(of_decision).scalars())
    records = cases.fetch_cases(connection, ids)
    hindrances = persons.find_hindrances(connection, actor, records)
    if records and len(hindrances) == len(records):
        first = hindrances[records[0].id]
        raise Forbidden(first.code, **first.params)


def obstacle_of(connection: Connection, actor: Actor, row: FetchedRow) -> Refusal | None:
    """Return why the actor may not end this decision, None where they may. For what a page offers."""
    require(actor, Action.SEE_DESK)
    try:
        require_second_person(connection, actor, row)
    except (Conflict, Forbidden) as refusal:
        return refusal
    return None


def decided_records(connection: Connection, decision_id: int, limit: int | None = None) -> list[FetchedRow]:
    """Return the records of a decision as they are now, with `decided_version` and `outcome`, by number."""
    statement = (
        cases.CASES.add_columns(DecidedRecord.version.label("decided_version"), DecidedRecord.outcome)
        .join(DecidedRecord, DecidedRecord.record_id == Record.id)
        .where(DecidedRecord.decision_id == decision_id)
        .order_by(Record.number)
        .limit(limit)
    )
    return list(connection.execute(statement).all())


def check_again(
    connection: Connection, actor: Actor, row: FetchedRow, records: Sequence[FetchedRow]
) -> list[CheckedCase]:
    """Check a prepared decision on its records as they are now; one that has changed since is refused."""
    require(actor, Action.TAKE_DECISIONS)
    checked = check_records(connection, actor, decision_of_row(row), records)
    is_own = row.prepared_by == actor.user_id  # who may look at it, and does not take it
    filed = set() if is_own else persons.filed_by(connection, int(actor.user_id or 0), records)
    return [
        CheckedCase(
            case.record,
            None,
            (Issue("record_changed", "", {"number": record.number, "version": record.version}),),
        )
        if record.version != record.decided_version
        else CheckedCase(case.record, None, (Issue("filed_by_you"),))
        if record.id in filed
        else case
        for case, record in zip(checked, records, strict=True)
    ]


def take_in_transaction(
    connection: Connection, actor: Actor, decision_id: int, *, leave_out: bool
) -> tuple[RefusedCaseView, ...]:
    """Publish a decision and end it, in the caller's transaction, which holds the publish lock from here on.

    Returns the records that were left out. Raises `NotPossible`, and as `take_decision`.
    """
    require(actor, Action.TAKE_DECISIONS)
    publishing.acquire_publish_lock(connection)
    row = load_decision(connection, decision_id)
    decision = decision_of_row(row)
    require_second_person(connection, actor, row)
    checked = check_again(connection, actor, row, decided_records(connection, decision_id))
    refused = [case for case in checked if case.document is None]
    possible = [case for case in checked if case.document is not None]
    if refused and (decision.merges or not (leave_out and possible)):
        raise NotPossible(refused)
    authority = _authority(actor, decision, row.note)
    published = possible
    if decision.merges:  # the record that remains is published; the other one has its last version then
        remaining, merged = merging.in_order(decision, possible)
        merging.retire(connection, authority, decision, merged=merged, remaining=remaining)
        published = [remaining]
    publish_cases(connection, authority, [(decision, case) for case in published])
    holder_letters.tell_holders(connection, decision, possible, role=actor.role)
    requests.grant_in_transaction(
        connection, actor, decision, [case.record.id for case in possible], decision_id=decision_id
    )
    _settle(connection, row, actor, TAKEN)
    _note_outcomes(connection, decision_id, possible, PUBLISHED)
    _note_outcomes(connection, decision_id, refused, LEFT_OUT)
    numbers = [case.record.number for case in possible]
    details = f"{decision.key} {decision_id}"
    audit_log.record_all(connection, actor, "decision_taken", numbers, details=details)
    return refused_views(refused)


def _authority(actor: Actor, decision: StatedDecision, note: str) -> Authority:
    """On whose word an entry stands; that of a correction or a merge has its basis and, after it, the reason in words."""
    if not decision.has_public_words:
        return Authority(actor.role)
    words = (" ".join(text.split()) for text in (decision.stated.get(moves.LEGAL_BASIS, ""), note))
    return Authority(actor.role, personal.mask_resident_ids(BEFORE_WORDS.join(words)))


def publish_cases(
    connection: Connection, authority: Authority, possible: Sequence[tuple[StatedDecision, CheckedCase]]
) -> None:
    """Publish the documents of decisions in one register; raise `NotPossible` where one does not come to what its decision says."""
    documents = [case.document for _decision, case in possible if case.document is not None]
    outcomes = publishing.publish(connection, possible[0][0].definition, documents, authority)
    wrong = [
        CheckedCase(case.record, None, (outcome.issue or _kept(decision, case),))
        for (decision, case), outcome in zip(possible, outcomes, strict=True)
        if outcome.issue is not None
        or outcome.result != publishing.UPDATED
        or outcome.status != _expected_status(decision, case)
    ]
    if wrong:
        raise NotPossible(wrong)


def _expected_status(decision: StatedDecision, case: CheckedCase) -> str:
    if decision.has_public_words:
        return str(case.record.status)
    return decision.definition.life_cycle.refined(decision.after, _values(case))


def _values(case: CheckedCase) -> Mapping[str, Any]:
    return case.document.values if case.document is not None else {}


def _kept(decision: StatedDecision, case: CheckedCase) -> Issue:
    """A date or a linked record keeps the record in its state."""
    return Issue(
        "status_kept", "status", {"before": case.record.status, "after": decision.after or case.record.status}
    )


def _require_prepared(row: FetchedRow) -> None:
    if row.state != PREPARED:
        raise Conflict("decision_settled")


def _settle(connection: Connection, row: FetchedRow, actor: Actor, state: str, *, reply: str = "") -> None:
    require(actor, Action.TAKE_DECISIONS)
    _write(connection, row, state=state, settled_by=actor.user_id, settled_at=clock.now(), reply=reply)


def _write(connection: Connection, row: FetchedRow, **values: Any) -> None:
    """Change a decision that is still prepared: of two people who end it, one is told."""
    still = (Decision.id == row.id) & (Decision.state == PREPARED)
    if not connection.execute(update(Decision).where(still).values(**values)).rowcount:
        raise Conflict("decision_settled")


def _note_outcomes(
    connection: Connection, decision_id: int, checked: Sequence[CheckedCase], outcome: str
) -> None:
    ids = [case.record.id for case in checked]
    if ids:
        connection.execute(
            update(DecidedRecord)
            .where(DecidedRecord.decision_id == decision_id, DecidedRecord.record_id.in_(ids))
            .values(outcome=outcome)
        )


def _audit(connection: Connection, actor: Actor, action: str, row: FetchedRow) -> None:
    require(actor, Action.TAKE_DECISIONS)
    details = f"{row.transition} {row.id}"
    audit_log.record(connection, actor, action, subject=row.register, details=details)
