"""Status changes whose date has come, and those that follow from them."""

from __future__ import annotations

from sqlalchemy import update

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.people import memberships
from registry.services.publication import cascades, publishing
from registry.services.publication.publishing import Authority, StatusChange
from registry.services.publication.record_queries import document_of
from registry.store.unit_of_work import unit_of_work

BATCH_SIZE = 200


def apply_due_changes(registry: Registry) -> int:
    """Publish every status change whose date has come, then their cascades; returns the number of changed records.

    One entry for each change, in batches of one transaction each.
    """
    require(SYSTEM, Action.RELAY)
    changed = 0
    while True:
        with unit_of_work(registry.engine) as connection:
            publishing.acquire_publish_lock(connection)
            today = clock.today()
            due = connection.execute(
                publishing.EXISTING_RECORDS.add_columns(Record.register, Item.document)
                .join(Item, Item.hash == Record.document_hash)
                .where(Record.due_on <= today)
                .order_by(Record.due_on, Record.id)
                .limit(BATCH_SIZE)
            ).all()
            for row in due:
                definition = catalogue()[row.register]
                values = document_of(row)
                change = definition.life_cycle.next_date_change(row.status, values)
                if change is None or change[0] > today:
                    due_on = change[0] if change else None
                    connection.execute(update(Record).where(Record.id == row.id).values(due_on=due_on))
                    continue
                rule, authority = change[1], Authority(SYSTEM.role)
                to = StatusChange(definition, values, rule.after, rule.transition, authority)
                publishing.change_status(connection, row, to)
                changed += 1
        if not due:
            return changed + cascades.apply_cascades(registry, memberships.notify_holder)
