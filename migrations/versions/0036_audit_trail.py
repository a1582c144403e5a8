"""The audit log says who acted and through which door; each finished day of it has a hash.

Revision ID: 0036
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0031"
branch_labels = None
depends_on = None
serves_before = True

SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_day_kept BEFORE DELETE ON audit_day BEGIN"
    " SELECT RAISE(ABORT, 'the audit trail is never deleted'); END",
    "CREATE TRIGGER audit_day_unchanged BEFORE UPDATE ON audit_day BEGIN"
    " SELECT RAISE(ABORT, 'the audit trail is never changed'); END",
    # INSERT OR REPLACE deletes the old row without its delete trigger (sqlite.org/lang_conflict.html).
    "CREATE TRIGGER audit_day_not_replaced BEFORE INSERT ON audit_day"
    " WHEN EXISTS (SELECT 1 FROM audit_day WHERE day = NEW.day) BEGIN"
    " SELECT RAISE(ABORT, 'the audit trail is never replaced'); END",
)
POSTGRESQL_TRIGGERS = (
    "CREATE TRIGGER audit_day_kept BEFORE UPDATE OR DELETE ON audit_day"
    " FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
    "CREATE TRIGGER audit_day_not_emptied BEFORE TRUNCATE ON audit_day EXECUTE FUNCTION refuse_audit_change()",
)


def upgrade() -> None:
    op.add_column("audit", sa.Column("acted_by", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("door", sa.String(length=20), server_default="", nullable=False))
    op.add_column("audit", sa.Column("request_id", sa.String(length=64), server_default="", nullable=False))
    op.create_index("ix_audit_acted_by", "audit", ["acted_by", "id"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject", "id"], unique=False)
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_table(
        "audit_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_day")),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in SQLITE_TRIGGERS if sqlite else POSTGRESQL_TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.drop_table("audit_day")
    op.drop_index("ix_audit_at", table_name="audit")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index("ix_audit_acted_by", table_name="audit")
    for column in ("request_id", "door", "acted_by"):
        op.drop_column("audit", column)
