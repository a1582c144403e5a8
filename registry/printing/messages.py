"""The words of the codes about documents for paper."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "typesetting_busy": _("Other documents are being made. Try again in a moment."),
    "document_too_long": _("The document is too long to be made as PDF."),
    "typesetting_failed": _("The document could not be made as PDF."),
}

declare(__name__, MESSAGES)
