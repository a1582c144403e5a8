"""The words of the codes about a password."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "password_short": _("A password has at least %(at_least)s characters."),
    "password_long": _("A password has at most %(at_most)s characters."),
    "password_guessable": _(
        "This password is known from leaks or easily guessed. A few words that do not belong together are better."
    ),
    "role_may_not": Message(_("The role of this account does not allow this."), unspoken=("role", "action")),
}

declare(__name__, MESSAGES)
