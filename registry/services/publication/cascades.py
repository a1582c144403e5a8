"""Cascades: what the state of one record brings upon those linked to it; a standard ends, and its declarations with it.

The life cycles say so as `LinkedChange`. The relay applies them after the changes that dates bring; an import never
undoes them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

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
from registry.services.publication.batch_writer import Authority
from registry.services.publication.publishing import StatusChange
from registry.services.publication.record_queries import document_of
from registry.store.base import FetchedRow, SelectStatement
from registry.store.unit_of_work import unit_of_work

BATCH_SIZE = 100
CauseRecord = aliased(Record)
# Called with (connection, record id, kind of letter, number) for a change that the holder must answer.
NotifyHolder = Callable[[Connection, int, str, str], None]


@dataclass(frozen=True, slots=True)
class _Cascade:
    """One rule of one register."""

    definition: RegisterDefinition
    rule: LinkedChange
    notify: NotifyHolder

    def affected_records(self) -> SelectStatement:
        """The records that the rule is about to change."""
        return (
            publishing.EXISTING_RECORDS.add_columns(Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(
                Record.register == self.definition.slug,
                Record.status.in_(self.rule.before),
                _has_cause(self.rule),
            )
        )

    def change(self, connection: Connection, rows: Sequence[FetchedRow], authority: Authority) -> None:
        rule = self.rule
        for row in rows:
            to = StatusChange(self.definition, document_of(row), rule.after, rule.transition, authority)
            publishing.change_status(connection, row, to)
            if rule.letter:
                self.notify(connection, row.id, rule.letter, row.number)


def apply_cascades(registry: Registry, notify: NotifyHolder) -> int:
    """Change every record that a linked one has brought along, until nothing follows; returns how many were changed.

    One entry for each change. `notify`: called for each change that the holder must answer.
    """
    require(SYSTEM, Action.RELAY)
    cascades = [
        _Cascade(definition, rule, notify)
        for definition in catalogue().values()
        for rule in definition.life_cycle.linked_changes
    ]
    changed = 0
    while more := sum(_apply(registry, cascade) for cascade in cascades):  # a change may bring others
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
    """Let records just filed replace earlier ones in the filer's transaction, without waiting for the relay."""
    for rule in definition.life_cycle.linked_changes:
        if rule.incoming:
            cascade = _Cascade(definition, rule, notify)
            linked = select(Link.to_id).where(Link.from_id.in_(ids), Link.relation == rule.relation)
            rows = connection.execute(cascade.affected_records().where(Record.id.in_(linked))).all()
            cascade.change(connection, rows, authority)


def has_cause(connection: Connection, rule: LinkedChange, record_id: int) -> bool:
    """True if a linked record is in a state that brings the change about."""
    statement = select(Record.id).where(Record.id == record_id, _has_cause(rule))
    return connection.execute(statement).first() is not None


def _apply(registry: Registry, cascade: _Cascade) -> int:
    statement = cascade.affected_records().order_by(Record.id).limit(BATCH_SIZE)
    changed = 0
    while True:
        with unit_of_work(registry.engine) as connection:
            publishing.acquire_publish_lock(connection)
            rows = connection.execute(statement).all()
            cascade.change(connection, rows, Authority(SYSTEM.role))
        changed += len(rows)
        if not rows:
            return changed


def _has_cause(rule: LinkedChange) -> ColumnElement[bool]:
    """True in SQL for a record with a linked one in a state that the rule names."""
    this, other = (Link.to_id, Link.from_id) if rule.incoming else (Link.from_id, Link.to_id)
    return exists(
        select(Link.id)
        .join(CauseRecord, CauseRecord.id == other)
        .where(this == Record.id, Link.relation == rule.relation, CauseRecord.status.in_(rule.when))
    )
