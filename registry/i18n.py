"""The two languages: catalogues, the marker of messages, and the format of dates and numbers.

Babel is used directly. Catalogues are read from `translations/<lang>/LC_MESSAGES/registry.po` at first use
(no compiled files to go stale). A ContextVar holds the reader's language for code that is not given one.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Literal

from babel.dates import format_date as babel_format_date
from babel.lists import format_list as babel_format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from registry import clock
from registry.resources import resource_folder

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
    with path.open("rb") as source:
        parsed = read_po(source, locale=BABEL_LOCALE[lang])
    compiled = io.BytesIO()
    write_mo(compiled, parsed)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


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
    return babel_format_date(day, "MMMM", locale="en_GB")


def format_list(texts: Sequence[str], lang: str) -> str:
    """Join texts as a sentence lists them: `A, B and C`, `A、B和C`."""
    return babel_format_list(texts, locale=BABEL_LOCALE[lang])


@functools.lru_cache(maxsize=8192)
def format_number(value: float, lang: str) -> str:
    """Format a number with groups of thousands and at most six decimals."""
    if isinstance(value, int):
        return f"{value:,}"
    return str(format_decimal(value, format="#,##0.######", locale=BABEL_LOCALE[lang]))
