"""Editions of standards: what a record that names an older one says of the current edition and of the transition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.cautions import Day
from registry.reference.text import sparse_dates

NEWER_EDITION = _("The current edition is %(replaced_by)s.")


def edition_params(standard: Mapping[str, Any]) -> dict[str, object]:
    """Return what the notes on a superseded edition name: its successor, and the last day of the transition."""
    until = str(standard.get("transition_until") or "")
    return {
        "replaced_by": ", ".join(map(str, standard.get("replaced_by") or ())),
        **({"until": Day(until)} if until else {}),
    }


def edition_notes(standard: Mapping[str, Any], today: dt.date, *, usable: str, over: str) -> Iterator[str]:
    """Yield what a reader asks next: which edition is the current one, and until when the older one serves or served.

    `usable`, `over`: message ids that take `%(until)s`, up to the last day of the transition and after it.
    """
    if standard.get("replaced_by"):
        yield NEWER_EDITION
    if until := str(standard.get("transition_until") or ""):
        yield over if sparse_dates.last_day(until) < today else usable
