"""The restore drill: a register that is killed while it works comes back from its backup, hash by hash."""

from __future__ import annotations

import random
import time
from pathlib import Path

from sqlalchemy import Row, select

from registry.ledger.model import Entry, Item
from registry.services.bootstrap import Registry, open_registry
from registry.services.operations import maintenance
from registry.services.operations.backup import making
from registry.store.unit_of_work import read_transaction
from tests.databases import Template
from tests.processes import Run, Start, environment_of, organisations

ROWS = 3000


def entries(registry: Registry, last: int) -> list[Row[tuple[int, str, str | None, str]]]:
    """Entries up to one: id, hash of the document, leaf hash, and the document itself."""
    statement = (
        select(Entry.id, Entry.document_hash, Entry.leaf_hash, Item.document)
        .join(Item, Item.hash == Entry.document_hash)
        .where(Entry.id <= last)
        .order_by(Entry.id)
    )
    with read_transaction(registry.engine) as connection:
        return list(connection.execute(statement).all())


def test_a_register_that_is_killed_comes_back_from_its_backup(
    registry: Registry, template: Template, start: Start, run_apart: Run, tmp_path: Path
) -> None:
    run_apart("import", "organisations", organisations(tmp_path / "first.csv", 200))
    working = [
        start("relay"),
        start("import", "organisations", organisations(tmp_path / "more.csv", ROWS, first=500)),
    ]
    while not entries(registry, 600)[200:]:  # the import has begun to write
        assert working[1].poll() is None
        time.sleep(0.02)
    made = run_apart("backup", "--to", tmp_path / "backups")
    assert made.returncode == 0, made.stderr
    for process in working:
        process.kill()
        process.wait()
    [backup] = making.list_backups(tmp_path / "backups")
    assert backup.facts is not None
    with template.empty(tmp_path / "elsewhere") as settings:
        restored = run_apart("restore", backup.path, more=environment_of(settings))
        assert restored.returncode == 0, restored.stdout + restored.stderr
        assert restored.stdout.endswith(f"indexed {backup.facts.records}, problems 0\n")
        elsewhere = open_registry(settings)
        with read_transaction(elsewhere.engine) as connection:
            assert making.read_facts(connection) == backup.facts
        brought_back = entries(elsewhere, 2 * ROWS)
        assert len(brought_back) == backup.facts.entries >= 200
        source = {row.id: row for row in entries(registry, 2 * ROWS)}
        for row in brought_back:
            assert (row.document_hash, row.document) == (
                source[row.id].document_hash,
                source[row.id].document,
            )
            assert row.leaf_hash in (
                None,
                source[row.id].leaf_hash,
            )  # it may have been sealed after the backup
        assert list(maintenance.check_store(elsewhere)) == []


def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(
    registry: Registry, start: Start, run_apart: Run, tmp_path: Path
) -> None:
    run_apart("import", "organisations", organisations(tmp_path / "some.csv", ROWS))
    chance = random.Random(3)
    folder = tmp_path / "backups"
    for _attempt in range(3):
        process = start("backup", "--to", folder)
        while not list(folder.glob("*.unfinished")) and process.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.uniform(0.0, 0.1))
        process.kill()
        process.wait()
        for backup in making.list_backups(folder):
            assert making.verify_backup(backup.path).entries == ROWS
    assert run_apart("backup", "--to", folder, "--keep", "1").returncode == 0
    [backup] = making.list_backups(folder)
    assert making.verify_backup(backup.path).entries == ROWS
    assert {path.suffix for path in folder.iterdir()} == {".gz", ".json"}
    assert list(registry.settings.data_dir.glob(".snapshot-*")) == []
