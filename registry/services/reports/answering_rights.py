"""Who may act on a report: active accounts of the authority, within their bounds, without a conflict of interest."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.bounds import BOUND_OF, Bound
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Forbidden, Refusal
from registry.services.people import deciding_rights
from registry.store.base import FetchedRow

CLAIM_LASTS = dt.timedelta(hours=4)  # afterwards somebody else may take the report up


def require_may_answer(connection: Connection, actor: Actor, row: FetchedRow) -> int:
    """Return the account of the actor if it may act on this report, no matter who has taken it up; else raise `Forbidden`.

    A session may be older than the suspension of its account.
    """
    require(actor, Action.ANSWER_REPORTS)
    account = connection.execute(
        select(User.role, User.suspended_at).where(User.id == actor.user_id)
    ).one_or_none()
    if account is None or actor.user_id is None:
        raise Forbidden("decision_needs_account")
    if account.suspended_at is not None:
        raise Forbidden("account_suspended")
    if account.role != actor.role:
        raise Forbidden("role_changed_meanwhile")
    if row.record_id is not None:
        facts = deciding_rights.read_facts(connection, row.record_id)
        deciding_rights.require_may_decide(connection, actor, facts)
    elif BOUND_OF[actor.role] is not Bound.ALL:
        raise Forbidden("record_without_region")
    return actor.user_id


def find_obstacle(connection: Connection, actor: Actor, row: FetchedRow) -> Refusal | None:
    """Return why the actor does not act on this report, None where they may."""
    require(actor, Action.SEE_REPORTS)
    if not may(actor, Action.ANSWER_REPORTS):
        return Forbidden("desk_reads_only")
    try:
        require_may_answer(connection, actor, row)
    except Refusal as refusal:
        return refusal
    return None


def is_claimed(row: FetchedRow) -> bool:
    """Return True if somebody has taken the report up and still is looking at it."""
    return row.claimed_at is not None and clock.now() - row.claimed_at < CLAIM_LASTS
