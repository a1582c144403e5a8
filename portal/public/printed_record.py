"""A record's page in words for paper: the same facts in the same order, as plain texts."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import segno

from portal.web.template_filters import SOURCE_MESSAGES, hash_groups
from registry import clock, i18n
from registry.i18n import Lang, _
from registry.services.records import CautionView, FieldView, Piece, RecordView, TableView

FOOTER = _(
    "A copy of a public record, as of the day above; it is no certificate and carries no seal. Whether it still holds is said at %(address)s"
)
PUBLISHER_LINE = _("Pinzheng, the public register of quality")
AS_OF_NOW = _("As of %(day)s, %(time)s (UTC+8)")
AS_OF_DAY = _("As it stood at the end of %(day)s")
THEN = _("On %(day)s: %(status)s")
NOT_TODAY = _("This page shows the record as it stood on %(day)s. Its status today: %(status)s")
PICTURE_NOTE = _("Picture supplied by the holder; what it shows is not checked by the register")
DEMO = _("Demonstration data: this record is invented; do not rely on it.")


class PaperWords:
    """Puts a record into words of one language."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang

    def say(self, message: str, **params: object) -> str:
        """Return a message in the language."""
        return i18n.gettext(message, self._lang, **params)

    def pieces(self, pieces: Iterable[Piece]) -> str:
        """Return pieces as one text, each with where its English comes from."""
        return " ".join(
            f"{piece.text} [{self.say(SOURCE_MESSAGES[piece.source])}]" if piece.source else piece.text
            for piece in pieces
        )

    def field(self, field: FieldView) -> tuple[str, str]:
        """Return a field as label and text; the items of a list stand on lines of their own."""
        if field.separate:
            return self.say(field.label), "\n".join(self.pieces((piece,)) for piece in field.pieces)
        return self.say(field.label), self.pieces(field.pieces)

    def table(self, table: TableView) -> dict[str, Any]:
        """Return a table with its heads; columns of bars, which only draw what the figures say, are left out."""
        drawn = {
            index
            for row in table.rows
            for index, cell in enumerate(row)
            if cell.bar is not None and not cell.pieces
        }
        kept = [index for index in range(len(table.columns)) if index not in drawn]
        return {
            "label": self.say(table.label),
            "columns": [self.say(table.columns[index]) for index in kept],
            "rows": [[self.pieces(row[index].pieces) for index in kept] for row in table.rows],
        }

    def caution(self, caution: CautionView) -> tuple[str, str]:
        """Return a caution as its mark and what it says."""
        mark = caution.mark
        return (mark.zh if self._lang == "zh" else mark.en), caution.message(self._lang)


def printed_record(record: RecordView, lang: Lang, picture: bytes = b"") -> dict[str, Any]:
    """Return what the template of a record on paper reads: texts, lists of pairs, and the QR code as SVG.

    `picture`: the bytes of the picture that its holder has supplied.
    """
    words = PaperWords(lang)
    say = words.say
    plate, entry = record.plate, record.entry
    here, other = (plate.status.zh, plate.status.en) if lang == "zh" else (plate.status.en, plate.status.zh)
    now = clock.now().astimezone(clock.SHANGHAI)
    day = i18n.format_day(record.at or now.date().isoformat(), lang)
    alternative = record.title.en if lang == "zh" else record.title.zh
    source_note = f" [{say(SOURCE_MESSAGES[record.title.en_source])}]" if record.title.en else ""
    recorded = f"{entry.day} {entry.time} (UTC+8)"
    return {
        "lang": lang,
        "title": record.title.in_language(lang),
        "alt": f"{alternative}{source_note}"
        if alternative and alternative != record.title.in_language(lang)
        else "",
        "publisher": say(_("Pinzheng")),
        "publisher_line": say(PUBLISHER_LINE),
        "as_of": say(AS_OF_DAY, day=day)
        if record.at
        else say(AS_OF_NOW, day=day, time=now.strftime("%H:%M")),
        "footer": say(FOOTER, address=record.permalink.partition("?")[0]),
        "demo": say(DEMO) if record.demo else "",
        "picture": list(picture),
        "picture_is_wide": bool(record.picture and record.picture.width > 2 * record.picture.height),
        "picture_alt": record.picture.alt.in_language(lang) if record.picture else "",
        "picture_note": say(PICTURE_NOTE),
        "kicker": " · ".join(
            [
                say(record.register.label_one),
                *([record.kicker.in_language(lang)] if record.kicker else []),
                record.number,
            ]
        ),
        "past": record.at is not None,
        "past_line": (
            say(NOT_TODAY, day=day, status=_status(plate.today_status, lang)) if plate.today_status else ""
        ),
        "status": say(THEN, day=day, status=here) if record.at else f"{here}  {other}",
        "sentence": say(plate.sentence, **plate.params),
        "cautions": [words.caution(each) for each in record.cautions],
        "colon": say(_(": ")),
        "facts": [(say(fact.label), words.pieces(fact.pieces)) for fact in plate.facts],
        "meaning": say(plate.meaning) if plate.meaning and not record.at else "",
        "meaning_label": say(_("What this status means")),
        "parties": [
            *(
                (say(party.label), party.name.in_language(lang))
                for party in (record.holder, record.issuer)
                if party is not None
            ),
            *([("", record.region.zh if lang == "zh" else record.region.en)] if record.region else []),
        ],
        "proof": [
            (say(_("Log entry")), say(_("Not yet sealed")) if entry.index is None else str(entry.index)),
            (say(_("Recorded")), recorded),
            (say(_("Version")), str(entry.version)),
            (say(_("Hash of the document (SHA-256)")), hash_groups(entry.hash)),
            (say(_("Permalink")), record.permalink),
        ],
        "qr": _qr_svg(record.permalink),
        "qr_label": say(_("QR code of the permalink")),
        "sections": [
            {
                "title": say(section.title),
                "fields": [words.field(each) for each in section.fields],
                "tables": [words.table(each) for each in section.tables],
            }
            for section in record.sections
        ],
        "warnings_title": say(_("Gaps and doubts")),
        "warnings": [
            _warning(words, issue.field_label, issue.message, issue.params) for issue in record.warnings
        ],
        "history_title": say(_("History")),
        "history": [_history_line(words, step) for step in record.history],
    }


def _status(status: Any, lang: Lang) -> str:
    return str(status.zh if lang == "zh" else status.en)


def _warning(words: PaperWords, label: str, message: str, params: Any) -> str:
    text = words.say(message, **params) if message else ""
    head = words.say(label) if label else ""
    return f"{head}{words.say(_(': '))}{text}" if head and text else head or text


def _history_line(words: PaperWords, step: Any) -> tuple[str, str]:
    colon = words.say(_(": "))
    head = words.say(step.reason)
    details = [
        *([f"{words.say(step.effective.label)}{colon}{step.effective.text}"] if step.effective else []),
        f"{words.say(_('Entered here'))}{colon}{step.day} {step.time}",
        *([words.say(step.actor_role)] if step.actor_role else []),
    ]
    if step.index is not None:
        details.append(words.say(_("Entry %(index)s"), index=step.index))
    return head, " · ".join(details)


def _qr_svg(text: str) -> str:
    svg = io.BytesIO()
    segno.make(text, micro=False, error="m").save(svg, kind="svg", border=2)
    return svg.getvalue().decode()
