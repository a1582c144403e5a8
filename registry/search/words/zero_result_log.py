"""Searches without results, counted by day. Texts with numbers or possible personal data are never stored."""

from __future__ import annotations

import collections
import datetime as dt
import logging
import re
import threading

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from registry import clock
from registry.errors import RegistryError
from registry.search.analysis.tokens import fold_text
from registry.search.words.model import MAX_ZERO_RESULT_TEXT, ZeroResultSearch
from registry.store.patience import Urgency
from registry.store.unit_of_work import unit_of_work

FLUSH_SECONDS = 5.0
MAX_PENDING_TEXTS = 500  # different texts; a sender of more is no reader
MAX_WORDS = 6
# As people write a year or a telephone number; 三星 and 百年 are words.
SPELLED_OUT_NUMBER = re.compile("[〇零一二两三四五六七八九]{4,}")
log = logging.getLogger(__name__)
Key = tuple[dt.date, str, str]


def storable_text(text: str) -> str:
    """Return a text as it may be stored, or "" for one with a figure or an address in it, or a long one."""
    folded = " ".join(fold_text(text).split())
    if len(folded) > MAX_ZERO_RESULT_TEXT or len(folded.split()) > MAX_WORDS:
        return ""
    if SPELLED_OUT_NUMBER.search(folded) or any(
        c.isdigit() or c in "@/\\<>=:" or not c.isprintable() for c in folded
    ):
        return ""
    return folded if any(c.isalpha() for c in folded) else ""


class ZeroResultLog:
    """Counts in memory, and writes to the database a few seconds later, so that no reader waits for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._pending: collections.Counter[Key] = collections.Counter()
        self._timer: threading.Timer | None = None

    def record(self, text: str, lang: str) -> None:
        """Count one search without results."""
        stored = storable_text(text)
        if not stored:
            return
        key = (clock.today(), lang, stored)
        with self._lock:
            if key not in self._pending and len(self._pending) >= MAX_PENDING_TEXTS:
                return
            self._pending[key] += 1
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write the counts to the database. Counts that cannot be written are dropped: they are statistics, not records."""
        with self._lock:
            pending, self._pending = self._pending, collections.Counter()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if not pending:
            return
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        try:
            with unit_of_work(self._engine, urgency=Urgency.UNHEARD) as connection:
                for (day, lang, text), number in sorted(pending.items()):
                    same = select(ZeroResultSearch.day).where(ZeroResultSearch.text == text)
                    row = insert(ZeroResultSearch).values(
                        day=day,
                        lang=lang,
                        text=text,
                        number=number,
                        hidden=same.where(ZeroResultSearch.hidden).exists(),
                        shown=same.where(ZeroResultSearch.shown).exists(),
                    )
                    connection.execute(
                        row.on_conflict_do_update(
                            index_elements=["day", "lang", "text"],
                            set_={"number": ZeroResultSearch.number + row.excluded.number},
                        )
                    )
        except (SQLAlchemyError, RegistryError) as problem:
            log.warning("searches without results could not be counted: %s", type(problem).__name__)


class UncountedSearches(ZeroResultLog):
    """A log that keeps nothing: of searches that are only tried, for a preview."""

    def record(self, text: str, lang: str) -> None:
        """Leave the search uncounted."""
