"""What waits in an organisation for its people, beyond what its row on the first page of the workspace counts."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.membership import Invitation, Membership
from registry.accounts.policy import Action, Actor, require
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.kit.filing import EndingLink, Plural
from registry.kit.record import Link, Record
from registry.kit.sheet_job import CANCELLED, DONE, ImportJob
from registry.ledger.model import Item
from registry.reference.text import sparse_dates
from registry.registers import catalogue, filed_registers, organisation_register
from registry.services.bootstrap import Registry
from registry.services.filing import annual_confirmation
from registry.services.filing.draft_views import OrderView, order_of_record
from registry.services.filing.submission import filing_of
from registry.services.publication.record_queries import TITLE_COLUMNS, filer_column, filer_id
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

FILING_ROLES = ("editor", "owner")  # who can do what waits; viewers are not bothered
LinkedRecord = aliased(Record)
MAX_ORDERS, MAX_ORDERS_SHOWN = 500, 20  # read; shown of one organisation


@dataclass(frozen=True, slots=True)
class RegisterTasks:
    """What waits in one organisation among its records of one register. `message`: singular and plural message id.

    `days_left`: until the first of them is due, negative when that has passed; None for no such day.
    """

    register: str
    message: Plural
    count: int
    confirms: bool = False  # done on the page of confirmations, else in the list
    days_left: int | None = None


@dataclass(frozen=True, slots=True)
class OrderTask:
    """A record that the authority has ordered to be corrected."""

    register: str
    number: str
    slug: str
    title: Words
    status: StatusView
    order: OrderView


@dataclass(frozen=True, slots=True)
class PendingTasks:
    """What waits in one organisation. `orders`: not answered ones first, the nearest deadline first, at most
    `MAX_ORDERS_SHOWN` of `order_count`. `sheet`: the last one, where rows of it were refused; 0 for none."""

    records: tuple[RegisterTasks, ...] = ()
    orders: tuple[OrderTask, ...] = ()
    order_count: int = 0
    sheet: int = 0
    refused: int = 0  # rows of that sheet
    invited: int = 0  # people who have not answered; owners see to it


def list_pending_tasks(registry: Registry, actor: Actor, *, of: str = "") -> dict[str, PendingTasks]:
    """Return what waits, by the slug of the organisation that the actor acts for; without those where nothing waits.

    `of`: the register of those whom it waits for, "" for organisations. Viewers see only the records that need attention.
    """
    require(actor, Action.ACT_FOR)
    of = of or organisation_register().slug
    definitions = filed_registers(of)
    with read_transaction(registry.engine) as connection:
        mine = connection.execute(
            select(Record.id, Record.slug, Membership.role)
            .join(Membership, Membership.record_id == Record.id)
            .where(Membership.user_id == actor.user_id, Record.register == of)
        ).all()
        filing = [row.id for row in mine if row.role in FILING_ROLES]
        records: dict[int, list[RegisterTasks]] = {row.id: [] for row in mine}
        for definition in definitions:
            for organisation_id, tasks in _register_tasks(connection, definition, list(records), filing):
                records[organisation_id].append(tasks)
        orders = _orders(connection, definitions, list(records))
        sheets = _sheets_with_refused_rows(connection, filing)
        invited = {
            int(row[0]): int(row[1])
            for row in connection.execute(
                select(Invitation.record_id, func.count())
                .where(Invitation.record_id.in_(filing), Invitation.ended == "")
                .group_by(Invitation.record_id)
            )
        }
    pending = {
        row.slug: PendingTasks(
            tuple(records[row.id]),
            tuple(orders.get(row.id, ())[:MAX_ORDERS_SHOWN]),
            len(orders.get(row.id, ())),
            sheets[row.id].id if row.id in sheets else 0,
            sheets[row.id].refused if row.id in sheets else 0,
            invited.get(row.id, 0) if row.role == "owner" else 0,
        )
        for row in mine
    }
    return {slug: tasks for slug, tasks in pending.items() if tasks != PendingTasks()}


def _register_tasks(
    connection: Connection, definition: RegisterDefinition, members: list[int], filing: list[int]
) -> Iterator[tuple[int, RegisterTasks]]:
    """The tasks of one register, each with its organisation.

    `members`, `filing`: the organisations that the actor acts for, and those that they file for.
    """
    slug, parts = definition.slug, filing_of(definition)
    today = clock.today()
    if parts.attention:
        needing = (Record.register == slug) & Record.status.in_(parts.attention.states)
        period = parts.attention.period
        counts = _count_by_filer(connection, filer_column(definition), members, needing)
        for organisation_id, (count, since) in counts.items():
            left = (since + period - today).days if period else None
            yield organisation_id, RegisterTasks(slug, parts.attention.message, count, days_left=left)
    if parts.confirmation:
        due = annual_confirmation.count_due_confirmations(connection, definition, filing)
        for organisation_id, count in due.items():
            yield organisation_id, RegisterTasks(slug, parts.confirmation.waiting, count, confirms=True)
    if parts.ending_link:
        ending = _count_ending_links(connection, definition, parts.ending_link, filing)
        for organisation_id, (count, first) in ending.items():
            left = (sparse_dates.last_day(first) - today).days
            yield organisation_id, RegisterTasks(slug, parts.ending_link.message, count, days_left=left)


def _orders(
    connection: Connection, definitions: Sequence[RegisterDefinition], organisation_ids: list[int]
) -> dict[int, list[OrderTask]]:
    """The orders that stand against records of each organisation, the most urgent first."""
    ordered = or_(
        false(),
        *(
            (Record.register == definition.slug)
            & filer_column(definition).in_(organisation_ids)
            & Record.status.in_(correction.states)
            for definition in definitions
            if (correction := filing_of(definition).correction)
        ),
    )
    rows = connection.execute(
        select(*TITLE_COLUMNS, Record.holder_id, Record.issuer_id, Record.status, Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(ordered)
        .order_by(Record.id)
        .limit(MAX_ORDERS)
    )
    orders: dict[int, list[OrderTask]] = {}
    for row in rows:
        definition = catalogue()[row.register]
        order = order_of_record(definition, row.status, json.loads(row.document))
        if order is not None:
            status = definition.life_cycle.state(row.status).view()
            task = OrderTask(
                row.register, row.number, row.slug, titles.title_of(definition, row), status, order
            )
            orders.setdefault(filer_id(definition, row) or 0, []).append(task)
    for tasks in orders.values():
        tasks.sort(key=lambda task: (bool(task.order.submitted), task.order.deadline or "9999"))
    return orders


def _count_by_filer(
    connection: Connection,
    filer: ColumnElement[int | None],
    organisation_ids: list[int],
    condition: ColumnElement[bool],
) -> dict[int, tuple[int, dt.date]]:
    """How many records each organisation has, and since when the first of them has its status."""
    counted = (
        select(filer, func.count(), func.min(Record.status_since))
        .where(filer.in_(organisation_ids), condition)
        .group_by(filer)
    )
    return {int(row[0] or 0): (int(row[1]), row[2]) for row in connection.execute(counted)}


def _count_ending_links(
    connection: Connection, definition: RegisterDefinition, link: EndingLink, organisation_ids: list[int]
) -> dict[int, tuple[int, str]]:
    """How many records of each organisation are linked to a record that ends soon, and the first of these days."""
    today, filer = clock.today(), filer_column(definition)
    soon = LinkedRecord.valid_to.between(today.isoformat(), (today + link.period).isoformat())
    counted = (
        select(filer, func.count(Record.id.distinct()), func.min(LinkedRecord.valid_to))
        .join(Link, (Link.from_id == Record.id) & (Link.relation == link.relation))
        .join(LinkedRecord, LinkedRecord.id == Link.to_id)
        .where(Record.register == definition.slug, filer.in_(organisation_ids))
        .where(Record.status.in_(link.states), LinkedRecord.status.in_(link.linked_states), soon)
        .group_by(filer)
    )
    return {int(row[0] or 0): (int(row[1]), str(row[2])) for row in connection.execute(counted)}


def _sheets_with_refused_rows(connection: Connection, organisation_ids: list[int]) -> dict[int, FetchedRow]:
    """The newest sheet of each organisation, where it is done and rows of it were refused."""
    newest = (
        select(func.max(ImportJob.id))
        .where(ImportJob.organisation_id.in_(organisation_ids), ImportJob.state != CANCELLED)
        .group_by(ImportJob.organisation_id)
    )
    rows = connection.execute(
        select(ImportJob.organisation_id, ImportJob.id, ImportJob.refused).where(
            ImportJob.id.in_(newest), ImportJob.state == DONE, ImportJob.refused > 0
        )
    )
    return {row.organisation_id: row for row in rows}
