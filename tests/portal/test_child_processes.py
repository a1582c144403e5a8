"""Forks of a process: their end, their code, and that none outlives its parent."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import psutil
import pytest

from portal.cli.children import Fork
from portal.cli.supervisor import Supervisor

pytestmark = pytest.mark.once


def leave(code: object) -> None:
    raise SystemExit(code)


def fail() -> None:
    raise ValueError("as a test wants it")


@pytest.mark.parametrize(("code", "seen"), [(None, 0), (0, 0), (3, 3), ("words", 1)])
def test_a_fork_ends_with_the_code_of_its_work(code: object, seen: int) -> None:
    assert Fork(lambda: leave(code)).wait(20) == seen


def test_a_fork_whose_work_fails_or_ends_tells_it() -> None:
    assert Fork(lambda: None).wait(20) == 0
    assert Fork(fail).wait(20) == 1


def test_a_fork_is_ended_by_signals() -> None:
    asleep = Fork(lambda: time.sleep(60))
    assert asleep.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        asleep.wait(0.1)
    asleep.send_signal(signal.SIGTERM)
    assert asleep.wait(20) == -signal.SIGTERM
    asleep.send_signal(signal.SIGTERM)  # of one that has ended: nothing
    asleep.kill()


def test_a_dead_fork_is_started_again_and_all_end_together() -> None:
    supervisor = Supervisor()
    supervisor.supervise("sleeper", lambda _alive: Fork(lambda: time.sleep(60)))
    first = supervisor._running["sleeper"]
    first.kill()
    end = time.monotonic() + 20
    while supervisor._running["sleeper"] is first:
        assert time.monotonic() < end
        supervisor.poll()
    supervisor.terminate()
    assert supervisor.exit_code("sleeper") == -signal.SIGTERM


def test_no_fork_outlives_its_parent() -> None:
    program = (
        "import os, sys, time\n"
        "from portal.cli.children import Fork\n"
        "print(Fork(lambda: time.sleep(60)).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    end = time.monotonic() + 20
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.05)
