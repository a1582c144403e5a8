"""Export: a register as CSV, XLSX or JSON lines, streamed; what goes out comes in again unchanged."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select

from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.wiring import Registry
from registry.store.unit_of_work import reading
from registry.tabular.writing import csv_chunks, jsonl_chunks, write_xlsx

Format = Literal["csv", "jsonl", "xlsx"]
BATCH = 1000


def export_stream(registry: Registry, actor: Actor, slug: str, format: Format) -> Iterator[bytes]:  # noqa: A002
    """Bytes of the whole register, in order of first publication.

    Raises `NotFound` at once for an unknown register.
    """
    require(actor, Action.EXPORT)
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug, code="register_unknown")
    if format == "jsonl":
        return jsonl_chunks(
            {"register": slug, "number": number, "status": status, "document": values}
            for number, status, values in documents(registry, slug)
        )
    header = header_of(definition)
    rows = (_cells(definition, header, *record) for record in documents(registry, slug))
    return csv_chunks(header, rows) if format == "csv" else _xlsx(header, rows)


def header_of(definition: RegisterDefinition) -> list[str]:
    """Column names of a register's sheet: number and status first, then the fields of the schema."""
    names = list(definition.schema.kept())
    return ["number", "status", *(name for name in names if name not in ("number", "status"))]


def documents(registry: Registry, slug: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(number, status, values) of every record of a register, in batches by id: memory stays flat."""
    last = 0
    with reading(registry.engine) as work:
        while rows := work.execute(
            select(Record.id, Record.number, Record.status, Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(Record.register == slug, Record.id > last)
            .order_by(Record.id)
            .limit(BATCH)
        ).all():
            for row in rows:
                yield row.number, row.status, json.loads(row.document)
            last = rows[-1].id


def _cells(
    definition: RegisterDefinition, header: list[str], number: str, status: str, values: dict[str, Any]
) -> list[str | int | float | bool]:
    kept = definition.schema.kept()
    spine = {"number": values.get("number", number), "status": status}
    return [
        spine[name] if name in spine else kept[name].to_cell(values[name]) if name in values else ""
        for name in header
    ]


def _xlsx(header: list[str], rows: Iterator[list[str | int | float | bool]]) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="pinzheng-") as folder:
        path = Path(folder) / "sheet.xlsx"
        write_xlsx(path, header, rows)
        with path.open("rb") as file:
            while part := file.read(1 << 16):
                yield part
