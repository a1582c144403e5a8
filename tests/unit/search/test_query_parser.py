"""The query parser: clauses, phrases, excluded words and numbers of a text, at their limits."""

from __future__ import annotations

import pytest

from registry.search.analysis.query_parser import parse_query
from registry.search.analysis.synonyms import SYNONYM_WEIGHT, SynonymEntry, Synonyms

NO_SYNONYMS = Synonyms([])


def clauses(text: str) -> list[str]:
    return [clause.text for clause in parse_query(text, NO_SYNONYMS).clauses]


def letters(count: int) -> list[str]:
    """That many different words that are no stop words."""
    return [f"x{chr(ord('a') + index)}q" for index in range(count)]


@pytest.mark.parametrize(("typed", "used"), [(16, 16), (17, 16)])
def test_a_query_has_at_most_sixteen_clauses(typed: int, used: int) -> None:
    assert clauses(" ".join(letters(typed))) == letters(typed)[:used]


def test_repeated_words_and_stop_words_are_no_clauses() -> None:
    assert clauses("the lamp of the lamp") == ["lamp"]
    assert parse_query("the", NO_SYNONYMS).clauses == ()


@pytest.mark.parametrize(("length", "cut"), [(500, False), (501, True)])
def test_a_query_is_cut_at_five_hundred_characters(length: int, cut: bool) -> None:
    text = "x" * (length - 4) + " end"
    assert ("end" in clauses(text)) is not cut


@pytest.mark.parametrize(("quoted", "phrases"), [(0, 0), (1, 1), (4, 4), (5, 4)])
def test_a_query_has_at_most_four_phrases(quoted: int, phrases: int) -> None:
    text = " ".join(f'"{word} {word}"' for word in letters(quoted))
    assert len(parse_query(text, NO_SYNONYMS).phrases) == phrases


@pytest.mark.parametrize(("typed", "used"), [(1, 1), (8, 8), (9, 8)])
def test_a_query_has_at_most_eight_excluded_words(typed: int, used: int) -> None:
    excluded = parse_query(" ".join(f"-{word}" for word in letters(typed)), NO_SYNONYMS).excluded
    assert [clause.text for clause in excluded] == letters(typed)[:used]


def test_a_minus_before_a_number_excludes_nothing() -> None:
    assert parse_query("-5", NO_SYNONYMS).excluded == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A123", ()),
        ("A1234", ("A1234",)),
        ("1" * 40, ("1" * 40,)),
        ("1" * 41, ()),
        ("ABCDE", ()),
        ("O1234", ("O1234", "01234")),
        ("CGP202577", ("CGP202577", "CGP2025000077", "CGP202500077", "CGP20250077", "CGP20250000077")),
        ("CGP202507", ("CGP202507",)),  # has its zeros
        ("CGP2025123456", ("CGP2025123456",)),
    ],
)
def test_parts_of_numbers_have_five_to_forty_characters(text: str, parts: tuple[str, ...]) -> None:
    assert parse_query(text, NO_SYNONYMS).number_parts == parts


@pytest.mark.parametrize(("text", "matches_all"), [("", True), (" ", True), ("，", False), ("\x00", False)])
def test_only_an_empty_text_matches_everything(text: str, matches_all: bool) -> None:
    assert parse_query(text, NO_SYNONYMS).is_match_all is matches_all


def test_words_with_a_common_synonym_are_one_clause_of_less_weight() -> None:
    synonyms = Synonyms([SynonymEntry(("quality mark",), ("质量标志",))])
    [clause] = parse_query("quality mark", synonyms).clauses
    own, other = clause.alternatives
    assert (own.weight, other.weight) == (1.0, SYNONYM_WEIGHT)
    assert parse_query("quality mark", synonyms).synonyms == (("quality mark", "质量标志"),)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("chuang tou gui", ["chuang tou gui"]),
        ("tong ren tang beijing", ["tong ren tang", "beijing"]),
        ("kao ya zhejiang", ["kao ya", "zhejiang"]),
        ("hua lamp", ["hua", "lamp"]),  # one syllable may be English
        ("where can you find lamps", ["lamps"]),  # so may two, of words that only ask
    ],
)
def test_syllables_of_pinyin_are_one_clause(typed: str, expected: list[str]) -> None:
    assert clauses(typed) == expected


def test_syllables_are_looked_for_side_by_side() -> None:
    [clause] = parse_query("chuang tou gui", NO_SYNONYMS).clauses
    side_by_side, english = clause.alternatives
    assert (side_by_side.terms, side_by_side.fields) == (("~chuangtou", "~tougui"), ("pinyin", "parties"))
    assert (english.terms, "pinyin" in english.fields) == (("chuang", "tou", "gui"), False)
