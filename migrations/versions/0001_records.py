"""Records, entries and messages: the spine, the ledger and the outbox.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
serves_before = False  # the first tables

SEALED_ONCE = (
    "OLD.log_index IS NULL AND NEW.log_index IS NOT NULL AND NEW.leaf_hash IS NOT NULL"
    " AND NEW.id = OLD.id AND NEW.record_id = OLD.record_id AND NEW.version = OLD.version"
    " AND NEW.register = OLD.register AND NEW.number = OLD.number AND NEW.document_hash = OLD.document_hash"
    " AND NEW.status = OLD.status AND NEW.reason = OLD.reason AND NEW.legal_basis = OLD.legal_basis"
    " AND NEW.actor_role = OLD.actor_role AND NEW.schema_version = OLD.schema_version"
    " AND NEW.recorded_at = OLD.recorded_at"
)

SQLITE_TRIGGERS = (
    "CREATE TRIGGER entry_kept BEFORE DELETE ON entry BEGIN"
    " SELECT RAISE(ABORT, 'an entry is never deleted'); END",
    f"CREATE TRIGGER entry_sealed_once BEFORE UPDATE ON entry WHEN NOT ({SEALED_ONCE}) BEGIN"
    " SELECT RAISE(ABORT, 'an entry is never changed, only sealed, once'); END",
    "CREATE TRIGGER item_kept BEFORE DELETE ON item BEGIN"
    " SELECT RAISE(ABORT, 'a published document is never deleted'); END",
    "CREATE TRIGGER item_unchanged BEFORE UPDATE ON item BEGIN"
    " SELECT RAISE(ABORT, 'a published document is never changed'); END",
    # INSERT OR REPLACE deletes the old row without its delete trigger (sqlite.org/lang_conflict.html).
    "CREATE TRIGGER entry_not_replaced BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry WHERE id = NEW.id"
    " OR (record_id = NEW.record_id AND version = NEW.version) OR log_index = NEW.log_index) BEGIN"
    " SELECT RAISE(ABORT, 'an entry is never replaced'); END",
    "CREATE TRIGGER item_not_replaced BEFORE INSERT ON item"
    " WHEN EXISTS (SELECT 1 FROM item WHERE hash = NEW.hash AND document <> NEW.document) BEGIN"
    " SELECT RAISE(ABORT, 'a published document is never replaced'); END",
)

POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN RAISE EXCEPTION 'what was published is never changed or deleted'; END$$",
    "CREATE FUNCTION refuse_all_but_the_seal() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$BEGIN IF {SEALED_ONCE} THEN RETURN NEW; END IF;"
    " RAISE EXCEPTION 'an entry is never changed, only sealed, once'; END$$",
    "CREATE TRIGGER entry_kept BEFORE DELETE ON entry FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER entry_not_emptied BEFORE TRUNCATE ON entry EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER entry_sealed_once BEFORE UPDATE ON entry"
    " FOR EACH ROW EXECUTE FUNCTION refuse_all_but_the_seal()",
    "CREATE TRIGGER item_kept BEFORE UPDATE OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER item_not_emptied BEFORE TRUNCATE ON item EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("document_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("legal_basis", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_role", sa.String(length=40), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=True),
        sa.Column("leaf_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("log_index", name=op.f("uq_entry_log_index")),
    )
    op.create_index(
        "ix_entry_unsealed",
        "entry",
        ["id"],
        unique=False,
        sqlite_where=sa.text("log_index IS NULL"),
        postgresql_where=sa.text("log_index IS NULL"),
    )
    op.create_index("uq_entry_record_version", "entry", ["record_id", "version"], unique=True)

    op.create_table(
        "item",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_item")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(length=300), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_subject", "message", ["topic", "subject"], unique=False)

    op.create_table(
        "record",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("natural_key", sa.String(length=600), nullable=False),
        sa.Column("title_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("title_en", sa.Text(), server_default="", nullable=False),
        sa.Column("en_source", sa.String(length=20), server_default="missing", nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=True),
        sa.Column("holder_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("holder_en", sa.Text(), server_default="", nullable=False),
        sa.Column("issuer_id", sa.BigInteger(), nullable=True),
        sa.Column("issuer_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("status_since", sa.Date(), nullable=False),
        sa.Column("region_code", sa.String(length=6), server_default="", nullable=False),
        sa.Column("valid_from", sa.String(length=10), server_default="", nullable=False),
        sa.Column("valid_to", sa.String(length=10), server_default="", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("document_hash", sa.String(length=64), nullable=False),
        sa.Column("warnings", sa.Text(), server_default="[]", nullable=False),
        sa.Column("shown", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_stamp", sa.Integer(), server_default="1", nullable=False),
        sa.Column("demo", sa.Boolean(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["record.id"], name=op.f("fk_record_holder_id_record")),
        sa.ForeignKeyConstraint(["issuer_id"], ["record.id"], name=op.f("fk_record_issuer_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
    )
    op.create_index("ix_record_due", "record", ["due_on"], unique=False)
    op.create_index(op.f("ix_record_holder_id"), "record", ["holder_id"], unique=False)
    op.create_index(op.f("ix_record_issuer_id"), "record", ["issuer_id"], unique=False)
    op.create_index("ix_record_register_status", "record", ["register", "status"], unique=False)
    op.create_index("uq_record_register_natural_key", "record", ["register", "natural_key"], unique=True)
    op.create_index("uq_record_register_number", "record", ["register", "number"], unique=True)
    op.create_index("uq_record_register_slug", "record", ["register", "slug"], unique=True)

    op.create_table(
        "identifier",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_identifier_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "key", name=op.f("pk_identifier")),
    )
    op.create_index("ix_identifier_key", "identifier", ["key"], unique=False)

    op.create_table(
        "link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("from_register", sa.String(length=60), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("to_register", sa.String(length=60), nullable=False),
        sa.Column("to_key", sa.String(length=200), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["record.id"], name=op.f("fk_link_from_id_record")),
        sa.ForeignKeyConstraint(["to_id"], ["record.id"], name=op.f("fk_link_to_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    op.create_index("ix_link_to_id_relation", "link", ["to_id", "from_register", "relation"], unique=False)
    op.create_index("ix_link_to_key", "link", ["to_register", "to_key"], unique=False)
    op.create_index(
        "uq_link_from_id_relation_to", "link", ["from_id", "relation", "to_register", "to_key"], unique=True
    )

    op.create_table(
        "warning",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_warning_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "field", "code", name=op.f("pk_warning")),
    )
    op.create_index("ix_warning_register_code_field", "warning", ["register", "code", "field"], unique=False)

    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if sqlite else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("warning", "link", "identifier", "record", "message", "item", "entry", "counter"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
        op.execute("DROP FUNCTION refuse_all_but_the_seal()")
