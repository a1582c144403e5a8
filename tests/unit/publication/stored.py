"""Documents published by hand, and what the store holds of them then."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from registry import clock
from registry.kit.record import Identifier, Link, Record, StandingWarning
from registry.ledger.model import Entry, Item
from registry.outbox.model import Message
from registry.registers import catalogue
from registry.services.publication import publishing
from registry.services.publication.batch_writer import Authority
from registry.services.publication.existing_records import ExistingRecord, find_existing_records
from registry.services.publication.publishing import PreparedDocument, PublishOutcome
from registry.store.base import FetchedRow

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=clock.SHANGHAI)
DAY = dt.timedelta(days=1)


def document(
    slug: str, values: Mapping[str, Any], *, row: int = 1, status: str = "", **more: Any
) -> PreparedDocument:
    """A whole document on its way to publication, with the natural key that its values give."""
    return PreparedDocument(row, catalogue()[slug].key.compute(values), values, status, **more)


def publish(
    connection: Connection, slug: str, *documents: PreparedDocument, role: str = "registrar", **more: Any
) -> list[PublishOutcome]:
    """Publish documents, at noon of 4 May 2026 plus `later`. `legal_basis`: of the authority; `definition`: another one."""
    definition = more.pop("definition", catalogue()[slug])
    authority = Authority(role, more.pop("legal_basis", ""))
    with clock.frozen_at(NOON + more.pop("later", dt.timedelta(0))):
        return publishing.publish(connection, definition, documents, authority, **more)


def add(connection: Connection, slug: str, values: Mapping[str, Any], **more: Any) -> PublishOutcome:
    """Publish one whole document; what `document` does not take goes to `publish`."""
    given = {
        name: more.pop(name)
        for name in ("role", "later", "legal_basis", "definition", "reason")
        if name in more
    }
    [outcome] = publish(connection, slug, document(slug, values, **more), **given)
    return outcome


def known(connection: Connection, slug: str, values: Mapping[str, Any]) -> ExistingRecord:
    """The record of these values, as a sheet reads it."""
    definition = catalogue()[slug]
    key = definition.key.compute(values)
    return find_existing_records(connection, definition, [key], []).by_key[key]


def record(connection: Connection, record_id: int = 1) -> FetchedRow:
    return connection.execute(select(*Record.__table__.c).where(Record.id == record_id)).one()


def statuses(connection: Connection) -> dict[int, str]:
    return {
        row.id: row.status for row in connection.execute(select(Record.id, Record.status).order_by(Record.id))
    }


def versions(connection: Connection) -> dict[int, tuple[int, int]]:
    """Record → how often its page and its index version have risen."""
    rows = connection.execute(select(Record.id, Record.page_version, Record.index_version))
    return {row.id: (row.page_version - 1, row.index_version - 1) for row in rows}


def entries(connection: Connection, record_id: int = 1) -> list[FetchedRow]:
    """The entries of a record with their documents, the oldest first."""
    statement = select(*Entry.__table__.c, Item.document).join(Item, Item.hash == Entry.document_hash)
    return list(connection.execute(statement.where(Entry.record_id == record_id).order_by(Entry.id)))


def values_of(connection: Connection, record_id: int = 1) -> dict[str, Any]:
    """The document of the latest entry."""
    made: dict[str, Any] = json.loads(entries(connection, record_id)[-1].document)
    return made


def warnings(connection: Connection, record_id: int = 1) -> list[tuple[str, str]]:
    """Code and field of the standing warnings of a record; those in the table of warnings are the same."""
    written = [(each["code"], each["field"]) for each in json.loads(record(connection, record_id).warnings)]
    rows = connection.execute(
        select(StandingWarning.code, StandingWarning.field).where(StandingWarning.record_id == record_id)
    )
    assert {tuple(row) for row in rows} == set(written)
    return written


def announced(connection: Connection) -> list[int]:
    """The records that wait to be sealed and indexed, in the order of their messages."""
    return list(connection.execute(select(Message.subject).order_by(Message.id)).scalars())


def links(connection: Connection, record_id: int) -> set[tuple[str, int | None]]:
    rows = connection.execute(select(Link.relation, Link.to_id).where(Link.from_id == record_id))
    return {(row.relation, row.to_id) for row in rows}


def identifiers(connection: Connection, record_id: int) -> set[str]:
    return set(connection.execute(select(Identifier.key).where(Identifier.record_id == record_id)).scalars())
