"""What the desk shows of sheets of decisions: the list, one sheet with its rows, what waits for the reader."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from registry.accounts.model import User, name_or_address
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import NotFound
from registry.i18n import Lang
from registry.kit.decision import (
    CANCELLED,
    CHECKED,
    FAILED,
    OPENING,
    PREPARED,
    RETURNED,
    TAKEN,
    TAKEN_BACK,
    Decision,
    DecisionSheet,
    DecisionSheetRow,
)
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, desk, moves, previews
from registry.services.deciding.desk_lists import MAX_ID, decode_id, encode_place
from registry.services.deciding.views import DeskRegisterView, EffectView, TitledRecordView
from registry.services.decision_sheets import columns, rows, sheets, taking
from registry.services.decision_sheets.rows import CheckedRow
from registry.services.exchange.stored_results import load_issues
from registry.services.issue_messages import issue_message
from registry.services.records import titles
from registry.services.records.views import LabelledText, RegisterView
from registry.store.base import FetchedRow, SelectStatement
from registry.store.unit_of_work import read_transaction

MAX_LISTED = 50  # sheets on the start page of the desk
PAGE_SIZE = 25  # sheets on a page of their list
ROWS_A_PAGE = 20
ALL, POSSIBLE, REFUSED = "all", "possible", "refused"
SHOWN = (ALL, POSSIBLE, REFUSED)
BADGES = {
    OPENING: StatusView(OPENING, "正在读取", "Being read", "pending", "open"),
    CHECKED: StatusView(CHECKED, "待提交", "To be prepared", "pending", "open"),
    PREPARED: StatusView(PREPARED, "待第二人决定", "Waits for a second person", "pending", "open"),
    TAKEN: StatusView(TAKEN, "已办结", "Concluded", "in_force", "live"),
    FAILED: StatusView(FAILED, "无法读取", "Cannot be read", "ended", "stop"),
    CANCELLED: StatusView(CANCELLED, "已取消", "Cancelled", "ended", "past"),
}
DECISION_BADGES = {
    PREPARED: BADGES[PREPARED],
    TAKEN: StatusView(TAKEN, "已决定", "Taken", "in_force", "live"),
    RETURNED: StatusView(RETURNED, "已退回", "Returned", "pending", "hold"),
    TAKEN_BACK: StatusView(TAKEN_BACK, "已撤回", "Taken back", "ended", "past"),
}


@dataclass(frozen=True, slots=True)
class DecisionSheetLine:
    """A sheet in a list. `rows`, `refused`, `waiting`: how many rows it has, are refused, and wait as decisions."""

    id: int
    register: RegisterView
    name: str
    badge: StatusView
    own: bool
    made_by: str
    made_at: dt.datetime
    rows: int
    refused: int
    waiting: int

    @property
    def is_read(self) -> bool:
        """False while it waits to be read."""
        return self.badge.code != OPENING


@dataclass(frozen=True, slots=True)
class DecisionSheetList:
    """A page of the sheets that concern the reader, newest first. `registers`: in which they decide, with their transitions.

    `following`: the token of the next page, None at the end.
    """

    sheets: tuple[DecisionSheetLine, ...]
    registers: tuple[DeskRegisterView, ...]
    may_hand_in: bool
    following: str | None


@dataclass(frozen=True, slots=True)
class DecisionRowView:
    """A row of a sheet. `effect`: what the decision would do now, None where that is not known or not for the reader."""

    place: str
    number: str
    record: TitledRecordView | None
    decision_name: str
    stated: tuple[LabelledText, ...]
    evidence: str
    effect: EffectView | None
    problems: tuple[str, ...]
    decision: int | None
    badge: StatusView | None


@dataclass(frozen=True, slots=True)
class DecisionSheetView:
    """One sheet. `mine`: how many of its decisions wait for the reader; `obstacle`: why they take none, None where they may."""

    line: DecisionSheetLine
    evidence: str
    stated: tuple[LabelledText, ...]
    notices: tuple[str, ...]
    problem: str
    rows: tuple[DecisionRowView, ...]
    show: str
    page: int
    pages: int
    mine: int
    obstacle: Issue | None

    @property
    def possible(self) -> int:
        """How many rows nothing stands against."""
        return self.line.rows - self.line.refused


@dataclass(frozen=True, slots=True)
class DecisionSheetRequest:
    """What is asked of a sheet. `show`: one of `SHOWN`; `page` from 1."""

    lang: Lang
    show: str = ALL
    page: int = 1


def list_decision_sheets(
    registry: Registry, actor: Actor, token: str | None = None, *, limit: int = PAGE_SIZE
) -> DecisionSheetList:
    """Return the sheets that the actor has handed in, and those whose decisions lie within their bounds. `token`: of the page; None for the first.

    Raises `Invalid` for a wrong token.
    """
    require(actor, Action.SEE_DESK)
    behind = DecisionSheet.id < (MAX_ID if token is None else decode_id(token))
    with read_transaction(registry.engine) as connection:
        found = _lines(connection, actor, _seen(connection, actor) & behind, limit=limit + 1)
    lines = found[:limit]
    registers = desk.list_desk_registers(registry, actor)
    may_hand_in = may(actor, Action.TAKE_DECISIONS) and bool(registers)
    following = encode_place(str(lines[-1].id)) if len(found) > limit else None
    return DecisionSheetList(lines, registers, may_hand_in, following)


def list_sheets_to_take(
    registry: Registry, actor: Actor, *, limit: int = MAX_LISTED
) -> tuple[DecisionSheetLine, ...]:
    """Return the sheets with decisions that the actor may take; for who only reads, with decisions that wait."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        waits = _of_decisions(desk.waits_for_others(connection, actor))
        return _lines(connection, actor, DecisionSheet.id.in_(waits), limit=limit)


def get_decision_sheet(
    registry: Registry, actor: Actor, sheet_id: int, wanted: DecisionSheetRequest
) -> DecisionSheetView:
    """Return a sheet with a page of its rows. Raises `NotFound`, also for one that is not for the actor."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        sheet = sheets.load_sheet(connection, sheet_id)
        of_reader = (DecisionSheet.id == sheet_id) & _seen(connection, actor)
        [*lines] = _lines(connection, actor, of_reader, limit=1)
        if not lines:
            raise NotFound("sheet", str(sheet_id))
        line = lines[0]
        show = wanted.show if wanted.show in SHOWN else ALL
        total = {ALL: line.rows, POSSIBLE: line.rows - line.refused, REFUSED: line.refused}[show]
        pages = max(1, -(-total // ROWS_A_PAGE))
        page = min(max(1, wanted.page), pages)
        part = _part(connection, sheet_id, show, page)
        views = _row_views(connection, actor, sheet, part, lang=wanted.lang)
        waiting = (
            select(func.count())
            .select_from(Decision)
            .where(Decision.id.in_(_decisions_of(sheet_id)), desk.waits_for_others(connection, actor))
        )
        mine = int(connection.execute(waiting).scalar_one()) if may(actor, Action.TAKE_DECISIONS) else 0
    definition = catalogue()[sheet.register]
    grounds = json.loads(sheet.grounds)
    obstacle = None
    if sheet.state == PREPARED and line.waiting and not mine:
        code = "desk_reads_only" if not may(actor, Action.TAKE_DECISIONS) else "transition_of_others"
        obstacle = Issue("decision_is_own" if line.own else code)
    return DecisionSheetView(
        line,
        grounds.get("evidence", ""),
        previews.stated_in_words(definition, grounds.get("stated", {}), wanted.lang),
        _notices(sheet, wanted.lang),
        " ".join(describe_issue(issue, definition, wanted.lang) for issue in load_issues(sheet.problem)),
        views,
        show,
        page,
        pages,
        mine,
        obstacle,
    )


def describe_issue(issue: Issue, definition: RegisterDefinition, lang: Lang) -> str:
    """Return an issue of a row in words, with the name of its column."""
    named = name_of_column(str(issue.params.get("name") or ""), definition, lang)
    if named:  # of a field that this decision does not state
        issue = replace(issue, params={**issue.params, "name": named})
    message, name = issue_message(issue, lang, definition), name_of_column(issue.field, definition, lang)
    return f"{name}{'：' if lang == 'zh' else ': '}{message}" if name else message


def name_of_column(field: str, definition: RegisterDefinition, lang: Lang) -> str:
    """Return what the column of an issue is called; "" for one about the whole row."""
    known = {*columns.OWN_LABELS, columns.NUMBER, *definition.schema.register_fields()}
    if field not in known and definition.schema.find_column(field) is None:
        return ""
    return columns.label_of(definition, field, lang)


def visible_rows(
    connection: Connection, actor: Actor, sheet_id: int, *, refused_only: bool
) -> tuple[FetchedRow, Sequence[FetchedRow]]:
    """Return a sheet and its rows with the state of their decisions. Raises `NotFound`, also for one that is not for the actor."""
    require(actor, Action.SEE_DESK)
    sheet = sheets.load_sheet(connection, sheet_id)
    seen = (DecisionSheet.id == sheet_id) & _seen(connection, actor)
    if connection.execute(select(DecisionSheet.id).where(seen)).first() is None:
        raise NotFound("sheet", str(sheet_id))
    condition = DecisionSheetRow.issues != "" if refused_only else true()
    return sheet, _rows(connection, sheet_id, condition)


def _seen(connection: Connection, actor: Actor) -> ColumnElement[bool]:
    """The condition for the sheets that concern an actor."""
    require(actor, Action.SEE_DESK)
    within = _of_decisions(desk.decisions_within_bounds(connection, actor))
    return or_(
        DecisionSheet.made_by == actor.user_id,
        (DecisionSheet.state == PREPARED) & DecisionSheet.id.in_(within),
    )


def _of_decisions(condition: ColumnElement[bool]) -> SelectStatement:
    """The sheets with a decision that meets a condition."""
    return (
        select(DecisionSheetRow.sheet_id)
        .join(Decision, Decision.id == DecisionSheetRow.decision_id)
        .where(condition)
    )


def _decisions_of(sheet_id: int) -> SelectStatement:
    return select(DecisionSheetRow.decision_id).where(
        DecisionSheetRow.sheet_id == sheet_id, DecisionSheetRow.decision_id.is_not(None)
    )


def _lines(
    connection: Connection, actor: Actor, condition: ColumnElement[bool], *, limit: int
) -> tuple[DecisionSheetLine, ...]:
    require(actor, Action.SEE_DESK)
    found = connection.execute(
        select(*DecisionSheet.__table__.columns, name_or_address().label("person"))
        .join(User, User.id == DecisionSheet.made_by)
        .where(condition)
        .order_by(DecisionSheet.id.desc())
        .limit(limit)
    ).all()
    ids = [row.id for row in found]
    counted = {
        row.sheet_id: row
        for row in connection.execute(
            select(
                DecisionSheetRow.sheet_id,
                func.count().label("rows"),
                func.count().filter(DecisionSheetRow.issues != "").label("refused"),
            )
            .where(DecisionSheetRow.sheet_id.in_(ids))
            .group_by(DecisionSheetRow.sheet_id)
        )
    }
    states = taking.count_waiting(connection, ids)
    lines = []
    for row in found:
        waiting = states.get(row.id, {}).get(PREPARED, 0)
        state = TAKEN if row.state == PREPARED and not waiting else row.state
        of_rows = counted.get(row.id)
        lines.append(
            DecisionSheetLine(
                row.id,
                titles.register_view(catalogue()[row.register]),
                row.name,
                BADGES[state],
                row.made_by == actor.user_id,
                row.person,
                row.made_at,
                of_rows.rows if of_rows else 0,
                of_rows.refused if of_rows else 0,
                waiting,
            )
        )
    return tuple(lines)


def _part(connection: Connection, sheet_id: int, show: str, page: int) -> Sequence[FetchedRow]:
    conditions: dict[str, ColumnElement[bool]] = {
        ALL: true(),
        POSSIBLE: DecisionSheetRow.issues == "",
        REFUSED: DecisionSheetRow.issues != "",
    }
    return _rows(connection, sheet_id, conditions[show], page)


def _rows(
    connection: Connection, sheet_id: int, condition: ColumnElement[bool], page: int | None = None
) -> Sequence[FetchedRow]:
    """Rows of a sheet with the state of their decisions; `page`: one page of them."""
    statement = (
        select(*DecisionSheetRow.__table__.columns, Decision.state.label("decision_state"))
        .outerjoin(Decision, Decision.id == DecisionSheetRow.decision_id)
        .where(DecisionSheetRow.sheet_id == sheet_id, condition)
        .order_by(DecisionSheetRow.row)
    )
    if page is not None:
        statement = statement.offset((page - 1) * ROWS_A_PAGE).limit(ROWS_A_PAGE)
    return connection.execute(statement).all()


def _row_views(
    connection: Connection, actor: Actor, sheet: FetchedRow, part: Sequence[FetchedRow], *, lang: Lang
) -> tuple[DecisionRowView, ...]:
    """Rows in words. What a decision would do is worked out for those that wait, and for the roles that decide it."""
    require(actor, Action.SEE_DESK)
    definition = catalogue()[sheet.register]
    written = {row.row: row for row in sheets.complete_rows(sheet, part)}
    open_rows = [
        written[row.row] for row in part if not row.issues and row.decision_state in (None, PREPARED)
    ]
    checked: dict[int, CheckedRow] = {}
    if may(actor, Action.TAKE_DECISIONS) and sheet.state in (CHECKED, PREPARED):
        prepared = sheet.state == PREPARED
        found = rows.check_rows(connection, actor, definition, open_rows, prepared=prepared)
        checked = {row.written.row: row for row in found}
    numbers = list(dict.fromkeys(row.number for row in part if row.number))
    named = cases.find_named_cases(connection, definition, numbers)
    return tuple(
        _row_view(
            definition, row, written[row.row], checked.get(row.row), record=named.get(row.number), lang=lang
        )
        for row in part
    )


def _row_view(
    definition: RegisterDefinition,
    row: FetchedRow,
    written: columns.WrittenRow,
    checked: CheckedRow | None,
    *,
    record: FetchedRow | None,
    lang: Lang,
) -> DecisionRowView:
    effect = None
    issues = load_issues(row.issues)
    if checked is not None:
        issues = checked.issues
        if checked.is_possible and checked.decision and checked.case:
            effect = previews.effect_of(checked.decision, checked.case, lang)
    keys = columns.find_key(definition, written.transition) if written.transition else ()
    name = written.transition
    if len(keys) == 1:
        move = moves.moves_by_key(definition, keys[0])[0]
        name = columns.name_of_transition(definition, move, lang)
    return DecisionRowView(
        row.place,
        row.number,
        previews.titled(record) if record is not None else None,
        name,
        previews.stated_in_words(definition, _known(definition, written.stated), lang),
        written.evidence,
        effect,
        tuple(describe_issue(issue, definition, lang) for issue in issues),
        row.decision_id,
        DECISION_BADGES.get(row.decision_state) if row.decision_id else None,
    )


def _known(definition: RegisterDefinition, stated: Mapping[str, str]) -> dict[str, str]:
    fields = definition.schema.register_fields()
    return {
        name: text for name, text in stated.items() if name in fields or definition.schema.find_column(name)
    }


def _notices(sheet: FetchedRow, lang: Lang) -> tuple[str, ...]:
    """What was noticed while the sheet was read: columns left out, its encoding."""
    noted = json.loads(sheet.notes or "[]")
    left_out = [each for each in noted if isinstance(each, str)]
    told = [Issue("columns_left_out", "", {"names": ", ".join(left_out[:20])})] if left_out else []
    told += [
        Issue(each["code"], "", each["params"]) for each in noted if isinstance(each, dict) and "code" in each
    ]
    return tuple(issue_message(issue, lang) for issue in told)
