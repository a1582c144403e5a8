"""Downloads for everybody: a register, all of them, or what a search finds, each as of a size of the log.

Only sealed entries go out: a record whose newest entry is still waiting is given as the entry before left it, one that has
none is left out. Records are read in short transactions, a batch at a time, so that a slow reader holds nothing.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.kit.record import Record
from registry.ledger import sealing
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.export import (
    ExportedRecord,
    ExportFormat,
    record_cells,
    record_json_line,
    sheet_header,
)
from registry.services.finding import SearchRequest, list_result_ids
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.unit_of_work import read_transaction
from registry.tabular.tables import TableFormat, table_chunks
from registry.tabular.writing import CHUNK_SIZE, jsonl_chunks

BATCH_SIZE = 500
FIRST_BATCH_SIZE = 20  # so that the first bytes leave soon
FIRST_RESULTS = 1_000  # of a list, put in order before its file begins; the others while it is on its way
MAX_RESULTS = 100_000  # of a list in one file; a whole register has no such limit
GZIP_WINDOW = 31  # of zlib: a window of 32 kB in the frame of gzip
# A list of several registers has what their records have in common.
COMMON_COLUMNS = (
    "register", "number", "status", "title_zh", "title_en", "en_source", "holder_zh", "holder_en", "issuer_zh",
    "region_code", "valid_from", "valid_to", "demo", "permalink",
)  # fmt: skip


class Download(NamedTuple):
    """A file in the making. `log_size`: of the log that it was cut at; `records`, `total`: in it and found, of a list."""

    chunks: Iterator[bytes]
    log_size: int
    records: int | None = None
    total: int | None = None


class SealedRecord(NamedTuple):
    """A record as the sealed log has it: the row of its columns, status and values of that entry."""

    row: FetchedRow
    status: str
    values: dict[str, Any]


ROWS = (
    select(
        *record_queries.RECORD_COLUMNS,
        Entry.index.label("entry_index"),
        Entry.status.label("entry_status"),
    )
    .join(Item, Item.hash == Record.document_hash)
    .join(Entry, Entry.id == Record.entry_id)
    .outerjoin(record_queries.Holder, record_queries.Holder.id == Record.holder_id)
    .outerjoin(record_queries.Issuer, record_queries.Issuer.id == Record.issuer_id)
)


def download_register(registry: Registry, actor: Actor, slug: str, file_format: ExportFormat) -> Download:
    """Return a whole register, in order of first publication, in the columns that an import takes.

    Raises `NotFound` for an unknown register.
    """
    require(actor, Action.EXPORT)
    if slug not in catalogue():
        raise NotFound("register", slug, code="register_unknown")
    size = current_log_size(registry, actor)
    records = iterate_register(registry, slug, size)
    return Download(_register_chunks(slug, records, file_format, log_size=size), size)


def download_all(registry: Registry, actor: Actor) -> Download:
    """Return every register as JSON lines, compressed by gzip, core registers first."""
    require(actor, Action.EXPORT)
    size = current_log_size(registry, actor)
    records = (record for slug in catalogue() for record in iterate_register(registry, slug, size))
    return Download(_gzipped(_json_chunks(records)), size)


def download_results(
    registry: Registry, actor: Actor, request: SearchRequest, lang: str, *, file_format: ExportFormat
) -> Download:
    """Return the records of a list in its order, at most `MAX_RESULTS`.

    A list of one register has the columns of that register, one of several what they have in common. Raises `Invalid`
    (dates), `Unavailable` (index away).
    """
    require(actor, Action.EXPORT)
    found = list_result_ids(registry, actor, request, lang, limit=FIRST_RESULTS)

    def further() -> Sequence[int]:
        if found.total <= FIRST_RESULTS:
            return ()
        sent = set(found.ids)
        ids = list_result_ids(registry, actor, request, lang, limit=MAX_RESULTS).ids
        return [record_id for record_id in ids if record_id not in sent]

    size = current_log_size(registry, actor)
    records = _iterate_ids(registry, found.ids, further, size)
    if request.scope.register or file_format == "jsonl":
        chunks = _register_chunks(request.scope.register, records, file_format, log_size=size)
    else:
        base_url = registry.settings.base_url
        rows = (_common_cells(record, base_url) for record in records)
        chunks = _sheet_chunks(COMMON_COLUMNS, rows, file_format, log_size=size)
    return Download(chunks, size, min(found.total, MAX_RESULTS), found.total)


def current_log_size(registry: Registry, actor: Actor) -> int:
    """Return the number of sealed entries."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        return sealing.log_size(connection)


def iterate_register(registry: Registry, slug: str, log_size: int) -> Iterator[SealedRecord]:
    """Yield the records of a register as the first `log_size` entries have them."""
    # Read along the primary key: by an index of the register each batch would sort all that is left of it.
    statement = ROWS.where(func.coalesce(Record.register, "") == slug).order_by(Record.id)
    last_id, size = 0, FIRST_BATCH_SIZE
    while True:
        with read_transaction(registry.engine) as connection:
            rows = connection.execute(statement.where(Record.id > last_id).limit(size)).all()
            batch = _sealed(connection, rows, log_size)
        yield from batch
        if len(rows) < size:
            return
        last_id, size = rows[-1].id, BATCH_SIZE


def _iterate_ids(
    registry: Registry, ids: Sequence[int], further: Callable[[], Sequence[int]], log_size: int
) -> Iterator[SealedRecord]:
    """Yield the sealed records of these ids, then of the `further` ones, which are asked for when those have gone out."""

    def parts() -> Iterator[Sequence[int]]:
        yield ids[:FIRST_BATCH_SIZE]
        yield from batches(ids[FIRST_BATCH_SIZE:], BATCH_SIZE)
        yield from batches(further(), BATCH_SIZE)

    for part in parts():
        with read_transaction(registry.engine) as connection:
            rows = {row.id: row for row in connection.execute(ROWS.where(Record.id.in_(part)))}
            ordered = [rows[record_id] for record_id in part if record_id in rows]
            batch = _sealed(connection, ordered, log_size)
        yield from batch


def _sealed(connection: Connection, rows: Iterable[FetchedRow], log_size: int) -> list[SealedRecord]:
    """Return records as of a size of the log; those of later entries as the entry before left them, if there is one."""
    rows = list(rows)
    waiting = [row.id for row in rows if row.entry_index is None or row.entry_index >= log_size]
    before = _sealed_before(connection, waiting, log_size) if waiting else {}
    records = []
    for row in rows:
        if row.entry_index is not None and row.entry_index < log_size:
            records.append(SealedRecord(row, row.entry_status, json.loads(row.document)))
        elif (entry := before.get(row.id)) is not None:
            records.append(SealedRecord(row, entry.status, json.loads(entry.document)))
    return records


def _sealed_before(connection: Connection, record_ids: Sequence[int], log_size: int) -> dict[int, FetchedRow]:
    """Return the newest entry within a size of the log by record, for all of a batch: after an import each record may wait."""
    newest = (
        select(func.max(Entry.index).label("index"))
        .where(Entry.record_id.in_(record_ids), Entry.index < log_size)
        .group_by(Entry.record_id)
        .subquery()
    )
    statement = (
        select(Entry.record_id, Entry.status, Item.document)
        .join(Item, Item.hash == Entry.document_hash)
        .join(newest, newest.c.index == Entry.index)
    )
    return {row.record_id: row for row in connection.execute(statement)}


def _json_chunks(records: Iterable[SealedRecord]) -> Iterator[bytes]:
    """Yield JSON lines in chunks, the first one for itself, so that it leaves soon."""
    remaining = map(_json_line, records)
    yield from jsonl_chunks(islice(remaining, 1))
    yield from jsonl_chunks(remaining)


def _json_line(record: SealedRecord) -> dict[str, Any]:
    return record_json_line(
        record.row.register, ExportedRecord(record.row.number, record.status, record.values)
    )


def _register_chunks(
    slug: str, records: Iterable[SealedRecord], file_format: ExportFormat, *, log_size: int
) -> Iterator[bytes]:
    if file_format == "jsonl":
        return _json_chunks(records)
    definition = catalogue()[slug]
    header = sheet_header(definition)
    rows = (
        record_cells(definition, header, ExportedRecord(record.row.number, record.status, record.values))
        for record in records
    )
    return _sheet_chunks(header, rows, file_format, log_size=log_size)


def _sheet_chunks(
    header: Sequence[str], rows: Iterable[Sequence[object]], file_format: ExportFormat, *, log_size: int
) -> Iterator[bytes]:
    as_table: TableFormat = "csv" if file_format == "csv" else "xlsx"
    return table_chunks(as_table, header, rows, description=f"log size {log_size}")


def _common_cells(record: SealedRecord, base_url: str) -> list[object]:
    row = record.row
    title = titles.title_of(catalogue()[row.register], row)
    cells: dict[str, object] = {
        "register": row.register,
        "number": row.number,
        "status": record.status,
        "title_zh": title.zh,
        "title_en": title.en,
        "en_source": title.en_source,
        "holder_zh": row.holder_zh or row.holder_title_zh or "",
        "holder_en": row.holder_en or row.holder_title_en or "",
        "issuer_zh": row.issuer_zh or row.issuer_title_zh or "",
        "region_code": row.region_code or row.holder_region_code or "",
        "valid_from": row.valid_from or "",
        "valid_to": row.valid_to or "",
        "demo": bool(row.demo),
        "permalink": f"{base_url}/r/{row.slug}",
    }
    return [cells[name] for name in COMMON_COLUMNS]


def _gzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield chunks compressed; the head of the file leaves before the first record is read."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, GZIP_WINDOW)
    compress: Callable[[bytes], bytes] = compressor.compress
    yield compressor.flush(zlib.Z_SYNC_FLUSH)
    waiting = b""
    for chunk in chunks:
        waiting += compress(chunk)
        if len(waiting) > CHUNK_SIZE:
            yield waiting
            waiting = b""
    yield waiting + compressor.flush()
