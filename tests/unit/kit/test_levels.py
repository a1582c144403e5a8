"""Levels of schemes: words with their place, thresholds at their limits, levels worked out, weighted means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry.kit.grading import (
    Level,
    Scheme,
    SchemeIndicator,
    Schemes,
    Threshold,
    load_schemes,
    parse_thresholds,
    thresholds_in_words,
    weighted_rank,
    work_out_levels,
)

A, B, C = (
    Level("A", "甲级", "level A", 1, ("best",)),
    Level("B", "乙级", "level B", 2),
    Level("C", "丙级", "level C", 3),
)
SCHEME = Scheme(
    code="trial", name="试行分级", en="Trial grading", scale="abc", levels=(A, B, C),
    indicators=(
        SchemeIndicator(
            "甲醛", "Formaldehyde", "mg/m³",
            (Threshold("A", "<=", 1.0), Threshold("B", "<=", 2.0), Threshold("Z", "<=", 9.0)),
        ),
    ),
)  # fmt: skip
OTHER = Scheme(code="other", name="其他分级", en="Other", scale="xyz", levels=(A,), aliases=("old other",))
SAME = Scheme(code="same", name="同级", en="Same", scale="abc", levels=(A, B, C))
SCHEMES = Schemes("scheme", "level", (SCHEME, OTHER, SAME))


def scheme_of(count: int, *, closed: bool = True) -> Scheme:
    levels = tuple(Level(str(rank), f"{rank}级", f"Level {rank}", rank) for rank in range(1, count + 1))
    return Scheme(code="n", name="n", en="n", scale="n", levels=levels, closed=closed)


@pytest.mark.parametrize(
    ("count", "rank", "words"),
    [
        (1, 1, "Level 1, the only level"),
        (2, 1, "Level 1, the highest of two"),
        (2, 2, "Level 2, the lowest of two"),
        (3, 2, "Level 2, second highest of three"),
        (4, 2, "Level 2, second highest of four"),
        (4, 3, "Level 3, second lowest of four"),
        (5, 3, "Level 3, third highest of five"),
        (9, 5, "Level 5, fifth highest of nine"),
        (9, 6, "Level 6, fourth lowest of nine"),
        (10, 5, "Level 5, fifth highest of 10"),
        (10, 10, "Level 10, the lowest of 10"),
        (11, 6, "Level 6, number 6 from the highest of 11"),
        (11, 7, "Level 7, fifth lowest of 11"),
    ],
)
def test_the_place_of_a_level_is_told_from_its_nearer_end(count: int, rank: int, words: str) -> None:
    assert scheme_of(count).placed_words(str(rank)).en == words


def test_of_an_open_scale_no_lowest_level_is_known() -> None:
    scheme = scheme_of(3, closed=False)
    assert scheme.placed_words("1").en == "Level 1, the highest level"
    assert scheme.placed_words("3").en == "Level 3; the highest is Level 1"
    assert "3级" in scheme.placed_words("3").zh
    assert "1级" in scheme.placed_words("3").zh


def test_words_of_a_label_that_the_scheme_has_not() -> None:
    assert SCHEME.placed_words("Z") == SCHEME.level_words("Z")
    assert (SCHEME.level_words("Z").zh, SCHEME.level_words("Z").en) == ("Z", "Z")
    assert SCHEME.level_words("特级").en == ""
    assert (SCHEME.level_words("best").zh, SCHEME.level_words("best").en) == ("甲级", "level A")


def test_schemes_are_found_by_their_names_and_levels_by_their_scheme() -> None:
    assert [SCHEMES.find(word) for word in ("试行分级", "trial", "TRIAL GRADING", "old other", "", "none")] == [
        SCHEME, SCHEME, SCHEME, OTHER, None, None,
    ]  # fmt: skip
    assert SCHEMES.of_record({"scheme": "other"}) == OTHER
    assert SCHEMES.of_record({}) is None
    assert SCHEMES.level_of({"scheme": "trial", "level": "B", "before": "C"}) == B
    assert SCHEMES.level_of({"scheme": "trial", "level": "B", "before": "C"}, "before") == C
    assert SCHEMES.level_of({"scheme": "other", "level": "B"}) is None
    assert SCHEMES.level_of({"level": "B"}) is None
    for _time in range(2):  # the second time out of the cache
        assert SCHEMES.placed_words("trial", "C").en == "level C, the lowest of three"
        assert SCHEMES.placed_words("trial", "Z").en == "Z"
        assert SCHEMES.placed_words("none", "C").en == "C"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["trial", "same"], SCHEME),
        (["same"], SAME),
        (["trial", "other"], None),
        (["trial", "none"], None),
        (["none"], None),
        ([], None),
    ],
)
def test_schemes_of_one_scale(names: list[str], found: Scheme | None) -> None:
    assert SCHEMES.same_scale(names) == found


def worked_out(row: dict[str, Any], *thresholds: dict[str, Any]) -> tuple[str, str, bool, bool, str]:
    row = {"name_zh": "甲醛", "unit": "mg/m³", **row}
    [found] = work_out_levels(SCHEME, [row], thresholds)
    codes = [level.code if level else "" for level in (found.stated, found.reached, found.level)]
    return codes[0], codes[1], found.judged, found.contradicts, codes[2]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"value": 1, "level": "A"}, ("A", "A", True, False, "A")),  # equals its limit
        ({"value": 1.01, "level": "A"}, ("A", "B", True, True, "B")),
        ({"value": 2, "level": "B"}, ("B", "B", True, False, "B")),
        ({"value": 2.01, "level": "B"}, ("B", "", True, True, "B")),  # reaches none
        ({"value": 1, "level": "B"}, ("B", "A", True, True, "A")),
        ({"value": 1}, ("", "A", True, False, "A")),
        ({"value": 3}, ("", "", False, False, "")),
        # Of C the scheme has no threshold: a better level that is reached tells, another one does not.
        ({"value": 2, "level": "C"}, ("C", "B", True, True, "B")),
        ({"value": 3, "level": "C"}, ("C", "", False, False, "C")),
        ({"level": "A"}, ("A", "", False, False, "A")),
        ({"value": "1", "level": "A"}, ("A", "", False, False, "A")),
        ({"value": 0, "level": "A"}, ("A", "A", True, False, "A")),
        ({"value": 1, "level": "A", "unit": "%"}, ("A", "", False, False, "A")),
        ({"value": 5, "level": "Q"}, ("", "", False, False, "")),
        ({"value": 1, "level": "A", "name_zh": "苯"}, ("A", "", False, False, "A")),
        # By the thresholds of its own row.
        ({"value": 3, "level": "A", "thresholds": "A ≤ 3; B ≤ 4"}, ("A", "A", True, False, "A")),
        ({"value": 3.5, "level": "C", "thresholds": "A ≤ 3; C ≤ 4"}, ("C", "C", True, False, "C")),
        ({"value": 3, "level": "B", "thresholds": "Q ≤ 3"}, ("B", "", True, True, "B")),
    ],
)
def test_the_level_that_a_value_reaches(row: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert worked_out(row) == expected


def test_thresholds_that_the_record_states_come_first() -> None:
    stated = {"name_zh": "甲醛", "level": "A", "operator": "<=", "limit": 5}
    assert worked_out({"value": 5, "level": "A"}, stated) == ("A", "A", True, False, "A")
    assert worked_out({"value": 5.1, "level": "A"}, stated) == ("A", "", True, True, "A")
    within = {**stated, "operator": "in", "limit": 2, "limit_to": 3}
    assert worked_out({"value": 3, "level": "A"}, within)[1] == "A"
    assert worked_out({"value": 1.9, "level": "A"}, within)[1] == ""
    by_name = {**stated, "name_zh": "", "name_en": "formaldehyde"}
    assert worked_out({"value": 5, "level": "A", "name_en": "Formaldehyde"}, by_name)[1] == "A"
    # Those of another indicator, of no level, without a sign or a figure say nothing: the scheme's own hold.
    for wrong in (
        {**stated, "name_zh": "苯"}, {**stated, "level": "Q"}, {**stated, "operator": ""}, {**stated, "limit": "5"},
        {**stated, "name_zh": ""},
    ):  # fmt: skip
        assert worked_out({"value": 1.5, "level": "A"}, wrong) == ("A", "B", True, True, "B")


@pytest.mark.parametrize(
    ("text", "thresholds"),
    [
        ("A ≤ 0.01; B 0.01–0.03", [("A", "<=", 0.01, None), ("B", "in", 0.01, 0.03)]),
        ("A：<5，B≥-2", [("A", "<", 5.0, None), ("B", ">=", -2.0, None)]),
        ("A 1-2 mg/m³ | B = 3", [("A", "in", 1.0, 2.0), ("B", "=", 3.0, None)]),
        ("A ≤ 1; no figure; B ≤ 2", [("A", "<=", 1.0, None), ("B", "<=", 2.0, None)]),
        ("no figure; ≤ 5", []),
        ("", []),
    ],
)
def test_thresholds_as_a_source_writes_them(text: str, thresholds: list[tuple[Any, ...]]) -> None:
    found = [(each.level, each.operator, each.limit, each.limit_to) for each in parse_thresholds(text)]
    assert found == thresholds


def test_thresholds_in_the_words_of_the_scheme() -> None:
    assert thresholds_in_words(SCHEME, "A ≤ 1; best ≤ 2;; Q ≤ 3", "en") == "Level A ≤ 1; Level A ≤ 2; Q ≤ 3"
    assert thresholds_in_words(SCHEME, "A ≤ 1; Q ≤ 3", "zh") == "甲级 ≤ 1；Q ≤ 3"
    assert thresholds_in_words(SCHEME, "", "en") == ""


@pytest.mark.parametrize(
    ("levels", "weights", "rank"),
    [
        ((A, B), (1, 1), 2),  # a half goes to the worse level
        ((A, B), (1.01, 1), 1),
        ((A, B), (1, 1.01), 2),
        ((A, C), (1, 1), 2),
        ((A,), (0.3,), 1),
        ((B, C), (0.7, 0.3), 2),
        ((A, B, C), (0.1, 0.2, 0.7), 3),
        ((A, B), (0.1 + 0.2, 0.3), 2),  # 1.4999999999999998 is a half
    ],
)
def test_the_weighted_mean_of_levels(
    levels: tuple[Level, ...], weights: tuple[float, ...], rank: int
) -> None:
    assert weighted_rank(levels, weights) == rank


def test_schemes_are_read_from_a_folder_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "scales.toml").write_text(
        '[abc]\nclosed = false\nlevels = [{code = "A", en = "best"}, {code = "B", zh = "乙", en = "second", aliases = ["b"]}]\n',
        "utf-8",
    )
    scheme = 'name_zh = "分级"\nname_en = "Grading"\nscale = "abc"\n'
    (tmp_path / "later.toml").write_text(scheme, "utf-8")
    (tmp_path / "first.toml").write_text(
        f'position = 1\n{scheme}publisher_zh = "甲"\nsource_zh = "乙"\nsource_en = "B"\n'
        '[[indicators]]\nname_zh = "苯"\nname_en = "Benzene"\nunit = "mg"\noperator = "<="\nlimits = {A = 1, B = 2}\n',
        "utf-8",
    )
    schemes = load_schemes(tmp_path, scheme_field="scheme", level_field="level").schemes
    assert [each.code for each in schemes] == ["first", "later"]
    first = schemes[0]
    assert [(each.code, each.zh, each.rank, each.aliases) for each in first.levels] == [
        ("A", "A", 1, ()), ("B", "乙", 2, ("b",)),
    ]  # fmt: skip
    assert first.closed is False
    assert (tuple(first.publisher), tuple(first.source)) == (("甲", "", "missing"), ("乙", "B", "platform"))
    (indicator,) = first.indicators
    assert [(each.level, each.operator, each.limit) for each in indicator.thresholds] == [
        ("A", "<=", 1.0), ("B", "<=", 2.0),
    ]  # fmt: skip
