"""Whether the work of a new day may be done: a wrong clock must not end what is in force.

The day of the last work and a refusal stand in the store, so that every process and the readiness page know of them.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.errors import Conflict
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.operations import due_changes
from registry.store.state import read_state, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work

STATE_NAME = "daily_work"
MAX_DAYS_BETWEEN = 3  # from one day's work to the next
MAX_SHARE_ENDED = 0.1  # of the records that have not ended
FEW_ENDINGS = 20  # so many may end in one run, whatever their share


class DailyWorkRefused(Conflict):
    """The day's work is not done before somebody has confirmed that the clock is right.

    `reason`: `day_before_last_work`, `days_without_work` or `too_many_endings`.
    """


class DailyWorkState(NamedTuple):
    """The day of the last work, None where there was none; and why that of today is refused, "" where it is not."""

    last_day: dt.date | None
    refused: str = ""


def permit_daily_work(registry: Registry, *, confirmed: bool = False) -> None:
    """Note that the work of this day begins. Work that was done today may be done again.

    The first work of a store is always permitted. `confirmed`: somebody has checked the clock. Raises `DailyWorkRefused`.
    """
    require(SYSTEM, Action.RELAY)
    today = clock.today()
    with read_transaction(registry.engine) as connection:
        last_day = read_daily_work(connection).last_day
        refusal = None if confirmed else _refusal(connection, today, last_day)
    _write(registry, DailyWorkState(last_day if refusal else today, refusal.reason if refusal else ""))
    if refusal:
        raise refusal


def daily_work_state(registry: Registry) -> DailyWorkState:
    """The state of the daily work, for those who watch the server."""
    with read_transaction(registry.engine) as connection:
        return read_daily_work(connection)


def read_daily_work(connection: Connection) -> DailyWorkState:
    written = json.loads(read_state(connection, STATE_NAME) or "{}")
    last_day = written.get("last_day")
    return DailyWorkState(dt.date.fromisoformat(last_day) if last_day else None, written.get("refused", ""))


def _write(registry: Registry, state: DailyWorkState) -> None:
    with unit_of_work(registry.engine) as connection:
        if read_daily_work(connection) != state:
            last_day = state.last_day.isoformat() if state.last_day else ""
            write_state(connection, STATE_NAME, json.dumps({"last_day": last_day, "refused": state.refused}))


def _refusal(connection: Connection, today: dt.date, last_day: dt.date | None) -> DailyWorkRefused | None:
    last_entry = connection.execute(select(Entry.recorded_at).order_by(Entry.id.desc()).limit(1)).scalar()
    known = [day for day in (last_day, last_entry and _day_of(last_entry)) if day]
    if known and today < max(known):
        return DailyWorkRefused("day_before_last_work", today=today.isoformat(), last=max(known).isoformat())
    if last_day is None:
        return None
    days = (today - last_day).days
    if days > MAX_DAYS_BETWEEN:
        return DailyWorkRefused(
            "days_without_work", today=today.isoformat(), last=last_day.isoformat(), days=days
        )
    ending = due_changes.count_due_endings(connection, today, at_least=FEW_ENDINGS + 1)
    if ending > FEW_ENDINGS and ending > MAX_SHARE_ENDED * (records := _count_not_ended(connection)):
        return DailyWorkRefused("too_many_endings", today=today.isoformat(), count=ending, records=records)
    return None


def _day_of(instant: dt.datetime) -> dt.date:
    return instant.astimezone(clock.SHANGHAI).date()


def _count_not_ended(connection: Connection) -> int:
    rows = connection.execute(
        select(Record.register, Record.status, func.count()).group_by(Record.register, Record.status)
    ).all()
    registers = catalogue()
    return sum(
        number
        for slug, status, number in rows
        if slug in registers and registers[slug].life_cycle.state(status).standing != "ended"
    )
