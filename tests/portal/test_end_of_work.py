"""Processes beside the web server end some seconds after SIGTERM, whatever they are doing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.faults.server import ROOT

pytestmark = pytest.mark.once
PROGRAM = """
import threading, time
from portal.cli import prepare, relay

def hang():
    while True:
        time.sleep(0.05)

def work(registry, stop):
    print("at work", flush=True)
    {work}

relay.END_SECONDS = {seconds}
prepare("sheets")
relay.run_until_signal(None, work)
"""
HANGS = "hang()"
LEAVES_A_THREAD = (
    "threading.Thread(target=hang, daemon=False).start(); stop.wait()"  # as a pool of threads does
)
ENDS = "stop.wait()"


def run_until_terminated(work: str, seconds: float) -> tuple[int, str]:
    """Exit code and log of a process that is told to end while it works, and has `seconds` to do so."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(work=work, seconds=seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "at work\n"
            process.send_signal(signal.SIGTERM)
            _out, log = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, log


@pytest.mark.parametrize("work", [HANGS, LEAVES_A_THREAD])
def test_work_that_goes_on_is_ended(work: str) -> None:
    code, log = run_until_terminated(work, seconds=0.2)
    assert code == 0
    assert "did not end in time" in log


def test_work_that_ends_by_itself_is_told_as_ended() -> None:
    code, log = run_until_terminated(ENDS, seconds=30)
    assert code == 0
    assert "message=ended" in log
    assert "did not end in time" not in log
