"""Applications as rows: found, counted, moved on; and who is told of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, false, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.bounds import BOUND_OF, Bound, prefix_of
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Conflict, NotFound
from registry.kit.application import HeldRecord
from registry.kit.application_case import PREPARED, Application, ApplicationStep
from registry.kit.display import Words
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue, find_applied
from registry.services.applying import moves
from registry.services.people import deciding_rights, memberships
from registry.services.people.deciding_rights import ActorBounds, RecordFacts
from registry.services.records import titles
from registry.store.base import FetchedRow, SelectStatement

Published = aliased(Record, name="published")


def select_applications() -> SelectStatement:
    """Select applications with the title columns of their organisation as `org_…` and the path of what was published."""
    return (
        select(*Application.__table__.columns, Published.slug.label("record_slug"))
        .add_columns(
            Record.slug.label("org_slug"),
            Record.number.label("org_number"),
            Record.title_zh.label("title_zh"),
            Record.title_en.label("title_en"),
            Record.en_source.label("en_source"),
        )
        .join(Record, Record.id == Application.organisation_id)
        .outerjoin(Published, Published.id == Application.record_id)
    )


def load_application(connection: Connection, application_id: int, *, lock: bool = False) -> FetchedRow:
    """Return an application. `lock`: until the end of the transaction. Raises `NotFound`."""
    if lock:
        connection.execute(select(Application.id).where(Application.id == application_id).with_for_update())
    row: FetchedRow | None = connection.execute(
        select_applications().where(Application.id == application_id)
    ).one_or_none()
    if row is None or find_applied(row.register) is None:
        raise NotFound("application", str(application_id))
    return row


def load_own(
    connection: Connection, organisation: FetchedRow, application_id: int, *, lock: bool = False
) -> FetchedRow:
    """Return an application of an organisation. Raises `NotFound`, for that of another one as for none."""
    row = load_application(connection, application_id, lock=lock)
    if row.organisation_id != organisation.id:
        raise NotFound("application", str(application_id))
    return row


def steps_of(connection: Connection, application_id: int) -> Sequence[FetchedRow]:
    """Return the steps of an application, the oldest first."""
    return connection.execute(
        select(*ApplicationStep.__table__.columns)
        .where(ApplicationStep.application_id == application_id)
        .order_by(ApplicationStep.id)
    ).all()


def submissions(steps: Sequence[FetchedRow]) -> list[FetchedRow]:
    """Return those steps by which the holder has submitted answers."""
    return [step for step in steps if step.typed]


def pending_step(steps: Sequence[FetchedRow]) -> FetchedRow | None:
    """Return the step that waits for a second person, None for none."""
    return next((step for step in steps if step.state == PREPARED), None)


def pending_steps(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """Return which applications have a step that waits for a second person: application → step."""
    rows = connection.execute(
        select(ApplicationStep.application_id, func.max(ApplicationStep.id).label("step"))
        .where(ApplicationStep.application_id.in_(ids), ApplicationStep.state == PREPARED)
        .group_by(ApplicationStep.application_id)
    )
    return {row.application_id: row.step for row in rows}


def facts_of(row: FetchedRow, prepared_by: Collection[int] = ()) -> RecordFacts:
    """Return what the bounds of an account are held against."""
    definition = catalogue()[row.register]
    values: Mapping[str, Any] = {}
    if row.issuer_id is not None:  # the scope of the body that is asked
        values = definition.schema.load_values(json.loads(row.typed), complete=False).values
    return RecordFacts(
        register=definition.published_in,
        values=values,
        region=row.region_code,
        holder_id=row.organisation_id,
        holder_name=row.title_zh,
        issuer_id=row.issuer_id,
        prepared_by=frozenset(prepared_by),
    )


def may_look(actor: Actor, bounds: ActorBounds, row: FetchedRow) -> bool:
    """True if the application may be shown to the actor: to who only reads, and to roles with a step in its life cycle within their bounds."""
    require(actor, Action.SEE_DESK)
    if not may(actor, Action.TAKE_DECISIONS):
        return True
    if not moves.desk_steps(catalogue()[row.register], actor.role):
        return False
    return deciding_rights.find_hindrance(bounds, facts_of(row), clock.today()) is None


def within_bounds(bounds: ActorBounds) -> ColumnElement[bool]:
    """Return the condition for the applications within these bounds, as `may_look` asks of one: by region, and without a conflict.

    One of a register that bodies issue to is within those of the body that it names. None is drawn for a check.
    """
    bound = BOUND_OF[bounds.role]
    if bound not in (Bound.REGION, Bound.ALL, Bound.ISSUER):
        return false()
    own = {*bounds.memberships, *bounds.interests}
    conditions: list[ColumnElement[bool]] = [Application.organisation_id.not_in(own)]
    asked = func.coalesce(Application.issuer_id, 0)
    if bound is Bound.ISSUER:
        acting = [each for each in bounds.bodies if bounds.memberships[each] in deciding_rights.ACTING_ROLES]
        return and_(*conditions, asked.in_(acting), asked.not_in(bounds.interests))
    conditions.append(asked.not_in(own))
    if bound is Bound.REGION:
        prefixes = filter(None, map(prefix_of, bounds.regions))
        conditions.append(or_(false(), *(Application.region_code.like(f"{prefix}%") for prefix in prefixes)))
    return and_(*conditions)


def held_records(
    connection: Connection, register: str, organisation_id: int, *, key: str = ""
) -> list[HeldRecord]:
    """Return the records of a register that an organisation holds, and the one that has this natural key.

    That one may come from a source that names its holder without a number, and so be linked to none.
    """
    life_cycle = catalogue()[register].life_cycle
    held = Record.holder_id == organisation_id
    rows = connection.execute(
        select(Record.number, Record.status, Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(
            Record.register == catalogue()[register].published_in,
            or_(held, Record.natural_key == key) if key else held,
        )
    )
    return [
        HeldRecord(row.number, row.status, life_cycle.state(row.status).standing, json.loads(row.document))
        for row in rows
    ]


def open_application(connection: Connection, register: str, key: str, *, but: int | None) -> int | None:
    """Return the application for the same record that is being examined, None for none. `but`: not this one."""
    definition = catalogue()[register]
    rows = connection.execute(
        select(Application.id, Application.status).where(
            Application.register == register,
            Application.natural_key == key,
            Application.record_id.is_(None),
            Application.forgotten_at.is_(None),
        )
    )
    return next((row.id for row in rows if row.id != but and not moves.is_over(definition, row.status)), None)


def move_on(connection: Connection, row: FetchedRow, values: Mapping[str, Any]) -> None:
    """Write the next revision of an application. Raises `Conflict` where somebody else has moved it on meanwhile."""
    same = (Application.id == row.id) & (Application.revision == row.revision)
    written = {**values, "revision": row.revision + 1}
    if values:  # else a decision was prepared, returned or taken back, and the wait goes on
        written["changed_at"] = clock.now()
    if not connection.execute(update(Application).where(same).values(**written)).rowcount:
        raise Conflict("application_moved")


def title_of(row: FetchedRow) -> Words:
    """Return the title of an application in both languages. `row`: as `select_applications` gives it."""
    return titles.title_of_answers(catalogue()[row.register], json.loads(row.typed), row.title)


def tell_holder(connection: Connection, row: FetchedRow, kind: str, *, after: str) -> None:
    """Queue a letter, in their language, to those who act for the applicant. `after`: the state that it has come into."""
    state = catalogue()[row.register].life_cycle.state(after)
    memberships.notify_members(
        connection,
        row.organisation_id,
        kind,
        register=row.register,
        title=title_of(row),
        state=Words(state.zh, state.en),
        path=f"organisations/{row.org_slug}/{row.register}/applications/{row.id}",
    )
