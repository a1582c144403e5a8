"""The lexicon of near words and the cache bounded by bytes, at their limits."""

from __future__ import annotations

import pytest

from registry.search.analysis import lexicon, tokens
from registry.search.analysis.sized_cache import SizedCache


@pytest.mark.parametrize(
    ("typed", "word", "near"),
    [
        ("bearing", "bearing", {}),
        ("bearing", "baering", {"baering": 1}),
        ("bearing", "baerinG".lower() + "s", {}),
        ("bearings", "baeringz", {"baeringz": 2}),
        ("bearings", "baerinzz", {}),
        ("bearings", "bearing", {"bearing": 1}),
        ("bearing", "bearings", {"bearings": 1}),
    ],
)
def test_seven_letters_allow_one_edit_and_eight_two(typed: str, word: str, near: dict[str, int]) -> None:
    words = lexicon.group_by_length([word.encode()], "names")
    assert lexicon.near_words(words, typed) == near


def test_short_words_and_numbers_are_no_near_words() -> None:
    terms = [b"ab", b"abc", b"a1c", "茶壶".encode()]
    assert lexicon.group_by_length(terms, "names") == {3: ["abc"]}
    assert lexicon.group_by_length(terms, lexicon.NAME_FIELD) == {3: ["abc"], 2: ["茶壶"]}


def test_the_terms_of_a_field_are_read_once() -> None:
    cache, reads = SizedCache(10_000), []

    def read() -> list[bytes]:
        reads.append(1)
        return [b"lamp"]

    for _call in range(2):
        assert lexicon.cached_words(cache, "key", "names", read) == {4: ["lamp"]}
    assert len(reads) == 1


def test_the_cache_drops_the_entry_used_longest_ago_when_one_byte_is_missing() -> None:
    cache = SizedCache(100)
    cache.put("a", 1, 50)
    cache.put("b", 2, 50)
    assert (cache.get("a"), cache.get("b")) == (1, 2)
    cache.get("a")
    cache.put("c", 3, 1)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


@pytest.mark.parametrize(("size", "kept"), [(99, True), (100, True), (101, False)])
def test_an_entry_larger_than_the_cache_is_not_kept_and_displaces_nothing(size: int, kept: bool) -> None:
    cache = SizedCache(100)
    cache.put("small", 1, 0)
    cache.put("large", 2, size)
    assert cache.get("small") == 1
    assert cache.get("large") == (2 if kept else None)


def test_the_size_of_a_key_that_is_put_twice_counts_once() -> None:
    cache = SizedCache(100)
    for _time in range(3):
        cache.put("a", 1, 60)
    cache.put("b", 2, 40)
    assert (cache.get("a"), cache.get("b")) == (1, 2)


@pytest.mark.parametrize(("syllables", "found"), [(1, False), (2, True), (8, True), (9, False)])
def test_names_of_two_to_eight_syllables_are_found_by_initials(syllables: int, found: bool) -> None:
    terms = set(tokens.pinyin_terms("堂" * syllables))
    assert ("t" * syllables in terms) is found


@pytest.mark.parametrize(("characters", "sounded"), [(1, True), (8, True), (9, False)])
def test_whole_names_of_up_to_eight_characters_have_a_pinyin_term(characters: int, sounded: bool) -> None:
    terms = [
        term
        for term in tokens.exact_terms(["仁" * characters])
        if not term.startswith(tokens.SHORT_NAME_MARK)
    ]
    assert len(terms) == (2 if sounded else 1)
