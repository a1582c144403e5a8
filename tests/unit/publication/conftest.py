"""A database with the few tables that publication writes for links and numbers, without migrations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from registry.kit.record import Identifier, Link, Record
from registry.outbox.model import Message
from registry.store.counters import Counter
from registry.store.engine import engine_for
from registry.store.unit_of_work import unit_of_work


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with unit_of_work(engine_for(f"sqlite:///{tmp_path / 'records.sqlite3'}")) as connection:
        for model in (Counter, Record, Identifier, Link, Message):
            model.__table__.create(connection)  # type: ignore[attr-defined]
        yield connection
