"""The outbox: one message for each change that must still be delivered, to the search index or by mail, or read.

A message is written in the transaction of the change and delivered by the relay at least once. It carries an id and no
content: delivery reads what is true then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import BigInteger, Connection, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from registry import clock
from registry.store.base import Base, UtcDateTime
from registry.store.insertion import insert_rows

RECORD_TOPIC = "record"
MAIL_TOPIC = "mail"
TEXT_TOPIC = "text"


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
    """Add a message for each subject: the id of a letter for `MAIL_TOPIC`, else of a record."""
    now = clock.now()
    rows = [{"topic": topic, "subject": subject, "next_try_at": now} for subject in subjects]
    insert_rows(connection, Message, rows)
