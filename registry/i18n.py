"""The two languages: catalogues, the marker of messages, and the format of dates and numbers.

Babel is used directly. Catalogues are read from `translations/<lang>/LC_MESSAGES/registry.po` at first use; compiled, they
are kept under a digest of that file, so that none goes stale. A ContextVar holds the reader's language for code that is not given one.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
from collections.abc import Sequence
from contextvars import ContextVar
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Literal

from registry import clock
from registry.late_imports import LateModule
from registry.prepared_files import digest_of, prepared_folder, read_or_make
from registry.resources import resource_folder

# A command in English needs nothing of Babel, a server only for pages with such a date, list or number.
babel_dates, babel_lists, babel_numbers = map(LateModule, ("babel.dates", "babel.lists", "babel.numbers"))
mo_files, po_files = LateModule("babel.messages.mofile"), LateModule("babel.messages.pofile")

Lang = Literal["zh", "en"]
LOCALES: tuple[Lang, ...] = ("zh", "en")
HTML_LANG: dict[str, str] = {"zh": "zh-Hans", "en": "en"}
BABEL_LOCALE: dict[str, str] = {"zh": "zh_Hans_CN", "en": "en_GB"}
DOMAIN = "registry"
TRANSLATIONS = resource_folder("translations")

CONTEXT_END = "\x04"  # as gettext writes it in compiled catalogues

_lang: ContextVar[Lang] = ContextVar("lang", default="zh")


def _(message: str) -> str:
    """Mark a message for extraction; it is translated where it is shown."""
    return message


def plural(one: str, many: str) -> tuple[str, str]:
    """Mark a message in singular and plural for extraction; `ngettext` translates the pair where it is shown."""
    return one, many


def in_context(context: str, message: str) -> str:
    """Mark a message whose English word needs different words elsewhere: the context keeps the two apart (`msgctxt`)."""
    return f"{context}{CONTEXT_END}{message}"


class SourceMessages(NullTranslations):
    """The English of the source strings, without their contexts."""

    def gettext(self, message: str) -> str:
        return message.rpartition(CONTEXT_END)[2]

    def ngettext(self, msgid1: str, msgid2: str, num: int) -> str:
        return self.gettext(super().ngettext(msgid1, msgid2, num))


@functools.cache
def catalogue(lang: str) -> NullTranslations:
    """The bound catalogue of one language. English falls back to the source strings."""
    path = TRANSLATIONS / lang / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.exists():
        return SourceMessages()
    folder = prepared_folder("messages", digest_of((path.read_bytes(),)))
    kept = folder / f"{lang}.mo" if folder else None
    return GNUTranslations(io.BytesIO(read_or_make(kept, lambda: _compile(path, BABEL_LOCALE[lang]))))


def _compile(path: Path, locale: str) -> bytes:
    compiled = io.BytesIO()
    with path.open("rb") as source:
        mo_files.write_mo(compiled, po_files.read_po(source, locale=locale))
    return compiled.getvalue()


def set_language(lang: Lang) -> None:
    """Set the language of the current context."""
    _lang.set(lang)


def current_language() -> Lang:
    return _lang.get()


def gettext(message: str, lang: str | None = None, **params: object) -> str:
    """Translate a message into `lang`, or the language of the context, and fill `%(name)s` from `params`."""
    words = catalogue(lang or _lang.get()).gettext(message) if message else ""
    return words % params if params else words


def ngettext(one: str, many: str, count: int, lang: str | None = None, **params: object) -> str:
    words = catalogue(lang or _lang.get()).ngettext(one, many, count)
    return words % {"count": count, **params}


@functools.lru_cache(maxsize=8192)
def format_day(iso: str, lang: str) -> str:
    """Format a sparse ISO date as people write it: `2025年1月1日`, `1 January 2025`, `1903年`, `April 2024`."""
    parts = iso.split("-")
    if len(parts) == 3:
        day = dt.date.fromisoformat(iso)
        return (
            f"{day.year}年{day.month}月{day.day}日"
            if lang == "zh"
            else f"{day.day} {_month_name(day)} {day.year}"
        )
    if len(parts) == 2:
        year, month = int(parts[0]), int(parts[1])
        return f"{year}年{month}月" if lang == "zh" else f"{_month_name(dt.date(year, month, 1))} {year}"
    return f"{int(parts[0])}年" if lang == "zh" else str(int(parts[0]))


def format_moment(instant: dt.datetime, lang: str) -> str:
    """Format an instant as day and time in Shanghai: `2026年11月25日 23:51`."""
    local = instant.astimezone(clock.SHANGHAI)
    return f"{format_day(local.date().isoformat(), lang)} {local:%H:%M}"


def _month_name(day: dt.date) -> str:
    return str(babel_dates.format_date(day, "MMMM", locale="en_GB"))


def format_list(texts: Sequence[str], lang: str) -> str:
    """Join texts as a sentence lists them: `A, B and C`, `A、B和C`."""
    return str(babel_lists.format_list(texts, locale=BABEL_LOCALE[lang]))


@functools.lru_cache(maxsize=8192)
def format_number(value: float, lang: str) -> str:
    """Format a number with groups of thousands and at most six decimals."""
    if isinstance(value, int):
        return f"{value:,}"
    return str(babel_numbers.format_decimal(value, format="#,##0.######", locale=BABEL_LOCALE[lang]))
