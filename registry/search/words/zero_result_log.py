"""Searches that found nothing, counted by day. Numbers and what may be personal are dropped before anything is kept."""

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
from registry.store.unit_of_work import unit_of_work

FLUSH_SECONDS = 5.0
MAX_PENDING_TEXTS = 500  # different texts; whoever sends more is no reader
MAX_WORDS = 6
SPELLED_OUT_NUMBER = re.compile(
    "[〇零一二两三四五六七八九]{4,}"
)  # as people write a year or a telephone; 三星, 百年 are words
log = logging.getLogger(__name__)
Key = tuple[dt.date, str, str]


def storable_text(text: str) -> str:
    """A text as it may be kept, or "": nothing with a figure in it, no address, nothing long."""
    written = " ".join(fold_text(text).split())
    if len(written) > MAX_ZERO_RESULT_TEXT or len(written.split()) > MAX_WORDS:
        return ""
    if SPELLED_OUT_NUMBER.search(written) or any(
        sign.isdigit() or sign in "@/\\<>=:" or not sign.isprintable() for sign in written
    ):
        return ""
    return written if any(sign.isalpha() for sign in written) else ""


class ZeroResultLog:
    """Counts in memory, and writes them down a few seconds later, so that no reader waits for the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._pending: collections.Counter[Key] = collections.Counter()
        self._timer: threading.Timer | None = None

    def record(self, text: str, lang: str) -> None:
        """One search in vain."""
        kept = storable_text(text)
        if not kept:
            return
        key = (clock.today(), lang, kept)
        with self._lock:
            if key not in self._pending and len(self._pending) >= MAX_PENDING_TEXTS:
                return
            self._pending[key] += 1
            if self._timer is None:
                self._timer = threading.Timer(FLUSH_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write down what was counted. What cannot be written is let go: it is statistics, not a record."""
        with self._lock:
            waiting, self._pending = self._pending, collections.Counter()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if not waiting:
            return
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        try:
            with unit_of_work(self._engine) as connection:
                for (day, lang, text), number in sorted(waiting.items()):
                    hidden = select(ZeroResultSearch.day).where(
                        ZeroResultSearch.text == text, ZeroResultSearch.hidden
                    )
                    row = insert(ZeroResultSearch).values(
                        day=day, lang=lang, text=text, number=number, hidden=hidden.exists()
                    )
                    connection.execute(
                        row.on_conflict_do_update(
                            index_elements=["day", "lang", "text"],
                            set_={"number": ZeroResultSearch.number + row.excluded.number},
                        )
                    )
        except (SQLAlchemyError, RegistryError) as problem:
            log.warning("searches without an answer could not be counted: %s", type(problem).__name__)
