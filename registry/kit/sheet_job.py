"""Sheets that organisations have uploaded: the job for each, and the result of every row."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.kit.record import MAX_KEY_LENGTH
from registry.store.base import AutoId, Base, UtcDateTime

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
UNFINISHED = (WAITING, RUNNING)


class ImportJob(Base):
    """The job for one sheet.

    `last_row` rises in the transaction that files the rows up to it, so that no row is filed twice.
    """

    __tablename__ = "import_job"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    signer: Mapped[str] = mapped_column(String(80))
    file: Mapped[str] = mapped_column(String(64))  # its name in the data directory
    name: Mapped[str] = mapped_column(String(200))  # its name on the computer of the user; only for display
    left_out: Mapped[str] = mapped_column(Text, server_default="[]")  # JSON: columns that match no question
    dry_run: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(20))
    total: Mapped[int | None]  # rows; None until they are counted
    last_row: Mapped[int] = mapped_column(server_default="0")  # as spreadsheet programs number them
    created: Mapped[int] = mapped_column(server_default="0")
    updated: Mapped[int] = mapped_column(server_default="0")
    unchanged: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[str] = mapped_column(Text, server_default="")  # JSON of the issue that stopped it
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_import_job_organisation", "organisation_id", "id"),
        Index("ix_import_job_state", "state", "id"),
    )


class ImportRow(Base):
    """The result of a row: created, updated, unchanged or refused. Its cells are in the sheet."""

    __tablename__ = "import_row"

    job_id: Mapped[int] = mapped_column(ForeignKey("import_job.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    result: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(120), server_default="")
    natural_key: Mapped[str | None] = mapped_column(String(MAX_KEY_LENGTH))  # None: refused
    content: Mapped[str] = mapped_column(String(64), server_default="")  # hash of what the row says
    issues: Mapped[str] = mapped_column(Text, server_default="")  # JSON
    changes: Mapped[str] = mapped_column(
        Text, server_default=""
    )  # JSON: field, old and new value of each fact

    __table_args__ = (Index("ix_import_row_natural_key", "job_id", "natural_key"),)
