"""Export: a register as CSV, XLSX or JSON lines, streamed; what goes out comes in again unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from sqlalchemy import select, true

from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.people.memberships import DECLARATIONS, require_membership
from registry.store.unit_of_work import read_transaction
from registry.tabular.writing import csv_chunks, jsonl_chunks, xlsx_chunks

ExportFormat = Literal["csv", "jsonl", "xlsx"]
BATCH_SIZE = 1000


def export_register(registry: Registry, actor: Actor, slug: str, format: ExportFormat) -> Iterator[bytes]:  # noqa: A002
    """Bytes of the whole register, in order of first publication.

    Raises `NotFound` at once for an unknown register.
    """
    require(actor, Action.EXPORT)
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug, code="register_unknown")
    return _written(registry, definition, format)


def export_holder(registry: Registry, actor: Actor, org: str, format: ExportFormat) -> Iterator[bytes]:  # noqa: A002
    """All that an organisation has declared. Raises `NotFound` for who does not act for it."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
    return _written(registry, catalogue()[DECLARATIONS], format, mine.id)


def _written(
    registry: Registry,
    definition: RegisterDefinition,
    format: ExportFormat,  # noqa: A002
    holder: int | None = None,
) -> Iterator[bytes]:
    if format == "jsonl":
        return jsonl_chunks(
            {"register": definition.slug, "number": number, "status": status, "document": values}
            for number, status, values in iterate_documents(registry, definition.slug, holder)
        )
    header = sheet_header(definition)
    rows = (
        _cells(definition, header, *each) for each in iterate_documents(registry, definition.slug, holder)
    )
    return csv_chunks(header, rows) if format == "csv" else xlsx_chunks(header, rows)


def sheet_header(definition: RegisterDefinition) -> list[str]:
    """Column names of a register's sheet: number and status first, then the fields of the schema."""
    names = list(definition.schema.register_fields())
    return ["number", "status", *(name for name in names if name not in ("number", "status"))]


def iterate_documents(
    registry: Registry, slug: str, holder: int | None = None
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(number, status, values) of every record of a register, or of one holder, in batches by id: memory stays flat."""
    last = 0
    wanted = (Record.register == slug) & (true() if holder is None else Record.holder_id == holder)
    with read_transaction(registry.engine) as connection:
        while rows := connection.execute(
            select(Record.id, Record.number, Record.status, Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(wanted, Record.id > last)
            .order_by(Record.id)
            .limit(BATCH_SIZE)
        ).all():
            for row in rows:
                yield row.number, row.status, json.loads(row.document)
            last = rows[-1].id


def _cells(
    definition: RegisterDefinition, header: list[str], number: str, status: str, values: dict[str, Any]
) -> list[str | int | float | bool]:
    kept = definition.schema.register_fields()
    spine = {"number": values.get("number", number), "status": status}
    return [
        spine[name] if name in spine else kept[name].to_cell(values[name]) if name in values else ""
        for name in header
    ]
