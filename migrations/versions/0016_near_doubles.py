"""Records that may be one thing meet under keys of their own, beside the identifiers.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from registry.reference.text.folding import fold_name, fold_number

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
serves_before = False  # the program before does not write these keys
BATCH = 2000
CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1"})
NUMBERS = {"green-products": "cert_no", "grades": "result_no"}


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
        .where(record.c.id > last)
        .order_by(record.c.id)
        .limit(BATCH)
    ).all():
        last = rows[-1].id
        keys = [
            {"record_id": row.id, "key": f"#{row.register}:~{key}"[:200]}
            for row in rows
            for key in _keys(row.register, json.loads(row.document))
        ]
        if keys:
            connection.execute(sa.insert(identifier), keys)


def _keys(register: str, document: dict[str, object]) -> Iterator[str]:
    """Yield the keys that the register of 0016 gives a record."""

    def text(name: str) -> str:
        return str(document.get(name) or "")

    if register == "brands" and text("brand_name_zh"):
        for place, name in enumerate(("brand_name_zh", "holder_name_zh")):
            if folded := fold_name(text(name)):
                yield f"{place}:{document.get('scheme')}|{folded}"
    if register == "brands" and fold_number(text("plaque_no")):
        yield f"2:{fold_number(text('plaque_no'))}"
    if register in NUMBERS and (number := fold_number(text(NUMBERS[register])).upper().translate(CONFUSED)):
        yield f"0:{number}"
    if register == "declarations":
        yield f"0:{document.get('org_uscc')}|{document.get('std_no')}"


def downgrade() -> None:
    op.execute("DELETE FROM identifier WHERE key LIKE '#%:~%'")
