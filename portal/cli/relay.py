"""`relay` and `expire`: the one process that seals, indexes, and lets dates take effect."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

import click

import portal.cli.messages  # noqa: F401 - declares the words of the codes raised here
from portal.cli.errors_and_exit import Command, open_ready_registry
from registry.accounts.policy import REGISTRAR
from registry.errors import Conflict, Unavailable
from registry.observing.log_lines import log_repeats
from registry.observing.repeats import report_error
from registry.observing.signs_of_life import LifeLine, WatchedStop
from registry.services import operations
from registry.services.bootstrap import Registry

POLL_SECONDS = 0.2
END_SECONDS = 8.0  # of the ten from SIGTERM to silence
SETTLE_TIMEOUT = 600.0
log = logging.getLogger(__name__)


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="Seal and index what waits, then end.")
@click.option(
    "--served-at", default="", hidden=True, help="Where links in mails lead, for want of a base URL."
)
@click.option("--alive", default=-1, hidden=True, help="Descriptor of a pipe for signs of life.")
def relay(once: bool, served_at: str, alive: int) -> None:
    """Seal entries, keep the search index up to date, send mails, let dates take effect. A second relay waits."""
    registry = open_ready_registry(served_at)
    if once:
        settle_relay(registry)
        return
    run_until_signal(registry, operations.run_relay, alive)


def run_until_signal(
    registry: Registry, run: Callable[[Registry, threading.Event], None], alive: int = -1
) -> None:
    """Run until SIGTERM or SIGINT. The work has a thread of its own, so that a signal is always handled.

    `alive`: descriptor of a pipe to the parent, into which signs are written as long as the work goes on. Ends `END_SECONDS`
    after the signal in any case: all work is done in transactions and files that count when they are whole, and the next
    process goes on after the last of them.
    """
    stop = WatchedStop()
    line = LifeLine(alive)
    received: list[int] = []
    failed: list[BaseException] = []

    def on_signal(number: int, frame: FrameType | None) -> None:
        del frame
        if not received:
            # It also runs while the interpreter waits for other threads at its end.
            limit = threading.Timer(END_SECONDS, _end_process)
            limit.daemon = True
            limit.start()
        received.append(number)

    def run_in_thread() -> None:
        try:
            run(registry, stop)
        except BaseException as problem:  # noqa: BLE001 - raised again below, in the main thread
            report_error(log, "the work of this process has ended", problem)
            failed.append(problem)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    worker = threading.Thread(target=run_in_thread, name="worker", daemon=True)
    worker.start()
    log.info("started")
    while worker.is_alive():
        worker.join(POLL_SECONDS)
        line.tell()
        if received:
            stop.set()
    log.info("ended")
    if failed:
        raise failed[0]


def _end_process() -> None:
    log.warning("did not end in time: what was begun is begun again by the next process")
    log_repeats(everything=True)
    os._exit(0)


def settle_relay(registry: Registry) -> None:
    """Return when everything published so far is sealed and indexed, by this process or by a running relay.

    Raises `Unavailable` if the running relay does not get there in `SETTLE_TIMEOUT`.
    """
    deadline = time.monotonic() + SETTLE_TIMEOUT
    while time.monotonic() < deadline:
        try:
            operations.run_relay_once(registry)
        except Conflict:
            time.sleep(POLL_SECONDS)
            if not operations.count_pending(registry):
                return
        else:
            return
    raise Unavailable("relay_stuck")


@click.command(cls=Command)
@click.option("--confirm", is_flag=True, help="The clock is right: do what daily work has refused to do.")
@click.option(
    "--undo", is_flag=True, help="Take back changes whose date has not come: a clock or a date was wrong."
)
def expire(confirm: bool, undo: bool) -> None:
    """Let dates that have come take effect now, not at midnight."""
    registry = open_ready_registry()
    if undo:
        numbers = operations.undo_wrong_changes(registry, REGISTRAR)
        for number in numbers:
            click.echo(number)
        click.echo(f"undone {len(numbers)}")
        return
    operations.permit_daily_work(registry, confirmed=confirm)
    click.echo(f"changed {operations.apply_due_changes(registry)}")
