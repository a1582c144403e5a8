"""Applications by their holder: submitted from a draft, corrected, withdrawn. Nothing of it is public."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Invalid, Stale
from registry.kit.application_case import PREPARED, TAKEN, TAKEN_BACK, Application, ApplicationStep
from registry.kit.definition import KeyMissing, RegisterDefinition
from registry.kit.draft import Draft
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.kit.record import MAX_KEY_LENGTH
from registry.registers import catalogue
from registry.services.applying import cases, evidence, moves
from registry.services.bootstrap import Registry
from registry.services.filing import DraftSubmission, draft_views, drafts, submission
from registry.services.people import deciding_rights
from registry.services.people.memberships import FilerAddress, require_membership
from registry.services.publication import publishing
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_TITLE_LENGTH = 200
MAX_OPEN = 200  # applications of one organisation in one register that are examined or to be corrected


@dataclass(frozen=True, slots=True)
class Answers:
    """What is submitted. `typed`: JSON, as a draft keeps it; `application_id`: of the one that is corrected; `draft_id`: None from a program."""

    register: str
    typed: str
    application_id: int | None = None
    draft_id: int | None = None


def find_bars(registry: Registry, actor: Actor, org: FilerAddress, draft_id: int) -> tuple[Issue, ...]:
    """Return what bars the application of a draft, whatever its answers are otherwise. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        draft = drafts.require_draft(connection, mine.id, draft_id)
        values = draft_views.check_draft(connection, actor, mine, draft).values
        loaded = load_readable(catalogue()[draft.register], values)
        return list_bars(connection, mine, _answers_of(draft), loaded)


def submit_application(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int, *, submitted: DraftSubmission
) -> int:
    """Submit a draft and return the id of its application; the draft is gone then.

    A second press of the button gives the same. Raises `Invalid` with everything that stands against it, `Stale` when it
    changed since it was shown, `NotFound`, `Forbidden` (viewers), `Conflict` (the application has moved on meanwhile).
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:  # what is refused never holds up those who write
        mine = require_membership(connection, actor, org, "editor")
        if (known := _submitted_from(connection, mine, draft_id)) is not None:
            return known
        draft = _shown_draft(connection, mine, draft_id, submitted)
        values = _require_complete(connection, actor, mine, draft, signer=submitted.signer)
        state = publishing.published_state(connection)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)  # two drafts may be for the same
        mine = require_membership(connection, actor, org, "editor")  # it may have ended meanwhile
        if (known := _submitted_from(connection, mine, draft_id)) is not None:
            return known
        draft = _shown_draft(connection, mine, draft_id, submitted, lock=True)
        if publishing.published_state(connection) != state:
            values = _require_complete(connection, actor, mine, draft, signer=submitted.signer)
        elif issues := _missing_or_barred(connection, mine, draft, values):
            raise Invalid(issues)
        made = write_submission(
            connection, actor, mine, _answers_of(draft), values=values, signer=submitted.signer
        )
        evidence.keep_with_step(connection, draft.id, made.step_id)
        connection.execute(delete(Draft).where(Draft.id == draft.id))
    return made.application_id


def _answers_of(draft: FetchedRow) -> Answers:
    return Answers(draft.register, draft.typed, draft.application_id, draft.id)


def _shown_draft(
    connection: Connection,
    mine: FetchedRow,
    draft_id: int,
    submitted: DraftSubmission,
    *,
    lock: bool = False,
) -> FetchedRow:
    """The draft as it was shown to who submits it. Raises `NotFound`, `Stale`."""
    draft = drafts.require_draft(connection, mine.id, draft_id, lock=lock)
    if draft.revision != submitted.revision:
        raise Stale("draft_saved_meanwhile", name=draft.editor)
    return draft


def _require_complete(
    connection: Connection, actor: Actor, mine: FetchedRow, draft: FetchedRow, *, signer: str
) -> dict[str, Any]:
    """The values of a draft against which nothing stands. Raises `Invalid` with everything that does."""
    require(actor, Action.ACT_FOR)
    checked = draft_views.check_draft(connection, actor, mine, draft)
    values = load_readable(catalogue()[draft.register], checked.values)
    issues = (
        *checked.issues,
        *_missing_or_barred(connection, mine, draft, values),
        *submission.signer_issues(signer),
    )
    if issues:
        raise Invalid(issues)
    return values


def _missing_or_barred(
    connection: Connection, mine: FetchedRow, draft: FetchedRow, values: Mapping[str, Any]
) -> tuple[Issue, ...]:
    """What stands against an application besides its answers: files that are missing, another one for the same."""
    files = evidence.files_of_draft(connection, draft.id)
    return (
        *evidence.missing_evidence(draft.register, files),
        *list_bars(connection, mine, _answers_of(draft), values),
    )


def find_submitted(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int
) -> tuple[str, int] | None:
    """Return register and id of the application that a draft has become, None for any other draft. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        known = _submitted_from(connection, mine, draft_id)
        return (cases.load_application(connection, known).register, known) if known is not None else None


def open_correction(registry: Registry, actor: Actor, org: FilerAddress, application_id: int) -> int:
    """Open a draft with what was submitted, to correct it; one that is open is returned. Returns its id.

    Raises `NotFound`, `Forbidden` (viewers), `Conflict` where the application was not returned.
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = cases.load_own(connection, mine, application_id, lock=True)
        move = moves.submission_from(catalogue()[row.register], row.status)
        if move is None or row.forgotten_at is not None:
            raise Conflict("application_not_open")
        known = connection.execute(select(Draft.id).where(Draft.application_id == row.id)).scalar()
        if known is not None:
            return int(known)
        now = clock.now()
        values: dict[str, Any] = {"register": row.register, "organisation_id": mine.id, "revision": 1}
        values |= {"application_id": row.id, "typed": row.typed, "made_at": now, "changed_at": now}
        opened = insert(Draft).values(**values, **drafts.unused_id(connection))
        opened = opened.values(made_by=actor.user_id, changed_by=actor.user_id)
        draft_id = int(connection.execute(opened.returning(Draft.id)).scalar_one())
        last = cases.submissions(cases.steps_of(connection, row.id))[-1]
        evidence.copy_files(connection, last.id, draft_id)
    return draft_id


def withdraw_application(registry: Registry, actor: Actor, org: FilerAddress, application_id: int) -> None:
    """Take an application back before anything of it is public. Raises `NotFound`, `Forbidden` (viewers), `Conflict`."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)  # who submits a correction locks the draft first
        mine = require_membership(connection, actor, org, "editor")
        withdraw_in_transaction(
            connection, actor, cases.load_own(connection, mine, application_id, lock=True)
        )


def withdraw_in_transaction(connection: Connection, actor: Actor, row: FetchedRow) -> str:
    """Take back an application of the actor's organisation, and return its state then; the publish lock is held. Raises `Conflict`."""
    require(actor, Action.ACT_FOR)
    move = moves.withdrawal_from(catalogue()[row.register], row.status)
    if move is None or row.record_id is not None:
        raise Conflict("application_not_open")
    cases.move_on(connection, row, {"status": move.after})
    waiting = (ApplicationStep.application_id == row.id) & (ApplicationStep.state == PREPARED)
    ended = {"state": TAKEN_BACK, "settled_at": clock.now()}
    connection.execute(update(ApplicationStep).where(waiting).values(**ended))
    _write_step(connection, actor, row.id, move)
    for draft_id in connection.execute(select(Draft.id).where(Draft.application_id == row.id)).scalars():
        drafts.delete_draft(connection, draft_id)
    cases.tell_holder(connection, row, "application_withdrawn", after=move.after)
    _audit(connection, actor, "application_withdrawn", row)
    return move.after


@dataclass(frozen=True, slots=True)
class Submitted:
    """The ids of an application and of the step by which it was submitted."""

    application_id: int
    step_id: int


def write_submission(
    connection: Connection,
    actor: Actor,
    mine: FetchedRow,
    answers: Answers,
    *,
    values: Mapping[str, Any],
    signer: str,
) -> Submitted:
    """Write an application, or the next submission of one, with its step; its people are told. The files are the caller's.

    `values`: the answers as they are read, against which nothing stands. Raises `Conflict` where it cannot be corrected now.
    """
    require(actor, Action.ACT_FOR)
    definition = catalogue()[answers.register]
    now = clock.now()
    title, _subject = draft_views.draft_title(definition, json.loads(answers.typed))
    written: dict[str, Any] = {
        "typed": answers.typed,
        "title": title.zh[:MAX_TITLE_LENGTH],
        "natural_key": _key(definition, values),
        "region_code": str(values.get(definition.region) or "")[:6],
        "issuer_id": _find_issuer(connection, definition, values),
        "submitted_at": now,
    }
    if answers.application_id is None:
        move = moves.first_submission(definition)
        assert move is not None
        new = {**written, "register": answers.register, "organisation_id": mine.id, "status": move.after}
        new |= {"revision": 1, "changed_at": now}
        application_id = int(
            connection.execute(insert(Application).values(**new).returning(Application.id)).scalar_one()
        )
    else:
        row = cases.load_own(connection, mine, answers.application_id, lock=True)
        found = moves.submission_from(definition, row.status)
        if found is None:
            raise Conflict("application_not_open")
        move, application_id = found, row.id
        cases.move_on(connection, row, {**written, "status": move.after})
    step_id = _write_step(
        connection,
        actor,
        application_id,
        move,
        typed=answers.typed,
        draft_id=answers.draft_id,
        signer=" ".join(signer.split()),
    )
    submitted = cases.load_application(connection, application_id)
    cases.tell_holder(connection, submitted, "application_submitted", after=submitted.status)
    _audit(connection, actor, "application_submitted", submitted)
    return Submitted(application_id, step_id)


def _write_step(
    connection: Connection, actor: Actor, application_id: int, move: Transition, **values: Any
) -> int:
    """Write a step of the holder, which is taken as soon as it is made."""
    require(actor, Action.ACT_FOR)
    now = clock.now()
    step = {
        "application_id": application_id,
        "transition": move.name,
        "before": move.before,
        "after": move.after,
        "state": TAKEN,
        "role": actor.role,
        "prepared_by": actor.user_id,
        "prepared_at": now,
        "settled_by": actor.user_id,
        "settled_at": now,
        **values,
    }
    return int(
        connection.execute(insert(ApplicationStep).values(**step).returning(ApplicationStep.id)).scalar_one()
    )


def list_bars(
    connection: Connection, mine: FetchedRow, answers: Answers, values: Mapping[str, Any]
) -> tuple[Issue, ...]:
    """Return what bars an application: as its register says, another one for the same, too many. `values`: the answers as they are read."""
    definition = catalogue()[answers.register]
    key = _key(definition, values)
    held = cases.held_records(connection, answers.register, mine.id, key=key)
    issues = list(moves.applications_of(answers.register).hinder(values, held, clock.today()))
    if key and (
        other := cases.open_application(connection, answers.register, key, but=answers.application_id)
    ):
        issues.append(Issue("application_open", "", {"application": other}))
    if answers.application_id is None and _count_open(connection, definition, mine.id) >= MAX_OPEN:
        issues.append(Issue("too_many_applications", "", {"at_most": MAX_OPEN}))
    return tuple(issues)


def _count_open(connection: Connection, definition: RegisterDefinition, organisation_id: int) -> int:
    """How many applications of an organisation in a register are examined or to be corrected."""
    rows = connection.execute(
        select(Application.status, func.count().label("number"))
        .where(
            Application.organisation_id == organisation_id,
            Application.register == definition.slug,
            Application.record_id.is_(None),
        )
        .group_by(Application.status)
    )
    return sum(row.number for row in rows if not moves.is_over(definition, row.status))


def load_readable(definition: RegisterDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what can be read of answers."""
    return dict(definition.schema.load_values(values, complete=False).values)


def _key(definition: RegisterDefinition, values: Mapping[str, Any]) -> str:
    try:
        return definition.key.compute(values)[:MAX_KEY_LENGTH]
    except KeyMissing:
        return ""


def _find_issuer(
    connection: Connection, definition: RegisterDefinition, values: Mapping[str, Any]
) -> int | None:
    """The record of the body that an application asks, None in a register to which no bodies issue."""
    if definition.issuer is None:
        return None
    return deciding_rights.facts_of_values(connection, definition, values).issuer_id


def _submitted_from(connection: Connection, mine: FetchedRow, draft_id: int) -> int | None:
    """The application that was submitted from a draft of this organisation."""
    return connection.execute(
        select(Application.id)
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .where(ApplicationStep.draft_id == draft_id, Application.organisation_id == mine.id)
        .limit(1)
    ).scalar()


def _audit(connection: Connection, actor: Actor, action: str, row: FetchedRow) -> None:
    require(actor, Action.ACT_FOR)
    audit_log.record(
        connection,
        actor,
        action,
        subject=row.org_number,
        details=f"{row.register} {row.id}",
    )
