"""Tables of uploads: who uploaded which file, and the words of those that are public.

The bytes lie in the data directory under their SHA-256.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime


class Attachment(Base):
    """One upload; several may share the same bytes. `kind` was recognised by content; `name` is for display only."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]  # bytes
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    uploaded_by: Mapped[int | None] = mapped_column(
        ForeignKey("user.id"), index=True
    )  # None: by the platform
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    published: Mapped[bool] = mapped_column(server_default="0")  # until then only for its uploader


class Picture(Base):
    """The logo or product picture of a record, supplied by an organisation; public, redrawn, without metadata.

    Shown only while that organisation is the record itself or holds it. `alt_zh`, `alt_en`: what can be seen on it.
    """

    __tablename__ = "picture"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int]  # dots
    height: Mapped[int]
    alt_zh: Mapped[str] = mapped_column(Text)
    alt_en: Mapped[str] = mapped_column(Text)
    given_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class AttachmentText(Base):
    """The text of a public PDF, by which its record is found. Empty where it has none or could not be read.

    Pages are separated by form feeds. Numbers of people are masked.
    """

    __tablename__ = "attachment_text"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    read_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
