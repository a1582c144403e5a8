"""Keys seen in one run, kept in a temporary file of its own so that 200,000 rows need no more memory than ten."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self


class DuplicateKeyStore:
    """Row and content of natural keys. A full disk raises `OSError`."""

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

    def remember(self, key: str, row: int, content: str) -> tuple[int, str] | None:
        """Remember the key; None where it is new, else row number and content of its first appearance."""
        new = self._put("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", key, row, content)
        return None if new else self.get(key)

    def replace(self, key: str, row: int, content: str) -> None:
        """Remember this appearance in place of an earlier one."""
        self._put("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", key, row, content)

    def get(self, key: str) -> tuple[int, str] | None:
        """What is remembered of the key."""
        found: tuple[int, str] | None = self._file.execute(
            "SELECT row, content FROM seen WHERE key = ?", (key,)
        ).fetchone()
        return found

    def _put(self, statement: str, key: str, row: int, content: str) -> bool:
        try:
            put = self._file.execute(statement, (key, row, content))
        except sqlite3.Error as problem:
            raise OSError(f"temporary file: {problem}") from problem
        return put.rowcount > 0
