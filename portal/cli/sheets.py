"""`sheets`: the one process that files the sheets which enterprises hand in."""

from __future__ import annotations

import os

import click

from portal.cli.errors_and_exit import Command, open_ready_registry
from portal.cli.relay import run_until_signal
from registry.services import filing

NICENESS = 10  # readers come first


@click.command(cls=Command)
@click.option("--once", is_flag=True, help="File what waits, then end.")
@click.option(
    "--served-at", default="", hidden=True, help="Where links in mails lead, for want of a base URL."
)
@click.option("--alive", default=-1, hidden=True, help="Descriptor of a pipe for signs of life.")
def sheets(once: bool, served_at: str, alive: int) -> None:
    """File the sheets that enterprises have handed in. A second one waits."""
    os.nice(NICENESS)
    registry = open_ready_registry(served_at)
    if once:
        click.echo(f"chunks {filing.run_sheet_jobs_once(registry)}")
        return
    run_until_signal(registry, filing.run_sheet_jobs_forever, alive)
