"""Numbers of new records: by year, above those that a sheet brought, and never one twice."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from registry import clock
from registry.kit.definition import Numbering
from registry.kit.record import Record
from registry.reference.identifiers.register_numbers import make_number
from registry.services.publication import numbering

DEFINITION: Any = SimpleNamespace(slug="things", numbering=Numbering(prefix="TH", digits=5, year_field="day"))


def number_of(year: int, sequence: int) -> str:
    return make_number("TH", year, sequence, digits=5)


def document(key: str, day: str = "2026-03-01", number: str = "") -> Any:
    return SimpleNamespace(key=key, number=number, values={"day": day})


def assigned(connection: Connection, *documents: Any) -> dict[str, str]:
    return {
        key: each.number for key, each in numbering.assign_numbers(connection, DEFINITION, documents).items()
    }


def add_record(connection: Connection, number: str, register: str = "things") -> None:
    row = {
        "id": 1, "register": register, "number": number, "slug": number, "natural_key": number, "status": "valid",
        "status_since": dt.date(2026, 1, 1), "version": 1, "entry_id": 1, "document_hash": "",
    }  # fmt: skip
    connection.execute(insert(Record), [row])


def test_numbers_follow_one_another_in_each_year(connection: Connection) -> None:
    first = assigned(connection, document("a"), document("b", "2025"), document("c", "2026-12-31"))
    assert first == {"a": number_of(2026, 1), "b": number_of(2025, 1), "c": number_of(2026, 2)}
    assert assigned(connection, document("d"), document("e", "2025-01-01")) == {
        "d": number_of(2026, 3),
        "e": number_of(2025, 2),
    }


def test_a_stated_number_is_taken_and_not_issued_again(connection: Connection) -> None:
    stated = number_of(2026, 7)
    made = numbering.assign_numbers(
        connection, DEFINITION, [document("a", number=stated), document("b"), document("c", number=number_of(2026, 4))]
    )  # fmt: skip
    assert made["a"] == numbering.AssignedNumber(stated)
    assert made["c"] == numbering.AssignedNumber(number_of(2026, 4))
    assert made["b"].number == number_of(2026, 8)  # above the highest, wherever it stands
    assert made["b"].warnings == ()
    assert assigned(connection, document("d")) == {"d": number_of(2026, 9)}


def test_a_stated_number_raises_the_counter_of_its_own_year(connection: Connection) -> None:
    assert assigned(connection, document("a", "2026", number_of(2024, 3))) == {"a": number_of(2024, 3)}
    assert assigned(connection, document("b", "2024"), document("c", "2026")) == {
        "b": number_of(2024, 4),
        "c": number_of(2026, 1),
    }


def test_years_with_stated_numbers_alone_stand_between_others(connection: Connection) -> None:
    made = assigned(
        connection, document("a", "2026"), document("b", "2026", number_of(2025, 9)), document("c", "2024")
    )
    assert made == {"a": number_of(2026, 1), "b": number_of(2025, 9), "c": number_of(2024, 1)}


def test_a_number_that_another_record_has_is_not_given_twice(connection: Connection) -> None:
    add_record(connection, number_of(2026, 1))
    made = numbering.assign_numbers(
        connection,
        DEFINITION,
        [document("a", number=number_of(2026, 1)), document("b", number=number_of(2026, 5)),
         document("c", number=number_of(2026, 5))],
    )  # fmt: skip
    assert made["b"].number == number_of(2026, 5)
    assert [made[key].number for key in ("a", "c")] == [number_of(2026, 6), number_of(2026, 7)]
    assert [made[key].warnings for key in ("a", "c")] == [
        (numbering.number_not_kept(number_of(2026, 1)),),
        (numbering.number_not_kept(number_of(2026, 5)),),
    ]


def test_the_number_of_another_register_is_free(connection: Connection) -> None:
    add_record(connection, number_of(2026, 1), register="others")
    assert assigned(connection, document("a", number=number_of(2026, 1))) == {"a": number_of(2026, 1)}


@pytest.mark.parametrize("day", ["", "soon", None])
def test_without_a_year_it_is_that_of_today_in_shanghai(connection: Connection, day: Any) -> None:
    with clock.frozen_at(dt.datetime(2026, 12, 31, 16, tzinfo=dt.UTC)):
        assert assigned(connection, document("a", day)) == {"a": number_of(2027, 1)}


def test_a_number_may_be_that_of_the_document(connection: Connection) -> None:
    derived: Any = SimpleNamespace(slug="things", numbering=Numbering(derive=lambda values: values["day"]))
    made = numbering.assign_numbers(connection, derived, [document("a", "GB 1")])
    assert made == {"a": numbering.AssignedNumber("GB 1")}


def test_what_is_said_of_numbers() -> None:
    issues = [
        numbering.number_not_kept("A"), numbering.number_differs("A", "B"), numbering.number_names_another("A", "B"),
    ]  # fmt: skip
    assert [(each.code, each.field, each.params, each.severity, each.of_source) for each in issues] == [
        ("number_not_kept", "number", {"value": "A"}, "warns", True),
        ("number_differs", "number", {"value": "A", "number": "B"}, "warns", True),
        ("number_names_another", "number", {"number": "A", "other": "B"}, "blocks", False),
    ]
