"""Tables of accounts: users, sessions, e-mail links, queued letters, recovery codes, rate limits and the audit log.

No secret is stored in the clear: passwords as Argon2 hashes, session keys and recovery codes as SHA-256; for e-mail links only a
nonce, from which the server's own secret derives them; TOTP secrets encrypted (`sealed_secrets`).
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Boolean, ColumnElement, ForeignKey, Index, String, Text, func, true
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime


class User(Base):
    """An account. `email_key` is the address without case; it is unique."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120), server_default="")
    lang: Mapped[str] = mapped_column(String(5))
    role: Mapped[str] = mapped_column(String(40))
    region_code: Mapped[str] = mapped_column(String(6), server_default="")  # of a reviewer: where they act
    password_hash: Mapped[str] = mapped_column(String(200), server_default="")  # "": none chosen yet
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)  # the last sign-in or new password
    factor_nonce: Mapped[str] = mapped_column(String(32), server_default="")
    factor_secret: Mapped[str] = mapped_column(String(255), server_default="")  # encrypted; "": derived
    factor_since: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # None: not confirmed
    suspended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # None: may sign in
    # The time step of the last code accepted (RFC 6238): no code is accepted twice.
    factor_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
    due_letters: Mapped[bool] = mapped_column(Boolean, server_default=true())  # of what is due on records


def name_or_address() -> ColumnElement[str]:
    """The name of an account as a column, else its address; "" of an account that was deleted."""
    return func.coalesce(func.nullif(User.name, ""), User.email)


class Session(Base):
    """The session of one browser. `complete` once every factor that the account requires was given."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    complete: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    agent: Mapped[str] = mapped_column(String(200), server_default="")


class EmailLink(Base):
    """A link sent by mail that can be used once.

    Purposes: complete a sign-up, set a password, confirm a new address, accept an invitation.
    """

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
    """A mail waiting to be sent: which kind, to whom, in which language; deleted when it has been sent.

    Its text is composed, and its link derived, only when it is sent, so that the queue holds no secret.
    """

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    lang: Mapped[str] = mapped_column(String(5))
    recipient: Mapped[str] = mapped_column(String(254))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    details: Mapped[str] = mapped_column(Text, server_default="{}")  # JSON: further placeholders of its text
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code that stands in for the second factor once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class AttemptCounter(Base):
    """Attempts counted under one key since the window began; see `rate_limits`."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)  # blocked until then


class AuditEntry(Base):
    """One entry of the audit log. Append-only: triggers of the database refuse update and delete.

    `door`, `request_id` and `acted_by` are empty in entries of before they were kept.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(BigInteger)  # the account concerned; None: there is none yet
    actor_role: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120), server_default="")
    details: Mapped[str] = mapped_column(Text, server_default="")
    acted_by: Mapped[int | None] = mapped_column(BigInteger)  # the account of the actor; None: not signed in
    door: Mapped[str] = mapped_column(String(20), server_default="")  # `audit_log.DOORS`
    request_id: Mapped[str] = mapped_column(String(64), server_default="")  # of the line in the web log

    __table_args__ = (
        Index("ix_audit_user_id", "user_id", "id"),
        Index("ix_audit_acted_by", "acted_by", "id"),
        Index("ix_audit_subject", "subject", "id"),
        Index("ix_audit_at", "at"),
    )


class ConfidentialLook(Base):
    """One look at something confidential, for the public count: of what kind and for what reason, without a person. The audit log has who looked, at what."""

    __tablename__ = "confidential_look"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    year: Mapped[int]  # in the time of China
    kind: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(20))

    __table_args__ = (Index("ix_confidential_look_year", "year", "kind", "reason"),)


class AuditDay(Base):
    """The hash of one finished day of the audit log, which includes that of the day before. Append-only, as the log."""

    __tablename__ = "audit_day"

    day: Mapped[dt.date] = mapped_column(primary_key=True)  # in the time of China
    entries: Mapped[int]
    last_id: Mapped[int] = mapped_column(BigInteger)  # of the last entry up to the end of the day; 0: none
    hash: Mapped[str] = mapped_column(String(64))
