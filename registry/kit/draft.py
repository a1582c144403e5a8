"""Drafts of filings, receipts for filings, and reminders to confirm them. None of this is public."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime


class Draft(Base):
    """A filing that an organisation has begun, as it was typed: fields may be missing or wrong.

    `revision` rises with each save, so that an editor who has seen an older one is told.
    """

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    amends_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"))  # the record that it amends
    amends_version: Mapped[int | None]  # the version of that record that was copied
    text_id: Mapped[int | None] = mapped_column(BigInteger)  # the attachment with the standard's full text
    application_id: Mapped[int | None] = mapped_column(BigInteger)  # the application that it corrects
    typed: Mapped[str] = mapped_column(Text)  # JSON: field → text, or rows of texts
    revision: Mapped[int]
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_draft_organisation", "organisation_id", "register"),)


class Receipt(Base):
    """Who filed a version of a record: what the public record does not say, such as the name of the signer."""

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    version: Mapped[int]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    signer: Mapped[str] = mapped_column(String(80))
    draft_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # deleted when it was filed
    text_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Reminder(Base):
    """When an enterprise was last asked to confirm a record, and how often since it was due."""

    __tablename__ = "reminder"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    times: Mapped[int]
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
