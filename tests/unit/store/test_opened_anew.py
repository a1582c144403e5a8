"""After an error of a write no connection outlives its cause: a file of SQLite is closed as a whole before it is opened again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from registry.store.engine import engine_for, open_anew


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = engine_for(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield made
    made.dispose()


def test_new_connections_wait_for_the_end_of_old_ones(engine: Engine) -> None:
    told: list[str] = []
    event.listen(engine, "connect", lambda *_given: told.append("opened"))
    event.listen(engine, "close", lambda *_given: told.append("closed"))
    held, resting = engine.connect(), engine.connect()
    resting.close()
    first_closed = threading.Event()
    event.listen(engine, "close", lambda *_given: first_closed.set())
    renewing = threading.Thread(target=open_anew, args=(engine,))
    renewing.start()
    assert first_closed.wait(30)
    reading = threading.Thread(target=lambda: engine.connect().close())
    reading.start()
    held.close()
    renewing.join(30)
    reading.join(30)
    assert told == ["opened", "opened", "closed", "closed", "opened"]


def test_a_connection_in_use_is_closed_when_it_comes_back(engine: Engine) -> None:
    opened: list[str] = []
    event.listen(engine, "connect", lambda *_given: opened.append("opened"))
    with engine.connect() as held:
        driver = held.connection.driver_connection
        engine.dispose()
    with engine.connect() as connection:
        assert connection.connection.driver_connection is not driver
    assert opened == ["opened", "opened"]


def test_what_is_sound_stays_open(engine: Engine) -> None:
    opened: list[str] = []
    event.listen(engine, "connect", lambda *_given: opened.append("opened"))
    for _turn in range(3):
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    assert opened == ["opened"]
