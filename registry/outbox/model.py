"""The outbox: one row for each thing that must still be told (index, later mail and webhooks).

Written in the transaction of the change, taken by the relay at least once; a message carries an id, never
content: whoever delivers re-reads what is true now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import BigInteger, Connection, Index, Integer, String, insert
from sqlalchemy.orm import Mapped, mapped_column

from registry import clock
from registry.store.base import Base, UtcDateTime

RECORD_TOPIC = "record"
MAIL_TOPIC = "mail"


class Message(Base):
    __tablename__ = "message"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(20))
    subject: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(300), server_default="")

    __table_args__ = (Index("ix_message_subject", "topic", "subject"),)


def enqueue(connection: Connection, topic: str, subjects: Iterable[int]) -> None:
    """Put one message for each subject (the id of a record for topic `record`, of a letter for `mail`)."""
    now = clock.now()
    rows = [{"topic": topic, "subject": subject, "next_try_at": now} for subject in subjects]
    if rows:
        connection.execute(insert(Message), rows)
