"""`index`: the search index, which can always be rebuilt from the database."""

from __future__ import annotations

import sys

import click

from portal.cli.errors_and_exit import EXIT_REFUSED, CommandGroup, open_ready_registry
from portal.cli.progress import progress
from registry.services import operations


@click.group(cls=CommandGroup)
def index() -> None:
    """Rebuild, verify or describe the search index."""


@index.command()
def rebuild() -> None:
    """Build a new index beside the present one and swap them."""
    registry = open_ready_registry()
    with progress("indexed") as advance:
        documents = operations.index_rebuild(registry, advance)
    click.echo(f"documents {documents}")


@index.command()
def verify() -> None:
    """Compare the index with the database and mend what differs."""
    repair = operations.index_verify(open_ready_registry())
    click.echo(
        f"missing {repair.missing}, stale {repair.stale}, extra {repair.extra}, repaired {repair.repaired}"
    )


@index.command()
def status() -> None:
    """Say how large the index is and where it lies; exit code 1 when there is none."""
    status = operations.index_status(open_ready_registry())
    for name, value in status._asdict().items():
        click.echo(f"{name}: {'none' if value is None else value}")
    if status.documents is None:
        sys.exit(EXIT_REFUSED)
