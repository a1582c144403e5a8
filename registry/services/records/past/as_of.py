"""A record as it stood at the end of a past day in Shanghai: its last entry by then, read by its own document."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from registry import clock
from registry.errors import NotFound
from registry.kit.cautions import CautionView
from registry.kit.definition import RegisterDefinition
from registry.kit.links import Party
from registry.ledger.model import Entry, Item
from registry.services.publication import record_columns
from registry.services.records import related_records
from registry.services.records.past import past_cautions
from registry.services.records.past.entries_on_day import LAST_OTHER_STATUS_VERSION, STATUS_SINCE
from registry.services.records.past.past_cautions import PastSubject
from registry.services.records.related_records import StatedLink
from registry.store.base import FetchedRow

LAST_ENTRY = (
    select(
        Entry.version,
        Entry.status,
        Entry.document_hash,
        Entry.index.label("entry_index"),
        Entry.recorded_at,
        Entry.leaf_hash,
        Entry.reason,
        Entry.actor_role,
        Entry.legal_basis,
        STATUS_SINCE.label("since"),
        LAST_OTHER_STATUS_VERSION.label("version_before"),
        Item.document,
    )
    .join(Item, Item.hash == Entry.document_hash)
    .order_by(Entry.version.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class PastRecord:
    """A record of a past day.

    `row` has the columns of the present record, with what the entry and its document said; `status`: with what dates had
    changed by that day. Names of linked records are those of today; standing warnings are stored for the present
    version only. `cautions`: as of that day.
    """

    row: Any
    status: str
    values: Mapping[str, Any]
    links: list[StatedLink]  # outgoing
    cautions: tuple[CautionView, ...]


def record_as_of(
    connection: Connection, definition: RegisterDefinition, row: FetchedRow, at: dt.date
) -> PastRecord:
    """Read the last entry that was recorded by the end of `at`, a past day. `row`: the present record.

    At most eight statements.

    Raises `NotFound` with code `before_first_entry`.
    """
    entry = connection.execute(
        LAST_ENTRY.where(Entry.record_id == row.id, Entry.recorded_at < clock.end_of_day(at))
    ).first()
    if entry is None:
        raise NotFound("record", row.number, code="before_first_entry")
    values: Mapping[str, Any] = json.loads(entry.document)
    links = related_records.links_stated_in(connection, definition, values)
    columns = dict(entry._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor of a row
    shown_since = columns.pop("since").astimezone(clock.SHANGHAI).date()
    columns["status_since"] = _decision_day(connection, definition, row.id, entry) or shown_since
    columns |= record_columns.columns_of(definition, values)
    columns |= _party_columns("holder", definition.holder, links)
    columns |= _party_columns("issuer", definition.issuer, links)
    if entry.version != row.version:
        columns["warnings"] = "[]"
    present = row._asdict()
    then = row._replace(**{name: value for name, value in columns.items() if name in present})
    status = definition.life_cycle.status_on(entry.status, values, at)
    subject = PastSubject(row.id, entry.version, status, values, links)
    found = past_cautions.cautions_on_day(connection, definition, subject, at)
    return PastRecord(then, status, values, links, found)


def _decision_day(
    connection: Connection, definition: RegisterDefinition, record_id: int, entry: FetchedRow
) -> dt.date | None:
    """The day of the decision that led to the entry's status, as the first entry with that status states it."""
    documents = {
        row.version: (json.loads(row.document), row.recorded_at)
        for row in connection.execute(
            select(Entry.version, Entry.recorded_at, Item.document)
            .join(Item, Item.hash == Entry.document_hash)
            .where(
                Entry.record_id == record_id,
                Entry.version.in_((entry.version_before, entry.version_before + 1)),
            )
        )
    }
    values, recorded_at = documents[entry.version_before + 1]
    before = documents.get(entry.version_before)
    day = recorded_at.astimezone(clock.SHANGHAI).date()
    return definition.life_cycle.decision_day(entry.status, values, before[0] if before else None, day)


def _party_columns(prefix: str, party: Party | None, links: Sequence[StatedLink]) -> dict[str, Any]:
    """The columns of the holder or issuer among these links; None in each where it is not in the store."""
    linked = next(
        (
            link
            for link in links
            if party and link.number and (link.relation, link.to_register) == (party.relation, party.register)
        ),
        None,
    )
    return {
        f"{prefix}_number": linked and linked.number,
        f"{prefix}_slug": linked and linked.slug,
        f"{prefix}_register": linked and linked.to_register,
        f"{prefix}_title_zh": linked and linked.title_zh,
        f"{prefix}_title_en": linked and linked.title_en,
        f"{prefix}_en_source": linked and linked.en_source,
        f"{prefix}_region_code": linked and linked.region_code,
    }
