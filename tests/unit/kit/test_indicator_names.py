"""Rows of tables that are about one indicator: found by their names in either language, joined over a third one."""

from __future__ import annotations

from registry.kit.indicator_names import IndicatorIndex, joined_by_quantity


def test_rows_are_joined_over_a_third_one() -> None:
    rows = [
        {"name_zh": "甲醛释放量"}, {"name_en": "Formaldehyde"}, {"name_zh": "苯"}, {"name_zh": "甲醛", "name_en": "Formaldehyde"},
        {"name_zh": "苯"},
    ]  # fmt: skip
    assert list(joined_by_quantity(rows, lambda row: row)) == [
        [rows[0], rows[1], rows[3]],
        [rows[2], rows[4]],
    ]


def test_rows_without_a_name_stand_alone() -> None:
    rows = [{"name_zh": ""}, {}, {"name_zh": "苯"}]
    assert list(joined_by_quantity(rows, lambda row: row)) == [[each] for each in rows]
    assert list(joined_by_quantity([], lambda row: row)) == []


def test_places_of_rows_about_one_indicator() -> None:
    index = IndicatorIndex([{"name_zh": "甲醛"}, {"name_zh": "苯"}, {"name_en": "Formaldehyde"}, {}])
    assert index.places({"name_zh": "甲醛", "name_en": "Formaldehyde"}) == [0, 2]
    assert index.places({"name_zh": "铅"}) == []
    assert index.places({}) == []
