"""Has a PDF examined in a process of its own, with little time and memory: a file made to stop us stops only that."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from registry.attachments.rejection import RejectedFile

CHECKER_MODULE = (
    "registry.attachments.pdf_active_content"  # not imported: only the other process loads the library
)
TIMEOUT_SECONDS = 40


def check_pdf(path: Path) -> None:
    """Raises `Refused` as `active.examine` does; pdf_too_complex too when the process fails or takes too long."""
    command = [sys.executable, "-m", CHECKER_MODULE, str(path)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the path is one that we made
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS, check=True
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as problem:
        raise RejectedFile("pdf_too_complex") from problem
    if answer["code"]:
        raise RejectedFile(answer["code"], **answer["params"])
