"""Data classes without a compiler: the functions that `dataclasses` writes for them are kept compiled for the next start.

It writes some for each class, as a text, and compiles each by itself. For the five hundred of the program that was a sixth of
the time from start to ready.
"""

from __future__ import annotations

import contextlib
import dataclasses
import marshal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from registry.prepared_files import digest_of, keep_whole, prepared_folder, read_whole

FOLDER, FILE = "classes", "functions"


@contextlib.contextmanager
def kept_class_functions() -> Iterator[None]:
    """Within the block data classes take what an earlier start has compiled; what is new is kept at its end.

    Found by its text, so that nothing old is ever taken. As compiled templates, it lies in the data directory, where
    only the account of the server may write.
    """
    folder = prepared_folder(FOLDER, digest_of((sys.version.encode(),)))
    path = folder / FILE if folder else None
    known = _read(path) if path else {}
    used: dict[str, CodeType] = {}

    def execute(text: str, names: dict[str, Any] | None = None, made: dict[str, Any] | None = None) -> None:
        code = used[text] = used.get(text) or known.get(text) or compile(text, "<string>", "exec")
        exec(code, names, made)  # noqa: S102 - as the function in whose place this one stands

    dataclasses.exec = execute  # type: ignore[attr-defined]  # looked up there before the built-in one
    try:
        yield
    finally:
        del dataclasses.exec  # type: ignore[attr-defined]
    if path and used.keys() != known.keys():
        keep_whole(path, marshal.dumps(used))


def _read(path: Path) -> dict[str, CodeType]:
    kept = read_whole(path)
    known: dict[str, CodeType] = marshal.loads(kept) if kept else {}  # noqa: S302 - written by this account
    return known
