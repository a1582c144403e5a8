"""Which status a document may give its record: the life cycle's transitions, held against role, date and time limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from registry import clock
from registry.accounts.policy import Action, Actor, may
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.life_cycle import LifeCycle

DECISION_INCOMPLETE = "decision_incomplete"  # code: a decision does not state its grounds
AMENDED = "amended"  # reason of a version that changes facts, not the status
FACTS_CORRECTED = (
    "facts_corrected"  # reason of a version that two persons decided on, because a fact was wrong
)
MERGED_AWAY, MERGED_HERE = (
    "merged",
    "merged_here",
)  # reasons of the last version of a record that was merged, and of the other one
MERGED_INTO = (
    "merged_into"  # in the last document of a record that was merged: the number of the record that remains
)
BEFORE_WORDS = "\n"  # in the legal basis of the entry of such a version, between it and the reason in words
CHANGE_UNDONE = "change_undone"  # reason of a version that takes back what a date brought about by mistake


@dataclass(frozen=True, slots=True)
class RecordState:
    """What is known of a record before its next version.

    `pinned_by_link`: a linked record keeps it in this status. `first_entry_at`: None for one that is only being made.
    """

    status: str
    pinned_by_link: bool = False
    first_entry_at: dt.datetime | None = None


class NextStatus(NamedTuple):
    """Status of a record's next version, and the reason that its entry gives."""

    status: str
    reason: str


def missing_grounds(
    needs: tuple[str, ...], values: Mapping[str, Any], stated: Collection[str] | None, legal_basis: str
) -> tuple[Issue, ...]:
    """What a decision must state and does not, such as its reason and legal basis: one issue for each field.

    `stated`: the fields that the sender states, None for all of the values; what the record said before is no ground
    of a new decision. `legal_basis`: of the entry itself, which counts as stated.
    """
    return tuple(
        Issue(DECISION_INCOMPLETE, name)
        for name in needs
        if not (name == "legal_basis" and legal_basis)
        and (not values.get(name) or (stated is not None and name not in stated))
    )


def first_status(definition: RegisterDefinition, stated: str, role: str) -> str | Issue:
    """The status of a new record: the one stated, else the default one of the register.

    A role that imports or decides copies what a source states, in any state; any other role needs a transition of its
    own that begins a published record.
    """
    life_cycle = definition.life_cycle
    status = stated or life_cycle.default_status
    actor = Actor(role)
    if may(actor, Action.IMPORT) or may(actor, Action.DECIDE):
        return status
    if any(
        transition.after == status and role in transition.roles
        for transition in life_cycle.transitions
        if not transition.before or not life_cycle.state(transition.before).is_public
    ):
        return status
    return Issue("transition_not_allowed", "status", {"after": status})


def next_status(
    definition: RegisterDefinition,
    values: Mapping[str, Any],
    stated: str,
    state: RecordState,
    *,
    role: str,
    moment: dt.datetime,
) -> NextStatus | Issue:
    """The status that a document with these `values` gives an existing record, or why it may not.

    `stated`: the status that the document states, "" for none. What a date or a linked record has brought about is
    never undone. Issues: `not_a_transition`, `transition_not_allowed`, `transition_too_late`.
    """
    life_cycle = definition.life_cycle
    if stated in ("", state.status):
        return NextStatus(state.status, AMENDED)
    meant = life_cycle.refined(stated, values)
    if meant == state.status:
        return NextStatus(state.status, AMENDED)
    today = moment.astimezone(clock.SHANGHAI).date()
    if life_cycle.changed_by_date(stated, state.status, values, today):
        return NextStatus(state.status, AMENDED)
    if state.pinned_by_link and life_cycle.changed_by_link(stated, state.status):
        return NextStatus(state.status, AMENDED)
    age = moment - state.first_entry_at if state.first_entry_at else dt.timedelta(0)
    allowed = life_cycle.allowed_transition(state.status, stated, role=role, age=age)
    if allowed is not None:
        return NextStatus(meant, allowed.name)
    if life_cycle.find_transition(state.status, stated) is None:
        return Issue("not_a_transition", "status", {"before": state.status, "after": stated})
    once_allowed = life_cycle.allowed_transition(state.status, stated, role=role, age=dt.timedelta(0))
    if once_allowed is not None:
        return Issue("transition_too_late", "status", {"after": stated, "hours": once_allowed.within_hours})
    by_date = _transition_by_date(life_cycle, state.status, stated, values=values, today=today)
    return (
        NextStatus(stated, by_date)
        if by_date
        else Issue("transition_not_allowed", "status", {"after": stated})
    )


def _transition_by_date(
    life_cycle: LifeCycle, before: str, after: str, *, values: Mapping[str, Any], today: dt.date
) -> str:
    """Name of the transition that a date makes, "" where the document states a date still ahead, or none makes it.

    A source may report what the register would have done by itself, also where it does not give the date.
    """
    changes = [
        change for change in life_cycle.date_changes if before in change.before and change.after == after
    ]
    days = [day for change in changes if (day := change.effective_on(values)) is not None]
    return changes[0].transition if changes and (not days or min(days) <= today) else ""
