"""Synonyms that staff have added, together with the built-in ones; every process sees a change within a second."""

from __future__ import annotations

import threading
import time

from sqlalchemy import Engine, select

from registry.search.analysis.synonyms import SynonymEntry, Synonyms, built_in
from registry.search.analysis.tokens import is_chinese, split_runs
from registry.search.words.model import StaffSynonym
from registry.store.unit_of_work import read_transaction

REFRESH_SECONDS = 1.0
SELECT_CURRENT = (
    select(StaffSynonym.english, StaffSynonym.chinese)
    .where(StaffSynonym.removed_at.is_(None))
    .order_by(StaffSynonym.id)
)


def synonym_entry(english: str, chinese: str) -> SynonymEntry:
    """Return words, one a line, as an entry in which all mean the same."""
    return SynonymEntry(tuple(english.splitlines()), tuple(chinese.splitlines()), same_language=True)


def contains_chinese(word: str) -> bool:
    """Return True if a word counts as Chinese: some of it is written in Chinese."""
    return any(is_chinese(run) for run in split_runs(word))


class StaffSynonyms:
    """The synonyms of a database, read when they are first needed and again after `REFRESH_SECONDS`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._checked_at = float("-inf")
        self._rows: tuple[tuple[str, str], ...] = ()
        self._current: Synonyms | None = None

    def current(self) -> Synonyms:
        """Return all synonyms as they are now: the same object as long as nothing changes."""
        with self._lock:
            if self._current is None:
                self._current = built_in()
            if time.monotonic() - self._checked_at < REFRESH_SECONDS:
                return self._current
            self._checked_at = time.monotonic()
            with read_transaction(self._engine) as connection:
                rows = tuple((row.english, row.chinese) for row in connection.execute(SELECT_CURRENT))
            if rows != self._rows:
                self._rows = rows
                self._current = built_in().extended(synonym_entry(*row) for row in rows)
            return self._current

    def invalidate(self) -> None:
        """Read the synonyms again at the next call: they were changed by this process."""
        self._checked_at = float("-inf")
