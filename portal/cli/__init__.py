"""The `pinzheng` command. Exit 0: done; 1: something was refused; 2: misuse."""

from __future__ import annotations

import gc
import io
import sys

gc.disable()  # while modules come in, nothing is garbage: looking for it takes a quarter of the start

import click  # noqa: E402

from portal.cli import check, export, imports, index, relay, serve, setup, sheets, users  # noqa: E402
from portal.cli.errors_and_exit import CommandGroup, terminal_language  # noqa: E402
from registry.i18n import set_language  # noqa: E402

gc.freeze()  # what stays until the end is never looked through again
gc.enable()


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pinzheng")
def pinzheng() -> None:
    """Pinzheng 品证: a bilingual public register of quality."""
    set_language(terminal_language())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without Chinese shows marks, not a traceback
            stream.reconfigure(errors="backslashreplace")


for command in (
    setup.init,
    setup.demo,
    serve.serve,
    relay.relay,
    relay.expire,
    sheets.sheets,
    imports.import_,
    export.export,
    index.index,
    check.check,
    users.user,
):
    pinzheng.add_command(command)


def main() -> None:
    """The entry point of the installed command."""
    pinzheng(prog_name="pinzheng")


__all__ = ["main", "pinzheng"]
