"""What a record links to and what links to it, for its page: one statement, and one more for long lists."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import BindParameter, Connection, and_, bindparam, func, literal, null, or_, select, union_all

from registry.kit.definition import RegisterDefinition
from registry.kit.links import LinkSpec
from registry.kit.record import Conflict, FormerKey, Link
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.publication import conflicts, record_columns, record_queries
from registry.services.records import cautions, holdings, titles
from registry.services.records.holdings import (
    HoldingCount,
    RelationKind,
    incoming_relations,
    linked_record_view,
)
from registry.services.records.translations import KnownName, LinkedTexts
from registry.services.records.views import LinkGroupView
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
    record_queries.Target.status_since,
    record_queries.Target.valid_from,
    record_queries.Target.valid_to,
    record_queries.Target.region_code,
    record_queries.Target.holder_zh,
    record_queries.Target.holder_en,
    record_queries.Target.caution_codes,
)
LINK_COLUMNS = (Link.relation, Link.from_register, Link.to_register, Link.to_key, *TARGET_COLUMNS)


RECORD_ID: BindParameter[int] = bindparam("record_id")
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
    status_since: dt.date | None
    valid_from: str | None
    valid_to: str | None
    region_code: str | None
    holder_zh: str | None
    holder_en: str | None
    caution_codes: str | None
    target_document: str | None
    target_id: int | None
    direction: str = "out"


LinkRow: TypeAlias = FetchedRow | StatedLink  # one of `links_in_both_directions`, or of an earlier document


def links_stated_in(
    connection: Connection, definition: RegisterDefinition, values: Mapping[str, Any]
) -> list[StatedLink]:
    """Work out the links that a document states: those of earlier versions are not stored."""
    keys = list(record_columns.link_keys(definition, values))
    if not keys:
        return []
    by_register: dict[str, list[str]] = {}
    for link in keys:
        by_register.setdefault(link.register, []).append(link.key)
    target = record_queries.Target
    had_it_before = or_(
        *(
            and_(FormerKey.register == register, FormerKey.natural_key.in_(natural_keys))
            for register, natural_keys in by_register.items()
        )
    )
    former_key = (
        select(FormerKey.natural_key)
        .where(FormerKey.record_id == target.id, had_it_before)
        .limit(1)
        .correlate(target)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            former_key.label("former_key"),
            target.register,
            target.natural_key,
            *TARGET_COLUMNS,
            Item.document.label("target_document"),
            target.id,
        )
        .join(Item, Item.hash == target.document_hash)
        .where(
            or_(
                *(
                    and_(target.register == register, target.natural_key.in_(natural_keys))
                    for register, natural_keys in by_register.items()
                ),
                target.id.in_(select(FormerKey.record_id).where(had_it_before)),
            )
        )
    ).all()
    targets = {(row.register, row.former_key): row[3:] for row in rows if row.former_key}
    targets |= {(row.register, row.natural_key): row[3:] for row in rows}
    absent = (None,) * (len(TARGET_COLUMNS) + 2)
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
    """Fetch all outgoing links, and the first of each list of incoming ones, in one statement.

    Outgoing ones have the `target_document` of those records that cautions look at. Conflicts are among them, with the
    code of the caution as their relation.
    """
    return _links_statement(register).all(connection, record_id=record_id)


@functools.cache
def _links_statement(register: str) -> PreparedSelect:
    outgoing = (
        select(literal("out").label("direction"), *LINK_COLUMNS, Item.document.label("target_document"))
        .outerjoin(record_queries.Target, record_queries.Target.id == Link.to_id)
        .outerjoin(Item, cautions.joins_document())
        .where(Link.from_id == RECORD_ID)
    )
    parts = [select(outgoing.subquery())]
    if register in conflicts.registers_with_conflicts():
        in_conflict = (
            select(
                literal("conflict").label("direction"),
                Conflict.code.label("relation"),
                literal("").label("from_register"),
                record_queries.Target.register.label("to_register"),
                literal("").label("to_key"),
                *TARGET_COLUMNS,
                Item.document.label("target_document"),
            )
            .join(record_queries.Target, record_queries.Target.id == Conflict.other_id)
            .join(Item, Item.hash == record_queries.Target.document_hash)
            .where(Conflict.record_id == RECORD_ID)
        )
        parts.append(select(in_conflict.subquery()))
    parts += [
        select(holdings.select_newest_links(register, holding, LINK_COLUMNS).subquery())
        for holding in holdings.registers_holding(register)
    ]
    for from_register, relation in incoming_relations(register):
        if from_register != register:
            continue
        part = (
            select(literal("in").label("direction"), *LINK_COLUMNS, null().label("target_document"))
            .join(record_queries.Target, record_queries.Target.id == Link.from_id)
            .where(Link.to_id == RECORD_ID, Link.from_register == from_register, Link.relation == relation)
            .order_by(Link.id.desc())
            .limit(MAX_LISTED_LINKS + 1)
        )
        parts.append(select(part.subquery()))
    return PreparedSelect(union_all(*parts))


class _Group(NamedTuple):
    """The links of one kind in one direction; `other`: the register at the other end."""

    direction: str
    other: str
    relation: str

    @property
    def is_incoming(self) -> bool:
        return self.direction == "in"

    @classmethod
    def of(cls, link: FetchedRow) -> _Group:
        other = link.to_register if link.direction == "out" else link.from_register
        return cls(link.direction, other, link.relation)

    def heading(self, register: str) -> str:
        """Message id of the heading over these links on a page of `register`."""
        if self.is_incoming:
            return _link_spec(self.other, self.relation).incoming or catalogue()[self.other].label
        return _link_spec(register, self.relation).outgoing


def _link_spec(register: str, relation: str) -> LinkSpec:
    return next(link for link in catalogue()[register].all_links() if link.relation == relation)


class Counted(NamedTuple):
    """What was counted of long lists: links of each kind within the register, and what other registers have."""

    within: tuple[FetchedRow, ...] = ()
    holdings: tuple[HoldingCount, ...] = ()


def count_incoming(
    connection: PreparedConnection, register: str, record_id: int, links: Sequence[FetchedRow]
) -> Counted:
    """Count the incoming links; the database is asked only if more than can be listed are among `links`."""
    within = Counter(
        link.relation for link in links if link.direction == "in" and link.from_register == register
    )
    is_long = bool(within) and max(within.values()) > MAX_LISTED_LINKS
    return Counted(
        tuple(COUNT_INCOMING.all(connection, record_id=record_id)) if is_long else (),
        holdings.count_holdings(connection, register, record_id, links),
    )


def group_links(
    record: FetchedRow, links: Sequence[FetchedRow], counted: Counted, lang: str, *, day: dt.date
) -> tuple[LinkGroupView, ...]:
    """Group the links of a page on a day: its own ones, those within the register, then what each other register has.

    Holder and issuer are in its title already. What both records say of each other ("replaces" here, "replaced by" there) is
    listed once. `counted`: of `count_incoming`.
    """
    definition = catalogue()[record.register]
    own = [link for link in links if link.direction != "in" or link.from_register == record.register]
    totals = {RelationKind(row.from_register, row.relation): row.total for row in counted.within}
    views = []
    for group, of_group in _gather(definition, own).items():
        total, more_path = len(of_group), ""
        if group.is_incoming and total > MAX_LISTED_LINKS:
            total = totals[RelationKind(group.other, group.relation)]
            more_path = f"/{group.other}?linked={record.slug}&ended=1"
        with_holder = group.relation != holder_relation(group.other)
        views.append(
            LinkGroupView(
                relation=f"{group.other}-{group.relation}" if group.is_incoming else group.relation,
                label=group.heading(definition.slug),
                total=total,
                items=tuple(
                    linked_record_view(group.other, link, lang, day=day, with_holder=with_holder)
                    for link in of_group[:MAX_LISTED_LINKS]
                ),
                more_path=more_path,
            )
        )
    return (*views, *holdings.holdings_of(record, links, counted.holdings, lang, day=day))


def _gather(definition: RegisterDefinition, links: Sequence[FetchedRow]) -> dict[_Group, list[FetchedRow]]:
    """The links to be listed, by group."""
    groups: dict[_Group, list[FetchedRow]] = {}
    parties = {party.relation for party in (definition.holder, definition.issuer) if party}
    first_direction: dict[
        tuple[str, str], str
    ] = {}  # (heading, linked record) → direction that states it first
    for link in links:
        if link.direction == "conflict":
            continue
        if link.direction == "out" and (link.relation in parties or link.number is None):
            continue
        group = _Group.of(link)
        statement = (group.heading(definition.slug), link.slug)
        if first_direction.setdefault(statement, link.direction) == link.direction:
            groups.setdefault(group, []).append(link)
    return groups


def holder_relation(register: str) -> str:
    """Return the relation of a register's records to their holders, "" where they have none."""
    party = catalogue()[register].holder
    return party.relation if party else ""


def linked_texts(
    definition: RegisterDefinition, values: Mapping[str, Any], links: Sequence[LinkRow]
) -> LinkedTexts:
    """Find out which texts in a document's fields mean other records, by key or by their Chinese name."""
    paths: dict[tuple[str, str], str] = {}
    names: dict[str, KnownName] = {}
    for link in links:
        if link.direction == "out" and link.slug:
            path = titles.record_path(link.to_register, link.slug)
            paths[link.to_register, link.to_key] = path
            if link.title_zh:
                words = titles.linked_title(
                    link.to_register, link.title_zh, link.title_en or "", link.en_source or ""
                )
                names[link.title_zh] = KnownName(words, path)
    by_text = {
        (spec.field, text): path
        for spec in definition.all_links()
        for text in record_columns.link_texts(spec, values)
        if (path := paths.get((spec.register, record_columns.link_key(spec, values, text)), ""))
    }
    return LinkedTexts(by_text, names)
