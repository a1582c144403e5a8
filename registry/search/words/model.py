"""Tables of searches: synonyms and glossary terms that staff have added, searches without results, saved searches."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import AutoId, Base, UtcDateTime

MAX_ZERO_RESULT_TEXT = 60


class StaffSynonym(Base):
    """Words of one meaning that staff have added; with a `part`, a term of the public glossary too. Ended ones stay."""

    __tablename__ = "synonym"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    english: Mapped[str] = mapped_column(Text, server_default="")  # words, one a line
    chinese: Mapped[str] = mapped_column(Text, server_default="")  # words, one a line
    added_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    part: Mapped[str] = mapped_column(String(20), server_default="")  # of the glossary; "": only a synonym
    definition_zh: Mapped[str] = mapped_column(Text, server_default="")
    definition_en: Mapped[str] = mapped_column(Text, server_default="")
    source_zh: Mapped[str] = mapped_column(
        Text, server_default=""
    )  # of the definition: law, article, standard
    source_en: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int] = mapped_column(server_default="1")  # counts the changes


class SynonymChange(Base):
    """One act on words that staff have added, with all that they say after it. None is ever changed."""

    __tablename__ = "synonym_change"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    synonym_id: Mapped[int] = mapped_column(ForeignKey("synonym.id"))
    act: Mapped[str] = mapped_column(String(10))  # added, changed, ended, restored
    reason: Mapped[str] = mapped_column(Text, server_default="")
    english: Mapped[str] = mapped_column(Text, server_default="")
    chinese: Mapped[str] = mapped_column(Text, server_default="")
    part: Mapped[str] = mapped_column(String(20), server_default="")
    definition_zh: Mapped[str] = mapped_column(Text, server_default="")
    definition_en: Mapped[str] = mapped_column(Text, server_default="")
    source_zh: Mapped[str] = mapped_column(Text, server_default="")
    source_en: Mapped[str] = mapped_column(Text, server_default="")
    acted_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    acted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_synonym_change_synonym", "synonym_id", "id"),)


class ZeroResultSearch(Base):
    """How often on a day a search for a text had no result. Nothing is stored of who searched."""

    __tablename__ = "missed_search"

    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)  # in Shanghai
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    text: Mapped[str] = mapped_column(String(MAX_ZERO_RESULT_TEXT), primary_key=True)
    number: Mapped[int]
    hidden: Mapped[bool] = mapped_column(Boolean, server_default="0")  # staff keep it off the public page
    shown: Mapped[bool] = mapped_column(
        Boolean, server_default="0"
    )  # staff have looked at it and let it stand there


class SavedSearch(Base):
    """A search that a user has stored. `position`: index of the last entry that letters have covered."""

    __tablename__ = "saved_search"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(120))
    register: Mapped[str] = mapped_column(String(60), server_default="")  # "": all of them
    query: Mapped[str] = mapped_column(Text)  # query string of the list
    mail: Mapped[str] = mapped_column(String(10))  # never, daily, weekly
    position: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    mailed_on: Mapped[dt.date] = mapped_column(Date)  # in Shanghai: when a letter was last due

    __table_args__ = (
        Index("ix_saved_search_user", "user_id", "id"),
        Index("ix_saved_search_mail", "mail", "mailed_on"),
    )


class SearchFollower(Base):
    """An address that gets letters about a search without an account; the address stands in its e-mail link.

    `confirmed_at` None: nothing is sent yet. `position`: index of the last entry that letters have covered.
    """

    __tablename__ = "search_follower"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), unique=True)
    lang: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(120))
    register: Mapped[str] = mapped_column(String(60), server_default="")  # "": all of them
    query: Mapped[str] = mapped_column(Text)  # query string of the list
    mail: Mapped[str] = mapped_column(String(10))  # daily, weekly
    position: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    mailed_on: Mapped[dt.date] = mapped_column(Date)  # in Shanghai: when a letter was last due

    __table_args__ = (Index("ix_search_follower_mail", "mail", "mailed_on"),)
