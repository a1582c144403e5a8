"""The tables that all registers share: records, their identifiers, links and standing warnings.

What is looked up, joined, constrained or sorted is a column; everything else is in the document.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base

RECORD_ID_COUNTER = "record"
MAX_KEY_LENGTH = 600  # characters of a natural key; a longer one is cut
MERGED = "merged/"  # before the slug of its register: where a record stands that was merged into another one
DEMO_FLAG = "has_demo_records"  # set in the store once a demonstration record has been published


class Record(Base):
    """The current state of one record; its history is in the log.

    A record that was merged into another one (`merged_into_id`) has left its register: its `register` begins with `MERGED`, so that
    no list, count, export or rule of that register takes it, and nothing is kept beside it. Its number names the other one.
    """

    __tablename__ = "record"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    register: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(120))
    slug: Mapped[str] = mapped_column(String(120))  # the number as it stands in an address
    natural_key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH))
    title_zh: Mapped[str] = mapped_column(Text, server_default="")
    title_en: Mapped[str] = mapped_column(Text, server_default="")
    en_source: Mapped[str] = mapped_column(String(20), server_default="missing")
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"), index=True)
    holder_zh: Mapped[str] = mapped_column(Text, server_default="")  # as the source wrote it
    holder_en: Mapped[str] = mapped_column(Text, server_default="")
    issuer_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"), index=True)
    issuer_zh: Mapped[str] = mapped_column(Text, server_default="")
    status: Mapped[str] = mapped_column(String(40))
    status_since: Mapped[dt.date] = mapped_column(Date)
    region_code: Mapped[str] = mapped_column(String(6), server_default="")
    valid_from: Mapped[str] = mapped_column(String(10), server_default="")  # sparse ISO date
    valid_to: Mapped[str] = mapped_column(String(10), server_default="")
    due_on: Mapped[dt.date | None] = mapped_column(Date)  # the day on which a date changes the status
    version: Mapped[int]
    entry_id: Mapped[int] = mapped_column(BigInteger)
    document_hash: Mapped[str] = mapped_column(String(64))
    warnings: Mapped[str] = mapped_column(Text, server_default="[]")  # standing warnings, JSON
    # These two columns keep their names of the first release.
    # `page_version` rises with everything that the page shows, `index_version` with everything that is indexed.
    page_version: Mapped[int] = mapped_column("shown", key="page_version", server_default="1")
    index_version: Mapped[int] = mapped_column("search_stamp", key="index_version", server_default="1")
    # Codes of its cautions, separated by blanks, as the relay found them when it last indexed the record: for lists on the
    # pages of other records. Its own page, search and the API work them out anew.
    caution_codes: Mapped[str] = mapped_column(Text, server_default="")
    demo: Mapped[bool] = mapped_column(Boolean, server_default="0")
    merged_into_id: Mapped[int | None] = mapped_column(
        BigInteger, index=True
    )  # never one that was merged itself

    __table_args__ = (
        Index("uq_record_register_number", "register", "number", unique=True),
        Index("uq_record_register_slug", "register", "slug", unique=True),
        Index("uq_record_register_natural_key", "register", "natural_key", unique=True),
        Index("ix_record_register_status", "register", "status"),
        Index("ix_record_due", "due_on"),
    )


class Identifier(Base):
    """An identifier that names a record exactly: its number, a certificate number, a credit code …

    `key` is folded (`reference.text.folding.fold_number`), so that every spelling finds it. Keys that begin with `#` are
    shared by several records (`group_keys` of their register); nothing that is typed folds to one.
    """

    __tablename__ = "identifier"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)

    __table_args__ = (Index("ix_identifier_key", "key"),)


class FormerKey(Base):
    """A natural key that a record had before it was corrected, or that a record had which was merged into it.

    What others write of it still means the record. `title_zh`: of the record that had the key, so that another thing which rightly
    has it is told apart. A record that has the key now comes first.
    """

    __tablename__ = "former_key"

    register: Mapped[str] = mapped_column(String(60), primary_key=True)
    natural_key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    title_zh: Mapped[str] = mapped_column(Text, server_default="")


class Link(Base):
    """A link from one record to another; until that one arrives, to the key that the source wrote (`to_id` NULL)."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    from_register: Mapped[str] = mapped_column(String(60))
    relation: Mapped[str] = mapped_column(String(40))
    to_register: Mapped[str] = mapped_column(String(60))
    to_key: Mapped[str] = mapped_column(String(200))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"))

    __table_args__ = (
        Index("uq_link_from_id_relation_to", "from_id", "relation", "to_register", "to_key", unique=True),
        Index("ix_link_to_id_relation", "to_id", "from_register", "relation"),
        Index("ix_link_to_key", "to_register", "to_key"),
    )


class StandingWarning(Base):
    """A standing warning of a record; a table of its own, so that the quality page reads no documents."""

    __tablename__ = "warning"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(60), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    register: Mapped[str] = mapped_column(String(60))

    __table_args__ = (Index("ix_warning_register_code_field", "register", "code", "field"),)


class Conflict(Base):
    """Two records that contradict each other (`kit.conflicts`), one row for each of them; the daily run writes them.

    `code`: of the caution that stands on the record.
    """

    __tablename__ = "conflict"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    found_on: Mapped[dt.date] = mapped_column(Date)


def merged_register(register: str) -> str:
    """Return the `register` of a record that was merged into another one of this register."""
    return MERGED + register


def register_of(written: str) -> str:
    """Return the register of a record, also of one that was merged. `written`: as its row has it."""
    return written.removeprefix(MERGED)
