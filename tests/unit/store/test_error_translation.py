"""Errors of the database leave the store as errors of the registry; faults of the code stay what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, bindparam, column, select, table, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from registry.errors import ConcurrentWrite, DatabaseUnavailable, RegistryError
from registry.store.engine import engine_for
from registry.store.prepared import PreparedSelect, read_only_transaction
from registry.store.unit_of_work import read_transaction, unit_of_work

BY_ID = PreparedSelect(
    select(column("id"), column("name")).select_from(table("thing")).where(column("id") == bindparam("id"))
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = engine_for(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    with unit_of_work(engine) as connection:
        connection.execute(text("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
        connection.execute(text("INSERT INTO thing VALUES (1, 'one')"))
    return engine


def test_a_broken_constraint_is_a_concurrent_write(engine: Engine) -> None:
    with pytest.raises(ConcurrentWrite) as error, unit_of_work(engine) as connection:
        connection.execute(text("INSERT INTO thing VALUES (2, 'one')"))
    assert error.value.reason == "written_meanwhile"
    assert isinstance(error.value.__cause__, DBAPIError)
    with read_transaction(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM thing")).scalar() == 1


def test_what_a_trigger_forbids_is_a_fault(engine: Engine) -> None:
    with unit_of_work(engine) as connection:
        connection.execute(
            text("CREATE TRIGGER no_delete BEFORE DELETE ON thing BEGIN SELECT RAISE(ABORT, 'never'); END")
        )
    with pytest.raises(DBAPIError, match="never"), unit_of_work(engine) as connection:
        connection.execute(text("DELETE FROM thing"))


def test_a_database_that_is_not_ready_is_unavailable(tmp_path: Path) -> None:
    empty = engine_for(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with pytest.raises(DatabaseUnavailable, match="no such table"), read_transaction(empty) as connection:
        connection.execute(text("SELECT * FROM thing"))
    with pytest.raises(DatabaseUnavailable, match="no such table"):
        BY_ID.first_autocommit(empty, id=1)
    with pytest.raises(DatabaseUnavailable, match="no such table"), read_only_transaction(empty) as view:
        BY_ID.all(view, id=1)


def test_the_words_of_the_driver_are_no_parameter_of_the_message(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable) as error:
        BY_ID.first_autocommit(engine_for(f"sqlite:///{tmp_path / 'empty.sqlite3'}"), id=1)
    assert (error.value.reason, error.value.params) == ("database_unavailable", {})
    assert "no such table" in error.value.problem


def test_other_errors_pass_unchanged(engine: Engine) -> None:
    with pytest.raises(ArgumentError), unit_of_work(engine):
        raise ArgumentError("a fault of ours")
    with pytest.raises(RegistryError), read_transaction(engine):
        raise RegistryError("as it is")


def test_a_dry_run_is_rolled_back(engine: Engine) -> None:
    with unit_of_work(engine, commit=False) as connection:
        connection.execute(text("DELETE FROM thing"))
    assert BY_ID.first_autocommit(engine, id=1) == (1, "one")
    assert BY_ID.first_autocommit(engine, id=2) is None
