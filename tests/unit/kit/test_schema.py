"""Reading all fields of a record: each for itself, what is refused, and what a record has already."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit import fields as f
from registry.kit.cells import FormattedCell
from registry.kit.issues import Issue
from registry.kit.schema import LoadResult, RecordSchema
from tests.unit.kit.issue_assertions import codes_of

RESIDENT = "330106198001011235"  # of figures alone


class Thing(RecordSchema):
    """Fields of several kinds; two of them are required."""

    name = f.text("Name", required=True, max_length=30)
    code = f.text("Code", search="code")
    uscc = f.credit_code("Credit code")
    made_on = f.day("Day")
    size = f.number("Size")
    words = f.many(f.text("Word"))
    rows = f.rows("Rows", columns={"made_on": f.day("Day"), "name": f.text("Name", max_length=3)})
    last = f.text("Last", required=True)


def load(*, complete: bool = False, **raw: Any) -> LoadResult:
    return Thing.load_values(raw, complete=complete)


def told(loaded: LoadResult) -> list[tuple[str, str, str]]:
    codes_of(loaded.issues)
    return [(issue.field, issue.code, issue.severity) for issue in loaded.issues]


def test_each_field_is_read_whatever_the_one_before_it_holds() -> None:
    for first in ("", None, "x" * 100_001, RESIDENT, ["a"], "\u200b", "ok"):
        assert load(name=first, last="b").values["last"] == "b"


@pytest.mark.parametrize("empty", ["", None, [], "\u200b"])
def test_a_complete_record_has_its_required_fields(empty: Any) -> None:
    required = [("name", "required", "blocks"), ("last", "required", "blocks")]
    assert told(load(complete=True, name=empty, code=empty, last=empty)) == required
    assert told(load(name=empty, code=empty, last=empty)) == []
    assert told(load(complete=True, name="a", last="b")) == []


@pytest.mark.parametrize(
    "given",
    [
        {"name": RESIDENT}, {"name": f"of {RESIDENT}."}, {"size": int(RESIDENT)}, {"words": ["a", RESIDENT]},
        {"rows": [{"name": RESIDENT}]}, {"uscc": RESIDENT},
    ],
)  # fmt: skip
def test_the_number_of_a_person_is_refused_in_every_kind_of_field(given: dict[str, Any]) -> None:
    (name,) = given
    loaded = load(**given)
    assert [(issue.field, issue.code) for issue in loaded.issues] == [(name, "personal_number")]
    assert (loaded.values, loaded.refused_fields) == ({}, {name})
    assert RESIDENT not in str(loaded.issues)


def test_other_long_numbers_are_read() -> None:
    assert load(code="330106198001011234", size=10**17).values == {"code": "330106198001011234", "size": 1e17}


def test_a_cell_of_a_workbook_is_read_by_what_its_field_takes_of_it() -> None:
    loaded = load(code=FormattedCell(12, "0012", "number_in_text"), size=FormattedCell(1.5, "2"))
    assert loaded.values == {"code": "0012", "size": 1.5}
    assert told(loaded) == [("code", "number_in_text", "doubts")]
    assert all(issue.of_source for issue in loaded.issues)
    dated = load(name=dt.date(2026, 3, 2))
    assert dated.values == {"name": "2026-03-02"}
    assert told(dated) == [("name", "date_in_text", "doubts")]
    assert told(load(code="0012", name="2026-03-02")) == []


def test_a_date_that_cannot_be_read_leaves_an_optional_field_empty() -> None:
    loaded = load(made_on="soon", name="a")
    assert told(loaded) == [("made_on", "date_shape", "doubts")]
    assert (loaded.values, loaded.refused_fields) == ({"name": "a"}, {"made_on"})


def test_rows_with_such_a_date_are_kept_without_it() -> None:
    loaded = load(rows=[{"made_on": "soon", "name": "abcd"}, {"name": "b"}])
    assert loaded.values == {"rows": [{"name": "abcd"}, {"name": "b"}]}
    assert told(loaded) == [("rows", "date_shape", "doubts"), ("rows", "too_long", "blocks")]
    assert loaded.unreadable_cells == {("rows", 1, "made_on"), ("rows", 1, "name")}
    nothing = load(rows=[{"made_on": "soon"}])
    assert (nothing.values, nothing.partial_tables) == ({}, {"rows": [{}]})


def test_fields_that_a_register_does_not_have() -> None:
    loaded = load(colour="red", shape="", other=None)
    assert [(issue.code, issue.field) for issue in loaded.issues] == [("unknown_field", "colour")]


def test_what_is_too_large_is_told_before_it_is_read() -> None:
    large = "x" * 100_001
    assert [(issue.field, issue.code) for issue in Thing.size_issues({"name": large, "colour": large, "last": "a"})] == [
        ("name", "too_long")
    ]  # fmt: skip
    loaded = load(name=large)
    assert (told(loaded), loaded.refused_fields) == ([("name", "too_long", "blocks")], {"name"})


def test_what_a_row_lacks_its_record_says() -> None:
    loaded = load(complete=True, name="new", made_on="soon")
    kept = {"name": "old", "last": "b ???", "made_on": "2026-01-01", "colour": "red"}
    completed = Thing.complete_with(loaded, kept)
    assert completed.values == {"name": "new", "made_on": "2026-01-01", "last": "b ???"}
    assert list(completed.values) == ["name", "made_on", "last"]  # in the order of the fields
    assert completed.refused_fields == frozenset()
    # What stands in the register already does not refuse the row.
    assert told(completed) == [("made_on", "date_shape", "doubts"), ("last", "text_damaged", "doubts")]
    assert Thing.complete_with(loaded, {"colour": "red", "name": "old"}) is loaded


def test_what_neither_says_is_still_missing() -> None:
    completed = Thing.complete_with(load(complete=True), {"name": "a"})
    assert list(completed.issues) == [Issue("required", "last")]
