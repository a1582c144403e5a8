"""Records of the bearer of a token that files (the API): listed, read, a decision asked for, a challenge answered; safe to repeat with a key."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import Lang
from registry.kit.party_acts import OPEN, WITHDRAWN, DecisionRequest
from registry.kit.record import Record
from registry.kit.report import OPEN as REPORT_OPEN
from registry.kit.report import Report
from registry.kit.watched import WatchItem
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding.desk_lists import decode_id, encode_place
from registry.services.own_records import asking, reading
from registry.services.own_records.asking import AskedDecision
from registry.services.own_records.parties import RecordAddress
from registry.services.own_records.reading import (
    ChallengeStatement,
    OwnRecordLine,
    OwnRecordsRequest,
    OwnRecordView,
)
from registry.services.people import deciding_rights
from registry.services.people.tokens import (
    KeyedRequest,
    ProgramAnswer,
    TokenBearer,
    answer_once,
    require_filing_scope,
)
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records.reading import locate_record
from registry.services.watch_lists.lists import listed
from registry.store.unit_of_work import read_transaction

CREATED, UPDATED = 201, 200
MAX_QUOTED = 40  # characters


def list_own_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    wanted: OwnRecordsRequest,
    *,
    token: str | None,
    limit: int,
) -> tuple[tuple[OwnRecordLine, ...], str | None]:
    """Return a page of the records of those for whom the token acts, in the order in which they came, and the token of the next page.

    `wanted.needing`: only what is due, challenged, or has an open request. Raises `NotFound` for a register that there is not, `Invalid` for a wrong token.
    """
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=False)
    if wanted.register and wanted.register not in catalogue():
        raise NotFound("register", wanted.register[:MAX_QUOTED], code="register_unknown")
    chosen: list[ColumnElement[bool]] = [true() if token is None else Record.id > decode_id(token)]
    if wanted.register:
        chosen.append(Record.register == wanted.register)
    with read_transaction(registry.engine) as connection:
        mine = _acted_for(connection, actor, bearer)
        chosen.append(or_(Record.holder_id.in_(mine), Record.issuer_id.in_(mine), Record.id.in_(mine)))
        chosen.append(Record.register.in_(catalogue()))  # without those that were merged into others
        if wanted.needing:
            chosen.append(_needs_something(mine))
        rows = connection.execute(
            select(*TITLE_COLUMNS, Record.status, Record.valid_to)
            .where(*chosen)
            .order_by(Record.id)
            .limit(limit + 1)
        ).all()
        lines = reading.record_lines(connection, rows[:limit])
    return lines, encode_place(str(rows[limit - 1].id)) if len(rows) > limit else None


def get_own_record_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, address: RecordAddress, *, lang: Lang
) -> OwnRecordView:
    """Return a record with what its party needs to know, may ask and may answer. Raises `NotFound`, `Forbidden` (`record_of_others`)."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=False)
    return reading.get_own_record(registry, actor, address, lang, party=bearer.filer)


def ask_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    address: RecordAddress,
    *,
    asked: AskedDecision,
    request: KeyedRequest,
) -> ProgramAnswer:
    """Ask those who decide for a transition of a record. The answer is kept with the key of the request. Raises as `asking.ask_in_transaction`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=True)
    pointer = locate_record(registry, actor, address.register, address.number)

    def ask(connection: Connection) -> ProgramAnswer:
        made = asking.ask_in_transaction(connection, actor, pointer.record_id, asked, party=bearer.filer)
        return _answer(connection, pointer.record_id, CREATED, {"request": made, "state": OPEN})

    return answer_once(registry, actor, request, ask)


def withdraw_request_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    address: RecordAddress,
    *,
    request_id: int,
    request: KeyedRequest,
) -> ProgramAnswer:
    """Withdraw an open request on a record. Raises as `asking.withdraw_in_transaction`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=True)
    pointer = locate_record(registry, actor, address.register, address.number)

    def withdraw(connection: Connection) -> ProgramAnswer:
        asking.withdraw_in_transaction(connection, actor, pointer.record_id, request_id, party=bearer.filer)
        told = {"request": request_id, "state": WITHDRAWN}
        return _answer(connection, pointer.record_id, UPDATED, told)

    return answer_once(registry, actor, request, withdraw)


def state_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    address: RecordAddress,
    *,
    statement: ChallengeStatement,
    request: KeyedRequest,
) -> ProgramAnswer:
    """State something on a report that challenges a record, for its party. Raises as `reading.state_in_transaction`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=True)
    pointer = locate_record(registry, actor, address.register, address.number)

    def state(connection: Connection) -> ProgramAnswer:
        reading.state_in_transaction(connection, actor, pointer.record_id, statement, party=bearer.filer)
        return _answer(connection, pointer.record_id, CREATED, {"challenge": statement.report})

    return answer_once(registry, actor, request, state)


def _acted_for(connection: Connection, actor: Actor, bearer: TokenBearer) -> tuple[int, ...]:
    """The organisations and bodies for which the token acts; none where its organisation is not the actor's any more."""
    require(actor, Action.ACT_FOR)
    mine = deciding_rights.bounds_of(connection, actor).memberships
    if bearer.filer is None:
        return tuple(mine)
    named = (Record.register == bearer.filer.register) & (Record.slug == bearer.filer.slug)
    return tuple(connection.execute(select(Record.id).where(named, Record.id.in_(mine))).scalars())


def _needs_something(mine: tuple[int, ...]) -> ColumnElement[bool]:
    """The condition for a record on which something is due, challenged or asked for."""
    party = or_(*(column.in_(mine) for column in reading.PARTIES))
    due = select(WatchItem.record_id).where(listed(), party)
    challenged = select(Report.record_id).where(Report.state == REPORT_OPEN, Report.admitted_at.is_not(None))
    asked = select(DecisionRequest.record_id).where(DecisionRequest.state == OPEN)
    return or_(*(Record.id.in_(each) for each in (due, challenged, asked)))


def _answer(connection: Connection, record_id: int, status: int, told: dict[str, object]) -> ProgramAnswer:
    row = connection.execute(select(Record.register, Record.number).where(Record.id == record_id)).one()
    return ProgramAnswer.of(status, {"register": row.register, "number": row.number, **told})
