"""Life cycles: what a date brings and on which day, who may make a transition and for how long, broken tables."""

from __future__ import annotations

import datetime as dt

import pytest

from registry.kit.life_cycle import DateChange, LifeCycle, LinkedChange, State, Transition

DAY = dt.timedelta(days=1)


def state(code: str, standing: str = "in_force") -> State:
    return State(
        code=code,
        zh=f"{code}中",
        en=code.title(),
        standing=standing,
        badge="live",
        explanation="Today.",
        aliases=(f"a {code}",),
    )  # type: ignore[arg-type]


def transition(before: str, after: str, *roles: str, within_hours: int | None = None) -> Transition:
    return Transition(
        name=f"to_{after}",
        before=before,
        after=after,
        zh="变",
        en="Change",
        roles=roles,
        within_hours=within_hours,
    )


CYCLE = LifeCycle(
    states=(
        state("upcoming", "pending"),
        state("valid"),
        state("expired", "ended"),
        state("draft", "unpublished"),
    ),
    transitions=(
        transition("", "draft", "enterprise"),
        transition("", "upcoming", "registrar"),
        transition("upcoming", "valid", "system"),
        transition("valid", "expired", "system"),
        transition("valid", "valid", "enterprise"),
        transition("valid", "valid", "registrar"),
        transition("valid", "upcoming", "enterprise", within_hours=24),
    ),
    default_status="valid",
    date_changes=(
        DateChange(
            transition="to_valid", before=("upcoming",), after="valid", field="begins", on_the_day=True
        ),
        DateChange(
            transition="to_expired",
            before=("valid",),
            after="expired",
            field="ends",
            only_if_missing="renewed",
        ),
    ),
    linked_changes=(
        LinkedChange(
            transition="to_expired", before=("valid",), after="expired", relation="of", when=("gone",)
        ),
    ),
)


def test_a_sound_life_cycle_has_no_problems() -> None:
    assert CYCLE.problems() == []


@pytest.mark.parametrize(
    ("today", "status", "since"),
    [
        (dt.date(2026, 4, 30), "upcoming", None),
        (dt.date(2026, 5, 1), "valid", dt.date(2026, 5, 1)),  # on the day itself
        (dt.date(2026, 6, 30), "valid", dt.date(2026, 5, 1)),  # the last day is still in force
        (dt.date(2026, 7, 1), "expired", dt.date(2026, 7, 1)),
        (dt.date(2030, 1, 1), "expired", dt.date(2026, 7, 1)),
    ],
)
def test_dates_change_a_status_on_their_day(today: dt.date, status: str, since: dt.date | None) -> None:
    values = {"begins": "2026-05-01", "ends": "2026-06-30"}
    assert CYCLE.status_and_since_on("upcoming", values, today) == (status, since)
    assert CYCLE.status_on("upcoming", values, today) == status


@pytest.mark.parametrize(
    ("ends", "last_day"),
    [("2026", dt.date(2026, 12, 31)), ("2026-02", dt.date(2026, 2, 28)), ("2024-02", dt.date(2024, 2, 29))],
)
def test_a_sparse_end_lasts_as_long_as_it_may_mean(ends: str, last_day: dt.date) -> None:
    assert CYCLE.status_on("valid", {"ends": ends}, last_day) == "valid"
    assert CYCLE.status_on("valid", {"ends": ends}, last_day + DAY) == "expired"


def test_a_sparse_beginning_is_its_first_day() -> None:
    assert CYCLE.status_on("upcoming", {"begins": "2026-05"}, dt.date(2026, 4, 30)) == "upcoming"
    assert CYCLE.status_on("upcoming", {"begins": "2026-05"}, dt.date(2026, 5, 1)) == "valid"


def test_the_last_day_of_the_calendar_never_passes() -> None:
    assert CYCLE.status_on("valid", {"ends": "9999-12-31"}, dt.date.max) == "valid"
    assert CYCLE.next_date_change("valid", {"ends": "9999-12-31"}) is None


def test_a_date_changes_nothing_where_another_field_forbids_it() -> None:
    assert CYCLE.next_date_change("valid", {"ends": "2026", "renewed": "2027"}) is None
    assert CYCLE.next_date_change("valid", {}) is None
    assert CYCLE.next_date_change("expired", {"ends": "2026"}) is None


def test_a_condition_on_a_field_that_is_given() -> None:
    change = DateChange(
        transition="x", before=("valid",), after="expired", field="ends", only_if_given="reason"
    )
    assert change.effective_on({"ends": "2026-06-30"}) is None
    assert change.effective_on({"ends": "2026-06-30", "reason": "end"}) == dt.date(2026, 7, 1)


def test_the_earliest_of_several_changes_comes_first() -> None:
    cycle = LifeCycle(
        states=CYCLE.states,
        transitions=CYCLE.transitions,
        default_status="valid",
        date_changes=tuple(
            DateChange(transition="to_expired", before=("valid",), after="expired", field=field)
            for field in ("late", "early")
        ),
    )
    change = cycle.next_date_change("valid", {"late": "2026-03-01", "early": "2026-02-01"})
    assert change is not None
    assert (change[0], change[1].field) == (dt.date(2026, 2, 2), "early")


def test_what_a_source_still_states_may_have_been_changed_since() -> None:
    values = {"ends": "2026-06-30"}
    assert CYCLE.changed_by_date("valid", "expired", values, dt.date(2026, 7, 1))
    assert not CYCLE.changed_by_date("valid", "expired", values, dt.date(2026, 6, 30))
    assert not CYCLE.changed_by_date("valid", "valid", values, dt.date(2026, 6, 30))
    assert CYCLE.changed_by_link("valid", "expired")
    assert not CYCLE.changed_by_link("upcoming", "expired")
    assert not CYCLE.changed_by_link("valid", "upcoming")


@pytest.mark.parametrize(
    ("role", "age", "allowed"),
    [
        ("enterprise", dt.timedelta(0), True),
        ("enterprise", dt.timedelta(hours=24) - dt.timedelta(microseconds=1), True),
        ("enterprise", dt.timedelta(hours=24), False),
        ("registrar", dt.timedelta(0), False),
    ],
)
def test_a_transition_is_open_to_its_roles_and_in_its_time(
    role: str, age: dt.timedelta, allowed: bool
) -> None:
    found = CYCLE.allowed_transition("valid", "upcoming", role=role, age=age)
    assert (found is not None) is allowed


def test_a_transition_without_a_time_is_open_for_ever() -> None:
    assert CYCLE.allowed_transition("valid", "expired", role="system", age=dt.timedelta(days=100_000))
    assert CYCLE.allowed_transition("valid", "expired", role="registrar", age=dt.timedelta(0)) is None
    assert CYCLE.allowed_transition("expired", "valid", role="system", age=dt.timedelta(0)) is None


def test_of_several_transitions_between_two_states_each_role_has_its_own() -> None:
    for role in ("enterprise", "registrar"):
        found = CYCLE.allowed_transition("valid", "valid", role=role, age=dt.timedelta(0))
        assert found is not None
        assert found.roles == (role,)
    first = CYCLE.find_transition("valid", "valid")
    assert first is not None
    assert first.roles == ("enterprise",)
    assert CYCLE.find_transition("expired", "valid") is None


def test_states_are_found_by_their_words() -> None:
    assert [CYCLE.find_status(word) for word in ("valid", "VALID", "valid中", "A valid")] == ["valid"] * 4
    assert CYCLE.find_status("draft") is None  # not public
    assert CYCLE.find_status("") is None
    assert [each.code for each in CYCLE.public_states()] == ["upcoming", "valid", "expired"]


def test_broken_tables_are_noticed() -> None:
    cycle = LifeCycle(
        states=(
            state("one"),
            state("one"),
            state("two", "unpublished"),
            State(code="three", zh="", en="", standing="ended", badge="x"),
        ),
        transitions=(
            transition("one", "four", "registrar"),
            transition("one", "two"),
            transition("", "one", "king"),
        ),
        default_status="two",
        date_changes=(DateChange(transition="to_two", before=("one",), after="two", field="day"),),
    )
    assert cycle.problems() == [
        "a state is listed twice",
        "state three: unknown badge x",
        "state three: nothing said to the public",
        "state three can never be reached",
        "default state two is not a public state",
        "transition to_four: unknown state four",
        "transition to_two: no role may make it",
        "transition to_one: unknown role king",
        "to_two: no transition one → two by itself",
    ]
