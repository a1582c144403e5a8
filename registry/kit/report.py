"""Reports of errors and fakes, and objections, handed in without an account. What they say is never public."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime

# What somebody hands in. An objection is to what a record in publicity proposes.
ERROR, FAKE, OBJECTION = "error", "fake", "objection"
KINDS = (ERROR, FAKE, OBJECTION)
# States of a report. One that is withdrawn or answered is not opened again: a further one is handed in.
OPEN, ANSWERED, WITHDRAWN = "open", "answered", "withdrawn"
# What came of it; "" while it is open.
UPHELD, PARTLY, NOT_UPHELD, SENT_ON, NOT_EXAMINED = (
    "upheld",
    "partly",
    "not_upheld",
    "sent_on",
    "not_examined",
)
OUTCOMES = (UPHELD, PARTLY, NOT_UPHELD, SENT_ON, NOT_EXAMINED)


class Report(Base):
    """One report or objection.

    `nonce`: of the form that it came with, so that a form sent twice is one report; with the server's secret it makes
    the link of the reporter. `subject`: the number of the record, or what was typed; `register`, `record_id`: "" and None
    where it names no record; `status`: of the record at that moment. `seen_at`: where a fake was seen; `email`: "" for
    none. Statement, `seen_at`, address and file are emptied at `forgotten_at`. `admitted_at`: since when it challenges its
    record; `put_to_parties`: what holder and issuer are asked then. `reply`: to the reporter; `public_zh`, `public_en`: on the page of the record; `sent_to`: the authority that has
    it now.
    """

    __tablename__ = "report"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    nonce: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    register: Mapped[str] = mapped_column(String(60), server_default="")
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"))
    subject: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(40), server_default="")
    lang: Mapped[str] = mapped_column(String(2))
    statement: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[str] = mapped_column(Text, server_default="")
    email: Mapped[str] = mapped_column(String(254), server_default="")
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[dt.date] = mapped_column(Date)
    admitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    put_to_parties: Mapped[str] = mapped_column(Text, server_default="")
    admitted_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    claimed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(16), server_default="")
    reply: Mapped[str] = mapped_column(Text, server_default="")
    public_zh: Mapped[str] = mapped_column(Text, server_default="")
    public_en: Mapped[str] = mapped_column(Text, server_default="")
    sent_to: Mapped[str] = mapped_column(String(200), server_default="")
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    forgotten_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("uq_report_number", "number", unique=True),
        Index("uq_report_nonce", "nonce", unique=True),
        Index("ix_report_state_due_on", "state", "due_on"),
        Index("ix_report_record_id", "record_id"),
    )
