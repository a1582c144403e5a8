"""Bytes that a record takes in the store and in the index, on both databases.

python -m tests.bench.sizes [--rows N]
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.filing.by_sheet import sheet_jobs, sheet_uploads
from registry.services.filing.by_sheet.sheet_uploads import SheetUpload
from registry.services.operations import maintenance, relay
from registry.store.unit_of_work import read_transaction
from tests.bench.__main__ import SECRET
from tests.bench.filing import filer, sheet
from tests.faults.databases import PostgresqlServer
from tests.processes import organisations
from tests.services import samples
from tests.services.filers import FIRMS

INDEX_TABLES = (
    "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname LIKE 'pinzheng%' AND c.relkind = 'r'"
)


class Size(NamedTuple):
    """Bytes of the store and of the index."""

    store: int
    index: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sizes")
    parser.add_argument("--rows", type=int, default=2000)
    rows = parser.parse_args().rows
    print(f"{'bytes a record':16}{'store':>18}{'index':>9}")
    with tempfile.TemporaryDirectory(prefix="pinzheng-sizes-") as folder:
        data = Path(folder) / "data"
        measure(
            "sqlite",
            Settings(data, f"sqlite:///{data}/pinzheng.sqlite3", SECRET, "http://127.0.0.1:8000"),
            rows,
        )
    with (
        contextlib.closing(PostgresqlServer()) as server,
        tempfile.TemporaryDirectory(prefix="pinzheng-sizes-") as folder,
    ):
        data = Path(folder) / "data"
        url = server.url(data).replace("postgresql:", "postgresql+psycopg:")
        measure("postgresql", Settings(data, url, SECRET, "http://127.0.0.1:8000", search_url=url), rows)
    return 0


def measure(name: str, settings: Settings, rows: int) -> None:
    """Print what an imported organisation and a filed declaration with three indicators take."""
    maintenance.initialise(settings)
    registry = open_registry(settings)
    firms = samples.write_sheet(settings.data_dir / "firms.csv", "organisations", FIRMS[:1])
    importer.import_files(registry, REGISTRAR, "organisations", [firms])
    before = size_of(registry)
    many = organisations(settings.data_dir / "many.csv", rows, first=100)
    importer.import_files(registry, REGISTRAR, "organisations", [many])
    imported = size_of(registry)
    actor, slug = filer(registry, demo=False)
    upload = SheetUpload("declarations", "sizes.csv", sheet(rows), "Bench", dry_run=False)
    sheet_uploads.hand_in_sheet(registry, actor, slug, upload)
    sheet_jobs.run_sheet_jobs_once(registry)
    filed = size_of(registry)
    for kind, first, last in (("organisation", before, imported), ("declaration", imported, filed)):
        print(
            f"{name:12}{kind:14}{(last.store - first.store) / rows:8,.0f}{(last.index - first.index) / rows:9,.0f}"
        )
    registry.search.close()
    registry.engine.dispose()


def size_of(registry: Registry) -> Size:
    """Sizes once everything is sealed and indexed."""
    relay.run_relay_once(registry)
    if registry.engine.dialect.name == "sqlite":
        with registry.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store = (registry.settings.data_dir / "pinzheng.sqlite3").stat().st_size
        files = (path for path in registry.settings.index_dir.rglob("*") if path.is_file())
        return Size(store, sum(path.stat().st_size for path in files))
    with read_transaction(registry.engine) as connection:
        index = int(connection.execute(text(INDEX_TABLES)).scalar_one())
        whole = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    return Size(whole - index, index)


if __name__ == "__main__":
    sys.exit(main())
