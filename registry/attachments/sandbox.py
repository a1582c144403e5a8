"""Sandbox: a PDF is checked in a process of its own with little time and memory.

A file that is made to exhaust a reader exhausts that process only.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from registry.attachments.rejection import RejectedFile

CHECKER_MODULE = (
    "registry.attachments.pdf_active_content"  # not imported: only the child process loads the PDF library
)
TIMEOUT_SECONDS = 40


def check_pdf(path: Path) -> None:
    """Raise `RejectedFile` as `pdf_active_content.check_pdf` does, or pdf_too_complex if the process fails or is too slow."""
    command = [sys.executable, "-m", CHECKER_MODULE, str(path)]
    try:
        completed = subprocess.run(  # noqa: S603 - our own interpreter and module; we made the path
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS, check=True
        )
        answer = json.loads(completed.stdout)
    except (subprocess.SubprocessError, ValueError) as problem:
        raise RejectedFile("pdf_too_complex") from problem
    if answer["code"]:
        raise RejectedFile(answer["code"], **answer["params"])
