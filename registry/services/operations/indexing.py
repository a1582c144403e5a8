"""Indexing: search documents of records, and the index kept equal to the database: rebuild, verify, repair."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from registry import clock, i18n
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Link, Record
from registry.kit.watch_lists import Due
from registry.observing.signs_of_life import give_sign
from registry.outbox.model import TEXT_TOPIC, enqueue
from registry.reference.code_lists import regions
from registry.reference.identifiers import personal
from registry.reference.text import romanise
from registry.registers import catalogue
from registry.search.analysis.document import (
    DEMO_FACET,
    DEMO_VALUE,
    GAP_FACET,
    MAX_SOURCE_LENGTH,
    ORIGIN_FACET,
    SOURCE_FACET,
    UNSTATED,
    SearchDocument,
)
from registry.search.meaning.near_texts import subjects_in
from registry.services import watch_lists
from registry.services.bootstrap import Registry
from registry.services.operations import text_reading
from registry.services.operations.index_comparison import compare_index
from registry.services.publication import link_resolution, record_columns, record_queries
from registry.services.records import cautions, full_texts, holdings
from registry.services.records.cautions import LinkForCautions
from registry.services.records.facets import facet_values
from registry.services.records.facets.facet_names import ANY_CAUTION, CAUTION, HOLDS
from registry.services.records.facets.searched_values import texts_in_record
from registry.services.statistics import drop_history
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 500
UPDATE_CAUTION_CODES = (
    update(Record.__table__)  # type: ignore[arg-type]
    .where(Record.__table__.c.id == bindparam("record_id"))
    .values(caution_codes=bindparam("codes"))
)
MAX_REPAIR_ROUNDS = 10  # where records keep changing meanwhile
MAX_SORT_KEY_LENGTH = 80
MAX_SUBJECTS = 40  # of one record
DATE_DIGITS = 8


def build_document(
    row: FetchedRow,
    linked: Iterable[str] = (),
    caution_codes: Iterable[str] = (),
    full_text: str = "",
    *,
    holds: tuple[str, ...] = (),
) -> SearchDocument:
    """Return the search document of a record.

    `linked`: slugs of the records it links to; `caution_codes`: of today; `full_text`: of the file that it makes public;
    `holds`: slugs of the registers of which it holds a record in force.
    """
    definition = catalogue()[row.register]
    values = record_queries.document_of(row)
    texts = _document_texts(definition, row.number, values)
    state = definition.life_cycle.state(row.status)
    extra_names = definition.search.extra_names(values) if definition.search.extra_names else ()
    date = facet_values.date_of(definition, values, row.valid_from)
    region = row.region_code or row.holder_region_code or ""
    common_words = (state.zh, state.en, *_register_words(definition.label_one), *_region_words(region))
    return SearchDocument(
        id=row.id,
        index_version=row.index_version,
        register=row.register,
        number=row.number,
        status=row.status,
        standing=state.standing,
        names=_unique([row.title_zh, row.title_en, *texts.names, *extra_names]),
        parties=_unique(
            [
                row.holder_zh,
                row.holder_en,
                row.holder_title_zh,
                row.holder_title_en,
                row.issuer_zh,
                row.issuer_title_zh,
                row.issuer_title_en,
                *texts.parties,
            ]
        ),
        codes=_unique([row.number, *texts.codes]),
        mentions=_unique([row.holder_number, row.issuer_number, *texts.mentions]),
        words=_unique([*texts.words, *common_words]),
        full_text=full_text,
        subjects=_subjects(definition, values),
        facets=facet_values.facets_of(definition, values, region=region, date=date)
        | _linked_facet(tuple(linked))
        | _caution_facet(tuple(caution_codes))
        | ({HOLDS: holds} if holds else {})
        | ({DEMO_FACET: (DEMO_VALUE,)} if row.demo else {})
        | {ORIGIN_FACET: (facet_values.origin_of(demo=row.demo, issuer_number=row.issuer_number),)}
        | {SOURCE_FACET: (_source(values),)}
        | _gap_facet(row.warnings),
        date=_date_number(date),
        title_sort_zh=" ".join(romanise.pinyin_words(row.title_zh or row.title_en)).lower()[
            :MAX_SORT_KEY_LENGTH
        ],
        title_sort_en=(row.title_en or romanise.pinyin_name(row.title_zh)).lower()[:MAX_SORT_KEY_LENGTH],
        rank=definition.search.rank(values) if definition.search.rank else 0,
    )


@dataclass(frozen=True, slots=True)
class _DocumentTexts:
    """The texts of a document by their role in search."""

    names: list[str]
    parties: list[str]
    codes: list[str]
    mentions: list[str]
    words: list[str]


def _document_texts(definition: RegisterDefinition, number: str, values: Mapping[str, Any]) -> _DocumentTexts:
    by_role: dict[str, list[str]] = {"name": [], "party": [], "code": [], "mention": [], "words": []}
    for name, field in definition.schema.register_fields().items():
        if field.info.search and name in values:
            by_role[field.info.search] += texts_in_record(field, values[name], values)
    codes = record_columns.identifying_texts(definition, number, values)[1:]
    other_codes = [text for text in by_role["code"] if text not in set(codes)]  # they name another record
    return _DocumentTexts(
        by_role["name"], by_role["party"], codes, by_role["mention"] + other_codes, by_role["words"]
    )


def _subjects(definition: RegisterDefinition, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a record is about, in short texts: those that are lists are taken apart."""
    fields = definition.schema.register_fields()
    folded = (
        subject
        for name in definition.search.subjects
        if name in values
        for text in texts_in_record(fields[name], values[name], values)
        for subject in subjects_in(text)
    )
    return tuple(itertools.islice(dict.fromkeys(folded), MAX_SUBJECTS))


@functools.cache
def _register_words(label: str) -> tuple[str, ...]:
    return tuple(i18n.gettext(label, lang) for lang in i18n.LOCALES)


@functools.lru_cache(4096)
def _region_words(region: str) -> tuple[str, ...]:
    codes = (region, *regions.ancestors(region)) if region else ()
    return tuple(regions.label(code, lang) for code in codes for lang in i18n.LOCALES)


def _linked_facet(targets: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {"linked": targets} if targets else {}


def _source(values: Mapping[str, Any]) -> str:
    """The source of a record by name; `UNSTATED` for what its holder has filed and what names none."""
    return str(values.get("source") or UNSTATED)[:MAX_SOURCE_LENGTH].strip()


@functools.lru_cache(4096)
def _gap_facet(warnings: str) -> dict[str, tuple[str, ...]]:
    """What a record lacks or leaves in doubt, as `field.code`, by its warnings as JSON; many records have the same."""
    gaps = tuple(dict.fromkeys(f"{issue['field']}.{issue['code']}" for issue in json.loads(warnings)))
    return {GAP_FACET: gaps} if gaps else {}


def _caution_facet(codes: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {CAUTION: (ANY_CAUTION, *codes)} if codes else {}


def _date_number(date: str) -> int:
    """Return a sparse ISO date as yyyymmdd, 00 for a month or a day that it does not state; 0 for none."""
    return int(date.replace("-", "").ljust(DATE_DIGITS, "0")) if date else 0


def _unique(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


class LookedAt(NamedTuple):
    """Records as they are now: their search documents, and what stands on the watch lists for each."""

    documents: list[SearchDocument]
    dues: dict[int, tuple[Due, ...]]


def build_documents(connection: Connection, record_ids: Sequence[int]) -> list[SearchDocument]:
    """Return the search documents of these records as they are now; missing records are left out."""
    return look_at_records(connection, record_ids).documents


def look_at_records(connection: Connection, record_ids: Sequence[int]) -> LookedAt:
    """Return what index and watch lists keep of these records; missing records are left out."""
    targets: dict[int, list[str]] = {}
    for link in connection.execute(
        select(Link.from_id, record_queries.Target.slug)
        .join(record_queries.Target, record_queries.Target.id == Link.to_id)
        .where(Link.from_id.in_(record_ids))
    ):
        targets.setdefault(link.from_id, []).append(link.slug)
    present = record_queries.select_records().where(record_queries.IS_PRESENT)
    rows = connection.execute(present.where(Record.id.in_(record_ids))).all()
    links = cautions.fetch_links_for_cautions(connection, rows)
    searched = full_texts.fetch_searched_texts(connection, rows)
    holds = holdings.registers_held_in_force(connection, rows)
    today = clock.today()
    documents = [
        build_document(
            row,
            targets.get(row.id, ()),
            _caution_codes(row, links.get(row.id, ()), today),
            personal.drop_masked(searched[row.id].text or "") if row.id in searched else "",
            holds=holds.get(row.id, ()),
        )
        for row in rows
    ]
    return LookedAt(documents, watch_lists.items_of_rows(rows, links, today))


def _caution_codes(row: FetchedRow, links: Iterable[LinkForCautions], today: dt.date) -> list[str]:
    definition = catalogue()[row.register]
    if not definition.cautions and not links:
        return []
    values = record_queries.document_of(row)
    status = definition.life_cycle.status_on(row.status, values, today)
    found = cautions.cautions_of(definition, status, values, links=links, day=today)
    return [each.code for each in found]


def iterate_records(registry: Registry) -> Iterator[LookedAt]:
    """Yield what index and watch lists keep of every record, in batches by id."""
    last = 0
    with read_transaction(registry.engine) as connection:
        while ids := list(
            connection.execute(
                select(Record.id).where(Record.id > last).order_by(Record.id).limit(BATCH_SIZE)
            ).scalars()
        ):
            give_sign()  # a whole rebuild takes long
            yield look_at_records(connection, ids)
            last = ids[-1]


def iterate_documents(registry: Registry) -> Iterator[SearchDocument]:
    """Yield the search document of every record, read in batches by id."""
    for looked_at in iterate_records(registry):
        yield from looked_at.documents


def rebuild_index(
    registry: Registry,
    progress: Callable[[int], object] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Build a new index beside the old one and swap them; return the number of documents.

    Raises `RebuildStopped` soon after `stopped` says True; the old index stands then.

    What past days are counted by is dropped too, and made anew by the relay.
    What a relay writes into the old one meanwhile is repaired afterwards. `progress` is called with 1 for each document.
    """

    cautioned: dict[int, str] = {}
    dues: dict[int, tuple[Due, ...]] = {}

    def counted() -> Iterator[SearchDocument]:
        for looked_at in iterate_records(registry):
            dues.update(looked_at.dues)
            for document in looked_at.documents:
                if codes := caution_codes_of(document):
                    cautioned[document.id] = codes
                if progress:
                    progress(1)
                yield document

    count = registry.search.rebuild(counted(), stopped)
    _repair(registry)
    with unit_of_work(registry.engine) as connection:
        enqueue(connection, TEXT_TOPIC, text_reading.find_unread_texts(connection))
        stored = connection.execute(select(Record.id).where(Record.caution_codes != "")).scalars()
        _write_caution_codes(connection, dict.fromkeys(stored, "") | cautioned)
        watch_lists.store_items(connection, dues)
        drop_history(connection)
    return count


def caution_codes_of(document: SearchDocument) -> str:
    """Return the codes of a record's cautions as its row keeps them, separated by blanks."""
    return " ".join(document.facets.get(CAUTION, ())[1:])  # without `ANY_CAUTION`


def store_caution_codes(connection: Connection, documents: Iterable[SearchDocument]) -> None:
    """Keep with the records the cautions that were found for the index, and show anew the pages that list them."""
    _write_caution_codes(connection, {document.id: caution_codes_of(document) for document in documents})


def _write_caution_codes(connection: Connection, codes: Mapping[int, str]) -> None:
    for ids in batches(sorted(codes), BATCH_SIZE):
        stored = connection.execute(select(Record.id, Record.caution_codes).where(Record.id.in_(ids)))
        changed = [row.id for row in stored if row.caution_codes != codes[row.id]]
        if changed:
            connection.execute(
                UPDATE_CAUTION_CODES,
                [{"record_id": record_id, "codes": codes[record_id]} for record_id in changed],
            )
            ends = connection.execute(select(Link.to_id).where(Link.from_id.in_(changed))).scalars()
            starts = connection.execute(select(Link.from_id).where(Link.to_id.in_(changed))).scalars()
            shown_on = {each for each in (*ends, *starts) if each is not None}
            link_resolution.bump_page_versions(connection, touched=shown_on, retitled=set())


@dataclass(frozen=True, slots=True)
class IndexRepair:
    """How many documents were missing from the index, out of date (`stale`), or of no record (`extra`)."""

    missing: int = 0
    stale: int = 0
    extra: int = 0

    @property
    def repaired(self) -> int:
        """How many documents were written or deleted for it."""
        return self.missing + self.stale + self.extra


def verify_index(registry: Registry) -> IndexRepair:
    """Compare index and database by record id and index version, and repair the index.

    An index that is lost, or cannot be read to its end, is built again: then every document counts as missing.
    """
    if not registry.search.verify():
        return IndexRepair(missing=rebuild_index(registry))
    return _repair(registry)


def _repair(registry: Registry) -> IndexRepair:
    """Write and delete until index and database agree; return what differed at first.

    Compares again after writing: a relay may have been faster, and its newer document been replaced.
    """
    first: IndexRepair | None = None
    for _round in range(MAX_REPAIR_ROUNDS):
        missing, stale, extra = compare_index(registry)
        first = first or IndexRepair(len(missing), len(stale), len(extra))
        outdated = missing + stale
        if not outdated and not extra:
            break
        for batch in batches(outdated, BATCH_SIZE):
            with read_transaction(registry.engine) as connection:
                documents = build_documents(connection, batch)
            registry.search.write(documents, [])
        if extra:
            registry.search.write([], extra)
    return first or IndexRepair()
