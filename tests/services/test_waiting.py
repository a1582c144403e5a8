"""Waiting for the database has an end in web processes, and readers do not wait for writers."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Connection, TextClause, text, update

from portal.app import create_app
from registry import clock
from registry.accounts.model import Session
from registry.accounts.policy import ANONYMOUS
from registry.config import Settings
from registry.errors import DatabaseBusy, DatabaseUnavailable, Malformed
from registry.services import operations, records
from registry.services.bootstrap import Registry, open_registry
from registry.services.operations import relay
from registry.services.people import sessions
from registry.store import counters, patience
from registry.store.engine import engine_for, gate_of
from registry.store.patience import WriterGate
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.people import sign_in, sign_up

THREADS = 4
COUNT_FOR_LONG = text(
    "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 2000000000)"
    " SELECT count(*) FROM number"
)
LOCK_ATTEMPTS = {"sqlite": text("SELECT 1"), "postgresql": text("LOCK TABLE attempts IN SHARE MODE")}


@pytest.fixture
def impatient(settings: Settings) -> Iterator[Registry]:
    """The registry of the test as a web process has it, with much less patience."""
    opened = open_registry(replace(settings, write_seconds=0.3, read_seconds=0.4), web_threads=THREADS)
    yield opened
    opened.search.close()
    opened.engine.dispose()


@pytest.fixture
def written_elsewhere(registry: Registry) -> Iterator[None]:
    """Another process has begun to write, and does not end."""
    with unit_of_work(registry.engine) as connection:
        counters.take(connection, "here")
        yield


def take_after(connection: Connection, statement: TextClause) -> int:
    connection.execute(statement)
    return counters.take(connection, "here")


def take(registry: Registry) -> int:
    with unit_of_work(registry.engine) as connection:
        return counters.take(connection, "here")


@pytest.mark.usefixtures("written_elsewhere")
def test_who_cannot_write_is_told_so_and_who_reads_goes_on(impatient: Registry) -> None:
    with pytest.raises(DatabaseBusy):
        take(impatient)
    assert records.list_registers(impatient, ANONYMOUS)
    assert operations.check_readiness(impatient).database


def test_once_the_other_one_has_ended_writing_goes_on(impatient: Registry, registry: Registry) -> None:
    with unit_of_work(registry.engine) as connection:
        counters.take(connection, "here")
        with pytest.raises(DatabaseBusy):
            take(impatient)
    assert take(impatient) == 2


def test_a_long_statement_is_ended(impatient: Registry) -> None:
    with pytest.raises(DatabaseBusy), read_transaction(impatient.engine) as connection:
        connection.execute(COUNT_FOR_LONG)
    with read_transaction(impatient.engine) as connection:  # the connection is as good as new
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_commands_wait_longer(registry: Registry, settings: Settings) -> None:
    begun = threading.Event()
    taken: list[int] = []

    def write() -> None:
        begun.set()
        taken.append(take(registry))

    with unit_of_work(engine_for(settings.database_url)) as connection:
        counters.take(connection, "here")
        writer = threading.Thread(target=write)
        writer.start()
        begun.wait()
        writer.join(0.5)
        assert writer.is_alive()
    writer.join()
    assert taken == [2]


@pytest.mark.usefixtures("written_elsewhere")
def test_all_threads_write_and_one_more_still_reads(impatient: Registry) -> None:
    results: list[object] = []

    def write() -> None:
        try:
            results.append(take(impatient))
        except DatabaseBusy as busy:
            results.append(busy.reason)

    writers = [threading.Thread(target=write) for _ in range(3 * THREADS)]
    for writer in writers:
        writer.start()
    assert records.list_registers(impatient, ANONYMOUS)
    for writer in writers:
        writer.join()
    assert results == ["database_busy"] * 3 * THREADS


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_that_write_answer_503_in_the_readers_language(
    app: Flask, registry: Registry, lang: str
) -> None:
    client, path = app.test_client(), f"/{lang}/account/sign-in"
    token = client.get(path).text.partition('name="form" value="')[2].partition('"')[0]
    with unit_of_work(registry.engine) as connection:
        connection.execute(LOCK_ATTEMPTS[registry.engine.dialect.name])
        answer = client.post(path, data={"email": "a@example.com", "password": "wrong", "form": token})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
        words = {"en": "Much is being written at this moment", "zh": "此刻写入较多"}[lang]
        assert words in answer.text.partition("pz-note")[0]
        assert client.get("/readyz").status_code == 200
        assert client.get(f"/{lang}/").status_code == 200
    assert (
        client.post(path, data={"email": "a@example.com", "password": "wrong", "form": token}).status_code
        == 400
    )


@pytest.fixture
def app(impatient: Registry, registry: Registry) -> Flask:
    relay.run_relay_once(registry)
    return create_app(registry=impatient)


def test_a_session_is_read_while_others_write(registry: Registry, impatient: Registry) -> None:
    sign_up(registry, "mei@example.com")
    key = sign_in(registry, "mei@example.com")
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Session).values(seen_at=clock.now() - dt.timedelta(minutes=20)))
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Session).values(agent="another"))
        assert sessions.resolve_session(impatient, ANONYMOUS, key) is not None


def test_a_database_that_is_read_only_is_unavailable(impatient: Registry) -> None:
    sqlite = impatient.engine.dialect.name == "sqlite"
    read_only = text("PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY")
    with pytest.raises(DatabaseUnavailable) as error, unit_of_work(impatient.engine) as connection:
        take_after(connection, read_only)
    assert error.value.reason == "database_unavailable"


def test_a_text_that_no_database_holds_is_malformed(registry: Registry) -> None:
    statement = text("SELECT 1 WHERE :given = 'a'")
    unusable = ["\ud800", *(["\x00"] if registry.engine.dialect.name == "postgresql" else [])]
    for given in unusable:
        with pytest.raises(Malformed), read_transaction(registry.engine) as connection:
            connection.execute(statement, {"given": given})


def given_turn(gate: WriterGate, *, then_fail: bool) -> float:
    """The seconds that a turn gives; it ends as one of a writer that did not get the database, or did."""
    given: list[float] = []
    with suppress(DatabaseBusy), gate.turn() as left:
        given.append(left)
        if then_fail:
            raise DatabaseBusy("for the test")
    return given[0]


def test_once_one_has_waited_without_success_the_next_ones_wait_less(
    impatient: Registry, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "STALLED_SECONDS", 0.1)
    gate = gate_of(impatient.engine)
    assert gate is not None
    assert given_turn(gate, then_fail=True) > 0.1
    with unit_of_work(registry.engine) as connection:
        counters.take(connection, "here")
        with pytest.raises(DatabaseBusy):
            take(impatient)
        assert given_turn(gate, then_fail=True) <= 0.1
    assert take(impatient) == 2
    assert given_turn(gate, then_fail=False) > 0.1


def test_writers_of_a_process_have_their_turns_in_the_order_of_arrival() -> None:
    gate = WriterGate(seats=1, threads=20, seconds=60.0)
    arrived: list[int] = []
    served: list[int] = []

    def write(number: int) -> None:
        with gate.turn():
            served.append(number)

    with ThreadPoolExecutor(5) as pool, gate.turn():
        for number in range(5):
            pool.submit(write, number)
            while gate.waiting() == number:
                time.sleep(0.001)
            arrived.append(number)
    assert served == arrived == [0, 1, 2, 3, 4]


def test_who_gives_up_does_not_hold_up_those_behind() -> None:
    gate = WriterGate(seats=1, threads=20, seconds=60.0)
    with ThreadPoolExecutor(2) as pool:
        with gate.turn():
            with pytest.raises(DatabaseBusy), gate.turn(hurried=True):
                pass
            behind = pool.submit(given_turn, gate, then_fail=False)
            while not gate.waiting():
                time.sleep(0.001)
        assert behind.result(30) > 0.1
    assert gate.waiting() == 0
