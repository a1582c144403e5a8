"""Publishing: validation, numbers, links and cascades; the one place that writes records.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.publication.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.publication.batch_writer import Authority
from registry.services.publication.publishing import PreparedDocument, publish
from registry.services.publication.validation import RefusedRow, rule_context, validate_row

__all__ = ["Authority", "PreparedDocument", "RefusedRow", "publish", "rule_context", "validate_row"]
