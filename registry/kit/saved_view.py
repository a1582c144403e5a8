"""Saved views of the desk: a list with its filters, kept by one person under a name."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime


class SavedView(Base):
    """A list of the desk with filters. `page`: its path without the language; `query`: its filters as a query string."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(80))
    page: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(500))
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_saved_view_user", "user_id", "id"),)
