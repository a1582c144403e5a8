"""The hash of each finished day of the audit log: a chain, so that no line of it can be changed, added or left out later.

The hash of a day is the SHA-256 of these lines, each ended by a line feed: the hash of the day before (64 zeros before
the first), then each entry of the day as canonical JSON (RFC 8785), in the order of their ids. The export of a day is
these lines, so that `sha256sum` shows it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from registry import clock
from registry.accounts.model import AuditDay, AuditEntry
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.ledger.canonical import canonical_json, format_instant
from registry.observing.signs_of_life import give_sign
from registry.services.bootstrap import Registry
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 1000
BEFORE_THE_FIRST = "0" * 64
SETTLED_AFTER = dt.timedelta(hours=1)  # until then a transaction begun on the day may still write its line
COLUMNS = tuple(AuditEntry.__table__.columns)


@dataclass(frozen=True, slots=True)
class AuditDayView:
    """One finished day. `hash`: in hexadecimal."""

    day: dt.date
    entries: int
    hash: str


def close_days(registry: Registry) -> None:
    """Give each day that has been over for an hour its hash, in order; days without entries too. Once done, nothing is done."""
    require(SYSTEM, Action.RELAY)
    while True:
        with unit_of_work(registry.engine) as connection:
            last = connection.execute(
                select(*AuditDay.__table__.columns).order_by(AuditDay.day.desc()).limit(1)
            ).one_or_none()
            day = last.day + dt.timedelta(days=1) if last else _first_day(connection)
            if day is None or clock.now() < clock.end_of_day(day) + SETTLED_AFTER:
                return
            after = last.last_id if last else 0
            until = connection.execute(
                select(func.max(AuditEntry.id)).where(AuditEntry.at < clock.end_of_day(day))
            ).scalar()
            last_id = max(after, until or 0)
            entries, digest = _hash_of(connection, last.hash if last else BEFORE_THE_FIRST, after, last_id)
            connection.execute(
                insert(AuditDay).values(day=day, entries=entries, last_id=last_id, hash=digest)
            )


def list_days(registry: Registry, actor: Actor, *, limit: int = 31) -> tuple[AuditDayView, ...]:
    """Return the finished days, newest first, at most `limit`. Public: they say how much was done, and nothing of what."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(AuditDay.day, AuditDay.entries, AuditDay.hash).order_by(AuditDay.day.desc()).limit(limit)
        )
        return tuple(AuditDayView(*row) for row in rows)


def check_days(connection: Connection) -> Iterator[str]:
    """Hold every finished day against its entries; yields what is wrong, one line each."""
    before, after, expected = BEFORE_THE_FIRST, 0, None
    for row in connection.execute(select(*AuditDay.__table__.columns).order_by(AuditDay.day)).all():
        if expected is not None and row.day != expected:
            yield f"audit log: the day {expected.isoformat()} has no hash"
        entries, digest = _hash_of(connection, before, after, row.last_id)
        if (entries, digest) != (row.entries, row.hash):
            yield f"audit log: the entries of {row.day.isoformat()} are not those that its hash was made of"
        before, after, expected = row.hash, row.last_id, row.day + dt.timedelta(days=1)


def rows_between(connection: Connection, after: int, last_id: int) -> Sequence[FetchedRow]:
    """Return the entries with ids above `after` up to `last_id`, the first `BATCH_SIZE` of them."""
    return connection.execute(
        select(*COLUMNS)
        .where(AuditEntry.id > after, AuditEntry.id <= last_id)
        .order_by(AuditEntry.id)
        .limit(BATCH_SIZE)
    ).all()


def line_of(row: FetchedRow) -> bytes:
    """Return one entry as a line of canonical JSON with its line feed."""
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor of a row
    return canonical_json({**values, "at": format_instant(values["at"])}) + b"\n"


def _hash_of(connection: Connection, before: str, after: int, last_id: int) -> tuple[int, str]:
    """Return the number of entries with ids above `after` up to `last_id`, and the hash of the day that they are."""
    digest, entries = hashlib.sha256(f"{before}\n".encode()), 0
    while rows := rows_between(connection, after, last_id):
        give_sign()
        for row in rows:
            digest.update(line_of(row))
        entries, after = entries + len(rows), rows[-1].id
    return entries, digest.hexdigest()


def _first_day(connection: Connection) -> dt.date | None:
    """Return the day of the first entry; None while there is none."""
    first = connection.execute(select(AuditEntry.at).order_by(AuditEntry.id).limit(1)).scalar()
    return first.astimezone(clock.SHANGHAI).date() if first else None
