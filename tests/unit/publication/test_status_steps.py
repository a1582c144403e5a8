"""The status of a record's next version, on a small life cycle: role, day, time limit, links, and stated grounds."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from registry import clock
from registry.kit.issues import Issue
from registry.kit.life_cycle import DateChange, LifeCycle, LinkedChange, Refinement, State, Transition
from registry.services.publication.transitions import (
    AMENDED,
    NextStatus,
    RecordState,
    first_status,
    missing_grounds,
    next_status,
)

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=clock.SHANGHAI)
HOUR, MOMENT = dt.timedelta(hours=1), dt.timedelta(microseconds=1)


def state(code: str, standing: Any = "in_force") -> State:
    return State(code=code, zh=code, en=code, standing=standing, badge="live", explanation="x")


def move(name: str, before: str, after: str, *roles: str, **more: Any) -> Transition:
    return Transition(name=name, before=before, after=after, zh=name, en=name, roles=roles, **more)


DEFINITION: Any = SimpleNamespace(
    life_cycle=LifeCycle(
        states=(
            state("draft", "unpublished"), state("valid"), state("lower"), state("expired", "ended"),
            state("withdrawn", "ended"), state("replaced", "ended"), state("upcoming", "pending"),
        ),
        transitions=(
            move("begin", "", "valid", "registrar"),
            move("file", "draft", "valid", "enterprise"),
            move("announce", "", "upcoming", "body"),
            move("restore", "expired", "valid", "registrar"),
            move("expire", "valid", "expired", "system"),
            move("expire_lower", "lower", "expired", "system"),
            move("withdraw", "valid", "withdrawn", "enterprise", within_hours=24),
            move("withdraw_late", "valid", "withdrawn", "registrar"),
            move("replace", "valid", "replaced", "system"),
            move("return", "replaced", "valid", "registrar"),
        ),
        default_status="valid",
        date_changes=(
            DateChange(transition="expire", before=("valid", "lower"), after="expired", field="to"),
            DateChange(transition="expire", before=("valid",), after="expired", field="ended_on", on_the_day=True),
        ),
        linked_changes=(
            LinkedChange(transition="replace", before=("valid",), after="replaced", relation="of", when=("valid",)),
        ),
        refinements=(Refinement(status="valid", field="graded_down", means="lower"),),
    )
)  # fmt: skip


def step(current: str, stated: str, values: dict[str, Any] | None = None, **more: Any) -> NextStatus | Issue:
    role = more.pop("role", "registrar")
    return next_status(DEFINITION, values or {}, stated, RecordState(current, **more), role=role, moment=NOON)


def test_the_same_status_or_none_is_an_amendment() -> None:
    assert step("valid", "") == NextStatus("valid", AMENDED)
    assert step("valid", "valid") == NextStatus("valid", AMENDED)
    # What the stated status means for this document is what the record has.
    assert step("lower", "valid", {"graded_down": "A"}) == NextStatus("lower", AMENDED)
    assert isinstance(step("lower", "valid"), Issue)


def test_a_transition_leads_to_what_the_status_means() -> None:
    assert step("expired", "valid") == NextStatus("valid", "restore")
    assert step("expired", "valid", {"graded_down": "A"}) == NextStatus("lower", "restore")


@pytest.mark.parametrize(("to", "undone"), [("2026-05-03", False), ("2026-05-04", True)])
def test_what_a_date_has_brought_about_is_not_undone(to: str, undone: bool) -> None:
    """The last day of 4 May has not passed at noon of it."""
    expected = NextStatus("valid", "restore") if undone else NextStatus("expired", AMENDED)
    assert step("expired", "valid", {"to": to}) == expected


def test_the_day_is_that_of_shanghai() -> None:
    late = dt.datetime(2026, 5, 3, 16, tzinfo=dt.UTC)  # midnight there
    for moment, status in ((late - MOMENT, "valid"), (late, "expired")):
        done = next_status(
            DEFINITION, {"to": "2026-05-03"}, "valid", RecordState("expired"), role="registrar", moment=moment
        )
        assert isinstance(done, NextStatus)
        assert done.status == status


def test_what_a_linked_record_keeps_is_not_undone() -> None:
    assert step("replaced", "valid", pinned_by_link=True) == NextStatus("replaced", AMENDED)
    assert step("replaced", "valid") == NextStatus("valid", "return")
    # A link that keeps the record says nothing of other statuses.
    assert step("expired", "valid", pinned_by_link=True) == NextStatus("valid", "restore")


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (None, NextStatus("withdrawn", "withdraw")),  # only being made
        (dt.timedelta(0), NextStatus("withdrawn", "withdraw")),
        (24 * HOUR - MOMENT, NextStatus("withdrawn", "withdraw")),
        (24 * HOUR, Issue("transition_too_late", "status", {"after": "withdrawn", "hours": 24})),
    ],
)
def test_a_time_limit_counts_from_the_first_entry(age: dt.timedelta | None, expected: object) -> None:
    first_entry = NOON - age if age is not None else None
    assert step("valid", "withdrawn", role="enterprise", first_entry_at=first_entry) == expected
    assert step("valid", "withdrawn", first_entry_at=first_entry) == NextStatus("withdrawn", "withdraw_late")


def test_a_step_that_does_not_exist_is_told_from_one_that_is_not_allowed() -> None:
    assert step("withdrawn", "valid") == Issue(
        "not_a_transition", "status", {"before": "withdrawn", "after": "valid"}
    )
    assert step("expired", "valid", role="enterprise") == Issue(
        "transition_not_allowed", "status", {"after": "valid"}
    )
    assert step("valid", "replaced") == Issue("transition_not_allowed", "status", {"after": "replaced"})


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ({}, True),  # a source need not give the date
        ({"to": "2026-05-03"}, True),
        ({"to": "2026-05-04"}, False),
        ({"ended_on": "2026-05-04"}, True),  # on the day itself
        ({"ended_on": "2026-05-05"}, False),
        ({"to": "2027", "ended_on": "2026-05-04"}, True),  # the earliest counts
        ({"to": "2027", "ended_on": "2026-05-05"}, False),
    ],
)
def test_a_source_may_report_what_a_date_brings(values: dict[str, Any], allowed: bool) -> None:
    expected = (
        NextStatus("expired", "expire")
        if allowed
        else Issue("transition_not_allowed", "status", {"after": "expired"})
    )
    assert step("valid", "expired", values) == expected


@pytest.mark.parametrize(
    ("stated", "role", "status"),
    [
        ("", "registrar", "valid"),
        ("expired", "registrar", "expired"),  # copies what a source states
        ("withdrawn", "admin", "withdrawn"),  # decides
        ("", "enterprise", "valid"),  # out of a draft
        ("valid", "enterprise", "valid"),
        ("upcoming", "enterprise", None),
        ("upcoming", "body", "upcoming"),
        ("valid", "body", None),
        ("expired", "system", "expired"),
        ("withdrawn", "enterprise", None),  # its transition begins at a published state
        ("valid", "visitor", None),
    ],
)
def test_how_a_record_may_begin(stated: str, role: str, status: str | None) -> None:
    expected = status or Issue("transition_not_allowed", "status", {"after": stated})
    assert first_status(DEFINITION, stated, role) == expected


@pytest.mark.parametrize(
    ("values", "stated", "legal_basis", "missing"),
    [
        ({"reason": "x", "legal_basis": "y"}, None, "", []),
        ({"reason": "x", "legal_basis": ""}, None, "", ["legal_basis"]),
        ({"reason": "x"}, None, "Art. 5", []),  # the entry's own
        ({}, None, "Art. 5", ["reason"]),
        ({"reason": "x", "legal_basis": "y"}, {"reason"}, "", ["legal_basis"]),  # said before, not now
        ({"reason": "x", "legal_basis": "y"}, set(), "", ["reason", "legal_basis"]),
        ({"reason": "", "legal_basis": "y"}, {"reason", "legal_basis"}, "", ["reason"]),
    ],
)
def test_the_grounds_of_a_decision_are_stated_with_it(
    values: dict[str, Any], stated: set[str] | None, legal_basis: str, missing: list[str]
) -> None:
    issues = missing_grounds(("reason", "legal_basis"), values, stated, legal_basis)
    assert issues == tuple(Issue("decision_incomplete", name) for name in missing)


def test_a_state_with_one_date_only_is_ended_by_it() -> None:
    assert step("lower", "expired", {"to": "2026-05-03"}) == NextStatus("expired", "expire")
    assert isinstance(step("lower", "expired", {"ended_on": "2026-05-05", "to": "2026-05-04"}), Issue)
