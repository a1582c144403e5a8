"""Letters about declarations, by kind."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.letter_text import LetterText

STANDARD_ENDED_LETTER, CONFIRMATION_LETTER = "standard_ended", "still_true_due"  # kinds of letters
LETTERS = {
    STANDARD_ENDED_LETTER: LetterText(
        _("The standard of %(number)s has ended"),
        (
            _(
                "The standard that %(organisation)s declares with %(number)s is not in force any more. The public page says so:"
            ),
            "%(base)s/r/%(number)s",
            _("Amend or withdraw the declaration within 30 days:"),
            "%(workspace)s",
        ),
    ),
    CONFIRMATION_LETTER: LetterText(
        _("Do the declarations of %(organisation)s still hold?"),
        (
            _("%(organisation)s: declarations not confirmed for over a year: %(count)s."),
            _("Confirm everything that still holds in one step, and amend or withdraw the others:"),
            "%(organisations_page)s/%(slug)s/confirm",
        ),
    ),
    "receipt": LetterText(
        _("Receipt for %(number)s"),
        (
            _("%(organisation)s has declared a standard; the declaration is public:"),
            "%(base)s/r/%(number)s",
            _(
                "The receipt with entry, hash and time, to keep; within 24 hours a mistake can be marked there:"
            ),
            "%(door)s/%(path)s",
        ),
    ),
    "receipt_late": LetterText(
        _("Receipt for %(number)s"),
        (
            _("%(organisation)s has declared a standard; the declaration is public:"),
            "%(base)s/r/%(number)s",
            _(
                "It is in use since a day long before the declaration. What is offered is to be declared before; the authority may ask about it. If the day is wrong, mark the declaration as filed by mistake within 24 hours, or amend it."
            ),
            _("The receipt with entry, hash and time, to keep:"),
            "%(door)s/%(path)s",
        ),
    ),
    "receipt_postponed": LetterText(
        _("Receipt for %(number)s"),
        (
            _("%(organisation)s has declared a standard that it will use later; the declaration is public:"),
            "%(base)s/r/%(number)s",
            _(
                "The receipt with entry, hash and time, to keep. If something is wrong, amend or withdraw the declaration before it comes into use:"
            ),
            "%(door)s/%(path)s",
        ),
    ),
    "receipt_amended": LetterText(
        _("Receipt for the amendment of %(number)s"),
        (
            _("%(organisation)s has amended a declaration; the new version is public:"),
            "%(base)s/r/%(number)s",
            _("The receipt with entry, hash and time, to keep:"),
            "%(door)s/%(path)s",
        ),
    ),
    "receipt_corrected": LetterText(
        _("Receipt for the correction of %(number)s"),
        (
            _(
                "%(organisation)s has submitted the correction that the authority ordered; the new version is public:"
            ),
            "%(base)s/r/%(number)s",
            _("The order stands until the authority confirms the correction. The receipt, to keep:"),
            "%(door)s/%(path)s",
        ),
    ),
}
