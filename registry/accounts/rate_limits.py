"""Limits on guessing: failures counted in the database, so that they hold over workers and restarts (ASVS 2.2.1)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registry import clock
from registry.accounts.model import Attempts
from registry.accounts.tokens_and_hashes import as_text, derived


@dataclass(frozen=True, slots=True)
class Limit:
    """After `allowed` attempts within `window`, refused for `pause`, or as long; keys are hashed, no address is kept."""

    name: str
    allowed: int
    window: dt.timedelta
    pause: dt.timedelta | None = None

    def key(self, server_secret: str, *whose: str) -> str:
        return as_text(derived(server_secret, "attempts", self.name, *(part.casefold() for part in whose)))


def blocked_until(connection: Connection, keys: list[str]) -> dt.datetime | None:
    """When the last of these keys is free again; None when all are."""
    found = connection.execute(
        select(Attempts.until).where(Attempts.key.in_(keys), Attempts.until > clock.now())
    ).scalars()
    return max((until for until in found if until), default=None)


def count(connection: Connection, limit: Limit, key: str) -> None:
    """Count one attempt; the one that is one too many closes the door."""
    now = clock.now()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(Attempts).values(key=key, count=0, since=now).on_conflict_do_nothing())
    connection.execute(
        update(Attempts)
        .where(Attempts.key == key, Attempts.since <= now - limit.window)
        .values(count=0, since=now, until=None)
    )
    so_far = connection.execute(
        update(Attempts).where(Attempts.key == key).values(count=Attempts.count + 1).returning(Attempts.count)
    ).scalar_one()
    if so_far >= limit.allowed:
        connection.execute(
            update(Attempts)
            .where(Attempts.key == key)
            .values(count=0, since=now, until=now + (limit.pause or limit.window))
        )


def remember(connection: Connection, key: str) -> None:
    """Something to be known again for a time: nothing is counted or refused under this key."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    now = clock.now()
    given = insert(Attempts).values(key=key, count=0, since=now)
    connection.execute(given.on_conflict_do_update(index_elements=[Attempts.key], set_={"since": now}))


def remembered(connection: Connection, key: str, within: dt.timedelta) -> bool:
    """True for what was remembered no longer ago."""
    recent = (Attempts.key == key) & (Attempts.since > clock.now() - within)
    return connection.execute(select(Attempts.key).where(recent)).first() is not None


def forget(connection: Connection, keys: list[str]) -> None:
    """The right password was given: what went before is no matter any more."""
    connection.execute(delete(Attempts).where(Attempts.key.in_(keys)))
