"""The process that typesets: a template and a kind of file by their names, the texts as JSON on standard input, the file on standard output."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import typst

FOLDER = Path(__file__).resolve().parent
MAX_MEMORY = 2_000_000_000  # bytes of address space; a record takes some 60 MB
MAX_CPU_SECONDS = 15


def main() -> None:
    """Limit this process, then typeset."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    template = FOLDER / f"{Path(sys.argv[1]).name}.typ"
    document = typst.compile(
        template,
        root=FOLDER,
        font_paths=[FOLDER / "fonts"],
        ignore_system_fonts=True,
        format="svg" if sys.argv[2] == "svg" else "pdf",
        sys_inputs={"data": sys.stdin.buffer.read().decode()},
    )
    sys.stdout.buffer.write(document)


if __name__ == "__main__":
    main()
