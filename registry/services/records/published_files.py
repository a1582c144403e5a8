"""Files that the holder of a record made public with what they applied for, or staff with a record that they entered.

The document names each of them with its SHA-256: while it does, anybody may have the file, and no other one.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select

from registry.attachments.file_names import sanitise_file_name
from registry.attachments.kinds import Kind
from registry.attachments.model import Attachment
from registry.kit.application_case import Application, ApplicationFile, ApplicationStep
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Record
from registry.kit.record_entry import DeskEntry
from registry.ledger.model import Item
from registry.reference.identifiers import personal
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.records.views import PublishedFileView
from registry.store.base import FetchedRow, SelectStatement
from registry.store.prepared import PreparedSelect, read_only_transaction


def list_published_files(
    registry: Registry, definition: RegisterDefinition, record_id: int, document: Mapping[str, Any]
) -> tuple[PublishedFileView, ...]:
    """Return the files that a record's page offers to everyone, in the order of the document. Most records cost no query."""
    hashes = _disclosed_hashes(definition, document)
    if not hashes:
        return ()
    with read_only_transaction(registry.engine) as connection:
        rows = _files_of_record(entered=definition.desk_entry is not None).all(
            connection, record_id=record_id
        )
    found = {
        row.sha256: PublishedFileView(public_name(row.name, row.file_kind), row.size, row.sha256)
        for row in rows
    }
    return tuple(found[each] for each in hashes if each in found)


def fetch_published_file(connection: Connection, sha256: str) -> FetchedRow | None:
    """Return a file that a record makes public now, None for any other one."""
    found = (
        statement.add_columns(Record.register, Item.document)
        .join(Record, Record.id == record_id)
        .join(Item, Item.hash == Record.document_hash)
        .where(Attachment.sha256 == sha256)
        for statement, record_id in (
            (_select_files(), Application.record_id),
            (_select_entered(), DeskEntry.record_id),
        )
    )
    return next(
        (
            row
            for statement in found
            for row in connection.execute(statement)
            if sha256 in _disclosed_hashes(catalogue()[row.register], json.loads(row.document))
        ),
        None,
    )


def public_name(name: str, kind: Kind) -> str:
    """Return what a file is called in public: as its holder called it, without numbers of identity cards and mobile telephones."""
    stem, dot, extension = name.rpartition(".")
    return sanitise_file_name(personal.drop_masked(personal.mask_numbers(stem)) + dot + extension, kind)


def _select_files() -> SelectStatement:
    """Select the files that their holders have marked as public, of applications that were published."""
    return (
        select(Attachment.id, Attachment.sha256, Attachment.size, Attachment.name)
        .add_columns(Attachment.kind.label("file_kind"))
        .join(ApplicationFile, ApplicationFile.attachment_id == Attachment.id)
        .join(ApplicationStep, ApplicationStep.id == ApplicationFile.step_id)
        .join(Application, Application.id == ApplicationStep.application_id)
        .where(ApplicationFile.public, Application.record_id.is_not(None))
    )


def _select_entered() -> SelectStatement:
    """Select the files of records that staff have entered, once these were published."""
    return (
        select(Attachment.id, Attachment.sha256, Attachment.size, Attachment.name)
        .add_columns(Attachment.kind.label("file_kind"))
        .join(DeskEntry, DeskEntry.attachment_id == Attachment.id)
        .where(DeskEntry.record_id.is_not(None))
    )


@functools.cache
def _files_of_record(*, entered: bool) -> PreparedSelect:
    if entered:
        return PreparedSelect(_select_entered().where(DeskEntry.record_id == bindparam("record_id")))
    return PreparedSelect(_select_files().where(Application.record_id == bindparam("record_id")))


def _disclosed_hashes(definition: RegisterDefinition, document: Mapping[str, Any]) -> tuple[str, ...]:
    """The hashes of the files that a document names, each once."""
    applications = definition.filing.application if definition.filing else None
    named = applications.evidence_field if applications else ""
    if definition.desk_entry is not None:
        named = definition.desk_entry.files
    rows = (document.get(named) or ()) if named else ()
    return tuple(dict.fromkeys(str(row["sha256"]) for row in rows if row.get("sha256")))
