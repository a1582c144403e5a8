"""Records of a model meet under a key of their own, so that the page of a product finds all of them.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from registry.reference.text.folding import fold_number

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
serves_before = False  # what the program before publishes has no such keys
BATCH = 2000
REGISTERS = ("declarations", "grades", "green-products")  # those that had models when this was written


def upgrade() -> None:
    connection = op.get_bind()
    tables = sa.MetaData()
    record, item, identifier = (
        sa.Table(name, tables, autoload_with=connection) for name in ("record", "item", "identifier")
    )
    last = 0
    while rows := connection.execute(
        sa.select(record.c.id, record.c.register, item.c.document)
        .join(item, item.c.hash == record.c.document_hash)
        .where(record.c.id > last, record.c.register.in_(REGISTERS))
        .order_by(record.c.id)
        .limit(BATCH)
    ).all():
        last = rows[-1].id
        keys = [
            {"record_id": row.id, "key": key}
            for row in rows
            for key in sorted(set(_keys(row.register, json.loads(row.document))))
        ]
        if keys:
            connection.execute(sa.insert(identifier), keys)


def _keys(register: str, document: dict[str, object]) -> Iterator[str]:
    models = document.get("models")
    for model in models if isinstance(models, list) else [models] if models else []:
        if folded := fold_number(str(model)):
            yield f"#{register}:model:{folded}"[:200]


def downgrade() -> None:
    op.execute("DELETE FROM identifier WHERE key LIKE '#%:model:%'")
