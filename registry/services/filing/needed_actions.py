"""Which filed records need something of their enterprise, and what: orders first, then what has ended or ends, then doubts.

One condition for lists and counts, one look at the records of a page for the words beside them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, false, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.filing import Attention
from registry.kit.record import Link, Record
from registry.ledger.model import Item
from registry.reference.text import sparse_dates
from registry.services.filing import annual_confirmation
from registry.services.filing.draft_views import OrderView, order_of_record
from registry.services.filing.submission import filing_of
from registry.services.publication.record_queries import filer_column
from registry.store.base import FetchedRow

ActionKind = Literal["correct", "update", "ending", "confirm"]
MAX_ORDERS = 500  # looked at, of one organisation
LinkedRecord = aliased(Record)


@dataclass(frozen=True, slots=True)
class NeededAction:
    """What a record needs. `correct`: an order of the authority stands; `update`: what it refers to has ended; `ending`: that
    ends soon, on `day`; `confirm`: it was not confirmed for too long.

    `message`: what the register says of it, a message id that may take `%(day)s`; "" for orders and confirmations. `day`:
    ISO, by when it is due, "" for no such day; `days_left`: until then, negative when it has passed.
    """

    kind: ActionKind
    message: str = ""
    day: str = ""
    days_left: int | None = None
    order: OrderView | None = None


def needs_action(
    connection: Connection, definition: RegisterDefinition, organisation_id: int
) -> ColumnElement[bool]:
    """The condition for records of a register that need something of this organisation.

    An order that is answered waits for the authority and is not among them.
    """
    filing = filing_of(definition)
    conditions: list[ColumnElement[bool]] = [annual_confirmation.is_due(definition)]
    if filing.attention:
        conditions.append(Record.status.in_(filing.attention.states))
    if filing.correction:
        answered = _answered_orders(connection, definition, organisation_id)
        conditions.append(Record.status.in_(filing.correction.states) & Record.id.not_in(answered))
    if filing.ending_link:
        conditions.append(Record.id.in_(_ending_records(definition).with_only_columns(Record.id)))
    return or_(false(), *conditions)


def actions_of_records(
    connection: Connection, definition: RegisterDefinition, rows: Sequence[FetchedRow]
) -> dict[int, NeededAction]:
    """What each of these records needs, by id; those that need nothing are left out.

    `rows`: records with `id`, `status`, `status_since` and `document`.
    """
    filing, today = filing_of(definition), clock.today()
    ids = [int(row.id) for row in rows]
    actions: dict[int, NeededAction] = {
        record_id: NeededAction("confirm")
        for record_id in annual_confirmation.due_ids(connection, definition, ids)
    }
    if filing.ending_link:
        ending = _ending_records(definition).where(Record.id.in_(ids))
        for record_id, day in connection.execute(ending.with_only_columns(Record.id, LinkedRecord.valid_to)):
            left = (sparse_dates.last_day(day) - today).days
            actions[int(record_id)] = NeededAction("ending", filing.ending_link.of_one, day, left)
    for row in rows:
        if filing.attention and row.status in filing.attention.states:
            actions[row.id] = _update(filing.attention, row.status_since, today)
        order = order_of_record(definition, row.status, json.loads(row.document))
        if order is not None and not order.submitted:
            actions[row.id] = NeededAction("correct", "", order.deadline, order.days_left, order)
    return actions


def _update(attention: Attention, since: dt.date, today: dt.date) -> NeededAction:
    """What has ended is to be replaced within a period, where the register has one."""
    if attention.period is None:
        return NeededAction("update", attention.of_one)
    day = since + attention.period
    return NeededAction("update", attention.of_one, day.isoformat(), (day - today).days)


def _answered_orders(
    connection: Connection, definition: RegisterDefinition, organisation_id: int
) -> Collection[int]:
    """Records under an order that their enterprise has answered."""
    correction = filing_of(definition).correction
    assert correction is not None
    rows = connection.execute(
        select(Record.id, Record.status, Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.register == definition.slug, filer_column(definition) == organisation_id)
        .where(Record.status.in_(correction.states))
        .limit(MAX_ORDERS)
    )
    orders = [(row.id, order_of_record(definition, row.status, json.loads(row.document))) for row in rows]
    return [record_id for record_id, order in orders if order is not None and order.submitted]


def _ending_records(definition: RegisterDefinition) -> Select[Any]:
    """Records whose linked record ends soon."""
    link = filing_of(definition).ending_link
    assert link is not None
    today = clock.today()
    return (
        select(Record.id)
        .join(Link, (Link.from_id == Record.id) & (Link.relation == link.relation))
        .join(LinkedRecord, LinkedRecord.id == Link.to_id)
        .where(Record.register == definition.slug, Record.status.in_(link.states))
        .where(LinkedRecord.status.in_(link.linked_states))
        .where(LinkedRecord.valid_to.between(today.isoformat(), (today + link.period).isoformat()))
    )
