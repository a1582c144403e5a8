"""The report of an import: the refused rows as they came, with what to mend. It may be corrected and sent again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from registry.tabular.reading import Row
from registry.tabular.writing import csv_line

COLUMNS = ("row", "field", "code", "message")


class Report:
    """Written row by row, and only when a row is refused; `path` is None while none was."""

    def __init__(self, place: Path, header: Sequence[str]) -> None:
        self._place = place
        self._header = [name for name in header if name not in COLUMNS]
        self._file: BinaryIO | None = None

    @property
    def path(self) -> Path | None:
        return self._place if self._file else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def write(self, row: Row, issues: Sequence[tuple[str, str, str]]) -> None:
        """One line: the cells of the row, its number, and all its issues (field, code, message)."""
        if self._file is None:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._place.open("wb")
            self._file.write(b"\xef\xbb\xbf" + csv_line([*self._header, *COLUMNS]))
        cells = [row.cells.get(name, "") for name in self._header]
        parts = [" | ".join(dict.fromkeys(part)) for part in zip(*issues, strict=True)] or ["", "", ""]
        self._file.write(csv_line([*cells, row.number, *parts]))
