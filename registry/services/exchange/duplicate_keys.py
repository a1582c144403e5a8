"""Keys seen earlier in one run, in a temporary file of their own, so that 200,000 rows need no more memory than ten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class SeenRow:
    """The row in which a key was seen. `content`: a text that is equal for rows that say the same.

    `number`: of the record, "" as long as it has none.
    """

    row: int
    content: str
    number: str = ""


class DuplicateKeyStore:
    """Natural keys and the rows they were seen in. A full disk raises `OSError`."""

    def __enter__(self) -> Self:
        self._file = sqlite3.connect("")  # a private file, spilled to disk when it grows, gone when closed
        self._file.execute("PRAGMA journal_mode=OFF")
        self._file.execute(
            "CREATE TABLE seen (key TEXT PRIMARY KEY, row INTEGER, content TEXT) WITHOUT ROWID"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def find(self, keys: Iterable[str]) -> dict[str, SeenRow]:
        """Those of the keys that were seen."""
        seen: dict[str, SeenRow] = {}
        try:
            for key in keys:
                row = self._file.execute("SELECT row, content FROM seen WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    seen[key] = SeenRow(*row)
        except sqlite3.Error as problem:
            raise OSError(f"temporary file: {problem}") from problem
        return seen

    def remember(self, rows: Mapping[str, SeenRow]) -> None:
        """Remember rows by their key, in place of earlier ones."""
        values = ((key, row.row, row.content) for key, row in rows.items())
        try:
            self._file.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", values)
        except sqlite3.Error as problem:
            raise OSError(f"temporary file: {problem}") from problem
