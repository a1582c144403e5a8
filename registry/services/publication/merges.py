"""Merging: of two records that are one thing one leaves its register, and what named it names the one that remains.

Its entries stay in the log as they are, with one more that names the record that remains. Nothing of it is kept beside it any more:
identifiers, links, doubts and dates are those of the record that remains.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from registry import clock
from registry.accounts.api_tokens import ApiToken
from registry.accounts.membership import Claim, Invitation, Membership
from registry.accounts.standing_aside import DeclaredInterest
from registry.attachments.model import Picture
from registry.kit.application_case import Application, HolderReport
from registry.kit.decision import DecidedRecord
from registry.kit.definition import RegisterDefinition
from registry.kit.draft import Draft, Receipt, Reminder
from registry.kit.party_acts import DecisionRequest, ReportStatement
from registry.kit.random_check import DrawnRecord
from registry.kit.record import (
    Conflict,
    FormerKey,
    Identifier,
    Link,
    Record,
    StandingWarning,
    merged_register,
)
from registry.kit.record_entry import DeskEntry
from registry.kit.report import Report
from registry.kit.sheet_job import ImportJob
from registry.kit.text_signature import AlikeText, TextBand, TextSignature
from registry.kit.watched import WatchItem, WatchNotice
from registry.ledger import canonical
from registry.services.publication import existing_records, link_resolution, successions
from registry.services.publication.batch_writer import Authority, Batch, Change, entry_row, write_batch
from registry.services.publication.transitions import MERGED_AWAY, MERGED_INTO
from registry.store.base import FetchedRow

Column = InstrumentedAttribute[Any]
# What others keep of a record, by what becomes of it: every column that names a record is in one of these.
MOVED: tuple[Column, ...] = (
    *(Record.holder_id, Record.issuer_id, Record.merged_into_id, FormerKey.record_id),
    *(Link.to_id, ApiToken.organisation_id, Application.organisation_id, Application.record_id),
    *(DeclaredInterest.record_id, Draft.organisation_id, Draft.amends_id, HolderReport.record_id),
    *(ImportJob.organisation_id, Invitation.record_id, Picture.organisation_id, Receipt.organisation_id),
    *(Report.record_id, DrawnRecord.record_id, DeskEntry.record_id, DecisionRequest.record_id),
    *(DecisionRequest.party_id, ReportStatement.party_id),
)
MOVED_UNLESS_THERE: tuple[
    tuple[Column, Column | None], ...
] = (  # with what may be there once for each record
    (Membership.record_id, Membership.user_id),
    (Picture.record_id, None),
)
DELETED: tuple[Column, ...] = (
    *(Conflict.record_id, Conflict.other_id, Identifier.record_id, Link.from_id, Reminder.record_id),
    *(StandingWarning.record_id, WatchItem.record_id, WatchNotice.record_id),
    *(AlikeText.record_id, AlikeText.other_id, TextBand.record_id, TextSignature.record_id),
)
KEPT: tuple[Column, ...] = (Receipt.record_id, DecidedRecord.record_id)  # they tell of its versions


def retire_record(
    connection: Connection,
    definition: RegisterDefinition,
    record: FetchedRow,
    *,
    into: FetchedRow,
    authority: Authority,
) -> None:
    """Take a record out of its register, in the caller's transaction, which publishes the one that remains afterwards.

    `record`, `into`: rows with id, number, slug, status, version, natural key and document. Writes the last entry of the record.
    """
    linked = _linked_ids(connection, record.id)
    link_resolution.bump_page_versions(connection, touched=linked, retitled={record.id})
    link_resolution.bump_shown_records(connection, _naming_ids(connection, record.id))
    _write_last_version(connection, definition, record, into=into, authority=authority)
    relations = successions.relations(definition)
    connection.execute(delete(Link).where(Link.to_id == record.id, Link.relation.in_(relations)))
    _move(connection, record.id, into.id)
    connection.execute(delete(Link).where(Link.from_id == into.id, Link.to_id == into.id))
    connection.execute(
        update(Claim)
        .where(Claim.register == definition.slug, Claim.number == record.number)
        .values(number=into.number)
    )
    existing_records.keep_former_key(connection, definition.slug, record.natural_key, record_id=into.id)


def merged_values(values: Mapping[str, Any], number: str) -> dict[str, Any]:
    """Return the last document of a record that is merged into another one, of this number."""
    return {**values, MERGED_INTO: number}


def _write_last_version(
    connection: Connection,
    definition: RegisterDefinition,
    record: FetchedRow,
    *,
    into: FetchedRow,
    authority: Authority,
) -> None:
    values = merged_values(json.loads(record.document), into.number)
    data = canonical.canonical_json(values)
    change = Change(
        definition=definition,
        values=values,
        digest=canonical.document_hash(data),
        status=record.status,
        reason=MERGED_AWAY,
        moment=clock.now(),
        authority=authority,
        legal_basis="",
    )
    batch = Batch(items={change.digest: data.decode()})
    batch.updated_records.append(
        {
            "record_id": record.id,
            "register": merged_register(definition.slug),
            "natural_key": f"#{record.id}",  # the key is free for the record that remains
            "merged_into_id": into.id,
            "holder_id": None,
            "issuer_id": None,
            "due_on": None,
            "caution_codes": "",
            "warnings": "[]",
            "status": record.status,
            "version": record.version + 1,
            "document_hash": change.digest,
            "page_version": 1,
            "index_version": 1,
        }
    )
    batch.entries.append(entry_row(record.id, record.number, record.version + 1, change))
    write_batch(connection, definition, batch)


def _move(connection: Connection, from_id: int, to_id: int) -> None:
    for column in MOVED:
        connection.execute(update(column.class_).where(column == from_id).values({column.key: to_id}))
    for column, once in MOVED_UNLESS_THERE:
        there = aliased(column.class_)
        same = getattr(there, column.key) == to_id
        if once is not None:
            same &= getattr(there, once.key) == once
        of_record = column == from_id
        moved = update(column.class_).where(of_record, ~exists(select(1).where(same)))
        connection.execute(moved.values({column.key: to_id}))
        connection.execute(delete(column.class_).where(of_record))
    for column in DELETED:
        connection.execute(delete(column.class_).where(column == from_id))


def _linked_ids(connection: Connection, record_id: int) -> set[int]:
    """The records that one links to: their pages list it."""
    ids = connection.execute(select(Link.to_id).where(Link.from_id == record_id)).scalars()
    return {each for each in ids if each is not None}


def _naming_ids(connection: Connection, record_id: int) -> set[int]:
    """The records that name one, which search knows by its number and name, and those that were merged into it before."""
    linking = connection.execute(select(Link.from_id).where(Link.to_id == record_id)).scalars()
    party = or_(
        Record.holder_id == record_id, Record.issuer_id == record_id, Record.merged_into_id == record_id
    )
    return {*linking, *connection.execute(select(Record.id).where(party)).scalars()}
