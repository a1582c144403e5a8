"""`sheets`: the one process that files the sheets which enterprises hand in, works on imports and sheets of decisions of the desk, and examines the files that people send."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import click

from portal.cli.errors_and_exit import Command, open_ready_registry
from portal.cli.relay import run_until_signal
from registry.services import decision_sheets, filing, importing, people
from registry.services.bootstrap import Registry

NICENESS = 10  # readers come first
EXAMINER_END_SECONDS = (
    5.0  # of the ten from SIGTERM to silence; what was not examined is examined after the next start
)


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="File what waits, then end.")
@click.option(
    "--served-at", default="", hidden=True, help="Where links in mails lead, for want of a base URL."
)
@click.option("--alive", default=-1, hidden=True, help="Descriptor of a pipe for signs of life.")
def sheets(once: bool, served_at: str, alive: int) -> None:
    """File the sheets and examine the files that were handed in. A second one waits."""
    registry = open_ready_registry(served_at)
    if once:
        os.nice(NICENESS)
        people.run_examinations_once(registry)
        imports = importing.ImportWork(registry)
        try:
            click.echo(f"chunks {filing.run_sheet_jobs_once(registry, besides=_turns(registry, imports))}")
        finally:
            imports.end()
        return
    run_until_signal(registry, work, alive)


def work(registry: Registry, stop: threading.Event) -> None:
    """File sheets and examine files until `stop` is set. People wait for the files: these are examined as fast as readers are served."""
    examiner = threading.Thread(
        target=people.run_examinations_forever, args=(registry, stop), name="examiner", daemon=True
    )
    examiner.start()
    imports = importing.ImportWork(registry)
    os.nice(NICENESS)  # of this thread and those that it starts
    try:
        filing.run_sheet_jobs_forever(registry, stop, besides=_turns(registry, imports))
    finally:
        imports.end()
        examiner.join(EXAMINER_END_SECONDS if stop.is_set() else 0)


def _turns(registry: Registry, imports: importing.ImportWork) -> Callable[[threading.Event | None], int]:
    """A turn of the sheets of the desk: imports, and sheets of decisions to be read."""
    return lambda stop: imports.turn(stop) + decision_sheets.read_sheets(registry, stop)
