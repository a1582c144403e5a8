"""Which of some records may be one: the first that is alike, unless what has ended settles it; told on both until it is resolved."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
import pytest
from sqlalchemy import Connection

from registry.kit.issues import Issue
from registry.kit.near_doubles import NearDouble
from registry.services.publication import near_doubles
from registry.services.publication.publishing import PublishOutcome
from tests.unit.publication.stored import (
    DAY,
    add,
    document,
    known,
    publish,
    record,
    versions,
    warnings,
)


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


NAMES = ("甲有限公司", "乙有限公司", "丙有限公司", "丁有限公司")


def brand(holder: str, name: str = "试样堂", **more: Any) -> dict[str, Any]:
    return {"scheme": "national", "brand_name_zh": name, "holder_name_zh": holder, **more}


def bring(connection: Connection, *values: dict[str, Any], **more: Any) -> list[PublishOutcome]:
    documents = [document("brands", each, row=row, **more) for row, each in enumerate(values)]
    return publish(connection, "brands", *documents)


def told(connection: Connection, record_id: int) -> list[str]:
    """The numbers that the doubts of a record name."""
    return [
        each["params"]["number"]
        for each in orjson.loads(record(connection, record_id).warnings)
        if each["code"] == "near_double"
    ]


@pytest.mark.parametrize("together", [True, False])
def test_two_that_may_be_one_are_told_on_both(connection: Connection, *, together: bool) -> None:
    both = [brand(name) for name in NAMES[:2]]
    if together:
        outcomes = bring(connection, *both)
    else:
        outcomes = [*bring(connection, both[0]), *bring(connection, both[1])]
    assert [len(each.warnings) for each in outcomes] == ([1, 1] if together else [0, 1])
    assert told(connection, 1) == [outcomes[1].number]
    assert told(connection, 2) == [outcomes[0].number]
    assert outcomes[1].warnings == (
        Issue("near_double", "holder_name_zh", {"number": outcomes[0].number}, "warns"),
    )
    assert warnings(connection, 1) == warnings(connection, 2) == [("near_double", "holder_name_zh")]
    assert versions(connection) == {1: (1, 0), 2: (1, 0)}  # pages show it, the index does not know it
    for _time in range(2):  # the same again brings nothing
        again = bring(connection, *both)
        assert [(each.result, len(told(connection, each.row + 1))) for each in again] == [
            ("unchanged", 1)
        ] * 2
        assert versions(connection) == {1: (1, 0), 2: (1, 0)}


def test_a_third_one_names_the_first_and_leaves_the_doubts_of_the_others(connection: Connection) -> None:
    numbers = [bring(connection, brand(name))[0].number for name in NAMES[:3]]
    assert [told(connection, each) for each in (1, 2, 3)] == [[numbers[1]], [numbers[0]], [numbers[0]]]
    assert versions(connection) == {1: (1, 0), 2: (1, 0), 3: (1, 0)}


def test_what_was_told_of_a_record_otherwise_stays(connection: Connection) -> None:
    own = Issue("date_shape", "founded_year", {}, "warns", of_source=True)
    bring(connection, brand(NAMES[0]), warnings=(own,))
    bring(connection, brand(NAMES[1]))
    both = [("date_shape", "founded_year"), ("near_double", "holder_name_zh")]
    assert warnings(connection, 1) == both
    bring(connection, brand(NAMES[0], category="医药"), warnings=(own,))
    assert warnings(connection, 1) == both


def test_the_doubt_goes_with_what_raised_it_and_another_one_may_stand(connection: Connection) -> None:
    numbers = [bring(connection, brand(name))[0].number for name in NAMES[:3]]
    moved = near_doubles_of(connection, brand(NAMES[1]), brand(NAMES[1], "别号"))
    assert moved == [[numbers[2]], [], [numbers[0]]]
    assert warnings(connection, 2) == []
    moved = near_doubles_of(connection, brand(NAMES[2]), brand(NAMES[2], "三号"))
    assert moved == [[], [], []]
    assert add(connection, "brands", brand(NAMES[0], category="医药"), later=DAY).warnings == ()


def test_doubts_of_several_records_go_in_one_batch(connection: Connection) -> None:
    pairs = [brand(holder, name) for name in ("一号", "二号") for holder in NAMES[:2]]
    bring(connection, *pairs)
    assert [len(told(connection, each)) for each in (1, 2, 3, 4)] == [1, 1, 1, 1]
    moved = [
        document("brands", brand(NAMES[1], name), row=row, amends=known(connection, "brands", pairs[row]))
        for row, name in ((1, "三号"), (3, "四号"))
    ]
    publish(connection, "brands", *moved, later=DAY)
    assert [told(connection, each) for each in (1, 2, 3, 4)] == [[], [], [], []]


def near_doubles_of(connection: Connection, old: dict[str, Any], new: dict[str, Any]) -> list[list[str]]:
    """Give a record other values; the doubts of the first three records then."""
    amends = known(connection, "brands", old)
    [outcome] = publish(connection, "brands", document("brands", new, amends=amends), later=DAY)
    assert outcome.result == "updated"
    return [told(connection, each) for each in (1, 2, 3)]


def test_a_record_that_becomes_a_double_is_told_with_its_next_version(connection: Connection) -> None:
    first = bring(connection, brand(NAMES[0]), brand(NAMES[1], "别号"))[0]
    amends = known(connection, "brands", brand(NAMES[1], "别号"))
    [outcome] = publish(connection, "brands", document("brands", brand(NAMES[1]), amends=amends), later=DAY)
    assert outcome.result == "updated"
    assert [issue.params for issue in outcome.warnings] == [{"number": first.number}]
    assert told(connection, 2) == [first.number]


@pytest.mark.parametrize(("count", "doubtful"), [(2, True), (3, True), (4, False)])
def test_many_under_one_key_are_no_sign_of_a_double(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, count: int, *, doubtful: bool
) -> None:
    monkeypatch.setattr(near_doubles, "MAX_GROUP", 3)
    outcomes = bring(connection, *(brand(name) for name in NAMES[:count]))
    assert {bool(each.warnings) for each in outcomes} == {doubtful}


def test_more_records_than_one_statement_takes(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_doubles, "CHUNK_SIZE", 1)
    outcomes = bring(connection, *(brand(name, f"{name}号") for name in NAMES[:2]), brand("戊", "甲有限公司号"))  # fmt: skip
    assert [len(each.warnings) for each in outcomes] == [1, 0, 1]


def test_a_register_without_near_doubles_has_none(connection: Connection) -> None:
    nothing: Any = definition()
    assert near_doubles.tell(connection, nothing, {1: {}}, ()) == {}
    assert near_doubles.tell(connection, definition(kind()), {}, ()) == {}
