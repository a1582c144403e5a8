"""What the state of one record brings upon others: a standard that ended upon its declarations, and so on.

The life cycles say so as `Follows`; the relay lets it happen with the dates of the day, an import never undoes it.
"""

from __future__ import annotations

import json

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry.accounts.policy import SYSTEM, Action, require
from registry.kit.definition import RegisterDefinition
from registry.kit.life_cycle import Follows
from registry.kit.record import Link, Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services import memberships, publishing
from registry.services.publishing import Authority
from registry.services.wiring import Registry
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


def _follow(registry: Registry, definition: RegisterDefinition, rule: Follows) -> int:
    statement = (
        publishing.PRESENT.add_columns(Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.register == definition.slug, Record.status.in_(rule.before), _caused(rule))
        .order_by(Record.id)
        .limit(BATCH)
    )
    changed = 0
    while True:
        with unit_of_work(registry.engine) as work:
            publishing.wait_for_others(work)
            rows = work.execute(statement).all()
            for row in rows:
                publishing.change_status(
                    work,
                    definition,
                    row,
                    json.loads(row.document),
                    rule.after,
                    rule.transition,
                    Authority(SYSTEM.role),
                )
                if rule.transition in TOLD:
                    memberships.tell_holder(work, row.id, rule.transition, row.number)
        changed += len(rows)
        if not rows:
            return changed


def _caused(rule: Follows) -> ColumnElement[bool]:
    return exists(
        select(Link.id)
        .join(Cause, Cause.id == Link.to_id)
        .where(Link.from_id == Record.id, Link.relation == rule.relation, Cause.status.in_(rule.when))
    )
