"""How a record is cited: as text, for reference managers (BibTeX, RIS), and after GB/T 7714-2015."""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import NamedTuple

from registry import clock, i18n
from registry.i18n import Lang, _
from registry.services.records.views import EntryView, RecordView

PUBLISHER = {"zh": "品证", "en": "Pinzheng"}
PLAIN = _(
    "%(title)s (%(number)s). Pinzheng, the public register of quality, version %(version)s of %(day)s. Accessed %(today)s. %(address)s"
)
NOTE = _("Version %(version)s, hash (SHA-256) %(hash)s")
NOTE_WITH_ENTRY = _("Version %(version)s, log entry %(index)s, hash (SHA-256) %(hash)s")
BIBTEX_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
BIBTEX_TABLE = str.maketrans(BIBTEX_SIGNS)
REFERENCES_KEPT = 512  # of some 2,000 characters each
NOT_IN_KEYS = re.compile("[^A-Za-z0-9.-]")


class Citations(NamedTuple):
    """A record as a reference in each form. `plain`: a sentence in the reader's language; `note`: what proves the version."""

    plain: str
    gb_t_7714: str
    bibtex: str
    ris: str
    note: str


class _Cited(NamedTuple):
    """What of a record a reference depends on."""

    title: str
    number: str
    slug: str
    address: str
    entry: EntryView


def cite_record(record: RecordView, lang: Lang, today: dt.date) -> Citations:
    """Return the references to a record as it is shown, looked at on `today`; every one of them on lines of its own."""
    title = _one_line(record.title.in_language(lang))
    return _cite(_Cited(title, record.number, record.slug, record.permalink, record.entry), lang, today)


@functools.lru_cache(REFERENCES_KEPT)
def _cite(cited: _Cited, lang: Lang, today: dt.date) -> Citations:
    entry = cited.entry
    day = entry.recorded_at.astimezone(clock.SHANGHAI).date()
    known = {"version": entry.version, "hash": entry.hash}
    note = (
        i18n.gettext(NOTE, lang, **known)
        if entry.index is None
        else i18n.gettext(NOTE_WITH_ENTRY, lang, index=entry.index, **known)
    )
    publisher = PUBLISHER[lang]
    return Citations(
        plain=i18n.gettext(
            PLAIN,
            lang,
            title=cited.title,
            number=cited.number,
            version=entry.version,
            day=entry.day,
            today=i18n.format_day(today.isoformat(), lang),
            address=cited.address,
        ),
        gb_t_7714=f"{publisher}. {cited.title}: {cited.number}[DB/OL]. ({day})[{today}]. {cited.address}.",
        bibtex=_bibtex(cited, note, day=day, today=today, publisher=publisher),
        ris=_ris(cited, note, day=day, today=today, publisher=publisher),
        note=note,
    )


def _one_line(text: str) -> str:
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _bibtex(cited: _Cited, note: str, *, day: dt.date, today: dt.date, publisher: str) -> str:
    """An entry of the kind `misc`, which both BibTeX and biblatex know; double braces keep capitals as they are."""
    fields = {
        "author": f"{{{_for_bibtex(publisher)}}}",
        "title": f"{{{_for_bibtex(f'{cited.title}, {cited.number}')}}}",
        "year": str(day.year),
        "month": str(day.month),
        "url": cited.address,
        "urldate": today.isoformat(),
        "note": _for_bibtex(note),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{NOT_IN_KEYS.sub('-', cited.slug)},\n{lines}\n}}\n"


def _for_bibtex(text: str) -> str:
    return text.translate(BIBTEX_TABLE)


def _ris(cited: _Cited, note: str, *, day: dt.date, today: dt.date, publisher: str) -> str:
    """A reference of the type DATA; a tag, two blanks, a hyphen and a blank begin each line."""
    tags = (
        ("TY", "DATA"),
        ("AU", publisher),
        ("TI", cited.title),
        ("AN", cited.number),
        ("PY", str(day.year)),
        ("DA", day.strftime("%Y/%m/%d")),
        ("PB", publisher),
        ("UR", cited.address),
        ("Y2", today.strftime("%Y/%m/%d")),
        ("N1", note),
        ("ER", ""),
    )
    return "".join(f"{tag}  - {value}\r\n" for tag, value in tags)
