"""A group of commands whose modules are imported when one of them is called, so that `--help` and `--version` are quick."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command by the module and the name where it is defined. `summary`: the first sentence of its help."""

    module: str
    name: str
    summary: str


class LazyGroup(click.Group):
    """A `click.Group` over `lazy_commands`, which imports a command's module when the command is called."""

    def __init__(self, *args: Any, lazy_commands: Mapping[str, LazyCommand], **options: Any) -> None:
        super().__init__(*args, **options)
        self.lazy_commands = lazy_commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.lazy_commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        lazy = self.lazy_commands.get(cmd_name)
        if lazy is None:
            return super().get_command(ctx, cmd_name)
        gc.disable()  # modules leave no garbage while they are imported: looking for it takes a quarter of the start
        try:
            command: click.Command = getattr(importlib.import_module(lazy.module), lazy.name)
            gc.freeze()  # what stays until the end is never looked through again
        finally:
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click passes it
        """List the commands with their summaries, importing none of them."""
        limit = formatter.width - 6 - max(map(len, self.lazy_commands))
        rows = [
            (name, click.Command(name, help=self.lazy_commands[name].summary).get_short_help_str(limit))
            for name in sorted(self.lazy_commands)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
