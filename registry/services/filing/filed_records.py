"""A record that an organisation has filed: what its people may do after filing.

Nothing is ever deleted: a record is withdrawn, or marked as filed by mistake, and keeps its page.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import Conflict, Invalid
from registry.kit.display import StatusView, Words
from registry.kit.draft import Receipt
from registry.kit.filing import FilingWords
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import withdrawals
from registry.services.filing.drafts import require_filed_record
from registry.services.filing.submission import authority_of, filing_of
from registry.services.filing.withdrawals import Withdrawing, retractable_ids, too_late_to_retract
from registry.services.people.memberships import (
    FilerAddress,
    OrganisationView,
    organisation_view,
    require_filer,
)
from registry.services.publication import publishing, validation
from registry.services.publication.record_queries import filer_id
from registry.services.publication.validation import RefusedRow
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work


@dataclass(frozen=True, slots=True)
class FiledRecordAddress:
    """Names a filed record as an address does: who files it, slug of the register, number."""

    organisation: FilerAddress
    register: str
    number: str


@dataclass(frozen=True, slots=True)
class FiledRecordState:
    """One filed record with what its enterprise may do with it, and why not. `since`: ISO day in the register's time."""

    organisation: OrganisationView
    register: str
    words: FilingWords
    number: str
    slug: str
    title: Words
    status: StatusView
    since: str
    reason: str  # in the words of who ended it
    amendable: bool
    confirmable: bool  # it was neither filed nor confirmed today
    correctable: bool
    retractable: bool
    closed_hint: (
        str  # message id: why nothing, or only a correction, is possible in this state; "" for no such reason
    )


def get_filed_record_state(registry: Registry, actor: Actor, address: FiledRecordAddress) -> FiledRecordState:
    """Return a filed record with what may still be done with it. Raises `NotFound` for one of another organisation."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[address.register]
    with read_transaction(registry.engine) as connection:
        mine = require_filer(connection, actor, address.organisation, address.register)
        record = require_filed_record(connection, mine.id, definition, address.number)
        row = connection.execute(
            select(
                Record.register, Record.title_zh, Record.title_en, Record.en_source, Record.status_since
            ).where(Record.id == record.id)
        ).one()
        retractable = retractable_ids(connection, definition, {record.id: record.status})
        touched = touched_today(connection, [record.id])
    filing = filing_of(definition)
    document = json.loads(record.document)
    status = titles.status_on_day(definition, record.status, document, clock.today())
    reason_field = filing.withdrawal.reason_field if filing.withdrawal else ""
    return FiledRecordState(
        organisation=organisation_view(mine),
        register=address.register,
        words=filing.words,
        number=record.number,
        slug=record.slug,
        title=titles.title_of(definition, row),
        status=status,
        since=row.status_since.isoformat(),
        reason=str(document.get(reason_field) or "") if status.standing == "ended" else "",
        amendable=record.status in filing.amendable_states,
        confirmable=record.status in filing.amendable_states and not touched,
        correctable=filing.takes_corrections(record.status),
        retractable=bool(retractable),
        closed_hint=filing.closed_hints.get(record.status, ""),
    )


def withdraw_record(registry: Registry, actor: Actor, address: FiledRecordAddress, reason: str) -> None:
    """End a record as of today, with a public reason; the record keeps its page.

    Raises `Invalid` (no reason), `Conflict` (it has ended, or the authority has it in hand, or the register knows no
    withdrawal), `NotFound`, `Forbidden`.
    """
    require(actor, Action.ACT_FOR)
    withdrawal = filing_of(catalogue()[address.register]).withdrawal
    if withdrawal is None:
        raise Conflict("no_withdrawal")
    withdrawing = Withdrawing(" ".join(reason.split()))
    definition = catalogue()[address.register]
    with unit_of_work(registry.engine) as connection:
        record = require_amendable(connection, actor, address)
        if issues := tuple(withdrawals.ground_issues(definition, record, withdrawing)):
            raise Invalid(tuple(replace(issue, field="reason") for issue in issues))
        publish_change(connection, record, withdrawals.withdrawn_values(definition, record, withdrawing))
        receipt = {
            "record_id": record.id,
            "version": record.version + 1,
            "organisation_id": filer_id(definition, record),
        }
        receipt |= {"user_id": actor.user_id, "signer": "", "made_at": clock.now()}
        connection.execute(insert(Receipt).values(**receipt))
        audit_log.record(connection, actor, "withdrawn", subject=record.number)


def retract_record(registry: Registry, actor: Actor, address: FiledRecordAddress) -> None:
    """Mark a record as filed by mistake, within the register's period after its first entry; its link stays good.

    Raises `Conflict` when it is too late, in another state, or not foreseen in the register; `NotFound`, `Forbidden`.
    """
    require(actor, Action.ACT_FOR)
    definition = catalogue()[address.register]
    filing = filing_of(definition)
    with unit_of_work(registry.engine) as connection:
        record = require_amendable(connection, actor, address)
        if filing.retraction is None or not retractable_ids(
            connection, definition, {record.id: record.status}
        ):
            raise Conflict("retraction_too_late", **too_late_to_retract(filing.retraction))
        row = connection.execute(publishing.EXISTING_RECORDS.where(Record.id == record.id)).one()
        change = publishing.StatusChange(
            definition,
            json.loads(record.document),
            filing.retraction.status,
            filing.retraction.transition,
            authority_of(definition),
        )
        publishing.change_status(connection, row, change)
        audit_log.record(connection, actor, filing.retraction.transition, subject=record.number)


def require_amendable(connection: Connection, actor: Actor, address: FiledRecordAddress) -> FetchedRow:
    """Return a record that its enterprise may still change itself, with the publish lock held.

    Raises `NotFound`, `Forbidden` (viewers), and `Conflict` for any other state.
    """
    publishing.acquire_publish_lock(connection)
    definition = catalogue()[address.register]
    mine = require_filer(connection, actor, address.organisation, address.register, minimum_role="editor")
    record = require_filed_record(connection, mine.id, definition, address.number)
    if record.status not in filing_of(definition).amendable_states:
        raise Conflict("not_open", number=record.number)
    return record


def publish_change(connection: Connection, record: FetchedRow, changes: Mapping[str, Any]) -> None:
    """Publish the next version of a record with these values, its `status` among them. Raises `Invalid`."""
    definition = catalogue()[record.register]
    raw = {**json.loads(record.document), **changes}
    checked = validation.validate_row(definition, 1, raw, validation.rule_context(connection), registrar=True)
    if isinstance(checked, RefusedRow):
        raise Invalid(checked.issues)
    [outcome] = publishing.publish(connection, definition, [checked], authority_of(definition))
    if outcome.issue is not None:
        raise Invalid((outcome.issue,))


def touched_today(connection: Connection, record_ids: Collection[int]) -> set[int]:
    """Return those of these records that were filed, amended or confirmed today: there is nothing to confirm yet."""
    midnight = dt.datetime.combine(clock.today(), dt.time(), clock.SHANGHAI)
    touched = select(Entry.record_id).where(
        Entry.record_id.in_(record_ids), Entry.actor_role != SYSTEM.role, Entry.recorded_at >= midnight
    )
    return set(connection.execute(touched).scalars())
