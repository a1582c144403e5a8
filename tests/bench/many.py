"""What is asked of a large register as a whole: statistics of today and of past days, and files of all that a list finds.

python -m tests.bench.many [--size N] [--data FOLDER]

With `--data` the store in that folder is asked as it is, else one of N invented enterprises is made, entered three days ago.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from registry import clock
from registry.config import Settings
from tests.bench.__main__ import SECRET, served
from tests.bench.search.served import build

REGISTER = "organisations"
ROUNDS = 3
FORMATS = ("csv", "xlsx", "jsonl")
READ = 1 << 16
APPLICATION = "portal.app:create_app()"


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it came: milliseconds until its first byte, seconds until its last one, bytes; memory in MB that the server held
    more at the end than after the first tenth, and than before."""

    first_byte: float
    seconds: float
    size: int
    growth: float
    growth_in_all: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.many")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--data", type=Path, default=None)
    chosen = parser.parse_args()
    if chosen.data:
        measure(settings_of(chosen.data.absolute()))
        return 0
    with tempfile.TemporaryDirectory(prefix="pinzheng-many-") as folder:
        settings = settings_of(Path(folder))
        with clock.frozen_at(clock.now() - dt.timedelta(days=3)):
            build(settings, chosen.size)
        measure(settings)
    return 0


def settings_of(folder: Path) -> Settings:
    return Settings(folder, f"sqlite:///{folder}/pinzheng.sqlite3", SECRET, "http://127.0.0.1:8000")


def measure(settings: Settings) -> None:
    measure_statistics(settings)
    measure_files(settings)


def measure_statistics(settings: Settings) -> None:
    """Each page in processes that have counted nothing yet; then again, from the cache; then another past day."""
    yesterday, before = (clock.today() - dt.timedelta(days) for days in (1, 2))
    print(
        f"\nstatistics, milliseconds, median of {ROUNDS} starts{'cold':>16}{'cached':>9}{'another day':>14}"
    )
    for path in ("/statistics", f"/statistics/{REGISTER}"):
        for name, suffix, other in (
            ("today", "", ""),
            ("past day", f"?at={yesterday}", f"?at={before}"),
        ):
            rows = []
            for _round in range(ROUNDS):
                with served(settings, APPLICATION) as port:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
                    asked(connection, "/en/about")  # the worker is up; nothing is counted yet
                    times = [asked(connection, f"/en{path}{suffix}") for _visit in range(2)]
                    rows.append([*times, asked(connection, f"/en{path}{other}")])
                    connection.close()
            cold, cached, further = (statistics.median(each) for each in zip(*rows, strict=True))
            last = f"{further:14,.0f}" if other else ""
            print(f"{path:30}{name:12}{cold:20,.0f}{cached:9,.1f}{last}")


def asked(connection: http.client.HTTPConnection, path: str) -> float:
    """Milliseconds until the whole answer is there."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return (time.perf_counter() - start) * 1000


def measure_files(settings: Settings) -> None:
    """Files of all that a list finds, and of a whole register; the last of some rounds counts, when all workers have sent one."""
    print(f"\nfiles{'first byte ms':>40}{'seconds':>10}{'MB':>8}{'memory after a tenth, in all':>32}")
    with served(settings, APPLICATION) as port:
        for path in (
            "/exports/search.{}?ended=1",
            f"/exports/{REGISTER}" + ".{}?ended=1",
            f"/exports/{REGISTER}" + ".{}",
        ):
            for file_format in FORMATS:
                taken = [take(port, path.format(file_format)) for _round in range(ROUNDS)][-1]
                print(
                    f"{path.format(file_format):35}{taken.first_byte:10.0f}{taken.seconds:10.1f}{taken.size / 1e6:8.1f}"
                    f"{taken.growth:18.0f} MB{taken.growth_in_all:8.0f} MB"
                )


def take(port: int, path: str) -> Taken:
    """Read a file as fast as it comes."""
    before = memory()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    first = answer.read(1)
    first_byte = (time.perf_counter() - start) * 1000
    sizes, held = [len(first)], [memory()]
    while part := answer.read(READ):
        sizes.append(len(part))
        held.append(memory())
    seconds = time.perf_counter() - start
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    tenth = held[len(held) // 10]
    return Taken(first_byte, seconds, sum(sizes), max(held) - tenth, max(held) - before)


def memory() -> float:
    """MB that the processes of the server hold."""
    return sum(each.memory_info().rss for each in psutil.Process().children(recursive=True)) / 1e6


if __name__ == "__main__":
    sys.exit(main())
