"""The words of the codes about links in letters."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "link_void": _("This link was used, or its time has run out."),
}

declare(__name__, MESSAGES)
