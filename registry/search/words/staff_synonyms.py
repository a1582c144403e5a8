"""Synonyms that staff have added, joined with those that come with the registry; every process sees a change within a second."""

from __future__ import annotations

import threading
import time

from sqlalchemy import Engine, select

from registry.search.analysis.synonyms import Entry, Synonyms, built_in
from registry.search.analysis.tokens import is_chinese, runs
from registry.search.words.model import AddedSynonym
from registry.store.unit_of_work import reading

LOOK_AGAIN_SECONDS = 1.0
PRESENT = (
    select(AddedSynonym.english, AddedSynonym.chinese)
    .where(AddedSynonym.removed_at.is_(None))
    .order_by(AddedSynonym.id)
)


def entry_of(english: str, chinese: str) -> Entry:
    """Words, one a line, as an entry in which all mean the same."""
    return Entry(tuple(english.splitlines()), tuple(chinese.splitlines()), alike=True)


def chinese_word(word: str) -> bool:
    """Whether a word stands among the Chinese ones: any of it is written in Chinese."""
    return any(is_chinese(run) for run in runs(word))


class AddedSynonyms:
    """The synonyms of a store. Nothing is read until they are asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._rows: tuple[tuple[str, str], ...] = ()
        self._present = built_in()

    def present(self) -> Synonyms:
        """All synonyms as they are now: the same object for as long as nothing changes."""
        with self._lock:
            if time.monotonic() - self._looked < LOOK_AGAIN_SECONDS:
                return self._present
            self._looked = time.monotonic()
            with reading(self._engine) as connection:
                rows = tuple((row.english, row.chinese) for row in connection.execute(PRESENT))
            if rows != self._rows:
                self._rows = rows
                self._present = built_in().with_more(entry_of(*row) for row in rows)
            return self._present

    def look_again(self) -> None:
        """What was just changed here counts from now on."""
        self._looked = float("-inf")
