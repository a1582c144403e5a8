"""Tables of the API: tokens of programs, and responses stored under an `Idempotency-Key`."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, ForeignKey, String, Text, delete, update
from sqlalchemy.orm import Mapped, mapped_column

from registry import clock
from registry.store.base import AutoId, Base, UtcDateTime


class ApiToken(Base):
    """The right of a program to act as a person, for one organisation or for all of theirs. Only the key's hash is stored."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class IdempotentResponse(Base):
    """The response to a request with an `Idempotency-Key`, written in the transaction that published."""

    __tablename__ = "kept_answer"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))  # SHA-256 of method, URL and body
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


def revoke_tokens(connection: Connection, user_id: int) -> int:
    """Revoke every token of a person, as when their password, second factor or role changes. Returns how many were valid."""
    now = clock.now()
    valid = (ApiToken.user_id == user_id) & ApiToken.revoked_at.is_(None) & (ApiToken.expires_at > now)
    return connection.execute(update(ApiToken).where(valid).values(revoked_at=now)).rowcount


def purge_idempotent_responses(connection: Connection, before: dt.datetime) -> None:
    """Delete stored responses older than `before`; they serve retries of some days only."""
    connection.execute(delete(IdempotentResponse).where(IdempotentResponse.made_at < before))
