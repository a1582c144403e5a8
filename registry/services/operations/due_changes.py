"""Status changes whose date has come, those that follow from them, and deadlines that have passed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, select, update

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.outbox.model import RECORD_TOPIC, enqueue
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.people import memberships
from registry.services.publication import cascades, publishing
from registry.services.publication.batch_writer import Authority
from registry.services.publication.publishing import StatusChange
from registry.services.publication.record_queries import document_of
from registry.store.unit_of_work import unit_of_work

BATCH_SIZE = 200
DUE_RECORDS = (
    publishing.EXISTING_RECORDS.add_columns(Record.register, Item.document)
    .join(Item, Item.hash == Record.document_hash)
    .order_by(Record.due_on, Record.id)
)


def apply_due_changes(registry: Registry) -> int:
    """Publish every status change whose date has come, then their cascades; returns the number of changed records.

    One entry for each change, in batches of one transaction each. A record that a passed deadline has made overdue gets
    no entry: it is indexed and shown anew.
    """
    require(SYSTEM, Action.RELAY)
    changed = 0
    while True:
        with unit_of_work(registry.engine) as connection:
            publishing.acquire_publish_lock(connection)
            today = clock.today()
            due = connection.execute(DUE_RECORDS.where(Record.due_on <= today).limit(BATCH_SIZE)).all()
            for row in due:
                definition = catalogue()[row.register]
                values = document_of(row)
                change = definition.life_cycle.next_date_change(row.status, values)
                if change is None or change[0] > today:
                    next_day = definition.next_day_of_change(row.status, values, today)
                    _show_anew(connection, row.id, next_day)
                    continue
                day, rule = change
                to = StatusChange(
                    definition, values, rule.after, rule.transition, Authority(SYSTEM.role), since=day
                )
                publishing.change_status(connection, row, to)
                changed += 1
        if not due:
            return changed + cascades.apply_cascades(registry, memberships.notify_holder)


def _show_anew(connection: Connection, record_id: int, due_on: dt.date | None) -> None:
    connection.execute(
        update(Record)
        .where(Record.id == record_id)
        .values(due_on=due_on, page_version=Record.page_version + 1, index_version=Record.index_version + 1)
    )
    enqueue(connection, RECORD_TOPIC, [record_id])


def count_due_endings(connection: Connection, today: dt.date, at_least: int) -> int:
    """Count the records that dates would end on this day; 0 where fewer than `at_least` records are due at all."""
    due = connection.execute(select(func.count()).where(Record.due_on <= today)).scalar_one()
    if due < at_least:
        return 0
    count = 0
    for row in connection.execute(DUE_RECORDS.where(Record.due_on <= today)):
        life_cycle = catalogue()[row.register].life_cycle
        after = life_cycle.status_on(row.status, document_of(row), today)
        count += life_cycle.state(after).standing == "ended" != life_cycle.state(row.status).standing
    return count
