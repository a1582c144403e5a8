"""Tables of who acts for an organisation: memberships, claims awaiting a decision by staff, invitations by owners."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime

Role = Literal["viewer", "editor", "owner"]
ROLES: tuple[Role, ...] = (
    "viewer",
    "editor",
    "owner",
)  # in rising order: each includes the rights of those before it
WAITING, CONFIRMED, REFUSED, WITHDRAWN = "waiting", "confirmed", "refused", "withdrawn"
ACCEPTED = "accepted"


class Membership(Base):
    """The right of one person to act for one organisation or body. `agent`: an outside agency that acts for others too (代理机构)."""

    __tablename__ = "membership"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("record.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    agent: Mapped[bool]
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("uq_membership_record_user", "record_id", "user_id", unique=True),)


class Claim(Base):
    """A person's claim that they act for an organisation or a body, with a proof. `values`: the record as they state it."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    register: Mapped[str] = mapped_column(
        String(60), server_default=""
    )  # of what is claimed; "": the organisations
    number: Mapped[str] = mapped_column(String(120))  # credit code, or F-<country>-<registration number>
    name: Mapped[str] = mapped_column(String(200))  # as in the register, else as they state it
    values: Mapped[str] = mapped_column(Text)  # JSON: fields of that register
    post: Mapped[str] = mapped_column(String(80))  # the person's in the organisation
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"))
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(500), server_default="")

    __table_args__ = (Index("ix_claim_status", "status", "id"),)


class Invitation(Base):
    """A membership offered to the owner of an e-mail address. `ended`: "" while it is open, else how it ended."""

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
