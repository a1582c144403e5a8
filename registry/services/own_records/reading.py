"""The records of an organisation or a body in all registers, and one of them with what its parties need, ask and answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.i18n import Lang
from registry.kit.appeals import appeal_against
from registry.kit.display import StatusView, Words
from registry.kit.filing import Filing
from registry.kit.party_acts import OPEN, DecisionRequest
from registry.kit.record import Record
from registry.kit.watch_lists import WATCH_LISTS
from registry.kit.watched import WatchItem
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import requests
from registry.services.deciding.moves import DESK_ROLES, move_key
from registry.services.deciding.views import RequestView
from registry.services.own_records import asking
from registry.services.own_records.parties import OwnRecord, Party, RecordAddress, require_own_record
from registry.services.people.memberships import (
    OrganisationView,
    Represented,
    organisation_view,
    require_membership,
)
from registry.services.publication import record_queries
from registry.services.records import reading, titles
from registry.services.records.views import RecordView, RegisterView, VersionView
from registry.services.reports import statements
from registry.services.reports.views import PutReportView
from registry.services.watch_lists.lists import LAST_DAY, listed
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

PAGE_SIZE = 50
MAX_ENTRIES = 50  # looked through for the decision that has led to the state of today
MAX_REQUESTS = 20
DUE_LAST = literal(LAST_DAY)  # what has no day
PARTIES = (WatchItem.holder_id, WatchItem.issuer_id, WatchItem.record_id)


@dataclass(frozen=True, slots=True)
class DueView:
    """A thing on a watch list. `label`: message id; `due`: its last day, ISO, "" for none; `days_left`: None without a day."""

    label: str
    due: str
    days_left: int | None


@dataclass(frozen=True, slots=True)
class AskableView:
    """What a holder may ask for. `key`: its name in an address; `evidence`: message ids of what it is based on."""

    key: str
    name: Words
    after: StatusView
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnRecordView:
    """A record for one of its parties. `decision`: of the version that has led to its state; `appeal`: message id, "" for nothing to appeal against.

    `files_path`: where the party amends it, without the language, "" where it does not file it.
    """

    record: RecordView
    party: Party
    decision: VersionView | None
    appeal: str
    due: tuple[DueView, ...]
    challenges: tuple[PutReportView, ...]
    requests: tuple[RequestView, ...]
    askable: tuple[AskableView, ...]
    files_path: str


@dataclass(frozen=True, slots=True)
class ChallengeStatement:
    """What a party states. `report`: the id of the one that challenges its record."""

    report: int
    text: str


@dataclass(frozen=True, slots=True)
class OwnRecordLine:
    """A record in the list of its party's records. `asked`: how many requests are open; `challenged`: by a report."""

    register: RegisterView
    number: str
    slug: str
    title: Words
    status: StatusView
    due: tuple[DueView, ...]
    asked: int
    challenged: bool


@dataclass(frozen=True, slots=True)
class OwnRecordsView:
    """A page of the records of an organisation or a body. `counts`: register → number of records, of all; `total`: of the list."""

    organisation: OrganisationView
    lines: tuple[OwnRecordLine, ...]
    registers: tuple[RegisterView, ...]
    counts: Mapping[str, int]
    register: str
    needing: bool
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class OwnRecordsRequest:
    """What is asked of the list. `register`: "" for all; `needing`: only what needs something; `page` from 1."""

    register: str = ""
    needing: bool = False
    page: int = 1


def list_own_records(
    registry: Registry, actor: Actor, where: Represented, wanted: OwnRecordsRequest
) -> OwnRecordsView:
    """Return what an organisation holds and a body has issued in all registers, what needs something first.

    Raises `NotFound` unless the actor is a member.
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, where)
        own = or_(Record.holder_id == mine.id, Record.issuer_id == mine.id, Record.id == mine.id)
        counted = connection.execute(
            select(Record.register, func.count().label("number")).where(own).group_by(Record.register)
        ).all()
        counts = {row.register: int(row.number) for row in counted}
        register = wanted.register if wanted.register in counts else ""
        chosen: list[ColumnElement[bool]] = [own]
        if register:
            chosen.append(Record.register == register)
        first_due = (
            select(WatchItem.record_id, func.min(func.coalesce(WatchItem.due_on, DUE_LAST)).label("due"))
            .where(listed(), or_(*(column == mine.id for column in PARTIES)))
            .group_by(WatchItem.record_id)
            .subquery()
        )
        found = select(*record_queries.TITLE_COLUMNS, Record.status, Record.valid_to).outerjoin(
            first_due, first_due.c.record_id == Record.id
        )
        if wanted.needing:
            chosen.append(first_due.c.record_id.is_not(None))
        total = int(
            connection.execute(
                select(func.count())
                .select_from(Record)
                .outerjoin(first_due, first_due.c.record_id == Record.id)
                .where(*chosen)
            ).scalar_one()
        )
        pages = max(1, -(-total // PAGE_SIZE))
        page = min(max(1, wanted.page), pages)
        rows = connection.execute(
            found.where(*chosen)
            .order_by(first_due.c.record_id.is_(None), first_due.c.due, Record.register, Record.number)
            .offset((page - 1) * PAGE_SIZE)
            .limit(PAGE_SIZE)
        ).all()
        lines = record_lines(connection, rows)
    return OwnRecordsView(
        organisation=organisation_view(mine),
        lines=lines,
        registers=tuple(
            titles.register_view(definition) for slug, definition in catalogue().items() if slug in counts
        ),
        counts=counts,
        register=register,
        needing=wanted.needing,
        total=total,
        page=page,
        pages=pages,
    )


def get_own_record(
    registry: Registry,
    actor: Actor,
    address: RecordAddress,
    lang: Lang,
    *,
    party: Represented | None = None,
) -> OwnRecordView:
    """Return a record with what its party needs to know, may ask and may answer. `party`: the only one acted for.

    Raises `NotFound` and `Forbidden` (`record_of_others`).
    """
    require(actor, Action.ACT_FOR)
    pointer = reading.locate_record(registry, actor, address.register, address.number)
    record = reading.get_record(registry, actor, pointer, lang)
    with read_transaction(registry.engine) as connection:
        own = require_own_record(connection, actor, pointer.record_id, party=party)
        entry = _entry_of_state(connection, own)
        due = _due(connection, [own.row.id]).get(own.row.id, ())
        challenges = statements.list_put_reports(connection, own.row.id, own.party.record_id)
        rows = connection.execute(
            select(*DecisionRequest.__table__.columns)
            .where(
                DecisionRequest.record_id == own.row.id,
                DecisionRequest.party_id == own.party.record_id,
            )
            .order_by(DecisionRequest.id.desc())
            .limit(MAX_REQUESTS)
        ).all()
        asked = requests.request_views(connection, rows)
    state = own.definition.life_cycle.state(record.status.code)
    waiting = {each.key for each in asked if each.state == OPEN}
    return OwnRecordView(
        record=record,
        party=own.party,
        decision=next((each for each in record.history if entry and each.version == entry.version), None),
        appeal=appeal_against(state, entry.actor_role, DESK_ROLES) if entry else "",
        due=due,
        challenges=challenges,
        requests=asked,
        askable=tuple(
            AskableView(
                key,
                Words(move.zh, move.en),
                own.definition.life_cycle.state(move.after).view(),
                move.evidence,
            )
            for move in asking.askable_by(own)
            if own.party.acts and (key := move_key(own.definition, move)) not in waiting
        ),
        files_path=f"{own.party.path}/{own.row.register}?find={own.row.number}"
        if _files(own, own.definition.filing)
        else "",
    )


def get_askable(
    registry: Registry, actor: Actor, address: RecordAddress, key: str, *, lang: Lang
) -> tuple[OwnRecordView, AskableView]:
    """Return a record and what is to be asked for on it. Raises as `get_own_record`, and `NotFound` for what may not be asked for."""
    view = get_own_record(registry, actor, address, lang)
    with read_transaction(registry.engine) as connection:
        pointer = reading.locate_record(registry, actor, address.register, address.number)
        own = require_own_record(connection, actor, pointer.record_id)
    move = asking.require_askable(own, key)
    asking.require_acting(own)
    after = own.definition.life_cycle.state(move.after).view()
    return view, AskableView(key, Words(move.zh, move.en), after, move.evidence)


def state_on_challenge(
    registry: Registry, actor: Actor, address: RecordAddress, report_id: int, *, text: str
) -> None:
    """State something on a report that challenges a record, for its party.

    Raises `NotFound`, `Forbidden`, `Conflict` (`report_ended`, `statements_enough`) and `Invalid`.
    """
    require(actor, Action.ACT_FOR)
    pointer = reading.locate_record(registry, actor, address.register, address.number)
    with unit_of_work(registry.engine) as connection:
        state_in_transaction(connection, actor, pointer.record_id, ChallengeStatement(report_id, text))


def state_in_transaction(
    connection: Connection,
    actor: Actor,
    record_id: int,
    statement: ChallengeStatement,
    *,
    party: Represented | None = None,
) -> None:
    """State something on a challenge in the transaction of the caller. `party`: the only one acted for. Raises as `state_on_challenge`."""
    require(actor, Action.ACT_FOR)
    own = require_own_record(connection, actor, record_id, party=party)
    asking.require_acting(own)
    statements.add_statement(
        connection,
        actor,
        report_id=statement.report,
        record=own.row,
        party_id=own.party.record_id,
        text=statement.text,
    )


def _files(own: OwnRecord, filing: Filing | None) -> bool:
    """True where the party files the record and may change it in its state."""
    if filing is None or filing.application is not None:
        return False
    party = own.definition.filer
    side = "holder" if party is own.definition.holder else "issuer"
    return side == own.party.side and filing.takes_amendments(own.row.status)


def _entry_of_state(connection: Connection, own: OwnRecord) -> FetchedRow | None:
    """The entry that has led to the status of today: the first of the last ones with that status."""
    rows = connection.execute(
        select(Entry.version, Entry.status, Entry.actor_role)
        .where(Entry.record_id == own.row.id)
        .order_by(Entry.version.desc())
        .limit(MAX_ENTRIES)
    ).all()
    found = None
    for row in rows:
        if row.status != own.row.status:
            break
        found = row
    return found


def _due(connection: Connection, ids: Collection[int]) -> dict[int, tuple[DueView, ...]]:
    """What is listed as due on records today, by record, the first day first."""
    rows = connection.execute(
        select(WatchItem.record_id, WatchItem.watch, WatchItem.due_on)
        .where(listed(), WatchItem.record_id.in_(ids))
        .order_by(func.coalesce(WatchItem.due_on, DUE_LAST), WatchItem.watch)
    ).all()
    found: dict[int, list[DueView]] = {}
    for row in rows:
        left = (row.due_on - clock.today()).days if row.due_on else None
        due = row.due_on.isoformat() if row.due_on else ""
        found.setdefault(row.record_id, []).append(DueView(WATCH_LISTS[row.watch].label, due, left))
    return {record_id: tuple(each) for record_id, each in found.items()}


def record_lines(connection: Connection, rows: Sequence[FetchedRow]) -> tuple[OwnRecordLine, ...]:
    """Return records as lines in the lists of their parties; rows have `TITLE_COLUMNS`, status and `valid_to`."""
    ids = [row.id for row in rows]
    if not ids:
        return ()
    due = _due(connection, ids)
    challenged = statements.count_put_reports(connection, ids)
    asked = connection.execute(
        select(DecisionRequest.record_id, func.count().label("number"))
        .where(DecisionRequest.record_id.in_(ids), DecisionRequest.state == OPEN)
        .group_by(DecisionRequest.record_id)
    ).all()
    counts = {row.record_id: int(row.number) for row in asked}
    today = clock.today()
    return tuple(
        OwnRecordLine(
            register=titles.register_view(definition),
            number=row.number,
            slug=row.slug,
            title=titles.title_of(definition, row),
            status=titles.status_on_day(definition, row.status, {definition.valid_to: row.valid_to}, today),
            due=due.get(row.id, ()),
            asked=counts.get(row.id, 0),
            challenged=row.id in challenged,
        )
        for row in rows
        for definition in (catalogue()[row.register],)
    )
