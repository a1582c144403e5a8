"""The glossary has one entry for each word, statuses of all registers among them, and finds words in both languages."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from registry.reference.code_lists import glossary as code_list
from registry.reference.code_lists.tables import read_rows
from registry.registers import catalogue
from registry.services.records import list_letters, look_up_words, read_glossary, words_by_letter

CHINESE = re.compile(r"[\u3400-\u9fff]")
DOCUMENT_NUMBER = re.compile(r"\S+〔\d{4}〕\d+号")  # stays Chinese in English texts


def test_every_word_has_one_entry_in_either_language() -> None:
    whole = read_glossary()
    english = Counter(term.en.casefold() for group in whole.groups for term in group.terms)
    chinese = Counter(zh for group in whole.groups for term in group.terms for zh in term.zh.split("、"))
    assert [word for word, count in (english + chinese).items() if count > 1] == []


def test_every_status_of_every_register_has_one_entry() -> None:
    entries = Counter(
        (use.register.slug, use.status.code) for status in read_glossary().statuses for use in status.uses
    )
    states = {
        (slug, state.code)
        for slug, definition in catalogue().items()
        for state in definition.life_cycle.public_states()
    }
    assert entries == Counter(states)
    words = Counter(zh for status in read_glossary().statuses for zh in status.chinese)
    assert words.most_common(1)[0][1] == 1  # one Chinese word means one thing


def test_different_chinese_words_for_one_english_word_are_told_apart() -> None:
    for status in read_glossary().statuses:
        if len(status.chinese) > 1:
            assert any(zh in code_list.NOTES for zh in status.chinese), status.en
            assert status.notes


def test_no_term_of_the_list_is_lost() -> None:
    whole = read_glossary()
    shown = {zh for group in whole.groups for term in group.terms for zh in term.zh.split("、")}
    shown |= {zh for status in whole.statuses for zh in status.chinese}
    listed = {zh for group in code_list.load_glossary() for term in group.terms for zh in term.zh.split("、")}
    assert listed <= shown


@pytest.mark.parametrize(
    ("word", "found"),
    [("取消", "Revoked"), ("REVOKED", "Revoked"), ("碳足迹", "carbon footprint"), ("plaque", "plaque")],
)
def test_words_are_looked_up_in_both_languages(word: str, found: str) -> None:
    fitting = look_up_words(word)
    words = [each.en for each in fitting.statuses]
    words += [term.en for group in fitting.groups for term in group.terms]
    assert found in words
    assert fitting.size == len(words) < read_glossary().size


def test_what_no_entry_has_gives_nothing() -> None:
    assert look_up_words("火星").size == 0
    assert look_up_words("x" * 500).size == 0


def test_definitions_belong_to_terms_and_name_their_source_in_both_languages() -> None:
    defined = [term for group in read_glossary().groups for term in group.terms if term.definition]
    assert len(defined) == len(read_rows("definitions"))  # none of the list is without its term
    for term in defined:
        assert term.definition is not None
        assert all(
            (term.definition.zh, term.definition.en, term.definition.source_zh, term.definition.source_en)
        ), term
        assert not CHINESE.search(DOCUMENT_NUMBER.sub("", term.definition.source_en)), term


def test_words_of_a_definition_find_its_term() -> None:
    found = [term.zh for group in look_up_words("不间断的校准链").groups for term in group.terms]
    assert found == ["量值溯源"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_letters_hold_every_entry_that_begins_with_one(lang: str) -> None:
    by_letter = [words_by_letter(letter, lang) for letter in list_letters(lang)]
    assert all(each.size for each in by_letter)
    listed = [term.en for each in by_letter for group in each.groups for term in group.terms]
    assert len(listed) == len(set(listed))
    missing = {term.en for group in read_glossary().groups for term in group.terms} - set(listed)
    assert not missing, missing
    assert words_by_letter("?", lang).size == 0


def test_a_chinese_entry_stands_under_its_pinyin() -> None:
    assert "重金属" in [term.zh for group in words_by_letter("Z", "zh").groups for term in group.terms]
    assert "heavy metals" in [
        term.en.casefold() for group in words_by_letter("H", "en").groups for term in group.terms
    ]
