"""The report of an import: the refused rows as they came, with what to mend. It may be corrected and sent again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from registry.tabular.rows import Row
from registry.tabular.writing import BOM, csv_line

REPORT_COLUMNS = ("row", "field", "code", "message")


class Report:
    """A CSV file written row by row; `path` is None while there is none.

    At a place that the caller chose it is always written, so that no older report is taken for this one's; elsewhere
    only when a row is refused, and never over a file that is there: two imports may run at once.
    """

    def __init__(self, place: Path, header: Sequence[str], *, chosen: bool) -> None:
        self._path = place
        self._header = [name for name in header if name not in REPORT_COLUMNS]
        self._chosen = chosen
        self._file: BinaryIO | None = None

    @property
    def path(self) -> Path | None:
        return self._path if self._file else None

    def __enter__(self) -> Self:
        """Raises `OSError` where a chosen place cannot be written: before the first row, not after the last."""
        if self._chosen:
            self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def write(self, row: Row, issues: Sequence[tuple[str, str, str]]) -> None:
        """One line: the cells of the row, its number, and all its issues (field, code, message)."""
        file = self._file or self._open()
        cells = [row.cells.get(name, "") for name in self._header]
        parts = [" | ".join(dict.fromkeys(part)) for part in zip(*issues, strict=True)] or ["", "", ""]
        file.write(csv_line([*cells, row.number, *parts]))

    def _open(self) -> BinaryIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("wb") if self._chosen else self._create_unused()
        self._file.write(BOM + csv_line([*self._header, *REPORT_COLUMNS]))
        return self._file

    def _create_unused(self) -> BinaryIO:
        first, more = self._path, 1
        while True:
            try:
                return self._path.open("xb")
            except FileExistsError:
                more += 1
                self._path = first.with_name(f"{first.stem}-{more}{first.suffix}")
