"""A registry of a million records on one machine: imported, indexed, and served by two workers.

python -m tests.bench.search.served [--size N] [--seconds S]
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psutil

from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.reference.code_lists import regions
from registry.services.bootstrap import open_registry
from registry.services.exchange import importer
from registry.services.operations import maintenance, relay
from tests.bench import load
from tests.bench.__main__ import WORKERS, served
from tests.bench.search import corpus
from tests.databases import SECRET

PART = 200_000  # rows of one sheet
PAGES = {
    "trade": "/{lang}/search?q={trade}",
    "place and trade": "/{lang}/search?q={place}+{trade}",
    "name": "/{lang}/search?q={name}",
    "number": "/{lang}/search?q={number}",
    "filtered": "/{lang}/organisations?q={trade}&region={region}",
    "as JSON": "/api/v1/search?q={place}+{trade}",
    "suggestions": "/api/v1/suggest?lang={lang}&q={started}",
    "record": "/{lang}/organisations/{number}",
}


def sheet(path: Path, first: int, rows: int) -> list[tuple[str, str, str]]:
    """A sheet of invented enterprises; gives some of them as (region, name, credit code)."""
    chance = random.Random(first)
    places = [each.code for each in regions.all_regions().values() if each.level == "prefecture"]
    some = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("uscc", "name_zh", "region_code", "country", "status"))
        for place in range(first, first + rows):
            code, name, number = corpus.enterprise(chance, chance.choice(places), place)
            writer.writerow((number, name, code, "CN", "active" if chance.random() < 0.9 else "deregistered"))
            if place % (PART // 50) == 0:
                some.append((code, name, number))
    return some


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pinzheng-served-") as folder:
        settings = Settings(
            Path(folder), f"sqlite:///{folder}/pinzheng.sqlite3", SECRET, "http://127.0.0.1:8000"
        )
        some = build(settings, chosen.size)
        with served(settings, "portal.app:create_app()", PINZHENG_PAGE_CACHE_MB="0") as port:
            drive(port, some, chosen.seconds)


def build(settings: Settings, size: int) -> list[tuple[str, str, str]]:
    """Import that many enterprises and index them; gives some of them."""
    maintenance.initialise(settings)
    registry = open_registry(settings)
    some, started = [], time.perf_counter()
    for first in range(0, size, PART):
        path = settings.data_dir / "part.csv"
        some += sheet(path, first, min(PART, size - first))
        importer.import_files(registry, REGISTRAR, "organisations", [path])
    imported = time.perf_counter()
    relay.run_relay_once(registry)
    indexed = time.perf_counter()
    status = registry.search.status()
    print(f"{size:,} records: imported at {size / (imported - started):,.0f} rows/s,", end=" ")
    print(f"sealed and indexed at {size / (indexed - imported):,.0f} records/s")
    stored = sum(path.stat().st_size for path in settings.data_dir.glob("pinzheng.sqlite3*"))
    print(
        f"store {stored / 1e9:.2f} GB, index {status.size_bytes / 1e9:.2f} GB, {status.documents:,} records in it"
    )
    registry.search.close()
    registry.engine.dispose()
    return some


def drive(port: int, some: Sequence[tuple[str, str, str]], seconds: float) -> None:
    """Ask for pages of each kind, nothing kept, and print what readers wait and what the workers hold."""
    print(f"\n{WORKERS} workers, {load.CONNECTIONS} connections, no page kept")
    print(f"{'':20}{'pages/s':>10}{'median ms':>12}{'99 of 100':>12}{'wrong':>8}")
    for kind, form in PAGES.items():
        requests = []
        for turn, (code, name, number) in enumerate(some):
            facts = {
                "trade": corpus.TRADES[turn % len(corpus.TRADES)],
                "place": regions.label(code, "zh"),
                "name": name,
                "number": number,
                "region": code[:2] + "0000",
                "started": name[: 3 + turn % 5],
            }
            address = form.format(
                lang=("zh", "en")[turn % 2], **{key: quote(each) for key, each in facts.items()}
            )
            requests.append(load.request(address))
        load.drive(port, requests, seconds / 5)
        found = load.drive(port, requests, seconds)
        print(f"{kind:20}{found.rate:10,.0f}{found.median:12.2f}{found.slow:12.2f}{found.bad:8}")
    for process in psutil.Process().children(recursive=True):
        with process.oneshot():
            held = sum(
                each.private_dirty for each in process.memory_maps(grouped=False) if each.path.startswith("[")
            )
            if "gunicorn" in " ".join(process.cmdline()):
                print(
                    f"process {process.pid}: {held / 1e6:.0f} MB of its own, {process.memory_info().rss / 1e6:.0f} MB resident"
                )


if __name__ == "__main__":
    main()
