"""The day of an as-at page, as its address or its three inputs give it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from registry import clock
from registry.i18n import _

ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
PARTS = ("y", "m", "d")
PROBLEMS = {
    "shape": _("Give the day as year, month and day, in figures."),
    "none": _("This day does not exist."),
    "future": _("This day has not come yet."),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """`day` when one was given that can be shown; else `problem` (message id) or neither. `typed` fills the form."""

    day: dt.date | None
    problem: str
    typed: Mapping[str, str]


def from_inputs(values: Mapping[str, str]) -> Asked:
    """Year, month and day as typed into the form. All empty: no day was asked for."""
    typed = {part: unicodedata.normalize("NFKC", values.get(f"at-{part}", "")).strip()[:4] for part in PARTS}
    if not any(typed.values()):
        return Asked(None, "", of_day(clock.today()))
    if not all(each.isascii() and each.isdigit() for each in typed.values()) or len(typed["y"]) != 4:
        return Asked(None, PROBLEMS["shape"], typed)
    return _asked(f"{typed['y']}-{typed['m']:0>2}-{typed['d']:0>2}", typed)


def from_address(at: str) -> Asked:
    """The day of `?at=YYYY-MM-DD`."""
    if not ISO.fullmatch(at) or not at.isascii():
        return Asked(None, PROBLEMS["shape"], of_day(clock.today()))
    return _asked(at, dict(zip(PARTS, at.split("-"), strict=True)))


def _asked(iso: str, typed: Mapping[str, str]) -> Asked:
    try:
        day = dt.date.fromisoformat(iso)
    except ValueError:
        return Asked(None, PROBLEMS["none"], typed)
    if day > clock.today():
        return Asked(None, PROBLEMS["future"], typed)
    return Asked(day, "", of_day(day))


def of_day(day: dt.date) -> dict[str, str]:
    return {"y": str(day.year), "m": str(day.month), "d": str(day.day)}
