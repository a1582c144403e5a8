"""The log: entries, one for each published change, and items, the documents that entries name by hash."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base, UtcDateTime

ENTRY_ID_COUNTER = "entry"
LOG_INDEX_COUNTER = "log_index"
RANDOM_CHECKS = "random-checks"
ACTS = frozenset({RANDOM_CHECKS})  # what entries may be about besides the records of registers


class Item(Base):
    """A public document exactly as published, by the SHA-256 of its canonical JSON (RFC 8785)."""

    __tablename__ = "item"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[str] = mapped_column(Text)


class Entry(Base):
    """One immutable line of the log. Sealing sets `index` and `leaf_hash` once; nothing else ever changes."""

    __tablename__ = "entry"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    register: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(120))
    document_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(60))
    legal_basis: Mapped[str] = mapped_column(Text, server_default="")
    actor_role: Mapped[str] = mapped_column(String(40))
    schema_version: Mapped[int]
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    index: Mapped[int | None] = mapped_column("log_index", BigInteger, unique=True)
    leaf_hash: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("uq_entry_record_version", "record_id", "version", unique=True),
        Index(
            "ix_entry_unsealed",
            "id",
            sqlite_where=text("log_index IS NULL"),
            postgresql_where=text("log_index IS NULL"),
        ),
    )
