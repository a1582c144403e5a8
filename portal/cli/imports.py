"""`import`: sheets into a register; what is refused comes back as a sheet with reasons."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import click

from portal.cli.errors_and_exit import (
    EXIT_REFUSED,
    Command,
    error_lines,
    join_with_colon,
    open_ready_registry,
)
from portal.cli.progress import progress
from registry.accounts.policy import REGISTRAR
from registry.errors import Conflict, Invalid
from registry.i18n import _, current_language, gettext
from registry.services.exchange import ImportOptions, ImportResult, import_files
from registry.services.issue_messages import issue_message, refusal_message

SHEET_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
MAX_SHOWN_WARNINGS = 10  # kinds of warnings on the screen: every one but gaps, and the most frequent gaps
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")


def check_report_path(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Refuse the name of a workbook for a report: it is CSV, and no program would open it."""
    if value and value.suffix.lower() in WORKBOOKS:
        raise click.BadParameter(
            gettext(_("The report is a CSV file. Please give it a name that ends in .csv.")),
            context,
            parameter,
        )
    return value


@click.command("import", cls=Command)
@click.argument("register")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=SHEET_PATH)
@click.option(
    "--mapping", metavar="NAME|FILE", help="Read a foreign sheet: a mapping of the register, or a TOML file."
)
@click.option(
    "--clear-empty", is_flag=True, help="An empty cell empties its field; without this it changes nothing."
)
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=check_report_path,
    help="Where refused rows and changed facts are written, as CSV; of several files each has its own, OUT-<file>.csv.",
)
def import_(
    register: str,
    files: tuple[Path, ...],
    *,
    mapping: str | None,
    clear_empty: bool,
    dry_run: bool,
    report: Path | None,
) -> None:
    """Import CSV, XLSX or JSON lines into REGISTER. Good rows go in, bad rows come back in a report.

    A sheet changes the facts whose columns it has. An empty cell changes nothing; "-" in a cell empties the field.
    """
    registry = open_ready_registry()
    try:
        with progress(gettext(_("%(register)s: rows"), register=register)) as advance:
            result = import_files(
                registry,
                REGISTRAR,
                register,
                files,
                options=ImportOptions(
                    mapping=mapping,
                    dry_run=dry_run,
                    report=report,
                    lang=current_language(),
                    clear_empty=clear_empty,
                    progress=advance,
                ),
            )
    except Conflict as problem:
        raise click.UsageError(refusal_message(problem, current_language())) from problem
    except Invalid as problem:
        result = ImportResult(unreadable_files=list(problem.issues))
    print_result(result, several=len(files) > 1, dry_run=dry_run)
    if result.refused or result.unreadable_files:
        sys.exit(EXIT_REFUSED)


def print_result(result: ImportResult, *, several: bool, dry_run: bool) -> None:
    """Print what became of the files; the last line is the same in every language, for programs."""
    if result.unreadable_files:
        for line in error_lines(Invalid(tuple(result.unreadable_files))):
            click.echo(line, err=True)
    for notice in result.notices:
        click.echo(issue_message(notice, current_language()))
    for issue in result.first_issues:
        position = gettext(_("row %(row)s"), row=issue.row)
        parts = [f"{issue.file} {position}" if several else position, *filter(None, [issue.field])]
        line = functools.reduce(join_with_colon, [*parts, f"{issue.message} [{issue.code}]"])
        click.echo(line)
    if result.issues > len(result.first_issues):
        click.echo(gettext(_("All issues and refused rows stand in the report.")))
    for changed in result.first_changes:
        position = gettext(_("row %(row)s"), row=changed.row)
        place = f"{changed.file} {position}" if several else position
        parts = [f"{place} ({changed.number})" if changed.number else place, changed.changes]
        click.echo(functools.reduce(join_with_colon, parts))
    if result.updated > len(result.first_changes):
        fields = ", ".join(f"{name} {count}" for name, count in result.changed_fields.most_common())
        click.echo(gettext(_("All changed facts: %(fields)s"), fields=fields))
    warnings = sorted(
        result.warning_groups.values(), key=lambda warning: (warning.code == "not_stated", -warning.rows)
    )
    shown = max(MAX_SHOWN_WARNINGS, sum(warning.code != "not_stated" for warning in warnings))
    for warning in warnings[:shown]:
        position = gettext(_("warning (rows: %(rows)s, first: %(row)s)"), rows=warning.rows, row=warning.row)
        parts = [position, *filter(None, [warning.field])]
        click.echo(functools.reduce(join_with_colon, [*parts, f"{warning.message} [{warning.code}]"]))
    if len(warnings) > shown:
        left = len(warnings) - shown
        click.echo(gettext(_("Further gaps, named on the records (fields): %(left)s"), left=left))
    for path in result.report_paths:
        click.echo(gettext(_("report: %(path)s"), path=path))
    if dry_run:
        click.echo(gettext(_("Dry run: nothing was changed.")))
    click.echo(result.summary())
