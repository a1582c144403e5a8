"""Letters about searches: what happened to the records that a search finds, told daily or weekly."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, update

from registry import clock
from registry.accounts import borrowed_words
from registry.accounts.policy import SYSTEM, Action, require
from registry.errors import Invalid, NotFound, Unavailable
from registry.i18n import _, gettext
from registry.search.words.model import SavedSearch, SearchFollower
from registry.services.bootstrap import Registry
from registry.services.finding.requests import parse_saved_query
from registry.services.finding.subscriptions import following
from registry.services.finding.subscriptions.following import NewsView
from registry.services.mail import letters
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

DAILY, WEEKLY = "daily", "weekly"
INTERVAL_DAYS = {DAILY: 1, WEEKLY: 7}
MAX_LETTER_ENTRIES = 20  # entries that one letter names
INVENTED = _("demonstration data")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SearchLetters:
    """Searches that letters are written about.

    `table`: where they are kept. `rows`: all that may get letters, with the columns of the table, `email` and `lang`. `letter`:
    the kind of letter; `details(row)`: what it needs besides the name of the search, its news and its address.
    """

    table: type[SavedSearch | SearchFollower]
    rows: Select[Any]
    letter: str
    details: Callable[[FetchedRow], Mapping[str, Any]] = lambda _row: {}


def write_letters(registry: Registry, about: SearchLetters) -> int:
    """Write a letter for each search that is due and has news; return how many were written.

    For the relay, once everything sealed is in the index. Idempotent after a kill: the letter and the entry up to which
    it tells are stored in one transaction.
    """
    require(SYSTEM, Action.RELAY)
    registry.search.status()  # looks at the newest state of the index
    today, table = clock.today(), about.table
    due = or_(
        *(
            (table.mail == mail) & (table.mailed_on <= today - dt.timedelta(days=days))
            for mail, days in INTERVAL_DAYS.items()
        )
    )
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(about.rows.where(due)).all()
    written = 0
    for row in rows:
        try:
            written += _write_letter(registry, about, row, today)
        except (Unavailable, Invalid, NotFound) as problem:
            # There is no such register, or no index: tried again another day.
            log.warning("%s %s could not be looked at: %s", table.__tablename__, row.id, problem)
    return written


def _write_letter(registry: Registry, about: SearchLetters, row: FetchedRow, today: dt.date) -> bool:
    """Advance the search to the newest entry; return True if there was something to tell."""
    with read_transaction(registry.engine) as connection:
        position = following.last_entry_index(connection)
    request = parse_saved_query(row.register, row.query)
    news = following.list_news_since(
        registry, request, row.lang, after_index=row.position, limit=MAX_LETTER_ENTRIES + 1
    )
    table = about.table
    with unit_of_work(registry.engine) as connection:
        unchanged = (table.id == row.id) & (table.mailed_on == row.mailed_on)
        advanced = update(table).where(unchanged).values(position=position, mailed_on=today)
        if not connection.execute(advanced).rowcount or not news:
            return False
        letters.enqueue_letter(
            connection,
            about.letter,
            row.lang,
            row.email,
            name=row.name,
            lines=_lines(news, row.lang),
            search=list_address(row.register, row.query),
            **about.details(row),
        )
    return True


def list_address(register: str, query: str) -> str:
    """Return the address of the list of a search, without the language. `register`: "" for all of them."""
    return f"/{register or 'search'}" + (f"?{query}" if query else "")


def _lines(news: Sequence[NewsView], lang: str) -> str:
    """What a letter says of news, one line each, at most `MAX_LETTER_ENTRIES` and a sign that there are more."""
    lines = [_line(entry, lang) for entry in news[:MAX_LETTER_ENTRIES]]
    return "\n".join([*lines, "…"] if len(news) > MAX_LETTER_ENTRIES else lines)


def _line(news: NewsView, lang: str) -> str:
    """One change. Titles are words of those who file: one with a link in it is left out, its number says what is meant."""
    title = news.title.in_language(lang)
    status = news.status.zh if lang == "zh" else news.status.en
    named = news.number if borrowed_words.find_link(title) else f"{title} ({news.number})"
    reason = gettext(news.reason, lang)
    return f"- {named}: {status}; {reason}" + (f"; {gettext(INVENTED, lang)}" if news.demo else "")
