"""The watch lists as they are read: at the desk within the bounds of the account, in the workspace for organisations and bodies."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, false, func, literal, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import audit_log
from registry.accounts.membership import ROLES, Membership
from registry.accounts.policy import Action, Actor, require
from registry.i18n import Lang, _, gettext, in_context
from registry.kit.display import Words
from registry.kit.record import Identifier, Link, Record
from registry.kit.watch_lists import HOLDER, ISSUER, WATCH_LISTS
from registry.kit.watched import WatchItem
from registry.reference.code_lists import regions
from registry.reference.text.folding import fold_number
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import moves, persons
from registry.services.people.deciding_rights import BoundColumns
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.services.watch_lists.items import marks_of_register
from registry.services.watch_lists.views import ActView, WatchListsView, WatchQuery, WatchRowView
from registry.store.base import FetchedRow, SelectStatement
from registry.store.unit_of_work import read_transaction, unit_of_work
from registry.tabular.tables import TableFormat, table_chunks

PAGE_SIZE = 50
EXPORT_BATCH = 5_000
MAX_EXPORTED = 200_000  # things in one file
SOON = dt.timedelta(days=30)
LAST_DAY = dt.date.max  # in the order: what has no day comes last
HEADER = (
    _("What is due"),
    _("Date"),
    _("Days left"),
    _("Register"),
    _("Number"),
    in_context("column", "Title"),
    _("Status"),
    _("Holder"),
    _("Issued by"),
    _("Region"),
)
ORDER_DAY = func.coalesce(WatchItem.due_on, literal(LAST_DAY))
ORDER = (ORDER_DAY, WatchItem.record_id, WatchItem.watch)
OF_ITEMS = BoundColumns(WatchItem.record_id, WatchItem.holder_id, WatchItem.issuer_id, WatchItem.region_code)
FILTERS = ("watch", "register", "region", "when")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads. `condition`: what they see; `role`: whose transitions are offered, "" for none; `member_of`: record id → path of its pages."""

    condition: ColumnElement[bool]
    role: str
    member_of: Mapping[int, str]


def get_desk_watch_lists(registry: Registry, actor: Actor, query: WatchQuery) -> WatchListsView:
    """Return what is due on the records within the bounds of the account; for who only reads, on all."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        return _view(connection, _desk_reader(connection, actor), query)


def get_own_watch_lists(registry: Registry, actor: Actor, query: WatchQuery) -> WatchListsView:
    """Return what is due on the records that the actor's organisations hold and their bodies issued, and on their own."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        return _view(connection, _own_reader(connection, actor), query)


def export_desk_watch_lists(
    registry: Registry, actor: Actor, query: WatchQuery, lang: Lang, *, file_format: TableFormat = "csv"
) -> Iterator[bytes]:
    """Return what `get_desk_watch_lists` lists on all pages as a file in chunks, at most `MAX_EXPORTED` lines.

    The export is an act that the audit log records.
    """
    require(actor, Action.SEE_DESK)
    asked = " ".join(f"{name}={value}" for name in (*FILTERS, "named") if (value := getattr(query, name)))
    with unit_of_work(registry.engine) as connection:
        reader = _desk_reader(connection, actor)
        details = f"{asked} format={file_format}".strip()
        audit_log.record(connection, actor, "list_exported", subject="watch", details=details)
    return _table(registry, reader, query, lang, file_format=file_format)


def export_own_watch_lists(
    registry: Registry, actor: Actor, query: WatchQuery, lang: Lang, *, file_format: TableFormat = "csv"
) -> Iterator[bytes]:
    """Return what `get_own_watch_lists` lists on all pages as a file in chunks, at most `MAX_EXPORTED` lines."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        reader = _own_reader(connection, actor)
    return _table(registry, reader, query, lang, file_format=file_format)


def count_own_overdue(registry: Registry, actor: Actor) -> tuple[int, int]:
    """Return how many things are on the lists of the actor's organisations and bodies, and how many of them are overdue."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        reader = _own_reader(connection, actor)
        overdue = func.sum(case((WatchItem.due_on < clock.today(), 1), else_=0))
        row = connection.execute(
            select(func.count(), overdue).select_from(WatchItem).where(listed(), reader.condition)
        ).one()
    return int(row[0]), int(row[1] or 0)


def listed() -> ColumnElement[bool]:
    """Return the condition for what the lists show today."""
    return WatchItem.listed_from <= clock.today()


def concerning(user_id: int | None, *, as_role: tuple[str, ...] = ROLES) -> ColumnElement[bool]:
    """Return the condition for what concerns the organisations and bodies of a person: held, issued, or their own record.

    `as_role`: of their membership.
    """
    own = select(Membership.record_id).where(Membership.user_id == user_id, Membership.role.in_(as_role))
    of_holders, of_issuers = (
        [code for code, each in WATCH_LISTS.items() if party in each.concerns] for party in (HOLDER, ISSUER)
    )
    return or_(
        WatchItem.holder_id.in_(own) & WatchItem.watch.in_(of_holders),
        WatchItem.issuer_id.in_(own) & WatchItem.watch.in_(of_issuers),
        WatchItem.record_id.in_(own) & WatchItem.watch.in_({*of_holders, *of_issuers}),
    )


def _desk_reader(connection: Connection, actor: Actor) -> _Reader:
    role = actor.role if actor.role in moves.DESK_ROLES else ""
    return _Reader(
        persons.records_in_bounds(connection, actor, OF_ITEMS), role, _memberships(connection, actor)
    )


def _own_reader(connection: Connection, actor: Actor) -> _Reader:
    return _Reader(concerning(actor.user_id), "", _memberships(connection, actor))


def _memberships(connection: Connection, actor: Actor) -> dict[int, str]:
    rows = connection.execute(
        select(Record.id, Record.register, Record.slug)
        .join(Membership, Membership.record_id == Record.id)
        .where(Membership.user_id == actor.user_id)
    )
    return {row.id: f"/workspace/{row.register}/{row.slug}" for row in rows}


def _view(connection: Connection, reader: _Reader, query: WatchQuery) -> WatchListsView:
    counts, total = _count(connection, reader, query)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, query.page), pages)
    found = connection.execute(
        _selected(reader, query).order_by(*ORDER).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    ).all()
    registers = catalogue()
    return WatchListsView(
        rows=tuple(_rows(connection, reader, found)),
        total=total,
        page=page,
        pages=pages,
        counts=counts,
        labels={code: each.label for code, each in WATCH_LISTS.items()},
        registers=tuple(
            titles.register_view(definition)
            for slug, definition in registers.items()
            if slug in counts["register"]
        ),
        regions={
            code: Words(regions.label(f"{code}0000", "zh"), regions.label(f"{code}0000", "en"))
            for code in sorted(counts["region"])
            if code
        },
    )


def _always(query: WatchQuery) -> Iterator[ColumnElement[bool]]:
    """What is no filter that is counted by: listed today, and linked to what is named."""
    yield listed()
    if query.named:
        named = select(Identifier.record_id).where(Identifier.key == fold_number(query.named))
        yield WatchItem.record_id.in_(select(Link.from_id).where(Link.to_id.in_(named)))


def _conditions(query: WatchQuery) -> Iterator[ColumnElement[bool]]:
    today = clock.today()
    yield from _always(query)
    if query.watch:
        yield WatchItem.watch == query.watch
    if query.register:
        yield WatchItem.register == query.register
    if query.region:
        yield WatchItem.region_code.startswith(query.region, autoescape=True)
    if query.when:
        yield {
            "overdue": WatchItem.due_on < today,
            "soon": and_(WatchItem.due_on >= today, WatchItem.due_on <= today + SOON),
            "later": WatchItem.due_on > today + SOON,
            "undated": WatchItem.due_on.is_(None),
        }.get(query.when, false())


def _selected(reader: _Reader, query: WatchQuery) -> SelectStatement:
    columns = (WatchItem.record_id, WatchItem.watch, WatchItem.code, WatchItem.due_on)
    return select(*columns).where(*_conditions(query), reader.condition)


def _count(
    connection: Connection, reader: _Reader, query: WatchQuery
) -> tuple[dict[str, dict[str, int]], int]:
    """Count by every filter what passes the others. One statement."""
    today = clock.today()
    when = case(
        (WatchItem.due_on.is_(None), "undated"),
        (WatchItem.due_on < today, "overdue"),
        (WatchItem.due_on <= today + SOON, "soon"),
        else_="later",
    )
    columns = (
        WatchItem.watch,
        WatchItem.register,
        func.substr(WatchItem.region_code, 1, 2).label("of_province"),
        when.label("due_when"),
    )
    rows = connection.execute(
        select(*columns, func.count())
        .select_from(WatchItem)
        .where(*_always(query), reader.condition)
        .group_by(WatchItem.watch, WatchItem.register, "of_province", "due_when")
    ).all()
    asked = tuple(getattr(query, name) for name in FILTERS)
    counts: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
    total = 0
    for *values, number in rows:
        differs = [place for place, value in enumerate(values) if asked[place] and asked[place] != value]
        if not differs:
            total += number
        for place, name in enumerate(FILTERS):
            if not differs or differs == [place]:
                counts[name][values[place]] += number
    return {name: dict(each) for name, each in counts.items()}, total


def _rows(connection: Connection, reader: _Reader, found: Sequence[FetchedRow]) -> Iterator[WatchRowView]:
    ids = {row.record_id for row in found}
    statement = record_queries.select_records().add_columns(Record.holder_id, Record.issuer_id)
    records = {row.id: row for row in connection.execute(statement.where(Record.id.in_(ids)))} if ids else {}
    for each in found:
        yield _row(reader, records[each.record_id], each)


def _row(reader: _Reader, record: FetchedRow, item: FetchedRow) -> WatchRowView:
    definition = catalogue()[record.register]
    left = (item.due_on - clock.today()).days if item.due_on else None
    mark = marks_of_register(record.register).get(item.code) if left is None or left < 0 else None
    return WatchRowView(
        register=titles.register_view(definition),
        number=record.number,
        title=titles.title_of(definition, record),
        status=definition.life_cycle.state(record.status).view(),
        path=titles.record_path(record.register, record.slug),
        holder=titles.holder_view(record),
        issuer=titles.issuer_view(record),
        region=titles.region_of_record(record),
        watch=item.watch,
        label=WATCH_LISTS[item.watch].label,
        mark=mark,
        due=item.due_on.isoformat() if item.due_on else "",
        days_left=left,
        acts=tuple(_acts(reader, record, item)),
    )


def _acts(reader: _Reader, record: FetchedRow, item: FetchedRow) -> Iterator[ActView]:
    """What the reader may do about a thing: file a change for the party that files the record; near its day, a transition of their role."""
    definition = catalogue()[record.register]
    filer = record_queries.filer_id(definition, record)
    pages = reader.member_of.get(filer) if filer is not None else None
    if pages and definition.filing and record.status in definition.filing.amendable_states:
        yield ActView(f"{pages}/{record.register}?find={record.number}", None)
    is_near = item.due_on is None or item.due_on <= clock.today() + SOON
    if not reader.role or not is_near:
        return
    desk = f"/desk/{record.register}/{record.slug}"
    declared = definition.declared_dues()
    found = [each.resolved_by for each in declared if each.code == item.code]
    found += [each.resolved_by for each in declared if each.watch == item.watch]
    names = found[0] if found else ()
    mine = [move for move in moves.desk_moves(definition, reader.role) if move.before == record.status]
    for name in names:
        for move in mine:
            if move.name == name:
                yield ActView(f"{desk}/{moves.move_key(definition, move)}", Words(move.zh, move.en))


def _table(
    registry: Registry, reader: _Reader, query: WatchQuery, lang: Lang, *, file_format: TableFormat
) -> Iterator[bytes]:
    header = [gettext(each, lang) for each in HEADER]
    return table_chunks(file_format, header, _lines(registry, reader, query, lang))


def _lines(
    registry: Registry, reader: _Reader, query: WatchQuery, lang: Lang
) -> Iterator[tuple[object, ...]]:
    after: tuple[dt.date, int, str] | None = None
    left = MAX_EXPORTED
    while left > 0:
        # Each batch has a transaction of its own: a slow reader holds none open.
        with read_transaction(registry.engine) as connection:
            statement = _selected(reader, query).order_by(*ORDER).limit(min(EXPORT_BATCH, left))
            if after is not None:
                statement = statement.where(tuple_(*ORDER) > tuple_(*map(literal, after)))
            found = connection.execute(statement).all()
            rows = list(_rows(connection, reader, found))
        for row in rows:
            yield _cells(row, lang)
        if len(found) < EXPORT_BATCH:
            return
        last = found[-1]
        after = (last.due_on or LAST_DAY, last.record_id, last.watch)
        left -= len(found)


def _cells(row: WatchRowView, lang: Lang) -> tuple[object, ...]:
    parties = (getattr(each.name, lang) or each.name.zh if each else "" for each in (row.holder, row.issuer))
    what = gettext(row.label, lang)
    return (
        f"{what} ({getattr(row.mark, lang)})" if row.mark else what,
        row.due,
        "" if row.days_left is None else row.days_left,
        gettext(row.register.label, lang),
        row.number,
        getattr(row.title, lang) or row.title.zh or row.title.en,
        getattr(row.status, lang),
        *parties,
        getattr(row.region, lang) if row.region else "",
    )
