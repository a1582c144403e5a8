"""What the state of one record brings upon others: a standard that ended upon its declarations, and so on.

The life cycles say so as `Follows`; the relay lets it happen with the dates of the day, an import never undoes it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry.accounts.policy import SYSTEM, Action, require
from registry.kit.definition import RegisterDefinition
from registry.kit.life_cycle import Follows
from registry.kit.record import Link, Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.people import memberships
from registry.services.publication import publishing
from registry.services.publication.publishing import Authority
from registry.store.base import Fetched
from registry.store.unit_of_work import unit_of_work

BATCH = 100
TOLD = ("standard_ended",)  # changes that the holder must answer: a letter of this kind to who files for it
Cause = aliased(Record)


def follow(registry: Registry) -> int:
    """Let every record follow what has happened to those it is linked to; one entry for each change."""
    require(SYSTEM, Action.RELAY)
    changed = 0
    while more := sum(  # what follows may itself have consequences
        _follow(registry, definition, rule)
        for definition in catalogue().values()
        for rule in definition.life_cycle.follows
    ):
        changed += more
    return changed


def of_filed(
    connection: Connection, definition: RegisterDefinition, ids: Collection[int], authority: Authority
) -> None:
    """What has just been filed takes the place of earlier records at once, in the filer's transaction."""
    for rule in definition.life_cycle.follows:
        if rule.incoming:
            linked = select(Link.to_id).where(Link.from_id.in_(ids), Link.relation == rule.relation)
            rows = connection.execute(_statement(definition, rule).where(Record.id.in_(linked))).all()
            _changed(connection, definition, rule, rows, authority)


def _follow(registry: Registry, definition: RegisterDefinition, rule: Follows) -> int:
    statement = _statement(definition, rule).order_by(Record.id).limit(BATCH)
    changed = 0
    while True:
        with unit_of_work(registry.engine) as connection:
            publishing.wait_for_others(connection)
            rows = connection.execute(statement).all()
            _changed(connection, definition, rule, rows, Authority(SYSTEM.role))
        changed += len(rows)
        if not rows:
            return changed


def _statement(definition: RegisterDefinition, rule: Follows) -> Any:
    """The records that a rule is about to change."""
    return (
        publishing.PRESENT.add_columns(Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.register == definition.slug, Record.status.in_(rule.before), _caused(rule))
    )


def _changed(
    connection: Connection,
    definition: RegisterDefinition,
    rule: Follows,
    rows: Sequence[Fetched],
    authority: Authority,
) -> None:
    for row in rows:
        values = json.loads(row.document)
        publishing.change_status(connection, definition, row, values, rule.after, rule.transition, authority)
        if rule.transition in TOLD:
            memberships.tell_holder(connection, row.id, rule.transition, row.number)


def _caused(rule: Follows) -> ColumnElement[bool]:
    ours, theirs = (Link.to_id, Link.from_id) if rule.incoming else (Link.from_id, Link.to_id)
    return exists(
        select(Link.id)
        .join(Cause, Cause.id == theirs)
        .where(ours == Record.id, Link.relation == rule.relation, Cause.status.in_(rule.when))
    )
