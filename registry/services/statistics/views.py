"""The frozen views in which statistics reach the doors. Labels are in both languages; titles are message ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from registry.kit.display import Words
from registry.services.records.views import RegisterView

ChartKind = Literal["map", "bars", "columns"]


@dataclass(frozen=True, slots=True)
class CountView:
    """How many records have a value. `path`: of the list behind the number, without the language; "" where there is none.

    `tone`: of a status, for its colour; `is_running`: of a month or year that is not over.
    """

    value: str
    words: Words
    count: int
    path: str = ""
    tone: str = ""
    is_running: bool = False


@dataclass(frozen=True, slots=True)
class ChartView:
    """The counts of one chart.

    `name`: in addresses, unique on its page; `title`: a message id, with `params` as further ones; `total`: how many
    records are counted at all; `unknown`: those that do not tell, `unknown_path`: of their list. `overlaps`: a record may have several of the values, so
    that they do not add up to the total.
    """

    name: str
    kind: ChartKind
    title: str
    counts: tuple[CountView, ...]
    total: int
    unknown: int = 0
    params: Mapping[str, str] | None = None
    about: str = ""
    subject: Words | None = None
    overlaps: bool = False
    unknown_path: str = ""

    @property
    def largest(self) -> int:
        """The largest number, 0 without any."""
        return max((each.count for each in self.counts), default=0)


@dataclass(frozen=True, slots=True)
class ShareView:
    """A part of some records, with the numbers of both. `title`, `about`: message ids."""

    name: str
    title: str
    about: str
    part: int
    whole: int
    part_path: str
    whole_path: str

    @property
    def percent(self) -> float | None:
        """The share in per cent, with one decimal; None of no records."""
        return round(100 * self.part / self.whole, 1) if self.whole else None


@dataclass(frozen=True, slots=True)
class OriginView:
    """One of the three kinds of records that are counted apart: real, invented for demonstration, issued abroad."""

    origin: str
    words: Words
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class StatisticsView:
    """The statistics of one register, or of all (`register` None), of the records of one origin as of one day.

    `is_past`: the day lies before today; its numbers lead to no list. `entry`: the number of the last entry of the log,
    None where none is sealed; `recorded_at`: when it was made.
    """

    register: RegisterView | None
    registers: tuple[RegisterView, ...]
    origin: str
    origins: tuple[OriginView, ...]
    day: dt.date
    is_past: bool
    entry: int | None
    recorded_at: dt.datetime | None
    total: int
    standings: tuple[CountView, ...]
    charts: tuple[ChartView, ...]
    shares: tuple[ShareView, ...]
    note: str = ""

    def chart(self, name: str) -> ChartView | None:
        """Return the chart of a name, None if there is none."""
        return next((each for each in self.charts if each.name == name), None)
