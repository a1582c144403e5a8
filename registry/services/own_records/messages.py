"""The words of the codes about records as their holders and issuers see them."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "record_of_others": _("You act neither for the holder of this record nor for the body that issued it."),
    "request_words_wanted": _("Say what you ask for and why, and from which day."),
    "request_waits": _("This was asked for already and waits for an answer."),
    "artwork_refused": _("Nothing may be printed for this record today."),
}

declare(__name__, MESSAGES)
