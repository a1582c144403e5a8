"""Characters that no text may hold: control characters, marks that turn the direction of a text, halves of a pair.

In addresses they are refused before anything is looked up; in what a program sends they are named by field. Forms, which
people fill in by pasting, leave them out without a word (`portal.web.forms`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, abort, request

from registry.kit.issues import Issue

IN_ADDRESSES = re.compile("[\x00-\x1f\x7f-\x9f]")
IN_TEXTS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What a JSON text without any of these octets cannot hold: escapes, DEL, C1 controls, marks of direction.
SUSPICIOUS = re.compile(rb"\\[ubf]|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
PASTED = "\t\n\r "  # a line break at the end comes with a number that was copied
MAX_ISSUES = 10  # of one request


def install(app: Flask) -> None:
    """Answer 400 to every address with a control character in its path, but a line break at its end, whatever page it would lead to."""

    def refuse() -> None:
        if IN_ADDRESSES.search(request.path.rstrip(PASTED)):
            abort(400)

    app.before_request(refuse)


def find_in_json(text: bytes, value: Any) -> tuple[Issue, ...]:
    """Return an issue for each text or name in a JSON value that has such characters, at most `MAX_ISSUES`.

    `text`: the JSON it was read from, which is looked at first because it is quick. Fields are named as issues name
    them, without the document they are in: `indicators[2].value`.
    """
    if not SUSPICIOUS.search(text):
        return ()
    issues = []
    for field in _fields_with_them(value, ""):
        issues.append(Issue("control_characters", field))
        if len(issues) == MAX_ISSUES:
            break
    return tuple(issues)


def _fields_with_them(value: Any, field: str) -> Iterator[str]:
    if isinstance(value, str):
        if IN_TEXTS.search(value):
            yield field
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _fields_with_them(item, f"{field}[{number}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            if IN_TEXTS.search(name):
                yield field
            yield from _fields_with_them(item, f"{field}.{name}" if field else name)
