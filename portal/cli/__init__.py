"""The `pinzheng` command. Exit 0: done; 1: something was refused; 2: misuse.

Commands are imported when they are called: `pinzheng --help` loads no register and no database driver.
"""

from __future__ import annotations

import io
import sys

import click

from portal.cli.file_modes import make_files_private
from portal.cli.lazy_group import LazyCommand, LazyGroup
from portal.cli.terminal import terminal_language
from registry.config import read_log_choice
from registry.errors import Misconfigured
from registry.i18n import set_language
from registry.observing.log_lines import configure_logs

COMMANDS = {
    "init": LazyCommand(
        "portal.cli.setup",
        "init",
        "Make the data directory, the secret and the tables, or bring them up to date.",
    ),
    "demo": LazyCommand(
        "portal.cli.setup",
        "demo",
        "Load the demonstration records; returns when all of them are sealed and can be found.",
    ),
    "serve": LazyCommand(
        "portal.cli.serve",
        "serve",
        "Serve the portal, with relay and sheets beside it, until SIGTERM or SIGINT.",
    ),
    "relay": LazyCommand(
        "portal.cli.relay",
        "relay",
        "Seal entries, keep the search index up to date, send mails, let dates take effect.",
    ),
    "expire": LazyCommand(
        "portal.cli.relay", "expire", "Let dates that have come take effect now, not at midnight."
    ),
    "sheets": LazyCommand(
        "portal.cli.sheets", "sheets", "File the sheets and examine the files that were handed in."
    ),
    "import": LazyCommand("portal.cli.imports", "import_", "Import CSV, XLSX or JSON lines into REGISTER."),
    "export": LazyCommand("portal.cli.export", "export", "Write all records of REGISTER."),
    "index": LazyCommand("portal.cli.index", "index", "Rebuild, verify or describe the search index."),
    "compare-texts": LazyCommand(
        "portal.cli.compare_texts",
        "compare_texts",
        "Compare the texts of all records again, for the list of copied texts.",
    ),
    "check": LazyCommand(
        "portal.cli.check",
        "check",
        "Check every record against its schema, hash and entries; with FILE or NUMBER: look the numbers up.",
    ),
    "backup": LazyCommand(
        "portal.cli.backup",
        "backup",
        "Write a backup of the running register: database, attachments, sheets, operator's file; without the secret.",
    ),
    "restore": LazyCommand(
        "portal.cli.backup",
        "restore",
        "Bring a backup into the empty store of the settings, index it and check it.",
    ),
    "migrate": LazyCommand(
        "portal.cli.migrate",
        "migrate",
        "Bring the tables up to date, take one step back, or say how they fit this version.",
    ),
    "picture": LazyCommand("portal.cli.pictures", "picture", "Pictures that holders have supplied."),
    "keys": LazyCommand(
        "portal.cli.keys", "keys", "How the secrets of second factors are encrypted, and new keys for them."
    ),
    "user": LazyCommand("portal.cli.users", "user", "Accounts of staff and others."),
}


@click.group(cls=LazyGroup, lazy_commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pinzheng")
@click.pass_context
def pinzheng(context: click.Context) -> None:
    """Pinzheng 品证: a bilingual public register of quality."""
    prepare(context.invoked_subcommand or "pinzheng")


def prepare(process: str) -> None:
    """Make files private, choose the language of the terminal and configure the logs. `process`: its name in the log."""
    make_files_private()
    set_language(terminal_language())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without Chinese shows marks, not a traceback
            stream.reconfigure(errors="backslashreplace")
    try:
        configure_logs(read_log_choice(), process)
    except Misconfigured as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)


def main() -> None:
    """Run the command; the entry point of the installed package."""
    pinzheng(prog_name="pinzheng")


__all__ = ["COMMANDS", "main", "pinzheng", "prepare"]
