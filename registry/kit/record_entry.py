"""New records that staff enter at the desk: prepared by one person, published by another. Until then none of it is public."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.kit.record import MAX_KEY_LENGTH
from registry.store.base import AutoId, Base, UtcDateTime


class DeskEntry(Base):
    """One record to be. `state`: as of a decision (`kit.decision`).

    `stated`: JSON, field → text as it was typed; `natural_key`: of the record that it would become; `evidence`: what it is
    based on, in words; `note`: of who prepared it, `reply`: of who returned it. `attachment_id`: the file that becomes
    public with it. `record_id`: what it was published as.
    """

    __tablename__ = "desk_entry"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    natural_key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH))
    stated: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(500))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    prepared_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    prepared_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reply: Mapped[str] = mapped_column(String(500), server_default="")
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"), index=True)

    __table_args__ = (Index("ix_desk_entry_state", "state", "register"),)
