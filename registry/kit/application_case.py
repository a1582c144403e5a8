"""Applications on their way to a first publication, with their steps and files. None of this is public.

An application is no record: it has no number of the register, no entry in the log, and no place in the index or in an export.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.kit.record import MAX_KEY_LENGTH
from registry.store.base import AutoId, Base, UtcDateTime

# States of a step. What is taken has led on; what is prepared waits for a second person.
PREPARED, TAKEN, RETURNED, TAKEN_BACK = "prepared", "taken", "returned", "taken_back"


class Application(Base):
    """One application of an organisation. `status`: a state of the register's life cycle; a public one once it was published.

    `typed`: JSON, the answers as they were last submitted; `natural_key`: of the record that it would become. `revision` rises
    with each step, so that of two people who act at the same time one is told. `changed_at`: since when it has been in its
    state. `record_id`: what it was published as. `forgotten_at`: when answers, signer and files were deleted, long after it was refused or withdrawn.
    """

    __tablename__ = "application"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    status: Mapped[str] = mapped_column(String(40))
    natural_key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH))
    title: Mapped[str] = mapped_column(String(200))
    region_code: Mapped[str] = mapped_column(String(6), server_default="")
    typed: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    submitted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"), index=True)
    issuer_id: Mapped[int | None] = mapped_column(
        BigInteger
    )  # record of the body that it asks, where bodies issue
    forgotten_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_application_status", "register", "status"),)


class ApplicationStep(Base):
    """A step of an application: by the holder, or by the authority, there prepared by one person and taken by another where it ends the case.

    `typed`, `signer`, `draft_id`: of what the holder has submitted, "" and None else. `stated`: JSON, field → text, of a publication.
    `papers`: JSON, message id of what the life cycle asks for → which paper it is. `opinion`: for the holder; `reasons`: JSON, field
    or kind of evidence → what is to be corrected. `reply`: of who returned it to the person who prepared it.
    """

    __tablename__ = "application_step"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    transition: Mapped[str] = mapped_column(String(60))
    before: Mapped[str] = mapped_column(String(40))
    after: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(30))
    typed: Mapped[str] = mapped_column(Text, server_default="")
    signer: Mapped[str] = mapped_column(String(80), server_default="")
    draft_id: Mapped[int | None] = mapped_column(BigInteger, index=True)  # deleted when it was submitted
    stated: Mapped[str] = mapped_column(Text, server_default="{}")
    papers: Mapped[str] = mapped_column(Text, server_default="{}")
    opinion: Mapped[str] = mapped_column(Text, server_default="")
    reasons: Mapped[str] = mapped_column(Text, server_default="{}")
    prepared_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    prepared_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reply: Mapped[str] = mapped_column(String(500), server_default="")


class HolderReport(Base):
    """What the holder of a record has reported of a year. `figures`: JSON, code → number as text; never public."""

    __tablename__ = "holder_report"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    year: Mapped[int]
    figures: Mapped[str] = mapped_column(Text)
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("record_id", "year"),)


class ApplicationFile(Base):
    """A file of a draft, or of what was submitted. `kind`: of evidence; `public`: published with the record, if it is."""

    __tablename__ = "application_file"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    draft_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("application_step.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), index=True)
    public: Mapped[bool]
