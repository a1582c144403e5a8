"""Sheets of decisions: handed in, read in the background, prepared by the person who handed them in, or ended."""

from __future__ import annotations

import datetime as dt
import functools
import json
import logging
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from registry import clock
from registry.accounts import audit_log, rate_limits
from registry.accounts.model import User
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.decision import (
    CANCELLED,
    CHECKED,
    FAILED,
    OPENING,
    PREPARED,
    Decision,
    DecisionSheet,
    DecisionSheetRow,
)
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue, first_issues
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import moves, persons, preparing
from registry.services.deciding.checking import CheckedCase, StatedDecision
from registry.services.deciding.preparing import MAX_RECORDS, DecisionDraft
from registry.services.decision_sheets import columns, rows
from registry.services.decision_sheets.columns import PAPERS, WrittenRow
from registry.services.decision_sheets.rows import CheckedRow, Grounds
from registry.services.exchange.stored_results import dump_issues, load_issues
from registry.services.filing.by_sheet.sheet_policy import notes_of_sheet, refuse_early
from registry.services.filing.by_sheet.sheet_uploads import (
    SHEET_RETENTION,
    ByteStream,
    display_name,
    store_upload,
)
from registry.services.filing.by_sheet.sheet_views import stored_sheet_path
from registry.services.publication import publishing
from registry.store.base import FetchedRow
from registry.store.unit_of_work import STORE_ERRORS, read_transaction, unit_of_work

MAX_ROWS = MAX_RECORDS  # of one sheet
MAX_OPEN = 10  # sheets of one account that are not prepared yet
MAX_ISSUES_KEPT = 10  # of one row
UNREADABLE = frozenset({"too_many_cells", "cell_too_long", "too_long", "personal_number"})  # of reading a row
SHEETS_A_DAY = RateLimit(
    "decision-sheets", 100, dt.timedelta(days=1)
)  # of one account, refused ones among them
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DecisionUpload:
    """A sheet of decisions. `key`: of the transition of rows that name none, or ""; `stated`, `evidence`: for rows that leave them empty."""

    register: str
    name: str
    stream: ByteStream
    key: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""


def hand_in_decisions(registry: Registry, actor: Actor, upload: DecisionUpload) -> int:
    """Take a sheet of decisions, to be read in the background; returns its id. Nothing is prepared yet.

    Raises `NotFound` (register, transition), `Forbidden` (a register or a transition of other roles) and `Invalid`.
    """
    require(actor, Action.TAKE_DECISIONS)
    definition = require_register(actor, upload.register)
    if upload.key and upload.key not in rows.keys_of_role(definition, actor.role):
        raise NotFound("transition", upload.key[:100])
    grounds = _grounds(definition, upload)
    with unit_of_work(registry.engine) as connection:
        person = persons.require_person(connection, actor)
        _require_below_limit(connection, person)
        key = SHEETS_A_DAY.key(registry.settings.secret_key, str(person))
        if rate_limits.count_attempt(connection, SHEETS_A_DAY, key):
            raise Invalid(
                (Issue("too_many_decision_sheets_today", "file", {"at_most": SHEETS_A_DAY.max_attempts}),)
            )
    file = secrets.token_hex(16)
    path = stored_sheet_path(registry, file)
    try:
        store_upload(upload.stream, path)
        refuse_early(path, functools.partial(columns.open_decisions, definition))
        with unit_of_work(registry.engine) as connection:
            _require_below_limit(connection, person)
            statement = insert(DecisionSheet).values(
                register=upload.register,
                key=upload.key,
                grounds=json.dumps(grounds, ensure_ascii=False),
                file=file,
                name=display_name(upload.name),
                state=OPENING,
                made_by=person,
                made_at=clock.now(),
            )
            sheet_id = int(connection.execute(statement.returning(DecisionSheet.id)).scalar_one())
            _audit(connection, actor, "decision_sheet_handed_in", sheet_id=sheet_id, register=upload.register)
            return sheet_id
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def require_register(actor: Actor, register: str) -> RegisterDefinition:
    """Return a register in which the actor's role decides. Raises `NotFound` and `Forbidden`."""
    require(actor, Action.TAKE_DECISIONS)
    definition = catalogue().get(register)
    if definition is None:
        raise NotFound("register", register[:60], code="register_unknown")
    if not rows.keys_of_role(definition, actor.role):
        raise Forbidden("transition_of_others", role=actor.role, transition="")
    return definition


def prepare_sheet(registry: Registry, actor: Actor, sheet_id: int) -> int:
    """Make decisions of the rows that are possible, each on one record, all together; returns how many.

    Rows on which it is not possible keep their reasons and are left out. Raises `NotFound`, `Forbidden` (another person's),
    `Conflict` (it has gone on) and `Invalid` (no row is possible).
    """
    require(actor, Action.TAKE_DECISIONS)
    with read_transaction(registry.engine) as connection:
        sheet = own_sheet(connection, actor, sheet_id)
        published = publishing.published_state(connection)
        checked = check_sheet(connection, actor, sheet)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        sheet = own_sheet(connection, actor, sheet_id)
        if sheet.state != CHECKED:
            raise Conflict("decision_sheet_moved")
        if published == publishing.published_state(connection):
            checked = rows.without_hindered(connection, actor, checked)
        else:
            checked = check_sheet(connection, actor, sheet)
        return keep_rows(connection, actor, sheet, checked)


def keep_rows(connection: Connection, actor: Actor, sheet: FetchedRow, checked: Sequence[CheckedRow]) -> int:
    """Write the decisions of checked rows in the caller's transaction, which holds the publish lock. Raises `Invalid`, `Conflict`."""
    require(actor, Action.TAKE_DECISIONS)
    person = persons.require_person(connection, actor)
    possible = [row for row in checked if row.is_possible]
    if not possible:
        raise Invalid((Issue("no_row_possible"),))
    made = update(DecisionSheet).where(DecisionSheet.id == sheet.id, DecisionSheet.state == CHECKED)
    if not connection.execute(made.values(state=PREPARED, prepared_at=clock.now())).rowcount:
        raise Conflict("decision_sheet_moved")
    ids = preparing.keep_decisions(
        connection, actor, [_as_decision(sheet, row) for row in possible], prepared_by=person
    )
    decided = {row.written.row: decision_id for row, decision_id in zip(possible, ids, strict=True)}
    connection.execute(
        update(DecisionSheetRow).where(
            DecisionSheetRow.sheet_id == sheet.id, DecisionSheetRow.row == bindparam("of_row")
        ),
        [
            {
                "of_row": row.written.row,
                "decision_id": decided.get(row.written.row),
                "issues": dump_issues(row.issues[:MAX_ISSUES_KEPT]),
            }
            for row in checked
        ],
    )
    by_key: dict[str, list[str]] = {}
    for row in possible:
        if row.decision is not None and row.case is not None:
            by_key.setdefault(row.decision.key, []).append(row.case.record.number)
    for key, numbers in by_key.items():
        audit_log.record_all(
            connection, actor, "decision_prepared", numbers, details=f"{key} sheet {sheet.id}"
        )
    _audit(connection, actor, "decision_sheet_prepared", sheet_id=sheet.id, register=sheet.register)
    return len(possible)


def _as_decision(
    sheet: FetchedRow, row: CheckedRow
) -> tuple[DecisionDraft, StatedDecision, tuple[CheckedCase, ...]]:
    """A possible row as a decision on its record."""
    assert row.decision is not None
    assert row.case is not None
    written, decision = row.written, row.decision
    draft = DecisionDraft(sheet.register, decision.key, (), decision.stated, written.evidence, written.note)
    return draft, decision, (row.case,)


def cancel_sheet(registry: Registry, actor: Actor, sheet_id: int) -> None:
    """End a sheet that is not prepared yet. Raises `NotFound`, `Forbidden` (another person's), `Conflict`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        sheet = own_sheet(connection, actor, sheet_id)
        here = (DecisionSheet.id == sheet.id) & DecisionSheet.state.in_((OPENING, CHECKED))
        if not connection.execute(
            update(DecisionSheet).where(here).values(state=CANCELLED, file="")
        ).rowcount:
            raise Conflict("decision_sheet_moved")
        _audit(connection, actor, "decision_sheet_cancelled", sheet_id=sheet_id, register=sheet.register)


def read_sheets(registry: Registry, stop: threading.Event | None = None) -> int:
    """Read the sheets that wait, one after another; returns how many. A turn of the process that works on sheets."""
    require(SYSTEM, Action.RELAY)
    with read_transaction(registry.engine) as connection:
        waiting = connection.execute(
            select(*DecisionSheet.__table__.columns)
            .where(DecisionSheet.state == OPENING, DecisionSheet.register.in_(catalogue()))
            .order_by(DecisionSheet.id)
        ).all()
    done = 0
    for sheet in waiting:
        if stop is not None and stop.is_set():
            break
        _read(registry, sheet)
        done += 1
    return done


def load_sheet(connection: Connection, sheet_id: int) -> FetchedRow:
    """Return a sheet of decisions. Raises `NotFound`."""
    row: FetchedRow | None = connection.execute(
        select(*DecisionSheet.__table__.columns).where(DecisionSheet.id == sheet_id)
    ).one_or_none()
    if row is None or row.register not in catalogue():
        raise NotFound("sheet", str(sheet_id))
    return row


def own_sheet(connection: Connection, actor: Actor, sheet_id: int) -> FetchedRow:
    """Return a sheet that the actor has handed in. Raises `NotFound`, `Forbidden`."""
    require(actor, Action.TAKE_DECISIONS)
    person = persons.require_person(connection, actor)
    sheet = load_sheet(connection, sheet_id)
    if sheet.made_by != person:
        raise NotFound("sheet", str(sheet_id))
    return sheet


def check_sheet(connection: Connection, actor: Actor, sheet: FetchedRow) -> list[CheckedRow]:
    """Check the rows of a sheet as the records are now. What reading a row has brought up stands against it for good."""
    require(actor, Action.TAKE_DECISIONS)
    found = connection.execute(
        select(*DecisionSheetRow.__table__.columns)
        .where(DecisionSheetRow.sheet_id == sheet.id)
        .order_by(DecisionSheetRow.row)
    ).all()
    of_reading = {
        row.row: tuple(each for each in load_issues(row.issues) if each.code in UNREADABLE) for row in found
    }
    written = [replace(row, issues=of_reading[row.row]) for row in complete_rows(sheet, found)]
    return rows.check_rows(connection, actor, catalogue()[sheet.register], written)


def complete_rows(sheet: FetchedRow, found: Sequence[FetchedRow]) -> list[WrittenRow]:
    """Return rows as they were read, with what counts for all of them."""
    given = _given(sheet)
    return [
        given.complete(
            WrittenRow(
                row.row, row.place, row.number, row.transition, json.loads(row.stated), row.evidence, row.note
            )
        )
        for row in found
    ]


def purge_old_decision_sheets(registry: Registry) -> int:
    """Delete sheets of long ago; returns how many. The decisions that they have become stay."""
    require(SYSTEM, Action.RELAY)
    before = clock.now() - SHEET_RETENTION
    with unit_of_work(registry.engine) as connection:
        waits = (
            select(DecisionSheetRow.sheet_id)
            .join(Decision, Decision.id == DecisionSheetRow.decision_id)
            .where(Decision.state == PREPARED)
        )
        old = list(
            connection.execute(
                select(DecisionSheet.id).where(
                    DecisionSheet.made_at < before,
                    DecisionSheet.state != OPENING,
                    DecisionSheet.id.not_in(waits),
                )
            ).scalars()
        )
        connection.execute(delete(DecisionSheetRow).where(DecisionSheetRow.sheet_id.in_(old)))
        connection.execute(delete(DecisionSheet).where(DecisionSheet.id.in_(old)))
    return len(old)


def row_values(sheet_id: int, row: WrittenRow) -> dict[str, Any]:
    """The columns of a row as it was read."""
    return {
        "sheet_id": sheet_id,
        "row": row.row,
        "place": row.place[:60],
        "number": row.number,
        "transition": row.transition,
        "stated": json.dumps(dict(row.stated), ensure_ascii=False),
        "evidence": row.evidence,
        "note": row.note,
        "issues": dump_issues(first_issues(row.issues, MAX_ISSUES_KEPT)) if row.issues else "",
    }


def _read(registry: Registry, sheet: FetchedRow) -> None:
    """Read one sheet: keep its rows, or why it cannot be read."""
    definition = catalogue()[sheet.register]
    path = stored_sheet_path(registry, sheet.file)
    values: dict[str, Any] = {"state": CHECKED}
    found: list[WrittenRow] = []
    try:
        opened, left_out, written = columns.open_decisions(definition, path)
        found = _bounded(written, sheet.name)
        notes = [*left_out, *notes_of_sheet(opened)]
        values["notes"] = json.dumps(notes, ensure_ascii=False)
        given = _given(sheet)
        with read_transaction(registry.engine) as connection:
            actor = _person(connection, sheet.made_by)
            complete = [given.complete(row) for row in found]
            checked = rows.check_rows(connection, actor, definition, complete)
        found = [replace(row, issues=of.issues) for row, of in zip(found, checked, strict=True)]
    except Forbidden as problem:
        values = {"state": FAILED, "problem": dump_issues((Issue(problem.reason, "", dict(problem.params)),))}
        found = []
    except Invalid as problem:
        values = {"state": FAILED, "problem": dump_issues(problem.issues[:1])}
        found = []
    except STORE_ERRORS:
        raise
    except Exception:
        log.exception("sheet of decisions %s cannot be read", sheet.id)
        values = {"state": FAILED, "problem": dump_issues((Issue("not_a_spreadsheet", "file"),))}
        found = []
    with unit_of_work(registry.engine) as connection:
        here = (DecisionSheet.id == sheet.id) & (DecisionSheet.state == OPENING)
        if connection.execute(update(DecisionSheet).where(here).values(file="", **values)).rowcount and found:
            connection.execute(insert(DecisionSheetRow), [row_values(sheet.id, row) for row in found])
    path.unlink(missing_ok=True)


def _bounded(written: Iterator[WrittenRow], name: str) -> list[WrittenRow]:
    """The rows of a sheet. Raises `Invalid` where there are none, or more than one sheet takes."""
    found = list(islice(written, MAX_ROWS))
    if more := sum(1 for _row in written):
        raise Invalid((Issue("too_many_rows", "file", {"rows": MAX_ROWS + more, "at_most": MAX_ROWS}),))
    if not found:
        raise Invalid((Issue("no_rows", "file", {"file": name}),))
    return found


def _given(sheet: FetchedRow) -> Grounds:
    """What counts for the rows of a sheet that leave it empty."""
    grounds = json.loads(sheet.grounds)
    return Grounds(sheet.key, grounds.get("stated", {}), grounds.get("evidence", ""))


def _person(connection: Connection, user_id: int) -> Actor:
    """Who has handed a sheet in, as their account is now. Raises `Forbidden` unless they may decide."""
    role = connection.execute(select(User.role).where(User.id == user_id)).scalar()
    actor = Actor(str(role), user_id)
    persons.require_person(connection, actor)
    return actor


def _grounds(definition: RegisterDefinition, upload: DecisionUpload) -> dict[str, Any]:
    """What counts for rows that leave it empty. Raises `Invalid`."""
    stated = {name: " ".join(text.split()) for name, text in upload.stated.items() if text.strip()}
    evidence = upload.evidence.strip()
    issues = [
        Issue("field_not_of_decision", name, {"name": name[:60]})
        for name in stated
        if name != moves.LEGAL_BASIS or name not in definition.schema.register_fields()
    ]
    issues += [
        Issue("too_long", name, {"length": len(text), "at_most": columns.MAX_TEXT})
        for name, text in (*stated.items(), (PAPERS, evidence))
        if len(text) > columns.MAX_TEXT
    ]
    if issues:
        raise Invalid(tuple(issues))
    return {"stated": stated, "evidence": evidence}


def _require_below_limit(connection: Connection, person: int) -> None:
    waiting = (DecisionSheet.made_by == person) & DecisionSheet.state.in_((OPENING, CHECKED))
    count = connection.execute(select(func.count()).select_from(DecisionSheet).where(waiting)).scalar_one()
    if count >= MAX_OPEN:
        raise Invalid((Issue("too_many_decision_sheets", "file", {"at_most": MAX_OPEN}),))


def _audit(connection: Connection, actor: Actor, action: str, *, sheet_id: int, register: str) -> None:
    require(actor, Action.TAKE_DECISIONS)
    audit_log.record(connection, actor, action, subject=register, details=str(sheet_id))
