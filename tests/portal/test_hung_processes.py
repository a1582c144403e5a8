"""Processes beside the server that hang are killed, named in the log and started again; those that live are left alone."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from portal.cli import supervisor as supervising
from portal.cli.children import Child, start_program
from portal.cli.supervisor import Supervisor
from registry.observing import signs_of_life
from registry.observing.signs_of_life import LifeLine, WatchedStop

SIGNS = "import os, sys, time\nwhile True:\n    os.write(int(sys.argv[1]), b'.')\n    time.sleep(0.05)"
SILENCE = "import time\ntime.sleep(600)"
pytestmark = pytest.mark.once


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervising, "SILENT_SECONDS", 3.0)
    monkeypatch.setattr(supervising, "MIN_PAUSE", 0.1)
    made = Supervisor()
    yield made
    made.terminate()


def starting(program: str, started: list[Child]) -> Callable[[int], Child]:
    def begin(alive: int) -> Child:
        started.append(start_program([sys.executable, "-c", program, str(alive)], (alive,)))
        return started[-1]

    return begin


def poll_until(supervisor: Supervisor, true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if true():
            return True
        supervisor.poll()
    return False


def test_a_silent_process_is_killed_named_and_started_again(
    supervisor: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    silent: list[Child] = []
    with caplog.at_level(logging.INFO):
        supervisor.supervise("sheets", starting(SILENCE, silent))
        assert poll_until(supervisor, lambda: len(silent) > 1)
    [line] = [each for each in caplog.records if "no sign of life" in each.message]
    assert (line.child, line.child_pid) == ("sheets", silent[0].pid)  # type: ignore[attr-defined]
    assert silent[0].poll() == -signal.SIGKILL


def test_a_stopped_process_is_started_again_and_a_living_one_left_alone(supervisor: Supervisor) -> None:
    stopped: list[Child] = []
    living: list[Child] = []
    supervisor.supervise("relay", starting(SIGNS, stopped))
    supervisor.supervise("sheets", starting(SIGNS, living))
    stopped[0].send_signal(signal.SIGSTOP)
    assert poll_until(supervisor, lambda: len(stopped) > 1)
    assert len(living) == 1
    assert living[0].poll() is None


def test_a_supervisor_that_slept_itself_kills_no_one(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent: list[Child] = []
    supervisor.supervise("relay", starting(SILENCE, silent))
    later = time.monotonic() + 1000.0
    supervisor._kill_silent(later)
    assert silent[0].poll() is None
    supervisor._kill_silent(later + 2.0)
    assert silent[0].poll() is None


def test_work_that_is_stuck_gives_no_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bytes] = []
    monkeypatch.setattr("os.set_blocking", lambda _descriptor, _blocking: None)
    monkeypatch.setattr("os.write", lambda _descriptor, sign: told.append(sign))
    monkeypatch.setattr(signs_of_life, "TELL_SECONDS", 0.0)
    line, stop = LifeLine(77), WatchedStop()
    line.tell()
    monkeypatch.setattr(signs_of_life, "STUCK_SECONDS", -1.0)
    line.tell()
    assert told == [b"."]
    monkeypatch.setattr(signs_of_life, "STUCK_SECONDS", 30.0)
    monkeypatch.setattr(signs_of_life, "_last", time.monotonic() - 60.0)
    line.tell()
    assert len(told) == 1
    assert not stop.is_set()  # a loop that asks is alive
    line.tell()
    assert len(told) == 2
    monkeypatch.setattr(signs_of_life, "_last", time.monotonic() - 60.0)
    threading.Timer(0.0, stop.set).start()
    assert stop.wait(10)
    line.tell()
    assert len(told) == 3
