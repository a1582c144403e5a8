"""English for the Chinese texts of a document: names of linked records, known words, laws; what is unknown stays Chinese.

Nothing here is a guess: a text is translated as a whole or not at all, and every piece says where its English comes
from. Only names of organisations are romanised.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from registry.kit.display import CHINESE, Piece, Words, foreign_language
from registry.kit.kinds import RegisterField
from registry.reference.code_lists import glossary, laws
from registry.reference.code_lists.authorities import authority_in_english
from registry.reference.text import romanise

MISSING, PLATFORM, ROMANISED = "missing", "platform", "romanised"


class KnownName(NamedTuple):
    """The name of a linked record, and the path of its page."""

    words: Words
    path: str


class LinkedTexts(NamedTuple):
    """Which texts of a document mean other records.

    `paths`: (field, text as written) → path of the page; `names`: Chinese name → the record that has it.
    """

    paths: Mapping[tuple[str, str], str]
    names: Mapping[str, KnownName]


NOTHING_LINKED = LinkedTexts({}, {})


def translated(zh: str) -> Words:
    """Return common words with the register's English, or without English unless every part of them is known."""
    en = glossary.translate(zh)
    return Words(zh, en[:1].upper() + en[1:], PLATFORM) if en else Words(zh, "", MISSING)


def english_pieces(name: str, field: RegisterField, text: str, linked: LinkedTexts) -> tuple[Piece, ...]:
    """Return a Chinese text of a document as an English page shows it; what has no English is marked so.

    `name`: of the field, whose text may name a linked record.
    """
    path = linked.paths.get((name, text), "")
    if known := linked.names.get(text):
        return name_pieces(known.words, path or known.path)
    if field.kind == "identifier":
        return (Piece(text, "zh-Hans", path=path, style="n"),)
    if "《" in text and (basis := laws.legal_basis_in_english(text)):
        return (Piece(basis, path=path),)
    words = translated(text)
    if words.en:
        return (Piece(words.en, source=words.en_source, path=path),)
    if authority := authority_in_english(text):
        return (Piece(authority.en, source=ROMANISED if authority.is_romanised else PLATFORM, path=path),)
    if field.info.search == "party" and romanise.is_company_name(text):
        return name_pieces(Words(text, romanise.company_name(text), ROMANISED), path)
    return (Piece(text, "zh-Hans", source=MISSING, path=path),)


def name_pieces(words: Words, path: str) -> tuple[Piece, ...]:
    """Return a name on an English page: the English, marked if it is romanised, and the Chinese."""
    if not words.en or words.en == words.zh:
        return (Piece(words.zh, "zh-Hans", source=MISSING, path=path),)
    source = ROMANISED if words.en_source == ROMANISED else ""
    return (Piece(words.en, source=source, path=path), Piece(words.zh, "zh-Hans"))


def legal_basis_pieces(written: str, lang: str) -> tuple[Piece, ...]:
    """Return a legal basis: on English pages the titles of the laws in English and their articles, as far as known."""
    if lang != "en" or not CHINESE.search(written):
        return (Piece(written, foreign_language(written, lang)),)
    if en := laws.legal_basis_in_english(written):
        return (Piece(en),)
    words = translated(written)
    if words.en:
        return (Piece(words.en, source=words.en_source),)
    return (Piece(written, "zh-Hans", source=MISSING),)


def text_pieces(text: str, lang: str) -> tuple[Piece, ...]:
    """Return a text that belongs to no field, such as the status in a source's own words."""
    if lang != "en" or not CHINESE.search(text):
        return (Piece(text, foreign_language(text, lang)),)
    words = translated(text)
    if words.en:
        return (Piece(words.en, source=words.en_source),)
    if authority := authority_in_english(text):
        return (Piece(authority.en, source=ROMANISED if authority.is_romanised else PLATFORM),)
    return (Piece(text, "zh-Hans", source=MISSING),)
