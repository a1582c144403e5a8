"""What all commands share: how they open the registry, say what went wrong, and end."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from registry.config import Settings
from registry.errors import Invalid, Misconfigured, NotFound, RegistryError
from registry.services import upkeep
from registry.services.issue_words import in_words
from registry.services.wiring import Registry, open_registry

DONE, REFUSED, MISUSE = 0, 1, 2
NOT_FOUND = {
    "register_unknown": "There is no register “{key}”.",
    "mapping_unknown": "There is no mapping “{key}”.",
    "file_missing": "There is no file {key}.",
}
DATABASE_AWAY = ("OperationalError", "InterfaceError")  # SQLAlchemy's names; the portal does not import it


class Commands(click.Group):
    """A group whose commands end expected errors with one clear line on stderr, never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RegistryError as problem:
            for line in lines_of(problem):
                click.echo(line, err=True)
            ctx.exit(MISUSE if isinstance(problem, Misconfigured | NotFound) else REFUSED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader has gone, as in `| head`: nobody is left to tell
            ctx.exit(REFUSED)
        except OSError as problem:
            fail(str(problem))
        except Exception as problem:
            if type(problem).__name__ not in DATABASE_AWAY:
                raise
            fail(f"The database cannot be used: {getattr(problem, 'orig', problem)}")


def lines_of(problem: RegistryError) -> list[str]:
    """An expected error in words, one line an issue."""
    if isinstance(problem, Invalid):
        named = [(str(issue.params.get("file") or issue.field), issue) for issue in problem.issues]
        return [
            f"{name}: {in_words(issue, 'en')}" if name else in_words(issue, "en") for name, issue in named
        ]
    if isinstance(problem, NotFound) and problem.code in NOT_FOUND:
        return [NOT_FOUND[problem.code].format(key=problem.key)]
    return [str(problem) or problem.code]


def fail(line: str, code: int = REFUSED) -> NoReturn:
    """End with one clear line on stderr."""
    click.echo(line, err=True)
    sys.exit(code)


def opened() -> Registry:
    """The registry of the environment's settings, its tables up to date.

    Raises `Misconfigured` when a setting is wrong or `pinzheng init` has not been run.
    """
    registry = open_registry(Settings.from_environment())
    if not upkeep.is_ready(registry)["database"]:
        raise Misconfigured("The database", "is not ready: run `pinzheng init` first")
    return registry
