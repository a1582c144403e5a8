"""When a companion process last came round: it notes so in the store, where every machine can see it."""

from __future__ import annotations

import datetime as dt
import time

from sqlalchemy import Connection, Engine, select

from registry import clock
from registry.store.state import StateValue, write_state
from registry.store.unit_of_work import unit_of_work

PREFIX = "last turn of "  # names of the state
INTERVAL = 10.0  # seconds between two notes


class Heartbeat:
    """The notes of one process."""

    def __init__(self, engine: Engine, process: str) -> None:
        self._engine, self._name = engine, PREFIX + process
        self._next = 0.0

    def beat(self) -> None:
        """Note that the process has come round, at most every `INTERVAL`. Raises `DatabaseUnavailable`."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + INTERVAL
        with unit_of_work(self._engine) as connection:
            write_state(connection, self._name, clock.now().isoformat())


def read_heartbeats(connection: Connection) -> dict[str, dt.datetime]:
    """Return the last note of each process that ever made one."""
    rows = connection.execute(
        select(StateValue.name, StateValue.value).where(StateValue.name.startswith(PREFIX, autoescape=True))
    )
    return {row.name.removeprefix(PREFIX): dt.datetime.fromisoformat(row.value) for row in rows}
