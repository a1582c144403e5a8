"""Fields that say where other fields come from, and adopted standards with their degree."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import pytest

from registry.kit import fields as f
from registry.kit.kinds import issues_of_error
from registry.kit.source_kinds import MAX_FIELD_SOURCES
from registry.kit.standard_kinds import Adoption
from registry.kit.statistics import Grouping, Share, Statistics
from tests.unit.kit.issue_assertions import codes_of

SOURCES = f.field_sources("Sources")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('{"name": {"source": "A"}}', {"name": {"source": "A"}}),
        ({"b": {}, "a": {"source_date": "2026年5月", "source": " A "}}, {"a": {"source": "A", "source_date": "2026-05"}, "b": {}}),
        ({"name": {"source": "电话 13812345678"}}, {"name": {"source": "电话 138****5678"}}),
        ("{}", {}),
    ],
)  # fmt: skip
def test_sources_of_fields(written: Any, value: dict[str, Any]) -> None:
    assert SOURCES.deserialize(written) == value
    assert list(SOURCES.deserialize(written)) == sorted(value)


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("no JSON", ["wrong_type"]),
        ([1], ["wrong_type"]),
        ('["a"]', ["wrong_type"]),
        ({"name": "A"}, ["wrong_type"]),
        ({"name": {"source": "A", "page": "1"}}, ["wrong_type"]),
        ({"Name!": {}}, ["wrong_type"]),
        ({"name": {"source_date": "soon"}}, ["date_shape"]),
        ({f"f{number}": {} for number in range(MAX_FIELD_SOURCES + 1)}, ["too_many_items"]),
    ],
)
def test_other_things_are_no_sources_of_fields(written: Any, codes: list[str]) -> None:
    with pytest.raises(ma.ValidationError) as error:
        SOURCES.deserialize(written)
    assert codes_of(issues_of_error(error.value)) == codes


def test_so_many_fields_have_a_source() -> None:
    sources: dict[str, Any] = {f"f{number}": {} for number in range(MAX_FIELD_SOURCES)}
    assert SOURCES.size_issue(sources) is None
    assert len(SOURCES.deserialize(sources)) == MAX_FIELD_SOURCES


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ("ISO 9001:2015, MOD", "MOD ISO 9001:2015 修改采用", "MOD ISO 9001:2015 modified"),
        ("eqv ISO 1", "EQV ISO 1 等效采用", "EQV ISO 1 equivalent (older standards)"),
        ("ISO 9001:2015", "ISO 9001:2015", "ISO 9001:2015"),
        ("", "", ""),
    ],
)
def test_the_degree_of_an_adoption(written: str, zh: str, en: str) -> None:
    assert tuple(Adoption.words(written))[:2] == (zh, en)


def test_statistics_name_only_what_is_there() -> None:
    age = Grouping("age", "Age", lambda _values: (), {})
    share = Share("good", "Good", "", part={"grade": ("A",)}, whole={"age": ("1",)})
    statistics = Statistics(groupings=(age,), shares=(share,), without=("grade",), reasons="age")
    assert statistics.problems(("grade",)) == []
    assert statistics.grouping("age") is age
    assert statistics.grouping("grade") is None
    assert statistics.problems(("grade", "age")) == ["statistics: age is a facet already"]
    assert Statistics(shares=(share,), without=("x",), reasons="y").problems(("grade",)) == [
        "statistics: without: no facet x",
        "statistics: reasons: no facet y",
        "statistics: share good: no facet age",
    ]
    assert Statistics().problems(()) == []
