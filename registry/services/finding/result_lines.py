"""Result lines: records as lists show them, re-read from the database in the order that was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records import presentation
from registry.services.records import titles as naming
from registry.services.records.views import RowView
from registry.store.base import Fetched
from registry.store.unit_of_work import reading


def result_rows(
    registry: Registry,
    record_ids: Sequence[int],
    lang: str,
    terms: tuple[str, ...] = (),
    meant: tuple[tuple[str, str], ...] = (),
) -> list[RowView]:
    """Result lines of these records, in this order, re-read from the database; `terms` are highlighted, and where one of
    the words `meant` stands in a record instead of the one that was typed, its line says so."""
    if not record_ids:
        return []
    with reading(registry.engine) as connection:
        found = record_queries.by_ids(connection, record_ids)
        marked = {definition.slug for definition in catalogue().values() if definition.marks}
        with_marks = [row.id for row in found if row.register in marked]
        relations = sorted({mark.relation for slug in marked for mark in catalogue()[slug].marks})
        linked = record_queries.linked_statuses(connection, with_marks, relations) if with_marks else {}
    titles = [(row.register, row.title_zh) for row in found if row.title_zh]
    return [
        replace(
            _row(row, linked.get(row.id, set()), titles.count((row.register, row.title_zh)) > 1, lang, terms),
            meant=_meant(row, meant) if meant else (),
        )
        for row in found
    ]


def _meant(row: Fetched, meant: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Of each word that was typed and does not stand in the record, the first other one that does."""
    parts = (
        *_texts(record_queries.values_of(row)),
        row.title_zh,
        row.title_en,
        row.holder_zh,
        row.holder_title_zh,
    )
    text = " ".join(part for part in parts if part).lower()
    found: dict[str, str] = {}
    for typed, other in meant:
        if typed not in found and typed.lower() not in text and other.lower() in text:
            found[typed] = other
    return tuple(found.items())


def _texts(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _row(
    row: Fetched, linked: set[tuple[str, str]], same_name: bool, lang: str, terms: tuple[str, ...]
) -> RowView:
    definition = catalogue()[row.register]
    values = record_queries.values_of(row)
    status = naming.status_on(definition, row.status, values, clock.today())
    return RowView(
        register=naming.register_view(definition),
        number=row.number,
        path=naming.path_of(row.register, row.slug),
        title=naming.title(definition, row),
        place=naming.region_of(row),
        status=status,
        badges=naming.marks(definition, linked, status.standing),
        holder=naming.holder(row),
        issuer=naming.issuer(row),
        meta=_meta(definition, values, lang),
        matched=terms,
        demo=row.demo,
        same_name=same_name and definition.title.place_name,
    )


def _meta(
    definition: RegisterDefinition, values: Mapping[str, Any], lang: str
) -> tuple[tuple[str, str], ...]:
    kept = definition.schema.kept()
    return tuple(
        (kept[name].facts.label, presentation.text_of(name, kept[name], values[name], lang))
        for name in definition.layout.row
        if name in values
    )
