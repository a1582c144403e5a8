"""Values ready to be shown: pieces of text that know their language and where their English comes from.

Named tuples, because a page has a hundred of them and a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

import re
from typing import NamedTuple

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Two words in lower case: a sentence, not a name or a model.
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}")


def foreign_language(text: str, lang: str) -> str:
    """The language of a text if it is plainly not that of the page (`zh-Hans`, `en`), else ""."""
    if CHINESE.search(text):
        return "zh-Hans" if lang == "en" else ""
    return "en" if lang == "zh" and ENGLISH.search(text) else ""


class Words(NamedTuple):
    """One text in both languages; `en_source` says where the English comes from.

    `en_source`: `official`, `enterprise` (supplied by the holder), `platform` (translated by the register),
    `romanised` (by machine, `en` then holds the romanised form) or `missing`.
    """

    zh: str
    en: str
    en_source: str = "official"

    def in_language(self, lang: str) -> str:
        """The text in a language; in the other one where there is none, which a plain file cannot mark."""
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)


class StatusView(NamedTuple):
    """A state in words: `badge` is one of live, stated, abroad, soon, open, hold, act, stop, past."""

    code: str
    zh: str
    en: str
    standing: str
    badge: str


class Piece(NamedTuple):
    """A run of text in one language. `lang` is set only where it differs from the page's language."""

    text: str
    lang: str = ""  # "", "zh-Hans", "en", "zh-Latn"
    source: str = ""  # "", official, enterprise, platform, romanised
    path: str = ""  # path inside the portal without the language prefix: "/standards/GB-T-35607-2024"
    url: str = ""  # external address (http or https only)
    style: str = ""  # "", "n" (tabular figures), "quiet", "hash", "strong", "ended" (struck through)


class FieldView(NamedTuple):
    """One field with its value; no pieces if the source does not state it."""

    name: str
    label: str  # message id
    pieces: tuple[Piece, ...]
    separate: bool = False  # pieces are items of a list, not one sentence


class LimitBar(NamedTuple):
    """A result and its limit as shares of a bar's width, from 0 to 1. `meets`: None if they cannot be compared."""

    share: float
    limit_share: float
    operator: str  # "<=" or ">="
    meets: bool | None


class Cell(NamedTuple):
    pieces: tuple[Piece, ...] = ()
    bar: LimitBar | None = None
    style: str = ""  # "", "num", "strong", "bad"


class TableView(NamedTuple):
    name: str
    label: str  # message id
    columns: tuple[str, ...]  # message ids
    rows: tuple[tuple[Cell, ...], ...]
    barred: bool = False  # some rows have a limit bar


class SectionView(NamedTuple):
    key: str  # anchor
    title: str  # message id
    fields: tuple[FieldView, ...] = ()
    tables: tuple[TableView, ...] = ()
