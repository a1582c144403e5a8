"""Life cycles: sentences about days, deadlines, the day of a decision, and what a change needs: first and last days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from registry.kit.life_cycle import (
    DateChange,
    Deadline,
    LifeCycle,
    LinkedChange,
    Refinement,
    Sentence,
    State,
    Transition,
    until,
)
from tests.unit.kit.test_life_cycle import CYCLE, state

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 5, 1)


def move(name: str, before: str, after: str, **more: Any) -> Transition:
    return Transition(
        name=name, before=before, after=after, zh="变", en="Change", **{"roles": ("registrar",), **more}
    )


def ended(*decided: str, **more: Any) -> State:
    return State(
        code="ended", zh="止", en="Ended", standing="ended", badge="past", explanation="Over.",
        decided=decided, **more,
    )  # fmt: skip


DECIDED = LifeCycle(
    states=(state("valid"), ended("withdrawn_on", "cancelled_on")),
    transitions=(
        move("begin", "", "valid"),
        move("withdraw", "valid", "ended", needs=("reason", "basis", "withdrawn_on")),
        move("lapse", "valid", "ended", needs=("basis", "reason"), roles=("system",)),
        move("note", "valid", "valid", is_shown_by=lambda before, after: before.get("note") != after.get("note")),
        move("plain", "valid", "valid"),
        move("renew", "valid", "valid", is_shown_by=lambda before, after: after["to"] > before["to"]),
    ),
    default_status="valid",
    date_changes=(
        DateChange(transition="lapse", before=("valid",), after="ended", field="to"),
        DateChange(transition="lapse", before=("valid",), after="ended", field="until", on_the_day=True),
    ),
    refinements=(
        Refinement(status="valid", field="graded_down", means="ended"),
        Refinement(status="ended", field="restored", means="valid"),
    ),
    deadlines=(
        Deadline(code="late", states=("valid",), zh="迟", en="Late", meaning="", field="review_by"),
        Deadline(
            code="later", states=("valid", "ended"), zh="更迟", en="Later", meaning="",
            last_day=lambda values: values.get("fixed"),
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "last_day"),
    [("2026-05-01", TODAY), ("2026-04", dt.date(2026, 4, 30)), ("2026", dt.date(2026, 12, 31))],
)
def test_a_sentence_about_a_day_holds_through_that_day(written: str, last_day: dt.date) -> None:
    explain = until("to", ahead="Until %(day)s.", passed="It was %(day)s.")
    assert explain({"to": written}, last_day) == Sentence("Until %(day)s.", {"day": written})
    assert explain({"to": written}, last_day + DAY) == Sentence("It was %(day)s.", {"day": written})


@pytest.mark.parametrize("values", [{}, {"to": ""}, {"to": None}, {"other": "2026"}])
def test_a_sentence_about_a_day_that_is_not_stated_is_none(values: dict[str, Any]) -> None:
    assert until("to", ahead="a", passed="p")(values, TODAY) is None


def test_the_sentence_of_a_state_is_never_newer_than_its_source() -> None:
    plain = ended(sourced="Over on %(source)s.")
    assert plain.sentence({}, TODAY) == Sentence("Over.")
    assert plain.sentence({"source_date": ""}, TODAY) == Sentence("Over.")
    assert plain.sentence({"source_date": "2026-03"}, TODAY) == Sentence(
        "Over on %(source)s.", {"source": "2026-03"}
    )
    assert ended().sentence({"source_date": "2026-03"}, TODAY) == Sentence("Over.")
    explained = ended(sourced="Over on %(source)s.", explain=until("to", ahead="a", passed="p"))
    assert explained.sentence({"to": "2026", "source_date": "2026-03"}, TODAY) == Sentence(
        "a", {"day": "2026"}
    )
    assert explained.sentence({"source_date": "2026-03"}, TODAY).message == "Over on %(source)s."
    assert explained.sentence({}, TODAY) == Sentence("Over.")


@pytest.mark.parametrize(
    ("status", "values", "today", "codes"),
    [
        ("valid", {"review_by": "2026-05-01"}, TODAY, []),  # the last day is not overdue
        ("valid", {"review_by": "2026-05-01"}, TODAY + DAY, ["late"]),
        ("valid", {"review_by": "2026-05"}, dt.date(2026, 5, 31), []),
        ("valid", {"review_by": "2026-05"}, dt.date(2026, 6, 1), ["late"]),
        ("ended", {"review_by": "2026-05-01"}, TODAY + DAY, []),  # concerns no record in this state
        ("valid", {"review_by": ""}, TODAY, []),
        ("valid", {"review_by": "2026-04-02", "fixed": dt.date(2026, 4, 1)}, TODAY, ["later", "late"]),
        ("valid", {"review_by": "2026-04-01", "fixed": dt.date(2026, 4, 2)}, TODAY, ["late", "later"]),
        ("valid", {"review_by": "2026-04-01", "fixed": dt.date(2026, 4, 1)}, TODAY, ["late", "later"]),
        ("ended", {"fixed": dt.date(2026, 4, 30)}, TODAY, ["later"]),
        ("ended", {"fixed": TODAY}, TODAY, []),
    ],
)
def test_a_deadline_is_overdue_from_the_day_after(
    status: str, values: dict[str, Any], today: dt.date, codes: list[str]
) -> None:
    overdue = DECIDED.overdue(status, values, today)
    assert [each.deadline.code for each in overdue] == codes
    assert all(each.due == each.deadline.due(values) for each in overdue)


def test_only_deadlines_that_a_field_holds_name_one() -> None:
    assert DECIDED.deadline_fields("valid") == ("review_by",)
    assert DECIDED.deadline_fields("ended") == ()


@pytest.mark.parametrize(
    ("values", "before", "day"),
    [
        ({"withdrawn_on": "2026-04-30"}, None, dt.date(2026, 4, 30)),
        ({"withdrawn_on": "2026-05-01"}, None, TODAY),  # decided today
        ({"withdrawn_on": "2026-05-02"}, None, None),  # a day to come is not known yet
        ({"withdrawn_on": "2026"}, None, dt.date(2026, 1, 1)),
        ({"withdrawn_on": "2026-04-30", "cancelled_on": "2026-02-01"}, None, dt.date(2026, 4, 30)),
        ({"withdrawn_on": "", "cancelled_on": "2026-02-01"}, None, dt.date(2026, 2, 1)),
        # What stood there already is the day of an earlier decision.
        ({"withdrawn_on": "2026-04-30"}, {"withdrawn_on": "2026-04-30"}, None),
        ({"withdrawn_on": "2026-04-30"}, {"withdrawn_on": "2026-04-29"}, dt.date(2026, 4, 30)),
        ({"withdrawn_on": "2026-04-30"}, {"withdrawn_on": None}, dt.date(2026, 4, 30)),
        (
            {"withdrawn_on": "2026-04-30", "cancelled_on": "2026-02-01"},
            {"withdrawn_on": "2026-04-30"},
            dt.date(2026, 2, 1),
        ),
        # Else the day that brought the status about: the latest that has come.
        ({"to": "2026-04-29"}, None, dt.date(2026, 4, 30)),
        ({"to": "2026-04-30"}, None, TODAY),
        ({"to": "2026-05-01"}, None, None),
        ({"to": "2026-02-28", "until": "2026-02-28"}, None, dt.date(2026, 3, 1)),
        ({"to": "2026-02-28", "until": "2026-06-01"}, None, dt.date(2026, 3, 1)),
        ({"to": "2026-02-28", "withdrawn_on": "2026-02-03"}, None, dt.date(2026, 2, 3)),
        ({}, None, None),
    ],
)
def test_the_day_of_a_decision(
    values: dict[str, Any], before: dict[str, Any] | None, day: dt.date | None
) -> None:
    assert DECIDED.decision_day("ended", values, before, TODAY) == day


def test_dates_bring_about_their_own_status_only() -> None:
    assert DECIDED.decision_day("valid", {"to": "2026-02-28"}, None, TODAY) is None
    assert not DECIDED.is_decision_day("valid", {"to": "2026-02-28"}, dt.date(2026, 3, 1))


@pytest.mark.parametrize(
    ("values", "since", "told"),
    [
        ({"withdrawn_on": "2026-05-01"}, TODAY, True),
        ({"withdrawn_on": "2026-05-01"}, TODAY + DAY, False),
        ({"withdrawn_on": "2026-05"}, TODAY, True),
        ({"cancelled_on": "2026-05-01", "withdrawn_on": "2026-02-01"}, TODAY, True),
        ({"to": "2026-04-30"}, TODAY, True),  # by the date, the day after the last
        ({"to": "2026-04-30"}, TODAY - DAY, False),
        ({"until": "2026-05-01"}, TODAY, True),
        ({}, TODAY, False),
    ],
)
def test_the_day_of_an_entry_is_told_from_that_of_a_decision(
    values: dict[str, Any], since: dt.date, told: bool
) -> None:
    assert DECIDED.is_decision_day("ended", values, since) is told


def test_fields_that_a_change_needs() -> None:
    assert DECIDED.needs_of("withdraw", "valid", "ended") == ("reason", "basis", "withdrawn_on")
    assert DECIDED.needs_of("lapse", "valid", "ended") == ("basis", "reason")
    assert DECIDED.needs_of("other", "valid", "ended") == ()
    assert DECIDED.needs_of("withdraw", "ended", "valid") == ()
    # Every decision needs them, in the order of the first one.
    assert DECIDED.needs_of_state("ended") == ("reason", "basis")
    assert DECIDED.needs_of_state("valid") == ()
    assert CYCLE.needs_of_state("draft") == ()


def test_a_status_may_mean_another_one() -> None:
    assert DECIDED.refined("valid", {"graded_down": "A"}) == "ended"
    assert DECIDED.refined("valid", {"graded_down": ""}) == "valid"
    assert DECIDED.refined("valid", {"restored": "yes"}) == "valid"
    assert DECIDED.refined("ended", {"restored": "yes", "graded_down": "A"}) == "valid"


def test_a_transition_onto_the_same_status_has_its_name_where_the_values_show_it() -> None:
    same = {"note": "a", "to": "2026"}
    noted, renewed = {**same, "note": "b"}, {**same, "to": "2027"}
    assert DECIDED.named_amendment("valid", same, noted, "registrar") == "note"
    assert DECIDED.named_amendment("valid", same, renewed, "registrar") == "renew"
    assert DECIDED.named_amendment("valid", same, {**noted, **renewed, "note": "b"}, "registrar") == "note"
    assert DECIDED.named_amendment("valid", same, same, "registrar") == ""
    assert DECIDED.named_amendment("valid", same, noted, "enterprise") == ""
    assert DECIDED.named_amendment("ended", same, noted, "registrar") == ""
    assert DECIDED.names_amendments("valid")
    assert not DECIDED.names_amendments("ended")
    assert DECIDED.has_transition("note", "valid")
    assert not DECIDED.has_transition("note", "ended")
    assert not DECIDED.has_transition("withdraw", "valid")  # leads elsewhere


def test_a_date_that_acts_again_and_again_ends() -> None:
    """As many steps as there are states at most, whatever the tables say."""
    cycle = LifeCycle(
        states=(state("one"), state("two")),
        transitions=(move("turn", "one", "two"), move("turn", "two", "one")),
        default_status="one",
        date_changes=tuple(
            DateChange(transition="turn", before=(before,), after=after, field="day", on_the_day=True)
            for before, after in (("one", "two"), ("two", "one"))
        ),
    )
    assert cycle.status_and_since_on("one", {"day": "2026-05-01"}, TODAY) == ("one", TODAY)
    assert cycle.status_and_since_on("one", {"day": "2026-05-01"}, TODAY - DAY) == ("one", None)


def test_two_dates_that_act_one_after_the_other_both_act() -> None:
    values = {"begins": "2026-05-01", "ends": "2026-05-01"}
    assert CYCLE.status_on("upcoming", values, TODAY) == "valid"
    assert CYCLE.status_on("upcoming", values, TODAY + DAY) == "expired"


def test_of_equal_words_the_first_state_has_it() -> None:
    cycle = LifeCycle(
        states=(state("valid"), State(code="two", zh="二", en="VALID", standing="ended", badge="past")),
        transitions=(),
        default_status="valid",
    )
    assert cycle.find_status("valid") == "valid"
    assert cycle.find_status("二") == "two"
    assert cycle.has_state("two")
    assert not cycle.has_state("three")


def test_broken_deadlines_and_links_are_noticed() -> None:
    cycle = LifeCycle(
        states=(state("one"), state("two")),
        transitions=(
            move("begin", "", "one"),
            move("end", "one", "two", roles=("registrar", "system")),
            move("other", "two", "one", roles=("system",)),
        ),
        default_status="nowhere",
        linked_changes=(
            LinkedChange(transition="end", before=("one",), after="two", relation="of", when=("gone",)),
            LinkedChange(transition="end", before=("two",), after="one", relation="of", when=("gone",)),
        ),
        deadlines=(
            Deadline(code="a", states=("one", "three"), zh="", en="", meaning="", field="day"),
            Deadline(code="b", states=(), zh="", en="", meaning=""),
            Deadline(
                code="c", states=(), zh="", en="", meaning="", field="day", last_day=lambda _values: None,
                badge="x",
            ),
            Deadline(code="d", states=("two",), zh="", en="", meaning="", last_day=lambda _values: None),
        ),
    )  # fmt: skip
    assert cycle.problems() == [
        "default state nowhere is not a public state",
        "end: no transition two → one by itself",
        "deadline a: unknown state three",
        "deadline b: needs either a field or a function",
        "deadline c: needs either a field or a function",
        "deadline c: unknown badge x",
    ]


def test_needs_that_only_some_decisions_have_are_no_needs_of_the_state() -> None:
    """Built here: what a life cycle works out when it is made is not tried on one that was made before."""
    cycle = replace(DECIDED, transitions=DECIDED.transitions)
    assert cycle.needs_of_state("ended") == ("reason", "basis")
    assert cycle.needs_of_state("valid") == ()


def test_what_keeps_a_state_does_not_do_away_with_the_needs_of_what_leads_to_it() -> None:
    reported = replace(DECIDED, transitions=(*DECIDED.transitions, move("report", "ended", "ended")))
    assert reported.needs_of_state("ended") == ("reason", "basis")
