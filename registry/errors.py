"""The errors that may cross a service boundary. They carry codes; doors put them in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any


class RegistryError(Exception):
    """Base of what services raise on purpose; `code` names the kind of error."""

    code = "error"


class Refusal(RegistryError):
    """Base of the errors that say what stands in the way: `reason` is a code with a declared message.

    `params` fit that message (`registry.messages`); doors put it in words.
    """

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(f"{reason} {params}" if params else reason)
        self.reason = reason
        self.params = params


class Malformed(Refusal):
    """A text that no field may hold, whatever it is about: it has characters that cannot be stored."""

    code = "malformed"


class NotFound(RegistryError):
    """No such register, record or page for this reader. `code` says which kind of not found."""

    def __init__(
        self,
        what: str,
        key: str = "",
        *,
        code: str = "never_registered",
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{what} {key}".strip())
        self.what = what
        self.key = key
        self.code = code
        self.params = {"typed": key} if params is None else dict(params)


class Forbidden(Refusal):
    """The actor may not do this."""

    code = "forbidden"


class Invalid(RegistryError):
    """Input that cannot be taken; `issues` name field, rule and parameters."""

    code = "invalid"

    def __init__(self, issues: tuple[Any, ...]) -> None:
        super().__init__(", ".join(f"{issue.field}: {issue.code}" for issue in issues))
        self.issues = issues


class Conflict(Refusal):
    """The state of the record, another record or another process does not allow this."""

    code = "conflict"


class ConcurrentWrite(Conflict):
    """Two transactions have written what only one may: the other one was first."""

    def __init__(self) -> None:
        super().__init__("written_meanwhile")


class Stale(Refusal):
    """The record changed since it was read."""

    code = "stale"


class TooManyAttempts(RegistryError):
    """Too many attempts; the next one is accepted at `retry_at`."""

    code = "too_often"

    def __init__(self, retry_at: dt.datetime) -> None:
        super().__init__(f"not before {retry_at.isoformat(timespec='seconds')}")
        self.retry_at = retry_at


class Unavailable(Refusal):
    """A part of the system does not answer at the moment: the index is being built, the database is away."""

    code = "unavailable"


class BeingExamined(Unavailable):
    """A file was taken and is being examined; `token` finds its result later. `name`: as its sender calls it."""

    def __init__(self, token: str, name: str) -> None:
        super().__init__("file_being_examined", name=name)
        self.token = token
        self.name = name


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached or written. `problem`, in the words of its driver, is for operators only."""

    def __init__(self, problem: str) -> None:
        super().__init__("database_unavailable")
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.reason}: {self.problem}"


class DatabaseBusy(DatabaseUnavailable):
    """The database is there, but others write, or a statement takes longer than its reader may wait."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.reason = "database_busy"


class Misconfigured(RegistryError):
    """A setting is missing or wrong: one clear line, then the program stops."""

    code = "misconfigured"

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting} {problem}")
        self.setting = setting
