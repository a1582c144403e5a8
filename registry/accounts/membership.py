"""Who acts for which organisation: claims until staff have decided, memberships after, invitations between people."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.accounts.model import AutoId
from registry.store.base import Base, UtcDateTime

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")  # each may what those before it may
WAITING, CONFIRMED, REFUSED, WITHDRAWN = "waiting", "confirmed", "refused", "withdrawn"
ACCEPTED = "accepted"


class Membership(Base):
    """One person for one organisation. `agent`: from outside, for others as well (代理机构)."""

    __tablename__ = "membership"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("record.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    agent: Mapped[bool]
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("uq_membership_record_user", "record_id", "user_id", unique=True),)


class Claim(Base):
    """Somebody says that he acts for an organisation, and shows a proof. `values`: the organisation as he names it."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    number: Mapped[str] = mapped_column(String(120))  # credit code, or F-<country>-<registration number>
    name: Mapped[str] = mapped_column(String(200))  # as in the register, else as he writes it
    values: Mapped[str] = mapped_column(Text)  # JSON: fields of the register of organisations
    post: Mapped[str] = mapped_column(String(80))  # of the person in the organisation
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"))
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(500), server_default="")

    __table_args__ = (Index("ix_claim_status", "status", "id"),)


class Invitation(Base):
    """A place in an organisation that waits for the owner of an e-mail address. `ended`: "" while it waits."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("record.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(20))
    agent: Mapped[bool]
    invited_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended: Mapped[str] = mapped_column(String(20), server_default="")
