"""What holders ask for, at the desk: the queue of those who decide, refusing with a reply, and granting by the decision itself.

A request changes nothing by itself. Granting it is the decision that it asks for, prepared by one person and taken by another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Conflict, Forbidden, NotFound
from registry.kit.display import Words
from registry.kit.life_cycle import Transition
from registry.kit.party_acts import GRANTED, OPEN, REFUSED, DecisionRequest
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, moves, persons, previews
from registry.services.deciding.checking import StatedDecision
from registry.services.deciding.desk_lists import decode_id, encode_place
from registry.services.deciding.views import RequestView
from registry.services.people import memberships
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_LISTED = 50
MAX_REPLY = 2_000  # characters


def list_requests(registry: Registry, actor: Actor, *, limit: int = MAX_LISTED) -> tuple[RequestView, ...]:
    """Return the open requests that the actor's role decides on, within their bounds, the oldest first; for who only reads, all."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        return _views(connection, actor, _waiting(connection, actor), limit=limit)


def list_requests_from(
    registry: Registry, actor: Actor, token: str | None, *, limit: int
) -> tuple[tuple[RequestView, ...], str | None]:
    """Return a page of `list_requests`, and the token of the next one, None at the end. Raises `Invalid` for a wrong token."""
    require(actor, Action.SEE_DESK)
    behind = DecisionRequest.id > (0 if token is None else decode_id(token))
    with read_transaction(registry.engine) as connection:
        found = _views(connection, actor, _waiting(connection, actor) & behind, limit=limit + 1)
    page = found[:limit]
    return page, encode_place(str(page[-1].id)) if len(found) > limit else None


def list_requests_of_record(registry: Registry, actor: Actor, record_id: int) -> tuple[RequestView, ...]:
    """Return those of `list_requests` that are about one record."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        return _views(
            connection, actor, _waiting(connection, actor) & (DecisionRequest.record_id == record_id)
        )


def get_request(registry: Registry, actor: Actor, request_id: int) -> RequestView:
    """Return a request, open or ended. Raises `NotFound` beyond the bounds of the reader, and for other roles."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        seen = _within(connection, actor) & _of_role(actor) & (DecisionRequest.id == request_id)
        found = _views(connection, actor, seen)
    if not found:
        raise NotFound("request", str(request_id))
    return replace(found[0], reads_only=not may(actor, Action.TAKE_DECISIONS))


def refuse_request(registry: Registry, actor: Actor, request_id: int, reply: str) -> None:
    """Refuse a request with a reply that its party reads. Raises `NotFound`, `Conflict` (ended), `Forbidden` and `Invalid`."""
    require(actor, Action.TAKE_DECISIONS)
    reply = persons.require_reply(reply.strip(), at_most=MAX_REPLY)
    with unit_of_work(registry.engine) as connection:
        seen = _within(connection, actor) & _of_role(actor) & (DecisionRequest.id == request_id)
        row = connection.execute(
            select(*DecisionRequest.__table__.columns)
            .join(Record, Record.id == DecisionRequest.record_id)
            .where(seen)
            .with_for_update(of=DecisionRequest)
        ).one_or_none()
        if row is None:
            raise NotFound("request", str(request_id))
        if row.state != OPEN:
            raise Conflict("request_ended")
        person = persons.require_person(connection, actor)
        [record] = cases.fetch_cases(connection, [row.record_id])
        if hindrance := persons.find_hindrances(connection, actor, [record]).get(record.id):
            raise Forbidden(hindrance.code, **hindrance.params)
        connection.execute(
            update(DecisionRequest)
            .where(DecisionRequest.id == row.id)
            .values(state=REFUSED, reply=reply, ended_by=person, ended_at=clock.now())
        )
        audit_log.record(connection, actor, "request_refused", subject=record.number, details=str(row.id))
        move = _move_of(record, row)
        memberships.notify_members(
            connection,
            row.party_id,
            "request_refused",
            number=record.number,
            decision=Words(move.zh, move.en) if move else Words("", ""),
            page=f"{record.register}/{record.slug}",
        )


def grant_in_transaction(
    connection: Connection,
    actor: Actor,
    decision: StatedDecision,
    record_ids: Collection[int],
    *,
    decision_id: int,
) -> None:
    """End the open requests for what a decision has done, in the transaction that publishes it."""
    require(actor, Action.TAKE_DECISIONS)
    if decision.corrects or not record_ids:
        return
    asked = (
        DecisionRequest.record_id.in_(record_ids)
        & (DecisionRequest.state == OPEN)
        & (DecisionRequest.transition == decision.moves[0].name)
    )
    granted = {
        "state": GRANTED,
        "ended_by": actor.user_id,
        "ended_at": clock.now(),
        "decision_id": decision_id,
    }
    connection.execute(update(DecisionRequest).where(asked).values(**granted))


def askable_moves(register: str, status: str) -> tuple[Transition, ...]:
    """Return the transitions from a state that a holder may ask for, and that the desk has."""
    return tuple(
        move for move in moves.desk_moves(catalogue()[register]) if move.on_request and move.before == status
    )


def _waiting(connection: Connection, actor: Actor) -> ColumnElement[bool]:
    """Open, still possible from the state of the record, and of the reader's role and bounds."""
    require(actor, Action.SEE_DESK)
    is_open = (DecisionRequest.state == OPEN) & (DecisionRequest.status == Record.status)
    return is_open & _within(connection, actor) & _of_role(actor)


def _within(connection: Connection, actor: Actor) -> ColumnElement[bool]:
    require(actor, Action.SEE_DESK)
    return persons.records_in_bounds(connection, actor)


def _of_role(actor: Actor) -> ColumnElement[bool]:
    """The condition for what the table gives to the reader's role; for who only reads, for all."""
    if not may(actor, Action.TAKE_DECISIONS):
        return DecisionRequest.id.is_not(None)
    conditions = [
        (Record.register == slug) & (DecisionRequest.transition == name) & (DecisionRequest.after == after)
        for slug, definition in catalogue().items()
        for name, after in {(move.name, move.after) for move in moves.desk_moves(definition, actor.role)}
    ]
    return or_(*conditions) if conditions else DecisionRequest.id.is_(None)


def _views(
    connection: Connection, actor: Actor, condition: ColumnElement[bool], *, limit: int = MAX_LISTED
) -> tuple[RequestView, ...]:
    require(actor, Action.SEE_DESK)
    rows = connection.execute(
        select(*DecisionRequest.__table__.columns)
        .join(Record, Record.id == DecisionRequest.record_id)
        .where(condition)
        .order_by(DecisionRequest.id)
        .limit(limit)
    ).all()
    return request_views(connection, rows)


def request_views(connection: Connection, rows: Sequence[FetchedRow]) -> tuple[RequestView, ...]:
    """Return requests in words. A request whose record has left its state, or whose transition is gone, is void."""
    records = {row.id: row for row in cases.fetch_cases(connection, {row.record_id for row in rows})}
    parties = {
        row.id: titles.title_of(catalogue()[row.register], row)
        for row in connection.execute(
            select(*TITLE_COLUMNS).where(Record.id.in_({row.party_id for row in rows}))
        )
    }
    views = []
    for row in rows:
        record = records[row.record_id]
        move = _move_of(record, row)
        definition = catalogue()[record.register]
        is_void = row.state == OPEN and (record.status != row.status or move is None)
        views.append(
            RequestView(
                id=row.id,
                record=previews.titled(record),
                name=Words(move.zh, move.en) if move else Words(row.transition, row.transition),
                after=definition.life_cycle.state(row.after).view(),
                key=moves.move_key(definition, move) if move else "",
                party=parties[row.party_id],
                text=row.text,
                state="void" if is_void else row.state,
                made_on=row.made_at.astimezone(clock.SHANGHAI).date().isoformat(),
                ended_on=row.ended_at.astimezone(clock.SHANGHAI).date().isoformat() if row.ended_at else "",
                reply=row.reply,
            )
        )
    return tuple(views)


def _move_of(record: FetchedRow, row: FetchedRow) -> Transition | None:
    named = moves.desk_moves(catalogue()[record.register])
    return next(
        (
            move
            for move in named
            if (move.name, move.before, move.after) == (row.transition, row.status, row.after)
        ),
        None,
    )
