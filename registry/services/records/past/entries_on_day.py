"""Entries of records as of the end of a past day in Shanghai: the last one by then, and since when its status stood."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import aliased

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.store.base import FetchedRow

SameStatusEntry = aliased(Entry, name="same")
OtherStatusEntry = aliased(Entry, name="other")
LastEntry = aliased(Entry, name="last")

LAST_OTHER_STATUS_VERSION = (
    select(func.coalesce(func.max(OtherStatusEntry.version), 0))
    .where(
        OtherStatusEntry.record_id == Entry.record_id,
        OtherStatusEntry.version < Entry.version,
        OtherStatusEntry.status != Entry.status,
    )
    .correlate(Entry)
    .scalar_subquery()
)
STATUS_SINCE = (  # when the entry's status began: the first of an unbroken line of entries with that status
    select(func.min(SameStatusEntry.recorded_at))
    .where(
        SameStatusEntry.record_id == Entry.record_id,
        SameStatusEntry.version <= Entry.version,
        SameStatusEntry.version > LAST_OTHER_STATUS_VERSION,
    )
    .correlate(Entry)
    .scalar_subquery()
)
IS_LAST_BY_END = Entry.version == (  # of the entries recorded before `end`
    select(func.max(LastEntry.version))
    .where(LastEntry.record_id == Entry.record_id, LastEntry.recorded_at < bindparam("end"))
    .correlate(Entry)
    .scalar_subquery()
)
LAST_ENTRIES = (
    select(Entry.record_id, Entry.register, Entry.status, STATUS_SINCE.label("since"), Item.document)
    .join(Item, Item.hash == Entry.document_hash)
    .where(Entry.record_id.in_(bindparam("record_ids", expanding=True)), IS_LAST_BY_END)
)


class EntryOnDay(NamedTuple):
    """What was on record of a record: status as entered, the day since which it stood, and the document as JSON."""

    record_id: int
    status: str
    since: dt.date
    document: str


def entries_on_day(connection: Connection, record_ids: Iterable[int], at: dt.date) -> dict[int, EntryOnDay]:
    """Return the last entry of each record by the end of `at`, those that had one. One statement, or none."""
    ids = sorted(record_ids)
    if not ids:
        return {}
    rows = connection.execute(LAST_ENTRIES, {"record_ids": ids, "end": clock.end_of_day(at)})
    return {
        row.record_id: EntryOnDay(
            row.record_id, row.status, status_since(catalogue()[row.register], row, at), row.document
        )
        for row in rows
    }


def status_since(definition: RegisterDefinition, entry: FetchedRow, at: dt.date) -> dt.date:
    """Return the day of the decision that an entry's document states for its status, else the day of the first entry with it."""
    decided = definition.life_cycle.decision_day(entry.status, json.loads(entry.document), None, at)
    return decided or entry.since.astimezone(clock.SHANGHAI).date()
