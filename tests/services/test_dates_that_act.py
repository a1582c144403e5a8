"""Every date that can pass, in every register: the day before, the day, the day after, a year after, and a wrong clock.

A date either changes the status or leaves it and marks the record. A clock that is wrong does neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.kit.life_cycle import DateChange, LifeCycle
from registry.reference.text import sparse_dates
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import daily_work, due_changes, relay
from registry.services.records import reading
from registry.services.records.views import RecordView
from tests.services import samples

DAY = dt.timedelta(days=1)
LAST_DAY = "2026-03-31"


class Change(NamedTuple):
    """A date that changes a status: what it is, and the first day of the new one."""

    register: str
    status: str
    after: str
    field: str
    first_day: dt.date


def values_of(change: DateChange) -> dict[str, str]:
    return {change.field: LAST_DAY} | ({change.only_if_given: "x"} if change.only_if_given else {})


def changes() -> list[Change]:
    found = []
    for slug, definition in catalogue().items():
        for change in definition.life_cycle.date_changes:
            first_day = change.effective_on(values_of(change))
            assert first_day is not None
            found += [Change(slug, before, change.after, change.field, first_day) for before in change.before]
    return found


def life_cycle(slug: str) -> LifeCycle:
    return catalogue()[slug].life_cycle


@pytest.mark.parametrize("each", changes(), ids=lambda each: f"{each.register}-{each.status}-{each.after}")
def test_a_date_changes_the_status_on_its_day_and_for_good(each: Change) -> None:
    cycle = life_cycle(each.register)
    change = next(
        change
        for change in cycle.date_changes
        if (change.after, change.field) == (each.after, each.field) and each.status in change.before
    )
    values = values_of(change)
    days = (each.first_day - DAY, each.first_day, each.first_day + DAY, each.first_day + 365 * DAY)
    expected = (each.status, each.after, each.after, each.after)
    assert tuple(cycle.status_on(each.status, values, day) for day in days) == expected
    since = cycle.status_and_since_on(each.status, values, days[-1])[1]
    assert since == each.first_day


# What makes each deadline end on `LAST_DAY`. A register with a new deadline adds its line.
DEADLINES: dict[tuple[str, str], Mapping[str, Any]] = {
    ("brands", "objections_over"): {"objections_until": LAST_DAY},
    ("brands", "rectification_overdue"): {"rectify_until": LAST_DAY},
    ("brands", "condition_overdue"): {
        "review": [{"year": 2025, "result": "conditional", "deadline": LAST_DAY}]
    },
    ("brands", "review_overdue"): {
        "scheme": "national",
        "review": [{"year": 2024, "result": "pass"}],
    },
    ("brands", "title_validity_over"): {"scheme": "provincial:370000", "recognised_on": "2021-03-31"},
    ("brands", "holder_time_over"): {"holder_to": LAST_DAY},
    ("brands", "trademarks_over"): {
        "trademarks": [{"number": "1", "valid_to": LAST_DAY}, {"number": "2", "valid_to": "2020"}]
    },
    ("green-products", "suspension_over"): {"suspended_until": LAST_DAY},
    ("grades", "objections_over"): {"objections_until": LAST_DAY},
    ("declarations", "correction_overdue"): {"correct_until": LAST_DAY},
}
ENDS_OTHERWISE = {("brands", "review_overdue"): dt.date(2027, 12, 31)}


@pytest.mark.parametrize(
    ("slug", "code"),
    [(slug, each.code) for slug in catalogue() for each in life_cycle(slug).deadlines],
    ids=str,
)
def test_a_deadline_marks_the_record_from_the_day_after(slug: str, code: str) -> None:
    if (slug, code) not in DEADLINES:
        pytest.fail(f"say in DEADLINES what makes {code} of {slug} end on {LAST_DAY}")
    values = DEADLINES[slug, code]
    last = ENDS_OTHERWISE.get((slug, code), sparse_dates.last_day(LAST_DAY))
    deadline = next(each for each in life_cycle(slug).deadlines if each.code == code)
    assert deadline.due(values) == last
    for state in deadline.states:
        marks = [
            code in {each.deadline.code for each in life_cycle(slug).overdue(state, values, day)}
            for day in (last - DAY, last, last + DAY, last + 365 * DAY)
        ]
        assert marks == [False, False, True, True]
    assert not any(
        each.deadline.code == code for each in life_cycle(slug).overdue("none", values, last + DAY)
    )


BRAND = {
    "scheme": "provincial:330000",
    "brand_name_zh": "青屿坊",
    "holder_name_zh": "杭州青屿家具有限公司（演示）",
    "holder_uscc": "91330100MAWY010175",
    "region_code": "330100",
    "founded_year": "1903",
    "category": "工艺美术",
    "products": "红木家具",
    "decided_on": "2026-01-05",
    "legal_basis": "演商字〔2026〕1号",
    "status_reason": "演示",
    "recognised_on": "2015-06-01",
    "rectify_until": LAST_DAY,
    "status": "rectifying",
    "demo": "true",
}


def at_one(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0, 1), clock.SHANGHAI)


def shown(registry: Registry, lang: str = "en") -> RecordView:
    pointer = reading.locate_record(registry, ANONYMOUS, "brands", samples.number_of(registry, "brands"))
    return reading.get_record(registry, ANONYMOUS, pointer, lang)


@pytest.fixture
def under_rectification(registry: Registry, tmp_path: Path) -> Registry:
    sheet = samples.write_sheet(tmp_path / "brands.csv", "brands", [BRAND])
    with clock.frozen_at(at_one(dt.date(2026, 1, 10))):
        assert import_files(registry, REGISTRAR, "brands", [sheet]).created == 1
        relay.run_relay_once(registry)
    return registry


def test_the_page_of_an_overdue_record_says_so_from_the_day_after(under_rectification: Registry) -> None:
    due = dt.date(2026, 3, 31)
    pages = []
    for day in (due - DAY, due, due + DAY, due + 365 * DAY):
        with clock.frozen_at(at_one(day)):
            pages.append(shown(under_rectification))
    assert [page.status.code for page in pages] == ["rectifying"] * 4
    assert [[mark.code for mark in page.badges] for page in pages] == [
        [], [], ["rectification_overdue"], ["rectification_overdue"]
    ]  # fmt: skip
    assert "has to put things right by" in pages[1].plate.sentence
    assert "had to put things right by" in pages[2].plate.sentence
    assert pages[2].plate.params["day"] == "31 March 2026"


def test_a_status_is_dated_by_its_decision(under_rectification: Registry) -> None:
    with clock.frozen_at(at_one(dt.date(2026, 2, 1))):
        facts = {fact.label: fact.text for fact in shown(under_rectification).plate.facts}
    assert facts["Since"] == "5 January 2026"
    assert "Shown here since" not in facts


def test_the_daily_run_indexes_what_became_overdue_without_an_entry(under_rectification: Registry) -> None:
    registry, due = under_rectification, dt.date(2026, 3, 31)
    with clock.frozen_at(at_one(due)):
        assert due_changes.apply_due_changes(registry) == 0
        before = shown(registry).version
        assert relay.deliver_to_index(registry) == 0
    with clock.frozen_at(at_one(due + DAY)):
        assert due_changes.apply_due_changes(registry) == 0
        assert relay.deliver_to_index(registry) == 1
        assert due_changes.apply_due_changes(registry) == 0
        assert relay.deliver_to_index(registry) == 0
        assert shown(registry).version == before


def test_a_wrong_clock_marks_nothing_for_good(under_rectification: Registry) -> None:
    registry = under_rectification
    with clock.frozen_at(at_one(dt.date(2027, 3, 31))):
        relay.run_relay_once(registry)
        assert daily_work.daily_work_state(registry).refused == "days_without_work"
    with clock.frozen_at(at_one(dt.date(2026, 1, 11))):
        relay.run_relay_once(registry)
        assert daily_work.daily_work_state(registry).refused == ""
        assert shown(registry).badges == ()
