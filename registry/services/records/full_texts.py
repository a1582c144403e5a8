"""The full text of an own standard: kept with its hash, and public only where its enterprise says so.

Number, title and indicators are what must be disclosed (Standardization Law 2017, Art. 27); formulas and processes in
the text stay trade secrets. The hash of a text that is not public lets its holder show later which text he had. What
is public follows from the record's present document, whichever door it came by; the receipt only names the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from registry.accounts.policy import Action, Actor, require
from registry.attachments import file_store
from registry.attachments.model import Attachment
from registry.errors import NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.draft import Receipt
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

TEXT_COLUMNS = (Attachment.id, Attachment.sha256, Attachment.size, Attachment.name)


@dataclass(frozen=True, slots=True)
class TextView:
    """A text that is kept: as it was called, its size in bytes, and where its bytes lie."""

    name: str
    size: int
    sha256: str
    path: Path


def find_public_text(registry: Registry, actor: Actor, sha256: str) -> TextView:
    """A text that a declaration makes public as it stands now. Raises `NotFound`: of a private one nobody is told."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(*TEXT_COLUMNS, Record.register, Item.document)
            .join(Receipt, Receipt.text_id == Attachment.id)
            .join(Record, Record.id == Receipt.record_id)
            .join(Item, Item.hash == Record.document_hash)
            .where(Attachment.sha256 == sha256[:64])
        ).all()
    for row in rows:
        if disclosed_hash(catalogue()[row.register], json.loads(row.document)) == row.sha256:
            return make_text_view(registry, row)
    raise NotFound("text", sha256[:64])


def find_page_text(
    registry: Registry, definition: RegisterDefinition, record_id: int, document: Mapping[str, Any]
) -> TextView | None:
    """The text that a record's page offers to anybody. Most records cost no look at the store."""
    if not disclosed_hash(definition, document):
        return None
    with read_transaction(registry.engine) as connection:
        found = find_filed_text(connection, definition, record_id, document)
    return make_text_view(registry, found) if found is not None else None


def disclosed_hash(definition: RegisterDefinition, document: Mapping[str, Any]) -> str:
    """The hash of the text that a document makes public, "" where it makes none."""
    filing = definition.filing
    return (
        str(document.get(filing.text_hash_field) or "")
        if filing and document.get(filing.text_public_field)
        else ""
    )


def find_filed_text(
    connection: Connection, definition: RegisterDefinition, record_id: int, document: Mapping[str, Any]
) -> FetchedRow | None:
    """The newest text that was filed with a record, where the record has its hash still."""
    hashed = document.get(definition.filing.text_hash_field) if definition.filing else None
    found: FetchedRow | None = connection.execute(
        select(*TEXT_COLUMNS)
        .join(Receipt, Receipt.text_id == Attachment.id)
        .where(Receipt.record_id == record_id, Attachment.sha256 == str(hashed))
        .order_by(Receipt.id.desc())
        .limit(1)
    ).one_or_none()
    return found


def make_text_view(registry: Registry, row: FetchedRow) -> TextView:
    """`row`: has `TEXT_COLUMNS`."""
    place = file_store.path_of(registry.settings.attachments_dir, row.sha256)
    return TextView(row.name, row.size, row.sha256, place)
