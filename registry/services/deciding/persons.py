"""Who may decide on which records: active accounts, two persons, no case of one's own, and the bounds of an account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.model import User
from registry.accounts.policy import STAFF, Action, Actor, may, require
from registry.errors import Forbidden, Invalid
from registry.kit.draft import Receipt
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.reference.identifiers import personal
from registry.services.people import deciding_rights
from registry.store.base import FetchedRow

REPLY = "reply"  # the field of it


def require_person(connection: Connection, actor: Actor) -> int:
    """Return the account of the actor. Raises `Forbidden` unless it is active and still has this role.

    A session may be older than the suspension of its account, and a decision needs somebody who stands for it.
    """
    require(actor, Action.TAKE_DECISIONS)
    row = connection.execute(
        select(User.role, User.suspended_at).where(User.id == actor.user_id)
    ).one_or_none()
    if row is None or actor.user_id is None:
        raise Forbidden("decision_needs_account")
    if row.suspended_at is not None:
        raise Forbidden("account_suspended")
    if row.role != actor.role:
        raise Forbidden("role_changed_meanwhile")
    return actor.user_id


def records_in_bounds(
    connection: Connection, actor: Actor, of: deciding_rights.BoundColumns | None = None
) -> ColumnElement[bool]:
    """Return the condition for the records on which an account may decide, for lists; all for who only reads.

    `of`: as `deciding_rights.within_bounds` takes it.
    """
    require(actor, Action.SEE_DESK)
    if not may(actor, Action.TAKE_DECISIONS):
        return true()
    return deciding_rights.within_bounds(deciding_rights.bounds_of(connection, actor), of)


def find_hindrances(connection: Connection, actor: Actor, records: Sequence[FetchedRow]) -> dict[int, Issue]:
    """Return why the actor may not decide on these records, by id: their bounds, and conflicts of interest."""
    require(actor, Action.SEE_DESK)
    bounds = deciding_rights.bounds_of(connection, actor)
    facts = deciding_rights.read_facts_of_many(connection, [record.id for record in records])
    today = clock.today()
    found = {
        record_id: deciding_rights.find_hindrance(bounds, each, today) for record_id, each in facts.items()
    }
    return {record_id: Issue(each.code, "", dict(each.params)) for record_id, each in found.items() if each}


def filed_by(connection: Connection, user_id: int, records: Sequence[FetchedRow]) -> set[int]:
    """Return the ids of those records of which this person has filed a version, or of one that was merged into them."""
    ids = [record.id for record in records]
    of_record = func.coalesce(Record.merged_into_id, Record.id)
    filed = (
        select(of_record)
        .join(Receipt, Receipt.record_id == Record.id)
        .where(Receipt.user_id == user_id, of_record.in_(ids))
    )
    return set(connection.execute(filed).scalars())


def names_of(connection: Connection, user_ids: Sequence[int | None]) -> dict[int | None, str]:
    """Return the names of accounts as their colleagues know them, masked where they are not of staff; "" for a deleted one."""
    columns = (User.id, User.name, User.email, User.role)
    rows = connection.execute(select(*columns).where(User.id.in_(set(user_ids))))
    return {None: "", **{row.id: _name(row) for row in rows}}


def _name(row: FetchedRow) -> str:
    if row.role in STAFF:
        return str(row.name or row.email)
    return personal.mask_name(row.name) or personal.mask_email(row.email)


def require_reply(reply: str, *, at_most: int) -> str:
    """Return what a person says who returns or refuses what another one has prepared or asked for. Raises `Invalid`: `reply_wanted`, `too_long`."""
    if not reply:
        raise Invalid((Issue("reply_wanted", REPLY),))
    if len(reply) > at_most:
        raise Invalid((Issue("too_long", REPLY, {"length": len(reply), "at_most": at_most}),))
    return reply
