"""Checks of many numbers as a page and a sheet show them: the answers of `POST /check`, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from registry import i18n
from registry.accounts.policy import Action, Actor, require
from registry.attachments import sandbox
from registry.attachments.rejection import RejectedFile
from registry.errors import Invalid
from registry.i18n import _, in_context
from registry.kit.issues import Issue
from registry.kit.life_cycle import STANDINGS
from registry.services.bootstrap import Registry
from registry.services.records.numbers import lookup
from registry.services.records.numbers.lookup import NOT_FOUND_ANSWERS
from registry.services.records.views import CheckedNumberView, LinkedRecordView
from registry.tabular.writing import csv_chunks

PICTURE_FIELD = "picture"
MAX_PICTURE_MEGABYTES = 12  # of a photograph as phones take it
# One number stands on a line, in a cell of a row, or between marks that are in no number.
BETWEEN_NUMBERS = re.compile(r"[\r\n\t;；，、]+|, ")
ANSWER_WORDS = {
    "in_force": _("In force"),
    "restricted": _("Restricted"),
    "pending": _("Not yet in force"),
    "ended": _("Ended"),
    "near": _("Similar number on record"),
    "check_digit": _("One character is wrong"),
    "never_registered": _("Never registered"),
    "not_covered": _("Not kept here"),
    "number_shape": _("Not a number we recognise"),
}
CSV_COLUMNS = (
    _("Number as typed"),
    _("Answer"),
    in_context("column", "Code of the answer"),
    _("Register"),
    _("Number"),
    in_context("column", "Title"),
    _("Holder"),
    _("Status"),
    _("Address"),
    _("Demonstration data"),
)


def split_numbers(text: str) -> list[str]:
    """Return the numbers in a pasted text, in its order: those of lines, of cells of a row, and between commas."""
    return [number for part in BETWEEN_NUMBERS.split(text) if (number := part.strip(" ,\u3000\ufeff"))]


def read_picture(registry: Registry, actor: Actor, picture: bytes) -> list[str]:
    """Return what the QR codes and barcodes in a picture say; none if no code is found. Nothing of it is kept.

    Raises `Invalid` for what is no picture, too large or too hard to read, `Unavailable` if too many are read already.
    """
    require(actor, Action.READ)
    if len(picture) > MAX_PICTURE_MEGABYTES * 1_000_000:
        raise picture_too_large()
    try:
        return list(sandbox.read_codes(picture, registry.settings.slots_dir))
    except RejectedFile as rejected:
        raise Invalid((Issue(rejected.code, PICTURE_FIELD, rejected.params),)) from rejected


def picture_too_large() -> Invalid:
    """Return the error for a picture of more than `MAX_PICTURE_MEGABYTES`."""
    return Invalid((Issue("file_too_large", PICTURE_FIELD, {"at_most": MAX_PICTURE_MEGABYTES}),))


def list_checked_numbers(
    registry: Registry, actor: Actor, numbers: Sequence[str]
) -> tuple[CheckedNumberView, ...]:
    """Check numbers: one answer for each, in their order, as `lookup.check_numbers` gives them to programs.

    At most `lookup.MAX_CHECKED_NUMBERS`: the door has counted them.
    """
    return tuple(
        CheckedNumberView(
            typed=lookup.shown_number(found),
            answer=found.answer,
            words=ANSWER_WORDS[missing.answer if missing else found.answer],
            records=lookup.linked_views(found.records),
            missing=missing,
        )
        for found in lookup.check_numbers(registry, actor, numbers)
        for missing in (lookup.not_found_view(found, None) if found.answer in NOT_FOUND_ANSWERS else None,)
    )


def count_answers(checked: Sequence[CheckedNumberView]) -> list[tuple[str, str, int]]:
    """Count the answers: each as code, message id and number of times, best first; those that were given.

    A text that has the form of no number is counted apart, as `number_shape`.
    """
    counts = Counter(each.missing.answer if each.missing else each.answer for each in checked)
    return [
        (answer, ANSWER_WORDS[answer], counts[answer])
        for answer in (*STANDINGS, *NOT_FOUND_ANSWERS, "number_shape")
        if counts[answer]
    ]


def checked_numbers_csv(
    registry: Registry, actor: Actor, numbers: Sequence[str], lang: str
) -> Iterator[bytes]:
    """Check numbers and yield the answers as CSV in the reader's language: a line for each record that a number names.

    A number that names none has one line. At most as many as `list_checked_numbers` takes.
    """
    checked = list_checked_numbers(registry, actor, numbers)

    def words(message: str) -> str:
        return i18n.gettext(message, lang)

    def line(each: CheckedNumberView, record: LinkedRecordView | None) -> list[str]:
        if record is None:
            return [each.typed, words(each.words), each.answer, *[""] * 7]
        status, holder = record.status, record.holder
        return [
            each.typed,
            words(each.words),
            each.answer,
            words(record.register.label_one),
            record.number,
            record.title.in_language(lang),
            holder.in_language(lang) if holder else "",
            (status.zh if lang == "zh" else status.en) if status else "",
            f"{registry.settings.base_url}/{lang}{record.path}",
            words(_("Yes")) if record.demo else "",
        ]

    header = [words(column) for column in CSV_COLUMNS]
    return csv_chunks(header, (line(each, record) for each in checked for record in each.records or (None,)))
