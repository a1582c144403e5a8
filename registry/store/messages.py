"""The words of the codes about the database and its locks."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "written_meanwhile": _(
        "Another request has written the same thing at this moment. Please look, then try again."
    ),
    "database_unavailable": _("The database cannot be used at the moment."),
    "database_busy": _("Much is being written at this moment. Please try again in a few seconds."),
    "text_unusable": _("A text has characters that cannot be seen and cannot be stored. Remove them."),
    "lease_lost": _("Another %(name)s has taken over."),
    "database_program_failed": _("%(program)s ended with an error: %(problem)s"),
    "lock_held": _("Another %(name)s is at work."),
}

declare(__name__, MESSAGES)
