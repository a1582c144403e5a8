"""Results of one day about the same thing meet under keys, and so do numbers abroad that differ in zeros.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from registry.reference.text.folding import fold_name, fold_number

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
serves_before = False  # the program before does not write these keys
BATCH = 2000
LEADING_ZEROS = re.compile("(?<![0-9])0+(?=[0-9])")


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
        .where(record.c.id > last, record.c.register.in_(("grades", "organisations")))
        .order_by(record.c.id)
        .limit(BATCH)
    ).all():
        last = rows[-1].id
        keys = [
            {"record_id": row.id, "key": key}
            for row in rows
            for key in {f"#{row.register}:~{key}"[:200] for key in _keys(row.register, json.loads(row.document))}
        ]
        if keys:
            connection.execute(sa.insert(identifier), keys)


def _keys(register: str, document: dict[str, object]) -> Iterator[str]:
    """Yield the keys that the register of 0019 gives a record besides those that it has."""

    def text(name: str) -> str:
        return str(document.get(name) or "")

    if register == "organisations":
        if not text("uscc") and text("country") and text("foreign_reg_no"):
            yield f"0:{text('country')}|{fold_number(LEADING_ZEROS.sub('', text('foreign_reg_no')))}"
        return
    scheme, holder, day, models = text("scheme"), text("org_uscc"), text("graded_on"), document.get("models")
    if not (scheme and holder and day):
        return
    if isinstance(models, list) and models:
        yield from (f"1:{scheme}|{holder}|{fold_name(str(model))}|{day}" for model in models)
    elif text("service_site"):
        yield f"1:{scheme}|{holder}|{fold_name(text('product_name_zh'))}|{fold_name(text('service_site'))}|{day}"


def downgrade() -> None:
    connection = op.get_bind()
    identifier = sa.Table("identifier", sa.MetaData(), autoload_with=connection)
    for beginning in ("#grades:~1:", "#organisations:~0:"):
        connection.execute(sa.delete(identifier).where(identifier.c.key.startswith(beginning)))
