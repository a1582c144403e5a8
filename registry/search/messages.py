"""The words of the codes about the search index."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "index_unavailable": _("The search index is away or being replaced."),
    "index_missing": _("The search index has not been built yet."),
    "index_locked": _("The search index is being written by another process."),
}

declare(__name__, MESSAGES)
