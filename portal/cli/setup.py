"""`init` and `demo`: from an empty directory to a store with something to see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from portal.cli.errors_and_exit import Command, open_ready_registry
from portal.cli.progress import progress
from portal.cli.relay import settle_relay
from portal.web.assets import Assets
from portal.web.templating import Templates
from registry.config import Settings
from registry.demonstration import load, training_desk
from registry.demonstration.training_desk import TrainingAccount
from registry.i18n import _, gettext
from registry.prepared_files import keep_prepared_files
from registry.services import operations


@click.command(cls=Command)
def init() -> None:
    """Make the data directory, the secret and the tables, or bring them up to date. Safe to repeat."""
    settings = Settings.from_environment()
    for line in operations.initialise(settings):
        click.echo(line)
    prepare_first_pages(settings.data_dir)


def prepare_first_pages(data_dir: Path) -> None:
    """Compile what the first pages need, so that the next server starts without it."""
    keep_prepared_files(data_dir)
    Templates(Assets(), None).compile()


@click.command(cls=Command)
@click.option("--desk", is_flag=True, help="Make an account for each role too, with cases to learn at.")
def demo(*, desk: bool) -> None:
    """Load the demonstration records; returns when all of them are sealed and can be found. Safe to repeat.

    With --desk: accounts for training, whose sign-ins are printed once. Only where this machine alone reaches the register.
    """
    registry = open_ready_registry()
    with progress("demonstration records") as advance:
        loaded = load.load_demonstration(registry, advance)
    settle_relay(registry)
    for slug, number in loaded.items():
        click.echo(f"{slug}: {number}")
    if desk:
        _print_sign_ins(training_desk.open_training_desk(registry))


def _print_sign_ins(made: Sequence[TrainingAccount]) -> None:
    """Print how to sign in with the accounts that were made; what was made before is not known any more."""
    if not made:
        click.echo(
            gettext(_("The accounts for training were made before; their passwords were printed then."))
        )
        return
    click.echo(
        gettext(
            _("Accounts for training, to sign in with at %(path)s. Their passwords are printed this once:"),
            path="/zh/account/sign-in",
        )
    )
    for account in made:
        click.echo(f"  {account.role}: {account.email}  {account.password}")
        if account.secret:
            codes = ", ".join(account.codes)
            click.echo(
                gettext(
                    _("    second factor: key %(key)s for an authenticator app, or once each: %(codes)s"),
                    key=account.secret,
                    codes=codes,
                )
            )
