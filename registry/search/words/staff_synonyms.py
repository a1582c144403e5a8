"""Synonyms and glossary terms that staff have added, with the built-in synonyms; every process sees a change within a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Engine, select

from registry.search.analysis.synonyms import SynonymEntry, Synonyms, built_in
from registry.search.analysis.tokens import is_chinese, split_runs
from registry.search.words.model import StaffSynonym
from registry.store.unit_of_work import read_transaction

REFRESH_SECONDS = 1.0


class StaffWords(NamedTuple):
    """Words of one meaning, one a line. `part`: of the glossary in which they stand as a term, "" for synonyms alone."""

    english: str
    chinese: str
    part: str = ""
    definition_zh: str = ""
    definition_en: str = ""
    source_zh: str = ""
    source_en: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """All words, the Chinese ones first."""
        return (*self.chinese.splitlines(), *self.english.splitlines())


CURRENT_COLUMNS = tuple(getattr(StaffSynonym, name) for name in StaffWords._fields)
SELECT_CURRENT = (
    select(StaffSynonym.id, *CURRENT_COLUMNS)
    .where(StaffSynonym.removed_at.is_(None))
    .order_by(StaffSynonym.id)
)


def synonym_entry(words: StaffWords) -> SynonymEntry:
    """Return words as an entry in which all mean the same."""
    return SynonymEntry(
        tuple(words.english.splitlines()), tuple(words.chinese.splitlines()), same_language=True
    )


def contains_chinese(word: str) -> bool:
    """Return True if a word counts as Chinese: some of it is written in Chinese."""
    return any(is_chinese(run) for run in split_runs(word))


class StaffSynonyms:
    """The synonyms of a database, read when they are first needed and again after `REFRESH_SECONDS`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._checked_at = float("-inf")
        self._rows: dict[int, StaffWords] = {}
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
                rows = {row.id: StaffWords(*row[1:]) for row in connection.execute(SELECT_CURRENT)}
            if rows != self._rows:
                self._rows = rows
                self._current = _extended(rows.values())
            return self._current

    def terms(self) -> tuple[StaffWords, ...]:
        """Return the words that stand as terms in the glossary, oldest first."""
        self.current()
        return tuple(words for words in self._rows.values() if words.part)

    def replaced(self, replaced: int | None, words: StaffWords | None) -> Synonyms:
        """Return all synonyms as they would be with other words in place of those with an id, for a preview.

        `replaced`: None adds the words; `words`: None leaves those with the id out.
        """
        self.current()
        rows = {**self._rows}
        if replaced is not None:
            rows.pop(replaced, None)
        return _extended([*rows.values(), *([words] if words else [])])

    def invalidate(self) -> None:
        """Read the synonyms again at the next call: they were changed by this process."""
        self._checked_at = float("-inf")


def _extended(rows: Iterable[StaffWords]) -> Synonyms:
    return built_in().extended(map(synonym_entry, rows))


class PreviewedSynonyms(StaffSynonyms):
    """Synonyms as they would be: the same from beginning to end, whatever the database has."""

    def __init__(self, engine: Engine, synonyms: Synonyms) -> None:
        super().__init__(engine)
        self._previewed = synonyms

    def current(self) -> Synonyms:
        """Return the synonyms of the preview."""
        return self._previewed
