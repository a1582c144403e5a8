"""Life cycles as tables: states and their words, and the transitions between them.

A transition names the roles that may make it and, where it is open for a while only, for how many hours; publishing
enforces both through `LifeCycle.allowed_transition`. Evidence and public notice describe a transition for people.

Days act in one of two ways: a `DateChange` changes the status, a `Deadline` leaves it and marks the record as overdue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from registry.accounts.policy import ROLES
from registry.kit.display import StatusView
from registry.reference.text import sparse_dates
from registry.reference.text.folding import fold_name

Standing = Literal["in_force", "restricted", "pending", "ended", "unpublished"]
STANDINGS: tuple[Standing, ...] = ("in_force", "restricted", "pending", "ended")
SOURCE_DATE = "source_date"  # field of records that were taken from a source: its day
SOURCE = "source"
STATUS_REASON = "status_reason"  # field of records that are decided on: why they are in their state
# The source of a record that was taken from one, once the authority has decided on it in this register.
DECIDED_HERE = "登记机构在本登记簿作出的决定 (decision of the authority, taken in this register)"
ISSUER = "issuer"  # as `State.decided_by`: the body that issued the record
BADGES = ("live", "stated", "abroad", "soon", "open", "hold", "act", "stop", "past")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a state means for one record: a message id, and the days that it names.

    `days`: parameter → sparse ISO date, shown in words. `%(today)s`, `%(since)s` and `%(until)s` need not be given.
    """

    message: str
    days: Mapping[str, str] = field(default_factory=dict)


Explain = Callable[[Mapping[str, Any], dt.date], Sentence | None]


def until(field: str, *, ahead: str, passed: str) -> Explain:
    """One sentence up to the last day that `field` may mean, another one from the day after; None where it is not stated.

    `ahead`, `passed`: message ids that take the day as `%(day)s`.
    """

    def explain(values: Mapping[str, Any], today: dt.date) -> Sentence | None:
        written = str(values.get(field) or "")
        if not written:
            return None
        return Sentence(ahead if today <= sparse_dates.last_day(written) else passed, {"day": written})

    return explain


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state of a record, with its words in both languages and what it means for the reader.

    `badge`: one of `BADGES`, "" for an unpublished state. `explanation`: a message id that may use `%(today)s`, `%(since)s`
    and `%(until)s`; it speaks for a record of which the register itself decides or is told every change. `sourced`:
    the same for a record that was taken from a source, which may use `%(source)s`, the day of the source: the register
    knows nothing later. Of a record that was decided on here it does. `explain(values, today)`: a sentence that depends on the values; None leaves it to the other two.
    `decided`: the fields that may hold the day of the decision for this state, the first one stated counts.
    `decided_by`: who decides on this state: `ISSUER`, or the field that names the authority; "" where it is not one and the
    same. `takes_objections`: it is in publicity, and anyone may object until the deadline of the state, where it has one.
    `aliases`: further words that sources use for the state. `meaning`: a message id for the glossary: what happened, whether
    the mark may be used, what it means for a buyer, whether the state can change back. `fitting`: field → the codes of its
    list that a decision for this state may give; all of them where it is not named.
    """

    code: str
    zh: str
    en: str
    standing: Standing
    badge: str
    explanation: str = ""
    sourced: str = ""
    explain: Explain | None = None
    decided: tuple[str, ...] = ()
    decided_by: str = ""
    takes_objections: bool = False
    aliases: tuple[str, ...] = ()
    meaning: str = ""
    fitting: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_public(self) -> bool:
        return self.standing != "unpublished"

    def view(self) -> StatusView:
        return StatusView(self.code, self.zh, self.en, self.standing, self.badge)

    def sentence(self, values: Mapping[str, Any], today: dt.date) -> Sentence:
        """What this state means for a record with these values on this day; never newer than its source."""
        sentence = self.explain(values, today) if self.explain else None
        if sentence is not None:
            return sentence
        source = str(values.get(SOURCE_DATE) or "")
        if source and self.sourced and values.get(SOURCE) != DECIDED_HERE:
            return Sentence(self.sourced, {"source": source})
        return Sentence(self.explanation)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedRow:
    """A row that a decision adds to a table of the document, such as a review with its result.

    `columns` are asked for, and must be stated; `fixed`: column → what the decision itself says; `from_fields`: column → the field
    that the decision states; `former`: column → the field whose value it takes the place of, which then goes with whatever
    else of the transition's fields is not stated.
    """

    table: str
    columns: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    from_fields: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)

    def questions(self) -> tuple[str, ...]:
        """The names of the columns that are asked for, as `table.column`."""
        return tuple(f"{self.table}.{column}" for column in self.columns)

    def row(self, stated: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """The row that a decision adds. `stated`: field or `table.column` → text; `before`: the values of the record."""
        asked = {column: stated.get(f"{self.table}.{column}") for column in self.columns}
        found = {
            **asked,
            **{column: stated.get(name) for column, name in self.from_fields.items()},
            **{column: before.get(name) for column, name in self.former.items()},
            **self.fixed,
        }
        return {column: value for column, value in found.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedValues:
    """A list of which a decision keeps what it takes out: in `table`, the value in `column` and the day in `day_column`.

    What comes back into the list leaves the table.
    """

    field: str
    table: str
    column: str
    day_column: str

    def table_after(
        self, before: Mapping[str, Any], listed: Sequence[str], day: dt.date
    ) -> list[Mapping[str, Any]]:
        """The rows of the table when the list is `listed` from `day` on. `before`: the values of the record."""
        kept = [row for row in before.get(self.table) or () if row.get(self.column) not in listed]
        known = {row.get(self.column) for row in kept}
        ended = [
            value for value in before.get(self.field) or () if value not in listed and value not in known
        ]
        return [*kept, *({self.column: value, self.day_column: day.isoformat()} for value in ended)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A named change from one state to another; `before` is "" where a record begins.

    `roles`: those of `accounts.policy.ROLES` that may make it. `within_hours`: how long after the record's first entry
    it may be made, None for ever. `needs`: fields that must be stated with the decision, such as its reason and legal
    basis. `evidence`: what the decision must be based on, for the officer; `public_notice`: what the public sees of
    it. Both are message ids. `date_field` takes the day of the change where the document does not state it. `fields`: what
    else the decision may state, such as a deadline or the new grade, besides what the rules ask of the state; `adds_row`: a
    row that it adds to a table; `ended_values`: the list of which it keeps what it takes out.
    `on_request`: the holder may ask those who decide for it.
    `is_shown_by(values before, values after)`: of one that keeps the status, whether a version is this change and no
    mere correction.
    """

    name: str
    before: str
    after: str
    zh: str
    en: str
    roles: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    public_notice: str = ""
    within_hours: int | None = None
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    date_field: str = ""
    adds_row: AddedRow | None = None
    ended_values: EndedValues | None = None
    on_request: bool = False
    is_shown_by: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None

    def is_allowed(self, role: str, age: dt.timedelta) -> bool:
        """True if the role may make this change at this age of the record's first entry."""
        in_time = self.within_hours is None or age < dt.timedelta(hours=self.within_hours)
        return in_time and role in self.roles


@dataclass(frozen=True, slots=True, kw_only=True)
class DateChange:
    """A change of status that a date in the document brings about, by the transition named.

    It takes effect on the day after the last day that `field` may mean, or, with `on_the_day`, on the first such day.
    `only_if_given`, `only_if_missing`: fields that must be stated, or must not be, for it to happen.
    """

    transition: str
    before: tuple[str, ...]
    after: str
    field: str
    on_the_day: bool = False
    only_if_given: str = ""
    only_if_missing: str = ""

    def effective_on(self, values: Mapping[str, Any]) -> dt.date | None:
        """The day on which the change takes effect, None where it never does."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """A day of a record by which something is due, in `states`.

    The last day is the last one that `field` may mean, or what `last_day(values)` says, None for none. `zh`, `en`: the mark
    from the day after. `watch`: the watch list that tells it in advance (`kit.watch_lists`). `resolved_by`: names of the
    transitions that lead on, the most fitting first. `basis`: data beside the record that `last_day` reads, as a text: with another one
    the lists of all records are looked at again.
    """

    code: str
    watch: str = "other"
    states: tuple[str, ...]
    zh: str
    en: str
    field: str = ""
    basis: str = ""
    last_day: Callable[[Mapping[str, Any]], dt.date | None] | None = None
    resolved_by: tuple[str, ...] = ()

    def due(self, values: Mapping[str, Any]) -> dt.date | None:
        """The last day on which it is not yet overdue, None for none."""
        if self.last_day is not None:
            return self.last_day(values)
        written = values.get(self.field)
        return sparse_dates.last_day(str(written)) if written else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(DueDate):
    """A due date that the page of a record shows once it is over. It changes no status: the record is marked overdue.

    `meaning`: a message id, what it means for the reader; takes `%(due)s`, the last day. `not_plain`: the status may no longer be
    told without the mark.
    """

    meaning: str
    badge: str = "act"
    not_plain: bool = False


class Overdue(NamedTuple):
    """A deadline that has passed, and its last day."""

    deadline: Deadline
    due: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedChange:
    """A change of status that the state of a linked record brings about, such as the end of a declared standard.

    `relation` names the link; `when`, the states of the linked record. `incoming`: the link leads from the other
    record to this one. `letter`: the kind of the letter that tells the holder, "" for none.
    """

    transition: str
    before: tuple[str, ...]
    after: str
    relation: str
    when: tuple[str, ...]
    incoming: bool = False
    letter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """A status that means another one where the document states a field: valid, but graded down before, is downgraded."""

    status: str
    field: str
    means: str


@dataclass(frozen=True)
class LifeCycle:
    """The states of a register's records, the transitions between them, and what changes a status by itself.

    `default_status`: the state of an imported record whose source states none. `refinements`: statuses that mean
    another one for some documents; a transition to the first leads to the second.
    """

    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    default_status: str
    date_changes: tuple[DateChange, ...] = ()
    linked_changes: tuple[LinkedChange, ...] = ()
    refinements: tuple[Refinement, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    _by_code: dict[str, State] = field(init=False, repr=False)
    _by_word: dict[str, str] = field(init=False, repr=False)
    _by_ends: dict[tuple[str, str], tuple[Transition, ...]] = field(init=False, repr=False)
    _needs_of_state: dict[str, tuple[str, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words = {
            fold_name(word): state.code
            for state in reversed(self.states)
            for word in (*state.aliases, state.en, state.zh, state.code)
        }
        by_ends: dict[tuple[str, str], tuple[Transition, ...]] = {}
        for each in self.transitions:
            by_ends[each.before, each.after] = (*by_ends.get((each.before, each.after), ()), each)
        for name, value in (
            ("_by_code", {state.code: state for state in self.states}),
            ("_by_word", words),
            ("_by_ends", by_ends),
            (
                "_needs_of_state",
                {state.code: _common_needs(self.transitions, state.code) for state in self.states},
            ),
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

    def refined(self, status: str, values: Mapping[str, Any]) -> str:
        """The status that a stated one means for a document with these values."""
        for each in self.refinements:
            if each.status == status and values.get(each.field):
                return each.means
        return status

    def find_transition(self, before: str, after: str) -> Transition | None:
        """The first transition between two states, for any role."""
        return next(iter(self._by_ends.get((before, after), ())), None)

    def allowed_transition(
        self, before: str, after: str, *, role: str, age: dt.timedelta
    ) -> Transition | None:
        """The transition by which a role may lead a record from one state to another, or None.

        `age`: how long ago the record's first entry was made, 0 for a record that is about to begin.
        """
        for transition in self._by_ends.get((before, after), ()):
            if transition.is_allowed(role, age):
                return transition
        return None

    def has_transition(self, name: str, status: str) -> bool:
        """True if a transition of this name leads from a status back to itself."""
        return any(move.name == name for move in self._by_ends.get((status, status), ()))

    def names_transition(self, name: str, before: str, after: str, *, role: str) -> bool:
        """True if a role may make a transition of this name between two states."""
        return any(
            move.name == name and role in move.roles for move in self._by_ends.get((before, after), ())
        )

    def names_amendments(self, status: str) -> bool:
        """True if some amendments of a record in `status` are transitions with a name of their own."""
        return any(move.is_shown_by for move in self._by_ends.get((status, status), ()))

    def named_amendment(
        self, status: str, before: Mapping[str, Any], after: Mapping[str, Any], role: str
    ) -> str:
        """The name of the transition onto the same status that a version is, "" for a mere amendment of facts."""
        return next(
            (
                move.name
                for move in self._by_ends.get((status, status), ())
                if move.is_shown_by and role in move.roles and move.is_shown_by(before, after)
            ),
            "",
        )

    def needs_of(self, name: str, before: str, after: str) -> tuple[str, ...]:
        """Fields that must be stated with the transition of this name between two states."""
        moves = self._by_ends.get((before, after), ())
        return next((move.needs for move in moves if move.name == name), ())

    def needs_of_state(self, status: str) -> tuple[str, ...]:
        """Fields without which no decision leads to a status: a record that has it must state them."""
        return self._needs_of_state[status]

    def next_date_change(self, status: str, values: Mapping[str, Any]) -> tuple[dt.date, DateChange] | None:
        """The earliest change that a date brings to a record in `status`, with its day; None if there is none."""
        changes = [
            (day, change)
            for change in self.date_changes
            if status in change.before and (day := change.effective_on(values))
        ]
        return min(changes, key=lambda pair: pair[0]) if changes else None

    def overdue(self, status: str, values: Mapping[str, Any], today: dt.date) -> tuple[Overdue, ...]:
        """The deadlines that a record in `status` has let pass, the longest overdue first."""
        passed = [
            Overdue(each, due)
            for each in self.deadlines
            if status in each.states and (due := each.due(values)) is not None and due < today
        ]
        return tuple(sorted(passed, key=lambda each: each.due))

    def objections_until(self, status: str, values: Mapping[str, Any]) -> dt.date | None:
        """The last day on which objections to a record in `status` are taken, None where no end is known."""
        days = [due for each in self.deadlines if status in each.states and (due := each.due(values))]
        return min(days, default=None)

    def deadline_fields(self, status: str) -> tuple[str, ...]:
        """The fields that hold the deadlines of a record in `status`."""
        return tuple(each.field for each in self.deadlines if each.field and status in each.states)

    def decision_day(
        self, status: str, values: Mapping[str, Any], before: Mapping[str, Any] | None, today: dt.date
    ) -> dt.date | None:
        """The day since which a record that `today` comes into `status` has been in it, None where it is not known.

        That is the day of the decision as its document states it, else the day that brought the status about.
        `before`: the document until then, None for a new record. What stood there already is the day of an earlier decision.
        """
        if stated := self.stated_day(status, values, before):
            day = sparse_dates.first_day(str(values[stated]))
            return day if day <= today else None
        effective = [change.effective_on(values) for change in self.date_changes if change.after == status]
        return max((day for day in effective if day is not None and day <= today), default=None)

    def stated_day(
        self, status: str, values: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> str | None:
        """The field that states the day of the decision for `status`, None where it is as in the document `before`."""
        for name in self.state(status).decided:
            written = str(values.get(name) or "")
            if written and (before is None or written != str(before.get(name) or "")):
                return name
        return None

    def is_decision_day(self, status: str, values: Mapping[str, Any], since: dt.date) -> bool:
        """True if `since` is the day of the decision or of the date that led to the status, not the day of the entry."""
        stated = (str(values.get(name) or "") for name in self.state(status).decided)
        if any(written and sparse_dates.first_day(written) == since for written in stated):
            return True
        return any(
            change.after == status and change.effective_on(values) == since for change in self.date_changes
        )

    def status_on(self, status: str, values: Mapping[str, Any], today: dt.date) -> str:
        """The status on a day, with the changes that dates have brought by then."""
        return self.status_and_since_on(status, values, today)[0]

    def status_and_since_on(
        self, status: str, values: Mapping[str, Any], today: dt.date
    ) -> tuple[str, dt.date | None]:
        """The status on a day, and the day since which a date has made it so, None where it is as recorded."""
        since = None
        for _step in range(len(self.states)):
            change = self.next_date_change(status, values)
            if change is None or change[0] > today:
                break
            since, status = change[0], change[1].after
        return status, since

    def changed_by_date(self, stated: str, current: str, values: Mapping[str, Any], today: dt.date) -> bool:
        """True if a date has changed the status that a source still states into the current one."""
        return stated != current and self.status_on(stated, values, today) == current

    def changed_by_link(self, stated: str, current: str) -> bool:
        """True if a linked record may have changed the status that a source still states into the current one."""
        return any(stated in each.before and current == each.after for each in self.linked_changes)

    def first_publication(self) -> str:
        """The state in which what was applied for becomes public, "" where nothing is applied for."""
        return next(
            (
                move.after
                for move in self.transitions
                if move.before and not self.state(move.before).is_public and self.state(move.after).is_public
            ),
            "",
        )

    def public_states(self) -> tuple[State, ...]:
        return tuple(state for state in self.states if state.is_public)

    def problems(self) -> list[str]:
        """What contradicts itself in the tables; empty when all is well."""
        return [
            *self._state_problems(),
            *self._transition_problems(),
            *self._automatic_problems(),
            *self._deadline_problems(),
        ]

    def _state_problems(self) -> Iterator[str]:
        if len(self._by_code) != len(self.states):
            yield "a state is listed twice"
        reachable = {transition.after for transition in self.transitions}
        for state in self.states:
            if state.is_public and state.badge not in BADGES:
                yield f"state {state.code}: unknown badge {state.badge}"
            if state.is_public and not state.explanation:
                yield f"state {state.code}: nothing said to the public"
            if state.code not in reachable:
                yield f"state {state.code} can never be reached"
        if not self.has_state(self.default_status) or not self.state(self.default_status).is_public:
            yield f"default state {self.default_status} is not a public state"

    def _transition_problems(self) -> Iterator[str]:
        for transition in self.transitions:
            name = f"transition {transition.name}"
            for code in (transition.before, transition.after):
                if code and not self.has_state(code):
                    yield f"{name}: unknown state {code}"
            if not transition.roles:
                yield f"{name}: no role may make it"
            for role in transition.roles:
                if role not in ROLES:
                    yield f"{name}: unknown role {role}"

    def _automatic_problems(self) -> Iterator[str]:
        """Changes that come by themselves need a transition that the system may make."""
        automatic: tuple[DateChange | LinkedChange, ...] = (*self.date_changes, *self.linked_changes)
        for change in automatic:
            for before in change.before:
                transitions = self._by_ends.get((before, change.after), ())
                if not any(
                    "system" in transition.roles and transition.name == change.transition
                    for transition in transitions
                ):
                    yield f"{change.transition}: no transition {before} → {change.after} by itself"

    def _deadline_problems(self) -> Iterator[str]:
        for deadline in self.deadlines:
            if bool(deadline.field) == bool(deadline.last_day):
                yield f"deadline {deadline.code}: needs either a field or a function"
            if deadline.badge not in BADGES:
                yield f"deadline {deadline.code}: unknown badge {deadline.badge}"
            yield from (
                f"deadline {deadline.code}: unknown state {state}"
                for state in deadline.states
                if not self.has_state(state)
            )


def _common_needs(transitions: Iterable[Transition], after: str) -> tuple[str, ...]:
    """What every transition into a state needs, in the order of the first one; what keeps the state leads to none."""
    needs = [each.needs for each in transitions if each.after == after != each.before]
    return tuple(name for name in needs[0] if all(name in others for others in needs)) if needs else ()
