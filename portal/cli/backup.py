"""`backup` and `restore`: one file with everything that cannot be made anew."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from portal.cli.errors_and_exit import EXIT_MISUSE, EXIT_REFUSED, Command, CommandGroup, open_ready_registry
from portal.cli.progress import progress
from registry import clock
from registry.config import Settings
from registry.services import operations

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
identity_option = click.option(
    "--identity",
    type=EXISTING_FILE,
    help="File with the secret key of age, for an encrypted backup.",
)
folder_option = click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the backups; default: PINZHENG_BACKUP_DIR, else backups/ in the data directory.",
)


@click.group(cls=CommandGroup, invoke_without_command=True)
@folder_option
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="KEY",
    help="Public key of age (age1…) for whom it is encrypted; default: PINZHENG_BACKUP_RECIPIENTS.",
)
@click.option("--keep", type=click.IntRange(min=1), help="So many backups stay in the folder; default: all.")
@click.pass_context
def backup(
    context: click.Context, folder: Path | None, recipients: tuple[str, ...], keep: int | None
) -> None:
    """Write a backup of the running register: database, attachments, sheets, operator's file; without the secret."""
    if context.invoked_subcommand is not None:
        context.obj = folder
        return
    registry = open_ready_registry()
    settings = registry.settings
    with progress("files") as advance:
        made = operations.make_backup(
            registry,
            folder or settings.backup_dir,
            recipients=recipients or settings.backup_recipients,
            keep=keep or 0,
            advance=advance,
        )
    click.echo(_line(made))
    for sha256 in made.damaged_attachments:
        click.echo(f"damaged: attachment {sha256} does not have the bytes it was stored with", err=True)
    if made.damaged_attachments:
        sys.exit(EXIT_REFUSED)


@backup.command("list")
@folder_option
@click.pass_context
def list_(context: click.Context, folder: Path | None) -> None:
    """List the backups of a folder, the newest first."""
    chosen = folder or context.obj or Settings.from_environment().backup_dir
    for made in operations.list_backups(chosen):
        click.echo(_line(made))


@backup.command()
@click.argument("file", type=EXISTING_FILE)
@identity_option
def verify(file: Path, identity: Path | None) -> None:
    """Read a backup to its end and compare every hash. Exit code 1 when something is wrong."""
    facts = operations.verify_backup(file, operations.parse_identities(identity) if identity else ())
    click.echo(f"sound: records {facts.records}, entries {facts.entries}, schema {facts.schema}")


@click.command(cls=Command)
@click.argument("file", type=EXISTING_FILE)
@identity_option
@click.option(
    "--drill", is_flag=True, help="Restore into a folder for the time being, check it and delete it."
)
@click.option(
    "--drill-database",
    metavar="URL",
    default="",
    help="With --drill: an empty PostgreSQL database for a backup of one.",
)
def restore(file: Path, identity: Path | None, drill: bool, drill_database: str) -> None:
    """Bring a backup into the empty store of the settings, index it and check it. Exit code 1 when something is wrong."""
    identities = operations.parse_identities(identity) if identity else ()
    if drill_database and not drill:
        click.echo("--drill-database goes with --drill", err=True)
        sys.exit(EXIT_MISUSE)
    with progress("files") as advance:
        if drill:
            restored = operations.try_restoring(
                open_ready_registry(),
                file,
                identities,
                database_url=_database_url(drill_database),
                advance=advance,
            )
        else:
            restored = operations.restore_backup(
                Settings.from_environment(), file, identities, advance=advance
            )
    if restored.made_secret and not drill:
        click.echo(
            "warning: no PINZHENG_SECRET_KEY was given, so a new secret was made: links that were mailed, sessions and second "
            "factors of before no longer hold. With the old secret set instead, they do.",
            err=True,
        )
    for problem in restored.problems:
        click.echo(problem)
    for sha256 in restored.missing_attachments:
        click.echo(f"attachment {sha256}: its bytes are missing")
    click.echo(
        f"records {restored.facts.records}, entries {restored.facts.entries}, files {restored.files}, "
        f"indexed {restored.documents}, problems {len(restored.problems) + len(restored.missing_attachments)}"
    )
    if not restored.is_sound:
        sys.exit(EXIT_REFUSED)


def _database_url(given: str) -> str:
    """Return the address of another database, as the settings read it."""
    return (
        Settings.from_environment({**os.environ, "PINZHENG_DATABASE_URL": given}).database_url
        if given
        else ""
    )


def _line(made: operations.Backup) -> str:
    parts = [str(made.path), f"{made.size / 1_000_000:,.1f} MB"]
    if made.made_at is not None and made.facts is not None:
        moment = made.made_at.astimezone(clock.SHANGHAI)
        parts += [
            f"{moment:%Y-%m-%d %H:%M:%S}",
            f"records {made.facts.records}",
            f"entries {made.facts.entries}",
            f"sha256 {made.sha256}",
        ]
    return "  ".join(parts)
