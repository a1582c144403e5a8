"""What an organisation has declared: the list, and the life after filing (Order No. 83): nothing is ever deleted."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import audit_log
from registry.accounts.membership import Membership
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound
from registry.kit.display import StatusView, Words
from registry.kit.draft import Receipt
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.registers.declarations.codes import RETRACTION_HOURS
from registry.services.bootstrap import Registry
from registry.services.filing.drafts import require_filed_record
from registry.services.filing.submission import ENTERPRISE_ROLE, filing_of
from registry.services.people.memberships import (
    DECLARATIONS,
    OrganisationView,
    organisation_view,
    require_membership,
)
from registry.services.publication import publishing, validation
from registry.services.publication.publishing import Authority
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.publication.validation import RefusedRow
from registry.services.records import full_texts, titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

PAGE_SIZE = 50
MAX_REASON_LENGTH = 300
MISTAKABLE = "active"  # the state that leads to `misfiled`
RECENT_PERIOD, MAX_RECENT_RECEIPTS = dt.timedelta(days=7), 5  # receipts on the first page of the workspace
HOLDER = aliased(Record)


@dataclass(frozen=True, slots=True)
class FiledRecordView:
    """A declaration as its enterprise sees it in the list."""

    number: str
    slug: str
    title: Words
    standard: str
    status: StatusView
    declared_on: str
    amendable: bool
    has_receipt: bool = False  # it was filed here, not entered by the registrar
    retractable: bool = False  # may still be marked as filed by mistake
    own: bool = False  # to the enterprise's own standard, of which there may be a new edition


@dataclass(frozen=True, slots=True)
class FiledRecordState:
    """One declaration with what its enterprise may do with it, and why not. `since`, `until`: in the register's time."""

    organisation: OrganisationView
    number: str
    slug: str
    title: Words
    status: StatusView
    since: str
    reason: str  # in the words of who ended it
    amendable: bool
    retractable: bool


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A filing of the last days, to find its receipt again."""

    number: str
    path: str  # of the receipt
    title: Words
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class FiledRecordsView:
    organisation: OrganisationView
    rows: tuple[FiledRecordView, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A filing as proof for its enterprise: number, entry, hash, time. `index` None: to be sealed in a moment."""

    number: str
    slug: str
    title: Words
    organisation: OrganisationView
    status: StatusView
    version: int
    index: int | None
    hash: str
    recorded_at: dt.datetime
    signer: str
    post: str
    permalink: str
    retractable: bool  # may still be marked as filed by mistake
    has_full_text: bool  # a full text was handed in with it


def list_filed_records(registry: Registry, actor: Actor, org: str, page: int = 1) -> FiledRecordsView:
    """The declarations of an organisation, newest first. Raises `NotFound` for who does not act for it."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        own = (Record.register == DECLARATIONS) & (Record.holder_id == mine.id)
        total = int(connection.execute(select(func.count()).select_from(Record).where(own)).scalar_one())
        pages = max(1, -(-total // PAGE_SIZE))
        page = min(max(page, 1), pages)
        rows = connection.execute(
            select(
                Record.number,
                Record.slug,
                Record.register,
                Record.title_zh,
                Record.title_en,
                Record.en_source,
            )
            .add_columns(Record.id, Record.status, Record.valid_from, Record.valid_to, Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(own)
            .order_by(Record.id.desc())
            .limit(PAGE_SIZE)
            .offset((page - 1) * PAGE_SIZE)
        ).all()
        ids = [row.id for row in rows]
        filed = set(connection.execute(select(Receipt.record_id).where(Receipt.record_id.in_(ids))).scalars())
        young = _within_retraction_period(connection, ids)
    lines = tuple(
        _filed_record_view(
            row, has_receipt=row.id in filed, retractable=row.id in young and row.status == MISTAKABLE
        )
        for row in rows
    )
    return FiledRecordsView(organisation_view(mine), lines, total, page, pages)


def get_filed_record_state(registry: Registry, actor: Actor, org: str, number: str) -> FiledRecordState:
    """One declaration of an organisation and what may still be done with it. Raises `NotFound` for any other."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        record = require_filed_record(connection, mine.id, number)
        row = connection.execute(
            select(
                Record.register, Record.title_zh, Record.title_en, Record.en_source, Record.status_since
            ).where(Record.id == record.id)
        ).one()
        young = _within_retraction_period(connection, [record.id])
    definition = catalogue()[DECLARATIONS]
    document = json.loads(record.document)
    status = titles.status_on_day(definition, record.status, document, clock.today())
    return FiledRecordState(
        organisation_view(mine),
        record.number,
        record.slug,
        titles.title_of(definition, row),
        status,
        row.status_since.isoformat(),
        str(document.get("status_reason") or "") if status.standing == "ended" else "",
        record.status in filing_of(definition).amendable_states,
        bool(young) and record.status == MISTAKABLE,
    )


def list_recent_receipts(registry: Registry, actor: Actor) -> tuple[ReceiptLine, ...]:
    """The last filings of the organisations that one acts for, newest first."""
    require(actor, Action.ACT_FOR)
    own = select(Membership.record_id).where(Membership.user_id == actor.user_id)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(*TITLE_COLUMNS, Receipt.made_at, HOLDER.slug.label("org"))
            .join(Receipt, Receipt.record_id == Record.id)
            .join(HOLDER, HOLDER.id == Receipt.organisation_id)
            .where(Receipt.organisation_id.in_(own), Receipt.made_at > clock.now() - RECENT_PERIOD)
            .order_by(Receipt.id.desc())
            .limit(MAX_RECENT_RECEIPTS)
        ).all()
    definition = catalogue()[DECLARATIONS]
    return tuple(
        ReceiptLine(
            row.number,
            f"/workspace/organisations/{row.org}/declarations/{row.slug}/receipt",
            titles.title_of(definition, row),
            row.made_at,
        )
        for row in rows
    )


def get_receipt(registry: Registry, actor: Actor, org: str, number: str) -> ReceiptView:
    """The receipt of the last filing of a declaration. Raises `NotFound` for one of another organisation."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        record = require_filed_record(connection, mine.id, number)
        row = connection.execute(
            select(Receipt.version, Receipt.signer, Receipt.made_at)
            .where(Receipt.record_id == record.id)
            .order_by(Receipt.id.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            raise NotFound("receipt", number[:120])
        entry = connection.execute(
            select(Entry.index.label("place"), Entry.document_hash, Entry.recorded_at).where(
                Entry.record_id == record.id, Entry.version == row.version
            )
        ).one()
        title = connection.execute(
            select(Record.register, Record.title_zh, Record.title_en, Record.en_source).where(
                Record.id == record.id
            )
        ).one()
        young = _within_retraction_period(connection, [record.id])
        document = json.loads(record.document)
        text = full_texts.find_filed_text(connection, catalogue()[DECLARATIONS], record.id, document)
    definition = catalogue()[DECLARATIONS]
    return ReceiptView(
        record.number,
        record.slug,
        titles.title_of(definition, title),
        organisation_view(mine),
        definition.life_cycle.state(record.status).view(),
        row.version,
        entry.place,
        entry.document_hash,
        entry.recorded_at,
        row.signer,
        str(document.get("signer_post") or ""),
        f"{registry.settings.base_url}/r/{record.slug}",
        bool(young) and record.status == MISTAKABLE,
        text is not None,
    )


def withdraw_record(registry: Registry, actor: Actor, org: str, number: str, reason: str) -> None:
    """Declare it no more, from today, with a public reason; the record stays.

    Raises `Invalid` (no reason), `Conflict` (it has ended, or the authority has it in hand), `NotFound`, `Forbidden`.
    """
    require(actor, Action.ACT_FOR)
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid((Issue("reason_public", "reason"),))
    if len(reason) > MAX_REASON_LENGTH:
        raise Invalid((Issue("too_long", "reason", {"length": len(reason), "at_most": MAX_REASON_LENGTH}),))
    today = clock.today().isoformat()
    with unit_of_work(registry.engine) as connection:
        record = require_amendable(connection, actor, org, number)
        publish_change(connection, record, {"withdrawn_on": today, "status_reason": reason}, "withdrawn")
        audit_log.record(connection, actor.role, "withdrawn", actor.user_id, subject=record.number)


def retract_record(registry: Registry, actor: Actor, org: str, number: str) -> None:
    """Mark a declaration as filed by mistake, within 24 hours of its first entry; it stays visible by its link.

    Raises `Conflict` when it is too late or not in force, `NotFound`, `Forbidden`.
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        record = require_amendable(connection, actor, org, number)
        if not _within_retraction_period(connection, [record.id]) or record.status != MISTAKABLE:
            raise Conflict("retraction_too_late", hours=RETRACTION_HOURS)
        definition = catalogue()[DECLARATIONS]
        present = connection.execute(publishing.EXISTING_RECORDS.where(Record.id == record.id)).one()
        values = json.loads(record.document)
        authority = Authority(ENTERPRISE_ROLE, filing_of(definition).legal_basis)
        to = publishing.StatusChange(definition, values, "misfiled", "misfiled", authority)
        publishing.change_status(connection, present, to)
        audit_log.record(connection, actor.role, "misfiled", actor.user_id, subject=record.number)


def require_amendable(connection: Connection, actor: Actor, org: str, number: str) -> FetchedRow:
    """A declaration that its enterprise may still change itself. Raises `NotFound`, and `Conflict` for any other state."""
    publishing.acquire_publish_lock(connection)
    mine = require_membership(connection, actor, org, "editor")
    record = require_filed_record(connection, mine.id, number)
    if record.status not in filing_of(catalogue()[DECLARATIONS]).amendable_states:
        raise Conflict("not_open", number=record.number)
    return record


def publish_change(
    connection: Connection, record: FetchedRow, changes: Mapping[str, Any], status: str
) -> None:
    """The next version of a declaration, with these values changed by its enterprise. Raises `Invalid`."""
    definition = catalogue()[DECLARATIONS]
    raw = {**json.loads(record.document), **changes, "status": status}
    checked = validation.validate_row(definition, 1, raw, validation.rule_context(connection), registrar=True)
    if isinstance(checked, RefusedRow):
        raise Invalid(checked.issues)
    authority = Authority(ENTERPRISE_ROLE, filing_of(definition).legal_basis)
    [outcome] = publishing.publish(connection, definition, [checked], authority)
    if outcome.issue is not None:
        raise Invalid((outcome.issue,))


def _within_retraction_period(connection: Connection, ids: Collection[int]) -> set[int]:
    """Records whose first entry is so new that they may still be marked as filed by mistake."""
    since = clock.now() - dt.timedelta(hours=RETRACTION_HOURS)
    first: ColumnElement[bool] = (Entry.version == 1) & (Entry.recorded_at > since)
    return set(connection.execute(select(Entry.record_id).where(Entry.record_id.in_(ids), first)).scalars())


def _filed_record_view(row: FetchedRow, *, has_receipt: bool, retractable: bool) -> FiledRecordView:
    definition = catalogue()[DECLARATIONS]
    document = json.loads(row.document)
    status = titles.status_on_day(definition, row.status, document, clock.today())
    title = titles.title_of(definition, row)
    standard = str(document.get("std_no") or "")
    amendable = row.status in filing_of(definition).amendable_states
    facts = (row.number, row.slug, title, standard, status, row.valid_from, amendable)
    return FiledRecordView(*facts, has_receipt, retractable, document.get("std_kind") == "enterprise")
