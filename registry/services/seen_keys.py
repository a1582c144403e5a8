"""Keys seen in one sheet, kept in a temporary file of its own so that 200,000 rows need no more memory than ten."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self


class SeenKeys:
    """First row and content of each natural key of a sheet."""

    def __enter__(self) -> Self:
        self._file = sqlite3.connect(
            ""
        )  # "": a private file, spilled to disk when it grows, gone when closed
        self._file.execute("PRAGMA journal_mode=OFF")
        self._file.execute(
            "CREATE TABLE seen (key TEXT PRIMARY KEY, row INTEGER, content TEXT) WITHOUT ROWID"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def first(self, key: str, row: int, content: str) -> tuple[int, str] | None:
        """Remember the key; None where it is new, else row number and content of its first appearance."""
        put = self._file.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (key, row, content))
        if put.rowcount:
            return None
        found: tuple[int, str] = self._file.execute(
            "SELECT row, content FROM seen WHERE key = ?", (key,)
        ).fetchone()
        return found
