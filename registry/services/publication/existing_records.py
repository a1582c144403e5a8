"""The records that rows of a sheet are about, found by number or natural key, with what they say now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select

from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import Link, Record
from registry.ledger.model import Entry, Item
from registry.store.base import FetchedRow

COLUMNS = (Record.number, Record.natural_key, Record.status, Record.version, Record.warnings, Item.document)
BY_KEY = (
    select(*COLUMNS)
    .join(Item, Item.hash == Record.document_hash)
    .where(
        Record.register == bindparam("register"), Record.natural_key.in_(bindparam("keys", expanding=True))
    )
)
BY_NUMBER = (
    select(*COLUMNS)
    .join(Item, Item.hash == Record.document_hash)
    .where(Record.register == bindparam("register"), Record.number.in_(bindparam("numbers", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class ExistingRecord:
    """A record before a row changes it: what it says, its status, and the doubts about its sources.

    `version`: the one that was read, so that publication can tell that another writer has been there meanwhile.
    """

    number: str
    natural_key: str
    status: str
    version: int
    values: Mapping[str, Any]
    doubts: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class ExistingRecords:
    """Records of one register by natural key and by number."""

    by_key: Mapping[str, ExistingRecord]
    by_number: Mapping[str, ExistingRecord]

    def find(self, key: str, number: str) -> ExistingRecord | None:
        """The record that a row is about: the one with its number, else the one with its key."""
        return self.by_number.get(number) or self.by_key.get(key)


def find_existing_records(
    connection: Connection,
    definition: RegisterDefinition,
    keys: Collection[str],
    numbers: Collection[str],
) -> ExistingRecords:
    """Find the records that have one of these natural keys or numbers; two statements at most."""
    by_key = {}
    if keys:
        rows = connection.execute(BY_KEY, {"register": definition.slug, "keys": list(keys)})
        by_key = {record.natural_key: record for record in _records(rows)}
    by_number = {record.number: record for record in by_key.values()}
    if missing := [number for number in numbers if number not in by_number]:
        rows = connection.execute(BY_NUMBER, {"register": definition.slug, "numbers": missing})
        by_number |= {record.number: record for record in _records(rows)}
    return ExistingRecords(by_key, by_number)


def _records(rows: Iterable[FetchedRow]) -> Sequence[ExistingRecord]:
    return [
        ExistingRecord(
            row.number,
            row.natural_key,
            row.status,
            row.version,
            orjson.loads(row.document),
            load_doubts(row.warnings),
        )
        for row in rows
    ]


def load_doubts(text: str) -> tuple[Issue, ...]:
    """The doubts about its sources among the standing warnings of a record; `text`: as its column holds them."""
    if '"of_source"' not in text:
        return ()
    return tuple(
        Issue(each["code"], each["field"], each["params"], "warns", of_source=True)
        for each in orjson.loads(text)
        if each.get("of_source")
    )


def find_pinned_by_link(
    connection: Connection, definition: RegisterDefinition, records: Collection[FetchedRow]
) -> set[int]:
    """Return the records in a state that a linked record has brought them to, as long as that one has not changed back."""
    pinned: set[int] = set()
    for rule in definition.life_cycle.linked_changes:
        ids = [record.id for record in records if record.status == rule.after]
        if ids:
            this, other = (Link.to_id, Link.from_id) if rule.incoming else (Link.from_id, Link.to_id)
            brought = (Link.relation == rule.relation) & Record.status.in_(rule.when)
            rows = connection.execute(
                select(this).join(Record, Record.id == other).where(this.in_(ids), brought)
            )
            pinned |= set(ids) & set(rows.scalars())
    return pinned


def fetch_first_entries(connection: Connection, record_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return record id → when its first entry was recorded."""
    if not record_ids:
        return {}
    rows = connection.execute(
        select(Entry.record_id, Entry.recorded_at).where(Entry.record_id.in_(record_ids), Entry.version == 1)
    )
    return {row.record_id: row.recorded_at for row in rows}
