"""What all commands share: opening the registry, reporting errors in one line, exit codes."""

from __future__ import annotations

from collections.abc import Sequence

import click

from portal.cli.plain_command import EXIT_DONE, EXIT_MISUSE, EXIT_REFUSED, ErrorsInOneLine, PlainCommand, fail
from registry.config import Settings
from registry.errors import DatabaseUnavailable, Invalid, Misconfigured, NotFound, Refusal, RegistryError
from registry.i18n import _, current_language, gettext
from registry.services import operations
from registry.services.bootstrap import Registry, open_registry
from registry.services.issue_messages import issue_message, refusal_message

NOT_FOUND_MESSAGES = {
    "register_unknown": _("There is no register “%(key)s”."),
    "mapping_unknown": _("There is no mapping “%(key)s”."),
    "file_missing": _("There is no file %(key)s."),
}
COLON = {"zh": "：", "en": ": "}


class Command(PlainCommand):
    """A command that says every expected error in the words of its code."""

    def lines(self, problem: RegistryError) -> Sequence[str]:
        return error_lines(problem)


class CommandGroup(ErrorsInOneLine, click.Group):
    """A group of commands that end expected errors in the same way, as it does itself."""

    command_class = Command

    def lines(self, problem: RegistryError) -> Sequence[str]:
        return error_lines(problem)


def join_with_colon(before: str, after: str) -> str:
    """Return a position and what is there: `row 3: the day does not exist`."""
    return before + COLON[current_language()] + after


def error_lines(problem: RegistryError) -> list[str]:
    """Return the message of an expected error, one line for each issue."""
    if isinstance(problem, Invalid):
        labelled = [(str(issue.params.get("file") or issue.field), issue) for issue in problem.issues]
        return [
            join_with_colon(name, issue_message(issue, current_language()))
            if name
            else issue_message(issue, current_language())
            for name, issue in labelled
        ]
    if isinstance(problem, NotFound) and problem.code in NOT_FOUND_MESSAGES:
        return [gettext(NOT_FOUND_MESSAGES[problem.code], key=problem.key)]
    if isinstance(problem, DatabaseUnavailable):
        return [gettext(_("The database cannot be used: %(problem)s"), problem=problem.problem)]
    if isinstance(problem, Refusal):
        return [refusal_message(problem, current_language())]
    return [str(problem) or problem.code]


def open_ready_registry(served_at: str = "") -> Registry:
    """Return the registry of the environment's settings, its tables up to date. `served_at` as in `Settings`.

    Raises `Misconfigured` when a setting is wrong or `pinzheng init` has not been run.
    """
    registry = open_registry(Settings.from_environment(local_address=served_at))
    state = operations.check_readiness(registry)
    if not state.database and state.schema.word != "missing":
        raise Misconfigured("The database", f"cannot be used: {' '.join(state.problem.split())}")
    if state.schema.word == "newer":
        raise Misconfigured("The database", "has the schema of a newer version: this one is too old for it")
    if not state.schema.is_usable:
        raise Misconfigured("The database", "is not ready: run `pinzheng init` first")
    return registry


__all__ = [
    "EXIT_DONE",
    "EXIT_MISUSE",
    "EXIT_REFUSED",
    "Command",
    "CommandGroup",
    "error_lines",
    "fail",
    "join_with_colon",
    "open_ready_registry",
]
