"""Cautions of records as they are shown: the rules of the register, applied to the record, the day and what it links to."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    and_,
    bindparam,
    false,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from registry.kit.cautions import (
    CautionKind,
    CautionView,
    LinkedFacts,
    Since,
    Subject,
    caution_view,
    find_cautions,
    qualified_status,
)
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.kit.record import Conflict, Link
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.publication import caution_links, conflicts, record_queries
from registry.store.base import FetchedRow

NO_VALUES: Mapping[str, Any] = {}
LINKED_RECORDS = 1024  # many records of a list link to the same bodies and standards


def joins_document() -> ColumnElement[bool]:
    """Return the condition that joins the document of a link's target where cautions read it."""
    named = [Link.relation == relation for relation in sorted(caution_links.read_relations())]
    dated = [record_queries.Target.status == state for state in caution_links.dated_states()]
    return and_(Item.hash == record_queries.Target.document_hash, or_(false(), *named, *dated))


def select_links_and_conflicts(
    is_of: Callable[[InstrumentedAttribute[int]], ColumnElement[bool]], *along: ColumnElement[bool]
) -> CompoundSelect[*tuple[Any, ...]]:
    """Return the links of records with what they lead to, those `along` which conditions hold, and all conflicts of the records.

    `is_of`: the condition for the column that holds the id of the record.
    """
    links = (
        select(
            Link.id.label("link_id"),
            Link.from_id,
            Link.relation,
            Link.to_register,
            Link.to_key,
            record_queries.Target.number,
            record_queries.Target.title_zh,
            record_queries.Target.title_en,
            record_queries.Target.en_source,
            record_queries.Target.status,
            record_queries.Target.status_since,
            Item.document.label("target_document"),
        )
        .outerjoin(record_queries.Target, record_queries.Target.id == Link.to_id)
        .outerjoin(Item, joins_document())
        .where(is_of(Link.from_id), *along)
    )
    in_conflict = (
        select(
            literal(0).label("link_id"),
            Conflict.record_id.label("from_id"),
            Conflict.code.label("relation"),
            record_queries.Target.register.label("to_register"),
            literal("").label("to_key"),
            record_queries.Target.number,
            record_queries.Target.title_zh,
            record_queries.Target.title_en,
            record_queries.Target.en_source,
            record_queries.Target.status,
            record_queries.Target.status_since,
            Item.document.label("target_document"),
        )
        .join(record_queries.Target, record_queries.Target.id == Conflict.other_id)
        .join(Item, Item.hash == record_queries.Target.document_hash)
        .where(is_of(Conflict.record_id))
    )
    return links.union_all(in_conflict)


def one_of_these(column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that a column is one of the `record_ids`."""
    return column.in_(bindparam("record_ids", expanding=True))


@functools.cache
def _links_and_conflicts() -> CompoundSelect[*tuple[Any, ...]]:
    return select_links_and_conflicts(one_of_these, Link.relation.in_(bindparam("relations", expanding=True)))


class LinkForCautions(NamedTuple):
    """A link or conflict of a record; None for what is not known of a record that is not in the store."""

    link_id: int
    from_id: int
    relation: str
    to_register: str
    to_key: str
    number: str | None
    title_zh: str | None
    title_en: str | None
    en_source: str | None
    status: str | None
    status_since: dt.date | None
    target_document: str | None


def fetch_links_for_cautions(
    connection: Connection, rows: Sequence[FetchedRow]
) -> dict[int, list[LinkForCautions]]:
    """Fetch what the cautions of these records look at: record id → links and conflicts. One statement, or none."""
    concerned = conflicts.registers_with_conflicts()
    ids = [
        row.id for row in rows if caution_links.caution_relations(row.register) or row.register in concerned
    ]
    links: dict[int, list[LinkForCautions]] = {}
    if ids:
        parameters = {"record_ids": ids, "relations": list(caution_links.all_caution_relations())}
        for link in map(LinkForCautions._make, connection.execute(_links_and_conflicts(), parameters)):
            links.setdefault(link.from_id, []).append(link)
    return links


def cautions_of(
    definition: RegisterDefinition,
    status: str,
    values: Mapping[str, Any],
    *,
    links: Iterable[Any],
    day: dt.date,
) -> tuple[CautionView, ...]:
    """Return the cautions of a record in `status` on a day.

    `links`: its outgoing links, with number, title, status, `status_since` and `target_document` of the other record
    where that is in the store, as they were on that day; and its conflicts, whose relation is the code of the caution.
    """
    rules = definition.cautions
    found: tuple[CautionView, ...] = ()
    if rules:
        relations = caution_links.caution_relations(definition.slug)
        linked = (
            [linked_facts(link, day) for link in links if link.relation in relations] if relations else ()
        )
        subject = Subject(values, status, day, linked)
        found = find_cautions(rules, subject, definition.life_cycle.state(status).standing)
    if definition.slug not in conflicts.registers_with_conflicts():
        return found
    return found + _conflict_views(status, links, day)


def _conflict_views(status: str, links: Iterable[Any], day: dt.date) -> tuple[CautionView, ...]:
    """The conflicts that still are some: the daily run has found them, and either record may have changed since."""
    sides = conflicts.conflict_sides()
    views: dict[str, CautionView] = {}
    for link in links:
        side = sides.get(link.relation)
        if (
            side
            and link.relation not in views
            and status in side.statuses
            and link.status in side.opposite_statuses
        ):
            facts = linked_facts(link, day)
            params = {"number": link.number, "title": facts.title, "since": facts.since}
            views[link.relation] = caution_view(side.kind, params)
    return tuple(views.values())


def stored_marks(status: StatusView, codes: str | None) -> tuple[StatusView, tuple[StatusView, ...]]:
    """Return the status as it may be shown, and the marks, of a record whose cautions are known by stored `codes` only."""
    if not codes or status.standing == "ended":
        return status, ()
    kinds = [kind for code in codes.split() if (kind := caution_kinds().get(code))]
    views = [caution_view(kind, {}) for kind in kinds]
    return qualified_status(status, views), tuple(view.mark for view in views)


@functools.cache
def caution_kinds() -> Mapping[str, CautionKind]:
    """Return the kinds of all cautions, those of conflicts among them, by code."""
    kinds = [
        kind for definition in catalogue().values() for rule in definition.cautions for kind in rule.kinds
    ]
    kinds += [side.kind for side in conflicts.conflict_sides().values()]
    return {kind.code: kind for kind in kinds}


@functools.cache
def caution_words() -> Mapping[str, Words]:
    """Return the marks of all cautions, those of conflicts among them, by code."""
    return {code: Words(kind.zh, kind.en) for code, kind in caution_kinds().items()}


def cautions_json(cautions: Iterable[CautionView]) -> list[dict[str, Any]]:
    """Return cautions as the API tells them: code, mark in both languages, and the sentence in both."""
    return [
        {
            "code": each.code,
            "mark": {"zh": each.mark.zh, "en": each.mark.en},
            "message": each.message("en"),
            "message_zh": each.message("zh"),
            "status_qualified": each.qualifies,
            "learned_later": each.learned_later,
        }
        for each in cautions
    ]


def linked_facts(link: Any, day: dt.date) -> LinkedFacts:
    """Return what a link or conflict leads to, as it is on a day. `link`: as `cautions_of` takes it."""
    if isinstance(link, LinkForCautions):  # of a list: the same bodies and standards again and again
        return _facts_of_link(link[2:], day)
    return _facts_of_link(
        (
            link.relation,
            link.to_register,
            link.to_key,
            link.number,
            link.title_zh,
            link.title_en,
            link.en_source,
            link.status,
            link.status_since,
            link.target_document,
        ),
        day,
    )


@functools.lru_cache(LINKED_RECORDS)
def _facts_of_link(link: tuple[Any, ...], day: dt.date) -> LinkedFacts:
    """The facts of a linked record on a day. `link`: the fields of `LinkForCautions` from the relation on."""
    relation, register, key, number, title_zh, title_en, en_source, stored_status, shown_since, document = (
        link
    )
    if not stored_status:
        return LinkedFacts(relation, register, key, key, "", "", Words("", ""), NO_VALUES)
    life_cycle = catalogue()[register].life_cycle
    values = json.loads(document) if document else NO_VALUES
    status, by_date = life_cycle.status_and_since_on(stored_status, values, day)
    day_of_status = by_date or shown_since
    is_decided = by_date is not None or life_cycle.is_decision_day(status, values, day_of_status)
    title = Words(title_zh, title_en, en_source)
    standing = life_cycle.state(status).standing
    return LinkedFacts(
        relation,
        register,
        key,
        number,
        status,
        standing,
        title,
        values,
        Since(day_of_status.isoformat(), is_decided),
    )
