"""Life cycles as tables: states with their words, transitions with who, evidence and what the public sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from registry.kit.display import StatusView
from registry.reference.text import sparse_dates
from registry.reference.text.folding import fold_name

Standing = Literal["in_force", "restricted", "pending", "ended", "unpublished"]
STANDINGS: tuple[Standing, ...] = ("in_force", "restricted", "pending", "ended")
BADGES = ("live", "soon", "open", "hold", "act", "stop", "past")


@dataclass(frozen=True, slots=True)
class State:
    """`says` is what the state means for the reader, a message id with `%(today)s`, `%(since)s`, `%(until)s`."""

    code: str
    zh: str
    en: str
    standing: Standing
    badge: str
    explanation: str = ""  # message id
    aliases: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        return self.standing != "unpublished"

    def view(self) -> StatusView:
        return StatusView(self.code, self.zh, self.en, self.standing, self.badge)


@dataclass(frozen=True, slots=True)
class Transition:
    """A named move. `before` is "" where a record begins. `who` are roles, `evidence` what must be filed."""

    name: str
    before: str
    after: str
    zh: str
    en: str
    roles: tuple[str, ...]
    evidence: tuple[str, ...] = ()  # message ids
    public_notice: str = ""  # message id: what the public sees
    within_hours: int | None = None


@dataclass(frozen=True, slots=True)
class DateChange:
    """A change that a date brings by itself: from `before` to `after` on the day after `field` (or on it)."""

    transition: str
    before: tuple[str, ...]
    after: str
    field: str
    on_the_day: bool = False  # True: takes effect on the date itself; False: on the day after it
    only_if_given: str = ""  # only where this field is stated too
    only_if_missing: str = ""  # only where this one is not

    def effective_on(self, values: Mapping[str, Any]) -> dt.date | None:
        written = values.get(self.field)
        if (
            not written
            or (self.only_if_given and not values.get(self.only_if_given))
            or values.get(self.only_if_missing)
        ):
            return None
        if self.on_the_day:
            return sparse_dates.first_day(str(written))
        last = sparse_dates.last_day(str(written))
        return last + dt.timedelta(days=1) if last < dt.date.max else None


@dataclass(frozen=True, slots=True)
class LinkedChange:
    """A change that a linked record's state brings: a standard that ended upon those who declare to it.

    `relation` names the link; `when`, the states of the linked record. `before` → `after` by `transition`.
    `incoming`: the link leads from the other record to this one.
    """

    transition: str
    before: tuple[str, ...]
    after: str
    relation: str
    when: tuple[str, ...]
    incoming: bool = False


@dataclass(frozen=True)
class LifeCycle:
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    default_status: str  # state of an imported record whose source states none
    date_changes: tuple[DateChange, ...] = ()
    linked_changes: tuple[LinkedChange, ...] = ()
    _by_code: dict[str, State] = field(init=False, repr=False)
    _by_word: dict[str, str] = field(init=False, repr=False)
    _transitions: dict[tuple[str, str], Transition] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words = {
            fold_name(word): state.code
            for state in reversed(self.states)
            for word in (*state.aliases, state.en, state.zh, state.code)
        }
        moves: dict[tuple[str, str], Transition] = {}
        for transition in self.transitions:
            moves.setdefault((transition.before, transition.after), transition)
        for name, value in (
            ("_by_code", {state.code: state for state in self.states}),
            ("_by_word", words),
            ("_transitions", moves),
        ):
            object.__setattr__(self, name, value)

    def state(self, code: str) -> State:
        return self._by_code[code]

    def has_state(self, code: str) -> bool:
        return code in self._by_code

    def find_status(self, word: str) -> str | None:
        """The code of a public state for a word as written, in either language."""
        code = self._by_word.get(fold_name(word))
        return code if code and self._by_code[code].is_public else None

    def find_transition(self, before: str, after: str) -> Transition | None:
        return self._transitions.get((before, after))

    def next_date_change(self, status: str, values: Mapping[str, Any]) -> tuple[dt.date, DateChange] | None:
        """The change that a date will bring (or has brought) to a record in `status`: its day and its rule."""
        days = [
            (day, due)
            for due in self.date_changes
            if status in due.before and (day := due.effective_on(values))
        ]
        return min(days, key=lambda pair: pair[0]) if days else None

    def status_on(self, status: str, values: Mapping[str, Any], today: dt.date) -> str:
        """The status on a day, dates taken into account (reading treats the past `valid_to` as ended)."""
        return self.status_and_since_on(status, values, today)[0]

    def status_and_since_on(
        self, status: str, values: Mapping[str, Any], today: dt.date
    ) -> tuple[str, dt.date | None]:
        """The status on a day, and the day on which a date brought it about: None where it is as recorded."""
        since = None
        for _step in range(len(self.states)):
            change = self.next_date_change(status, values)
            if change is None or change[0] > today:
                break
            since, status = change[0], change[1].after
        return status, since

    def changed_by_date(self, stated: str, current: str, values: Mapping[str, Any], today: dt.date) -> bool:
        """True where the source still states what a date has since changed into the present status."""
        return stated != current and self.status_on(stated, values, today) == current

    def changed_by_link(self, stated: str, current: str) -> bool:
        """True where a linked record may have brought what the source still states into the present status."""
        return any(stated in each.before and current == each.after for each in self.linked_changes)

    def public_states(self) -> tuple[State, ...]:
        return tuple(state for state in self.states if state.is_public)

    def problems(self) -> list[str]:
        """What contradicts itself in the tables; empty when all is well."""
        found = []
        codes = set(self._by_code)
        if len(codes) != len(self.states):
            found.append("a state is listed twice")
        found += [
            f"state {s.code}: unknown badge {s.badge}"
            for s in self.states
            if s.is_public and s.badge not in BADGES
        ]
        found += [
            f"state {s.code}: nothing said to the public"
            for s in self.states
            if s.is_public and not s.explanation
        ]
        for move in self.transitions:
            found += [
                f"transition {move.name}: unknown state {code}"
                for code in (move.before, move.after)
                if code and code not in codes
            ]
        by_itself: tuple[DateChange | LinkedChange, ...] = (*self.date_changes, *self.linked_changes)
        found += [
            f"{due.transition}: no transition {before} → {due.after} by itself"
            for due in by_itself
            for before in due.before
            if not any(
                "system" in move.roles and move.name == due.transition
                for move in self.transitions
                if (move.before, move.after) == (before, due.after)
            )
        ]
        if self.default_status not in codes or not self.state(self.default_status).is_public:
            found.append(f"default state {self.default_status} is not a public state")
        reachable = {move.after for move in self.transitions}
        found += [f"state {code} can never be reached" for code in codes if code not in reachable]
        return found
