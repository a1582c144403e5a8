"""Tokens of programs that file for people, and the answers that were given to them under a key (API)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Connection, ForeignKey, Integer, String, Text, delete, update
from sqlalchemy.orm import Mapped, mapped_column

from registry import clock
from registry.store.base import Base, UtcDateTime

AutoId = BigInteger().with_variant(Integer, "sqlite")


class ApiToken(Base):
    """The right of a program to act as a person, for one organisation or for all of his; the key itself is not kept."""

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
    """What was answered to a request with an `Idempotency-Key`, written in the transaction that published."""

    __tablename__ = "kept_answer"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))  # of method, address and body
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


def revoke_tokens(connection: Connection, user_id: int) -> None:
    """Every token of a person ends: his password was set anew by mail."""
    mine = (ApiToken.user_id == user_id) & ApiToken.revoked_at.is_(None)
    connection.execute(update(ApiToken).where(mine).values(revoked_at=clock.now()))


def purge_idempotent_responses(connection: Connection, before: dt.datetime) -> None:
    """Answers under a key are kept for some days only."""
    connection.execute(delete(IdempotentResponse).where(IdempotentResponse.made_at < before))
