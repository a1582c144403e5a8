"""Restoring: a backup is brought into an empty store, checked, and its search index made anew."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from sqlalchemy import select

from registry.accounts.policy import SYSTEM, Action, require
from registry.attachments import file_store
from registry.attachments.model import Attachment
from registry.config import Settings
from registry.errors import Conflict
from registry.services.bootstrap import Registry, open_registry
from registry.services.operations import backup_state, indexing, integrity_check, maintenance, schema_state
from registry.services.operations.backup import archive, making
from registry.services.operations.backup.archive import ATTACHMENTS, DATABASES, OPERATOR, SHEETS
from registry.services.operations.backup.making import StoreFacts
from registry.store.engine import engine_for
from registry.store.snapshot import POSTGRESQL, database_kind, is_empty, load_snapshot
from registry.store.unit_of_work import read_transaction

STAGING_PREFIX = ".restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what is wrong with it: lines of the integrity check, attachments whose bytes are missing."""

    facts: StoreFacts
    files: int
    documents: int  # in the search index
    made_secret: bool  # none was given: links, sessions and second factors of before are lost
    problems: tuple[str, ...]
    missing_attachments: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        return not self.problems and not self.missing_attachments


def restore_backup(
    settings: Settings,
    path: Path,
    identities: Sequence[str] = (),
    *,
    advance: Callable[[int], None] = lambda _files: None,
) -> Restored:
    """Restore a backup into the empty store of these settings, bring its tables up to date, index and check it.

    Nothing is moved into place before every hash of the backup was found right. Raises `Conflict` (store_not_empty,
    backup_other_database, backup_schema_unknown, backup_encrypted, backup_key_wrong), `BackupDamaged`,
    `DatabaseUnavailable` and `Misconfigured`.
    """
    require(SYSTEM, Action.BACK_UP)
    _require_empty(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in settings.data_dir.glob(f"{STAGING_PREFIX}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=settings.data_dir) as folder:
        staged = Path(folder)
        files = 0

        def keep(name: str, file: IO[bytes]) -> None:
            nonlocal files
            target = staged / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("wb") as out:
                shutil.copyfileobj(file, out)
            target.chmod(0o600)
            files += 1
            advance(1)

        manifest = archive.read_archive(path, identities, keep)
        facts = making.parse_facts(manifest)
        _require_fitting(settings, manifest["database"], facts)
        _move_files(staged, settings)
        load_snapshot(settings.database_url, staged / DATABASES[manifest["database"]])
    maintenance.initialise(settings)
    return _check(open_registry(settings), facts, files)


def try_restoring(
    registry: Registry,
    path: Path,
    identities: Sequence[str] = (),
    *,
    database_url: str = "",
    advance: Callable[[int], None] = lambda _files: None,
) -> Restored:
    """Restore a backup into a folder for the time being, check it, delete it, and note in the store that it was tried.

    `database_url`: an empty database of PostgreSQL, needed for a backup of one. Raises as `restore_backup` does.
    """
    require(SYSTEM, Action.BACK_UP)
    if database_kind(registry.settings.database_url) == POSTGRESQL and not database_url:
        raise Conflict("drill_database_needed")
    with tempfile.TemporaryDirectory(prefix=".drill-", dir=registry.settings.data_dir) as folder:
        data_dir = Path(folder)
        settings = replace(
            registry.settings,
            data_dir=data_dir,
            database_url=database_url or f"sqlite:///{data_dir / 'pinzheng.sqlite3'}",
            search_url="",
            search_meaning=False,
            operator_path=None,
        )
        try:
            restored = restore_backup(settings, path, identities, advance=advance)
        finally:
            engine_for(settings.database_url).dispose()
    if restored.is_sound:
        backup_state.note_restore_drill(registry)
    return restored


def _require_empty(settings: Settings) -> None:
    attachments = next(file_store.list_files(settings.attachments_dir), None)
    if attachments is not None or not is_empty(settings.database_url):
        raise Conflict("store_not_empty")


def _require_fitting(settings: Settings, database: str, facts: StoreFacts) -> None:
    if database != database_kind(settings.database_url):
        raise Conflict("backup_other_database", database=database)
    if not schema_state.is_known(facts.schema):
        raise Conflict("backup_schema_unknown", schema=facts.schema)


def _move_files(staged: Path, settings: Settings) -> None:
    """Move the files of a backup into the data directory. A file that says who runs the register is not replaced."""
    for name, target in ((ATTACHMENTS, settings.attachments_dir), (SHEETS, settings.sheets_dir)):
        if (staged / name).is_dir():
            shutil.copytree(staged / name, target, dirs_exist_ok=True, copy_function=shutil.move)
            target.chmod(0o700)
    if (staged / OPERATOR).is_file() and not settings.operator_file.exists():
        shutil.move(staged / OPERATOR, settings.operator_file)


def _check(registry: Registry, expected: StoreFacts, files: int) -> Restored:
    documents = indexing.rebuild_index(registry)
    problems = list(integrity_check.check_store(registry))
    with read_transaction(registry.engine) as connection:
        facts = making.read_facts(connection)
        hashes = set(connection.execute(select(Attachment.sha256)).scalars())
    if replace(facts, schema=expected.schema) != expected:
        problems.append(
            f"the backup has {expected.records} records, {expected.entries} entries and the leaf {expected.log_head or '-'}; "
            f"the restored store {facts.records}, {facts.entries} and {facts.log_head or '-'}"
        )
    missing = sorted(
        each for each in hashes if not file_store.exists(registry.settings.attachments_dir, each)
    )
    return Restored(
        facts, files, documents, not registry.settings.secret_key, tuple(problems), tuple(missing)
    )
