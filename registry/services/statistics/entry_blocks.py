"""Past days without reading the log again: sealed entries are kept as blocks of columns, which the relay extends."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from registry.accounts.policy import SYSTEM, Action, require
from registry.errors import Unavailable
from registry.ledger.entry_blocks import EntryBlock
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.records.facets.facet_names import own_facets
from registry.services.statistics.entry_columns import (
    EntryColumns,
    columns_of,
    concatenate,
    read_columns,
    write_columns,
)
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

FORMAT = 1  # raise it when the values of a facet or the columns themselves are made differently
STEP = 2_000  # entries that one step of the relay adds
MAX_MERGED = 500_000  # entries of a block that is joined with another
MAX_UNREAD = 5_000  # entries before the end of a past day that a reader reads by itself
FIRST_ENTRY = 1
ENTRIES = select(
    *(Entry.id, Entry.record_id, Entry.register, Entry.status, Entry.reason, Entry.recorded_at, Item.document)
).join(Item, Item.hash == Entry.document_hash)


@dataclass(frozen=True)
class History:
    """What the blocks hold. `parts`: (first, last entry) → columns; `columns`: of all; `last_entry`: of them, 0 for none."""

    parts: dict[tuple[int, int], EntryColumns]
    columns: EntryColumns
    last_entry: int


def extend_history(registry: Registry) -> int:
    """Add a step of sealed entries to the blocks; return how many. The lock of the relay must be held."""
    require(SYSTEM, Action.RELAY)
    with read_transaction(registry.engine) as connection:
        blocks = _usable_blocks(connection)
        last = blocks[-1].last_entry if blocks else FIRST_ENTRY - 1
        new = connection.execute(
            ENTRIES.where(Entry.id > last, Entry.index.is_not(None)).order_by(Entry.id).limit(STEP)
        ).all()
        if not new:
            return 0
        joined = _blocks_to_join(blocks, len(new))
        parts = [*_read_blocks(connection, [block.first_entry for block in joined]).values(), columns_of(new)]
    kept = [block.first_entry for block in blocks if block not in joined]
    first = joined[0].first_entry if joined else last + 1
    row = {
        "first_entry": first,
        "last_entry": new[-1].id,
        "form": _form(),
        "arrays": write_columns(concatenate(parts)),
    }
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(EntryBlock).where(EntryBlock.first_entry.not_in(kept)))
        connection.execute(insert(EntryBlock), [row])
    return len(new)


def drop_history(connection: Connection) -> None:
    """Drop all blocks: they are made anew from the log."""
    connection.execute(delete(EntryBlock))


def read_history(registry: Registry, connection: Connection, end: dt.datetime) -> EntryColumns:
    """Return the columns of all entries that were recorded before `end`, and perhaps of later ones.

    Raises `Unavailable` (`days_being_counted`) where too many of them are in no block yet.
    """
    blocks = _usable_blocks(connection)
    keys = tuple((block.first_entry, block.last_entry) for block in blocks)
    history: History = registry.entry_history.get_or_make(
        (_form(), keys), lambda before: _load(connection, keys, before)
    )
    unread = connection.execute(
        ENTRIES.where(Entry.id > history.last_entry, Entry.recorded_at < end)
        .order_by(Entry.id)
        .limit(MAX_UNREAD + 1)
    ).all()
    if len(unread) > MAX_UNREAD:
        raise Unavailable("days_being_counted")
    return concatenate([history.columns, columns_of(unread)]) if unread else history.columns


def _load(connection: Connection, keys: Sequence[tuple[int, int]], before: History | None) -> History:
    """Return the history of these blocks; what was read before is not read again."""
    known = before.parts if before else {}
    missing = [key for key in keys if key not in known]
    read = _read_blocks(connection, [first for first, _last in missing])
    parts = {key: known[key] if key in known else read[key[0]] for key in keys}
    columns = concatenate(list(parts.values())) if parts else columns_of(())
    return History(parts, columns, keys[-1][1] if keys else FIRST_ENTRY - 1)


def _usable_blocks(connection: Connection) -> list[FetchedRow]:
    """Return the blocks of the present form from the first entry on, up to the first gap."""
    blocks = connection.execute(
        select(EntryBlock.first_entry, EntryBlock.last_entry)
        .where(EntryBlock.form == _form())
        .order_by(EntryBlock.first_entry)
    ).all()
    ends = (FIRST_ENTRY - 1, *(block.last_entry for block in blocks))
    pairs = zip(ends, blocks, strict=False)
    return [
        block for _end, block in itertools.takewhile(lambda pair: pair[1].first_entry == pair[0] + 1, pairs)
    ]


def _blocks_to_join(blocks: Sequence[FetchedRow], new: int) -> list[FetchedRow]:
    """Return the last blocks that are written anew with the new entries: sizes double, so that there are few blocks."""
    joined: list[FetchedRow] = []
    size = new
    for block in reversed(blocks):
        entries = block.last_entry - block.first_entry + 1
        if entries > 2 * size or entries + size > MAX_MERGED:
            break
        joined.insert(0, block)
        size += entries
    return joined


def _read_blocks(connection: Connection, firsts: Sequence[int]) -> dict[int, EntryColumns]:
    """Return first entry → columns of these blocks, in order."""
    rows = connection.execute(
        select(EntryBlock.first_entry, EntryBlock.arrays)
        .where(EntryBlock.first_entry.in_(firsts))
        .order_by(EntryBlock.first_entry)
    )
    return {row.first_entry: read_columns(row.arrays) for row in rows}


def _form() -> str:
    """Return what the arrays depend on beside the log: it changes with the registers, and with `FORMAT`."""
    return _form_of(tuple(catalogue()))


def _form_of(slugs: tuple[str, ...]) -> str:
    facts = [
        (
            slug,
            own_facets(definition),
            tuple(each.name for each in definition.statistics.groupings),
            tuple((state.code, state.standing) for state in definition.life_cycle.states),
        )
        for slug, definition in ((slug, catalogue()[slug]) for slug in slugs)
    ]
    return hashlib.sha256(repr((FORMAT, facts)).encode()).hexdigest()
