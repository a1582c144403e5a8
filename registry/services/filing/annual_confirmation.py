"""The yearly confirmation that a declaration still holds: asked for by letter, given by its enterprise, one entry each.

Order No. 83, Art. 14 wants declarations kept up to date; the interval is the register's own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, func, insert, or_, select
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import audit_log
from registry.accounts.membership import Membership
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import Invalid
from registry.kit.display import Words
from registry.kit.draft import Reminder
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import filed_records
from registry.services.filing.submission import filing_of
from registry.services.people import memberships
from registry.services.people.memberships import (
    DECLARATIONS,
    OrganisationView,
    organisation_view,
    require_membership,
)
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

REMINDER_INTERVAL, MAX_REMINDERS = dt.timedelta(days=30), 3  # one letter, and two more to who does not answer
MAX_CONFIRMATIONS_SHOWN = 200  # on one page
MAX_RECORDS_PER_REMINDER = 5000  # declarations in one letter


@dataclass(frozen=True, slots=True)
class DueConfirmation:
    """A declaration that its enterprise has left as it is for a year. `since`: when it last said so."""

    number: str
    slug: str
    title: Words
    standard: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class DueConfirmationsView:
    organisation: OrganisationView
    rows: tuple[DueConfirmation, ...]  # those left alone longest, at most `SHOWN`
    total: int


def list_due_confirmations(registry: Registry, actor: Actor, org: str) -> DueConfirmationsView:
    """What an organisation should confirm, amend or withdraw now. Raises `NotFound` for who does not act for it."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        wanted = (Record.holder_id == mine.id) & _is_due()
        total = int(connection.execute(select(func.count()).select_from(Record).where(wanted)).scalar_one())
        touched = func.max(Entry.recorded_at)
        rows = connection.execute(
            select(*TITLE_COLUMNS, Item.document, touched.label("touched"))
            .join(Item, Item.hash == Record.document_hash)
            .join(Entry, (Entry.record_id == Record.id) & _not_by_system())
            .where(wanted)
            .group_by(*TITLE_COLUMNS, Item.document)
            .order_by(touched, Record.id)
            .limit(MAX_CONFIRMATIONS_SHOWN)
        ).all()
    return DueConfirmationsView(organisation_view(mine), tuple(_due_confirmation(row) for row in rows), total)


def count_due_confirmations(connection: Connection, organisation_ids: Collection[int]) -> dict[int, int]:
    """How many declarations each organisation should confirm; those with none are left out."""
    wanted = Record.holder_id.in_(organisation_ids) & _is_due()
    counted = select(Record.holder_id, func.count()).where(wanted).group_by(Record.holder_id)
    return {int(row[0] or 0): int(row[1]) for row in connection.execute(counted)}


def confirm_records(registry: Registry, actor: Actor, org: str, numbers: Collection[str]) -> None:
    """Say that declarations still hold; an entry each, and all or none of them.

    Raises `Invalid` (none named), `Conflict` (one has ended, or the authority has it in hand), `NotFound`, `Forbidden`.
    """
    require(actor, Action.ACT_FOR)
    if not numbers:
        raise Invalid((Issue("none_chosen", "numbers"),))
    today = clock.today().isoformat()
    with unit_of_work(registry.engine) as connection:
        for number in dict.fromkeys(numbers):
            record = filed_records.require_amendable(connection, actor, org, number)
            filed_records.publish_change(connection, record, {"still_true_on": today}, record.status)
            audit_log.record(connection, actor.role, "still_true", actor.user_id, subject=record.number)


def send_confirmation_reminders(registry: Registry) -> int:
    """Write to who files for organisations with declarations to confirm, one letter for each; gives how many of these.

    Once when a year is over, again after a month, three times at most.
    """
    require(SYSTEM, Action.RELAY)
    told = 0
    with read_transaction(registry.engine) as connection:
        members = exists(
            select(Membership.id).where(Membership.record_id == Record.holder_id).correlate(Record)
        )
        wanted = select(Record.holder_id).where(_is_due(), members, _not_reminded()).distinct()
        organisations = [
            int(row[0]) for row in connection.execute(wanted.order_by(Record.holder_id)) if row[0]
        ]
    for organisation_id in organisations:
        with unit_of_work(registry.engine) as connection:
            mine = (Record.holder_id == organisation_id) & _is_due() & _not_reminded()
            ids = list(
                connection.execute(
                    select(Record.id).where(mine).order_by(Record.id).limit(MAX_RECORDS_PER_REMINDER)
                ).scalars()
            )
            if not ids:
                continue
            _record_reminders(connection, ids)
            memberships.notify_members(connection, organisation_id, "still_true_due", count=str(len(ids)))
            told += 1
    return told


def _is_due() -> ColumnElement[bool]:
    """Declarations that can still be changed, and that nobody has touched for a year."""
    touched = Entry.recorded_at > clock.now() - confirmation_interval()
    return (
        (Record.register == DECLARATIONS)
        & Record.status.in_(filing_of(catalogue()[DECLARATIONS]).amendable_states)
        & ~exists(
            select(Entry.id).where(Entry.record_id == Record.id, _not_by_system(), touched).correlate(Record)
        )
    )


def confirmation_interval() -> dt.timedelta:
    """After how long a declaration that nobody has touched is to be confirmed."""
    return filing_of(catalogue()[DECLARATIONS]).confirmation_interval


def _not_by_system() -> ColumnElement[bool]:
    return Entry.actor_role != SYSTEM.role


def _not_reminded() -> ColumnElement[bool]:
    """Neither lately nor too often; letters of an earlier year count for nothing."""
    now = clock.now()
    this_time = (Reminder.record_id == Record.id) & (Reminder.made_at > now - confirmation_interval())
    enough = or_(Reminder.made_at > now - REMINDER_INTERVAL, Reminder.times >= MAX_REMINDERS)
    return ~exists(select(Reminder.record_id).where(this_time, enough).correlate(Record))


def _record_reminders(connection: Connection, ids: list[int]) -> None:
    now = clock.now()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        recent = (Reminder.record_id.in_(some)) & (Reminder.made_at > now - confirmation_interval())
        before = {
            row[0]: row[1]
            for row in connection.execute(select(Reminder.record_id, Reminder.times).where(recent))
        }
        connection.execute(delete(Reminder).where(Reminder.record_id.in_(some)))
        made = [{"record_id": each, "times": before.get(each, 0) + 1, "made_at": now} for each in some]
        connection.execute(insert(Reminder), made)


def _due_confirmation(row: FetchedRow) -> DueConfirmation:
    title = titles.title_of(catalogue()[DECLARATIONS], row)
    return DueConfirmation(
        row.number, row.slug, title, str(json.loads(row.document).get("std_no") or ""), row.touched
    )
