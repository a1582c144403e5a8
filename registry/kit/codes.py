"""Enumerations: codes with their words in both languages and the words that sources use for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry.reference.text.folding import fold_name


@dataclass(frozen=True, slots=True)
class Code:
    """One value of an enumeration.

    `rank`: 1 for the best, in enumerations that have an order. `group`: the heading under which a long list shows it, in
    Chinese and English.
    """

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    rank: int = 0
    group: tuple[str, str] = ("", "")


class CodeList:
    """The codes of an enumeration, in order; they are found by code, by word in either language and by alias."""

    def __init__(self, *codes: Code) -> None:
        self.codes = {code.code: code for code in codes}
        self._by_word: dict[str, str] = {}
        for code in codes:
            for word in (code.code, code.zh, code.en, *code.aliases):
                self._by_word.setdefault(fold_name(word) or word, code.code)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes.values())

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def get(self, code: str) -> Code | None:
        return self.codes.get(code)

    def find(self, word: str) -> str | None:
        """The code for a word as written, or None."""
        return word if word in self.codes else self._by_word.get(fold_name(word) or word)
