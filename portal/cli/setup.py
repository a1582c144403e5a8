"""`init` and `demo`: from an empty directory to a store with something to see."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli.errors_and_exit import Command, open_ready_registry
from portal.cli.progress import progress
from portal.cli.relay import settle_relay
from portal.web.assets import Assets
from portal.web.templating import Templates
from registry.config import Settings
from registry.demonstration import load
from registry.prepared_files import keep_prepared_files
from registry.services import operations


@click.command(cls=Command)
def init() -> None:
    """Make the data directory, the secret and the tables, or bring them up to date. Safe to repeat."""
    settings = Settings.from_environment()
    for line in operations.initialise(settings):
        click.echo(line)
    prepare_first_pages(settings.data_dir)


def prepare_first_pages(data_dir: Path) -> None:
    """Compile what the first pages need, so that the next server starts without it."""
    keep_prepared_files(data_dir)
    Templates(Assets(), None).compile()


@click.command(cls=Command)
def demo() -> None:
    """Load the demonstration records; returns when all of them are sealed and can be found. Safe to repeat."""
    registry = open_ready_registry()
    with progress("demonstration records") as advance:
        loaded = load.load_demonstration(registry, advance)
    settle_relay(registry)
    for slug, number in loaded.items():
        click.echo(f"{slug}: {number}")
