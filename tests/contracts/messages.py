"""All messages of the product: extracted from code and templates as Babel does it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {
    "_": None,
    "_other": None,
    "gettext": None,
    "ngettext": (1, 2),
    "plural": (1, 2),
    "in_context": ((1, "c"), 2),
}


class Found(NamedTuple):
    """A message where it stands; `message`: singular and plural where it has both."""

    file: str
    message: str | tuple[str, ...]
    context: str | None


@functools.cache
def all_messages() -> tuple[Found, ...]:
    """Every message of code and templates, each time it stands somewhere."""
    folders = [
        (ROOT / "registry", [("**.py", "python")]),
        (ROOT / "portal", [("**.py", "python"), ("**.html", "jinja2")]),
    ]
    return tuple(
        Found(name, message, context)
        for folder, methods in folders
        for name, _line, message, _comments, context in extract_from_dir(folder, methods, keywords=KEYWORDS)
    )


def in_contexts() -> set[tuple[str, str]]:
    """(Context, message) of the messages whose English word has other words elsewhere."""
    return {
        (each.context, each.message)
        for each in all_messages()
        if each.context and isinstance(each.message, str)
    }


def extracted() -> dict[str | tuple[str, ...], set[str]]:
    """Message id (or singular and plural) → files it stands in."""
    found: dict[str | tuple[str, ...], set[str]] = {}
    for each in all_messages():
        if each.message:
            found.setdefault(each.message, set()).add(each.file)
    return found
