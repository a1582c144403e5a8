"""`init` and `demo`: from an empty directory to a store with something to see."""

from __future__ import annotations

import click

from portal.cli.errors_and_exit import Command, open_ready_registry
from portal.cli.progress import progress
from portal.cli.relay import settle_relay
from registry.config import Settings
from registry.demonstration import load
from registry.services import operations


@click.command(cls=Command)
def init() -> None:
    """Make the data directory, the secret and the tables, or bring them up to date. Safe to repeat."""
    for line in operations.initialise(Settings.from_environment()):
        click.echo(line)


@click.command(cls=Command)
def demo() -> None:
    """Load the demonstration records; returns when all of them are sealed and can be found. Safe to repeat."""
    registry = open_ready_registry()
    with progress("demonstration records") as advance:
        loaded = load.load_demonstration(registry, advance)
    settle_relay(registry)
    for slug, number in loaded.items():
        click.echo(f"{slug}: {number}")
