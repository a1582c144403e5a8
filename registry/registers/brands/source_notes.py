"""Notes that were made when notices were gathered into a sheet, in both languages: `brand only; traditional characters`."""

from __future__ import annotations

import re

from registry import i18n
from registry.i18n import _
from registry.kit.display import CHINESE, Words
from registry.kit.kinds import LongText

NOTES = frozenset(
    (
        _("brand only"),
        _("enterprise only"),
        _("earlier batches"),
        _("24 of the 55 removed"),
        _("traditional characters"),
        _("source page in traditional characters"),
        _("founding given as reign era in two rows"),
        _("table cells full of tabs and newlines in source"),
        _("excerpt holds 2 of 43 rows"),
        _("brand column padded with spaces"),
        _("last row cut by excerpt"),
        _("two brands in one cell"),
    )
)
WITH_ADDRESSES = re.compile(r"(?P<notes>.*?)(?P<addresses> \(https?://.*\))?", re.DOTALL)


class SourceNote(LongText):
    """A note of a source. Notes that the register knows are shown in either language, others as they are written."""

    @staticmethod
    def words(value: str) -> Words:
        match = WITH_ADDRESSES.fullmatch(value)
        notes = (match["notes"] if match else value).split("; ")
        if match is None or not all(note in NOTES for note in notes):
            return Words(value, "" if CHINESE.search(value) else value, "missing")
        addresses = match["addresses"] or ""
        return Words("；".join(i18n.gettext(note, "zh") for note in notes) + addresses, value)
