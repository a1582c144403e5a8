"""`keys`: how the secrets of second factors are encrypted, and new keys for them."""

from __future__ import annotations

import click

from portal.cli.errors_and_exit import Command, CommandGroup, open_ready_registry
from registry.services import people


@click.group(cls=CommandGroup)
def keys() -> None:
    """How the secrets of second factors are encrypted, and new keys for them."""


@keys.command(cls=Command)
def status() -> None:
    """Say how the secrets of second factors are encrypted, and whether former secrets of the server are needed for them."""
    registry = open_ready_registry()
    _say(people.report_keys(registry), len(registry.settings.secret_keys))


@keys.command(cls=Command)
def rotate() -> None:
    """Make a new key, which the first secret of PINZHENG_SECRET_KEY wraps, and encrypt all secrets of second factors under it."""
    registry = open_ready_registry()
    _say(people.rotate_keys(registry), len(registry.settings.secret_keys))


def _say(kept: people.FactorKeys, secrets: int) -> None:
    click.echo(f"secrets of the server: {secrets}")
    click.echo(
        f"second factors: {kept.factors}, under the newest key {kept.present}, not kept yet {kept.derived}, "
        f"unreadable {kept.unreadable}"
    )
    if secrets > 1:
        needed = (
            "are not needed for second factors"
            if kept.first_suffices
            else "are still needed for second factors"
        )
        click.echo(f"secrets after the first: {needed}")
