"""The file of a backup: a compressed tar whose last member is a manifest with the SHA-256 of all others.

Members: `database.sqlite3` or `database.dump`, `attachments/ab/abcdef…`, `sheets/…`, `operator.toml`, `manifest.json`.
Encrypted by choice for recipients of age (age-encryption.org/v1): the server that makes backups cannot read them.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyrage

from registry.errors import Conflict, Misconfigured

MANIFEST, OPERATOR = "manifest.json", "operator.toml"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
ATTACHMENTS, SHEETS = "attachments", "sheets"
FORMAT = 1
COMPRESSION = 3  # attachments are compressed already; a database shrinks to a fifth at this level
CHUNK = 1 << 20
MAX_MANIFEST_BYTES = 1 << 30  # some 8 million files
AGE_HEADER = b"age-encryption.org/v1"
MEMBER = re.compile(
    r"manifest\.json|operator\.toml|database\.(?:sqlite3|dump)|attachments/[0-9a-f]{2}/[0-9a-f]{64}|sheets/[\w.-]{1,120}"
)


class Member(NamedTuple):
    """A file of a backup: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


class BackupDamaged(Conflict):
    """The file of a backup is cut off or has other bytes than were written. `reason`: a code that says which."""


class ArchiveWriter:
    """Writes the members of an archive one after the other. Made by `write_archive`."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    def add_file(self, name: str, path: Path) -> bool:
        """Add a file; return False if it was deleted meanwhile."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            self._add(name, file, os.fstat(file.fileno()).st_size)
        return True

    def add_manifest(self, facts: Mapping[str, Any]) -> None:
        """Add the manifest: `facts` and all members so far. The last one to be added."""
        manifest = {
            "format": FORMAT,
            **facts,
            "files": {name: [*each] for name, each in self.members.items()},
        }
        text = json.dumps(manifest, ensure_ascii=False).encode()
        self._add(MANIFEST, io.BytesIO(text), len(text))

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        hashing = _HashingReader(file)
        self._archive.addfile(entry, hashing)
        self.members[name] = Member(size, hashing.hash.hexdigest())


class _HashingReader:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.hash.update(chunk)
        return chunk


@contextlib.contextmanager
def write_archive(path: Path, recipients: Sequence[str]) -> Iterator[ArchiveWriter]:
    """Yield a writer of a new archive at `path` (mode 0600), on disk when the block ends. `recipients`: of age, may be none.

    Raises `Misconfigured` for what is no recipient.
    """
    keys = [_parse_recipient(text) for text in recipients]
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        with (
            _encrypted(file, keys) if keys else contextlib.nullcontext(file) as out,
            gzip.GzipFile(fileobj=out, mode="wb", compresslevel=COMPRESSION, mtime=0) as compressed,
            tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            yield ArchiveWriter(archive)
        file.flush()
        os.fsync(file.fileno())


def read_archive(
    path: Path, identities: Sequence[str], take: Callable[[str, IO[bytes]], None]
) -> dict[str, Any]:
    """Read an archive to its end, give each member to `take`, and return the manifest once every hash is right.

    `identities`: secret keys of age, for an encrypted one. Raises `BackupDamaged`, and `Conflict` when the keys do not fit.
    """
    found: dict[str, Member] = {}
    manifest: dict[str, Any] = {}
    try:
        with (
            path.open("rb") as file,
            _decrypted(file, path, identities) as plain,
            gzip.GzipFile(fileobj=plain) as compressed,
            tarfile.open(fileobj=compressed, mode="r|") as archive,
        ):
            for entry in archive:
                member = (
                    archive.extractfile(entry) if entry.isreg() and MEMBER.fullmatch(entry.name) else None
                )
                if member is None or entry.name in found or manifest:
                    raise BackupDamaged("backup_member_unknown", name=entry.name[:120])
                if entry.name == MANIFEST:
                    manifest = _parse_manifest(member.read(MAX_MANIFEST_BYTES))
                    continue
                hashing = _HashingReader(member)
                take(entry.name, hashing)  # type: ignore[arg-type]
                while hashing.read(CHUNK):
                    pass  # what was not taken is hashed all the same
                found[entry.name] = Member(entry.size, hashing.hash.hexdigest())
            while compressed.read(CHUNK):
                pass  # blocks of zeros after the last member; behind them stands the checksum of it all
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as problem:
        raise BackupDamaged("backup_cut_off", file=path.name) from problem
    if not manifest:
        raise BackupDamaged("backup_cut_off", file=path.name)
    expected = {name: Member(*each) for name, each in manifest["files"].items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise BackupDamaged("backup_member_damaged", file=path.name, name=name)
    return manifest


def is_encrypted(path: Path) -> bool:
    """Return True if the file begins as one of age does."""
    with path.open("rb") as file:
        return file.read(len(AGE_HEADER)) == AGE_HEADER


def parse_identities(path: Path) -> list[str]:
    """Return the secret keys in a file of `age-keygen`: one a line; empty lines and lines with # are left out."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _parse_manifest(text: bytes) -> dict[str, Any]:
    try:
        manifest = dict(json.loads(text))
        newer = manifest["format"] > FORMAT
        names = dict(manifest["files"])
    except (ValueError, KeyError, TypeError) as problem:
        raise BackupDamaged("backup_member_damaged", file="", name=MANIFEST) from problem
    if newer:
        raise BackupDamaged("backup_format_newer", format=manifest["format"])
    return {**manifest, "files": names}


def _parse_recipient(text: str) -> Any:
    try:
        if text.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(text)
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as problem:
        raise Misconfigured(
            "PINZHENG_BACKUP_RECIPIENTS", f"must be public keys of age (age1…) or ssh: {problem}"
        ) from problem


@contextlib.contextmanager
def _encrypted(out: IO[bytes], recipients: Sequence[Any]) -> Iterator[IO[bytes]]:
    """Yield a file to write to; what is written is encrypted into `out` by a thread beside."""
    read_end, write_end = os.pipe()

    def encrypt() -> None:
        try:
            with os.fdopen(read_end, "rb") as source:
                pyrage.encrypt_io(source, out, recipients)
        except pyrage.EncryptError as problem:  # the disk is full
            raise OSError(str(problem)) from problem

    with _thread_beside(encrypt), os.fdopen(write_end, "wb") as sink:
        yield sink


@contextlib.contextmanager
def _decrypted(file: IO[bytes], path: Path, identities: Sequence[str]) -> Iterator[IO[bytes]]:
    """Yield the plain bytes of an archive, decrypted by a thread beside where it is encrypted."""
    if not is_encrypted(path):
        yield file
        return
    if not identities:
        raise Conflict("backup_encrypted", file=path.name)
    try:
        keys = [pyrage.x25519.Identity.from_str(text) for text in identities]
    except pyrage.IdentityError as problem:
        raise Conflict("backup_key_wrong", file=path.name) from problem
    read_end, write_end = os.pipe()

    def decrypt() -> None:
        # The reader may have stopped: what it found wrong is told, not this.
        with contextlib.suppress(BrokenPipeError), os.fdopen(write_end, "wb") as sink:
            try:
                pyrage.decrypt_io(file, sink, keys)
            except BrokenPipeError:
                raise
            except pyrage.DecryptError as problem:
                raise Conflict("backup_key_wrong", file=path.name) from problem
            except OSError as problem:
                raise BackupDamaged("backup_cut_off", file=path.name) from problem

    with _thread_beside(decrypt), os.fdopen(read_end, "rb") as source:
        yield source


@contextlib.contextmanager
def _thread_beside(run: Callable[[], None]) -> Iterator[None]:
    """Run a function in a thread while the block runs. After the block wait for it; what it raises comes before what the block raised."""
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            run()
        except BaseException as problem:  # noqa: BLE001 - raised again in the thread that waits
            failures.append(problem)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        if failures:
            raise failures[0]
