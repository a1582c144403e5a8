"""Cautions of records as they are shown: the rules of the register, applied to the record, the day and what it links to."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, or_, select

from registry.kit.cautions import CautionView, LinkedFacts, Subject, find_cautions
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.record import Link
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.publication import record_queries
from registry.store.base import FetchedRow

NO_VALUES: Mapping[str, Any] = {}
PARSED_DOCUMENTS = 1024  # many records of a list link to the same bodies and standards


@functools.cache
def caution_relations(register: str) -> frozenset[str]:
    """Return the relations along which the cautions of a register's records look."""
    return frozenset(relation for rule in catalogue()[register].cautions for relation in rule.relations)


@functools.cache
def all_caution_relations() -> tuple[str, ...]:
    """Return the relations along which the cautions of any register look."""
    return tuple(sorted({relation for slug in catalogue() for relation in caution_relations(slug)}))


def joins_document(relations: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that joins the document of a link's target, for these relations only."""
    named = [Link.relation == relation for relation in sorted(relations)]
    return and_(Item.hash == record_queries.Target.document_hash, or_(false(), *named))


LINKED_FACTS = (
    select(
        Link.from_id,
        Link.relation,
        Link.to_register,
        Link.to_key,
        record_queries.Target.number,
        record_queries.Target.title_zh,
        record_queries.Target.title_en,
        record_queries.Target.en_source,
        record_queries.Target.status,
        Item.document.label("target_document"),
    )
    .outerjoin(record_queries.Target, record_queries.Target.id == Link.to_id)
    .outerjoin(Item, Item.hash == record_queries.Target.document_hash)
    .where(
        Link.from_id.in_(bindparam("record_ids", expanding=True)),
        Link.relation.in_(bindparam("relations", expanding=True)),
    )
    .order_by(Link.id)
)


def fetch_links_for_cautions(
    connection: Connection, rows: Sequence[FetchedRow]
) -> dict[int, list[FetchedRow]]:
    """Fetch what the cautions of these records look at: record id → its links. One statement, or none."""
    ids = [row.id for row in rows if caution_relations(row.register)]
    links: dict[int, list[FetchedRow]] = {}
    if ids:
        parameters = {"record_ids": ids, "relations": list(all_caution_relations())}
        for link in connection.execute(LINKED_FACTS, parameters):
            links.setdefault(link.from_id, []).append(link)
    return links


def cautions_of(
    definition: RegisterDefinition,
    status: str,
    values: Mapping[str, Any],
    *,
    links: Iterable[Any],
    day: dt.date,
    past: bool = False,
) -> tuple[CautionView, ...]:
    """Return the cautions of a record in `status` on a day.

    `links`: its outgoing links, with number, title, status and `target_document` of the other record where that is in
    the store. `past`: only those that dates decide, because what a linked record was on a past day is not known here.
    """
    rules = [rule for rule in definition.cautions if rule.tells_past] if past else definition.cautions
    if not rules:
        return ()
    relations = caution_relations(definition.slug)
    linked = [_linked_facts(link, day) for link in links if link.relation in relations] if relations else ()
    subject = Subject(values, status, day, linked)
    return find_cautions(rules, subject, definition.life_cycle.state(status).standing)


def cautions_json(cautions: Iterable[CautionView]) -> list[dict[str, Any]]:
    """Return cautions as the API tells them: code, mark in both languages, and the sentence in both."""
    return [
        {
            "code": each.code,
            "mark": {"zh": each.mark.zh, "en": each.mark.en},
            "message": each.message("en"),
            "message_zh": each.message("zh"),
            "status_qualified": each.not_plain,
        }
        for each in cautions
    ]


def _linked_facts(link: Any, day: dt.date) -> LinkedFacts:
    if not link.status:
        return LinkedFacts(
            link.relation, link.to_register, link.to_key, link.to_key, "", "", Words("", ""), NO_VALUES
        )
    target = catalogue()[link.to_register]
    values = _parsed(link.target_document) if link.target_document else NO_VALUES
    status = target.life_cycle.status_on(link.status, values, day)
    return LinkedFacts(
        relation=link.relation,
        register=link.to_register,
        key=link.to_key,
        number=link.number,
        status=status,
        standing=target.life_cycle.state(status).standing,
        title=Words(link.title_zh, link.title_en, link.en_source),
        values=values,
    )


@functools.lru_cache(PARSED_DOCUMENTS)
def _parsed(document: str) -> Mapping[str, Any]:
    values: Mapping[str, Any] = json.loads(document)
    return values
