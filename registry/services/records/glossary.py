"""The glossary as the portal's page shows it: one entry for each word, statuses first, with the terms that staff keep."""

from __future__ import annotations

import dataclasses
import functools
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

from registry.kit.display import StatusView
from registry.reference.code_lists import glossary
from registry.reference.code_lists.glossary import Definition, Group, Term
from registry.reference.text.folding import fold_name
from registry.reference.text.romanise import pinyin_name
from registry.registers import catalogue
from registry.search.words.staff_synonyms import StaffWords
from registry.services.records import titles
from registry.services.records.views import RegisterView

__all__ = [
    "Glossary",
    "StatusUse",
    "StatusWord",
    "list_letters",
    "look_up_words",
    "read_glossary",
    "words_by_letter",
]

MAX_LOOKED_UP = 60  # characters of a word that is looked up
KEPT_GLOSSARIES = 4  # as staff change terms, the last ones
MAX_PINYIN_READ = 4  # characters whose reading tells the first letter: 重 alone could be chóng or zhòng


class StatusUse(NamedTuple):
    """A status of one register: its words there, and the message id of what it means."""

    register: RegisterView
    status: StatusView
    meaning: str


class StatusWord(NamedTuple):
    """An English status word with all its uses.

    `chinese`: the Chinese words for it; more than one where registers differ. `notes`: message ids that tell them apart.
    """

    en: str
    chinese: tuple[str, ...]
    uses: tuple[StatusUse, ...]
    notes: tuple[str, ...]


class Glossary(NamedTuple):
    """What the glossary holds, or what of it fits the word looked up."""

    statuses: tuple[StatusWord, ...]
    groups: tuple[Group, ...]

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self.statuses) + sum(len(group.terms) for group in self.groups)


StaffTerms = tuple[StaffWords, ...]


@functools.lru_cache(KEPT_GLOSSARIES)
def read_glossary(added: StaffTerms = ()) -> Glossary:
    """Every word once: statuses by their English word, then the terms, those with one English word in one entry.

    `added`: the terms that staff keep, as `StaffSynonyms.terms` gives them; one with the Chinese of a given term stands in
    its place.
    """
    statuses = _status_words()
    replaced = {fold_name(zh) for words in added for zh in words.chinese.splitlines()}
    told = {fold_name(zh) for status in statuses for zh in status.chinese}
    merged: dict[str, tuple[str, Term]] = {}
    for group in glossary.load_glossary():
        for term in group.terms:
            key = term.en.casefold()
            if fold_name(term.zh) in replaced or (term.zh in told and _is_status(term, statuses)):
                continue
            if key not in merged:
                merged[key] = (group.key, term)
            elif term.zh not in merged[key][1].zh.split("、"):
                home, first = merged[key]
                merged[key] = (
                    home,
                    dataclasses.replace(
                        first,
                        zh=f"{first.zh}、{term.zh}",
                        note=first.note or term.note,
                        definition=first.definition or term.definition,
                    ),
                )
    terms = [*merged.values(), *((words.part, _staff_term(words)) for words in added)]
    groups = tuple(
        Group(group.key, group.title, tuple(term for key, term in terms if key == group.key))
        for group in glossary.load_glossary()
    )
    return Glossary(statuses, groups)


def _staff_term(words: StaffWords) -> Term:
    """A term that staff keep; what its English is worth, the register says of all that it recommends."""
    has_definition = bool(words.definition_zh)
    return Term(
        zh="、".join(words.chinese.splitlines()),
        en=" / ".join(words.english.splitlines()),
        official=False,
        note=glossary.NOTES.get(words.chinese, ""),
        definition=Definition(words.definition_zh, words.definition_en, words.source_zh, words.source_en)
        if has_definition
        else None,
    )


def look_up_words(text: str, added: StaffTerms = ()) -> Glossary:
    """The entries that have a text in their Chinese or English, or in their definition."""
    wanted = fold_name(text[:MAX_LOOKED_UP])
    return _select(
        read_glossary(added),
        lambda status: _has(wanted, (status.en, *status.chinese)),
        lambda term: _has(wanted, _words_of(term)),
    )


@functools.lru_cache(KEPT_GLOSSARIES)
def list_letters(lang: str, added: StaffTerms = ()) -> tuple[str, ...]:
    """The letters, A to Z, with which an entry begins in a language: in Chinese the first letter of its pinyin."""
    whole = read_glossary(added)
    words = [_heading(status.en, status.chinese[0], lang) for status in whole.statuses]
    words += [_heading(term.en, term.zh, lang) for group in whole.groups for term in group.terms]
    return tuple(sorted({letter for word in words if (letter := _first_letter(word))}))


@functools.lru_cache(KEPT_GLOSSARIES * 2 * 26)
def words_by_letter(letter: str, lang: str, added: StaffTerms = ()) -> Glossary:
    """The entries that begin with a letter in a language."""
    return _select(
        read_glossary(added),
        lambda status: _first_letter(_heading(status.en, status.chinese[0], lang)) == letter,
        lambda term: _first_letter(_heading(term.en, term.zh, lang)) == letter,
    )


def _heading(en: str, zh: str, lang: str) -> str:
    return zh if lang == "zh" else en


def _first_letter(word: str) -> str:
    """The first Latin letter of a word or of its pinyin, "" if it begins with neither."""
    spelled = pinyin_name(word[:MAX_PINYIN_READ]) if not word[:1].isascii() else word
    first = unicodedata.normalize("NFD", spelled)[:1].upper()
    return first if first.isascii() and first.isalpha() else ""


def _select(
    whole: Glossary, is_status: Callable[[StatusWord], bool], is_term: Callable[[Term], bool]
) -> Glossary:
    groups = (Group(group.key, group.title, tuple(filter(is_term, group.terms))) for group in whole.groups)
    return Glossary(tuple(filter(is_status, whole.statuses)), tuple(group for group in groups if group.terms))


def _words_of(term: Term) -> tuple[str, ...]:
    definition = term.definition
    return (term.zh, term.en) + ((definition.zh, definition.en) if definition else ())


def _has(wanted: str, words: Iterable[str]) -> bool:
    return any(wanted in fold_name(word) for word in words)


def _is_status(term: Term, statuses: Iterable[StatusWord]) -> bool:
    """True if a term says no more than a status: the same Chinese, and the same English but for what is in brackets."""
    bare = term.en.partition(" (")[0].casefold()
    return any(term.zh in each.chinese and each.en.casefold() == bare for each in statuses)


def _status_words() -> tuple[StatusWord, ...]:
    uses: dict[str, list[StatusUse]] = {}
    for definition in catalogue().values():
        register = titles.register_view(definition)
        for state in definition.life_cycle.public_states():
            uses.setdefault(state.en, []).append(StatusUse(register, state.view(), state.meaning))
    words = []
    for en, found in uses.items():
        chinese = tuple(dict.fromkeys(use.status.zh for use in found))
        notes = tuple(glossary.NOTES[zh] for zh in chinese if zh in glossary.NOTES)
        words.append(StatusWord(en, chinese, tuple(found), notes))
    return tuple(words)
