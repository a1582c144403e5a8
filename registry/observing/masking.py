"""Logs never repeat what is secret or personal: it is masked in every line and traceback."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

from registry.late_imports import LateModule

# Few lines have so many figures, and the list of regions that it needs is read by few commands.
personal = LateModule("registry.reference.identifiers.personal")
MASK = "***"
DIGITS = re.compile(
    r"\d(?:\D{0,3}\d){15}"
)  # a text without so many close together holds no number of a person
SIGNS = re.compile(r"[@]|[A-Za-z0-9_-]{32}")  # a text without any of them holds nothing that is masked below
PASSWORD_IN_URL = re.compile(r"(://[^/@\s:]*):[^@/\n]{1,200}@")
EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
# Keys of sessions, tokens of programs, links in letters: random letters of both cases with digits.
RANDOM_KEY = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[A-Za-z0-9_-]{32,}")


class MaskedRecord(logging.LogRecord):
    """A line of a log with secrets and numbers of people masked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0]:
            lines = traceback.format_exception(*self.exc_info)
            self.exc_text = mask_text("".join(lines).rstrip("\n"))

    def getMessage(self) -> str:  # noqa: N802 - the name of the library
        return mask_text(super().getMessage())


def mask_text(text: str) -> str:
    """Return a text without passwords in addresses, e-mail addresses, random keys and numbers of identity cards."""
    if DIGITS.search(text):
        text = _mask_resident_ids(text)
    if SIGNS.search(text) is None:
        return text
    text = PASSWORD_IN_URL.sub(rf"\1:{MASK}@", text)
    text = EMAIL.sub(f"{MASK}@{MASK}", text)
    return RANDOM_KEY.sub(MASK, text)


def _mask_resident_ids(text: str) -> str:
    masked: str = personal.mask_resident_ids(text)
    return masked


def mask_logs() -> None:
    """Mask all lines that this process logs from now on."""
    logging.setLogRecordFactory(MaskedRecord)
