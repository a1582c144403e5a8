"""What is made of files that come with the program and takes long to make: kept in the data directory for the next start.

It lies under a digest of all that it was made from, so that no version of the program finds what another one has made.
A process without a data directory, or one that cannot write there, makes it each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

FOLDER = "prepared"  # in the data directory
MAX_VERSIONS = 3  # of the program that share a data directory, in a rolling upgrade for instance
DIGEST_SIZE = 12
_folders: list[Path] = []  # the one of this process


def digest_of(parts: Iterable[bytes]) -> str:
    """Return a digest of all parts in their order."""
    whole = hashlib.blake2b(digest_size=DIGEST_SIZE)
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def keep_prepared_files(data_dir: Path) -> None:
    """Keep what this process prepares from now on in a data directory."""
    _folders[:] = [data_dir / FOLDER]


def prepared_folder(name: str, digest: str) -> Path | None:
    """Return the folder for what is made from sources of this digest, None where nothing is kept. Those of old versions are deleted."""
    if not _folders:
        return None
    folder = _folders[0] / name / digest
    with contextlib.suppress(OSError):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
            versions = sorted(folder.parent.iterdir(), key=lambda each: each.stat().st_mtime)
            for old in versions[:-MAX_VERSIONS]:
                shutil.rmtree(old, ignore_errors=True)
    return folder


def read_or_make(path: Path | None, make: Callable[[], bytes]) -> bytes:
    """Return what `make` makes, from the file where it is kept whole, else made and kept there."""
    if path is None:
        return make()
    kept = read_whole(path)
    if kept is not None:
        return kept
    made = make()
    keep_whole(path, made)
    return made


def read_whole(path: Path) -> bytes | None:
    """Return what `keep_whole` has written, None where it is not there, or damaged."""
    with contextlib.suppress(OSError):
        digest, kept = _divide(path.read_bytes())
        if digest_of((kept,)).encode() == digest:
            return kept
    return None


def keep_whole(path: Path, data: bytes) -> None:
    """Keep data with its digest, so that `read_whole` tells whether all of it is there."""
    keep_file(path, digest_of((data,)).encode() + data)


def _divide(data: bytes) -> tuple[bytes, bytes]:
    return data[: 2 * DIGEST_SIZE], data[2 * DIGEST_SIZE :]


def keep_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. A disk that is full, or a folder that is gone, is no reason to stop."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    with contextlib.suppress(OSError):
        unfinished.write_bytes(data)
        unfinished.replace(path)
