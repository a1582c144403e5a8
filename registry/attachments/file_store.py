"""Bytes on disk under their SHA-256, outside anything the web server serves, readable by this account alone.

`attachments/ab/abcdef…` (0600, folders 0700). What arrives lies in `attachments/incoming` until it is whole and good;
then it is renamed, which a crash cannot do by half. One content is one file, however often it is handed in.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from registry.errors import NotFound

INCOMING, LOCK = "incoming", "lock"
HASH = re.compile(r"[0-9a-f]{64}")
PREFIX_FOLDER = re.compile(r"[0-9a-f]{2}")


class IncomingFile:
    """A file that arrives: written piece by piece, hashed on the way. Made by `receiving`."""

    def __init__(self, root: Path, handle: int, path: Path) -> None:
        self._root = root
        self._file = os.fdopen(handle, "wb")
        self._hash = hashlib.sha256()
        self.path = path
        self.size = 0

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def finish(self) -> str:
        """All is written and on the disk; returns the SHA-256 in hexadecimal."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._hash.hexdigest()

    def move_into_store(self) -> Path:
        """Put it in its place. Call within `holding`, with `finish` before."""
        target = _path(self._root, self._hash.hexdigest())
        _create_folder(target.parent)
        self.path.replace(target)  # the same bytes may lie there already
        _sync_folder(target.parent)
        return target

    def close(self) -> None:
        """Nothing stays behind unless it was kept."""
        self._file.close()
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def receive_file(root: Path) -> Iterator[IncomingFile]:
    """A file to write to, gone at the end of the block unless `keep` was called. `root`: the attachments' folder."""
    folder = root / INCOMING
    _create_folder(folder)
    handle, name = tempfile.mkstemp(dir=folder)  # mode 0600
    incoming = IncomingFile(root, handle, Path(name))
    try:
        yield incoming
    finally:
        incoming.close()


@contextlib.contextmanager
def lock_store(root: Path, *, exclusive: bool = False) -> Iterator[None]:
    """Keeps files and rows together: many may put files in place at once, tidying (`alone`) waits for all of them."""
    _create_folder(root)
    handle = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def path_of(root: Path, sha256: str) -> Path:
    """Where the bytes lie. Raises `NotFound` for what is no hash, is not there, or is a link out of the folder."""
    if not HASH.fullmatch(sha256):
        raise NotFound("attachment", sha256)
    place = _path(root, sha256)
    if not place.is_file() or place.resolve() != _path(root.resolve(), sha256):
        raise NotFound("attachment", sha256)
    return place


def exists(root: Path, sha256: str) -> bool:
    """True where the bytes of this hash are kept still."""
    return bool(HASH.fullmatch(sha256)) and _path(root, sha256).is_file()


def list_files(root: Path) -> Iterator[tuple[str, list[Path]]]:
    """(first two digits, files) of each shelf."""
    for shelf in sorted(root.iterdir()) if root.is_dir() else ():
        if PREFIX_FOLDER.fullmatch(shelf.name):
            yield shelf.name, sorted(path for path in shelf.iterdir() if HASH.fullmatch(path.name))


def purge_incoming(root: Path, before: float) -> int:
    """Remove what a crash left half written before this time (seconds since 1970); returns how many."""
    folder = root / INCOMING
    old = [path for path in folder.iterdir() if path.stat().st_mtime < before] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _path(root: Path, sha256: str) -> Path:
    return root / sha256[:2] / sha256


def _create_folder(folder: Path) -> None:
    """The folder and those of ours above it, with no rights for others; a new name is on the disk."""
    if folder.is_dir():
        return
    if not folder.parent.is_dir():
        _create_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
