"""The relay: delivers at least once, repairs the index, applies due changes, and runs alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import importlib.util
import pkgutil
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from registry import clock, services
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Conflict, DatabaseUnavailable
from registry.outbox.model import Message
from registry.search.embedded.engine import open_engine
from registry.search.port import Query
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.mail import delivery, letters
from registry.services.operations import (
    daily_jobs,
    daily_work,
    due_changes,
    indexing,
    maintenance,
    readiness,
    relay,
)
from registry.services.records import reading
from registry.store import leases, locks
from registry.store.leases import LeaseLost
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import samples
from tests.services.people import mails_in_folder


def total(registry: Registry) -> int:
    return registry.search.find(Query(include_ended=True)).total


def test_what_is_published_is_found(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path)
    assert relay.run_relay_once(registry) >= 0
    results = search.find_records(registry, ANONYMOUS, SearchRequest("同仁堂"), "zh")
    assert results.rows[0].title.zh == "同仁堂"
    assert relay.count_pending(registry) == 0
    assert relay.run_relay_once(registry) == 0


def test_messages_are_delivered_again_after_a_kill_before_their_deletion(
    registry: Registry, tmp_path: Path
) -> None:
    samples.load(registry, tmp_path, ["bodies"])
    relay.run_relay_once(registry)
    samples.load(registry, tmp_path, ["standards"])
    with_messages = relay.count_pending(registry)
    registry.search.write(
        list(indexing.iterate_documents(registry)), []
    )  # written, but the messages are still there
    assert relay.count_pending(registry) == with_messages
    relay.run_relay_once(registry)
    assert indexing.verify_index(registry) == indexing.IndexRepair()


def test_only_an_index_that_was_there_before_is_missed(
    registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    samples.load(registry, tmp_path)
    caplog.set_level("INFO", relay.log.name)
    relay.run_relay_once(registry)
    first = [(each.levelname, each.message) for each in caplog.records if "search index" in each.message]
    assert [level for level, _message in first] == ["INFO", "INFO"]
    caplog.clear()
    registry.search.close()
    shutil.rmtree(registry.settings.index_dir)
    relay.run_relay_once(registry)
    assert any(
        each.levelname == "WARNING" and "no usable search index" in each.message for each in caplog.records
    )


def test_a_lost_index_is_rebuilt(filled: Registry) -> None:
    before = total(filled)
    filled.search.close()
    shutil.rmtree(filled.settings.index_dir)
    view = search.find_records(filled, ANONYMOUS, SearchRequest("同仁堂"), "zh")
    assert (view.index_stale, view.rows) == (True, ())
    relay.run_relay_once(filled)
    assert total(filled) == before


def wait_until(done: Callable[[], bool]) -> bool:
    """Wait for what another thread does, half a minute at most."""
    for _attempt in range(300):
        if done():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def running(registry: Registry) -> Iterator[Registry]:
    """A running relay, which has built its index."""
    stop = threading.Event()
    worker = threading.Thread(target=relay.run_relay, args=(registry, stop))
    worker.start()
    assert wait_until(lambda: registry.search.status().documents is not None)
    yield registry
    stop.set()
    worker.join()


def test_an_index_lost_under_a_running_relay_is_rebuilt(running: Registry, tmp_path: Path) -> None:
    samples.load(running, tmp_path, ["bodies"])
    assert wait_until(lambda: not relay.count_pending(running))
    before = running.search.status().documents
    shutil.rmtree(running.settings.index_dir)
    samples.load(running, tmp_path, ["organisations"])
    records = sum(1 for _each in indexing.iterate_documents(running))
    assert before is not None
    assert records > before
    assert wait_until(lambda: running.search.status().documents == records)
    assert indexing.verify_index(running).repaired == 0


def test_an_index_of_an_older_format_is_built_anew_by_a_relay_that_starts(filled: Registry) -> None:
    before = filled.search.status()
    pointer = filled.settings.index_dir / "current"
    pointer.write_text(f"1 {before.path.name}\n")
    newer = dataclasses.replace(filled, search=open_engine(filled.settings.index_dir))
    assert search.find_records(newer, ANONYMOUS, SearchRequest("同仁堂"), "zh").index_stale
    relay.run_relay_once(newer)
    after = newer.search.status()
    assert (after.documents, after.path != before.path) == (before.documents, True)
    assert search.find_records(newer, ANONYMOUS, SearchRequest("同仁堂"), "zh").total


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves files open
def test_the_relay_repairs_an_index_that_a_reader_found_damaged(running: Registry, tmp_path: Path) -> None:
    samples.load(running, tmp_path)
    assert wait_until(lambda: not relay.count_pending(running))
    folder = running.search.status().path
    for postings in folder.glob("*.pst"):
        postings.write_bytes(b"\x55" * postings.stat().st_size)
    reader = dataclasses.replace(running, search=open_engine(running.settings.index_dir))
    assert search.find_records(reader, ANONYMOUS, SearchRequest("同仁堂"), "zh").index_stale
    assert wait_until(lambda: running.search.status().path != folder)
    assert wait_until(
        lambda: not search.find_records(reader, ANONYMOUS, SearchRequest("同仁堂"), "zh").index_stale
    )
    assert search.find_records(reader, ANONYMOUS, SearchRequest("同仁堂"), "zh").rows[0].title.zh == "同仁堂"
    reader.search.close()
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves files open
@pytest.mark.parametrize("harm", ["lost", "damaged"])
def test_verify_builds_an_index_that_is_lost_or_damaged(filled: Registry, harm: str) -> None:
    before = total(filled)
    folder = filled.search.status().path
    if harm == "lost":
        shutil.rmtree(filled.settings.index_dir)
    for postings in folder.glob("*.pst"):
        postings.write_bytes(b"\x55" * postings.stat().st_size)
    assert indexing.verify_index(filled) == indexing.IndexRepair(missing=before)
    assert indexing.verify_index(filled).repaired == 0
    assert total(filled) == before
    gc.collect()


def test_a_rebuild_loses_nothing_that_is_published_meanwhile(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path, ["bodies"])
    relay.run_relay_once(registry)

    def published_meanwhile(_more: int) -> None:
        if not (tmp_path / "organisations.csv").exists():
            samples.load(registry, tmp_path, ["organisations"])
            relay.drain(registry)  # into the index that is about to be replaced

    indexing.rebuild_index(registry, published_meanwhile)
    assert relay.count_pending(registry) == 0
    assert indexing.verify_index(registry).repaired == 0


def test_pending_work_and_its_age_are_told(registry: Registry, tmp_path: Path) -> None:
    relay.run_relay_once(registry)
    assert (relay.count_pending(registry), relay.lag_seconds(registry)) == (0, 0.0)
    now = clock.now()
    with clock.frozen_at(now - dt.timedelta(minutes=5)):
        samples.load(registry, tmp_path, ["bodies"])
    with clock.frozen_at(now):
        assert relay.lag_seconds(registry) == pytest.approx(300)
        entries = relay.count_pending(registry)
        relay.deliver_to_index(registry)
        assert 0 < relay.count_pending(registry) < entries
        assert relay.lag_seconds(registry) == pytest.approx(300)  # indexed, but not yet in the log
        relay.seal_pending(registry)
        assert (relay.count_pending(registry), relay.lag_seconds(registry)) == (0, 0.0)


def test_verify_repairs_missing_stale_and_extra_documents(filled: Registry) -> None:
    documents = list(indexing.iterate_documents(filled))
    stale = dataclasses.replace(documents[1], index_version=0)
    extra = dataclasses.replace(documents[2], id=999_999)
    filled.search.write([stale, extra], [documents[0].id])
    assert indexing.verify_index(filled) == indexing.IndexRepair(missing=1, stale=1, extra=1)
    assert indexing.verify_index(filled).repaired == 0


def test_dates_take_effect_once_and_imports_do_not_undo_them(registry: Registry, tmp_path: Path) -> None:
    rows = [
        {
            "approval_no": "CNCA-R-2099-301",
            "name_zh": "甲",
            "valid_from": "2020-01-01",
            "valid_to": "2025-06-30",
        }
        | {"status": "valid"}
    ]
    path = samples.write_sheet(tmp_path / "b.csv", "bodies", rows)
    with clock.frozen_at(dt.datetime(2025, 6, 1, tzinfo=clock.SHANGHAI)):
        import_files(registry, REGISTRAR, "bodies", [path])
        assert due_changes.apply_due_changes(registry) == 0
    with clock.frozen_at(dt.datetime(2025, 7, 1, 0, 1, tzinfo=clock.SHANGHAI)):
        pointer = reading.locate_record(registry, ANONYMOUS, "bodies", "CNCA-R-2099-301")
        assert (
            reading.get_record(registry, ANONYMOUS, pointer, "en").status.code == "expired"
        )  # before the relay
        assert due_changes.apply_due_changes(registry) == 1
        assert due_changes.apply_due_changes(registry) == 0
        again = import_files(registry, REGISTRAR, "bodies", [path])
        assert again.summary() == "created 0, updated 0, unchanged 1, refused 0"
        view = reading.get_history(registry, ANONYMOUS, pointer, "en")
    assert [version.status.code for version in view.history] == ["expired", "valid"]


def test_only_one_relay_runs(registry: Registry) -> None:
    with (
        locks.hold_lock(relay.RELAY_LOCK, registry.settings.data_dir, registry.engine),
        pytest.raises(Conflict),
    ):
        relay.run_relay_once(registry)


def test_the_lease_of_a_killed_process_elsewhere_is_awaited(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "EXPIRY_SECONDS", 0.6)
    killed_elsewhere(registry)
    assert relay.run_relay_once(registry) == 0


def test_the_lease_of_a_killed_process_here_is_not_awaited(registry: Registry) -> None:
    with (
        locks.hold_lock(relay.RELAY_LOCK, registry.settings.data_dir, registry.engine) as lease,
        unit_of_work(registry.engine) as connection,
    ):
        [holder] = connection.execute(select(leases.LeaseRow.holder)).scalars()
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(leases.LeaseRow).values(holder=holder))  # as if it had not been released
    with locks.hold_lock(relay.RELAY_LOCK, registry.settings.data_dir, registry.engine) as next_lease:
        assert next_lease.token == lease.token + 1


def test_a_relay_elsewhere_that_lives_is_told_from_one_that_is_dead(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "BEAT_SECONDS", 0.2)
    with (
        locks.hold_lock(relay.RELAY_LOCK, tmp_path / "elsewhere", registry.engine),
        pytest.raises(Conflict, match="lock_held"),
    ):
        relay.run_relay_once(registry)


def test_who_has_lost_the_lease_does_nothing_more(registry: Registry, tmp_path: Path) -> None:
    with locks.hold_lock(relay.RELAY_LOCK, tmp_path / "elsewhere", registry.engine) as lease:
        with unit_of_work(registry.engine) as connection:
            letters.enqueue_letter(connection, "factor_set", "zh", "mei@example.com")
            lease.check(connection)
        taken_over(registry)
        with pytest.raises(LeaseLost):
            relay.seal_pending(registry, lease)
        assert lease.is_lost
        for work in (relay.drain, delivery.deliver_letters):
            with pytest.raises(LeaseLost):
                work(registry, lease)
    assert relay.run_relay_once(registry) == 1  # the letter


def test_a_relay_that_was_taken_over_waits_and_takes_its_turn_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(leases, "EXPIRY_SECONDS", 1.0)
    stop = threading.Event()
    running = threading.Thread(target=relay.run_relay, args=(registry, stop))
    running.start()
    assert eventually(lambda: lease_token(registry) == 1)
    taken_over(registry)  # by one that dies
    assert eventually(lambda: lease_token(registry) == 3)
    stop.set()
    running.join()
    assert lease_token(registry) == 3


def test_two_relays_that_overlap_send_no_letter_twice(registry: Registry, tmp_path: Path) -> None:
    """One of them believes that it still has the lease: it has not looked since the other one took over."""
    with unit_of_work(registry.engine) as connection:
        for number in range(120):
            letters.enqueue_letter(connection, "factor_set", "zh", f"user{number}@example.com")
    with locks.hold_lock(relay.RELAY_LOCK, registry.settings.data_dir, registry.engine) as lease:
        senders = [delivery.Delivery(registry, given) for given in (lease, None, None)]
        failed: list[BaseException] = []

        def send_all(sender: delivery.Delivery) -> None:
            try:
                while sender.send_batch():
                    pass
            except BaseException as problem:  # noqa: BLE001 - shown below
                failed.append(problem)

        threads = [threading.Thread(target=send_all, args=(sender,)) for sender in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    sent = [str(mail["To"]) for mail in mails_in_folder(registry.settings.mail_dir)]
    assert sorted(sent) == sorted(f"user{number}@example.com" for number in range(120))


def test_a_letter_whose_sender_died_is_sent_again_under_the_same_id(registry: Registry) -> None:
    now = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
    with clock.frozen_at(now), unit_of_work(registry.engine) as connection:
        letters.enqueue_letter(connection, "factor_set", "zh", "mei@example.com")

    def die(_sender: object, _due: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, clock.frozen_at(now):
        patch.setattr(delivery.Delivery, "_delete", die)
        with pytest.raises(KeyboardInterrupt):
            delivery.deliver_letters(registry)
    with clock.frozen_at(now + dt.timedelta(seconds=delivery.CLAIM_SECONDS - 1)):
        assert delivery.deliver_letters(registry) == 0
    with clock.frozen_at(now + dt.timedelta(seconds=delivery.CLAIM_SECONDS)):
        assert delivery.deliver_letters(registry) == 1
        assert delivery.deliver_letters(registry) == 0
    first, again = mails_in_folder(registry.settings.mail_dir)
    assert first["Message-ID"] == again["Message-ID"]


def test_a_letter_that_the_server_has_taken_is_not_sent_again_when_the_database_was_away(
    registry: Registry,
) -> None:
    now = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
    with clock.frozen_at(now), unit_of_work(registry.engine) as connection:
        letters.enqueue_letter(connection, "factor_set", "zh", "mei@example.com")
    sender = delivery.Delivery(registry)

    def fail(_sender: object, _due: object) -> None:
        raise DatabaseUnavailable("away")

    with pytest.MonkeyPatch.context() as patch, clock.frozen_at(now):
        patch.setattr(delivery.Delivery, "_delete", fail)
        with pytest.raises(DatabaseUnavailable):
            sender.send_batch()
    with clock.frozen_at(now + dt.timedelta(days=1)):
        assert sender.send_batch() == 0
    assert len(mails_in_folder(registry.settings.mail_dir)) == 1


def taken_over(registry: Registry) -> None:
    with unit_of_work(registry.engine) as connection:
        of_relay = update(leases.LeaseRow).where(leases.LeaseRow.name == relay.RELAY_LOCK.name)
        connection.execute(of_relay.values(token=leases.LeaseRow.token + 1, holder="another"))


def killed_elsewhere(registry: Registry) -> None:
    with unit_of_work(registry.engine) as connection:
        connection.execute(
            insert(leases.LeaseRow).values(name=relay.RELAY_LOCK.name, token=7, beats=3, holder="another")
        )


def lease_token(registry: Registry) -> int:
    with read_transaction(registry.engine) as connection:
        of_relay = select(leases.LeaseRow.token).where(leases.LeaseRow.name == relay.RELAY_LOCK.name)
        return connection.execute(of_relay).scalar() or 0


def eventually(true: Callable[[], bool]) -> bool:
    for _turn in range(300):
        if true():
            return True
        time.sleep(0.05)
    return False


def test_a_loaded_store_is_sound_and_ready(filled: Registry) -> None:
    assert list(maintenance.check_store(filled)) == []
    assert readiness.check_readiness(filled).is_ready


def test_daily_jobs_of_every_room_are_in_the_table() -> None:
    declared = [
        job
        for room in pkgutil.iter_modules(services.__path__, "registry.services.")
        if room.ispkg and importlib.util.find_spec(f"{room.name}.daily_jobs")
        for job in importlib.import_module(f"{room.name}.daily_jobs").DAILY_JOBS
    ]
    assert {job.name for job in declared} == {job.name for job in daily_jobs.DAILY_JOBS}
    assert len(daily_jobs.DAILY_JOBS) == len({job.name for job in daily_jobs.DAILY_JOBS})


@pytest.mark.postgresql
def test_a_relay_whose_connections_are_ended_keeps_its_lease(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall, an administrator or a pooler may end any connection at any time."""
    monkeypatch.setattr(leases, "BEAT_SECONDS", 0.1)
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with locks.hold_lock(relay.RELAY_LOCK, registry.settings.data_dir, registry.engine) as lease:
        for _turn in range(5):
            with unit_of_work(registry.engine) as connection:
                connection.execute(ended)
            time.sleep(0.3)
        with read_transaction(registry.engine) as connection:
            lease.check(connection)
            assert connection.execute(select(leases.LeaseRow.beats)).scalar_one() > 0
        assert not lease.is_lost


def test_a_relay_outlives_a_database_that_is_away_when_it_wants_to_lead(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "UNAVAILABLE_SECONDS", 0.0)
    acquire, tries = leases._acquire, []

    def away_at_first(engine: Any, name: str, *given: Any) -> leases.Lease:
        if name == relay.RELAY_LOCK.name:
            tries.append(1)
            if len(tries) < 3:
                raise DatabaseUnavailable("away")
        return acquire(engine, name, *given)

    monkeypatch.setattr(leases, "_acquire", away_at_first)
    stop = threading.Event()
    running = threading.Thread(target=relay.run_relay, args=(registry, stop))
    running.start()
    assert eventually(lambda: lease_token(registry) == 1)
    stop.set()
    running.join()
    assert len(tries) == 3


def test_the_successor_of_a_killed_relay_sends_what_that_had_claimed(registry: Registry) -> None:
    now = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
    with clock.frozen_at(now), unit_of_work(registry.engine) as connection:
        letters.enqueue_letter(connection, "factor_set", "zh", "mei@example.com")
    with clock.frozen_at(now):
        sender = delivery.Delivery(registry)
        with read_transaction(registry.engine) as connection:
            row = connection.execute(
                select(Message.id, Message.subject, Message.attempts, Message.next_try_at)
            ).one()
        sender._claim(delivery._DueLetter(*row))  # and is killed
        assert delivery.deliver_letters(registry) == 0
        delivery.release_claims(registry)
        assert delivery.deliver_letters(registry) == 1


@pytest.mark.parametrize("inherited", [True, False])
def test_only_claims_of_a_killed_predecessor_are_released(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, inherited: bool
) -> None:
    released: list[Registry] = []
    leads: list[bool] = []
    stop = threading.Event()

    def lead(_registry: Registry, lease: leases.Lease, _stop: threading.Event) -> None:
        leads.append(lease.is_inherited)
        if len(leads) == 2:
            stop.set()

    if inherited:  # a holder with the id of this data directory that never gave the lease back
        with locks.hold_lock(relay.RELAY_LOCK, registry.settings.data_dir, registry.engine) as lease:
            monkeypatch.setattr(lease, "release", lambda: None)
    monkeypatch.setattr(relay, "_lead", lead)
    monkeypatch.setattr(delivery, "release_claims", released.append)
    relay.run_relay(registry, stop)
    assert leads == [inherited, False]
    assert len(released) == int(inherited)


def test_letters_and_messages_from_a_clock_that_was_ahead_are_delivered(
    registry: Registry, tmp_path: Path
) -> None:
    relay.run_relay_once(registry)
    with clock.frozen_at(clock.now() + dt.timedelta(days=400)):
        samples.load(registry, tmp_path, ["bodies"])
        with unit_of_work(registry.engine) as connection:
            letters.enqueue_letter(connection, "factor_set", "zh", "mei@example.com")
    assert relay.lag_seconds(registry) > 399 * 86400  # told, not hidden
    assert delivery.deliver_letters(registry) == 1
    relay.drain(registry)
    assert relay.count_pending(registry) == 0


def test_a_relay_at_work_for_others_without_end_looks_up_after_a_while(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "deliver_to_index", lambda *_given: 1)
    assert relay.drain(registry, until=time.monotonic() + 0.1) >= 1


def test_a_clock_that_jumps_is_noticed_and_noticed_when_it_is_right_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    days = [0, 40, -40, 0, 0]
    real = clock.now
    states: list[str] = []

    def next_turn(*_given: object) -> int:
        states.append(daily_work.daily_work_state(registry).refused)
        if len(states) == len(days):
            stop.set()
        return 0

    monkeypatch.setattr(
        clock, "now", lambda: real() + dt.timedelta(days=days[min(len(states), len(days) - 1)])
    )
    monkeypatch.setattr(relay, "extend_history", next_turn)
    monkeypatch.setattr(relay, "IDLE_SECONDS", 0.0)
    relay.run_relay(registry, stop)
    assert states == ["", "days_without_work", "day_before_last_work", "", ""]
