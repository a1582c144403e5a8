"""Result lines: records as lists show them, read again from the database in the order of the index's result."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from registry import clock
from registry.kit.cautions import qualified_status
from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.finding import passages
from registry.services.finding.near_in_meaning import NearMatch
from registry.services.publication import record_queries
from registry.services.records import cautions, full_texts, pictures, presentation, titles
from registry.services.records.cautions import LinkForCautions
from registry.services.records.facets.searched_values import iterate_searched_texts
from registry.services.records.views import LabelledText, PassageView, ResultRowView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

LINES_KEPT = 2048  # of a few thousand characters each
SynonymPairs = tuple[tuple[str, str], ...]  # (word as typed, word of the same meaning)


def result_rows(
    registry: Registry,
    record_ids: Sequence[int],
    lang: str,
    *,
    highlights: tuple[str, ...] = (),
    synonyms: SynonymPairs = (),
    near: Mapping[int, NearMatch] | None = None,
) -> list[ResultRowView]:
    """Return the result lines of these records, in this order, read again from the database.

    `highlights`: words that are marked. `synonyms`: where a record has the second word of a pair instead of the first,
    its line says so. `near`: records that no word finds, and how they were found.
    """
    if not record_ids:
        return []
    with read_transaction(registry.engine) as connection:
        rows = record_queries.fetch_lines(connection, record_ids)
        links = cautions.fetch_links_for_cautions(connection, rows)
        searched = full_texts.fetch_searched_texts(connection, rows) if highlights else {}
    today = clock.today()
    lines = []
    for row, neighbours in _with_neighbours(rows):
        line = _line(row, tuple(links.get(row.id, ())), lang, today)
        same_name = line.same_name and any(
            (row.register, row.title_zh) == (other.register, other.title_zh) for other in neighbours
        )
        if highlights or synonyms or near or same_name != line.same_name:
            full_text = searched[row.id].text if row.id in searched else None
            line = replace(
                line,
                matched=highlights,
                same_name=same_name,
                near_match=near.get(row.id) if near else None,
                synonym_matches=_matched_synonyms(row, synonyms) if synonyms else (),
                passage=_passage(row, full_text, highlights, synonyms) if full_text else None,
            )
        lines.append(line)
    return lines


def _with_neighbours(rows: Sequence[FetchedRow]) -> Iterator[tuple[FetchedRow, Sequence[FetchedRow]]]:
    """Yield each row with those directly before and behind it, which may share its name: they are framed together."""
    for place, row in enumerate(rows):
        yield row, [*rows[max(0, place - 1) : place], *rows[place + 1 : place + 2]]


@functools.lru_cache(LINES_KEPT)
def _line(row: FetchedRow, links: tuple[LinkForCautions, ...], lang: str, today: dt.date) -> ResultRowView:
    """Return the line of a record in any list; `same_name`: a record of the same name makes a difference.

    It hangs on nothing but its arguments, all that the database has on the record: the lines that are asked for often are
    kept, and one whose record or whose linked record has changed is made anew.
    """
    definition = catalogue()[row.register]
    values = record_queries.document_of(row)
    status = titles.status_on_day(definition, row.status, values, today)
    found = cautions.cautions_of(definition, status.code, values, links=links, day=today)
    return ResultRowView(
        register=titles.register_view(definition),
        number=row.number,
        path=titles.record_path(row.register, row.slug),
        title=titles.title_of(definition, row),
        region=titles.region_of_record(row),
        status=qualified_status(status, found),
        badges=tuple(each.mark for each in found),
        holder=titles.holder_view(row),
        issuer=titles.issuer_view(row),
        meta=_result_fields(definition, values, lang),
        matched=(),
        demo=row.demo,
        same_name=definition.title.distinguish_by_region,
        told_apart_by=titles.told_apart_by(definition, row, values),
        picture=pictures.picture_of(row),
    )


def fetch_passages(
    registry: Registry, record_ids: Sequence[int], highlights: Sequence[str], synonyms: SynonymPairs
) -> dict[str, PassageView]:
    """Return number of a record → the passage of its public full text that has words which the record itself lacks."""
    if not record_ids or not highlights:
        return {}
    with read_transaction(registry.engine) as connection:
        rows = record_queries.fetch_lines(connection, record_ids)
        searched = full_texts.fetch_searched_texts(connection, rows)
    found = {
        row.number: _passage(row, text, highlights, synonyms)
        for row in rows
        if row.id in searched and (text := searched[row.id].text)
    }
    return {number: passage for number, passage in found.items() if passage}


def _passage(
    row: FetchedRow, full_text: str, highlights: Sequence[str], synonyms: SynonymPairs
) -> PassageView | None:
    definition = catalogue()[row.register]
    state = definition.life_cycle.state(row.status)
    region = titles.region_of_record(row)
    own = [
        *iterate_searched_texts(definition, record_queries.document_of(row)),
        *_party_texts(row),
        state.zh,
        state.en,
        *((region.zh, region.en) if region else ()),
    ]
    missing = passages.missing_words(own, highlights, synonyms)
    return passages.find_passage(full_text, missing) if missing else None


def _matched_synonyms(row: FetchedRow, synonyms: SynonymPairs) -> SynonymPairs:
    """Return, for each typed word that the record lacks, the first synonym that it has."""
    written = " ".join((row.document, *_party_texts(row))).lower()
    # The document as it is stored has all texts and, in Latin letters, the names of the fields: that rules most pairs out.
    possible = [
        (typed, synonym)
        for typed, synonym in synonyms
        if _as_stored(synonym) in written and (typed.isascii() or _as_stored(typed) not in written)
    ]
    if not possible:
        return ()
    parts = [*_document_texts(record_queries.document_of(row)), *_party_texts(row)]
    text = " ".join(parts).lower()
    matched: dict[str, str] = {}
    for typed, synonym in possible:
        if typed not in matched and typed.lower() not in text and synonym.lower() in text:
            matched[typed] = synonym
    return tuple(matched.items())


@functools.lru_cache(maxsize=4096)
def _as_stored(word: str) -> str:
    """Return a word in lower case as it stands in stored documents, its quotation marks escaped."""
    return json.dumps(word.lower(), ensure_ascii=False)[1:-1]


def _party_texts(row: FetchedRow) -> list[str]:
    """Return the title of a record and the names of its holder."""
    parts = (
        row.title_zh,
        row.title_en,
        row.holder_zh,
        row.holder_en,
        row.holder_title_zh,
        row.holder_title_en,
    )
    return [part for part in parts if part]


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
