"""All that may cross a service boundary. Codes inside; words are made at the door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol


class IssueLike(Protocol):
    """What an issue of the kit is, seen from below: a code, the field it concerns, parameters for the words."""

    @property
    def code(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...


class RegistryError(Exception):
    """Base of what services raise on purpose."""

    code = "error"


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


class Forbidden(RegistryError):
    """The actor may not do this."""

    code = "forbidden"


class Invalid(RegistryError):
    """Input that cannot be taken; `issues` name field, rule and parameters."""

    code = "invalid"

    def __init__(self, issues: tuple[Any, ...]) -> None:
        super().__init__(", ".join(f"{issue.field}: {issue.code}" for issue in issues))
        self.issues = issues


class Conflict(RegistryError):
    """Another record or another run stands in the way."""

    code = "conflict"


class Stale(RegistryError):
    """The record changed since it was read."""

    code = "stale"


class TooManyAttempts(RegistryError):
    """Too many attempts; nothing more is taken before `until`."""

    code = "too_often"

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(f"not before {until.isoformat(timespec='seconds')}")
        self.retry_at = until


class Unavailable(RegistryError):
    """A part that answers later: the search index is being built, the database is away."""

    code = "unavailable"


class Misconfigured(RegistryError):
    """A setting is missing or wrong: one clear line, then the program stops."""

    code = "misconfigured"

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting} {problem}")
        self.setting = setting
