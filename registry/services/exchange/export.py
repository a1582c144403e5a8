"""Export: a register as CSV, XLSX or JSON lines, streamed; what goes out comes in again unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from sqlalchemy import select, true

from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.people.memberships import FilerAddress, require_filer
from registry.services.publication.record_queries import filer_column
from registry.store.unit_of_work import read_transaction
from registry.tabular.writing import csv_chunks, jsonl_chunks, xlsx_chunks

ExportFormat = Literal["csv", "jsonl", "xlsx"]
BATCH_SIZE = 1000
FIRST_COLUMNS = ("number", "status")


class ExportedRecord(NamedTuple):
    """A record as it goes out: `values` are those of its public document."""

    number: str
    status: str
    values: dict[str, Any]


def export_register(
    registry: Registry, actor: Actor, slug: str, file_format: ExportFormat
) -> Iterator[bytes]:
    """Bytes of the whole register, in order of first publication.

    Raises `NotFound` for an unknown register, before the first byte is asked for.
    """
    require(actor, Action.EXPORT)
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug, code="register_unknown")
    return _file_chunks(definition, iterate_documents(registry, slug), file_format)


def export_filer(
    registry: Registry, actor: Actor, org: FilerAddress, *, slug: str, file_format: ExportFormat
) -> Iterator[bytes]:
    """Bytes of all records of one register that an organisation holds, or a body has issued, whichever files them.

    Raises `NotFound` for an actor who does not act for it.
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        filer = require_filer(connection, actor, org, slug)
    return _file_chunks(catalogue()[slug], iterate_documents(registry, slug, filer.id), file_format)


def sheet_header(definition: RegisterDefinition) -> list[str]:
    """Column names of a register's sheet: number and status first, then the fields of the schema."""
    fields = definition.schema.register_fields()
    return [*FIRST_COLUMNS, *(name for name in fields if name not in FIRST_COLUMNS)]


def iterate_documents(registry: Registry, slug: str, filer_id: int | None = None) -> Iterator[ExportedRecord]:
    """Every record of a register, or of one who files there, in batches by id: memory stays flat."""
    last_id = 0
    own = true() if filer_id is None else filer_column(catalogue()[slug]) == filer_id
    condition = (Record.register == slug) & own
    with read_transaction(registry.engine) as connection:
        while rows := connection.execute(
            select(Record.id, Record.number, Record.status, Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(condition, Record.id > last_id)
            .order_by(Record.id)
            .limit(BATCH_SIZE)
        ).all():
            for row in rows:
                yield ExportedRecord(row.number, row.status, json.loads(row.document))
            last_id = rows[-1].id


def _file_chunks(
    definition: RegisterDefinition, records: Iterable[ExportedRecord], file_format: ExportFormat
) -> Iterator[bytes]:
    if file_format == "jsonl":
        return jsonl_chunks(record_json_line(definition.slug, record) for record in records)
    header = sheet_header(definition)
    rows = (record_cells(definition, header, record) for record in records)
    return csv_chunks(header, rows) if file_format == "csv" else xlsx_chunks(header, rows)


def record_json_line(slug: str, record: ExportedRecord) -> dict[str, Any]:
    """Return a record as an object of a file of JSON lines."""
    return {"register": slug, "number": record.number, "status": record.status, "document": record.values}


def record_cells(
    definition: RegisterDefinition, header: Iterable[str], record: ExportedRecord
) -> list[str | int | float | bool]:
    """Return a record as a row under `header`, which `sheet_header` gives."""
    fields, values = definition.schema.register_fields(), record.values
    first = {"number": values.get("number", record.number), "status": record.status}
    return [
        first[name] if name in first else fields[name].to_cell(values[name]) if name in values else ""
        for name in header
    ]
