"""Tables of who does not decide and who does instead: declared conflicts of interest, and substitutes for a time."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime


class DeclaredInterest(Base):
    """A person's declaration that they must not decide on the records of an organisation or a body.

    `record_id`: of that organisation or body. `ended_at`: None while it holds; an administrator ends it.
    """

    __tablename__ = "declared_interest"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    record_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("record.id"))
    reason: Mapped[str] = mapped_column(String(500), server_default="")
    declared_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_declared_interest_user_id", "user_id", "record_id"),)


class Substitution(Base):
    """A reviewer stands in for another of the same role, within that one's region, from one day to another, both included."""

    __tablename__ = "substitution"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)  # in whose place
    substitute_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    from_on: Mapped[dt.date] = mapped_column(Date)
    until_on: Mapped[dt.date] = mapped_column(Date)
    named_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # before its last day

    __table_args__ = (Index("ix_substitution_substitute_id", "substitute_id", "until_on"),)
