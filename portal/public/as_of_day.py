"""The day of a record page as of a past day: read from the address or from the three inputs of the form."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from registry import clock
from registry.i18n import _

ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_DAY_LENGTH = 20  # of a day in an address, right or wrong
DATE_PARTS = ("y", "m", "d")
PROBLEM_MESSAGES = {
    "shape": _("Give the day as year, month and day, in figures."),
    "none": _("This day does not exist."),
    "future": _("This day has not come yet. Below is the record as it stands today."),
}


@dataclass(frozen=True, slots=True)
class DayRequest:
    """`day`: one that can be shown, else None; `problem`: message id of what is wrong with it; `typed`: fills the form."""

    day: dt.date | None
    problem: str
    typed: Mapping[str, str]


def from_inputs(values: Mapping[str, str]) -> DayRequest:
    """Return the day typed into the form as year, month and day; no day and no problem if all three are empty."""
    typed = {
        part: unicodedata.normalize("NFKC", values.get(f"at-{part}", "")).strip()[:4] for part in DATE_PARTS
    }
    if not any(typed.values()):
        return DayRequest(None, "", day_parts(clock.today()))
    if not all(part.isascii() and part.isdigit() for part in typed.values()) or len(typed["y"]) != 4:
        return DayRequest(None, PROBLEM_MESSAGES["shape"], typed)
    return _check_day(f"{typed['y']}-{typed['m']:0>2}-{typed['d']:0>2}", typed)


def from_address(at: str) -> DayRequest:
    """Return the day of `?at=YYYY-MM-DD`."""
    if not ISO_DAY.fullmatch(at) or not at.isascii():
        return DayRequest(None, PROBLEM_MESSAGES["shape"], day_parts(clock.today()))
    return _check_day(at, dict(zip(DATE_PARTS, at.split("-"), strict=True)))


def _check_day(iso: str, typed: Mapping[str, str]) -> DayRequest:
    try:
        day = dt.date.fromisoformat(iso)
    except ValueError:
        return DayRequest(None, PROBLEM_MESSAGES["none"], typed)
    if day > clock.today():
        return DayRequest(None, PROBLEM_MESSAGES["future"], typed)
    return DayRequest(day, "", day_parts(day))


def day_parts(day: dt.date) -> dict[str, str]:
    """Return a day as the three inputs of the form have it."""
    return {"y": str(day.year), "m": str(day.month), "d": str(day.day)}
