"""Examines one file: what it is, and whether it is safe. Run in a process of its own by `sandbox.examine`.

`python -m registry.attachments.examination PATH` limits itself and answers with one line of JSON: `kind`, or `code` and
`params` of a rejection.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from registry.attachments import pdf_active_content
from registry.attachments.kinds import recognise
from registry.attachments.rejection import RejectedFile


def verdict(path: Path) -> dict[str, object]:
    """Return `kind`, `code` and `params`; `code` is "" if the file is accepted."""
    data = path.read_bytes()
    try:
        kind = recognise(data)
        if kind == "pdf":
            pdf_active_content.check_pdf(data)
    except RejectedFile as rejection:
        return {"kind": "", "code": rejection.code, "params": rejection.params}
    return {"kind": kind, "code": "", "params": {}}


def _main() -> None:
    seconds, memory = pdf_active_content.CPU_SECONDS, pdf_active_content.MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    sys.stdout.write(json.dumps(verdict(Path(sys.argv[1]))))


if __name__ == "__main__":
    _main()
