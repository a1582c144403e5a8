"""Backups: what is in them, what they refuse, and what comes back."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from alembic import command
from sqlalchemy import insert, select

from registry import clock
from registry.attachments import file_store
from registry.attachments.model import Attachment
from registry.errors import Conflict, Misconfigured
from registry.ledger.model import Item
from registry.services.bootstrap import Registry, open_registry
from registry.services.operations import migrating, readiness
from registry.services.operations.backup import archive as backup_archive
from registry.services.operations.backup import making, restoring
from registry.services.operations.backup.archive import BackupDamaged
from registry.services.operations.backup_state import BackupState, read_backup_state
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.conftest import EmptyStore


def attach(registry: Registry, content: bytes) -> str:
    """Store bytes with their row; returns their hash."""
    root = registry.settings.attachments_dir
    with file_store.lock_store(root), file_store.receive_file(root) as incoming:
        incoming.write(content)
        sha256 = incoming.finish()
        incoming.move_into_store()
    values = {"sha256": sha256, "size": len(content), "kind": "pdf", "name": "证书.pdf"}
    with unit_of_work(registry.engine) as connection:
        connection.execute(insert(Attachment).values(**values, created_at=clock.now()))
    return sha256


def hashes(registry: Registry) -> dict[str, str]:
    """Every document of the store by its hash."""
    with read_transaction(registry.engine) as connection:
        return {row.hash: row.document for row in connection.execute(select(Item.hash, Item.document))}


def noted(registry: Registry) -> BackupState:
    with read_transaction(registry.engine) as connection:
        return read_backup_state(connection)


def test_everything_comes_back(filled: Registry, empty_store: EmptyStore, tmp_path: Path) -> None:
    settings = filled.settings
    sha256 = attach(filled, b"%PDF-1.7 a certificate")
    settings.sheets_dir.mkdir()
    (settings.sheets_dir / "0123abcd").write_bytes(b"a sheet")
    settings.operator_file.write_text('email = "register@example.org"\n', "utf-8")
    made = making.make_backup(filled, tmp_path / "backups")
    with empty_store() as target:
        restored = restoring.restore_backup(target, made.path)
        assert restored.problems == ()
        assert restored.missing_attachments == ()
        assert restored.facts == made.facts
        assert restored.documents == filled.search.status().documents
        assert restored.files == 4
        assert hashes(open_registry(target)) == hashes(filled)
        assert file_store.path_of(target.attachments_dir, sha256).read_bytes() == b"%PDF-1.7 a certificate"
        assert (target.sheets_dir / "0123abcd").read_bytes() == b"a sheet"
        assert target.operator_file.read_text("utf-8") == 'email = "register@example.org"\n'
        assert [path.name for path in target.data_dir.glob(".*")] == []


def test_no_secret_is_in_a_backup(filled: Registry, tmp_path: Path) -> None:
    made = making.make_backup(filled, tmp_path / "backups")
    with tarfile.open(made.path) as archive:
        assert "secret-key" not in archive.getnames()
        manifest = archive.extractfile("manifest.json")
        assert manifest is not None
        text = manifest.read().decode()
    assert filled.settings.secret_key not in text
    assert made.path.stat().st_mode & 0o077 == 0
    password = filled.engine.url.password
    assert not password or str(password) not in text


def test_backups_are_listed_newest_first_and_older_ones_go(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = [making.make_backup(registry, folder) for _time in range(3)]  # within one second
    assert [each.path for each in making.list_backups(folder)] == [each.path for each in reversed(made)]
    assert making.list_backups(folder) == list(reversed(made))
    newest = making.make_backup(registry, folder, keep=2)
    assert making.list_backups(folder) == [newest, made[2]]
    assert sorted(path.suffix for path in folder.iterdir()) == [".gz", ".gz", ".json", ".json"]
    assert making.list_backups(tmp_path / "nothing") == []


def test_the_file_beside_a_backup_has_its_checksum_and_may_be_missing(
    registry: Registry, tmp_path: Path
) -> None:
    made = making.make_backup(registry, tmp_path)
    assert hashlib.sha256(made.path.read_bytes()).hexdigest() == made.sha256
    made.path.with_name(made.path.name + ".json").unlink()
    assert making.list_backups(tmp_path) == [making.Backup(made.path, made.size)]
    assert making.verify_backup(made.path) == made.facts


def test_when_the_last_backup_and_drill_were_is_noted(
    registry: Registry, empty_store: EmptyStore, tmp_path: Path
) -> None:
    assert noted(registry) == (None, None)
    made = making.make_backup(registry, tmp_path)
    backup_at, drill_at = noted(registry)
    assert backup_at is not None
    assert drill_at is None
    with empty_store() as scratch:
        url = scratch.database_url if registry.engine.dialect.name == "postgresql" else ""
        assert restoring.try_restoring(registry, made.path, database_url=url).is_sound
    assert noted(registry).drill_at is not None
    assert [path.name for path in registry.settings.data_dir.glob(".*")] == []


def test_an_encrypted_backup_is_opened_by_its_key_alone(registry: Registry, tmp_path: Path) -> None:
    key, other = (pyrage.x25519.Identity.generate() for _each in range(2))
    made = making.make_backup(registry, tmp_path, recipients=[str(key.to_public())])
    assert made.is_encrypted
    assert backup_archive.is_encrypted(made.path)
    assert making.verify_backup(made.path, [str(key)]) == made.facts
    for keys, reason in (
        ([], "backup_encrypted"),
        ([str(other)], "backup_key_wrong"),
        (["no key"], "backup_key_wrong"),
    ):
        with pytest.raises(Conflict) as refused:
            making.verify_backup(made.path, keys)
        assert refused.value.reason == reason
    with pytest.raises(Misconfigured):
        making.make_backup(registry, tmp_path, recipients=["age1nothing"])
    assert making.list_backups(tmp_path) == [made]


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def turned(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize(
    "damage",
    [cut, turned, lambda data: data[:-20], lambda data: data[:-9], lambda data: data[:-1], lambda _data: b""],
)
def test_a_damaged_backup_is_refused(
    registry: Registry, tmp_path: Path, damage: Callable[[bytes], bytes], encrypted: bool
) -> None:
    key = pyrage.x25519.Identity.generate()
    made = making.make_backup(registry, tmp_path, recipients=[str(key.to_public())] if encrypted else [])
    made.path.write_bytes(damage(made.path.read_bytes()))
    with pytest.raises(BackupDamaged):
        making.verify_backup(made.path, [str(key)])


@pytest.mark.parametrize(
    "name", ["../evil", "attachments/../../evil", "/etc/evil", "secret-key", "sheets/a/b"]
)
def test_a_member_that_does_not_belong_into_a_backup_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "made-by-hand.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(BackupDamaged) as refused:
        making.verify_backup(path)
    assert refused.value.reason == "backup_member_unknown"


def rewrite(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Write an archive anew with a changed manifest."""
    with tarfile.open(path) as archive:
        members = [(each, archive.extractfile(each).read()) for each in archive]  # type: ignore[union-attr]
    manifest = json.loads(members[-1][1])
    change(manifest)
    with backup_archive.write_archive(path.with_suffix(".new"), ()) as writer:
        folder = path.parent / "members"
        folder.mkdir()
        for index, (each, content) in enumerate(members[:-1]):
            (folder / str(index)).write_bytes(content)
            writer.add_file(each.name, folder / str(index))
        writer.add_manifest(
            {name: value for name, value in manifest.items() if name not in ("format", "files")}
        )
    path.with_suffix(".new").replace(path)


def test_tables_of_a_newer_program_and_another_kind_of_database_are_refused(
    registry: Registry, empty_store: EmptyStore, tmp_path: Path
) -> None:
    made = making.make_backup(registry, tmp_path)
    other = "sqlite" if registry.engine.dialect.name == "postgresql" else "postgresql"
    for change, reason in (
        (lambda manifest: manifest["facts"].update(schema="9999"), "backup_schema_unknown"),
        (lambda manifest: manifest.update(database=other), "backup_other_database"),
    ):
        copy = tmp_path / reason / made.path.name
        copy.parent.mkdir()
        copy.write_bytes(made.path.read_bytes())
        rewrite(copy, change)
        with empty_store() as target, pytest.raises(Conflict) as refused:
            restoring.restore_backup(target, copy)
        assert refused.value.reason == reason
        assert not target.attachments_dir.exists()


def test_a_store_that_holds_something_is_not_overwritten(registry: Registry, tmp_path: Path) -> None:
    made = making.make_backup(registry, tmp_path)
    with pytest.raises(Conflict) as refused:
        restoring.restore_backup(registry.settings, made.path)
    assert refused.value.reason == "store_not_empty"


@pytest.mark.sqlite
def test_what_an_attempt_to_serve_left_is_no_store(
    filled: Registry, empty_store: EmptyStore, tmp_path: Path
) -> None:
    """An empty file of a database with a log does not lie over what is restored."""
    made = making.make_backup(filled, tmp_path)
    with empty_store() as target:
        target.data_dir.mkdir()
        elsewhere = open_registry(target)
        assert not readiness.check_readiness(elsewhere).schema.is_usable
        elsewhere.engine.dispose()  # as the process ended
        (target.data_dir / "pinzheng.sqlite3").touch()  # as an older version left it
        (target.data_dir / "pinzheng.sqlite3-wal").write_bytes(b"a log that was left")
        restored = restoring.restore_backup(target, made.path)
        assert restored.is_sound
        assert restored.facts == made.facts
        with contextlib.closing(sqlite3.connect(target.data_dir / "pinzheng.sqlite3")) as again:
            assert made.facts is not None
            assert again.execute("SELECT count(*) FROM record").fetchone()[0] == made.facts.records > 0


@pytest.mark.postgresql
def test_a_drill_on_postgresql_needs_a_database_of_its_own(registry: Registry, tmp_path: Path) -> None:
    made = making.make_backup(registry, tmp_path)
    with pytest.raises(Conflict) as refused:
        restoring.try_restoring(registry, made.path)
    assert refused.value.reason == "drill_database_needed"


def test_attachments_alone_are_something(registry: Registry, empty_store: EmptyStore, tmp_path: Path) -> None:
    made = making.make_backup(registry, tmp_path)
    with empty_store() as target:
        (target.attachments_dir / "ab").mkdir(parents=True)
        with pytest.raises(Conflict) as refused:
            restoring.restore_backup(target, made.path)
    assert refused.value.reason == "store_not_empty"


def test_damaged_and_missing_attachments_are_told(
    registry: Registry, empty_store: EmptyStore, tmp_path: Path
) -> None:
    damaged, missing = attach(registry, b"one"), attach(registry, b"two")
    root = registry.settings.attachments_dir
    file_store.path_of(root, damaged).write_bytes(b"another")
    file_store.path_of(root, missing).unlink()
    made = making.make_backup(registry, tmp_path)
    assert made.damaged_attachments == (damaged,)
    with empty_store() as target:
        restored = restoring.restore_backup(target, made.path)
        assert restored.missing_attachments == (missing,)
        assert not restored.is_sound


def test_what_a_killed_backup_left_behind_is_deleted(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "pinzheng-20260101T000000Z.tar.gz.unfinished").touch()
    (registry.settings.data_dir / ".snapshot-left").mkdir(parents=True)
    making.make_backup(registry, tmp_path)
    assert list(tmp_path.glob("*.unfinished")) == []
    assert list(registry.settings.data_dir.glob(".snapshot-*")) == []


def test_an_older_schema_is_brought_up_to_date(
    registry: Registry, empty_store: EmptyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest migration is undone before the backup is made."""
    config = migrating.migrations_config()
    with unit_of_work(registry.engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    registry.settings.data_dir.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(
        making.locks, "hold_lock", lambda *_args: contextlib.nullcontext()
    )  # its table may be the newest
    made = making.make_backup(registry, tmp_path)
    with empty_store() as target:
        assert restoring.restore_backup(target, made.path).is_sound
        assert readiness.check_readiness(open_registry(target)).schema.word == "equal"
