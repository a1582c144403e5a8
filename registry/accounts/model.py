"""People who sign in: accounts, their sessions and e-mail links, and the trail of what they did.

No secret lies here: passwords as Argon2 hashes, session keys and recovery codes as SHA-256, links and TOTP secrets
as nonces from which only the server's own secret makes the thing itself.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base, UtcDateTime

AutoId = BigInteger().with_variant(Integer, "sqlite")


class User(Base):
    """An account. `email_key` is the address without regard to case; nobody else can have it."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120), server_default="")
    lang: Mapped[str] = mapped_column(String(5))
    role: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200), server_default="")  # "": none chosen yet
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)  # the last sign-in
    factor_nonce: Mapped[str] = mapped_column(String(32), server_default="")
    factor_since: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # None: not confirmed
    factor_step: Mapped[int] = mapped_column(
        BigInteger, server_default="0"
    )  # of the last code taken (RFC 6238)


class Session(Base):
    """One signed-in browser. `complete` only when every factor that the account asks for was given."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    complete: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    agent: Mapped[str] = mapped_column(String(200), server_default="")


class EmailLink(Base):
    """A link sent by mail, good once: to finish a sign-up, set a password, or confirm another address."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    nonce: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class Letter(Base):
    """A mail that waits to be sent; it is put into words, and its link made, only then, and goes when it is sent."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    lang: Mapped[str] = mapped_column(String(5))
    recipient: Mapped[str] = mapped_column(String(254))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    details: Mapped[str] = mapped_column(Text, server_default="{}")  # JSON: what else its words name
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """One use each, in place of the second factor."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class AttemptCounter(Base):
    """Failures under one key (an address tried, a network address, a kind of mail) within a window of time."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # refused up to then


class AuditEntry(Base):
    """Who did what when. Only added to: the database refuses change and deletion."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(BigInteger)  # whose account; None: nobody's yet
    actor_role: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120), server_default="")
    details: Mapped[str] = mapped_column(Text, server_default="")

    __table_args__ = (Index("ix_audit_user_id", "user_id", "id"),)
