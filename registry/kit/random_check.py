"""Random checks: announced with their population, drawn from a seed that comes later, their results published.

`CheckRules` is what a register says of checks on its records. The tables hold what was announced and drawn; what is public
of it stands in entries of the log. Who inspects and who recorded a result is never public.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import BigInteger, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.kit.display import Words
from registry.kit.life_cycle import LifeCycle
from registry.store.base import AutoId, Base, UtcDateTime

# States of a check. Each is an entry of the log.
ANNOUNCED, DRAWN, CONCLUDED, CANCELLED = "announced", "drawn", "concluded", "cancelled"
# What a check of a record came to.
PASSED, FAILED, NOT_POSSIBLE = "passed", "failed", "not_possible"
# How far the result of a record is: nothing yet, written down, sent back, public.
OPEN, RECORDED, RETURNED, PUBLISHED = "open", "recorded", "returned", "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRules:
    """How records of a register are checked at random.

    `states`: of the records that may be drawn. `opened`, `passed`, `failed`: names of the transitions that begin a check and
    that follow from its result, "" where the record stays in its state. `deadline`: the field with the last day of an order
    to correct, "" for none; `working_days`: from the day of the order, as the form suggests. `basis`: legal basis of the checks.
    """

    states: tuple[str, ...]
    opened: str = ""
    passed: str = ""
    failed: str = ""
    deadline: str = ""
    working_days: int = 0
    basis: Words

    def problems(self, life_cycle: LifeCycle) -> Iterator[str]:
        """What does not fit the life cycle."""
        yield from (f"checks: unknown state {each}" for each in self.states if not life_cycle.has_state(each))
        names = {move.name for move in life_cycle.transitions}
        yield from (
            f"checks: no transition {each}"
            for each in (self.opened, self.passed, self.failed)
            if each and each not in names
        )


class RandomCheck(Base):
    """A check. `log_id`: under which its entries stand in the log; `version`, `entry_id`, `document_hash`: of the newest one.

    `region_code`: within which its population lies, "" for the whole country. `query`: the filters of the population, as the address
    of a list has them. `seed_on`: the day of the public figure; `results_until`: the last day for results.
    `pool_key`: with which the list of inspectors was hashed before the draw.
    """

    __tablename__ = "random_check"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    register: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    title_zh: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    query: Mapped[str] = mapped_column(Text)
    region_code: Mapped[str] = mapped_column(String(6), server_default="")
    seed_on: Mapped[dt.date] = mapped_column(Date)
    results_until: Mapped[dt.date] = mapped_column(Date)
    pool_key: Mapped[str] = mapped_column(String(64))
    log_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    entry_id: Mapped[int] = mapped_column(BigInteger)
    document_hash: Mapped[str] = mapped_column(String(64))
    announced_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    announced_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # who drew or cancelled it
    settled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class CheckPopulation(Base):
    """The numbers among which a check draws, sorted, one a line: exactly what was hashed when it was announced."""

    __tablename__ = "check_population"

    check_id: Mapped[int] = mapped_column(
        ForeignKey("random_check.id"), primary_key=True, autoincrement=False
    )
    numbers: Mapped[str] = mapped_column(Text)


class CheckInspector(Base):
    """One of those among whom inspectors are drawn. `label`: all that is public of them; `name`: of one without an account."""

    __tablename__ = "check_inspector"

    check_id: Mapped[int] = mapped_column(
        ForeignKey("random_check.id"), primary_key=True, autoincrement=False
    )
    label: Mapped[str] = mapped_column(String(10), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(120), server_default="")


class DrawnRecord(Base):
    """A record in the sample of a check, in the order of the draw, with its result.

    `stated`: JSON of what was recorded, not public before `state` is `PUBLISHED`; `reply`: why it was sent back. `result`: of
    a published one, "" before. `log_id`, `document_hash`: of the entry of the result.
    """

    __tablename__ = "drawn_record"

    check_id: Mapped[int] = mapped_column(
        ForeignKey("random_check.id"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    stated: Mapped[str] = mapped_column(Text, server_default="{}")
    reply: Mapped[str] = mapped_column(String(500), server_default="")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str] = mapped_column(String(20), server_default="")
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    log_id: Mapped[int | None] = mapped_column(BigInteger)
    document_hash: Mapped[str] = mapped_column(String(64), server_default="")


class DrawnInspector(Base):
    """An inspector drawn for a record of a sample."""

    __tablename__ = "drawn_inspector"

    check_id: Mapped[int] = mapped_column(
        ForeignKey("random_check.id"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(10), primary_key=True)
