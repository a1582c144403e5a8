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
from registry.services.records.views import ResultRowView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction


def result_rows(
    registry: Registry,
    record_ids: Sequence[int],
    lang: str,
    terms: tuple[str, ...] = (),
    synonyms: tuple[tuple[str, str], ...] = (),
) -> list[ResultRowView]:
    """Result lines of these records, in this order, re-read from the database; `terms` are highlighted, and where one of
    the words `meant` stands in a record instead of the one that was typed, its line says so."""
    if not record_ids:
        return []
    with read_transaction(registry.engine) as connection:
        found = record_queries.fetch_records(connection, record_ids)
        marked = {definition.slug for definition in catalogue().values() if definition.marks}
        with_marks = [row.id for row in found if row.register in marked]
        relations = sorted({mark.relation for slug in marked for mark in catalogue()[slug].marks})
        linked = record_queries.fetch_linked_statuses(connection, with_marks, relations) if with_marks else {}
    titles = [(row.register, row.title_zh) for row in found if row.title_zh]
    return [
        replace(
            _row(row, linked.get(row.id, set()), titles.count((row.register, row.title_zh)) > 1, lang, terms),
            synonym_matches=_matched_synonyms(row, synonyms) if synonyms else (),
        )
        for row in found
    ]


def _matched_synonyms(row: FetchedRow, meant: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Of each word that was typed and does not stand in the record, the first other one that does."""
    parts = (
        *_document_texts(record_queries.document_of(row)),
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


def _document_texts(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _document_texts(each)


def _row(
    row: FetchedRow, linked: set[tuple[str, str]], same_name: bool, lang: str, terms: tuple[str, ...]
) -> ResultRowView:
    definition = catalogue()[row.register]
    values = record_queries.document_of(row)
    status = naming.status_on_day(definition, row.status, values, clock.today())
    return ResultRowView(
        register=naming.register_view(definition),
        number=row.number,
        path=naming.record_path(row.register, row.slug),
        title=naming.title_of(definition, row),
        region=naming.region_of_record(row),
        status=status,
        badges=naming.badges_of(definition, linked, status.standing),
        holder=naming.holder_view(row),
        issuer=naming.issuer_view(row),
        meta=_meta(definition, values, lang),
        matched=terms,
        demo=row.demo,
        same_name=same_name and definition.title.distinguish_by_region,
    )


def _meta(
    definition: RegisterDefinition, values: Mapping[str, Any], lang: str
) -> tuple[tuple[str, str], ...]:
    kept = definition.schema.register_fields()
    return tuple(
        (kept[name].info.label, presentation.value_text(name, kept[name], values[name], lang))
        for name in definition.layout.result_fields
        if name in values
    )
