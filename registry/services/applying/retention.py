"""Forgetting: answers, signer and files of applications that came to nothing are deleted a while after their end."""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import Connection, Select, and_, delete, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import SYSTEM, Action, require
from registry.attachments.model import Attachment
from registry.kit.application_case import Application, ApplicationFile, ApplicationStep
from registry.kit.definition import RegisterDefinition
from registry.kit.draft import Draft
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import applied_registers
from registry.services.applying import moves
from registry.services.bootstrap import Registry
from registry.services.people import attachments
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

EMPTY = "{}"


def forget_applications(registry: Registry) -> int:
    """Forget the applications that were refused, withdrawn or not corrected, longer ago than `retention_days`; return how many.

    Number, title, states, opinions and papers of the authority stay; the audit log keeps the hashes of the answers and of every
    file, so that it can be shown later what was examined. One that is being corrected in a draft waits for that draft.
    """
    require(SYSTEM, Action.RELAY)
    due = _is_due(registry.settings.retention_days)
    with read_transaction(registry.engine) as connection:
        found = connection.execute(select(Application.id).where(due)).scalars().all()
    forgotten = 0
    for application_id in found:
        with unit_of_work(registry.engine) as connection:
            row = connection.execute(
                select(*Application.__table__.columns)
                .where(Application.id == application_id, due)
                .with_for_update()
            ).one_or_none()
            if row is not None:  # not moved on meanwhile
                _forget(connection, row)
                forgotten += 1
    return forgotten


def _is_due(days: int) -> ColumnElement[bool]:
    """The condition for the applications that came to nothing longer ago, are not forgotten, and are not being corrected."""
    before = clock.now() - dt.timedelta(days=days)
    corrected = select(Draft.application_id).where(Draft.application_id.is_not(None))
    at_rest = [
        (Application.register == definition.slug)
        & or_(
            Application.record_id.is_(None)
            & Application.status.in_(_states_at_rest(definition))
            & (Application.changed_at < before),
            Application.record_id.in_(_refused_records(definition, before)),
        )
        for definition in applied_registers()
    ]
    return and_(Application.forgotten_at.is_(None), Application.id.not_in(corrected), or_(*at_rest))


def _states_at_rest(definition: RegisterDefinition) -> list[str]:
    """The private states in which nothing more is examined: what is over, and what its holder was to correct."""
    return [
        state.code
        for state in definition.life_cycle.states
        if not state.is_public
        and (
            moves.is_over(definition, state.code) or moves.submission_from(definition, state.code) is not None
        )
    ]


def _refused_records(definition: RegisterDefinition, before: dt.datetime) -> Select[int]:
    """Select the records that were announced, then refused, and never in force."""
    states = definition.life_cycle.states
    ended = [state.code for state in states if state.standing == "ended"]
    held = [state.code for state in states if state.standing in ("in_force", "restricted")]
    was_held = select(Entry.record_id).where(Entry.record_id == Record.id, Entry.status.in_(held)).exists()
    return select(Record.id).where(
        Record.register == definition.published_in,
        Record.status.in_(ended),
        Record.status_since < before.astimezone(clock.SHANGHAI).date(),
        ~was_held,
    )


def _forget(connection: Connection, row: FetchedRow) -> None:
    steps = select(ApplicationStep.id).where(ApplicationStep.application_id == row.id)
    of_case: ColumnElement[bool] = ApplicationFile.step_id.in_(steps)
    if row.record_id is not None:  # what was published with the record stays with it
        of_case = and_(of_case, ApplicationFile.public.is_(False))
    files = connection.execute(
        select(Attachment.id, Attachment.sha256)
        .join(ApplicationFile, ApplicationFile.attachment_id == Attachment.id)
        .where(of_case)
        .order_by(Attachment.id)
        .distinct()
    ).all()
    connection.execute(delete(ApplicationFile).where(of_case))
    ids = [file.id for file in files]
    connection.execute(delete(Attachment).where(Attachment.id.in_(ids), attachments.is_unused()))
    connection.execute(
        update(ApplicationStep)
        .where(ApplicationStep.application_id == row.id, ApplicationStep.typed != "")
        .values(typed=EMPTY, signer="")
    )
    values = {"typed": EMPTY, "forgotten_at": clock.now(), "revision": row.revision + 1}
    connection.execute(update(Application).where(Application.id == row.id).values(**values))
    answers = hashlib.sha256(row.typed.encode()).hexdigest()
    hashes = " ".join(dict.fromkeys(file.sha256 for file in files))
    audit_log.record(
        connection,
        SYSTEM,
        "application_forgotten",
        subject=f"{row.register} {row.id}",
        details=f"answers {answers} files {hashes}".rstrip(),
    )
