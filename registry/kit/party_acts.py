"""What the parties of a record send to those who decide on it: requests for a decision, and answers to a challenge. Never public."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime

# States of a request. One that has ended is not opened again: a further one is made.
OPEN, GRANTED, REFUSED, WITHDRAWN = "open", "granted", "refused", "withdrawn"


class DecisionRequest(Base):
    """A holder asks for a transition of a record: to suspend it, to end it, to change what it covers.

    `party_id`: the organisation or body for which it is asked; `status`: of the record at that moment: in another one the
    request is void. `text`: what is asked and why; `reply`: why it was refused; `decision_id`: the decision that granted it.
    """

    __tablename__ = "decision_request"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    party_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    transition: Mapped[str] = mapped_column(String(40))
    after: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    reply: Mapped[str] = mapped_column(Text, server_default="")
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))

    __table_args__ = (
        Index("ix_decision_request_record_id", "record_id"),
        Index("ix_decision_request_state", "state", "id"),
    )


class ReportStatement(Base):
    """What a party of a record answers to a report that challenges it. `text` is emptied when the report is forgotten."""

    __tablename__ = "report_statement"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    party_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    text: Mapped[str] = mapped_column(Text)
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_report_statement_report_id", "report_id"),)
