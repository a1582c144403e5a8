"""How soon the index shows what is written, what readers feel of it, and what a reading process holds in memory."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from registry.search.analysis import query_parser, tokens
from registry.search.embedded import query_execution
from registry.search.embedded.engine import EmbeddedEngine
from registry.search.port import Query
from tests.bench.search import corpus, queries
from tests.bench.search.peers import PEERS

MODULE = "tests.bench.search.freshness"
SECONDS = 8.0
NEW = 1 << 40  # ids of records that are written here
PAUSE = 0.002  # between two questions of a reader


def measure(folder: Path, size: int) -> None:
    """After a build in this folder: refresh, time until found, and readers beside a writer."""
    engine, writer = EmbeddedEngine(folder, 128), EmbeddedEngine(folder, 128)
    some = [dataclasses.replace(each, id=NEW + each.id) for each in corpus.documents(400)]
    page = queries.mix(corpus.documents(5_000))["portal page"][0].ours()
    query_execution.execute(engine.current_snapshot(), page)
    print("\nafter a commit of   written in   read again in   first portal page")
    for number in (1, 200):
        rows = []
        for turn in range(5):
            started = time.perf_counter()
            writer.write(some[turn : turn + number], deletes=[])
            written = time.perf_counter()
            engine.current_snapshot(fresh=True)
            read = time.perf_counter()
            query_execution.execute(engine.current_snapshot(), page)
            rows.append((written - started, read - written, time.perf_counter() - read))
        print(
            f"{number:4} records      "
            + "".join(f"{statistics.median(each) * 1000:10.2f} ms" for each in zip(*rows, strict=True))
            + "   (goal of reading again: 25 ms)"
        )
    started = time.perf_counter()
    writer.write([dataclasses.replace(some[0], id=NEW - 1, names=("鬯鬼鬵鬷",))], deletes=[])
    while not engine.find(Query("鬯鬼鬵鬷")).total:
        time.sleep(0.01)
    print(f"a new record is found by another process after {time.perf_counter() - started:.2f} s (goal 5)")
    alone, beside = _readers(folder, writing=False), _readers(folder, writing=True)
    for name, times in (("alone", alone), ("while a writer commits", beside)):
        ends = statistics.quantiles(times, n=100)
        print(
            f"portal pages {name:24} {statistics.median(times):8.2f} ms median, {ends[98]:8.2f} ms for 99 of 100, of {len(times):,}"
        )
    ratio = statistics.quantiles(beside, n=100)[98] / statistics.quantiles(alone, n=100)[98]
    print(f"99 of 100 while writing: {ratio:.2f} times alone (goal at most 2), {size:,} records")


def _readers(folder: Path, *, writing: bool) -> list[float]:
    """Milliseconds of portal pages, worked out each time, for some seconds."""
    engine = EmbeddedEngine(folder, 128)
    pages = [each.ours() for each in queries.mix(corpus.documents(5_000))["portal page"]]
    for page in pages:
        query_execution.execute(engine.current_snapshot(), page)
    process = subprocess.Popen([sys.executable, "-m", MODULE, "write", str(folder)]) if writing else None
    times: list[float] = []
    end = time.monotonic() + SECONDS
    for page in itertools.cycle(pages):
        if time.monotonic() > end:
            break
        started = time.perf_counter()
        query_execution.execute(engine.current_snapshot(), page)
        times.append((time.perf_counter() - started) * 1000)
        time.sleep(PAUSE)
    if process:
        process.terminate()
        process.wait()
    return times


def write(folder: Path) -> None:
    """Commit without a pause until terminated, 200 records at a time."""
    engine = EmbeddedEngine(folder, 128)
    some = [dataclasses.replace(each, id=NEW + each.id) for each in corpus.documents(4_000)]
    for turn in itertools.count():
        first = turn * 200 % len(some)
        engine.write(some[first : first + 200], deletes=[])


def memory(folder: Path, names: list[str]) -> None:
    """Private memory that answering the mix adds to a process of its own: ours and stock Whoosh."""
    grown = {}
    for name in ("ours", *(each for each in names if each == "whoosh")):
        output = subprocess.run(
            [sys.executable, "-m", MODULE, "read", str(folder), name],
            check=True,
            capture_output=True,
            text=True,
        )
        grown[name] = float(output.stdout)
        print(f"memory that reading adds, {name:8} {grown[name]:8.1f} MB")
    if "whoosh" in grown:
        print(
            f"a reading process of ours holds {grown['ours'] / grown['whoosh']:.2f} of stock Whoosh (goal at most 0.1)"
        )


def read(folder: Path, name: str) -> None:
    """Run the whole mix once and print the private memory that this added, in MB."""
    mix = queries.mix(corpus.documents(5_000))
    query_parser.parse_query(
        "词典 dictionary GB/T 1-2020"
    )  # tables and dictionaries are the language's, not the index's
    tokens.joined_pinyin("词典")
    asking: Any = EmbeddedEngine(folder / "ours", 128) if name == "ours" else PEERS[name](folder)
    before = own_memory()
    for query in itertools.chain.from_iterable(mix.values()):
        if name == "ours":
            asking.find(query.ours())
        else:
            asking.ask(query)
    print((own_memory() - before) / 1_000_000)


def own_memory() -> int:
    """Bytes that only this process has. Mapped pages of an index are not among them, even before the disk has them."""
    maps = psutil.Process().memory_maps(grouped=False)
    return sum(each.private_dirty for each in maps if each.path.startswith("["))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["write", "read"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("name", nargs="?", default="")
    chosen = parser.parse_args()
    if chosen.what == "write":
        write(chosen.folder)
    else:
        read(chosen.folder, chosen.name)


if __name__ == "__main__":
    main()
