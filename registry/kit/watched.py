"""Tables of the watch lists: what stands on them, and of what those whom it concerns were told by letter."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base, UtcDateTime


class WatchItem(Base):
    """A thing that is due on a record, or does not fit: one of each watch list. It is made from the record whenever that is indexed.

    `code`: of the deadline, due date or caution. `due_on`: the last day, None where there is none. `listed_from`: the first
    day on which the list shows it. The other columns are those of the record by which lists are bounded and counted; `region_code`:
    its own, else that of its holder.
    """

    __tablename__ = "watch_item"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    watch: Mapped[str] = mapped_column(String(30), primary_key=True)
    code: Mapped[str] = mapped_column(String(60))
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    listed_from: Mapped[dt.date] = mapped_column(Date)
    register: Mapped[str] = mapped_column(String(60))
    region_code: Mapped[str] = mapped_column(String(6), server_default="")
    holder_id: Mapped[int | None] = mapped_column(BigInteger)
    issuer_id: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_watch_item_listed_from", "listed_from", "watch"),
        Index("ix_watch_item_holder_id", "holder_id"),
        Index("ix_watch_item_issuer_id", "issuer_id"),
    )


class WatchNotice(Base):
    """That a thing was told by letter when it had reached a threshold (days left; 0: overdue). `due`: its ISO day, "" for none."""

    __tablename__ = "watch_notice"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    watch: Mapped[str] = mapped_column(String(30), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    due: Mapped[str] = mapped_column(String(10), primary_key=True)
    threshold: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    told_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_watch_notice_told_at", "told_at"),)
