"""The statements that fetch records for pages and the API: columns, document, entry and parties in one go.

Statements of the busiest pages are prepared with `bindparam`s: SQLAlchemy finds their compiled form, while one that is
built anew for each request costs ten times as much as the database's answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry.attachments.model import Picture
from registry.kit.definition import RegisterDefinition
from registry.kit.random_check import DrawnRecord
from registry.kit.record import MERGED, Identifier, Record, register_of
from registry.kit.report import Report
from registry.ledger.model import LOG_INDEX_COUNTER, Entry, Item
from registry.store.base import FetchedRow, SelectStatement
from registry.store.counters import Counter
from registry.store.prepared import PreparedConnection, PreparedSelect

Holder = aliased(Record, name="holder")
Issuer = aliased(Record, name="issuer")
Target = aliased(Record, name="target")

LOG_SIZE = select(Counter.value).where(Counter.name == LOG_INDEX_COUNTER).scalar_subquery()


def filer_column(definition: RegisterDefinition) -> ColumnElement[int | None]:
    """Return the column with the id of who files records of a register: their holder, or the body that issues them."""
    files_as_issuer = definition.filing is not None and definition.filing.filer == "issuer"
    return Record.issuer_id.expression if files_as_issuer else Record.holder_id.expression


def filer_id(definition: RegisterDefinition, record: FetchedRow) -> int | None:
    """Return the id of who files a record. `record`: a row with `holder_id` and `issuer_id`."""
    files_as_issuer = definition.filing is not None and definition.filing.filer == "issuer"
    found: int | None = record.issuer_id if files_as_issuer else record.holder_id
    return found


# What a record is called, and where its page is: all that a line of a list needs.
TITLE_COLUMNS = (
    Record.id,
    Record.register,
    Record.number,
    Record.slug,
    Record.title_zh,
    Record.title_en,
    Record.en_source,
)
RECORD_COLUMNS = (
    *TITLE_COLUMNS,
    Record.holder_zh,
    Record.holder_en,
    Record.issuer_zh,
    Record.status,
    Record.status_since,
    Record.region_code,
    Record.valid_from,
    Record.valid_to,
    Record.version,
    Record.page_version,
    Record.index_version,
    Record.demo,
    Record.caution_codes,
    Record.warnings,
    Record.document_hash,
    Item.document,
    Holder.number.label("holder_number"),
    Holder.slug.label("holder_slug"),
    Holder.register.label("holder_register"),
    Holder.title_zh.label("holder_title_zh"),
    Holder.title_en.label("holder_title_en"),
    Holder.en_source.label("holder_en_source"),
    Holder.region_code.label("holder_region_code"),
    Issuer.number.label("issuer_number"),
    Issuer.slug.label("issuer_slug"),
    Issuer.register.label("issuer_register"),
    Issuer.title_zh.label("issuer_title_zh"),
    Issuer.title_en.label("issuer_title_en"),
    Issuer.en_source.label("issuer_en_source"),
)

ENTRY_COLUMNS = (
    Entry.index.label("entry_index"),
    Entry.recorded_at,
    Entry.leaf_hash,
    Entry.reason,
    Entry.actor_role,
    Entry.legal_basis,
)


def select_records() -> SelectStatement:
    """Select records with document, holder and issuer."""
    return (
        select(*RECORD_COLUMNS)
        .join(Item, Item.hash == Record.document_hash)
        .outerjoin(Holder, Holder.id == Record.holder_id)
        .outerjoin(Issuer, Issuer.id == Record.issuer_id)
    )


def select_records_with_entry() -> SelectStatement:
    """Select records as `select_records` does, with the latest entry."""
    return select_records().add_columns(*ENTRY_COLUMNS).join(Entry, Entry.id == Record.entry_id)


PICTURE_COLUMNS = (
    Picture.sha256.label("picture_sha256"),
    Picture.width.label("picture_width"),
    Picture.height.label("picture_height"),
    Picture.alt_zh.label("picture_alt_zh"),
    Picture.alt_en.label("picture_alt_en"),
)
# A picture goes with the organisation that has supplied it: when another one holds the record, it is not shown.
PICTURE_IS_SHOWN = or_(Picture.organisation_id == Record.holder_id, Picture.organisation_id == Record.id)


def _with_pictures(records: SelectStatement) -> SelectStatement:
    """Select the same records with the picture that each shows now, by primary key; null where there is none."""
    shown = and_(Picture.record_id == Record.id, PICTURE_IS_SHOWN)
    return records.add_columns(*PICTURE_COLUMNS).outerjoin(Picture, shown)


# Most records have neither, and their page asks no further: two look-ups in an index instead of two statements.
IS_NAMED_BY = (
    exists().where(Report.record_id == Record.id).label("has_reports"),
    exists().where(DrawnRecord.record_id == Record.id).label("was_drawn"),
)
RECORD_BY_ID = PreparedSelect(
    _with_pictures(select_records_with_entry())
    .add_columns(LOG_SIZE.label("log_size"), *IS_NAMED_BY)
    .where(Record.id == bindparam("record_id"))
)
_THESE_RECORDS = Record.id.in_(bindparam("record_ids", expanding=True))
IS_PRESENT = Record.merged_into_id.is_(None)  # not merged into another record
RECORDS_BY_ID = _with_pictures(select_records_with_entry()).where(_THESE_RECORDS, IS_PRESENT)
LINES_BY_ID = _with_pictures(select_records()).where(_THESE_RECORDS, IS_PRESENT)


def fetch_record(connection: PreparedConnection, record_id: int) -> FetchedRow | None:
    """Fetch a record with document, parties, latest entry and picture, and whether reports or random checks name it.

    One that was merged is fetched as of its register.
    """
    row = RECORD_BY_ID.first(connection, record_id=record_id)
    if row is None or not row.register.startswith(MERGED):
        return row
    present: FetchedRow = row._replace(register=register_of(row.register))
    return present


def fetch_records(connection: Connection, record_ids: Sequence[int]) -> list[FetchedRow]:
    """Fetch records with documents and pictures, in the order of `record_ids`; those that are gone are left out."""
    rows = {row.id: row for row in connection.execute(RECORDS_BY_ID, {"record_ids": list(record_ids)})}
    return [rows[record_id] for record_id in record_ids if record_id in rows]


def fetch_lines(connection: Connection, record_ids: Sequence[int]) -> list[FetchedRow]:
    """Fetch records as lists show them, without their entries, in the order of `record_ids`; those that are gone are left out."""
    rows = {row.id: row for row in connection.execute(LINES_BY_ID, {"record_ids": list(record_ids)})}
    return [rows[record_id] for record_id in record_ids if record_id in rows]


def select_ids_by_keys(keys: Iterable[str]) -> SelectStatement:
    """Select the ids of the records that one of these folded keys names."""
    return select(Identifier.record_id).where(Identifier.key.in_(list(keys)))


def document_of(row: FetchedRow) -> Mapping[str, Any]:
    """Return the document of a row as values by field."""
    values: Mapping[str, Any] = json.loads(row.document)
    return values
