"""How much a request may bring. Names of this page are all that the web server and the application have in common."""

from __future__ import annotations

MAX_BODY = 1_000_000  # bytes: a thousand numbers to check need a tenth of this
# Of a form with a file, whose own limit is lower (`registry.attachments.kinds`, `registry.services.sheets`): so far the form comes back with what was
# typed, and word of the file.
MAX_BUFFERED_BODY = 73_000_000
