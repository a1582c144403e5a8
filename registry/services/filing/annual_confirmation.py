"""The yearly confirmation that a filed record still holds: asked for by letter, given by its enterprise, one entry each.

The interval is the register's own; for declarations Order No. 83, Art. 14 wants them kept up to date.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, false, func, insert, or_, select
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import audit_log
from registry.accounts.membership import Membership
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.draft import Reminder
from registry.kit.filing import Confirmation
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.registers import catalogue, filed_registers
from registry.services.bootstrap import Registry
from registry.services.filing import filed_records
from registry.services.filing.filed_records import FiledRecordAddress
from registry.services.filing.submission import filing_of
from registry.services.people import memberships
from registry.services.people.memberships import (
    FilerAddress,
    OrganisationView,
    organisation_view,
    require_membership,
)
from registry.services.publication.record_queries import TITLE_COLUMNS, filer_column
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.unit_of_work import read_transaction, unit_of_work

REMINDER_INTERVAL, MAX_REMINDERS = (
    dt.timedelta(days=30),
    3,
)  # one letter, and two more where it is not answered
MAX_CONFIRMATIONS_SHOWN = 200  # on one page
MAX_RECORDS_PER_REMINDER = 5000
MAX_IDS = 500  # in one statement


@dataclass(frozen=True, slots=True)
class DueConfirmation:
    """A record that its enterprise has left as it is for too long. `since`: when it last said so."""

    number: str
    slug: str
    register: str
    title: Words
    subject: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class DueConfirmationsView:
    """The records that an organisation should confirm: those left alone longest, and how many there are in all."""

    organisation: OrganisationView
    rows: tuple[DueConfirmation, ...]  # at most `MAX_CONFIRMATIONS_SHOWN`
    total: int


def list_due_confirmations(registry: Registry, actor: Actor, org: FilerAddress) -> DueConfirmationsView:
    """Return what an organisation should confirm, amend or withdraw now, of every register.

    Raises `NotFound` for an actor who does not act for the organisation.
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        due = or_(
            false(),
            *((filer_column(each) == mine.id) & is_due(each) for each in _confirmed_registers(mine.register)),
        )
        total = int(connection.execute(select(func.count()).select_from(Record).where(due)).scalar_one())
        touched = func.max(Entry.recorded_at)
        rows = connection.execute(
            select(*TITLE_COLUMNS, Item.document, touched.label("touched"))
            .join(Item, Item.hash == Record.document_hash)
            .join(Entry, (Entry.record_id == Record.id) & _not_by_system())
            .where(due)
            .group_by(*TITLE_COLUMNS, Item.document)
            .order_by(touched, Record.id)
            .limit(MAX_CONFIRMATIONS_SHOWN)
        ).all()
    return DueConfirmationsView(organisation_view(mine), tuple(_due_confirmation(row) for row in rows), total)


def count_due_confirmations(
    connection: Connection, definition: RegisterDefinition, organisation_ids: Collection[int]
) -> dict[int, int]:
    """Return how many records of a register each organisation should confirm; those with none are left out."""
    if filing_of(definition).confirmation is None:
        return {}
    filer = filer_column(definition)
    due = filer.in_(organisation_ids) & is_due(definition)
    counted = select(filer, func.count()).where(due).group_by(filer)
    return {int(row[0] or 0): int(row[1]) for row in connection.execute(counted)}


def confirm_record(registry: Registry, actor: Actor, address: FiledRecordAddress) -> None:
    """Record that a filed record still holds, as an entry of its own.

    Raises `Conflict` (it has ended, or the authority has it in hand, or its register asks for no confirmation),
    `NotFound`, `Forbidden` (viewers).
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        _confirm(connection, actor, address)


def confirm_records(registry: Registry, actor: Actor, org: FilerAddress, numbers: Collection[str]) -> None:
    """Record that several records of an organisation still hold; an entry each, and all or none of them.

    Raises `Invalid` (none named), and for each of them what `confirm_record` raises.
    """
    require(actor, Action.ACT_FOR)
    if not numbers:
        raise Invalid((Issue("none_chosen", "numbers"),))
    with unit_of_work(registry.engine) as connection:
        slugs = [definition.slug for definition in _confirmed_registers()]
        rows = connection.execute(
            select(Record.slug, Record.register).where(Record.register.in_(slugs), Record.slug.in_(numbers))
        )
        registers = {row.slug: row.register for row in rows}
        for number in dict.fromkeys(numbers):
            if number not in registers:
                raise NotFound("record", number[:120])
            _confirm(connection, actor, FiledRecordAddress(org, registers[number], number))


def _confirm(connection: Connection, actor: Actor, address: FiledRecordAddress) -> None:
    record = filed_records.require_amendable(connection, actor, address)
    confirmation = filing_of(catalogue()[address.register]).confirmation
    if confirmation is None:
        raise Conflict("no_confirmation")
    changes = {confirmation.field: clock.today().isoformat(), "status": record.status}
    filed_records.publish_change(connection, record, changes)
    audit_log.record(connection, actor, "still_true", subject=record.number)


def send_confirmation_reminders(registry: Registry) -> int:
    """Write to those who file for organisations with records to confirm; return the number of organisations written to.

    One letter for each organisation and register: once when the interval is over, again after a month, three times at
    most.
    """
    require(SYSTEM, Action.RELAY)
    return sum(_send_reminders(registry, definition) for definition in _confirmed_registers())


def _send_reminders(registry: Registry, definition: RegisterDefinition) -> int:
    letter, filer = _confirmation(definition).letter, filer_column(definition)
    sent = 0
    reminded = is_due(definition) & _not_reminded(definition)
    with read_transaction(registry.engine) as connection:
        members = exists(select(Membership.id).where(Membership.record_id == filer).correlate(Record))
        filers = select(filer).where(reminded, members).distinct()
        organisations = [int(row[0]) for row in connection.execute(filers.order_by(filer)) if row[0]]
    for organisation_id in organisations:
        with unit_of_work(registry.engine) as connection:
            ids = list(
                connection.execute(
                    select(Record.id)
                    .where(filer == organisation_id, reminded)
                    .order_by(Record.id)
                    .limit(MAX_RECORDS_PER_REMINDER)
                ).scalars()
            )
            if not ids:
                continue
            _record_reminders(connection, definition, ids)
            memberships.notify_members(
                connection, organisation_id, letter, count=str(len(ids)), register=definition.slug
            )
            sent += 1
    return sent


def _confirmed_registers(by: str = "") -> list[RegisterDefinition]:
    return [
        definition for definition in filed_registers(by) if filing_of(definition).confirmation is not None
    ]


def _confirmation(definition: RegisterDefinition) -> Confirmation:
    confirmation = filing_of(definition).confirmation
    assert confirmation is not None
    return confirmation


def is_due(definition: RegisterDefinition) -> ColumnElement[bool]:
    """The condition for records of a register that can still be changed and that their enterprise has left alone too long.

    No record where the register asks for no confirmation.
    """
    confirmation = filing_of(definition).confirmation
    if confirmation is None:
        return false()
    touched = Entry.recorded_at > clock.now() - confirmation.interval
    return (
        (Record.register == definition.slug)
        & Record.status.in_(filing_of(definition).amendable_states)
        & ~exists(
            select(Entry.id).where(Entry.record_id == Record.id, _not_by_system(), touched).correlate(Record)
        )
    )


def due_ids(connection: Connection, definition: RegisterDefinition, record_ids: Collection[int]) -> set[int]:
    """Those of these records that their enterprise should confirm."""
    due = select(Record.id).where(Record.id.in_(record_ids), is_due(definition))
    return set(connection.execute(due).scalars())


def _not_by_system() -> ColumnElement[bool]:
    return Entry.actor_role != SYSTEM.role


def _not_reminded(definition: RegisterDefinition) -> ColumnElement[bool]:
    """Neither lately nor too often; letters of an earlier interval do not count."""
    now = clock.now()
    this_time = (Reminder.record_id == Record.id) & (
        Reminder.made_at > now - _confirmation(definition).interval
    )
    enough = or_(Reminder.made_at > now - REMINDER_INTERVAL, Reminder.times >= MAX_REMINDERS)
    return ~exists(select(Reminder.record_id).where(this_time, enough).correlate(Record))


def _record_reminders(connection: Connection, definition: RegisterDefinition, ids: list[int]) -> None:
    """Count one more letter for each of these records."""
    now = clock.now()
    since = now - _confirmation(definition).interval
    for batch in batches(ids, MAX_IDS):
        recent = (Reminder.record_id.in_(batch)) & (Reminder.made_at > since)
        before = {
            row[0]: row[1]
            for row in connection.execute(select(Reminder.record_id, Reminder.times).where(recent))
        }
        connection.execute(delete(Reminder).where(Reminder.record_id.in_(batch)))
        made = [
            {"record_id": record_id, "times": before.get(record_id, 0) + 1, "made_at": now}
            for record_id in batch
        ]
        connection.execute(insert(Reminder), made)


def _due_confirmation(row: FetchedRow) -> DueConfirmation:
    definition = catalogue()[row.register]
    return DueConfirmation(
        row.number,
        row.slug,
        row.register,
        titles.title_of(definition, row),
        str(json.loads(row.document).get(filing_of(definition).subject_field) or ""),
        row.touched,
    )
