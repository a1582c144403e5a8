"""The Chinese catalogue is complete: nothing untranslated, fuzzy or left over, and the same placeholders."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from registry.i18n import TRANSLATIONS
from tests.contracts.messages import extracted, in_contexts

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (TRANSLATIONS / "zh" / "LC_MESSAGES" / "registry.po").open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


@pytest.fixture(scope="module")
def used() -> set[str]:
    return {message if isinstance(message, str) else message[0] for message in extracted()}


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _words(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_message_is_translated(catalogue: Catalog, used: set[str]) -> None:
    translated = {_id(message) for message in catalogue if message.id and all(_words(message))}
    assert used - translated == set()


def test_every_message_of_a_context_is_translated_in_it(catalogue: Catalog) -> None:
    used = in_contexts()
    entries = {(context, message): catalogue.get(message, context) for context, message in used}
    assert ("filter", "Year") in used
    assert {key for key, entry in entries.items() if entry is None or not entry.string} == set()


def test_nothing_is_left_over_or_fuzzy(catalogue: Catalog, used: set[str]) -> None:
    assert {_id(message) for message in catalogue if message.id} - used == set()
    assert [_id(message) for message in catalogue if message.id and message.fuzzy] == []
    assert list(catalogue.obsolete) == []


def test_placeholders_are_the_same(catalogue: Catalog) -> None:
    differing = [
        _id(message)
        for message in catalogue
        if message.id
        for words in _words(message)
        if set(PLACEHOLDER.findall(words)) != set(PLACEHOLDER.findall(_id(message)))
    ]
    assert differing == []


def test_translations_are_chinese(catalogue: Catalog) -> None:
    same_in_both = {
        "CCS",
        "https://",
        ", ",
        ": ",
        "%(moment)s by %(person)s",
        "%(table)s %(place)s: %(column)s",
        "%(table)s: %(column)s",
        "%(field)s: %(change)s",
        "(%(name)s)",
        "%(title)s: %(state)s",
        "%(size)s MB",
        "%(size)s kB",
    }
    english = [
        _id(message)
        for message in catalogue
        if message.id and _id(message) not in same_in_both and not CHINESE.search("".join(_words(message)))
    ]
    assert [each for each in english if re.search(r"[A-Za-z]{3}", each)] == []


def test_source_strings_are_english(used: set[str]) -> None:
    assert [each for each in used if not each.strip()] == []
