"""What waits at the desk as lists that a program reads page by page: records, and decisions of other people and one's own.

A page goes on behind the last line of the page before, also where lines have come or gone meanwhile.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy.sql.elements import ColumnElement

from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.decision import PREPARED, RETURNED, Decision
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import desk, waiting
from registry.services.deciding.views import CaseKind, DecisionLineView, DeskCaseView
from registry.services.deciding.waiting import WaitingPart
from registry.store.unit_of_work import read_transaction

Queue = Literal["to_take", "returned", "prepared"]
QUEUES: tuple[Queue, ...] = get_args(Queue)
MAX_PAGE = 100  # lines
MAX_TOKEN = 400  # characters
MAX_ID = 2**63 - 1
MAX_ID_DIGITS = len(str(MAX_ID))


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which part of a list is asked for. `register`, `kind`: "" for all; `token`: `next` of the page before, None for the first."""

    register: str = ""
    kind: str = ""
    limit: int = 20
    token: str | None = None


@dataclass(frozen=True, slots=True)
class CaseList:
    """Records that wait. `counts`: of each kind; `all_looked_at`: False where more wait than were looked at; `next`: None at the end."""

    cases: tuple[DeskCaseView, ...]
    counts: Mapping[CaseKind, int]
    total: int
    all_looked_at: bool
    next: str | None


@dataclass(frozen=True, slots=True)
class DecisionList:
    """Prepared or returned decisions, the oldest first. `next`: None at the end."""

    decisions: tuple[DecisionLineView, ...]
    next: str | None


def list_cases(registry: Registry, actor: Actor, wanted: ListRequest) -> CaseList:
    """Return the records that wait for the actor, most overdue first; for who only reads, those that wait for anyone.

    Raises `Invalid` for an unknown register, kind or token.
    """
    require(actor, Action.SEE_DESK)
    _require_known("register", wanted.register, tuple(catalogue()))
    _require_known("kind", wanted.kind, waiting.KIND_ORDER)
    after = decode_place(wanted.token)
    with read_transaction(registry.engine) as connection:
        part = WaitingPart(wanted.register, wanted.kind, after=after, limit=min(wanted.limit, MAX_PAGE))
        found = waiting.list_waiting(connection, actor, part)
    return CaseList(
        found.cases,
        found.counts,
        found.total,
        found.all_looked_at,
        encode_place(found.following) if found.following else None,
    )


def list_decisions(registry: Registry, actor: Actor, queue: str, wanted: ListRequest) -> DecisionList:
    """Return the decisions that the actor may take (`to_take`), that came back to them, or theirs that wait for another person.

    Raises `Invalid` for an unknown queue, register or token.
    """
    require(actor, Action.SEE_DESK)
    _require_known("queue", queue, QUEUES)
    _require_known("register", wanted.register, tuple(catalogue()))
    written = decode_place(wanted.token)
    if written and not (written.isdecimal() and 0 < int(written) <= MAX_ID):
        raise Invalid((Issue("bad_token", "next", {"value": str(wanted.token)[:40]}),))
    limit = min(wanted.limit, MAX_PAGE)
    with read_transaction(registry.engine) as connection:
        conditions: list[ColumnElement[bool]] = [Decision.id > int(written or 0)]
        if wanted.register:
            conditions.append(Decision.register == wanted.register)
        mine = Decision.prepared_by == actor.user_id
        if queue == "to_take":
            conditions.append(desk.waits_for_others(connection, actor))
        else:
            conditions.append((Decision.state == (RETURNED if queue == "returned" else PREPARED)) & mine)
        lines = desk.decision_lines(connection, actor, conditions, limit=limit + 1)
    page = lines[:limit]
    return DecisionList(page, encode_place(str(page[-1].id)) if len(lines) > limit else None)


def _require_known(name: str, value: str, known: tuple[str, ...]) -> None:
    if value and value not in known:
        raise Invalid((Issue("unknown_value", name, {"value": value[:60], "known": ", ".join(known)}),))


def encode_place(position: str) -> str:
    """Return the `next` token of a place in a list."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decode_place(token: str | None) -> str:
    """Return the place of a `next` token, "" for none. Raises `Invalid` for what `encode_place` has not made."""
    if token is None:
        return ""
    try:
        position = base64.urlsafe_b64decode(token[:MAX_TOKEN] + "=" * (-len(token) % 4)).decode()
    except ValueError:
        position = ""
    if not position or encode_place(position) != token:
        raise Invalid((Issue("bad_token", "next", {"value": token[:40]}),))
    return position


def decode_id(token: str) -> int:
    """Return the id behind which a page begins, of a `next` token that stands for one. Raises `Invalid`."""
    written = decode_place(token)
    place = int(written) if written.isascii() and written.isdecimal() and len(written) <= MAX_ID_DIGITS else 0
    if not 0 < place <= MAX_ID:
        raise Invalid((Issue("bad_token", "next", {"value": token[:40]}),))
    return place
