"""Backups: one file with the database, the attachments, the sheets and the operator's file, made while the register runs.

The secret of the server is in none of them, nor the search index, which is made anew from the database.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.attachments import file_store
from registry.config import Settings
from registry.errors import Misconfigured
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.search.postgresql.tables import SCHEMA
from registry.services.bootstrap import Registry
from registry.services.operations import backup_state
from registry.services.operations.backup import archive as backup_archive
from registry.services.operations.backup.archive import (
    ATTACHMENTS,
    DATABASES,
    OPERATOR,
    SHEETS,
    ArchiveWriter,
)
from registry.services.operations.schema_state import read_revision
from registry.store import locks
from registry.store.locks import Lock
from registry.store.snapshot import database_kind, take_snapshot

BACKUP_LOCK = Lock("backup")
SNAPSHOT_PREFIX = ".snapshot-"
NAME = re.compile(r"pinzheng-\d{8}T\d{6}Z\.tar\.gz(?:\.age)?")
ENCRYPTED_SUFFIX, UNFINISHED_SUFFIX, FACTS_SUFFIX = ".age", ".unfinished", ".json"


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a store holds: `sealed` entries have their place in the log, whose newest leaf hash is `log_head`."""

    records: int
    entries: int
    sealed: int
    log_head: str
    schema: str


@dataclass(frozen=True, slots=True)
class Backup:
    """A file of a backup, as listed. `facts`: None where the file of facts beside it is missing."""

    path: Path
    size: int  # bytes
    made_at: dt.datetime | None = None
    sha256: str = ""  # of the whole file
    facts: StoreFacts | None = None
    damaged_attachments: tuple[
        str, ...
    ] = ()  # hashes whose bytes were others already when the backup was made

    @property
    def is_encrypted(self) -> bool:
        return self.path.name.endswith(ENCRYPTED_SUFFIX)


def make_backup(
    registry: Registry,
    folder: Path,
    *,
    recipients: Sequence[str] = (),
    keep: int = 0,
    advance: Callable[[int], None] = lambda _files: None,
) -> Backup:
    """Write a backup into a folder while the register runs, and return it.

    `recipients`: public keys of age for whom it is encrypted. `keep`: so many backups of the folder stay, 0: all of
    them. The file has its name only once it is complete; a backup that is killed leaves a file `….unfinished`, which
    the next one deletes. Raises `Conflict` (lock_held) while another one is made, `DatabaseUnavailable`, `Misconfigured`.
    """
    require(SYSTEM, Action.BACK_UP)
    _create_folder(folder)
    with locks.hold_lock(BACKUP_LOCK, registry.settings.data_dir, registry.engine):
        _delete_unfinished(folder, registry.settings.data_dir)
        backup = _make(registry, folder, recipients, advance)
        if keep:
            _delete_older(folder, keep)
    backup_state.note_backup(registry)
    return backup


def list_backups(folder: Path) -> list[Backup]:
    """Return the backups of a folder, the newest first."""
    paths = sorted(folder.iterdir(), reverse=True) if folder.is_dir() else []
    return [_read_facts(path) for path in paths if NAME.fullmatch(path.name)]


def verify_backup(path: Path, identities: Sequence[str] = ()) -> StoreFacts:
    """Read a backup to its end and compare every hash; return what it holds.

    Raises `BackupDamaged`, and `Conflict` where the keys of age are missing or do not fit.
    """
    require(SYSTEM, Action.BACK_UP)

    def skip(_name: str, _file: IO[bytes]) -> None:
        pass

    return parse_facts(backup_archive.read_archive(path, identities, skip))


def read_facts(connection: Connection) -> StoreFacts:
    """Return what the store holds that this connection reads."""
    head = select(Entry.leaf_hash).where(Entry.index.is_not(None)).order_by(Entry.index.desc()).limit(1)
    return StoreFacts(
        records=connection.execute(select(func.count()).select_from(Record)).scalar_one(),
        entries=connection.execute(select(func.count()).select_from(Entry)).scalar_one(),
        sealed=connection.execute(select(func.count(Entry.index))).scalar_one(),
        log_head=connection.execute(head).scalar() or "",
        schema=read_revision(connection) or "",
    )


def parse_facts(manifest: Mapping[str, Any]) -> StoreFacts:
    """Return what the store held of which this is the manifest."""
    return StoreFacts(**manifest["facts"])


def _make(
    registry: Registry, folder: Path, recipients: Sequence[str], advance: Callable[[int], None]
) -> Backup:
    made_at = clock.now().replace(microsecond=0)
    while (path := _path_of(folder, made_at, encrypted=bool(recipients))).exists():
        made_at += dt.timedelta(seconds=1)  # a second one within a second: names tell which is newer
    unfinished = path.with_name(path.name + UNFINISHED_SUFFIX)
    try:
        with backup_archive.write_archive(unfinished, recipients) as archive:
            facts, damaged = _fill(archive, registry.settings, made_at, advance)
        backup = Backup(path, unfinished.stat().st_size, made_at, _hash_of(unfinished), facts, damaged)
        _write_facts(backup)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    file_store.sync_folder(folder)
    return backup


def _fill(
    archive: ArchiveWriter, settings: Settings, made_at: dt.datetime, advance: Callable[[int], None]
) -> tuple[StoreFacts, tuple[str, ...]]:
    """Add all that a backup holds; return what the database holds, and the hashes of damaged attachments."""
    kind = database_kind(settings.database_url)
    with tempfile.TemporaryDirectory(prefix=SNAPSHOT_PREFIX, dir=settings.data_dir) as scratch:
        snapshot = Path(scratch) / DATABASES[kind]
        with take_snapshot(settings.database_url, snapshot, without_schema=SCHEMA) as connection:
            facts = read_facts(connection)
        archive.add_file(DATABASES[kind], snapshot)
    # Files come after the rows that name them: whatever the snapshot names is there. What is deleted meanwhile was due.
    damaged = []
    for sha256, attachment in _list_attachments(settings):
        name = f"{ATTACHMENTS}/{sha256[:2]}/{sha256}"
        if archive.add_file(name, attachment) and archive.members[name].sha256 != sha256:
            damaged.append(sha256)
        advance(1)
    for name, file in _list_other_files(settings):
        archive.add_file(name, file)
        advance(1)
    archive.add_manifest(
        {
            "made_at": made_at.isoformat(),
            "program": metadata.version("pinzheng"),
            "database": kind,
            "facts": asdict(facts),
            "settings": _public_settings(settings),
            "damaged_attachments": damaged,
        }
    )
    return facts, tuple(damaged)


def _list_attachments(settings: Settings) -> Iterator[tuple[str, Path]]:
    for _prefix, files in file_store.list_files(settings.attachments_dir):
        yield from ((file.name, file) for file in files)


def _list_other_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    if settings.sheets_dir.is_dir():
        for path in sorted(settings.sheets_dir.iterdir()):
            if path.is_file() and backup_archive.MEMBER.fullmatch(f"{SHEETS}/{path.name}"):
                yield f"{SHEETS}/{path.name}", path
    if settings.operator_file.is_file():
        yield OPERATOR, settings.operator_file


def _public_settings(settings: Settings) -> dict[str, str]:
    """The settings that help in a restore, without secrets or passwords."""
    database = urlsplit(settings.database_url)
    return {
        "PINZHENG_BASE_URL": settings.base_url,
        "PINZHENG_DATA_DIR": str(settings.data_dir),
        "PINZHENG_DATABASE_URL": f"{database.scheme}://{database.hostname or ''}{database.path}",
        "PINZHENG_TRUSTED_PROXIES": ", ".join(map(str, settings.trusted_proxies)),
        "PINZHENG_CLAMAV": settings.clamav,
    }


def _path_of(folder: Path, made_at: dt.datetime, *, encrypted: bool) -> Path:
    return (
        folder
        / f"pinzheng-{made_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.tar.gz{ENCRYPTED_SUFFIX if encrypted else ''}"
    )


def _facts_path(path: Path) -> Path:
    return path.with_name(path.name + FACTS_SUFFIX)


def _write_facts(backup: Backup) -> None:
    """Write beside a backup what can be said of it without its key."""
    assert backup.made_at is not None
    assert backup.facts is not None
    told = {
        "made_at": backup.made_at.isoformat(),
        "sha256": backup.sha256,
        "facts": asdict(backup.facts),
        "damaged_attachments": backup.damaged_attachments,
    }
    path = _facts_path(backup.path)
    path.touch(mode=0o600)
    path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _read_facts(path: Path) -> Backup:
    size = path.stat().st_size
    try:
        told = json.loads(_facts_path(path).read_text("utf-8"))
        return Backup(
            path,
            size,
            dt.datetime.fromisoformat(told["made_at"]),
            told["sha256"],
            StoreFacts(**told["facts"]),
            tuple(told["damaged_attachments"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Backup(path, size)


def _delete_unfinished(folder: Path, data_dir: Path) -> None:
    """Delete what backups that were killed have left behind."""
    for file in folder.glob(f"pinzheng-*{UNFINISHED_SUFFIX}"):
        file.unlink()
    for snapshot in data_dir.glob(f"{SNAPSHOT_PREFIX}*"):
        shutil.rmtree(snapshot)


def _delete_older(folder: Path, keep: int) -> None:
    for backup in list_backups(folder)[keep:]:
        backup.path.unlink()
        _facts_path(backup.path).unlink(missing_ok=True)


def _create_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise Misconfigured("PINZHENG_BACKUP_DIR", f"cannot be used: {problem}") from problem


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
