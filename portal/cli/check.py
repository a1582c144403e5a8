"""`check`: the whole store against its rules, or a file of numbers against the store."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.cli.errors_and_exit import EXIT_REFUSED, Command, open_ready_registry
from registry.services import operations

FAILING_ANSWERS = ("never_registered", "check_digit", "not_covered")


@click.command(cls=Command)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path | None) -> None:
    """Check every record against its schema, hash and entries; with FILE: look up the numbers in it, one a line.

    Exit code 1 when something is wrong, or a number is not in the register.
    """
    registry = open_ready_registry()
    wrong = 0
    if file:
        for number, answer in operations.check_number_file(registry, file):
            wrong += answer in FAILING_ANSWERS
            click.echo(f"{number}\t{answer}")
    else:
        for problem in operations.check_store(registry):
            wrong += 1
            click.echo(problem)
        click.echo(f"problems {wrong}")
    if wrong:
        sys.exit(EXIT_REFUSED)
