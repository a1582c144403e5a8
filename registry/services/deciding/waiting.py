"""Which records wait for a decision by a role: deadlines that have passed or end soon, states that lead nowhere by themselves.

The conditions come from the life cycles. A statement for each register finds who may be meant, by state, by the cautions
that the relay found, and by the day of the next change; the values of the record decide.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, false, literal, or_
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.life_cycle import LifeCycle
from registry.kit.record import Record
from registry.reference import working_days
from registry.registers import catalogue
from registry.services.deciding import cases, moves, persons, previews
from registry.services.deciding.views import CaseKind, DeskCaseView
from registry.store.base import FetchedRow

SOON = dt.timedelta(days=30)  # how long before its end a deadline is shown
MAX_LOOKED_AT = 3_000  # records of one register
WAITING_STANDINGS = ("pending", "restricted")
SEPARATOR = "~"  # between the parts of a place in the list
KIND_ORDER: tuple[CaseKind, ...] = ("overdue", "soon", "waiting")


class _Found(NamedTuple):
    """A record that waits: why, by which day or since which, and the mark of the deadline."""

    order: tuple[int, str, str, str]
    row: FetchedRow
    kind: CaseKind
    day: dt.date
    mark: Words | None


class WaitingCases(NamedTuple):
    """The records of a page in their order, how many there are of each kind, and whether all were looked at.

    `following`: where the next page begins, "" where there is none.
    """

    cases: tuple[DeskCaseView, ...]
    counts: dict[CaseKind, int]
    total: int
    all_looked_at: bool
    following: str = ""


@dataclass(frozen=True, slots=True)
class WaitingPart:
    """Which of the records that wait are asked for. `register`, `kind`: only those, "" for all.

    A part of the list begins at `offset`, or behind what `after` says (`WaitingCases.following`).
    """

    register: str = ""
    kind: str = ""
    offset: int = 0
    after: str = ""
    limit: int = 25


def list_waiting(connection: Connection, actor: Actor, part: WaitingPart) -> WaitingCases:
    """Return the records that wait for the actor's role, most overdue first; who only reads sees what waits for any role.

    Raises `Invalid` where `after` is no place in the list.
    """
    require(actor, Action.SEE_DESK)
    register, kind, limit = part.register, part.kind, part.limit
    behind = _place(part.after) if part.after else None
    found: list[_Found] = []
    looked_at = True
    for slug, definition in catalogue().items():
        if register in ("", slug):
            rows = _candidates(connection, actor, definition)
            looked_at = looked_at and len(rows) < MAX_LOOKED_AT
            found += (each for row in rows if (each := _weigh(definition, row)) is not None)
    counts: dict[CaseKind, int] = {each: sum(case.kind == each for case in found) for each in KIND_ORDER}
    shown = sorted((each for each in found if kind in ("", each.kind)), key=lambda each: each.order)
    total = len(shown)
    if behind is not None:
        shown = [each for each in shown if each.order > behind]
    page = shown[part.offset : part.offset + limit]
    following = SEPARATOR.join(map(str, page[-1].order)) if len(shown) > part.offset + limit else ""
    waiting = cases.open_decisions(connection, [each.row.id for each in page])
    views = tuple(replace(_view(each), decision=waiting.get(each.row.id)) for each in page)
    return WaitingCases(views, counts, total, looked_at, following)


def _place(written: str) -> tuple[int, str, str, str]:
    """Return a place in the order of the list as `list_waiting` has written it. Raises `Invalid`."""
    rank, _first, rest = written.partition(SEPARATOR)
    day, _second, rest = rest.partition(SEPARATOR)
    register, _third, number = rest.partition(SEPARATOR)
    if rank not in map(str, range(len(KIND_ORDER))) or not number:
        raise Invalid((Issue("bad_token", "next", {"value": written[:40]}),))
    return int(rank), day, register, number


def _candidates(connection: Connection, actor: Actor, definition: RegisterDefinition) -> list[FetchedRow]:
    """The records of a register that may wait for the actor."""
    require(actor, Action.SEE_DESK)
    role = actor.role if actor.role in moves.DESK_ROLES else ""
    starts = {move.before for move in moves.desk_moves(definition, role) if move.before != move.after}
    condition = _may_wait(definition.life_cycle, starts)
    if condition is None:
        return []
    statement = (
        cases.CASES.where(Record.register == definition.slug, condition)
        .where(persons.records_in_bounds(connection, actor))
        .order_by(Record.status_since, Record.id)
        .limit(MAX_LOOKED_AT)
    )
    return list(connection.execute(statement).all())


def _may_wait(life_cycle: LifeCycle, starts: set[str]) -> ColumnElement[bool] | None:
    waiting = [state for state in starts if life_cycle.state(state).standing in WAITING_STANDINGS]
    conditions: list[ColumnElement[bool]] = [Record.status.in_(waiting)] if waiting else []
    codes = literal(" ") + Record.caution_codes + literal(" ")
    for deadline in life_cycle.deadlines:
        states = [state for state in deadline.states if state in starts and state not in waiting]
        if states:
            marked = codes.contains(f" {deadline.code} ", autoescape=True)
            near = Record.due_on <= clock.today() + SOON
            conditions.append(Record.status.in_(states) & or_(marked, near))
    return or_(false(), *conditions) if conditions else None


def _weigh(definition: RegisterDefinition, row: FetchedRow) -> _Found | None:
    """Why a record waits, None where it does not."""
    life_cycle, today = definition.life_cycle, clock.today()
    values = orjson.loads(row.document)
    dues = sorted(_deadlines(life_cycle, row.status, values), key=lambda each: each[0])
    if dues and dues[0][0] < today:
        return _Found(_order("overdue", dues[0][0], row), row, "overdue", *dues[0])
    if dues and dues[0][0] <= today + SOON:
        return _Found(_order("soon", dues[0][0], row), row, "soon", *dues[0])
    if life_cycle.state(row.status).standing in WAITING_STANDINGS:
        return _Found(_order("waiting", row.status_since, row), row, "waiting", row.status_since, None)
    return None


def _order(kind: CaseKind, day: dt.date, row: FetchedRow) -> tuple[int, str, str, str]:
    return KIND_ORDER.index(kind), day.isoformat(), row.register, row.number


def _deadlines(
    life_cycle: LifeCycle, status: str, values: dict[str, object]
) -> Iterator[tuple[dt.date, Words]]:
    for deadline in life_cycle.deadlines:
        if status in deadline.states and (due := deadline.due(values)) is not None:
            yield due, Words(deadline.zh, deadline.en)


def _view(found: _Found) -> DeskCaseView:
    today = clock.today()
    is_due = found.kind != "waiting"
    if found.day >= today:
        days = working_days.count_working_days(today, found.day)
    else:
        days = -working_days.count_working_days(found.day, today)
    return DeskCaseView(
        record=previews.titled(found.row),
        kind=found.kind,
        mark=found.mark,
        due=found.day.isoformat() if is_due else "",
        working_days=days,
        since=found.row.status_since.isoformat(),
        decision=None,
    )
