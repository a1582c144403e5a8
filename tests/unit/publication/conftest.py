"""A database with every table, made once without migrations, in which each test has a transaction of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection

from registry.attachments.model import Attachment
from registry.store.base import Base
from registry.store.engine import engine_for
from registry.store.unit_of_work import unit_of_work


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with empty tables."""
    path = tmp_path_factory.mktemp("publication") / "records.sqlite3"
    assert Attachment.__table__ in Base.metadata.tables.values()  # pictures stand beside records
    engine = engine_for(f"sqlite:///{path}")
    with unit_of_work(engine) as connection:
        Base.metadata.create_all(connection)
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
