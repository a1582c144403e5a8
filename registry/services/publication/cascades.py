"""What the state of one record brings upon others: a standard that ended upon its declarations, and so on.

The life cycles say so as `Follows`; the relay lets it happen with the dates of the day, an import never undoes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, exists, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry.accounts.policy import SYSTEM, Action, require
from registry.kit.definition import RegisterDefinition
from registry.kit.life_cycle import LinkedChange
from registry.kit.record import Link, Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import publishing
from registry.services.publication.publishing import Authority
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

BATCH_SIZE = 100
NOTIFIED_TRANSITIONS = (
    "standard_ended",
)  # changes that the holder must answer: a letter of this kind to who files for it
CauseRecord = aliased(Record)
# Told (connection, record id, transition, number) of a change that the holder must answer.
NotifyHolder = Callable[[Connection, int, str, str], None]


def apply_cascades(registry: Registry, notify: NotifyHolder) -> int:
    """Let every record follow what has happened to those it is linked to; one entry for each change."""
    require(SYSTEM, Action.RELAY)
    changed = 0
    while more := sum(  # what follows may itself have consequences
        _apply_rule(registry, definition, rule, notify)
        for definition in catalogue().values()
        for rule in definition.life_cycle.linked_changes
    ):
        changed += more
    return changed


def cascade_from_filed(
    connection: Connection,
    definition: RegisterDefinition,
    ids: Collection[int],
    authority: Authority,
    *,
    notify: NotifyHolder,
) -> None:
    """What has just been filed takes the place of earlier records at once, in the filer's transaction."""
    for rule in definition.life_cycle.linked_changes:
        if rule.incoming:
            linked = select(Link.to_id).where(Link.from_id.in_(ids), Link.relation == rule.relation)
            rows = connection.execute(_affected_records(definition, rule).where(Record.id.in_(linked))).all()
            _change_status(connection, definition, rule, rows, authority, notify)


def _apply_rule(
    registry: Registry, definition: RegisterDefinition, rule: LinkedChange, notify: NotifyHolder
) -> int:
    statement = _affected_records(definition, rule).order_by(Record.id).limit(BATCH_SIZE)
    changed = 0
    while True:
        with unit_of_work(registry.engine) as connection:
            publishing.acquire_publish_lock(connection)
            rows = connection.execute(statement).all()
            _change_status(connection, definition, rule, rows, Authority(SYSTEM.role), notify)
        changed += len(rows)
        if not rows:
            return changed


def _affected_records(definition: RegisterDefinition, rule: LinkedChange) -> Any:
    """The records that a rule is about to change."""
    return (
        publishing.EXISTING_RECORDS.add_columns(Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.register == definition.slug, Record.status.in_(rule.before), _has_cause(rule))
    )


def _change_status(
    connection: Connection,
    definition: RegisterDefinition,
    rule: LinkedChange,
    rows: Sequence[FetchedRow],
    authority: Authority,
    notify: NotifyHolder,
) -> None:
    for row in rows:
        values = json.loads(row.document)
        publishing.change_status(connection, definition, row, values, rule.after, rule.transition, authority)
        if rule.transition in NOTIFIED_TRANSITIONS:
            notify(connection, row.id, rule.transition, row.number)


def _has_cause(rule: LinkedChange) -> ColumnElement[bool]:
    ours, theirs = (Link.to_id, Link.from_id) if rule.incoming else (Link.from_id, Link.to_id)
    return exists(
        select(Link.id)
        .join(CauseRecord, CauseRecord.id == theirs)
        .where(ours == Record.id, Link.relation == rule.relation, CauseRecord.status.in_(rule.when))
    )
