"""The work of a day is refused where the clock may be wrong, and what dates did by mistake can be taken back."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli.relay import expire
from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import daily_work, due_changes, relay, undone_changes
from registry.services.operations.daily_work import DailyWorkRefused, DailyWorkState, permit_daily_work
from registry.services.records import reading
from tests.services import samples

DAY = dt.date(2025, 6, 1)


def on(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0, 1), clock.SHANGHAI)


def load_bodies(registry: Registry, tmp_path: Path, count: int, valid_to: str) -> list[str]:
    numbers = [f"CNCA-R-2099-{300 + index}" for index in range(count)]
    rows = [
        {"approval_no": number, "name_zh": f"机构{number}", "valid_from": "2020-01-01", "valid_to": valid_to}
        | {"status": "valid"}
        for number in numbers
    ]
    import_files(registry, REGISTRAR, "bodies", [samples.write_sheet(tmp_path / "b.csv", "bodies", rows)])
    return numbers


def status_of(registry: Registry, number: str) -> str:
    pointer = reading.locate_record(registry, ANONYMOUS, "bodies", number)
    return reading.get_history(registry, ANONYMOUS, pointer, "en").history[0].status.code


def refusal_on(registry: Registry, day: dt.date) -> str:
    with clock.frozen_at(on(day)):
        try:
            permit_daily_work(registry)
        except DailyWorkRefused as refusal:
            return refusal.reason
    return ""


def test_the_first_work_of_a_store_is_permitted_whatever_the_day(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(on(DAY)):
        load_bodies(registry, tmp_path, 30, "2020-06-30")
    assert refusal_on(registry, DAY + dt.timedelta(days=400)) == ""


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (-365, "day_before_last_work"),
        (-1, "day_before_last_work"),
        (0, ""),
        (1, ""),
        (3, ""),
        (4, "days_without_work"),
        (365, "days_without_work"),
    ],
)
def test_days_that_are_refused(registry: Registry, days: int, reason: str) -> None:
    assert refusal_on(registry, DAY) == ""
    assert refusal_on(registry, DAY + dt.timedelta(days=days)) == reason
    assert daily_work.daily_work_state(registry) == DailyWorkState(
        DAY if reason else DAY + dt.timedelta(days=days), reason
    )


def test_a_day_before_the_last_entry_is_refused(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(on(DAY)):
        load_bodies(registry, tmp_path, 1, "2030-06-30")
    assert refusal_on(registry, DAY - dt.timedelta(days=1)) == "day_before_last_work"
    assert refusal_on(registry, DAY) == ""


def test_too_many_endings_in_one_run_are_refused(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(on(DAY)):
        permit_daily_work(registry)
        load_bodies(registry, tmp_path, daily_work.FEW_ENDINGS + 1, DAY.isoformat())
    assert refusal_on(registry, DAY) == ""  # the last day is not over
    assert refusal_on(registry, DAY + dt.timedelta(days=1)) == "too_many_endings"


def test_few_endings_are_no_reason_to_refuse(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(on(DAY)):
        permit_daily_work(registry)
        load_bodies(registry, tmp_path, daily_work.FEW_ENDINGS, DAY.isoformat())
    assert refusal_on(registry, DAY + dt.timedelta(days=1)) == ""


def test_a_refused_relay_seals_but_ends_nothing_until_the_day_is_confirmed(
    registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with clock.frozen_at(on(DAY)):
        [number] = load_bodies(registry, tmp_path, 1, "2025-12-31")
        relay.run_relay_once(registry)
    with clock.frozen_at(on(dt.date(2026, 1, 1))):
        with caplog.at_level(logging.WARNING):
            relay.run_relay_once(registry)
        assert "days_without_work" in caplog.text
        assert status_of(registry, number) == "valid"
        relay.run_relay_once(registry, confirmed=True)
        assert status_of(registry, number) == "expired"
        relay.run_relay_once(registry)
        assert daily_work.daily_work_state(registry) == DailyWorkState(dt.date(2026, 1, 1))


def test_what_a_wrong_clock_ended_comes_back_by_an_entry_that_says_so(
    registry: Registry, tmp_path: Path
) -> None:
    with clock.frozen_at(on(DAY)):
        numbers = load_bodies(registry, tmp_path, 3, "2025-12-31")
    with clock.frozen_at(on(dt.date(2026, 3, 1))):
        assert due_changes.apply_due_changes(registry) == 3
    with clock.frozen_at(on(DAY + dt.timedelta(days=1))):
        assert sorted(undone_changes.undo_wrong_changes(registry, REGISTRAR)) == numbers
        assert undone_changes.undo_wrong_changes(registry, REGISTRAR) == []
        pointer = reading.locate_record(registry, ANONYMOUS, "bodies", numbers[0])
        history = reading.get_history(registry, ANONYMOUS, pointer, "en").history
        assert [version.status.code for version in history] == ["valid", "expired", "valid"]
        assert history[0].reason == "Change of status undone: its date had not come"
    with clock.frozen_at(on(dt.date(2026, 1, 1))):  # on its own day it ends after all
        assert due_changes.apply_due_changes(registry) == 3
        assert undone_changes.undo_wrong_changes(registry, REGISTRAR) == []


def test_the_command_refuses_confirms_and_undoes(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.frozen_at(on(DAY)):
        [number] = load_bodies(registry, tmp_path, 1, "2025-12-31")
        permit_daily_work(registry)
    monkeypatch.setattr("portal.cli.relay.open_ready_registry", lambda: registry)
    run = CliRunner().invoke
    with clock.frozen_at(on(dt.date(2026, 1, 1))):
        refused = run(expire, [])
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "expire --confirm" in refused.stderr
        assert run(expire, ["--confirm"]).stdout == "changed 1\n"
        assert run(expire, []).stdout == "changed 0\n"
        assert run(expire, ["--undo"]).stdout == "undone 0\n"
    with clock.frozen_at(on(DAY)):
        assert run(expire, ["--undo"]).stdout == f"{number}\nundone 1\n"
