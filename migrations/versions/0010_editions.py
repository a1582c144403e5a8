"""A declaration to a new edition is linked to the one whose place it takes.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from registry.reference.text.folding import fold_number

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
serves_before = False  # the program before writes no such links
RELATION, REGISTER = "takes_place_of", "declarations"


def upgrade() -> None:
    connection = op.get_bind()
    tables = sa.MetaData()
    record, item, link = (sa.Table(name, tables, autoload_with=connection) for name in ("record", "item", "link"))
    stated = connection.execute(
        sa.select(record.c.id, record.c.natural_key, item.c.document)
        .join(item, item.c.hash == record.c.document_hash)
        .where(record.c.register == REGISTER, item.c.document.contains('"edition_of"'))
    ).all()
    for row in stated:
        earlier = fold_number(str(json.loads(row.document).get("edition_of") or ""))
        enterprise, _standard, product = row.natural_key.split("|", 2)
        if not earlier:
            continue
        key = f"{enterprise}|{earlier}|{product}"[:200]
        same = (record.c.register == REGISTER) & (record.c.natural_key == key)
        target = connection.execute(sa.select(record.c.id).where(same)).scalar()
        values = {"from_id": row.id, "from_register": REGISTER, "relation": RELATION, "to_register": REGISTER}
        connection.execute(sa.insert(link).values(**values, to_key=key, to_id=target))


def downgrade() -> None:
    link = sa.table("link", sa.column("relation"))
    op.get_bind().execute(sa.delete(link).where(link.c.relation == RELATION))
