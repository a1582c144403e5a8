"""What an import has done: its sums, its first issues, the warnings that rows were taken in with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from registry.kit.issues import Issue


class FirstIssue(NamedTuple):
    """An issue for the screen."""

    row: int
    field: str
    code: str
    message: str
    file: str


@dataclass(slots=True)
class WarningGroup:
    """A standing warning that rows were taken in with: how many of them, and the first one in words."""

    field: str
    code: str
    message: str
    row: int
    rows: int = 0


@dataclass(slots=True)
class ImportResult:
    """The end of an import, over all its files."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    report_paths: list[Path] = field(default_factory=list)
    first_issues: list[FirstIssue] = field(default_factory=list)
    issues: int = 0  # of refused rows, those that are not among the first included
    notices: list[str] = field(default_factory=list)  # left-out columns, encodings, a report that failed
    warning_groups: dict[tuple[str, str], WarningGroup] = field(
        default_factory=dict
    )  # of rows taken, by (field, code)
    unreadable_files: list[Issue] = field(
        default_factory=list
    )  # files that are no sheets, while others went in

    @property
    def report_path(self) -> Path | None:
        """The report, where there is one for all files."""
        return self.report_paths[0] if len(self.report_paths) == 1 else None

    def summary(self) -> str:
        return f"created {self.created}, updated {self.updated}, unchanged {self.unchanged}, refused {self.refused}"
