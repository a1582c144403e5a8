"""`compare-texts`: which records say nearly the same as those of another holder, worked out again for all of them."""

from __future__ import annotations

import click

from portal.cli.errors_and_exit import Command, open_ready_registry
from registry.services import watch_lists


@click.command(cls=Command)
def compare_texts() -> None:
    """Compare the texts of all records again, for the list of copied texts.

    The relay compares what is new or has changed, at night. This is for a store of which `check` says that these comparisons do
    not follow from its records. Safe to repeat, and while the register is running.
    """
    click.echo(f"texts {watch_lists.compare_texts_again(open_ready_registry())}")
