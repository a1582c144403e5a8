"""What is due by the dates of a record, at the boundaries of days; and how registers say so."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from registry.kit.life_cycle import DueDate
from registry.kit.watch_lists import (
    ENDS,
    OTHER,
    STANDARD,
    SURVEILLANCE,
    WATCH_LISTS,
    Due,
    LinkedDueDate,
    earliest,
    own_dues,
    threshold_of,
)
from registry.registers import catalogue

TODAY = dt.date(2026, 11, 30)
DAY = dt.timedelta(days=1)
CERTIFICATES = catalogue()["green-products"]
EDITION = LinkedDueDate(
    code="old_edition",
    watch=STANDARD,
    states=("valid",),
    zh="旧版",
    en="Old edition",
    relation="based_on",
    when=("superseded",),
    field="transition_until",
    or_given=("transition_until",),
)


@pytest.mark.parametrize(
    ("days", "threshold"),
    [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, 0), (-400, 0)],
)
def test_a_day_reaches_its_thresholds(days: int, threshold: int | None) -> None:
    assert threshold_of(TODAY + days * DAY, TODAY) == threshold


def test_what_has_no_day_is_due() -> None:
    assert threshold_of(None, TODAY) == 0


def test_the_last_day_of_a_validity_is_the_one_before_the_change() -> None:
    dues = list(own_dues(CERTIFICATES.life_cycle, (), "valid", {"valid_to": "2026-12-31"}))
    assert dues == [Due(ENDS, "expired", dt.date(2026, 12, 31))]
    assert list(own_dues(CERTIFICATES.life_cycle, (), "revoked", {"valid_to": "2026-12-31"})) == []


def test_a_due_date_is_read_from_a_field_of_its_states() -> None:
    visit = DueDate(code="visit", watch=OTHER, states=("valid",), zh="走访", en="Visit", field="visit_by")
    values = {"visit_by": "2026-12"}  # the last day that it may mean
    assert list(own_dues(CERTIFICATES.life_cycle, (visit,), "valid", values)) == [
        Due(OTHER, "visit", dt.date(2026, 12, 31))
    ]
    assert list(own_dues(CERTIFICATES.life_cycle, (visit,), "cancelled", values)) == []


def test_of_each_list_the_first_day_counts_and_none_before_all() -> None:
    late, soon, none = (
        Due(OTHER, code, day) for code, day in (("a", TODAY + DAY), ("b", TODAY), ("c", None))
    )
    assert earliest(iter((late, soon))) == {OTHER: soon}
    assert earliest(iter((late, none, soon))) == {OTHER: none}
    tied = Due(OTHER, "z", TODAY)
    assert earliest(iter((soon, tied))) == {OTHER: soon}  # the first that was declared


@pytest.mark.parametrize(
    ("status", "values", "concerned", "due"),
    [
        ("superseded", {"transition_until": "2026-12-31"}, True, dt.date(2026, 12, 31)),
        ("superseded", {}, True, None),
        ("in_force", {"transition_until": "2027-06"}, True, dt.date(2027, 6, 30)),
        ("in_force", {}, False, None),
    ],
)
def test_a_linked_record_makes_something_due(
    status: str, values: dict[str, str], concerned: bool, due: dt.date | None
) -> None:
    assert (EDITION.concerns(status, values), EDITION.due(values)) == (concerned, due)


def test_days_beyond_the_calendar_are_none() -> None:
    later = replace(EDITION, days=30)
    assert later.due({"transition_until": "2026-12-01"}) == dt.date(2026, 12, 31)
    assert later.due({"transition_until": "9999-12-20"}) is None


def test_a_definition_says_what_its_due_dates_lack() -> None:
    wrong = DueDate(
        code="visit", watch="none", states=("gone",), zh="", en="", field="visit_by", resolved_by=("flown",)
    )
    broken = replace(
        CERTIFICATES, due_dates=(wrong,), linked_due_dates=(replace(EDITION, relation="nowhere"),)
    )
    problems = "\n".join(broken.contradictions())
    for part in (
        "no field visit_by",
        "no watch list none",
        "no state gone",
        "no transition flown",
        "no link nowhere",
    ):
        assert part in problems


def test_every_register_puts_its_deadlines_on_a_list_of_their_kind() -> None:
    of_kind = {
        each.code: each.watch
        for definition in catalogue().values()
        for each in definition.life_cycle.deadlines
    }
    assert OTHER not in of_kind.values()
    assert set(of_kind.values()) <= set(WATCH_LISTS)


@pytest.mark.parametrize(
    ("rows", "due"),
    [
        ([], None),
        ([{"due_on": "2026-11-30"}], TODAY),
        ([{"due_on": "2025-11-30"}, {"due_on": "2026-11-30"}], dt.date(2025, 11, 30)),
        ([{"due_on": "2026-01-31", "done_on": "2026-01-20", "result": "pass"}, {"due_on": "2027-01-31"}],
         dt.date(2027, 1, 31)),
        # what was to be done before the last one that was done is no longer due; the next one follows by the interval of the scheme
        ([{"due_on": "2025-01-31"}, {"due_on": "2026-01-31", "done_on": "2026-01-20"}], dt.date(2027, 1, 20)),
        ([{"due_on": "2027", "result": "pending"}], dt.date(2027, 12, 31)),
    ],
)  # fmt: skip
def test_the_next_surveillance(rows: list[dict[str, str]], due: dt.date | None) -> None:
    dues = own_dues(CERTIFICATES.life_cycle, CERTIFICATES.due_dates, "valid", {"surveillance": rows})
    assert [each.day for each in dues if each.watch == SURVEILLANCE] == ([due] if due else [])
