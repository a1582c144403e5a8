"""Killed with SIGKILL at random moments, import and relay lose nothing and do nothing twice."""

from __future__ import annotations

import csv
import io
import random
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.kit.draft import Receipt
from registry.services.bootstrap import Registry
from registry.services.exchange import export, importer
from registry.services.exchange.importer import CHUNK_SIZE
from registry.services.filing.by_sheet import sheet_jobs, sheet_results, sheet_uploads, sheet_views
from registry.services.filing.by_sheet.sheet_results import ResultsRequest
from registry.services.filing.by_sheet.sheet_uploads import SheetUpload
from registry.services.operations import indexing, maintenance, relay
from registry.store import locks
from registry.store.unit_of_work import read_transaction
from tests.bench.filing import filer, sheet
from tests.databases import POSTGRESQL
from tests.processes import Run, Start, organisations

ROWS = 1500
SEEDS = (2,) if POSTGRESQL else (1,)  # the moments at which processes are killed: others on each database


def last_line(out: str) -> str:
    return out.strip().splitlines()[-1]


def count_organisations(registry: Registry) -> int:
    return sum(1 for _each in export.iterate_documents(registry, "organisations"))


def import_summary(registry: Registry, sheet: Path) -> str:
    """Import a sheet without interruption; returns the summary."""
    return importer.import_files(registry, REGISTRAR, "organisations", [sheet]).summary()


def assert_sound(registry: Registry) -> None:
    """The store passes the integrity check, and the index equals the database."""
    relay.run_relay_once(registry)
    assert indexing.verify_index(registry) == indexing.IndexRepair()
    assert list(maintenance.check_store(registry)) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_import_leaves_whole_chunks_and_can_be_run_again(
    registry: Registry, start: Start, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    sheet = organisations(tmp_path / "organisations.csv", ROWS)
    begun = 0
    for _attempt in range(12):
        before = count_organisations(registry)
        process = start("import", "organisations", sheet)
        while count_organisations(registry) == before and process.poll() is None:
            time.sleep(0.02)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.wait()
        begun = count_organisations(registry)
        assert begun % CHUNK_SIZE == 0 or begun == ROWS
        if begun >= ROWS / 2:
            break
    assert begun > 0
    assert_sound(registry)
    again = import_summary(registry, sheet)
    assert again == f"created {ROWS - begun}, updated 0, unchanged {begun}, refused 0"
    assert import_summary(registry, sheet) == f"created 0, updated 0, unchanged {ROWS}, refused 0"
    assert_sound(registry)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_relay_loses_nothing(
    registry: Registry, settings: Settings, start: Start, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    for part in range(4):
        import_summary(registry, organisations(tmp_path / f"{part}.csv", 600, first=part * 600))
        process = start("relay", "--once")
        time.sleep(chance.uniform(0.1, 1.5))
        process.kill()
        process.wait()
    relay.run_relay_once(registry)
    assert relay.count_pending(registry) == 0
    assert registry.search.status().documents == 2400
    assert_sound(registry)
    registry.search.close()
    shutil.rmtree(settings.index_dir)
    relay.run_relay_once(registry)
    assert registry.search.status().documents == 2400
    assert_sound(registry)


def test_concurrent_imports_and_a_relay_create_nothing_twice(
    registry: Registry, start: Start, run_apart: Run, tmp_path: Path
) -> None:
    running_relay = start("relay")
    both = organisations(tmp_path / "both.csv", 1500)
    mine = organisations(tmp_path / "mine.csv", 1500, first=5000)
    processes = [start("import", "organisations", sheet) for sheet in (both, both, mine)]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert last_line(out).endswith("refused 0")
    assert count_organisations(registry) == 3000
    assert run_apart("relay", "--once").returncode == 0  # waits for the relay at work, and ends
    assert relay.count_pending(registry) == 0
    running_relay.terminate()
    assert running_relay.wait(10) == 0
    assert_sound(registry)


def test_a_second_relay_waits_and_takes_over(
    registry: Registry, start: Start, run_apart: Run, tmp_path: Path
) -> None:
    with locks.hold_lock(relay.RELAY_LOCK, registry.settings.data_dir, registry.engine):
        second = start("relay")
        assert run_apart("import", "organisations", organisations(tmp_path / "some.csv", 10)).returncode == 0
        time.sleep(2.0)
        assert second.poll() is None
        assert relay.count_pending(registry) > 0
    for _attempt in range(300):
        if not relay.count_pending(registry):
            break
        time.sleep(0.1)
    assert relay.count_pending(registry) == 0
    second.terminate()
    assert second.wait(10) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sheet_whose_job_is_killed_five_times_is_filed_once(
    registry: Registry, start: Start, tmp_path: Path, seed: int
) -> None:
    """No row is lost, none is filed twice, at whatever moment the process is killed; the results name each once."""
    chance = random.Random(seed)
    firm = tmp_path / "firm.csv"
    firm.write_text("uscc,name_zh,status\n91330100MAWY010175,杭州青屿家具有限公司（演示）,active\n", "utf-8")
    importer.import_files(registry, REGISTRAR, "organisations", [firm])
    actor, slug = filer(registry, demo=False)
    job = sheet_uploads.hand_in_sheet(
        registry, actor, slug, SheetUpload("declarations", "a.csv", sheet(ROWS), "王强", dry_run=False)
    )

    def done() -> int:
        return sheet_views.get_sheet(registry, actor, slug, job).job.done

    for _kill in range(5):
        before = done()
        process = start("sheets", "--once")
        while done() == before and process.poll() is None:
            time.sleep(0.1)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.wait()
        assert done() % sheet_jobs.CHUNK_SIZE == 0
    assert done() > 0
    sheet_jobs.run_sheet_jobs_once(registry)
    view = sheet_views.get_sheet(registry, actor, slug, job).job
    assert (view.state, view.created, view.done) == ("done", ROWS, ROWS)
    written = b"".join(
        sheet_results.export_sheet_results(
            registry, actor, slug, job, request=ResultsRequest("csv", "en", refused_only=False)
        )
    )
    numbers = [row["number"] for row in csv.DictReader(io.StringIO(written.decode("utf-8-sig")))]
    assert (len(numbers), len(set(numbers))) == (ROWS, ROWS)
    products = [
        values["product_name_zh"] for _n, _s, values in export.iterate_documents(registry, "declarations")
    ]
    assert (len(products), len(set(products))) == (ROWS, ROWS)
    with read_transaction(registry.engine) as connection:
        receipts = connection.execute(select(Receipt.record_id, Receipt.version)).all()
    assert (len(receipts), len(set(receipts))) == (ROWS, ROWS)
    assert_sound(registry)


def test_an_unknown_register_is_refused(run_apart: Run) -> None:
    refused = run_apart("import", "nothing", __file__)
    assert (refused.returncode, refused.stderr) == (2, "There is no register “nothing”.\n")
