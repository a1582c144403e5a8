"""Result lines: records as lists show them, read again from the database in the order of the index's result."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.publication.record_queries import LinkedStatus
from registry.services.records import presentation, titles
from registry.services.records.views import LabelledText, ResultRowView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

SynonymPairs = tuple[tuple[str, str], ...]  # (word as typed, word of the same meaning)


@dataclass(frozen=True, slots=True)
class _LineContext:
    """What all lines of a list have in common."""

    lang: str
    highlights: tuple[str, ...]
    synonyms: SynonymPairs


def result_rows(
    registry: Registry,
    record_ids: Sequence[int],
    lang: str,
    *,
    highlights: tuple[str, ...] = (),
    synonyms: SynonymPairs = (),
) -> list[ResultRowView]:
    """Return the result lines of these records, in this order, read again from the database.

    `highlights`: words that are marked. `synonyms`: where a record has the second word of a pair instead of the first,
    its line says so.
    """
    if not record_ids:
        return []
    with read_transaction(registry.engine) as connection:
        rows = record_queries.fetch_records(connection, record_ids)
        marked = {definition.slug for definition in catalogue().values() if definition.marks}
        with_marks = [row.id for row in rows if row.register in marked]
        relations = sorted({mark.relation for slug in marked for mark in catalogue()[slug].marks})
        linked = record_queries.fetch_linked_statuses(connection, with_marks, relations) if with_marks else {}
    names = [(row.register, row.title_zh) for row in rows if row.title_zh]
    context = _LineContext(lang, highlights, synonyms)
    return [
        _result_row(
            row,
            linked.get(row.id, set()),
            context,
            same_name=names.count((row.register, row.title_zh)) > 1,
        )
        for row in rows
    ]


def _result_row(
    row: FetchedRow, linked: Collection[LinkedStatus], context: _LineContext, *, same_name: bool
) -> ResultRowView:
    definition = catalogue()[row.register]
    values = record_queries.document_of(row)
    status = titles.status_on_day(definition, row.status, values, clock.today())
    return ResultRowView(
        register=titles.register_view(definition),
        number=row.number,
        path=titles.record_path(row.register, row.slug),
        title=titles.title_of(definition, row),
        region=titles.region_of_record(row),
        status=status,
        badges=titles.badges_of(definition, linked, status.standing),
        holder=titles.holder_view(row),
        issuer=titles.issuer_view(row),
        meta=_result_fields(definition, values, context.lang),
        matched=context.highlights,
        demo=row.demo,
        same_name=same_name and definition.title.distinguish_by_region,
        synonym_matches=_matched_synonyms(row, context.synonyms) if context.synonyms else (),
    )


def _matched_synonyms(row: FetchedRow, synonyms: SynonymPairs) -> SynonymPairs:
    """Return, for each typed word that the record lacks, the first synonym that it has."""
    parts = (
        *_document_texts(record_queries.document_of(row)),
        row.title_zh,
        row.title_en,
        row.holder_zh,
        row.holder_title_zh,
    )
    text = " ".join(part for part in parts if part).lower()
    matched: dict[str, str] = {}
    for typed, synonym in synonyms:
        if typed not in matched and typed.lower() not in text and synonym.lower() in text:
            matched[typed] = synonym
    return tuple(matched.items())


def _document_texts(value: Any) -> Iterator[str]:
    """Yield every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _document_texts(item)


def _result_fields(
    definition: RegisterDefinition, values: Mapping[str, Any], lang: str
) -> tuple[LabelledText, ...]:
    fields = definition.schema.register_fields()
    return tuple(
        LabelledText(fields[name].info.label, presentation.field_text(name, fields[name], values, lang))
        for name in definition.layout.result_fields
        if name in values
    )
