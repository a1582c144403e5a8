"""Sentences and marks of declarations on the days around their dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.cautions import LinkedFacts, Subject, find_cautions
from registry.kit.display import Words
from registry.registers.declarations import REGISTER
from registry.registers.declarations.codes import UPDATE_PERIOD
from registry.registers.declarations.letters import LETTERS, STANDARD_ENDED_LETTER

TODAY = dt.date(2026, 11, 29)
ORDER = {"decided_on": "2026-11-01", "correct_until": "2026-12-31"}


def says(status: str, values: dict[str, Any], day: dt.date = TODAY) -> str:
    return REGISTER.life_cycle.state(status).sentence(values, day).message


def marks(status: str, values: dict[str, Any], day: dt.date, *linked: LinkedFacts) -> list[str]:
    standing = REGISTER.life_cycle.state(status).standing
    return [
        each.code for each in find_cautions(REGISTER.cautions, Subject(values, status, day, linked), standing)
    ]


@pytest.mark.parametrize(
    ("status", "values", "words"),
    [
        (
            "active",
            {"declared_on": "2024-03-21"},
            "Declared by the enterprise on %(declared)s. Not withdrawn. Not checked",
        ),
        ("active", {}, "the source does not say when"),
        ("active", {"declared_on": "2024-03-21", "checked_on": "2026-06-01"}, "found no problem"),
        ("active", {"declared_on": "2024-03-21", **ORDER}, "corrected on the order"),
        ("scheduled", {"declared_on": "2026-03-21", "effective_from": "2027-01-01"}, "to be used from"),
        ("scheduled", {"declared_on": "2026-03-21"}, "not in use yet"),
        ("correction_ordered", {}, "No correction has been submitted"),
        ("correction_ordered", ORDER, "by %(deadline)s. No correction"),
        (
            "correction_ordered",
            {**ORDER, "correction_submitted_on": "2026-11-01"},
            "has not confirmed it yet",
        ),
        ("correction_ordered", {**ORDER, "correction_submitted_on": "2026-10-31"}, "No correction has been"),
        ("withdrawn", {"withdrawn_on": "2026-02-28", "effective_from": "2026-03-01"}, "never in use"),
        ("withdrawn", {"withdrawn_on": "2026-03-01", "effective_from": "2026-03-01"}, "Products sold before"),
        ("withdrawn", {"withdrawn_on": "2026", "effective_from": "2026-03-01"}, "Products sold before"),
        ("withdrawn", {}, "Shown since"),
        ("number_revoked", {"decided_on": "2026-02-28"}, "on %(decided)s"),
        ("abolished", {}, "Shown since"),
    ],
)
def test_the_sentence_follows_from_the_facts(status: str, values: dict[str, Any], words: str) -> None:
    assert words in says(status, values)


def test_no_declaration_reads_as_an_approval() -> None:
    for state in REGISTER.life_cycle.public_states():
        assert state.badge != "live"
    assert "declares" not in says("active", {"declared_on": "2024-03-21"})


@pytest.mark.parametrize(
    ("day", "overdue"),
    [
        (dt.date(2026, 12, 30), False),
        (dt.date(2026, 12, 31), False),
        (dt.date(2027, 1, 1), True),
        (dt.date(2027, 12, 31), True),
    ],
)
def test_an_order_is_overdue_from_the_day_after(day: dt.date, *, overdue: bool) -> None:
    assert ("correction_overdue" in marks("correction_ordered", ORDER, day)) is overdue
    assert ("That day has passed" in says("correction_ordered", ORDER, day)) is overdue
    answered = {**ORDER, "correction_submitted_on": "2026-12-31"}
    assert marks("correction_ordered", answered, day) == ["correction_submitted"]
    assert marks("active", answered, day) == []


@pytest.mark.parametrize(("days", "overdue"), [(-1, False), (0, False), (1, True), (365, True)])
def test_a_declaration_follows_the_end_of_its_standard_within_the_period(days: int, *, overdue: bool) -> None:
    ended = dt.date(2026, 6, 1)
    standard = LinkedFacts(
        relation="declares_to",
        register="standards",
        key="GB/T 1-2017",
        number="GB/T 1-2017",
        status="withdrawn",
        standing="ended",
        title=Words("", ""),
        values={"withdrawn_on": ended.isoformat()},
    )
    day = ended + UPDATE_PERIOD + dt.timedelta(days=days)
    assert (marks("standard_ended", {}, day, standard) == ["update_overdue"]) is overdue
    assert marks("standard_ended", {}, day, standard._replace(values={})) == []
    assert any(f"{UPDATE_PERIOD.days} days" in text for text in LETTERS[STANDARD_ENDED_LETTER].paragraphs)
