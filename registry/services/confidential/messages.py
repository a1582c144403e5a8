"""The words of the codes about confidential parts."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "look_reason_wanted": _("Choose why you need to see it. The reason is kept in the audit log."),
    "look_reason_unknown": _("“%(value)s” is none of the reasons for which this may be seen."),
    "look_words_wanted": _("Say in at least %(at_least)s characters what makes it necessary."),
}

declare(__name__, MESSAGES)
