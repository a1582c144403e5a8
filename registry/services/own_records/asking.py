"""A holder asks for a decision on their record: to suspend it, to end it, to take up what has changed. It waits at the desk of those who decide."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.kit.party_acts import OPEN, WITHDRAWN, DecisionRequest
from registry.kit.record import Record
from registry.services.bootstrap import Registry
from registry.services.deciding import moves, requests
from registry.services.own_records.parties import HOLDER, OwnRecord, RecordAddress, require_own_record
from registry.services.people import memberships
from registry.services.people.memberships import Represented
from registry.services.records import reading
from registry.store.unit_of_work import unit_of_work

MAX_TEXT = 2_000  # characters
BODY_ROLE = "body"


@dataclass(frozen=True, slots=True)
class AskedDecision:
    """What a holder asks for. `key`: of the transition as addresses name it; `text`: what, why and from which day."""

    key: str
    text: str


def ask_for_decision(registry: Registry, actor: Actor, address: RecordAddress, key: str, *, text: str) -> int:
    """Ask those who decide for a transition of a record; return the id of the request. Raises as `ask_in_transaction`."""
    require(actor, Action.ACT_FOR)
    pointer = reading.locate_record(registry, actor, address.register, address.number)
    with unit_of_work(registry.engine) as connection:
        return ask_in_transaction(connection, actor, pointer.record_id, AskedDecision(key, text))


def ask_in_transaction(
    connection: Connection,
    actor: Actor,
    record_id: int,
    asked: AskedDecision,
    *,
    party: Represented | None = None,
) -> int:
    """Ask for a transition of a record in the transaction of the caller; return the id of the request. `party`: the only one acted for.

    Raises `NotFound` (nothing of that name to ask for from its state), `Forbidden` (`record_of_others`,
    `membership_role_too_low`), `Conflict` (`request_waits`) and `Invalid`.
    """
    require(actor, Action.ACT_FOR)
    text = asked.text.strip()
    if not text:
        raise Invalid((Issue("request_words_wanted", "text"),))
    if len(text) > MAX_TEXT:
        raise Invalid((Issue("too_long", "text", {"length": len(text), "at_most": MAX_TEXT}),))
    # Of two members who ask at the same moment, one is told.
    connection.execute(select(Record.id).where(Record.id == record_id).with_for_update())
    own = require_own_record(connection, actor, record_id, party=party)
    move = require_askable(own, asked.key)
    require_acting(own)
    waiting = (
        (DecisionRequest.record_id == own.row.id)
        & (DecisionRequest.state == OPEN)
        & (DecisionRequest.transition == move.name)
        & (DecisionRequest.status == own.row.status)
    )
    if connection.execute(select(DecisionRequest.id).where(waiting)).first() is not None:
        raise Conflict("request_waits")
    values = {
        "record_id": own.row.id,
        "party_id": own.party.record_id,
        "transition": move.name,
        "after": move.after,
        "status": own.row.status,
        "text": text,
        "state": OPEN,
        "made_at": clock.now(),
    }
    made = insert(DecisionRequest).values(made_by=actor.user_id, **values).returning(DecisionRequest.id)
    request_id = int(connection.execute(made).scalar_one())
    audit_log.record(
        connection, actor, "decision_requested", subject=own.row.number, details=f"{asked.key} {request_id}"
    )
    _tell_body(connection, own, move, request_id)
    return request_id


def withdraw_request(registry: Registry, actor: Actor, address: RecordAddress, request_id: int) -> None:
    """Withdraw an open request of one's own organisation or body. Raises as `withdraw_in_transaction`."""
    require(actor, Action.ACT_FOR)
    pointer = reading.locate_record(registry, actor, address.register, address.number)
    with unit_of_work(registry.engine) as connection:
        withdraw_in_transaction(connection, actor, pointer.record_id, request_id)


def withdraw_in_transaction(
    connection: Connection,
    actor: Actor,
    record_id: int,
    request_id: int,
    *,
    party: Represented | None = None,
) -> None:
    """Withdraw an open request on a record in the transaction of the caller. `party`: the only one acted for.

    Raises `NotFound`, `Forbidden` and `Conflict` (`request_ended`).
    """
    require(actor, Action.ACT_FOR)
    own = require_own_record(connection, actor, record_id, party=party)
    require_acting(own)
    row = connection.execute(
        select(DecisionRequest.id, DecisionRequest.state)
        .where(
            DecisionRequest.id == request_id,
            DecisionRequest.record_id == own.row.id,
            DecisionRequest.party_id == own.party.record_id,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("request", str(request_id))
    if row.state != OPEN:
        raise Conflict("request_ended")
    ended = {"state": WITHDRAWN, "ended_by": actor.user_id, "ended_at": clock.now()}
    connection.execute(update(DecisionRequest).where(DecisionRequest.id == row.id).values(**ended))
    audit_log.record(connection, actor, "request_withdrawn", subject=own.row.number, details=str(request_id))


def askable_by(own: OwnRecord) -> tuple[Transition, ...]:
    """Return what the party may ask for from the state of the record: holders only."""
    return requests.askable_moves(own.row.register, own.row.status) if own.party.side == HOLDER else ()


def require_askable(own: OwnRecord, key: str) -> Transition:
    """Return the transition of this name in an address that may be asked for. Raises `NotFound`."""
    found = next(
        (move for move in askable_by(own) if moves.move_key(own.definition, move) == key),
        None,
    )
    if found is None:
        raise NotFound("transition", key[:60])
    return found


def require_acting(own: OwnRecord) -> None:
    """Raise `Forbidden` unless the reader is editor or owner of the party."""
    if not own.party.acts:
        raise Forbidden("membership_role_too_low", role="viewer")


def _tell_body(connection: Connection, own: OwnRecord, move: Transition, request_id: int) -> None:
    """Write to the body that issued the record, where it is the one that decides; staff see their queue."""
    if BODY_ROLE in move.roles and own.row.issuer_id:
        memberships.notify_members(
            connection,
            own.row.issuer_id,
            "request_made",
            number=own.row.number,
            decision=Words(move.zh, move.en),
            request=str(request_id),
        )
