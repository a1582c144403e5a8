"""What a sender can make long costs no more than its length: operations are counted, so that no clock decides."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from registry.kit import comparison, limits
from registry.kit import fields as f
from registry.kit.indicator_names import IndicatorIndex
from registry.kit.issues import MAX_ISSUES, Issue, first_issues
from registry.kit.kinds import (
    MAX_ITEMS,
    MAX_ROWS,
    MAX_TEXT,
    FieldInfo,
    Many,
    RegisterField,
    Rows,
)
from registry.kit.list_cells import join_cell, split_cell
from registry.registers import catalogue
from registry.services.exchange.stated_cells import merge_table
from registry.services.products.indicator_rows import indicator_rows
from registry.services.records.past.versions import document_differences

SMALL, LARGE = 1_000, 8_000
# n log n makes eight times the length 10.4 times the work, what the shorter one finds kept some more; a square makes it 64 times.
MOST_GROWTH = 20


def fields_of_each_kind() -> list[tuple[str, RegisterField]]:
    """One field of each type and kind that a register has, by a name for the test."""
    found: dict[str, RegisterField] = {}
    for definition in catalogue().values():
        for name, field in definition.schema.register_fields().items():
            inner = type(field.inner).__name__ if isinstance(field, Many) else ""
            found.setdefault(f"{type(field).__name__}-{field.kind}-{inner} ({definition.slug}.{name})", field)
    by_kind: dict[str, tuple[str, RegisterField]] = {}
    for word, field in found.items():
        by_kind.setdefault(word.partition(" ")[0], (word, field))
    return list(by_kind.values())


KINDS = fields_of_each_kind()
LISTS = [(word, field) for word, field in KINDS if isinstance(field, Many | Rows)]


def long_value(field: RegisterField, length: int) -> Any:
    """A value of so many items, rows or characters."""
    if isinstance(field, Many):
        return [f"item {number}" for number in range(length)]
    if isinstance(field, Rows):
        return [dict.fromkeys(field.columns, f"cell {number}") for number in range(length)]
    if field.kind == "map":
        return {f"name_{number}": "official" for number in range(length)}
    return "QY-350 甲" * (length // 8)


def operations(work: Callable[[], object]) -> int:
    """How many functions are called, Python's own included."""
    count = 0

    def counter(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        del frame, argument
        count += event in ("call", "c_call")

    sys.setprofile(counter)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def read(field: RegisterField, value: Any) -> Callable[[], object]:
    """Read a value without its maximum, and say what is doubtful about it."""

    def work() -> None:
        try:
            taken = field.deserialize(value, "field", {"field": value})
        except Exception:  # noqa: BLE001 - what is refused has been read all the same
            return
        list(field.soft_issues(taken))

    return work


@pytest.fixture
def no_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (Many, Rows, RegisterField):
        monkeypatch.setattr(kind, "size_issue", lambda self, given: None)


@pytest.mark.parametrize(("word", "field"), KINDS, ids=[word for word, _field in KINDS])
def test_reading_a_field_grows_no_faster_than_its_length(
    word: str, field: RegisterField, no_maximum: None
) -> None:
    read(field, long_value(field, 8))()  # what is made once is made
    small, large = (operations(read(field, long_value(field, length))) for length in (SMALL, LARGE))
    assert large <= MOST_GROWTH * small + 100, word


class CountedItem:
    """An item that counts how often it is compared."""

    compared = 0

    def __init__(self, number: int) -> None:
        self._number = number

    def __hash__(self) -> int:
        return hash(self._number)

    def __eq__(self, other: object) -> bool:
        CountedItem.compared += 1
        return isinstance(other, CountedItem) and other._number == self._number


class CountedField(RegisterField):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return CountedItem(int(value))


def test_items_of_a_list_are_not_compared_with_each_other() -> None:
    many = Many(FieldInfo("List"), CountedField(FieldInfo("Item")), max_items=2 * LARGE)
    given = [str(number) for number in range(LARGE)] * 2
    CountedItem.compared = 0
    taken = many.deserialize(given, "field", {})
    assert len(taken) == LARGE
    assert CountedItem.compared <= 4 * LARGE  # once for the second time, and with each sign of an empty one


def test_a_long_run_of_backslashes_is_one_item() -> None:
    text = "\\" * MAX_TEXT
    assert split_cell(text) == [text]
    assert split_cell(join_cell([text, "a|b"])) == [text, "a|b"]


@pytest.mark.parametrize(("word", "field"), LISTS, ids=[word for word, _field in LISTS])
def test_every_list_and_table_has_a_maximum(word: str, field: RegisterField) -> None:
    at_most = field.max_items if isinstance(field, Many) else field.max_rows  # type: ignore[attr-defined]
    assert at_most <= max(MAX_ITEMS, MAX_ROWS)
    assert field.size_issue(long_value(field, at_most)) is None
    too_many = field.size_issue(long_value(field, at_most + 1))
    assert too_many == Issue("too_many_items", params={"count": at_most + 1, "at_most": at_most})


def test_a_list_in_a_cell_has_the_same_maximum() -> None:
    many = f.many(f.text("Models", max_length=100))
    full = [f"a|b {number}" for number in range(MAX_ITEMS)]  # separators inside of items are none
    assert many.size_issue(join_cell(full)) is None
    assert many.size_issue(join_cell([*full, "one more"])) is not None


def test_every_text_has_a_maximum() -> None:
    for word, field in KINDS:
        assert field.size_issue("x" * (MAX_TEXT + 1)) is not None, word


def test_nothing_is_made_of_what_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types are told by size first: a list of a million items is counted, not read."""
    read_items = []
    schema = catalogue()["declarations"].schema
    field = schema.register_fields()["models"]
    assert isinstance(field, Many)
    monkeypatch.setattr(type(field.inner), "_deserialize", lambda *given, **more: read_items.append(given))
    loaded = schema.load_values({"models": ["x"] * 1_000_000}, complete=False)
    assert [issue.code for issue in loaded.issues] == ["too_many_items"]
    assert loaded.refused_fields == {"models"}
    assert not read_items


def rows_of(count: int) -> list[dict[str, Any]]:
    return [
        {"name_zh": f"指标{number}", "operator": "<=", "value": 1.5, "unit": "mg/L", "other_value": "2"}
        for number in range(count)
    ]


def limits_for(count: int) -> list[limits.Limit]:
    return [limits.Limit("GB 1-2020", {**row, "value": 2}, mandatory=True) for row in rows_of(count)]


def indicator_table() -> Rows:
    table = catalogue()["declarations"].schema.register_fields()["indicators"]
    assert isinstance(table, Rows)
    return table


WORKS: dict[str, Callable[[int], object]] = {
    "compared with other standards": lambda n: list(comparison.compare(rows_of(n), rows_of(n))),
    "held against limits": lambda n: list(limits.compare_with_limits(rows_of(n), limits_for(n))),
    "found by indicator": lambda n: [*map(IndicatorIndex(rows_of(n)).places, rows_of(n))],
    "merged into a table": lambda n: merge_table(
        rows_of(n), {n + place: row for place, row in enumerate(rows_of(n), start=1)}
    ),
    "side by side": lambda n: indicator_rows(indicator_table(), [rows_of(n), rows_of(n)], "en"),
    "issues of an answer": lambda n: first_issues(Issue("required", str(number)) for number in range(n)),
}


@pytest.mark.parametrize("word", WORKS)
def test_work_over_tables_grows_no_faster_than_they_do(word: str) -> None:
    WORKS[word](8)
    small, large = (operations(lambda length=length: WORKS[word](length)) for length in (SMALL, LARGE))
    assert large <= MOST_GROWTH * small, word


def test_tables_of_two_versions_are_compared_row_by_row() -> None:
    definition = catalogue()["declarations"]

    def work(count: int) -> None:
        before, after = rows_of(count), rows_of(count)
        after[-1]["value"] = 3
        document_differences(definition, {"indicators": before}, {"indicators": after}, "en")

    work(8)
    small, large = (operations(lambda length=length: work(length)) for length in (SMALL, LARGE))
    assert large <= MOST_GROWTH * small


def test_a_thousand_issues_hide_no_other_one() -> None:
    found = [Issue("required", "indicators", {"row": row}) for row in range(1000)]
    told = first_issues([*found, Issue("too_long", "spec"), Issue("required", "category")])
    assert len(told) == MAX_ISSUES
    assert told[-1].code == "more_issues"
    assert {("too_long", "spec"), ("required", "category")} < {(each.code, each.field) for each in told}
    assert first_issues(found[:MAX_ISSUES]) == tuple(found[:MAX_ISSUES])
