"""Neighbours: what a record links to and what links to it, for its page. One statement, one more for long lists."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, and_, bindparam, func, literal, or_, select, union_all

from registry import clock, i18n
from registry.kit.definition import LinkSpec, RegisterDefinition
from registry.kit.record import Link
from registry.registers import catalogue
from registry.services.publication import record_columns, record_queries
from registry.services.records import titles
from registry.services.records.views import LinkedRecordView, LinkGroupView
from registry.store.base import FetchedRow
from registry.store.prepared import PreparedConnection, PreparedSelect

MAX_LISTED_LINKS = 20  # a longer list of links points to the filtered register

TARGET_COLUMNS = (
    record_queries.Target.number,
    record_queries.Target.slug,
    record_queries.Target.title_zh,
    record_queries.Target.title_en,
    record_queries.Target.en_source,
    record_queries.Target.status,
    record_queries.Target.valid_from,
    record_queries.Target.valid_to,
    record_queries.Target.region_code,
    record_queries.Target.holder_zh,
    record_queries.Target.holder_en,
)
LINK_COLUMNS = (Link.relation, Link.from_register, Link.to_register, Link.to_key, *TARGET_COLUMNS)


RECORD_ID: BindParameter[int] = bindparam("record_id")
OUTGOING_LINKS = (
    select(literal("out").label("direction"), *LINK_COLUMNS)
    .outerjoin(record_queries.Target, record_queries.Target.id == Link.to_id)
    .where(Link.from_id == RECORD_ID)
)
COUNT_INCOMING = PreparedSelect(
    select(Link.from_register, Link.relation, func.count().label("total"))
    .where(Link.to_id == RECORD_ID)
    .group_by(Link.from_register, Link.relation)
)


class StatedLink(NamedTuple):
    """An outgoing link as a document states it, with its target where that is in the store."""

    relation: str
    from_register: str
    to_register: str
    to_key: str
    number: str | None
    slug: str | None
    title_zh: str | None
    title_en: str | None
    en_source: str | None
    status: str | None
    valid_from: str | None
    valid_to: str | None
    region_code: str | None
    holder_zh: str | None
    holder_en: str | None
    direction: str = "out"


def links_stated_in(
    connection: Connection, definition: RegisterDefinition, values: Mapping[str, Any]
) -> list[StatedLink]:
    """What a document links to: of an earlier version the links are not kept, but follow from it."""
    keys = list(record_columns.link_keys(definition, values))
    if not keys:
        return []
    by_register: dict[str, list[str]] = {}
    for link in keys:
        by_register.setdefault(link.register, []).append(link.key)
    found = connection.execute(
        select(record_queries.Target.register, record_queries.Target.natural_key, *TARGET_COLUMNS).where(
            or_(
                *(
                    and_(
                        record_queries.Target.register == register,
                        record_queries.Target.natural_key.in_(wanted),
                    )
                    for register, wanted in by_register.items()
                )
            )
        )
    )
    targets = {(row.register, row.natural_key): row[2:] for row in found}
    absent = (None,) * len(TARGET_COLUMNS)
    return [
        StatedLink(
            link.relation,
            definition.slug,
            link.register,
            link.key,
            *targets.get((link.register, link.key), absent),
        )
        for link in keys
    ]


def links_in_both_directions(
    connection: PreparedConnection, register: str, record_id: int
) -> Sequence[FetchedRow]:
    """All outgoing links, and the newest of each kind of incoming ones, in one statement."""
    return _links_statement(register).all(connection, record_id=record_id)


@functools.cache
def _links_statement(register: str) -> PreparedSelect:
    parts = [select(OUTGOING_LINKS.subquery())]
    for from_register, relation in incoming_relations(register):
        part = (
            select(literal("in").label("direction"), *LINK_COLUMNS)
            .join(record_queries.Target, record_queries.Target.id == Link.from_id)
            .where(Link.to_id == RECORD_ID, Link.from_register == from_register, Link.relation == relation)
            .order_by(Link.id.desc())
            .limit(MAX_LISTED_LINKS + 1)
        )
        parts.append(select(part.subquery()))
    return PreparedSelect(union_all(*parts))


@functools.cache
def incoming_relations(register: str) -> tuple[tuple[str, str], ...]:
    """(from register, relation) of every kind of link that may point to this register."""
    return tuple(
        (definition.slug, relation)
        for definition in catalogue().values()
        for relation in dict.fromkeys(
            link.relation for link in definition.all_links() if link.register == register
        )
    )


def _link_spec(register: str, relation: str) -> LinkSpec:
    return next(link for link in catalogue()[register].all_links() if link.relation == relation)


def _heading(definition: RegisterDefinition, direction: str, other: str, relation: str) -> str:
    """Message id of what stands over the links of one kind."""
    if direction == "out":
        return _link_spec(definition.slug, relation).outgoing
    return _link_spec(other, relation).incoming or catalogue()[other].label


def group_links(
    connection: PreparedConnection,
    definition: RegisterDefinition,
    record_id: int,
    slug: str,
    links: Sequence[FetchedRow],
    lang: str,
) -> tuple[LinkGroupView, ...]:
    """Links for the page, in the order of the registers; holder and issuer stand in the title already.

    What both records say of each other ("replaces" here, "replaced by" there) stands once.
    """
    gathered: dict[tuple[str, str, str], list[FetchedRow]] = {}
    parties = {party.relation for party in (definition.holder, definition.issuer) if party}
    said: dict[tuple[str, str], str] = {}  # heading and record → the direction that said it first
    for link in links:
        if link.direction == "out" and (link.relation in parties or link.number is None):
            continue
        other = link.to_register if link.direction == "out" else link.from_register
        once = (_heading(definition, link.direction, other, link.relation), link.slug)
        if said.setdefault(once, link.direction) != link.direction:
            continue
        gathered.setdefault((link.direction, other, link.relation), []).append(link)
    totals = {}
    if any(key[0] == "in" and len(found) > MAX_LISTED_LINKS for key, found in gathered.items()):
        counted = COUNT_INCOMING.all(connection, record_id=record_id)
        totals = {(row.from_register, row.relation): row.total for row in counted}
    groups = []
    for (direction, other, relation), found in gathered.items():
        total, more = len(found), ""
        if direction == "in" and total > MAX_LISTED_LINKS:
            total = totals[other, relation]
            more = f"/{other}?linked={slug}&ended=1"
        groups.append(
            LinkGroupView(
                relation=relation if direction == "out" else f"{other}-{relation}",
                label=_heading(definition, direction, other, relation),
                total=total,
                items=tuple(
                    _linked_record_view(other, link, lang, with_holder=relation != holder_relation(other))
                    for link in found[:MAX_LISTED_LINKS]
                ),
                more_path=more,
            )
        )
    return tuple(groups)


def holder_relation(register: str) -> str:
    """The relation of a register's records to their holders, "" where they have none."""
    party = catalogue()[register].holder
    return party.relation if party else ""


def _linked_record_view(register: str, link: FetchedRow, lang: str, *, with_holder: bool) -> LinkedRecordView:
    """A line of the list; with the holder's name unless the page is the holder's own."""
    target = catalogue()[register]
    status = target.life_cycle.status_on(link.status, {target.valid_to: link.valid_to}, clock.today())
    return LinkedRecordView(
        register=titles.register_view(target),
        number=link.number,
        path=titles.record_path(register, link.slug),
        title=titles.linked_title(register, link.title_zh, link.title_en, link.en_source),
        status=target.life_cycle.state(status).view(),
        holder=titles.bilingual_name(link.holder_zh, link.holder_en, "enterprise", "company")
        if with_holder and link.holder_zh
        else None,
        date=i18n.format_day(link.valid_from, lang) if link.valid_from else "",
    )


def paths_by_text(
    definition: RegisterDefinition, values: Mapping[str, Any], links: Sequence[Any]
) -> dict[tuple[str, str], str]:
    """Which written texts of the document lead to which page."""
    known = {
        (link.to_register, link.to_key): titles.record_path(link.to_register, link.slug)
        for link in links
        if link.direction == "out" and link.slug
    }
    return {
        (spec.field, text): path
        for spec in definition.all_links()
        for text in record_columns.link_texts(spec, values)
        if (path := known.get((spec.register, record_columns.link_key(spec, values, text))))
    }
