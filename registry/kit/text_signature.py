"""Tables of copied texts: signatures, the bands by which alike ones meet, and which records are alike. None of it is public."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base


class TextSignature(Base):
    """The signature of a record's facts, or of its full text; empty where there is nothing to compare.

    `source`: the hash of the document or of the file from which it was made.
    """

    __tablename__ = "text_signature"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class TextBand(Base):
    """A band of a signature."""

    __tablename__ = "text_band"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    band: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_text_band_value", "value", "band", "kind"),)


class AlikeText(Base):
    """Two records of different holders whose texts are nearly the same, one row for each of them. `common`: values that agree."""

    __tablename__ = "alike_text"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    other_id: Mapped[int] = mapped_column(
        ForeignKey("record.id"), primary_key=True, autoincrement=False, index=True
    )
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    common: Mapped[int] = mapped_column(SmallInteger)
