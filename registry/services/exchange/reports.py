"""The report of an import: a results sheet of the refused rows, as a file. It may be corrected and imported again."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from registry.services.exchange.pipeline import RowResult
from registry.services.exchange.results import ResultsSheet
from registry.tabular.rows import Row
from registry.tabular.writing import BOM, csv_line


class Report:
    """A CSV file written row by row; `path` is None as long as there is none.

    A file that the caller named is always written, so that no older report is taken for this one; another only when
    a row is refused, and never over a file that exists: two imports may run at the same time.
    """

    def __init__(self, path: Path, sheet: ResultsSheet, *, named_by_caller: bool) -> None:
        self._path = path
        self._sheet = sheet
        self._named_by_caller = named_by_caller
        self._file: BinaryIO | None = None

    @property
    def path(self) -> Path | None:
        return self._path if self._file else None

    def __enter__(self) -> Self:
        """Raises `OSError` where a named file cannot be written: before the first row, not after the last."""
        if self._named_by_caller:
            self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def write(self, row: Row, result: RowResult) -> None:
        """Write one line. Raises `OSError` when the disk is full."""
        file = self._file or self._open()
        file.write(csv_line(self._sheet.line(row, result)))

    def _open(self) -> BinaryIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("wb") if self._named_by_caller else self._create_unused()
        self._file.write(BOM + csv_line(self._sheet.header))
        return self._file

    def _create_unused(self) -> BinaryIO:
        first, suffix = self._path, 1
        while True:
            try:
                return self._path.open("xb")
            except FileExistsError:
                suffix += 1
                self._path = first.with_name(f"{first.stem}-{suffix}{first.suffix}")
