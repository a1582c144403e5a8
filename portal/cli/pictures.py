"""`picture`: pictures that holders have supplied, taken down where they do not belong."""

from __future__ import annotations

import click

from portal.cli.errors_and_exit import CommandGroup, open_ready_registry
from registry.accounts.policy import SYSTEM
from registry.i18n import _, gettext
from registry.services import filing


@click.group(cls=CommandGroup)
def picture() -> None:
    """Pictures that holders have supplied."""


@picture.command("take-down")
@click.argument("number")
@click.option("--reason", required=True, help="Why, for the audit log.")
def take_down(number: str, reason: str) -> None:
    """Take the picture of the record NUMBER away; its holder may supply another one."""
    taken = filing.take_down_picture(open_ready_registry(), SYSTEM, number, reason)
    click.echo(gettext(_("The picture of %(number)s is taken down."), number=taken))
