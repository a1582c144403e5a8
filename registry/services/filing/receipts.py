"""Receipts: what proves to an enterprise that it has filed something, and when."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.kit.display import StatusView, Words
from registry.kit.draft import Receipt
from registry.kit.filing import Filing, FilingWords
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing.drafts import require_filed_record
from registry.services.filing.filed_records import FiledRecordAddress
from registry.services.filing.submission import filing_of
from registry.services.filing.withdrawals import retractable_ids
from registry.services.people.memberships import (
    OrganisationView,
    organisation_view,
    require_filer,
)
from registry.services.publication.record_queries import IS_PRESENT, TITLE_COLUMNS
from registry.services.records import full_texts, titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

RECENT_PERIOD, MAX_RECENT_RECEIPTS = dt.timedelta(days=7), 5  # on the first page of the workspace
FILER = aliased(Record)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A filing of the last days, to find its receipt again."""

    number: str
    path: str  # of the receipt
    title: Words
    made_at: dt.datetime
    version: int
    heading: str  # message id: what has become public


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """A filing as proof for its enterprise: number, entry, hash, time. `index` None: to be sealed in a moment.

    `status`: that the filing led to; `subject`: what it is about beside the title, with its label, a message id; `reason`:
    of a withdrawal; `signer`: "" where none was asked for.
    """

    number: str
    slug: str
    register: str
    words: FilingWords
    title: Words
    organisation: OrganisationView
    subject_label: str
    subject: str
    status: StatusView
    reason: str
    version: int
    index: int | None
    hash: str
    recorded_at: dt.datetime
    signer: str
    post: str
    permalink: str
    heading: str  # message id: what has become public
    filed_again: bool  # it amends what was filed before
    retractable: bool  # may still be marked as filed by mistake
    has_full_text: bool  # a full text was handed in with it


def list_recent_receipts(registry: Registry, actor: Actor) -> tuple[ReceiptLine, ...]:
    """Return the last filings of the organisations that the actor acts for, newest first."""
    require(actor, Action.ACT_FOR)
    own = select(Membership.record_id).where(Membership.user_id == actor.user_id)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(
                *TITLE_COLUMNS,
                Receipt.made_at,
                Receipt.version,
                FILER.slug.label("org"),
                FILER.register.label("of"),
            )
            .add_columns(Entry.reason, Entry.status)
            .join(Receipt, Receipt.record_id == Record.id)
            .join(Entry, (Entry.record_id == Record.id) & (Entry.version == Receipt.version))
            .join(FILER, FILER.id == Receipt.organisation_id)
            .where(Receipt.organisation_id.in_(own), Receipt.made_at > clock.now() - RECENT_PERIOD)
            .where(IS_PRESENT)
            .order_by(Receipt.id.desc())
            .limit(MAX_RECENT_RECEIPTS)
        ).all()
    return tuple(
        ReceiptLine(
            row.number,
            f"/workspace/{row.of}/{row.org}/{row.register}/{row.slug}/receipt",
            titles.title_of(catalogue()[row.register], row),
            row.made_at,
            row.version,
            _heading(filing_of(catalogue()[row.register]), row.version, row),
        )
        for row in rows
    )


def get_receipt(registry: Registry, actor: Actor, address: FiledRecordAddress) -> ReceiptView:
    """Return the receipt of the last filing of a record. Raises `NotFound` for one of another organisation."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[address.register]
    with read_transaction(registry.engine) as connection:
        mine = require_filer(connection, actor, address.organisation, address.register)
        record = require_filed_record(connection, mine.id, definition, address.number)
        row = connection.execute(
            select(Receipt.version, Receipt.signer, Receipt.made_at)
            .where(Receipt.record_id == record.id)
            .order_by(Receipt.id.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            raise NotFound("receipt", address.number[:120])
        entry = connection.execute(
            select(
                Entry.index.label("entry_index"),
                Entry.document_hash,
                Entry.recorded_at,
                Entry.reason,
                Entry.status,
            ).where(Entry.record_id == record.id, Entry.version == row.version)
        ).one()
        title = connection.execute(
            select(Record.register, Record.title_zh, Record.title_en, Record.en_source).where(
                Record.id == record.id
            )
        ).one()
        retractable = retractable_ids(connection, definition, {record.id: record.status})
        document = json.loads(record.document)
        text = full_texts.find_filed_text(connection, definition, record.id, document)
    filing = filing_of(definition)
    fields = definition.schema.register_fields()
    is_withdrawn = filing.withdrawal is not None and entry.status == filing.withdrawal.status
    reason_field = filing.withdrawal.reason_field if filing.withdrawal and is_withdrawn else ""
    return ReceiptView(
        number=record.number,
        slug=record.slug,
        register=address.register,
        words=filing.words,
        title=titles.title_of(definition, title),
        organisation=organisation_view(mine),
        subject_label=fields[filing.subject_field].info.label if filing.subject_field else "",
        subject=str(document.get(filing.subject_field) or ""),
        status=definition.life_cycle.state(entry.status).view(),
        reason=str(document.get(reason_field) or ""),
        version=row.version,
        index=entry.entry_index,
        hash=entry.document_hash,
        recorded_at=entry.recorded_at,
        signer=row.signer,
        post=str(document.get(filing.signer_post_field) or ""),
        permalink=f"{registry.settings.base_url}/r/{record.slug}",
        heading=_heading(filing, row.version, entry),
        filed_again=row.version > 1,
        retractable=bool(retractable),
        has_full_text=text is not None,
    )


def _heading(filing: Filing, version: int, entry: FetchedRow) -> str:
    """What the filing of a version has made public, as a message id."""
    if filing.withdrawal and entry.status == filing.withdrawal.status:
        return filing.words.withdrawn
    if filing.correction and entry.reason == filing.correction.transition:
        return filing.words.corrected
    return filing.words.amended if version > 1 else filing.words.published
