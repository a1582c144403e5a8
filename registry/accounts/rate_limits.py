"""Rate limits: attempts counted in the database, so that a limit holds over all workers and restarts (ASVS 2.2.1).

Keys are derived from the server's secret: neither e-mail addresses nor network addresses are stored.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registry import clock
from registry.accounts.model import AttemptCounter
from registry.accounts.tokens_and_hashes import base64url, derive_secret


@dataclass(frozen=True, slots=True)
class RateLimit:
    """After `max_attempts` attempts within `window`, the key is blocked for `pause` (default: as long as `window`)."""

    name: str
    max_attempts: int
    window: dt.timedelta
    pause: dt.timedelta | None = None

    def key(self, server_secret: str, *subject: str) -> str:
        """Return the key under which attempts of this subject are counted; case does not matter."""
        return base64url(
            derive_secret(server_secret, "attempts", self.name, *(part.casefold() for part in subject))
        )


def blocked_until(connection: Connection, keys: list[str]) -> dt.datetime | None:
    """Return the instant at which the last of these keys is unblocked, or None if none is blocked."""
    blocks = connection.execute(
        select(AttemptCounter.until).where(AttemptCounter.key.in_(keys), AttemptCounter.until > clock.now())
    ).scalars()
    return max((until for until in blocks if until), default=None)


def count_attempt(connection: Connection, limit: RateLimit, key: str) -> dt.datetime | None:
    """Count one attempt before anything is done about it; return None, or, if the key is blocked, until when.

    Nothing is counted under a blocked key. The attempt that reaches the limit is still let through and blocks the key
    for `pause`, so that however many attempts come together, no more than the limit are looked at. A window begins
    with its first attempt. A block starts the count anew. `give_back` takes an attempt that was successful out again.
    """
    now = clock.now()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(AttemptCounter).values(key=key, count=0, since=now).on_conflict_do_nothing())
    connection.execute(
        update(AttemptCounter)
        .where(AttemptCounter.key == key, AttemptCounter.since <= now - limit.window)
        .values(count=0, since=now, until=None)
    )
    free = AttemptCounter.until.is_(None) | (AttemptCounter.until <= now)
    counted = update(AttemptCounter).where(AttemptCounter.key == key, free)
    # One statement tests and counts: attempts at the same moment wait for its row and see what the one before has written.
    count = connection.execute(
        counted.values(count=AttemptCounter.count + 1).returning(AttemptCounter.count)
    ).scalar()
    if count is None:
        return blocked_until(connection, [key])
    if count >= limit.max_attempts:
        connection.execute(
            update(AttemptCounter)
            .where(AttemptCounter.key == key)
            .values(count=0, since=now, until=now + (limit.pause or limit.window))
        )
    return None


def give_back(connection: Connection, limit: RateLimit, key: str) -> None:
    """Take one counted attempt out again, because it was successful; a block that it has completed ends."""
    blocked = AttemptCounter.until > clock.now()
    connection.execute(
        update(AttemptCounter)
        .where(AttemptCounter.key == key)
        .values(
            count=case(
                (blocked, limit.max_attempts - 1),
                (AttemptCounter.count > 0, AttemptCounter.count - 1),
                else_=0,
            ),
            until=case((blocked, None), else_=AttemptCounter.until),
        )
    )
    unused = (AttemptCounter.key == key) & (AttemptCounter.count == 0) & AttemptCounter.until.is_(None)
    connection.execute(delete(AttemptCounter).where(unused))  # a success leaves nothing behind


def mark_seen(connection: Connection, key: str) -> None:
    """Remember that this key was seen now, for `seen_within`. Nothing is counted or blocked under it."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    now = clock.now()
    row = insert(AttemptCounter).values(key=key, count=0, since=now)
    connection.execute(row.on_conflict_do_update(index_elements=[AttemptCounter.key], set_={"since": now}))


def seen_within(connection: Connection, key: str, window: dt.timedelta) -> bool:
    """Return True if `mark_seen` was called for this key less than `window` ago."""
    recent = (AttemptCounter.key == key) & (AttemptCounter.since > clock.now() - window)
    return connection.execute(select(AttemptCounter.key).where(recent)).first() is not None


def clear(connection: Connection, keys: list[str]) -> None:
    """Forget the attempts and blocks of these keys, as after a successful sign-in."""
    connection.execute(delete(AttemptCounter).where(AttemptCounter.key.in_(keys)))
