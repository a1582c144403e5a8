"""Who may announce, draw and record: active accounts, within their bounds, two persons for each act; and the pool of inspectors."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.bounds import BOUND_OF, Bound, covers_region
from registry.accounts.model import User, name_or_address
from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden
from registry.kit.random_check import CheckInspector
from registry.services.people import deciding_rights
from registry.services.people.deciding_rights import Hindrance, RecordFacts
from registry.store.base import FetchedRow

INSPECTOR = "inspector"


def require_account(connection: Connection, actor: Actor) -> int:
    """Return the account of the actor. Raises `Forbidden` unless it is active and still has this role."""
    require(actor, Action.RECORD_CHECKS)
    row = connection.execute(
        select(User.role, User.suspended_at).where(User.id == actor.user_id)
    ).one_or_none()
    if row is None or actor.user_id is None:
        raise Forbidden("check_needs_account")
    if row.suspended_at is not None:
        raise Forbidden("account_suspended")
    if row.role != actor.role:
        raise Forbidden("role_changed_meanwhile")
    return actor.user_id


def may_announce_for(connection: Connection, actor: Actor, region_code: str) -> bool:
    """Return True if a check of this region ("" for the whole country) lies within the bounds of the actor."""
    require(actor, Action.ANNOUNCE_CHECKS)
    if BOUND_OF[actor.role] is not Bound.REGION:
        return True
    bounds = deciding_rights.bounds_of(connection, actor)
    return any(covers_region(own, region_code) for own in bounds.regions)


def find_hindrance(connection: Connection, actor: Actor, record_id: int) -> Hindrance | None:
    """Return why the actor may not record or publish a result of this record, None if they may."""
    require(actor, Action.RECORD_CHECKS)
    bounds = deciding_rights.bounds_of(connection, actor)
    facts = deciding_rights.read_facts(connection, record_id)
    return deciding_rights.find_hindrance(bounds, facts, clock.today())


def list_inspectors(connection: Connection) -> Sequence[FetchedRow]:
    """Return the active accounts of inspectors (`id`, `name`), by name."""
    statement = (
        select(User.id, name_or_address().label("name"))
        .where(User.role == INSPECTOR, User.suspended_at.is_(None))
        .order_by(User.name, User.id)
    )
    return connection.execute(statement).all()


def pool_of(connection: Connection, check_id: int) -> Sequence[FetchedRow]:
    """Return those among whom the inspectors of a check are drawn, with the role of their accounts, by label."""
    statement = (
        select(CheckInspector.label, CheckInspector.user_id, CheckInspector.name, User.role)
        .add_columns(name_or_address().label("account_name"))
        .outerjoin(User, User.id == CheckInspector.user_id)
        .where(CheckInspector.check_id == check_id)
        .order_by(CheckInspector.label)
    )
    return connection.execute(statement).all()


def hash_pool(key: str, members: Mapping[str, str]) -> str:
    """Return the hash that binds labels to people before the draw, without telling who they are: HMAC-SHA-256 over `label person` lines."""
    lines = "\n".join(f"{label} {person}" for label, person in sorted(members.items()))
    return hmac.new(bytes.fromhex(key), lines.encode(), hashlib.sha256).hexdigest()


def exclusions(
    connection: Connection, pool: Sequence[FetchedRow], facts: Mapping[int, RecordFacts]
) -> dict[int, frozenset[str]]:
    """Return who is not drawn for a record because of a conflict of interest: record id → labels."""
    bounds = {
        member.label: deciding_rights.bounds_of(connection, Actor(member.role, member.user_id))
        for member in pool
        if member.user_id is not None
    }
    return {
        record_id: frozenset(label for label, each in bounds.items() if each.has_conflict(of_record))
        for record_id, of_record in facts.items()
    }


def names_of(connection: Connection, user_ids: Sequence[int | None]) -> dict[int | None, str]:
    """Return the names of accounts as their colleagues know them; "" for a deleted one."""
    rows = connection.execute(
        select(User.id, name_or_address().label("name")).where(User.id.in_(set(user_ids)))
    )
    return {None: "", **{row.id: row.name for row in rows}}
