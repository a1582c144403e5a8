"""What a balancer and an operator are told: each fault by its own word, and only what stops pages makes unready."""

from __future__ import annotations

import datetime as dt
import errno
from dataclasses import replace

import pytest
from sqlalchemy import text

from registry import clock
from registry.accounts.model import Letter
from registry.errors import DatabaseBusy, DatabaseUnavailable
from registry.observing import recent_trouble
from registry.observing.recent_trouble import forget_troubles, seconds_since_trouble
from registry.outbox.model import MAIL_TOPIC, enqueue
from registry.search.port import IndexStatus
from registry.services.bootstrap import Registry
from registry.services.operations import backup_state, gauges, indexing, readiness, schema_state
from registry.services.operations.readiness import check_readiness, report_operation
from registry.store.cached_value import CachedValue
from registry.store.heartbeat import Heartbeat
from registry.store.patience import Urgency
from registry.store.state import write_state
from registry.store.unit_of_work import unit_of_work


@pytest.fixture
def watched(registry: Registry) -> Registry:
    """A registry whose report is made anew each time, and whose companions have just come round."""
    indexing.rebuild_index(registry)
    forget_troubles()
    for name in readiness.COMPANIONS:
        Heartbeat(registry.engine, name).beat()
    return replace(registry, operation_report=CachedValue(0.0), index_comparison=CachedValue(0.0))


def attention(registry: Registry) -> list[str]:
    report = report_operation(registry)
    assert report is not None
    return report.attention


def set_schema(registry: Registry, revision: str, serves_from: str) -> None:
    with unit_of_work(registry.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        write_state(connection, schema_state.SERVES_FROM_STATE, serves_from)


def test_a_sound_register_needs_no_attention(watched: Registry) -> None:
    assert check_readiness(watched).is_ready
    assert attention(watched) == []


@pytest.mark.parametrize(
    ("revision", "serves_from", "word", "is_ready"),
    [
        ("0019", "0001", "older", False),
        ("9999", "9998", "newer", False),
        ("9999", "0001", "newer_compatible", True),
        ("9999", None, "newer_compatible", True),  # our own: the newer one only adds to it
    ],
)
def test_a_schema_has_the_right_word(
    watched: Registry, revision: str, serves_from: str | None, word: str, is_ready: bool
) -> None:
    head = schema_state.newest_revision()
    set_schema(watched, revision, serves_from or head)
    parts = check_readiness(watched)
    assert (parts.database, parts.schema.word, parts.is_ready) == (True, word, is_ready)
    assert parts.schema == (word, revision, head)


def test_who_is_silent_is_named(watched: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(seconds=readiness.SILENT_AFTER - 5))
    assert attention(watched) == []
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(seconds=readiness.SILENT_AFTER + 5))
    assert attention(watched) == ["relay_silent", "sheets_silent"]
    Heartbeat(watched.engine, "sheets").beat()
    assert attention(watched) == ["relay_silent"]
    assert check_readiness(watched).is_ready


def test_a_process_that_has_just_been_started_is_not_silent_yet(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexing.rebuild_index(registry)
    forget_troubles()
    begun = clock.now()
    monkeypatch.setattr(readiness, "started_at", lambda: begun)
    assert attention(registry) == []
    late = begun + dt.timedelta(seconds=readiness.SILENT_AFTER + 1)
    monkeypatch.setattr(clock, "now", lambda: late)
    fresh = replace(registry, operation_report=CachedValue(0.0))
    assert attention(fresh) == ["relay_silent", "sheets_silent"]


def test_a_sign_of_life_from_the_future_is_none(watched: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = clock.now() - dt.timedelta(days=400)
    monkeypatch.setattr(clock, "now", lambda: earlier)
    monkeypatch.setattr(readiness, "started_at", lambda: earlier - dt.timedelta(hours=1))
    assert attention(watched)[:2] == ["relay_silent", "sheets_silent"]


@pytest.mark.parametrize(
    ("problem", "urgency", "told"),
    [
        (DatabaseUnavailable("full"), Urgency.USUAL, ["writes_refused"]),
        (DatabaseBusy("locked"), Urgency.USUAL, ["writes_refused"]),
        (DatabaseBusy("locked"), Urgency.HURRIED, []),  # little is lost
        (ValueError("a fault of ours"), Urgency.USUAL, []),
    ],
)
def test_refused_writes_are_told_for_two_minutes(
    watched: Registry, monkeypatch: pytest.MonkeyPatch, problem: Exception, urgency: Urgency, told: list[str]
) -> None:
    with pytest.raises(type(problem)), unit_of_work(watched.engine, urgency=urgency):
        raise problem
    assert attention(watched) == told
    assert list(seconds_since_trouble()) == told
    monkeypatch.setattr(recent_trouble, "RECENT_SECONDS", -1.0)
    assert attention(watched) == []


def test_without_a_free_descriptor_the_rest_is_told(
    watched: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_registry: Registry) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(readiness.examinations, "count_waiting", fail)
    assert attention(watched) == ["descriptors_used_up"]


def test_letters_that_wait_are_told(watched: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work(watched.engine) as connection:
        letter = connection.execute(
            Letter.__table__.insert().returning(Letter.__table__.c.id),
            {"kind": "x", "lang": "zh", "recipient": "a@b.example", "created_at": clock.now()},
        ).scalar_one()
        enqueue(connection, MAIL_TOPIC, [letter])
    report = report_operation(watched)
    assert report is not None
    assert (report.letters.number, report.outbox) == (1, {"mail": 1})
    assert report.attention == []
    late = clock.now() + dt.timedelta(seconds=readiness.MAX_LETTER_AGE + 1)
    monkeypatch.setattr(clock, "now", lambda: late)
    assert "letters_wait" in attention(watched)


def test_space_index_and_backup_are_told(watched: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_free_bytes", lambda _settings: readiness.MIN_FREE_BYTES - 1)
    assert attention(watched) == ["space_low"]
    monkeypatch.undo()
    status = watched.search.status()
    half = IndexStatus(7, status.generation, status.size_bytes, status.path)
    monkeypatch.setattr(type(watched.search), "status", lambda _self: half)
    assert attention(watched) == ["index_differs"]
    monkeypatch.undo()
    backup_state.note_backup(watched)
    backup_state.note_restore_drill(watched)
    assert attention(watched) == []
    later = clock.now() + readiness.MAX_BACKUP_AGE + dt.timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert attention(watched)[-1] == "backup_old"


def test_gauges_have_the_names_that_are_declared(watched: Registry) -> None:
    backup_state.note_backup(watched)
    backup_state.note_restore_drill(watched)
    assert {metric.name for metric in gauges.read_gauges(watched)} == set(gauges.GAUGES)
    empty = [
        name for name, (text, label) in gauges.GAUGES.items() if not text.endswith(".") or label == "pid"
    ]
    assert empty == []
