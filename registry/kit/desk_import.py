"""Sheets of the registrar at the desk: how one is read, its check, its run, and what became of every row."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.kit.record import MAX_KEY_LENGTH
from registry.store.base import AutoId, Base, UtcDateTime

# In this order; `COLUMNS` and `CHECKED` wait for a person, the others for the process that works on sheets.
OPENING, COLUMNS, CHECKING, CHECKED, RUNNING = "opening", "columns", "checking", "checked", "running"
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
AT_WORK = (OPENING, CHECKING, RUNNING)
UNFINISHED = (*AT_WORK, COLUMNS, CHECKED)


class DeskImport(Base):
    """One sheet. The counts, `total`, `last_row` and `doubts` are those of its check until it is run, then of its run.

    `last_row` rises in the transaction that publishes the rows up to it, so that no row is published twice.
    """

    __tablename__ = "desk_import"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    file: Mapped[str] = mapped_column(String(64))  # its name in the data directory
    name: Mapped[str] = mapped_column(String(200))  # its name on the computer of the user; only for display
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file, in hex
    source: Mapped[str] = mapped_column(String(200))  # of rows that name none
    source_date: Mapped[str] = mapped_column(String(10), server_default="")  # of that source, ISO
    mapping: Mapped[str] = mapped_column(String(80), server_default="")  # one that comes with the register
    columns: Mapped[str] = mapped_column(
        Text, server_default=""
    )  # JSON: header cell → field, "" for left out
    header_row: Mapped[int | None]  # where a person has said it
    clear_empty: Mapped[bool] = mapped_column(Boolean, server_default="0")
    preview: Mapped[str] = mapped_column(Text, server_default="")  # JSON: header, first rows, notices
    state: Mapped[str] = mapped_column(String(20))
    total: Mapped[int | None]  # rows; None until they are counted
    last_row: Mapped[int] = mapped_column(server_default="0")  # as spreadsheet programs number them
    created: Mapped[int] = mapped_column(server_default="0")
    updated: Mapped[int] = mapped_column(server_default="0")
    unchanged: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    foreseen: Mapped[str] = mapped_column(
        Text, server_default=""
    )  # JSON: the counts of the check, once it is run
    doubts: Mapped[str] = mapped_column(Text, server_default="")  # JSON: warnings of rows that were taken
    problem: Mapped[str] = mapped_column(Text, server_default="")  # JSON of the issue that stopped it
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    run_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    run_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_desk_import_state", "state", "id"),
        Index("ix_desk_import_digest", "register", "digest"),
    )


class DeskImportRow(Base):
    """What became of a row in the check (`dry_run`) or in the run. Its cells are in the sheet."""

    __tablename__ = "desk_import_row"

    job_id: Mapped[int] = mapped_column(ForeignKey("desk_import.id"), primary_key=True)
    dry_run: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    result: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(120), server_default="")
    version: Mapped[int | None]  # of the record after the run, where the row has published one
    natural_key: Mapped[str | None] = mapped_column(String(MAX_KEY_LENGTH))  # None: refused
    content: Mapped[str] = mapped_column(String(64), server_default="")  # hash of what the row says
    issues: Mapped[str] = mapped_column(Text, server_default="")  # JSON
    changes: Mapped[str] = mapped_column(
        Text, server_default=""
    )  # JSON: field, old and new value of each fact
    doubts: Mapped[str] = mapped_column(Text, server_default="")  # JSON: about what its cells hold

    __table_args__ = (
        Index("ix_desk_import_row_natural_key", "job_id", "dry_run", "natural_key"),
        Index("ix_desk_import_row_result", "job_id", "dry_run", "result", "row"),
    )


class SavedMapping(Base):
    """How the columns of a sheet that comes again are read, by the name that a person gave it."""

    __tablename__ = "saved_mapping"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(80))
    columns: Mapped[str] = mapped_column(Text)  # JSON: header cell → field, "" for left out
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("register", "name", name="uq_saved_mapping_register"),)
