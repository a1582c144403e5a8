"""`export`: a register as a file that can be imported again."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from portal.cli.errors_and_exit import Command, open_ready_registry
from portal.cli.file_modes import make_files_private
from registry.accounts.policy import REGISTRAR
from registry.services.exchange import export_register

FORMATS = ("csv", "jsonl", "xlsx")


@click.command(cls=Command)
@click.argument("register")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    help="Without it, that of the file's name, else csv.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file; without it, standard output.",
)
def export(register: str, file_format: str | None, output: Path | None) -> None:
    """Write all records of REGISTER."""
    suffix = output.suffix.lower().removeprefix(".") if output else ""
    file_format = file_format or (suffix if suffix in FORMATS else "csv")
    chunks = export_register(open_ready_registry(), REGISTRAR, register, file_format)  # type: ignore[arg-type]  # one of FORMATS
    if output is not None:
        write_atomically(output, chunks)
        return
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def write_atomically(output: Path, chunks: Iterator[bytes]) -> None:
    """Write a file beside and rename it: it is complete or not there, and an older one stays until then."""
    handle, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~make_files_private())
        Path(name).replace(output)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
