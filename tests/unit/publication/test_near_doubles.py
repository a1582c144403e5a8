"""Which of some records may be one: the first that is alike, unless what has ended settles it; and doubts that were stored."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
import pytest

from registry.kit.issues import Issue
from registry.kit.near_doubles import NearDouble
from registry.services.publication import near_doubles


class Thing(NamedTuple):
    """Something with a status and values."""

    status: str
    values: dict[str, Any]


def kind(code: str = "double", field: str = "name", **more: Any) -> NearDouble:
    return NearDouble(code=code, field=field, key=lambda values: values["key"], **more)


def definition(*kinds: NearDouble) -> Any:
    def state(status: str) -> Any:
        return SimpleNamespace(standing="ended" if status == "withdrawn" else "in_force")

    return SimpleNamespace(slug="things", near_doubles=kinds, life_cycle=SimpleNamespace(state=state))


def valid(*key: str, **more: Any) -> Thing:
    return Thing("valid", {"key": key, **more})


def ended(*key: str) -> Thing:
    return Thing("withdrawn", {"key": key})


def compared(
    own: Thing, *others: Thing, kinds: tuple[NearDouble, ...] = (kind(),)
) -> list[tuple[str, Thing]]:
    found = near_doubles.compare(definition(*kinds), own, others)
    return [(each.code, other) for each, other in found]


def test_the_first_that_is_alike_is_told() -> None:
    alike = kind(alike=lambda one, other: one["size"] == other["size"])
    own, small, large, other = (
        valid("a", size=1), valid("b", "a", size=1), valid("a", size=2), valid("a", size=1),
    )  # fmt: skip
    assert compared(own, large, small, other, kinds=(alike,)) == [("double", small)]
    assert compared(own, large, kinds=(alike,)) == []
    assert compared(own, valid("b", size=1), kinds=(alike,)) == []
    assert compared(own, valid(size=1), kinds=(alike,)) == []
    assert compared(valid(size=1), valid(size=1), kinds=(alike,)) == []  # without a key nothing is known


@pytest.mark.parametrize(
    ("own", "other", "of_any", "of_both"),
    [
        (valid("a"), valid("a"), True, True),
        (valid("a"), ended("a"), True, False),
        (ended("a"), valid("a"), True, False),
        (ended("a"), ended("a"), False, False),
    ],
)
def test_what_has_ended_is_doubtful_beside_what_stands(
    own: Thing, other: Thing, *, of_any: bool, of_both: bool
) -> None:
    assert bool(compared(own, other)) is of_any
    assert bool(compared(own, other, kinds=(kind(both_stand=True),))) is of_both
    # One that has ended does not hide one that has not.
    assert bool(compared(own, ended("a"), valid("a"))) is True


def test_each_doubt_is_told_once_for_a_field() -> None:
    kinds = (kind(), kind(), kind(field="holder"), kind("twice"))
    assert [code for code, _other in compared(valid("a"), valid("a"), kinds=kinds)] == [
        "double",
        "double",
        "twice",
    ]
    # Where the first kind finds none, the second may.
    unlike = kind(alike=lambda _one, _other: False)
    assert [code for code, _other in compared(valid("a"), valid("a"), kinds=(unlike, kind()))] == ["double"]


def test_the_doubts_among_stored_warnings() -> None:
    doubt = {"code": "double", "field": "name", "params": {"number": "T-1"}}
    other = {"code": "required", "field": "name", "params": {"value": "double"}}
    stored = orjson.dumps([other, doubt]).decode()
    of_things = definition(kind(), kind("twice"))
    assert near_doubles.standing(of_things, stored) == (Issue("double", "name", {"number": "T-1"}, "warns"),)
    assert near_doubles.standing(of_things, orjson.dumps([other]).decode()) == ()
    assert near_doubles.standing(of_things, "[]") == ()
    assert near_doubles.standing(definition(), stored) == ()
    assert near_doubles.codes(of_things) == {"double", "twice"}
