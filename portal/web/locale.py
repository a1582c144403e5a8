"""The reader's language: first in the address, else by cookie, else by `Accept-Language` (RFC 9110, 12.5.4)."""

from __future__ import annotations

import functools

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from registry.i18n import LOCALES, Lang

LANG_COOKIE = "lang"
OTHER_LANG: dict[Lang, Lang] = {"zh": "en", "en": "zh"}
VARY_BY_LANGUAGE = "Accept-Language, Cookie"  # what an address without a language varies by


def negotiate(cookie: str | None, accepted: str) -> Lang:
    """Return the language of a reader whose address names none: the cookie's, else that of the header, else Chinese."""
    if cookie == "zh":
        return "zh"
    if cookie == "en":
        return "en"
    return _best_match(accepted[:500])


@functools.lru_cache(maxsize=512)
def _best_match(accepted: str) -> Lang:
    """Return the language of an `Accept-Language` header; Chinese wins a tie, "*" says nothing of either."""
    given = [
        (tag.lower().partition("-")[0], quality)  # `best_match` would prefer "en" to a better "zh-TW"
        for tag, quality in parse_accept_header(accepted, LanguageAccept)
        if tag != "*"
    ]
    best = LanguageAccept(given).best_match(LOCALES)
    if best is not None:
        return "en" if best == "en" else "zh"
    names_ours = any(tag in LOCALES for tag, _quality in given)
    # Another language only: more readers abroad read English than Chinese.
    return "en" if given and not names_ours else "zh"


def path_lang(path: str) -> Lang | None:
    """Return the language at the beginning of an address, None if there is none."""
    first = path[1:4]
    if first in ("zh/", "zh"):
        return "zh"
    if first in ("en/", "en"):
        return "en"
    return None
