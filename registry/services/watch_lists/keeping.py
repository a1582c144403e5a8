"""The watch lists in the store: written when a record is indexed, and for all records when registers declare other things."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.kit.record import Record
from registry.kit.watch_lists import AHEAD, COPIED, Due
from registry.kit.watched import WatchItem, WatchNotice
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records import cautions
from registry.services.watch_lists import items
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.state import read_state, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 500
STATE_NAME = "watch_lists"  # what registers declared when all records were last looked at
FIRST_DAY = dt.date(1, 1, 1)
COLUMNS = tuple(WatchItem.__table__.columns)
EMPTY: tuple[Any, ...] = ()
PARTIES = select(
    Record.id,
    Record.register,
    Record.region_code,
    Record.holder_id,
    Record.issuer_id,
    record_queries.Holder.region_code.label("holder_region"),
).outerjoin(record_queries.Holder, record_queries.Holder.id == Record.holder_id)


def store_items(connection: Connection, found: Mapping[int, Sequence[Due]]) -> None:
    """Write what stands on the lists for these records in the place of what did, but for copied texts: a job of their own finds these.

    What has no day and is over may be told again should it come back: that it was told is forgotten.
    """
    for ids in batches(sorted(found), BATCH_SIZE):
        stored: dict[int, dict[str, tuple[Any, ...]]] = {}
        for row in connection.execute(
            select(*COLUMNS).where(WatchItem.record_id.in_(ids), WatchItem.watch != COPIED)
        ):
            stored.setdefault(row.record_id, {})[row.watch] = tuple(row)
        made = _rows_by_watch(connection, {each: found[each] for each in ids})
        changed = [each for each in ids if stored.get(each, {}) != made.get(each, {})]
        if not changed:
            continue
        over = [
            (WatchNotice.record_id == each) & (WatchNotice.code == row[2])
            for each in changed
            for watch, row in stored.get(each, {}).items()
            if row[3] is None and made.get(each, {}).get(watch, EMPTY)[2:4] != row[2:4]
        ]
        connection.execute(
            delete(WatchItem).where(WatchItem.record_id.in_(changed), WatchItem.watch != COPIED)
        )
        for some in batches(over, BATCH_SIZE // 5):
            connection.execute(delete(WatchNotice).where(WatchNotice.due == "", or_(*some)))
        names = [column.name for column in COLUMNS]
        rows = [dict(zip(names, row, strict=True)) for each in changed for row in made.get(each, {}).values()]
        if rows:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            connection.execute(insert(WatchItem).on_conflict_do_nothing(), rows)


def rows_of_items(
    connection: Connection, found: Mapping[int, Sequence[Due]]
) -> dict[int, set[tuple[Any, ...]]]:
    """Return the rows that `store_items` writes for these records, by record, in the order of the columns of the table."""
    made = _rows_by_watch(connection, found)
    return {record_id: set(rows.values()) for record_id, rows in made.items()}


def _rows_by_watch(
    connection: Connection, found: Mapping[int, Sequence[Due]]
) -> dict[int, dict[str, tuple[Any, ...]]]:
    return {
        record.id: {due.watch: _row(record, due) for due in found[record.id]}
        for record in connection.execute(PARTIES.where(Record.id.in_(found)))
    }


def _row(record: FetchedRow, due: Due) -> tuple[Any, ...]:
    """A row of the table in the order of `COLUMNS`; what has no day is listed since ever."""
    is_ahead = due.day is not None and due.day - FIRST_DAY > AHEAD
    listed_from = due.day - AHEAD if is_ahead and due.day else FIRST_DAY
    region = record.region_code or record.holder_region or ""
    what = (record.id, due.watch, due.code, due.day, listed_from)
    return (*what, record.register, region, record.holder_id, record.issuer_id)


def keep_lists(registry: Registry) -> int:
    """Look at all records where registers declare other things than when that was last done; return how many were looked at."""
    require(SYSTEM, Action.RELAY)
    declared = _declared()
    with read_transaction(registry.engine) as connection:
        if read_state(connection, STATE_NAME) == declared:
            return 0
    count, last = 0, 0
    while True:
        with read_transaction(registry.engine) as connection:
            rows = connection.execute(
                record_queries.select_records()
                .where(Record.id > last, record_queries.IS_PRESENT)
                .order_by(Record.id)
                .limit(BATCH_SIZE)
            ).all()
            links = cautions.fetch_links_for_cautions(connection, rows)
        if not rows:
            break
        found = items.items_of_rows(rows, links, clock.today())
        with unit_of_work(registry.engine) as connection:
            store_items(connection, found)
        count, last = count + len(rows), rows[-1].id
    with unit_of_work(registry.engine) as connection:
        write_state(connection, STATE_NAME, declared)
    return count


def _declared() -> str:
    """Return what all registers declare, as a hash: another one where a list may look otherwise."""
    parts: list[tuple[object, ...]] = []
    for slug, definition in sorted(catalogue().items()):
        life_cycle = definition.life_cycle
        parts += [(slug, each.watch, each.code, each.states) for each in definition.declared_dues()]
        parts += [(slug, each.code, each.basis, ()) for each in definition.due_dates if each.basis]
        parts += [
            (slug, change.transition, change.field, change.before) for change in life_cycle.date_changes
        ]
        parts += [
            (slug, kind.watch, kind.code, ())
            for rule in definition.cautions
            for kind in rule.kinds
            if kind.watch
        ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
