"""A database with the few tables that publication reads and writes, without migrations; each test has a transaction of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection

from registry.accounts.model import User
from registry.attachments.model import Attachment, Picture
from registry.kit.random_check import DrawnRecord, RandomCheck
from registry.kit.record import Conflict, FormerKey, Identifier, Link, Record, StandingWarning
from registry.kit.report import Report
from registry.ledger.model import Entry, Item
from registry.outbox.model import Message
from registry.store.counters import Counter
from registry.store.engine import engine_for
from registry.store.state import StateValue
from registry.store.unit_of_work import unit_of_work

RECORDS = (Record, FormerKey, Identifier, Link, StandingWarning, Conflict, Attachment, Picture)
NAMING_RECORDS = (User, Report, RandomCheck, DrawnRecord)
LOG = (Entry, Item, Message, Counter, StateValue)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with empty tables."""
    path = tmp_path_factory.mktemp("publication") / "records.sqlite3"
    engine = engine_for(f"sqlite:///{path}")
    with unit_of_work(engine) as connection:
        for model in (*RECORDS, *NAMING_RECORDS, *LOG):
            model.__table__.create(connection)  # type: ignore[attr-defined]
    engine.dispose()
    return path


@pytest.fixture
def connection(store: Path) -> Iterator[Connection]:
    """A transaction that is rolled back after the test."""
    with unit_of_work(engine_for(f"sqlite:///{store}"), commit=False) as connection:
        yield connection


@pytest.fixture
def registry(store: Path, tmp_path: Path) -> Iterator[Any]:
    """What services that make their own transactions need of a registry: the engine of a database of this test's own."""
    path = shutil.copy(store, tmp_path / "own.sqlite3")
    engine = engine_for(f"sqlite:///{path}")
    yield SimpleNamespace(engine=engine)
    engine.dispose()
