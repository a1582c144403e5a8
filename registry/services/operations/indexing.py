"""From records to search documents, and the index kept equal to the database: rebuild, verify, repair."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from registry import i18n
from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Link, Record
from registry.reference.code_lists import regions
from registry.reference.text import romanise
from registry.registers import catalogue
from registry.search.analysis.document import SearchDocument
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records.presentation import code_words
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

BATCH_SIZE = 500
MAX_REPAIR_ROUNDS = 10  # of mending, where records keep changing meanwhile


def build_document(row: FetchedRow, linked: Iterable[str] = ()) -> SearchDocument:
    """What search knows of one record. `linked`: slugs of the records it links to."""
    definition = catalogue()[row.register]
    values = record_queries.document_of(row)
    names, parties, codes, mentions, words = _texts(definition, values)
    state = definition.life_cycle.state(row.status)
    further = definition.search.extra_names(values) if definition.search.extra_names else ()
    written = str(values.get(definition.search.date_field) or row.valid_from or "")
    region = row.region_code or row.holder_region_code or ""
    words += [state.zh, state.en, *_register_words(definition.label_one), *_region_words(region)]
    return SearchDocument(
        id=row.id,
        index_version=row.index_version,
        register=row.register,
        number=row.number,
        status=row.status,
        standing=state.standing,
        names=_unique([row.title_zh, row.title_en, *names, *further]),
        parties=_unique(
            [
                row.holder_zh,
                row.holder_en,
                row.holder_title_zh,
                row.holder_title_en,
                row.issuer_zh,
                row.issuer_title_zh,
                row.issuer_title_en,
                *parties,
            ]
        ),
        codes=_unique([row.number, *codes]),
        mentions=_unique([row.holder_number, row.issuer_number, *mentions]),
        words=_unique(words),
        facets=_facets(definition, values, region, written, linked),
        date=_date_number(written),
        title_sort_zh=" ".join(romanise.pinyin_words(row.title_zh or row.title_en)).lower()[:80],
        title_sort_en=(row.title_en or romanise.pinyin_name(row.title_zh)).lower()[:80],
        rank=definition.search.rank(values) if definition.search.rank else 0,
    )


def _texts(
    definition: RegisterDefinition, values: Mapping[str, Any]
) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """The document's texts by search role: names, parties, codes, mentions, words."""
    by_role: dict[str, list[str]] = {"name": [], "party": [], "code": [], "mention": [], "words": []}
    for name, kept in definition.schema.register_fields().items():
        role = kept.info.search
        if not role or name not in values:
            continue
        by_role[role] += _strings(kept, values[name])
    codes = [text for name in definition.exact_lookup_fields if (text := str(values.get(name) or ""))]
    own = set(codes)
    stray = [text for text in by_role["code"] if text not in own]  # a code that names another record
    return by_role["name"], by_role["party"], codes, by_role["mention"] + stray, by_role["words"]


def _strings(field: kinds.RegisterField, value: Any) -> list[str]:
    if isinstance(field, kinds.Many):
        return [text for item in value for text in _strings(field.inner, item)]
    if isinstance(field, kinds.Rows):
        return [
            text
            for row in value
            for name, column in field.columns.items()
            if name in row and isinstance(row[name], str)
            for text in _strings(column, row[name])
        ]
    if isinstance(field, kinds.Choice) or hasattr(field, "words"):
        words = code_words(field, value)
        return [words.zh, words.en]
    return [str(value)]


@functools.cache
def _register_words(label: str) -> tuple[str, ...]:
    return tuple(i18n.gettext(label, lang) for lang in i18n.LOCALES)


@functools.lru_cache(4096)
def _region_words(region: str) -> tuple[str, ...]:
    codes = (region, *regions.ancestors(region)) if region else ()
    return tuple(regions.label(code, lang) for code in codes for lang in i18n.LOCALES)


def _facets(
    definition: RegisterDefinition,
    values: Mapping[str, Any],
    region: str,
    date: str,
    linked: Iterable[str],
) -> dict[str, tuple[str, ...]]:
    facets: dict[str, tuple[str, ...]] = {}
    for name in definition.search.facets:
        value = values.get(name)
        if value is not None:
            facets[name] = tuple(str(each) for each in value) if isinstance(value, list) else (str(value),)
    if definition.search.computed_facets:
        facets.update(definition.search.computed_facets(values))
    if region:
        facets["region"] = _region_codes(region)
    if date[:4].isdecimal():
        facets["year"] = (date[:4],)
    if targets := tuple(linked):
        facets["linked"] = targets
    return facets


@functools.lru_cache(4096)
def _region_codes(region: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*regions.ancestors(region), region)))


def _date_number(written: str) -> int:
    """A sparse ISO date as yyyymmdd, by its first day; 0 for none."""
    if not written:
        return 0
    parts = [int(part) for part in written.split("-")] + [1, 1]
    return parts[0] * 10000 + parts[1] * 100 + parts[2]


def _unique(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def build_documents(connection: Connection, record_ids: Sequence[int]) -> list[SearchDocument]:
    """Search documents of these records as they are now; records that are gone are left out."""
    targets: dict[int, list[str]] = {}
    for link in connection.execute(
        select(Link.from_id, record_queries.Target.slug)
        .join(record_queries.Target, record_queries.Target.id == Link.to_id)
        .where(Link.from_id.in_(record_ids))
    ):
        targets.setdefault(link.from_id, []).append(link.slug)
    found = connection.execute(record_queries.select_records().where(Record.id.in_(record_ids)))
    return [build_document(row, targets.get(row.id, ())) for row in found]


def iterate_documents(registry: Registry) -> Iterator[SearchDocument]:
    """Every record's search document, in batches by id."""
    last = 0
    with read_transaction(registry.engine) as connection:
        while ids := list(
            connection.execute(
                select(Record.id).where(Record.id > last).order_by(Record.id).limit(BATCH_SIZE)
            ).scalars()
        ):
            yield from build_documents(connection, ids)
            last = ids[-1]


def rebuild_index(registry: Registry, progress: Callable[[int], object] | None = None) -> int:
    """Build a whole new index beside the old one and swap; returns the number of documents.

    What a relay at work wrote into the old one meanwhile is brought over afterwards.
    """

    def counted() -> Iterator[SearchDocument]:
        for each in iterate_documents(registry):
            if progress:
                progress(1)
            yield each

    count = registry.search.rebuild(counted())
    _repair(registry)
    return count


def verify_index(registry: Registry) -> dict[str, int]:
    """Compare index and database by (id, stamp), and repair: what is missing or stale is written, extras go.

    An index that is lost, or cannot be read to its end, is built anew: then every document counts as missing.
    """
    if not registry.search.verify():
        count = rebuild_index(registry)
        return {"missing": count, "stale": 0, "extra": 0, "repaired": count}
    missing, stale, extra = _repair(registry)
    return {"missing": missing, "stale": stale, "extra": extra, "repaired": missing + stale + extra}


def _repair(registry: Registry) -> tuple[int, int, int]:
    """Write and delete until index and database agree; returns how many were missing, stale and extra at first.

    Looks again after it has written: a relay at work may have been faster, and its newer document been replaced.
    """
    first: tuple[int, int, int] | None = None
    for _round in range(MAX_REPAIR_ROUNDS):
        # The index first: whatever it holds by then is in the database by the time that is read.
        there = dict(registry.search.index_versions())
        with read_transaction(registry.engine) as connection:
            wanted = {
                row.id: row.index_version
                for row in connection.execute(select(Record.id, Record.index_version))
            }
        missing = [record_id for record_id in wanted if record_id not in there]
        stale = [record_id for record_id, stamp in wanted.items() if there.get(record_id, stamp) != stamp]
        extra = [record_id for record_id in there if record_id not in wanted]
        first = first or (len(missing), len(stale), len(extra))
        mend = missing + stale
        if not mend and not extra:
            break
        for start in range(0, len(mend), BATCH_SIZE):
            with read_transaction(registry.engine) as connection:
                found = build_documents(connection, mend[start : start + BATCH_SIZE])
            registry.search.write(found, [])
        if extra:
            registry.search.write([], extra)
    return first or (0, 0, 0)
