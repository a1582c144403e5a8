"""`import`: sheets into a register; what is refused comes back as a sheet with reasons."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.cli.frame import REFUSED, opened
from portal.cli.progress import progress
from registry.accounts.policy import REGISTRAR
from registry.services.imports import FIRST_ISSUES, import_files

SHEET = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import")
@click.argument("register")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=SHEET)
@click.option(
    "--mapping", metavar="NAME|FILE", help="Read a foreign sheet: a mapping of the register, or a TOML file."
)
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Where refused rows are written."
)
def import_(
    register: str, files: tuple[Path, ...], mapping: str | None, dry_run: bool, report: Path | None
) -> None:
    """Import CSV or XLSX sheets into REGISTER. Good rows go in, bad rows come back in a report."""
    registry = opened()
    with progress(f"{register}: rows") as advance:
        result = import_files(
            registry,
            REGISTRAR,
            register,
            files,
            mapping=mapping,
            dry_run=dry_run,
            report=report,
            progress=advance,
        )
    for notice in result.notices:
        click.echo(notice)
    for row, field, code, message in result.first_issues:
        click.echo(f"row {row}: {f'{field}: ' if field else ''}{message} [{code}]")
    if result.refused > FIRST_ISSUES:
        click.echo("Further refused rows stand in the report.")
    if result.report_path:
        click.echo(f"report: {result.report_path}")
    if dry_run:
        click.echo("Dry run: nothing was changed.")
    click.echo(result.summary())
    if result.refused:
        sys.exit(REFUSED)
