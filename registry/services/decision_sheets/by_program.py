"""Sheets of decisions by programs (the API): rows as JSON, prepared together, taken together; each request safe to repeat with a key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sqlalchemy import insert

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.kit.decision import CHECKED, DecisionSheet, DecisionSheetRow
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.deciding import persons
from registry.services.deciding.settling import NotPossible
from registry.services.deciding.views import RefusedCaseView
from registry.services.decision_sheets import rows, sheets, taking
from registry.services.decision_sheets.columns import WrittenRow
from registry.services.decision_sheets.rows import Grounds
from registry.services.people.tokens import (
    KeyedRequest,
    ProgramAnswer,
    TokenBearer,
    find_answer,
    keep_answer,
    require_desk_scope,
)
from registry.services.publication import publishing
from registry.store.unit_of_work import read_transaction, unit_of_work

SheetActName = Literal["take", "return", "take-back"]
SHEET_ACTS: tuple[SheetActName, ...] = get_args(SheetActName)
NAME = "API"  # of a sheet that a program has sent


@dataclass(frozen=True, slots=True)
class SentRow:
    """A decision on one record as a program sends it."""

    number: str
    transition: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SentSheet:
    """Decisions in one register. `key`, `stated`, `evidence`: for rows that leave them empty; `leave_out`: do without rows that are refused."""

    register: str
    rows: tuple[SentRow, ...]
    key: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    leave_out: bool = False


@dataclass(frozen=True, slots=True)
class SheetAct:
    """What a program does with a prepared sheet. `reply`: of a return; `leave_out`: what is not possible any more, which waits on."""

    name: SheetActName
    reply: str = ""
    leave_out: bool = False


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is refused. `row`: from 1."""

    row: int
    number: str
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class SheetOutcome:
    """What a request has come to. `answer`: None where nothing was done, because of the rows or records `refused`."""

    answer: ProgramAnswer | None
    refused: tuple[RefusedRow, ...] = ()


def prepare_sheet_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, sent: SentSheet, *, request: KeyedRequest
) -> SheetOutcome:
    """Prepare the decisions of a sheet for a second person, all of them or none unless it says to leave out what is refused.

    Raises `NotFound`, `Forbidden` and `Invalid` as `sheets.hand_in_decisions` and `sheets.prepare_sheet`.
    """
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)
    definition = sheets.require_register(actor, sent.register)
    if sent.key and sent.key not in rows.keys_of_role(definition, actor.role):
        raise NotFound("transition", sent.key[:100])
    if len(sent.rows) > sheets.MAX_ROWS:
        count = len(sent.rows)
        raise Invalid((Issue("too_many_rows", "rows", {"rows": count, "at_most": sheets.MAX_ROWS}),))
    if not sent.rows:
        raise Invalid((Issue("no_record_named", "rows"),))
    grounds = Grounds(sent.key, sent.stated, sent.evidence)
    written = [_written(place, row) for place, row in enumerate(sent.rows, start=1)]
    complete = [grounds.complete(row) for row in written]
    with read_transaction(registry.engine) as connection:
        if known := find_answer(connection, request):
            return SheetOutcome(known)
        persons.require_person(connection, actor)
        published = publishing.published_state(connection)
        checked = rows.check_rows(connection, actor, definition, complete)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        if known := find_answer(connection, request):
            return SheetOutcome(known)
        if published == publishing.published_state(connection):
            checked = rows.without_hindered(connection, actor, checked)
        else:
            checked = rows.check_rows(connection, actor, definition, complete)
        refused = tuple(
            RefusedRow(row.written.row, row.written.number, row.issues)
            for row in checked
            if not row.is_possible
        )
        if refused and not sent.leave_out:
            return SheetOutcome(None, refused)
        made = insert(DecisionSheet).values(
            register=sent.register,
            key=sent.key,
            grounds=json.dumps({"stated": dict(sent.stated), "evidence": sent.evidence}, ensure_ascii=False),
            name=NAME,
            state=CHECKED,
            made_by=actor.user_id,
            made_at=clock.now(),
        )
        sheet_id = int(connection.execute(made.returning(DecisionSheet.id)).scalar_one())
        connection.execute(insert(DecisionSheetRow), [sheets.row_values(sheet_id, row) for row in written])
        sheet = sheets.load_sheet(connection, sheet_id)
        audit_log.record(
            connection, actor, "decision_sheet_handed_in", subject=sent.register, details=str(sheet_id)
        )
        count = sheets.keep_rows(connection, actor, sheet, checked)
        told = {"sheet": sheet_id, "decisions": count, "left_out": [row.number for row in refused]}
        answer = ProgramAnswer.of(201, told)
        keep_answer(connection, request, answer)
    return SheetOutcome(answer)


def act_on_sheet_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    sheet_id: int,
    *,
    act: SheetAct,
    request: KeyedRequest,
) -> SheetOutcome:
    """Take all decisions of a sheet that wait for the actor's role, return them, or take back one's own. Raises as `taking`."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)
    try:
        with unit_of_work(registry.engine) as connection:
            if act.name == "take":
                publishing.acquire_publish_lock(connection)
            if known := find_answer(connection, request):
                return SheetOutcome(known)
            left_out: Sequence[RefusedCaseView] = ()
            if act.name == "take":
                left_out = taking.take_in_transaction(connection, actor, sheet_id, leave_out=act.leave_out)
            elif act.name == "return":
                taking.return_in_transaction(connection, actor, sheet_id, act.reply)
            else:
                taking.take_back_in_transaction(connection, actor, sheet_id)
            waiting = taking.count_waiting(connection, [sheet_id]).get(sheet_id, {})
            told: dict[str, Any] = {
                "sheet": sheet_id,
                "states": waiting,
                "left_out": [each.number for each in left_out],
            }
            answer = ProgramAnswer.of(200, told)
            keep_answer(connection, request, answer)
    except NotPossible as problem:
        return SheetOutcome(None, tuple(RefusedRow(0, each.number, each.issues) for each in problem.refused))
    return SheetOutcome(answer)


def _written(place: int, row: SentRow) -> WrittenRow:
    return WrittenRow(
        place, str(place), row.number[:120], row.transition[:200], row.stated, row.evidence, row.note
    )
