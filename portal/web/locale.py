"""The reader's language: first in the address, else by cookie, else by `Accept-Language` (RFC 9110, 12.5.4)."""

from __future__ import annotations

import functools

from registry.i18n import Lang

LANG_COOKIE = "lang"
OTHER_LANG: dict[Lang, Lang] = {"zh": "en", "en": "zh"}
VARY_BY_LANGUAGE = "Accept-Language, Cookie"  # what an address without a language varies by


def negotiate(cookie: str | None, accepted: str) -> Lang:
    """The language of a reader who has not chosen one in the address. Chinese where nothing is said."""
    if cookie == "zh":
        return "zh"
    if cookie == "en":
        return "en"
    return _best(accepted[:500])


@functools.lru_cache(maxsize=512)
def _best(accepted: str) -> Lang:
    weights: dict[str, float] = {}
    for part in accepted.split(","):
        tag, _semicolon, parameters = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary in ("zh", "en"):
            weights[primary] = max(weights.get(primary, 0.0), _quality(parameters))
    if not any(weights.values()):
        # Another language only: more readers abroad read English than Chinese.
        return "en" if accepted.strip() not in ("", "*") and not weights else "zh"
    return "en" if weights.get("en", 0.0) > weights.get("zh", 0.0) else "zh"


def _quality(parameters: str) -> float:
    name, _equals, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


def path_lang(path: str) -> Lang | None:
    """The language at the beginning of an address, if there is one."""
    first = path[1:4]
    if first in ("zh/", "zh"):
        return "zh"
    if first in ("en/", "en"):
        return "en"
    return None
