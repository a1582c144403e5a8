"""Typeset a document as PDF or SVG in a process of its own, with little time and memory, and few at the same time.

The typesetter is Typst: it brings no system libraries, embeds the fonts of this folder and never reads what a record says as
markup (docs/decisions/0048-record-as-pdf.md).
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any, Literal

from registry.errors import Unavailable

CHILD_MODULE = "registry.printing.typeset"  # not imported: only the child process loads the typesetter
TIMEOUT_SECONDS = 20
MAX_AT_ONCE = 2  # in one process of the portal
MAX_WAIT_SECONDS = 5.0  # for one of them to end
MAX_INPUT_BYTES = 4_000_000
DocumentKind = Literal["pdf", "svg"]
MAX_LOGGED = 500  # bytes of what the process says before it fails
log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(MAX_AT_ONCE)


def typeset(template: str, content: Mapping[str, Any], kind: DocumentKind = "pdf") -> bytes:
    """Return the file of a template of this folder, such as `record`, over texts that are put into words already.

    In an SVG the letters are drawn: it needs no font. Raises `Unavailable` where it takes too long or others wait already.
    """
    data = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    if len(data) > MAX_INPUT_BYTES:
        raise Unavailable("document_too_long")
    if not _places.acquire(timeout=MAX_WAIT_SECONDS):
        raise Unavailable("typesetting_busy")
    try:
        completed = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", CHILD_MODULE, template, kind],
            input=data,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
    except subprocess.SubprocessError as problem:
        detail = (getattr(problem, "stderr", None) or b"")[-MAX_LOGGED:].decode(errors="replace")
        log.warning("a document could not be typeset: %s %s", type(problem).__name__, detail)
        raise Unavailable("typesetting_failed") from problem
    finally:
        _places.release()
    return completed.stdout
