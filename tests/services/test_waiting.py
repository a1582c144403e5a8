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
from registry.store.engine import engine_for, gate_of, queue_of
from registry.store.patience import Urgency, WriterGate
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
            with pytest.raises(DatabaseBusy), gate.turn(Urgency.HURRIED):
                pass
            behind = pool.submit(given_turn, gate, then_fail=False)
            while not gate.waiting():
                time.sleep(0.001)
        assert behind.result(30) > 0.1
    assert gate.waiting() == 0


class Clock:
    """Takes the place of the module `time`: it stands still unless it is moved, and keeps how long was slept."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(patience, "time", stopped)
    return stopped


def write_for(gate: WriterGate, stopped: Clock, seconds: float) -> str:
    """Wait for a turn and write for some seconds of the clock; "" or why that was refused."""
    try:
        with gate.turn():
            stopped.now += seconds
    except DatabaseBusy as busy:
        return busy.problem
    return ""


def wait_for(gate: WriterGate, number: int) -> None:
    """Wait until so many wait at the gate."""
    while gate.waiting() < number:
        time.sleep(0.001)


def test_who_waits_is_not_refused_as_long_as_others_end(stopped_clock: Clock) -> None:
    gate = WriterGate(seats=1, threads=20, seconds=3.0)
    with ThreadPoolExecutor(4) as pool:
        with gate.turn():
            writers = []
            for number in range(1, 5):
                writers.append(pool.submit(write_for, gate, stopped_clock, 2.0))
                wait_for(gate, number)
            stopped_clock.now += 2.0
        assert [each.result(30) for each in writers] == [""] * 4  # the last one has waited eight seconds


def test_waiting_has_an_end_also_where_others_end(stopped_clock: Clock) -> None:
    gate = WriterGate(seats=1, threads=20, seconds=3.0)
    refused = threading.Event()

    def write_until_refused() -> None:
        with gate.turn():
            refused.wait(30)

    with ThreadPoolExecutor(2) as pool:
        with gate.turn():
            pool.submit(write_until_refused)
            wait_for(gate, 1)
            second = pool.submit(write_for, gate, stopped_clock, 0.0)
            wait_for(gate, 2)
            stopped_clock.now += 3.0 * patience.MOST_WAITS
        assert second.result(30) == "too many writers wait in this process"
        refused.set()


def test_a_stall_is_measured_by_what_a_write_usually_takes(stopped_clock: Clock) -> None:
    gate = WriterGate(seats=1, threads=4, seconds=3.0)
    assert gate.stall() == patience.STALLED_SECONDS
    write_for(gate, stopped_clock, 0.1)
    assert gate.stall() == patience.STALLED_SECONDS
    write_for(gate, stopped_clock, 1.0)
    assert patience.STALLED_SECONDS < gate.stall() < 3.0
    assert given_turn(gate, then_fail=False) == 3.0
    for _time in range(40):
        write_for(gate, stopped_clock, 1.5)
    stall = gate.stall()
    assert 3.0 < stall < 3.0 * patience.MOST_WAITS
    assert given_turn(gate, then_fail=False) == stall
    for _time in range(40):
        write_for(gate, stopped_clock, 60.0)
    assert gate.stall() == 3.0 * patience.MOST_WAITS  # never longer than one waits in any case
    given_turn(gate, then_fail=True)
    assert given_turn(gate, then_fail=False) == 3.0  # nothing goes on: slow or not
    for _time in range(40):
        write_for(gate, stopped_clock, 0.0)
    assert gate.stall() == patience.STALLED_SECONDS


def test_a_writer_that_decides_otherwise_has_ended_as_well_as_one_that_writes(stopped_clock: Clock) -> None:
    gate = WriterGate(seats=1, threads=4, seconds=3.0)
    given_turn(gate, then_fail=True)
    assert given_turn(gate, then_fail=True) == patience.STALLED_SECONDS
    with suppress(ValueError), gate.turn():
        stopped_clock.now += 1.0
        raise ValueError
    assert gate.stall() > patience.STALLED_SECONDS
    assert given_turn(gate, then_fail=False) == 3.0


def test_who_is_beyond_half_of_the_threads_is_refused_after_a_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "STALLED_SECONDS", 0.05)
    gate = WriterGate(seats=1, threads=2, seconds=60.0)
    with gate.turn(), pytest.raises(DatabaseBusy), gate.turn():
        pass
    assert gate.waiting() == 0
    assert given_turn(gate, then_fail=False) == 60.0


def test_a_writer_for_which_no_reader_waits_takes_no_place_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "STALLED_SECONDS", 0.0)  # who is beyond half is refused immediately
    gate = WriterGate(seats=1, threads=2, seconds=60.0)
    with ThreadPoolExecutor(1) as pool:
        with gate.turn(Urgency.UNHEARD):
            other = pool.submit(given_turn, gate, then_fail=False)
            wait_for(gate, 1)
        assert other.result(30) == 60.0


@pytest.mark.parametrize(("gives_way", "slept"), [(True, [patience.GIVE_WAY_SECONDS]), (False, [])])
def test_who_follows_another_one_lets_other_processes_go_first(
    stopped_clock: Clock, gives_way: bool, slept: list[float]
) -> None:
    gate = WriterGate(seats=1, threads=4, seconds=3.0, gives_way=gives_way)
    write_for(gate, stopped_clock, 1.0)
    assert stopped_clock.slept == []
    write_for(gate, stopped_clock, 1.0)
    assert stopped_clock.slept == slept
    stopped_clock.now += 1.0
    write_for(gate, stopped_clock, 1.0)
    assert stopped_clock.slept == slept


def test_those_of_a_process_who_lock_one_row_wait_for_it_in_a_queue(
    registry: Registry, impatient: Registry
) -> None:
    """The database sees the first of them only."""
    take(registry)
    queue = queue_of(impatient.engine, "here")
    assert (queue is None) == (registry.engine.dialect.name == "sqlite")
    if queue is None:
        return

    def lock(name: str) -> None:
        with unit_of_work(impatient.engine) as connection:
            counters.lock(connection, name)
            counters.lock(connection, name)  # a second time changes nothing

    with ThreadPoolExecutor(1) as pool:
        with unit_of_work(impatient.engine) as connection:
            counters.lock(connection, "here")
            other = pool.submit(lock, "here")
            wait_for(queue, 1)
            with read_transaction(registry.engine) as reading:
                waits = reading.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()
            assert waits == 0
        other.result(30)
    assert queue.waiting() == 0
