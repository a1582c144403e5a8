"""What other registers have on record of an organisation, a standard or a body: one list for each register.

A record that is linked in several ways (held and made by one firm) is listed and counted once, with each of its roles. What is
in force comes first, what has ended last, the newest of each at the top. Lists are bounded; the counts are those of all records.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, literal, null, or_, select

from registry import clock, i18n
from registry.kit.record import Link, Record
from registry.registers import catalogue
from registry.services.publication import record_queries
from registry.services.records import cautions, titles
from registry.services.records.facets import facet_names
from registry.services.records.views import LinkedRecordView, LinkGroupView, StatusCountView
from registry.store.base import FetchedRow, SelectStatement
from registry.store.prepared import PreparedConnection, PreparedSelect

MAX_LISTED = 20  # records of one register on a page, and as many ended ones; the others are behind a link
Target = record_queries.Target


class RelationKind(NamedTuple):
    """A kind of link: the register that states it, and its relation."""

    from_register: str
    relation: str


class HoldingCount(NamedTuple):
    """How many records of a register with one status are linked to the record. `valid_to`: a day that has passed, or ""."""

    register: str
    status: str
    valid_to: str
    total: int


@functools.cache
def incoming_relations(register: str) -> tuple[RelationKind, ...]:
    """Return every kind of link that may point to a record of this register."""
    return tuple(
        RelationKind(definition.slug, relation)
        for definition in catalogue().values()
        for relation in dict.fromkeys(
            link.relation for link in definition.all_links() if link.register == register
        )
    )


@functools.cache
def registers_holding(register: str) -> tuple[str, ...]:
    """Return the other registers whose records may be linked to one of this register."""
    linking = dict.fromkeys(kind.from_register for kind in incoming_relations(register))
    return tuple(slug for slug in linking if slug != register)


def select_newest_links(register: str, holding: str, columns: Sequence[Any]) -> SelectStatement:
    """Select the links from another register, of `columns`, with `direction`: what is in force first, what has ended last, the newest of each first.

    The parameter `record_id` is the record that they point to. Links of one record stand together.
    """
    kinds = [kind for kind in incoming_relations(register) if kind.from_register == holding]
    by_standing: dict[str, list[str]] = {}
    for state in catalogue()[holding].life_cycle.states:
        by_standing.setdefault(state.standing, []).append(state.code)
    in_force, ended = by_standing.get("in_force", []), by_standing.get("ended", [])
    standing = case((is_any_of(Target.status, in_force), 0), (is_any_of(Target.status, ended), 2), else_=1)
    return (
        select(literal("in").label("direction"), *columns, null().label("target_document"))
        .join(Target, Target.id == Link.from_id)
        .where(Link.to_id == bindparam("record_id"), Link.from_register == holding)
        .order_by(standing, Target.valid_from.desc(), Target.id.desc())
        .limit((2 * MAX_LISTED + 1) * len(kinds))
    )


def is_any_of(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values; prepared statements take no lists."""
    return or_(*(column == value for value in values), literal(1) == literal(0))


@functools.cache
def _count_statement(register: str) -> PreparedSelect:
    """Count the records of each other register by status; those whose validity has passed by the day of it as well."""
    dated = {
        code
        for slug in registers_holding(register)
        for change in catalogue()[slug].life_cycle.date_changes
        for code in change.before
    }
    passed = and_(
        Target.valid_to != "", Target.valid_to < bindparam("today"), is_any_of(Target.status, sorted(dated))
    )
    valid_to = case((passed, Target.valid_to), else_="")
    linked = (
        select(Link.from_id)
        .where(Link.to_id == bindparam("record_id"), Link.from_register != register)
        .distinct()
        .subquery()
    )
    return PreparedSelect(
        select(
            Target.register.label("register"),
            Target.status.label("status"),
            valid_to.label("valid_to"),
            func.count().label("total"),
        )
        .join_from(linked, Target, Target.id == linked.c.from_id)
        .group_by(Target.register, Target.status, valid_to)
    )


def count_holdings(
    connection: PreparedConnection, register: str, record_id: int, links: Sequence[FetchedRow]
) -> tuple[HoldingCount, ...]:
    """Count what other registers have by status; the database is asked only if `links` do not hold all of it."""
    incoming = Counter(link.from_register for link in links if link.direction == "in")
    kinds = Counter(kind.from_register for kind in incoming_relations(register))
    if all(incoming[slug] < (2 * MAX_LISTED + 1) * kinds[slug] for slug in registers_holding(register)):
        return ()
    today = clock.today().isoformat()
    rows = _count_statement(register).all(connection, record_id=record_id, today=today)
    return tuple(HoldingCount(row.register, row.status, row.valid_to, row.total) for row in rows)


def _counts_of_listed(rows: Iterable[FetchedRow], slug: str) -> Iterator[HoldingCount]:
    """Yield each record of a list as a count of its own."""
    for row in rows:
        yield HoldingCount(slug, row.status, row.valid_to, 1)


@functools.cache
def _is_held_in_force(register: str) -> ColumnElement[bool]:
    """The condition that a record may be held by one of this register, and is in force."""
    held = (catalogue()[slug] for slug in facet_names.registers_held_by(register))
    return or_(
        *(
            and_(
                Record.register == definition.slug,
                Record.status.in_(
                    [state.code for state in definition.life_cycle.states if state.standing == "in_force"]
                ),
            )
            for definition in held
        )
    )


def registers_held_in_force(
    connection: Connection, records: Iterable[FetchedRow]
) -> dict[int, tuple[str, ...]]:
    """Return record id → slugs of the registers of which it holds a record in force, in the order of the registers.

    One statement for the records of each register that may hold some, none for others.
    """
    held: dict[int, set[str]] = {}
    by_register: dict[str, list[int]] = {}
    for row in records:
        if facet_names.registers_held_by(row.register):
            by_register.setdefault(row.register, []).append(row.id)
    for register, ids in by_register.items():
        statement = (
            select(Record.holder_id, Record.register)
            .where(Record.holder_id.in_(ids), _is_held_in_force(register))
            .distinct()
        )
        for row in connection.execute(statement):
            held.setdefault(row.holder_id, set()).add(row.register)
    return {
        record_id: tuple(slug for slug in catalogue() if slug in slugs) for record_id, slugs in held.items()
    }


def holdings_of(
    record: FetchedRow,
    links: Sequence[FetchedRow],
    counted: Sequence[HoldingCount],
    lang: str,
    *,
    day: dt.date,
) -> tuple[LinkGroupView, ...]:
    """Return one list for each register that has something on record of the record, in the order of the registers.

    `links`: of `select_newest_links`; `counted`: of `count_holdings`.
    """
    views = []
    for slug in registers_holding(record.register):
        rows = [link for link in links if link.direction == "in" and link.from_register == slug]
        if rows:
            counts = [each for each in counted if each.register == slug]
            views.append(_holding_view(record, slug, rows, counts, lang=lang, day=day))
    return tuple(views)


def _holding_view(
    record: FetchedRow,
    slug: str,
    rows: Sequence[FetchedRow],
    counted: Sequence[HoldingCount],
    *,
    lang: str,
    day: dt.date,
) -> LinkGroupView:
    definition = catalogue()[slug]
    records = {row.slug: row for row in rows}  # in the order of the rows
    relations: dict[str, list[str]] = {}
    for row in rows:
        relations.setdefault(row.slug, []).append(row.relation)
    totals: Counter[str] = Counter()
    for each in counted or _counts_of_listed(records.values(), slug):
        code = definition.life_cycle.status_on(each.status, {definition.valid_to: each.valid_to}, day)
        totals[code] += each.total
    statuses = tuple(
        StatusCountView(
            state.view(), totals[state.code], _list_path(slug, record.slug, state.code, state.standing)
        )
        for state in definition.life_cycle.states
        if totals[state.code]
    )
    roles = _roles(record.register, slug)
    has_one_role = len({relation for each in relations.values() for relation in each}) == 1
    holder = definition.holder.relation if definition.holder else ""
    listed = []
    for row in records.values():
        of_record = relations[row.slug]
        view = linked_record_view(slug, row, lang, day=day, with_holder=holder not in of_record)
        shown = (
            () if has_one_role else tuple(role for name, role in roles.items() if name in of_record and role)
        )
        listed.append(view._replace(roles=shown))
    current = [each for each in listed if each.status and each.status.standing != "ended"]
    ended = [each for each in listed if each.status and each.status.standing == "ended"]
    ended_total = sum(each.total for each in statuses if each.status.standing == "ended")
    only = next(iter(roles)) if len(roles) == 1 else ""
    spec = next((link for link in definition.links if link.relation == only), None)
    total = totals.total()
    return LinkGroupView(
        relation=slug,
        label=(spec.incoming if spec else "") or definition.label,
        total=total,
        items=tuple(current[:MAX_LISTED]),
        more_path=f"/{slug}?linked={record.slug}" if total - ended_total > MAX_LISTED else "",
        register=titles.register_view(definition),
        statuses=statuses,
        ended=tuple(ended[:MAX_LISTED]),
        ended_total=ended_total,
        ended_path=f"/{slug}?linked={record.slug}&standing=ended&ended=1" if ended_total else "",
    )


def _list_path(slug: str, linked: str, status: str, standing: str) -> str:
    """Return the path of the list of a register's records with one status that are linked to a record."""
    return f"/{slug}?linked={linked}&status={status}" + ("&ended=1" if standing == "ended" else "")


@functools.cache
def _roles(register: str, holding: str) -> Mapping[str, str]:
    """Return what a record of `register` may be to one of the register `holding`: relation → message id."""
    links = catalogue()[holding].all_links()
    return {link.relation: link.role for link in links if link.register == register}


def linked_record_view(
    register: str, link: FetchedRow, lang: str, *, day: dt.date, with_holder: bool
) -> LinkedRecordView:
    """Return a linked record as a line of a list, with its status on a day."""
    target = catalogue()[register]
    code = target.life_cycle.status_on(link.status, {target.valid_to: link.valid_to}, day)
    status, marks = cautions.stored_marks(target.life_cycle.state(code).view(), link.caution_codes)
    return LinkedRecordView(
        register=titles.register_view(target),
        number=link.number,
        path=titles.record_path(register, link.slug),
        title=titles.linked_title(register, link.title_zh, link.title_en, link.en_source),
        status=status,
        marks=marks,
        holder=titles.bilingual_name(link.holder_zh, link.holder_en, "enterprise", "company")
        if with_holder and link.holder_zh
        else None,
        date=i18n.format_day(link.valid_from, lang) if link.valid_from else "",
    )
