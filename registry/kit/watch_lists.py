"""Watch lists: what is due on records, or does not fit, told before it is too late.

Which lists there are is said here; what stands on them follows from data of the registers: dates that end a record
(`DateChange`), deadlines of the life cycle (`Deadline`), further days (`DueDate`, `LinkedDueDate`), cautions that name a
list, contradictions and near doubles.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from registry.i18n import _
from registry.kit.life_cycle import DueDate, LifeCycle
from registry.reference.text import sparse_dates

HOLDER, ISSUER, STAFF = "holder", "issuer", "staff"  # whom a list concerns besides the desk that shows it
AHEAD = dt.timedelta(days=90)  # how long before its day a thing is listed
THRESHOLDS = (90, 30, 7)  # days left at which those whom it concerns get a letter
OVERDUE_THRESHOLD = 0  # from the day after its day, and for what has no day


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchList:
    """One list. `label`: message id of what is due; `concerns`: who sees it in the workspace and gets letters."""

    label: str
    concerns: tuple[str, ...]


ENDS, SURVEILLANCE, REVIEW, CORRECTION = "ends", "surveillance", "review", "correction"
SUSPENSION, PUBLICITY, TRADEMARK, STANDARD = "suspension", "publicity", "trademark", "standard"
PARTY, CONTRADICTION, DOUBLE, COPIED, OTHER = "party", "contradiction", "double", "copied", "other"
WATCH_LISTS: Mapping[str, WatchList] = {
    ENDS: WatchList(label=_("End of validity"), concerns=(HOLDER, ISSUER)),
    SURVEILLANCE: WatchList(label=_("Surveillance"), concerns=(HOLDER, ISSUER, STAFF)),
    REVIEW: WatchList(label=_("Periodic review"), concerns=(HOLDER, STAFF)),
    CORRECTION: WatchList(label=_("Rectification or correction"), concerns=(HOLDER, STAFF)),
    SUSPENSION: WatchList(label=_("End of a suspension"), concerns=(HOLDER, ISSUER, STAFF)),
    PUBLICITY: WatchList(label=_("Decision after a public notice"), concerns=(STAFF,)),
    TRADEMARK: WatchList(label=_("Trademark"), concerns=(HOLDER, STAFF)),
    STANDARD: WatchList(label=_("Change to the new edition of a standard"), concerns=(HOLDER, ISSUER, STAFF)),
    PARTY: WatchList(label=_("Holder or body no longer there"), concerns=(HOLDER, ISSUER, STAFF)),
    CONTRADICTION: WatchList(label=_("Contradictory records"), concerns=(HOLDER, ISSUER, STAFF)),
    DOUBLE: WatchList(label=_("Possible doubles"), concerns=(STAFF,)),
    COPIED: WatchList(label=_("Copied text"), concerns=(STAFF,)),
    OTHER: WatchList(label=_("Other deadlines"), concerns=(HOLDER, ISSUER, STAFF)),
}


@dataclass(frozen=True, slots=True)
class CopiedText:
    """Which texts of a register's records are compared with those of other holders. For staff only.

    `code`: of what stands on the watch list; `zh`, `en`: its words. `facts(values)`: the facts of a record as one text, "" where
    it has none of its own, such as a declaration to a standard of somebody else. The full text of its filing is compared too.
    """

    code: str
    zh: str
    en: str
    facts: Callable[[Mapping[str, Any]], str]


class Due(NamedTuple):
    """A thing on a list: its code, by which its words are found, and its last day, None where it has none."""

    watch: str
    code: str
    day: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedDueDate:
    """What is due on a record in `states` because of one that it links to, such as the standard that it names.

    It is due where the linked record is in one of the states `when`, or states one of the fields `or_given`. The last
    day is what `field` of the linked record says, `days` later; where that is not stated it is due without a day.
    """

    code: str
    watch: str
    states: tuple[str, ...]
    zh: str
    en: str
    relation: str
    when: tuple[str, ...]
    field: str
    or_given: tuple[str, ...] = ()
    days: int = 0
    resolved_by: tuple[str, ...] = ()

    def concerns(self, status: str, values: Mapping[str, Any]) -> bool:
        """True if a linked record in this status, with these values, makes something due."""
        return status in self.when or any(values.get(name) for name in self.or_given)

    def due(self, values: Mapping[str, Any]) -> dt.date | None:
        """The last day, by the values of the linked record; None where they state none or it lies beyond the calendar."""
        written = values.get(self.field)
        if not written:
            return None
        last = sparse_dates.last_day(str(written))
        return (
            last + dt.timedelta(days=self.days) if last < dt.date.max - dt.timedelta(days=self.days) else None
        )


def own_dues(
    life_cycle: LifeCycle, due_dates: tuple[DueDate, ...], status: str, values: Mapping[str, Any]
) -> Iterator[Due]:
    """What the dates of a record in `status` make due: its end, deadlines of its state, further days."""
    change = life_cycle.next_date_change(status, values)
    if change is not None and life_cycle.state(change[1].after).standing == "ended":
        yield Due(ENDS, change[1].transition, change[0] - dt.timedelta(days=1))
    for each in (*life_cycle.deadlines, *due_dates):
        if status in each.states and (day := each.due(values)) is not None:
            yield Due(each.watch, each.code, day)


def earliest(dues: Iterator[Due]) -> dict[str, Due]:
    """Of each list the thing that is due first; what has no day counts as due already."""
    found: dict[str, Due] = {}
    for each in dues:
        other = found.get(each.watch)
        if other is None or (each.day or dt.date.min) < (other.day or dt.date.min):
            found[each.watch] = each
    return found


def threshold_of(day: dt.date | None, today: dt.date) -> int | None:
    """The smallest threshold of `THRESHOLDS` that a day has reached, `OVERDUE_THRESHOLD` once it has passed; None before all of them."""
    if day is None or day < today:
        return OVERDUE_THRESHOLD
    return min((threshold for threshold in THRESHOLDS if (day - today).days <= threshold), default=None)
