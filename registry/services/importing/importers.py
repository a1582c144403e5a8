"""Who imports: active accounts with that right, two of them for one sheet, and none on records of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.bounds import BOUND_OF, Bound
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Forbidden
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.services.exchange.pipeline import CheckedRow
from registry.services.people import deciding_rights
from registry.services.people.deciding_rights import ActorBounds, Hindrance
from registry.store.batching import batches

BATCH_SIZE = 500


def require_importer(connection: Connection, actor: Actor) -> int:
    """Return the account of the actor. Raises `Forbidden` unless it is active and has the right to import now."""
    require(actor, Action.IMPORT)
    row = connection.execute(
        select(User.role, User.suspended_at).where(User.id == actor.user_id)
    ).one_or_none()
    if actor.user_id is None or row is None or row.suspended_at is not None or row.role != actor.role:
        raise Forbidden("importer_not_active")
    return actor.user_id


def importer_of(connection: Connection, user_id: int) -> Actor:
    """Return the actor behind an account as it is now. Raises `Forbidden` unless it may import."""
    role = connection.execute(select(User.role).where(User.id == user_id)).scalar()
    importer = Actor(str(role), user_id)
    if not may(importer, Action.IMPORT):
        raise Forbidden("importer_not_active")
    require_importer(connection, importer)
    return importer


def find_hindrances(
    connection: Connection,
    definition: RegisterDefinition,
    checked_rows: Sequence[CheckedRow],
    importers: Collection[Actor],
) -> dict[int, Issue]:
    """Return why rows may not be imported by these accounts, by row: bounds, and conflicts of interest.

    The record as it is and as the row would leave it are both looked at.
    """
    bounds = [deciding_rights.bounds_of(connection, each) for each in importers]
    bounds = [each for each in bounds if not _is_boundless(each)]
    rows = [row for row in checked_rows if row.document is not None] if bounds else []
    if not rows:
        return {}
    numbers = {row.number for row in rows if row.number}
    ids = {
        found.number: found.id
        for batch in batches(sorted(numbers), BATCH_SIZE)
        for found in connection.execute(
            select(Record.id, Record.number).where(
                Record.register == definition.slug, Record.number.in_(batch)
            )
        )
    }
    facts = deciding_rights.read_facts_of_many(connection, ids.values())
    today = clock.today()
    hindered: dict[int, Issue] = {}
    for row in rows:
        assert row.document is not None
        of_record = facts.get(ids.get(row.number, 0))
        as_left = deciding_rights.facts_of_values(connection, definition, row.document.values)
        hindrances = (
            deciding_rights.find_hindrance(each, looked_at, today)
            for each in bounds
            for looked_at in (of_record, as_left)
            if looked_at is not None
        )
        if hindrance := next(filter(None, hindrances), None):
            hindered[row.row] = _issue(hindrance)
    return hindered


def _is_boundless(bounds: ActorBounds) -> bool:
    """True if nothing keeps an account from any record."""
    return BOUND_OF[bounds.role] is Bound.ALL and not bounds.memberships and not bounds.interests


def _issue(hindrance: Hindrance) -> Issue:
    return Issue(hindrance.code, "", dict(hindrance.params))
