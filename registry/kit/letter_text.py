"""The words of a kind of letter; the rooms and registers that have something to write give them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterText:
    """The text of one kind of letter: message ids of its subject and paragraphs.

    Placeholders such as `%(link)s`, `%(hours)s` and `%(forgotten)s` are filled in by `mail.letters.compose_letter`, all
    others from the details with which the letter was queued.
    """

    subject: str
    paragraphs: tuple[str, ...]
