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


# States of a sheet of decisions. `OPENING` waits for the process that works on sheets, `CHECKED` for the person who handed it in.
OPENING, CHECKED, FAILED, CANCELLED = "opening", "checked", "failed", "cancelled"


class DecisionSheet(Base):
    """A sheet in which each row is a decision on one record. Once it is prepared, its rows are decisions that wait.

    `file`: its name in the data directory, "" once it was read, or for rows that a program sent. `key`: of the transition of
    rows that name none, ""; `grounds`: JSON, field → text, for rows that leave it empty.
    """

    __tablename__ = "decision_sheet"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(100), server_default="")
    grounds: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(String(64), server_default="")
    name: Mapped[str] = mapped_column(String(200))  # on the computer of the user; only for display
    state: Mapped[str] = mapped_column(String(20))
    notes: Mapped[str] = mapped_column(Text, server_default="")  # JSON: columns left out, notices
    problem: Mapped[str] = mapped_column(Text, server_default="")  # JSON of the issue that stopped it
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    prepared_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_decision_sheet_state", "state", "id"),)


class DecisionSheetRow(Base):
    """One row as it was read. `number`, `transition`: as written; `stated`: JSON, field → text.

    `issues`: JSON, what stood against it when it was read, and for good once the sheet is prepared. `decision_id`: the decision that it has become.
    """

    __tablename__ = "decision_sheet_row"

    sheet_id: Mapped[int] = mapped_column(
        ForeignKey("decision_sheet.id"), primary_key=True, autoincrement=False
    )
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(60))  # of the row, as its sender finds it
    number: Mapped[str] = mapped_column(String(120))
    transition: Mapped[str] = mapped_column(String(200))
    stated: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    issues: Mapped[str] = mapped_column(Text, server_default="")
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
