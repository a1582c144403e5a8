"""Limits on guessing: failures counted in the database, so that they hold over workers and restarts (ASVS 2.2.1)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registry import clock
from registry.accounts.model import AttemptCounter
from registry.accounts.tokens_and_hashes import base64url, derive_secret


@dataclass(frozen=True, slots=True)
class RateLimit:
    """After `allowed` attempts within `window`, refused for `pause`, or as long; keys are hashed, no address is kept."""

    name: str
    max_attempts: int
    window: dt.timedelta
    pause: dt.timedelta | None = None

    def key(self, server_secret: str, *subject: str) -> str:
        return base64url(
            derive_secret(server_secret, "attempts", self.name, *(part.casefold() for part in subject))
        )


def blocked_until(connection: Connection, keys: list[str]) -> dt.datetime | None:
    """When the last of these keys is free again; None when all are."""
    found = connection.execute(
        select(AttemptCounter.until).where(AttemptCounter.key.in_(keys), AttemptCounter.until > clock.now())
    ).scalars()
    return max((until for until in found if until), default=None)


def record_attempt(connection: Connection, limit: RateLimit, key: str) -> None:
    """Count one attempt; the one that is one too many closes the door."""
    now = clock.now()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(AttemptCounter).values(key=key, count=0, since=now).on_conflict_do_nothing())
    connection.execute(
        update(AttemptCounter)
        .where(AttemptCounter.key == key, AttemptCounter.since <= now - limit.window)
        .values(count=0, since=now, until=None)
    )
    so_far = connection.execute(
        update(AttemptCounter)
        .where(AttemptCounter.key == key)
        .values(count=AttemptCounter.count + 1)
        .returning(AttemptCounter.count)
    ).scalar_one()
    if so_far >= limit.max_attempts:
        connection.execute(
            update(AttemptCounter)
            .where(AttemptCounter.key == key)
            .values(count=0, since=now, until=now + (limit.pause or limit.window))
        )


def mark_seen(connection: Connection, key: str) -> None:
    """Something to be known again for a time: nothing is counted or refused under this key."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    now = clock.now()
    given = insert(AttemptCounter).values(key=key, count=0, since=now)
    connection.execute(given.on_conflict_do_update(index_elements=[AttemptCounter.key], set_={"since": now}))


def seen_within(connection: Connection, key: str, window: dt.timedelta) -> bool:
    """True for what was remembered no longer ago."""
    recent = (AttemptCounter.key == key) & (AttemptCounter.since > clock.now() - window)
    return connection.execute(select(AttemptCounter.key).where(recent)).first() is not None


def clear(connection: Connection, keys: list[str]) -> None:
    """The right password was given: what went before is no matter any more."""
    connection.execute(delete(AttemptCounter).where(AttemptCounter.key.in_(keys)))
