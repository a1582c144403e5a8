"""Leases: which one process of all that share a database does a piece of work, with a number that only rises (fencing).

A holder raises a number in its row every few seconds. Another process takes the lease when it has not seen that number
rise for some time by its own monotonic clock: no wall clock is compared, and no connection has to stay open.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from sqlalchemy import BigInteger, Connection, Engine, String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from registry.errors import Conflict, DatabaseUnavailable
from registry.store.base import Base
from registry.store.unit_of_work import read_transaction, unit_of_work

BEAT_SECONDS = 5.0
EXPIRY_SECONDS = 20.0  # without a beat; three may be late
WAIT_SECONDS = 0.5  # between two looks of one that waits
log = logging.getLogger(__name__)


class LeaseRow(Base):
    """A lease by name. `token` rises with each holder, `beats` while one holds it; `holder` is "" while none does."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger)
    beats: Mapped[int] = mapped_column(BigInteger)
    holder: Mapped[str] = mapped_column(String(80))


class LeaseLost(Conflict):
    """Another process has taken the lease, or nothing is known of it any more."""

    def __init__(self, name: str) -> None:
        super().__init__("lease_lost", name=name)


class Lease:
    """A lease that this process holds until `is_lost`. `is_inherited`: from a predecessor that ended without giving it back."""

    def __init__(self, engine: Engine, name: str, token: int, *, is_inherited: bool = False) -> None:
        self.token = token
        self.is_inherited = is_inherited
        self._engine = engine
        self._name = name
        self._lost = threading.Event()

    @property
    def is_lost(self) -> bool:
        return self._lost.is_set()

    def check(self, connection: Connection) -> None:
        """Raise `LeaseLost` unless this process still holds the lease, as the transaction at hand sees it."""
        token = connection.execute(select(LeaseRow.token).where(LeaseRow.name == self._name)).scalar()
        if token != self.token:
            self._lose()
        if self.is_lost:
            raise LeaseLost(self._name)

    def keep(self, ended: threading.Event) -> None:
        """Beat until `ended` is set or the lease is lost."""
        kept_at = time.monotonic()
        while not self.is_lost and not ended.wait(BEAT_SECONDS):
            try:
                with unit_of_work(self._engine) as connection:
                    mine = (LeaseRow.name == self._name) & (LeaseRow.token == self.token)
                    beat = connection.execute(update(LeaseRow).where(mine).values(beats=LeaseRow.beats + 1))
                if not beat.rowcount:
                    self._lose()
                kept_at = time.monotonic()
            except DatabaseUnavailable as problem:
                log.warning("the lease of the %s could not be extended: %s", self._name, problem)
                if time.monotonic() - kept_at > EXPIRY_SECONDS:
                    self._lose()

    def release(self) -> None:
        """Let the next process have the lease without waiting."""
        mine = (LeaseRow.name == self._name) & (LeaseRow.token == self.token)
        with contextlib.suppress(DatabaseUnavailable), unit_of_work(self._engine) as connection:
            connection.execute(update(LeaseRow).where(mine).values(holder=""))

    def _lose(self) -> None:
        if not self.is_lost:
            log.warning("the %s of this process has lost its lease %s", self._name, self.token)
        self._lost.set()


def read_tokens(connection: Connection) -> dict[str, int]:
    """Return the token of each lease by name; it has risen by one with each process that took the lease."""
    return {row.name: row.token for row in connection.execute(select(LeaseRow.name, LeaseRow.token))}


@contextlib.contextmanager
def hold_lease(
    engine: Engine, name: str, holder: str, stop: threading.Event | None = None
) -> Iterator[Lease]:
    """Hold a lease for the block; a thread extends it meanwhile.

    `holder`: an id of this process and its predecessors, of which only one lives: it takes over from them immediately.
    Waits until `stop` is set; without `stop`, until it is clear whether the present holder lives. Raises `Conflict`
    (`lock_held`) when another process still has it then, and `DatabaseUnavailable`.
    """
    lease = _acquire(engine, name, holder, stop)
    ended = threading.Event()
    keeper = threading.Thread(target=lease.keep, args=(ended,), name=f"lease of the {name}", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        ended.set()
        keeper.join(EXPIRY_SECONDS)
        lease.release()


def _acquire(engine: Engine, name: str, holder: str, stop: threading.Event | None) -> Lease:
    pause = stop or threading.Event()
    seen: tuple[int, int] | None = None
    seen_at = time.monotonic()
    while True:
        with read_transaction(engine) as connection:
            row = connection.execute(
                select(LeaseRow.token, LeaseRow.beats, LeaseRow.holder).where(LeaseRow.name == name)
            ).one_or_none()
        token, beats, present = row or (0, 0, "")
        expired = seen == (token, beats) and time.monotonic() - seen_at > EXPIRY_SECONDS
        if (present in ("", holder) or expired) and _take(engine, name, holder, (token, beats)):
            if seen is not None:
                log.info("has taken over: this %s is at work now", name, extra={"lease_token": token + 1})
            return Lease(engine, name, token + 1, is_inherited=present == holder)
        if seen != (token, beats):
            if seen is not None and stop is None:  # the holder lives
                raise Conflict("lock_held", name=name)
            if seen is None:
                log.info("waits: another %s is at work", name)
            seen, seen_at = (token, beats), time.monotonic()
        if pause.wait(WAIT_SECONDS):
            raise Conflict("lock_held", name=name)


def _take(engine: Engine, name: str, holder: str, seen: tuple[int, int]) -> bool:
    """Take the lease if it is as it was seen; two that try this at the same time cannot both succeed."""
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    token, beats = seen
    with unit_of_work(engine) as connection:
        connection.execute(
            insert(LeaseRow).values(name=name, token=0, beats=0, holder="").on_conflict_do_nothing()
        )
        as_seen = (LeaseRow.name == name) & (LeaseRow.token == token) & (LeaseRow.beats == beats)
        taken = connection.execute(
            update(LeaseRow).where(as_seen).values(token=token + 1, beats=0, holder=holder)
        )
        return taken.rowcount == 1
