"""Records are found by every number that names them: barcodes, trademarks, organisation codes, own standards.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from registry.reference.identifiers import credit_codes, standard_numbers
from registry.reference.text.folding import fold_number

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
serves_before = False  # the program before writes neither these keys nor whole years
BATCH = 2000


def upgrade() -> None:
    connection = op.get_bind()
    tables = sa.MetaData()
    record, item, identifier = (
        sa.Table(name, tables, autoload_with=connection) for name in ("record", "item", "identifier")
    )
    _write_years_in_full(connection, record, tables)
    last = 0
    while rows := connection.execute(
        sa.select(record.c.id, record.c.register, record.c.number, item.c.document)
        .join(item, item.c.hash == record.c.document_hash)
        .where(record.c.id > last)
        .order_by(record.c.id)
        .limit(BATCH)
    ).all():
        last = rows[-1].id
        ids = [row.id for row in rows]
        present = {
            tuple(pair)
            for pair in connection.execute(
                sa.select(identifier.c.record_id, identifier.c.key).where(
                    identifier.c.record_id.between(ids[0], ids[-1])
                )
            )
        }
        new = {(row.id, key[:200]) for row in rows for key in _keys(row.number, json.loads(row.document))} - present
        if new:
            connection.execute(
                sa.insert(identifier), [{"record_id": record_id, "key": key} for record_id, key in sorted(new)]
            )
            changed = sorted({record_id for record_id, _key in new})
            connection.execute(
                sa.update(record)
                .where(record.c.id.in_(changed))
                .values(search_stamp=record.c.search_stamp + 1)
            )


def _write_years_in_full(connection: sa.Connection, record: sa.Table, tables: sa.MetaData) -> None:
    """Key standards by their year in four figures: GB 3100-93 and GB 3100-1993 are one. Two records stay two."""
    link = sa.Table("link", tables, autoload_with=connection)
    of_standards = record.c.register == "standards"
    keys = {
        row.natural_key: row.id
        for row in connection.execute(sa.select(record.c.natural_key, record.c.id).where(of_standards))
    }
    for key, record_id in list(keys.items()):
        parsed = standard_numbers.parse(key)
        if parsed and (full := parsed.with_full_year) != key and full not in keys:
            keys[full] = record_id
            connection.execute(sa.update(record).where(record.c.id == record_id).values(natural_key=full))
    to_standards = link.c.to_register == "standards"
    other = link.alias()
    named = connection.execute(sa.select(link.c.to_key).where(to_standards).distinct()).scalars().all()
    for key in named:
        parsed = standard_numbers.named_standard(key)
        if parsed and (full := parsed.with_full_year) != key:
            connection.execute(
                sa.update(link)
                .where(to_standards, link.c.to_key == key)
                .where(
                    ~sa.exists().where(
                        other.c.from_id == link.c.from_id,
                        other.c.relation == link.c.relation,
                        other.c.to_register == "standards",
                        other.c.to_key == full,
                    )
                )
                .values(to_key=full, to_id=sa.func.coalesce(link.c.to_id, keys.get(full)))
            )


def _keys(number: str, document: dict[str, object]) -> Iterator[str]:
    """Yield the keys of a record that 0012 did not have yet."""
    barcodes, trademarks = document.get("gtin"), document.get("trademarks")
    for written in barcodes if isinstance(barcodes, list) else ():
        yield fold_number(str(written))
    for row in trademarks if isinstance(trademarks, list) else ():
        if isinstance(row, dict) and row.get("number"):
            yield fold_number(str(row["number"]))
    if len(number) == credit_codes.LENGTH and credit_codes.error_code(number) is None:
        yield credit_codes.organisation_code(number)
    own = str(document.get("std_no") or "")
    for written in (number, own if own.startswith("Q/") else ""):
        if parsed := standard_numbers.parse(written):
            yield fold_number(parsed.canonical)
            yield fold_number(parsed.without_year)


def downgrade() -> None:
    """More keys do no harm: a look-up of before asks for others."""
