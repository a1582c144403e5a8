"""Storage of uploads: files on disk under their SHA-256, never served by the web server, readable by this account only.

`attachments/ab/abcdef…` (0600, folders 0700). An upload is written to `attachments/incoming` and moved by an atomic
rename when it is complete and checked. The same content is stored once, however often it is uploaded.
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
    """A file being received: written in chunks and hashed on the way. Made by `receive_file`."""

    def __init__(self, root: Path, handle: int, path: Path) -> None:
        self._root = root
        self._file = os.fdopen(handle, "wb")
        self._hash = hashlib.sha256()
        self.path = path
        self.size = 0

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def finish(self) -> str:
        """Flush the file to disk and return its SHA-256 in hexadecimal."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._hash.hexdigest()

    def move_into_store(self) -> Path:
        """Move the file into the store and return its path. Call after `finish`, within `lock_store`."""
        return move_into_store(self._root, self.path, self._hash.hexdigest())

    def close(self) -> None:
        """Close the file, and delete it unless it was moved into the store."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def move_into_store(root: Path, path: Path, sha256: str) -> Path:
    """Move a file with this hash into the store and return its path. Call within `lock_store`."""
    target = _path(root, sha256)
    _create_folder(target.parent)
    path.replace(target)  # may replace the same bytes
    sync_folder(target.parent)
    return target


@contextlib.contextmanager
def receive_file(root: Path) -> Iterator[IncomingFile]:
    """Yield a file to write to, deleted after the block unless it was moved into the store. `root`: of the store."""
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
    """Hold a lock on the store so that files and rows stay consistent.

    Many may add files at the same time (shared lock); purging takes the lock `exclusive` and waits for them.
    """
    _create_folder(root)
    handle = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def path_of(root: Path, sha256: str) -> Path:
    """Return the path of the bytes. Raises `NotFound` for what is no hash, is missing, or is a link out of the store."""
    if not HASH.fullmatch(sha256):
        raise NotFound("attachment", sha256)
    path = _path(root, sha256)
    if not path.is_file() or path.resolve() != _path(root.resolve(), sha256):
        raise NotFound("attachment", sha256)
    return path


def exists(root: Path, sha256: str) -> bool:
    """Return True if the bytes of this hash are in the store."""
    return bool(HASH.fullmatch(sha256)) and _path(root, sha256).is_file()


def list_files(root: Path) -> Iterator[tuple[str, list[Path]]]:
    """Yield (first two digits of the hash, files) for each folder of the store."""
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if PREFIX_FOLDER.fullmatch(folder.name):
            yield folder.name, sorted(path for path in folder.iterdir() if HASH.fullmatch(path.name))


def purge_incoming(root: Path, before: float) -> int:
    """Delete uploads that a crash cut off `before` this time (seconds since 1970); return how many."""
    folder = root / INCOMING
    old = [path for path in folder.iterdir() if path.stat().st_mtime < before] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _path(root: Path, sha256: str) -> Path:
    return root / sha256[:2] / sha256


def _create_folder(folder: Path) -> None:
    """Create a folder and its missing parents, without rights for others, and sync the new names to disk."""
    if folder.is_dir():
        return
    if not folder.parent.is_dir():
        _create_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
