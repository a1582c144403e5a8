"""Drafts: what somebody has typed so far, as it was typed. A draft may lack and be wrong; nothing of it is public."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime


class Draft(Base):
    """A filing under way, of one organisation. `revision` rises with each save: who is behind is told."""

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"))  # the record that it is to change
    amends_version: Mapped[int | None]  # the version of that record which the draft goes by
    text_id: Mapped[int | None] = mapped_column(BigInteger)  # the attachment with the standard's full text
    typed: Mapped[str] = mapped_column(Text)  # JSON: field → text, or rows of texts
    revision: Mapped[int]
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_draft_organisation", "organisation_id", "register"),)


class Receipt(Base):
    """That somebody filed something: what the public record does not tell, the signer's name among it."""

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    version: Mapped[int]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    signer: Mapped[str] = mapped_column(String(80))
    draft_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # gone by then
    text_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Reminder(Base):
    """That an enterprise was asked whether a record still holds: when last, and how often in this year."""

    __tablename__ = "reminder"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    times: Mapped[int]
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
