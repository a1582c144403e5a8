"""How a reader wants pages to look: larger text, a simple view; kept in a cookie and written into the frame of the page.

The looks are classes of `<html>`, put into the finished page: the cache holds each page once, in the ordinary look.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Final

from werkzeug.sansio.http import parse_cookie

LOOK_COOKIE: Final = "look"
SECONDS_KEPT: Final = 365 * 24 * 3600
ORDINARY: Final = ""
TEXT_SIZES: Final = (ORDINARY, "large", "largest")
VIEWS: Final = (ORDINARY, "simple")
SEPARATOR: Final = "."  # between the parts of the cookie
FRAME: Final = b'class="govuk-template"'  # of `<html>`, the first class of every page


@functools.lru_cache(maxsize=64)
def parse_look(cookie: str) -> tuple[str, str]:
    """Return text size and view that the value of the cookie names; what it names wrongly is ordinary."""
    parts = cookie[:40].split(SEPARATOR)
    size = next((part for part in parts if part in TEXT_SIZES), ORDINARY)
    return size, next((part for part in parts if part in VIEWS), ORDINARY)


def look_value(size: str, view: str) -> str:
    """Return the value of the cookie for a text size and a view, "" for the ordinary look."""
    known = (size if size in TEXT_SIZES else ORDINARY, view if view in VIEWS else ORDINARY)
    return SEPARATOR.join(part for part in known if part)


def wanted_look(environ: Mapping[str, str]) -> str:
    """Return the look that a request asks for, as `look_value` writes it; on the path of every page, so read from the header."""
    header = environ.get("HTTP_COOKIE", "")
    if f"{LOOK_COOKIE}=" not in header:
        return ""
    return look_value(*parse_look(parse_cookie(header).get(LOOK_COOKIE, "")))


def dressed(body: bytes, look: str) -> bytes:
    """Return the page in this look, a value of `look_value`."""
    names = " ".join(f"pz-{part}" for part in look.split(SEPARATOR))
    return body.replace(FRAME, FRAME[:-1] + f' {names}"'.encode(), 1)
