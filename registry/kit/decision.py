"""Decisions on published records: prepared by one person, taken by another. None of this is public but what is published."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime

# States of a decision. What is taken is published; what is taken back or returned changed nothing.
PREPARED, RETURNED, TAKEN, TAKEN_BACK = "prepared", "returned", "taken", "taken_back"
# What became of one record of a decision; "" while it is prepared.
PUBLISHED, LEFT_OUT = "published", "left_out"


class Decision(Base):
    """One act: a transition of the life cycle of a register, with its grounds, for one record or many.

    `after`: the state that it leads to; `stated`: JSON, field → text as it was typed; `evidence`: what it is based on, in
    words; `note`: of who prepared it; `reply`: of who returned it. `settled_by`, `settled_at`: who ended it, and when.
    """

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    transition: Mapped[str] = mapped_column(String(60))
    after: Mapped[str] = mapped_column(String(40))
    stated: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(20))
    prepared_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    prepared_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    claimed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reply: Mapped[str] = mapped_column(String(500), server_default="")

    __table_args__ = (Index("ix_decision_state", "state", "register"),)


class DecidedRecord(Base):
    """A record of a decision. `version`, `status`: of the record when the decision was prepared; `outcome`: what became of it."""

    __tablename__ = "decided_record"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(
        ForeignKey("record.id"), primary_key=True, autoincrement=False, index=True
    )
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(20), server_default="")


class DecisionFile(Base):
    """A file that a decision is based on; never public. Files go along when the same person prepares it again."""

    __tablename__ = "decision_file"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), index=True)
