"""The words of the codes about statistics."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Messages, declare

MESSAGES: Messages = {
    "days_being_counted": _("Past days are being prepared for counting. Please try again in a minute."),
}

declare(__name__, MESSAGES)
