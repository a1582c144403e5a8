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
from registry.registers.declarations.codes import MISFILED_HOURS
from registry.services.bootstrap import Registry
from registry.services.filing.drafts import declared
from registry.services.filing.submission import ENTERPRISE, OPEN, filing_of
from registry.services.people.memberships import DECLARATIONS, OrganisationView, acting, organisation_view
from registry.services.publication import publishing, validation
from registry.services.publication.publishing import Authority
from registry.services.publication.record_queries import TITLE
from registry.services.publication.validation import Refused
from registry.services.records import full_texts, titles
from registry.store.base import Fetched
from registry.store.unit_of_work import reading, unit_of_work

PAGE = 50
LONGEST_REASON = 300
MISTAKABLE = "active"  # the state that leads to `misfiled`
RECENT, MOST_RECENT = dt.timedelta(days=7), 5  # receipts on the first page of the workspace
HOLDER = aliased(Record)


@dataclass(frozen=True, slots=True)
class DeclaredView:
    """A declaration as its enterprise sees it in the list."""

    number: str
    slug: str
    title: Words
    standard: str
    status: StatusView
    declared_on: str
    open: bool
    receipt: bool = False  # it was filed here, not entered by the registrar
    fresh: bool = False  # may still be marked as filed by mistake
    own: bool = False  # to the enterprise's own standard, of which there may be a new edition


@dataclass(frozen=True, slots=True)
class StateView:
    """One declaration with what its enterprise may do with it, and why not. `since`, `until`: in the register's time."""

    organisation: OrganisationView
    number: str
    slug: str
    title: Words
    status: StatusView
    since: str
    reason: str  # in the words of who ended it
    open: bool
    fresh: bool


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A filing of the last days, to find its receipt again."""

    number: str
    path: str  # of the receipt
    title: Words
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ListView:
    organisation: OrganisationView
    rows: tuple[DeclaredView, ...]
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
    fresh: bool  # may still be marked as filed by mistake
    text: bool  # a full text was handed in with it


def listed(registry: Registry, actor: Actor, org: str, page: int = 1) -> ListView:
    """The declarations of an organisation, newest first. Raises `NotFound` for who does not act for it."""
    require(actor, Action.ACT_FOR)
    with reading(registry.engine) as connection:
        mine = acting(connection, actor, org)
        own = (Record.register == DECLARATIONS) & (Record.holder_id == mine.id)
        total = int(connection.execute(select(func.count()).select_from(Record).where(own)).scalar_one())
        pages = max(1, -(-total // PAGE))
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
            .limit(PAGE)
            .offset((page - 1) * PAGE)
        ).all()
        ids = [row.id for row in rows]
        filed = set(connection.execute(select(Receipt.record_id).where(Receipt.record_id.in_(ids))).scalars())
        young = _young(connection, ids)
    lines = tuple(
        _line(row, receipt=row.id in filed, fresh=row.id in young and row.status == MISTAKABLE)
        for row in rows
    )
    return ListView(organisation_view(mine), lines, total, page, pages)


def state(registry: Registry, actor: Actor, org: str, number: str) -> StateView:
    """One declaration of an organisation and what may still be done with it. Raises `NotFound` for any other."""
    require(actor, Action.ACT_FOR)
    with reading(registry.engine) as connection:
        mine = acting(connection, actor, org)
        record = declared(connection, mine.id, number)
        row = connection.execute(
            select(
                Record.register, Record.title_zh, Record.title_en, Record.en_source, Record.status_since
            ).where(Record.id == record.id)
        ).one()
        young = _young(connection, [record.id])
    definition = catalogue()[DECLARATIONS]
    document = json.loads(record.document)
    status = titles.status_on(definition, record.status, document, clock.today())
    return StateView(
        organisation_view(mine),
        record.number,
        record.slug,
        titles.title(definition, row),
        status,
        row.status_since.isoformat(),
        str(document.get("status_reason") or "") if status.standing == "ended" else "",
        record.status in OPEN,
        bool(young) and record.status == MISTAKABLE,
    )


def recent(registry: Registry, actor: Actor) -> tuple[ReceiptLine, ...]:
    """The last filings of the organisations that one acts for, newest first."""
    require(actor, Action.ACT_FOR)
    own = select(Membership.record_id).where(Membership.user_id == actor.user_id)
    with reading(registry.engine) as connection:
        rows = connection.execute(
            select(*TITLE, Receipt.made_at, HOLDER.slug.label("org"))
            .join(Receipt, Receipt.record_id == Record.id)
            .join(HOLDER, HOLDER.id == Receipt.organisation_id)
            .where(Receipt.organisation_id.in_(own), Receipt.made_at > clock.now() - RECENT)
            .order_by(Receipt.id.desc())
            .limit(MOST_RECENT)
        ).all()
    definition = catalogue()[DECLARATIONS]
    return tuple(
        ReceiptLine(
            row.number,
            f"/workspace/organisations/{row.org}/declarations/{row.slug}/receipt",
            titles.title(definition, row),
            row.made_at,
        )
        for row in rows
    )


def receipt(registry: Registry, actor: Actor, org: str, number: str) -> ReceiptView:
    """The receipt of the last filing of a declaration. Raises `NotFound` for one of another organisation."""
    require(actor, Action.ACT_FOR)
    with reading(registry.engine) as connection:
        mine = acting(connection, actor, org)
        record = declared(connection, mine.id, number)
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
        young = _young(connection, [record.id])
        document = json.loads(record.document)
        text = full_texts.of_record(connection, record.id, document)
    definition = catalogue()[DECLARATIONS]
    return ReceiptView(
        record.number,
        record.slug,
        titles.title(definition, title),
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


def withdraw(registry: Registry, actor: Actor, org: str, number: str, reason: str) -> None:
    """Declare it no more, from today, with a public reason; the record stays.

    Raises `Invalid` (no reason), `Conflict` (it has ended, or the authority has it in hand), `NotFound`, `Forbidden`.
    """
    require(actor, Action.ACT_FOR)
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid((Issue("reason_public", "reason"),))
    if len(reason) > LONGEST_REASON:
        raise Invalid((Issue("too_long", "reason", {"length": len(reason), "at_most": LONGEST_REASON}),))
    today = clock.today().isoformat()
    with unit_of_work(registry.engine) as connection:
        record = own(connection, actor, org, number)
        publish_change(connection, record, {"withdrawn_on": today, "status_reason": reason}, "withdrawn")
        audit_log.note(connection, actor.role, "withdrawn", actor.user_id, record.number)


def mark_misfiled(registry: Registry, actor: Actor, org: str, number: str) -> None:
    """Mark a declaration as filed by mistake, within 24 hours of its first entry; it stays visible by its link.

    Raises `Conflict` when it is too late or not in force, `NotFound`, `Forbidden`.
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        record = own(connection, actor, org, number)
        if not _young(connection, [record.id]) or record.status != MISTAKABLE:
            raise Conflict(f"only within {MISFILED_HOURS} hours of its filing")
        definition = catalogue()[DECLARATIONS]
        present = connection.execute(publishing.PRESENT.where(Record.id == record.id)).one()
        values = json.loads(record.document)
        authority = Authority(ENTERPRISE, filing_of(definition).legal_basis)
        publishing.change_status(connection, definition, present, values, "misfiled", "misfiled", authority)
        audit_log.note(connection, actor.role, "misfiled", actor.user_id, record.number)


def own(connection: Connection, actor: Actor, org: str, number: str) -> Fetched:
    """A declaration that its enterprise may still change itself. Raises `NotFound`, and `Conflict` for any other state."""
    publishing.wait_for_others(connection)
    mine = acting(connection, actor, org, "editor")
    record = declared(connection, mine.id, number)
    if record.status not in OPEN:
        raise Conflict("this declaration has ended, or the authority has it in hand")
    return record


def publish_change(connection: Connection, record: Fetched, more: Mapping[str, Any], status: str) -> None:
    """The next version of a declaration, with these values changed by its enterprise. Raises `Invalid`."""
    definition = catalogue()[DECLARATIONS]
    raw = {**json.loads(record.document), **more, "status": status}
    checked = validation.check(definition, 1, raw, validation.context_for(connection), registrar=True)
    if isinstance(checked, Refused):
        raise Invalid(checked.issues)
    authority = Authority(ENTERPRISE, filing_of(definition).legal_basis)
    [outcome] = publishing.publish(connection, definition, [checked], authority)
    if outcome.issue is not None:
        raise Invalid((outcome.issue,))


def _young(connection: Connection, ids: Collection[int]) -> set[int]:
    """Records whose first entry is so new that they may still be marked as filed by mistake."""
    since = clock.now() - dt.timedelta(hours=MISFILED_HOURS)
    first: ColumnElement[bool] = (Entry.version == 1) & (Entry.recorded_at > since)
    return set(connection.execute(select(Entry.record_id).where(Entry.record_id.in_(ids), first)).scalars())


def _line(row: Fetched, *, receipt: bool, fresh: bool) -> DeclaredView:
    definition = catalogue()[DECLARATIONS]
    document = json.loads(row.document)
    status = titles.status_on(definition, row.status, document, clock.today())
    title = titles.title(definition, row)
    standard = str(document.get("std_no") or "")
    facts = (row.number, row.slug, title, standard, status, row.valid_from, row.status in OPEN)
    return DeclaredView(*facts, receipt, fresh, document.get("std_kind") == "enterprise")
