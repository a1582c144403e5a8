"""All messages of the product: extracted from code and templates as Babel does it."""

from __future__ import annotations

from pathlib import Path

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


def in_contexts() -> set[tuple[str, str]]:
    """(Context, message) of the messages whose English word has other words elsewhere."""
    found = (
        (context, message)
        for folder in ("registry", "portal")
        for _name, _line, message, _comments, context in extract_from_dir(
            ROOT / folder, [("**.py", "python")], keywords=KEYWORDS
        )
    )
    return {(context, message) for context, message in found if context and isinstance(message, str)}


def extracted() -> dict[str | tuple[str, ...], set[str]]:
    """Message id (or singular and plural) → files it stands in."""
    found: dict[str | tuple[str, ...], set[str]] = {}
    folders = [
        (ROOT / "registry", [("**.py", "python")]),
        (ROOT / "portal", [("**.py", "python"), ("**.html", "jinja2")]),
    ]
    for folder, methods in folders:
        for name, _line, message, _comments, _context in extract_from_dir(folder, methods, keywords=KEYWORDS):
            if message:
                found.setdefault(message, set()).add(name)
    return found
