"""The full text of an own standard: stored with its hash, and public only where its enterprise says so.

Number, title and indicators are what must be disclosed (Standardization Law 2017, Art. 27); formulas and processes in
the text stay trade secrets. The hash of a text that is not public lets its holder show later which text they had. What
is public follows from the record's present document, whichever door it came by; the receipt only names the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.attachments import file_store
from registry.attachments.model import Attachment, AttachmentText
from registry.errors import NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.draft import Receipt
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication.record_queries import IS_PRESENT
from registry.services.records import published_files
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

TEXT_COLUMNS = (Attachment.id, Attachment.sha256, Attachment.size, Attachment.name)


@dataclass(frozen=True, slots=True)
class TextView:
    """A stored text: its file name, and where its bytes are."""

    name: str
    size: int  # bytes
    sha256: str
    path: Path


def find_public_text(registry: Registry, actor: Actor, sha256: str) -> TextView:
    """Return a text, or a file of an application, that a record makes public now.

    Raises `NotFound`, for a private one as for none.
    """
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        texts = _public_texts(connection, [sha256[:64]])
        file = None if texts else published_files.fetch_published_file(connection, sha256[:64])
    if texts:
        return make_text_view(registry, texts[0])
    if file is None:
        raise NotFound("text", sha256[:64])
    return replace(
        make_text_view(registry, file), name=published_files.public_name(file.name, file.file_kind)
    )


def find_public_hashes(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Return which of these hashes are of a text that a record makes public now."""
    return {row.sha256 for row in _public_texts(connection, hashes)}


def _public_texts(connection: Connection, hashes: Sequence[str]) -> list[FetchedRow]:
    """Return the files of these hashes that were filed with a record which makes them public now."""
    rows = connection.execute(
        select(*TEXT_COLUMNS, Record.register, Item.document)
        .join(Receipt, Receipt.text_id == Attachment.id)
        .join(Record, Record.id == Receipt.record_id)
        .join(Item, Item.hash == Record.document_hash)
        .where(Attachment.sha256.in_(hashes), IS_PRESENT)
    )
    return [
        row
        for row in rows
        if disclosed_hash(catalogue()[row.register], json.loads(row.document)) == row.sha256
    ]


def find_page_text(
    registry: Registry, definition: RegisterDefinition, record_id: int, document: Mapping[str, Any]
) -> TextView | None:
    """Return the text that a record's page offers to everyone, or None. Most records cost no query."""
    if not disclosed_hash(definition, document):
        return None
    with read_transaction(registry.engine) as connection:
        row = find_filed_text(connection, definition, record_id, document)
    return make_text_view(registry, row) if row is not None else None


def disclosed_hash(definition: RegisterDefinition, document: Mapping[str, Any]) -> str:
    """Return the hash of the text that a document makes public, "" where it makes none."""
    full_text = definition.filing.full_text if definition.filing else None
    if full_text is None or not document.get(full_text.public_field):
        return ""
    return str(document.get(full_text.hash_field) or "")


class SearchedText(NamedTuple):
    """The text by whose words a record is found; `text` None: it has not been read yet."""

    sha256: str
    text: str | None


def fetch_searched_texts(connection: Connection, rows: Iterable[FetchedRow]) -> dict[int, SearchedText]:
    """Return record id → the text by whose words it is found: public, and of a record that has not ended.

    One statement, or none where no record makes a text public. `rows`: with the columns of `record_queries`.
    """
    hashes = {row.id: hashed for row in rows if (hashed := _searched_hash(row))}
    if not hashes:
        return {}
    filed = connection.execute(
        select(Receipt.record_id, Attachment.sha256, AttachmentText.text)
        .join(Attachment, Attachment.id == Receipt.text_id)
        .outerjoin(AttachmentText, AttachmentText.sha256 == Attachment.sha256)
        .where(Receipt.record_id.in_(list(hashes)), Attachment.sha256.in_(set(hashes.values())))
    )
    return {
        row.record_id: SearchedText(row.sha256, row.text)
        for row in filed
        if row.sha256 == hashes[row.record_id]
    }


def _searched_hash(row: FetchedRow) -> str:
    """Return the hash of the text that a record makes public, "" where it makes none or has ended by today."""
    definition = catalogue()[row.register]
    full_text = definition.filing.full_text if definition.filing else None
    if full_text is None or f'"{full_text.public_field}":true' not in row.document:  # quicker than to read it
        return ""
    document = json.loads(row.document)
    status = definition.life_cycle.status_on(row.status, document, clock.today())
    has_ended = definition.life_cycle.state(status).standing == "ended"
    return "" if has_ended else disclosed_hash(definition, document)


def find_filed_text(
    connection: Connection, definition: RegisterDefinition, record_id: int, document: Mapping[str, Any]
) -> FetchedRow | None:
    """Return the newest text that was filed with a record and whose hash the record still has."""
    full_text = definition.filing.full_text if definition.filing else None
    if full_text is None:
        return None
    hashed = document.get(full_text.hash_field)
    row: FetchedRow | None = connection.execute(
        select(*TEXT_COLUMNS)
        .join(Receipt, Receipt.text_id == Attachment.id)
        .where(Receipt.record_id == record_id, Attachment.sha256 == str(hashed))
        .order_by(Receipt.id.desc())
        .limit(1)
    ).one_or_none()
    return row


def make_text_view(registry: Registry, row: FetchedRow) -> TextView:
    """Make the view of a text from a row with `TEXT_COLUMNS`."""
    path = file_store.path_of(registry.settings.attachments_dir, row.sha256)
    return TextView(row.name, row.size, row.sha256, path)
