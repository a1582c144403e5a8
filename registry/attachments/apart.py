"""Examines a PDF in a process of its own, with little time and memory: a file made to stop us stops only that.

Run as `python -m registry.attachments.apart PATH`; the answer is one line of JSON: {"code": …, "params": {…}}.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

from registry.attachments import active
from registry.attachments.refusal import Refused

CPU_SECONDS = 20
WALL_SECONDS = 40
MEMORY = 1024 * 1024 * 1024  # bytes of address space


def examine(path: Path) -> None:
    """Raises `Refused` as `active.examine` does; pdf_too_complex too when the process fails or takes too long."""
    command = [sys.executable, "-m", __name__, str(path)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the path is one that we made
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=WALL_SECONDS, check=True
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as problem:
        raise Refused("pdf_too_complex") from problem
    if answer["code"]:
        raise Refused(answer["code"], **answer["params"])


def answer_for(path: Path) -> dict[str, object]:
    """What the process says of a file; `code` is "" when nothing stands against it."""
    try:
        active.examine(path.read_bytes())
    except Refused as refused:
        return {"code": refused.code, "params": refused.params}
    return {"code": "", "params": {}}


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(answer_for(Path(sys.argv[1]))))


if __name__ == "__main__":
    _main()
