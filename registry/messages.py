"""The words of codes. Each room declares the messages of the codes that it raises; doors show them to people.

Below every other room, because every room raises codes. A room keeps its messages in its `messages.py` and imports
that module in its `__init__`, so that whatever can raise a code has declared it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Message:
    """The words of one code: a message id whose `%(name)s` are filled from the parameters of the code.

    `unspoken`: parameters that come with the code, for programs, and do not stand in the text. `optional`: those that
    only some occurrences have. `docs/issue-codes.md` lists all of them, and a test compares.
    """

    text: str
    unspoken: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters that each occurrence of the code has, those of the text first."""
        return (*dict.fromkeys(PLACEHOLDER.findall(self.text)), *self.unspoken)


Messages = Mapping[str, Message | str]  # code → message; a plain string is the text of a `Message`

_declared: dict[str, tuple[str, Message]] = {}


def declare(room: str, messages: Messages) -> None:
    """Make the messages of a room's codes known. Raises `ValueError` where another room has declared a code."""
    for code, message in messages.items():
        other, _message = _declared.get(code, (room, None))
        if other != room:
            raise ValueError(f"{room} declares {code}, which {other} has declared")
        _declared[code] = (room, as_message(message))


def as_message(message: Message | str) -> Message:
    return Message(message) if isinstance(message, str) else message


def find_message(code: str) -> Message | None:
    """The message of a code that a room has declared."""
    declared = _declared.get(code)
    return declared[1] if declared else None


def all_messages() -> Iterator[tuple[str, str, Message]]:
    """Every declared code: its room, the code, its message; in the order of rooms and codes."""
    for code, (room, message) in sorted(_declared.items(), key=lambda item: (item[1][0], item[0])):
        yield room, code, message
