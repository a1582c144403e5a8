"""What a store knows of itself: a few named values that are neither records nor counters."""

from __future__ import annotations

import time

from sqlalchemy import Connection, Engine, String, Text, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base
from registry.store.unit_of_work import read_transaction

FLAG_SET = "1"
FLAG_CHECK_SECONDS = 2.0  # how long a flag that is set meanwhile may go unnoticed


class StateValue(Base):
    __tablename__ = "state"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


def read_state(connection: Connection, name: str) -> str | None:
    """The value of that name, None where none was ever written."""
    return connection.execute(select(StateValue.value).where(StateValue.name == name)).scalar()


def write_state(connection: Connection, name: str, value: str) -> None:
    """Set a value. Writers that set what is set already do not wait for each other."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(StateValue).values(name=name, value=value).on_conflict_do_nothing())
    connection.execute(
        update(StateValue).where(StateValue.name == name, StateValue.value != value).values(value=value)
    )


class StateFlag:
    """Whether a flag has been set in a store: once it is, it stays so and is not looked up again."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._checked_at = float("-inf")
        self.last_known = False  # for whom the database must not fail

    def is_set(self) -> bool:
        """True once the flag is set; until then looked up at most every `FLAG_CHECK_SECONDS`."""
        if not self.last_known and time.monotonic() - self._checked_at > FLAG_CHECK_SECONDS:
            with read_transaction(self._engine) as connection:
                self.last_known = read_state(connection, self._name) == FLAG_SET
            self._checked_at = time.monotonic()
        return self.last_known
