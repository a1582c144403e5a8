"""Blocks of entries: what a run of entries says, as arrays. They follow from the log, and are made anew where they are lost."""

from __future__ import annotations

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base


class EntryBlock(Base):
    """The sealed entries from `first_entry` to `last_entry` by their ids, both included, none left out.

    `form`: what the arrays hold and how they are written; blocks of another form are not read. `arrays`: as the room of
    statistics writes them.
    """

    __tablename__ = "entry_block"

    first_entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_entry: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[str] = mapped_column(String(64))
    arrays: Mapped[bytes] = mapped_column(LargeBinary)
