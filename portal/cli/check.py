"""`check`: the whole store against its rules, or numbers, typed or in a file, against the store."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from portal.cli.errors_and_exit import EXIT_REFUSED, Command, open_ready_registry
from registry.services import operations, records

# What is not typed as a number: the name of a file that is not there.
FILE_NAME = re.compile(r"[^\n]*\.(?:csv|txt|tsv|xlsx?)|[^\d\n]*", re.IGNORECASE)


@click.command(cls=Command)
@click.argument("file_or_numbers", metavar="[FILE | NUMBER…]", nargs=-1)
def check(file_or_numbers: tuple[str, ...]) -> None:
    """Check every record against its schema, hash and entries; with FILE or NUMBER: look the numbers up.

    A FILE has one number a line, in its first column. A NUMBER is read as in the search box: with a label, with dashes
    of any kind, a barcode, a permalink; one with a blank in it is put in quotation marks.

    Exit code 1 when something is wrong, or a number is not in the register.
    """
    files, numbers = _files_and_numbers(file_or_numbers)
    registry = open_ready_registry()
    wrong = 0
    if file_or_numbers:
        for path in files:
            for checked in operations.check_number_file(registry, path):
                wrong += _show(checked)
        for checked in operations.check_typed_numbers(registry, numbers):
            wrong += _show(checked)
    else:
        for problem in operations.check_store(registry):
            wrong += 1
            click.echo(problem)
        click.echo(f"problems {wrong}")
    if wrong:
        sys.exit(EXIT_REFUSED)


def _files_and_numbers(given: tuple[str, ...]) -> tuple[list[Path], list[str]]:
    """Tell files from numbers. Raises `BadParameter` for the name of a file that does not exist."""
    files, numbers = [], []
    for text in given:
        path = Path(text)
        if _is_file(path):
            files.append(path)
        elif FILE_NAME.fullmatch(text.strip()):
            click.Path(exists=True, dir_okay=False).convert(text, None, click.get_current_context())
        else:
            numbers.append(text)
    return files, numbers


def _is_file(path: Path) -> bool:
    """True if there is such a file; a number may be too long for a file's name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _show(checked: operations.NumberCheck) -> bool:
    """Print a number with its answer, on one line; returns True if no record has it.

    Of two numbers in one the part that the answer is about is told beside the output.
    """
    click.echo(f"{' '.join(checked.number.split())}\t{checked.answer}")
    if checked.parts_not_held:
        not_held = ", ".join(checked.parts_not_held)
        click.echo(f"not on record: {not_held}; the answer is that of {checked.read_as}", err=True)
    return checked.answer in records.NOT_FOUND_ANSWERS
