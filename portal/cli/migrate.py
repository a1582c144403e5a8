"""`migrate`: the tables of the store up to this version, one step back, or how both fit."""

from __future__ import annotations

import sys

import click

from portal.cli.errors_and_exit import EXIT_REFUSED, Command, CommandGroup
from registry.config import Settings
from registry.services import operations

MEANINGS = {
    "equal": "this version may serve it",
    "newer_compatible": "a newer version has added to it; this version may serve it until it is replaced",
    "newer": "it is that of a newer version, which this version may not serve",
    "older": "this version may not serve it before `pinzheng migrate up`",
    "missing": "there are no tables yet: `pinzheng init` makes them",
}


@click.group(cls=CommandGroup)
def migrate() -> None:
    """Bring the tables up to date, take one step back, or say how they fit this version."""


@migrate.command(cls=Command)
def status() -> None:
    """Say which schema the store has, which one this version has, and whether it may serve. Exit code 1 if not."""
    state, pending = operations.report_schema(Settings.from_environment())
    click.echo(f"store: schema {state.found or 'none'}")
    click.echo(f"this version: schema {state.expected}")
    click.echo(f"state: {state.word}: {MEANINGS[state.word]}")
    for step in pending:
        stays = "the version before may go on" if step.serves_before else "stop the version before first"
        click.echo(f"waits: {step.revision} {step.title}: {stays}")
    if not state.is_usable:
        sys.exit(EXIT_REFUSED)


@migrate.command(cls=Command)
def up() -> None:
    """Bring the tables up to date, as `init` does. Safe to repeat, and while servers of the version before are at work."""
    _say(operations.migrate_up(Settings.from_environment()))


@migrate.command(cls=Command)
@click.option("--yes", is_flag=True, help="Delete what the schema before has no place for.")
def down(*, yes: bool) -> None:
    """Take the last step back, for the version before; refused where something would be lost, unless `--yes`."""
    _say(operations.migrate_down(Settings.from_environment(), confirmed=yes))


def _say(change: operations.SchemaChange) -> None:
    click.echo(
        f"schema {change.after}"
        + (" (nothing to do)" if change.before == change.after else f" (was {change.before or 'empty'})")
    )
