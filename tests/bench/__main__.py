"""`make bench`: how fast it reads, writes and answers, beside a floor measured in the same run.

python -m tests.bench [--rounds N] [--seconds S]

Requests: the portal and a Flask "hello world" stand behind the same server with the same workers and threads and are
driven in turn, round after round; a ratio is taken within each round, the median of the rounds is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil

from portal.server.sizes import THREADS
from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.demonstration.load import load_demonstration
from registry.registers import catalogue, demonstration_of
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.operations import indexing, maintenance, relay
from tests.bench import filing, load
from tests.processes import START_SECONDS

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
SECRET = "for measuring only: thirty-two characters"
SHEET_OF = "green-products"
RECORDS = ("brands", "green-products", "grades", "declarations")
GATHERING = ("organisations", "standards")
QUERIES = (
    "家具", "同仁堂", "tongrentang", "furniture", "GB/T 35607", "绿色产品", "refrigerator", "杭州", "Samsung",
    "演示", "涂料 浙江", "three star", "北京 老字号", "LG", "demo board",
)  # fmt: skip
GOALS = {"record page": 0.38, "record page, kept": 0.5, "record page, 304": 0.55}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--sheet", type=int, default=50_000, help="rows of an enterprise's sheet")
    parser.add_argument("--only-sheet", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pinzheng-bench-") as folder:
        settings = Settings(
            Path(folder), f"sqlite:///{folder}/pinzheng.sqlite3", SECRET, "http://127.0.0.1:8000"
        )
        maintenance.initialise(settings)
        registry = open_registry(settings)
        if not chosen.only_sheet:
            measure_import(registry)
        load_demonstration(registry)
        relay.run_relay_once(registry)
        if not chosen.only_sheet:
            measure_index(registry)
            measure_requests(settings, chosen.rounds, chosen.seconds)
        measure_sheet(registry, settings, chosen.sheet)
        registry.search.close()
    return 0


def measure_import(registry: Registry) -> None:
    """Rows a second with publishing, from the file to committed entries; and what memory that took."""
    sheet = demonstration_of(catalogue()[SHEET_OF]).sheets[0]
    own = psutil.Process()
    before = own.memory_info().rss
    start = time.perf_counter()
    summary = importer.import_files(
        registry, REGISTRAR, SHEET_OF, [sheet.path], options=importer.ImportOptions(mapping=sheet.mapping)
    )
    passed = time.perf_counter() - start
    grown = (own.memory_info().rss - before) / 1_000_000
    print(
        f"import        {summary.created / passed:8,.0f} rows/s    {summary.created:,} rows of {sheet.path.name} in {passed:.1f} s, memory +{grown:.0f} MB    goal 1,000"
    )
    start = time.perf_counter()
    again = importer.import_files(
        registry, REGISTRAR, SHEET_OF, [sheet.path], options=importer.ImportOptions(mapping=sheet.mapping)
    )
    passed = time.perf_counter() - start
    print(f"  unchanged   {again.unchanged / passed:8,.0f} rows/s")


def measure_index(registry: Registry) -> None:
    start = time.perf_counter()
    documents = indexing.rebuild_index(registry)
    passed = time.perf_counter() - start
    print(
        f"index         {documents / passed:8,.0f} docs/s    {documents:,} documents rebuilt in {passed:.1f} s"
    )


def measure_requests(settings: Settings, rounds: int, seconds: float) -> None:
    with (
        served(settings, "tests.bench.hello:create_app()") as floor,
        served(settings, "portal.app:create_app()", PINZHENG_PAGE_CACHE_MB="0") as bare,
        served(settings, "portal.app:create_app()") as kept,
    ):
        records = addresses(kept, RECORDS)
        searches = [f"/{lang}/search?q={quote(query)}" for query in QUERIES for lang in ("zh", "en")]
        known = [load.request(path, If_None_Match=tag_of(kept, path)) for path in records]
        as_json = [f"/api/v1/registers/{path.split('/')[2]}/records/{path.split('/')[3]}" for path in records]
        cases = {
            "floor": (floor, [load.request("/hello")], 200),
            "record page": (bare, list(map(load.request, records)), 200),
            "record page, kept": (kept, list(map(load.request, records)), 200),
            "record page, 304": (kept, known, 304),
            "gathering page": (bare, list(map(load.request, addresses(kept, GATHERING))), 200),
            "record as JSON": (bare, list(map(load.request, as_json)), 200),
            "search page": (bare, list(map(load.request, searches)), 200),
        }
        for port, requests, status in cases.values():
            load.drive(port, requests, 1.0, status)
        measured: dict[str, list[load.Result]] = {name: [] for name in cases}
        for _ in range(rounds):
            for name, (port, requests, status) in cases.items():
                measured[name].append(load.drive(port, requests, seconds, status))
    print(
        f"\nrequests      {WORKERS} workers of {THREADS} threads, {load.CONNECTIONS} connections, {rounds} rounds of {seconds:g} s"
    )
    print(f"{'':20}{'req/s':>8}{'of floor':>10}{'goal':>7}{'median ms':>11}{'99 of 100':>11}{'wrong':>7}")
    for name, results in measured.items():
        ratio = statistics.median(
            ours.rate / base.rate for ours, base in zip(results, measured["floor"], strict=True)
        )
        print(
            f"{name:20}{middle(results, 'rate'):8,.0f}{ratio:10.2f}{GOALS.get(name, ''):>7}"
            f"{middle(results, 'median'):11.2f}{middle(results, 'slow'):11.2f}{sum(each.bad for each in results):7}"
        )


def middle(results: list[load.Result], part: str) -> float:
    return statistics.median(getattr(each, part) for each in results)


@contextlib.contextmanager
def served(settings: Settings, application: str, **more: str) -> Iterator[int]:
    """A server as `pinzheng serve` starts it, on a free port; gives the port."""
    door = socket.create_server(("127.0.0.1", 0))
    command = [sys.executable, "-m", "tests.bench.behind", str(door.fileno()), str(WORKERS), application]
    environment = {
        **os.environ,
        "PINZHENG_DATA_DIR": str(settings.data_dir),
        "PINZHENG_SECRET_KEY": SECRET,
        **more,
    }
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, pass_fds=[door.fileno()], stderr=subprocess.DEVNULL
    )
    port = int(door.getsockname()[1])
    door.close()
    try:
        with contextlib.suppress(urllib.error.HTTPError):  # any answer will do: the workers are up
            get(port, "/")
        yield port
    finally:
        process.terminate()
        process.wait(15)


def measure_sheet(registry: Registry, settings: Settings, rows: int) -> None:
    with served(settings, "portal.app:create_app()", PINZHENG_PAGE_CACHE_MB="0") as port:
        filing.measure(registry, settings, port, addresses(port, RECORDS), rows)


def addresses(port: int, registers: tuple[str, ...]) -> list[str]:
    """Pages of records of these registers, both languages by turns; up to a hundred each."""
    found = []
    for slug in registers:
        listing = json.loads(get(port, f"/api/v1/registers/{slug}/records?ended=1&limit=100").read())
        for place, record in enumerate(listing["items"]):
            lang = ("zh", "en")[place % 2]
            found.append(quote(f"/{lang}/{slug}/{record['number'].replace('/', '-').replace(' ', '-')}"))
    return found


def tag_of(port: int, path: str) -> str:
    return str(get(port, path).headers["ETag"])


def get(port: int, path: str) -> http.client.HTTPResponse:
    answer: http.client.HTTPResponse = urllib.request.urlopen(
        f"http://127.0.0.1:{port}{path}", timeout=START_SECONDS
    )
    return answer


if __name__ == "__main__":
    sys.exit(main())
