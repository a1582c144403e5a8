"""Exit codes and the end of a command in one line, without loading any register: for the parent of a server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from registry.errors import Misconfigured, NotFound, RegistryError

EXIT_DONE, EXIT_REFUSED, EXIT_MISUSE = 0, 1, 2


class ErrorsInOneLine(click.Command):
    """Ends an expected error with one clear line on stderr, never with a traceback: for commands and for groups of them."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RegistryError as problem:
            for line in self.lines(problem):
                click.echo(line, err=True)
            ctx.exit(EXIT_MISUSE if isinstance(problem, Misconfigured | NotFound) else EXIT_REFUSED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader has gone, as in `| head`: there is no one left to tell
            ctx.exit(EXIT_REFUSED)
        except OSError as problem:
            fail(str(problem))

    def lines(self, problem: RegistryError) -> Sequence[str]:
        """Return the message of an expected error."""
        return [str(problem) or problem.code]


class PlainCommand(ErrorsInOneLine):
    """A command that ends an expected error with one clear line on stderr."""


def fail(line: str, code: int = EXIT_REFUSED) -> NoReturn:
    """Exit with one line on stderr."""
    click.echo(line, err=True)
    sys.exit(code)
