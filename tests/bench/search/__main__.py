"""`make bench-search`: build, size, answers, freshness and memory of search, beside other engines in the same run.

python -m tests.bench.search [--size N] [--reps N] [--peers whoosh,fts5,tantivy,postgres,ours-postgres]

Every question goes to every engine in turn, so that a slow moment of the machine meets all of them. Each answers with an
exact total, twenty ids and, where asked, counts. Ratios are of medians: above 1, ours is faster.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from registry.search.analysis import query_parser
from registry.search.embedded import query_execution
from registry.search.embedded.engine import EmbeddedEngine
from registry.services.finding.query_understanding.filter_inference import infer_filters
from tests.bench import relevance
from tests.bench.search import corpus, freshness, hostile, queries
from tests.bench.search.peers import PEERS
from tests.bench.search.postgresql_engine import OverPostgres
from tests.bench.search.queries import FACETS, IN_FORCE, PLACE, BenchQuery

ENGINES: dict[str, Any] = PEERS | {OverPostgres.name: OverPostgres}
WARM, FIRST, AGAIN = "ours", "first use", "again"
GOALS = {  # kind → how many times faster than a peer; below 1: how much slower is allowed
    "portal page": {"whoosh": 200, "fts5": 50, "postgres": 40, "tantivy": 1.5},
    "filtered": {"tantivy": 1},
    **{kind: {"tantivy": 0.8} for kind in ("common", "sorted", "facets", "page 50")},
    **{kind: {"tantivy": 0.5} for kind in ("and", "phrase", "prefix", "fuzzy")},
}
SOME = corpus.vocabulary()[4_444]
OTHER = BenchQuery("portal page", SOME, (SOME,), {"status": IN_FORCE, "region": PLACE}, FACETS)
FIRST_OF_TANTIVY = "tantivy, first use"
FIRST_GOAL = 0.2  # of tantivy


class Ours:
    """The engine of the registry. `ask` works every answer out; what its words found is remembered."""

    name = WARM

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "ours"
        self.engine = EmbeddedEngine(self.folder, 128)

    def ask(self, asked: BenchQuery) -> int:
        return query_execution.execute(self.engine.current_snapshot(), asked.ours()).total

    def again(self, asked: BenchQuery) -> int:
        return self.engine.find(asked.ours()).total

    def afresh(self, asked: BenchQuery) -> Callable[[], int]:
        """The same by an engine that was just opened, and has answered one other question with the same filters and facets."""
        engine = EmbeddedEngine(self.folder, 128)
        engine.find(OTHER.ours())
        query_parser.clear_cache()
        return lambda: query_execution.execute(engine.current_snapshot(), asked.ours()).total


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-search")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--peers", default=",".join(ENGINES))
    parser.add_argument("-v", action="store_true", help="print the totals of every engine")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pinzheng-bench-") as folder:
        measure(
            Path(folder),
            chosen.size,
            chosen.reps,
            [each for each in chosen.peers.split(",") if each],
            chosen.v,
        )
    return 0


def measure(folder: Path, size: int, reps: int, names: list[str], verbose: bool) -> None:
    ours, peers = Ours(folder), [ENGINES[name](folder) for name in names]
    build(ours, peers, size)
    mix = queries.mix(itertools.islice(corpus.documents(size), 5_000))
    columns = (AGAIN, WARM, FIRST, *names, *([FIRST_OF_TANTIVY] if "tantivy" in names else []))
    print(f"\n{'median / 95 / 99 of 100, ms':28}" + "".join(f"{name:>24}" for name in columns))
    ratios: dict[str, dict[str, float]] = {}
    for kind, asked in mix.items():
        times = ask(ours, peers, asked, reps, verbose)
        print(f"{kind:28}" + "".join(f"{_spread(times.get(name)):>24}" for name in columns))
        middle = {name: statistics.median(found) for name, found in times.items() if found}
        ratios[kind] = {name: middle[name] / middle[WARM] for name in names if name in middle}
        if "tantivy" in middle:
            ratios[kind][FIRST] = middle[FIRST_OF_TANTIVY] / middle[FIRST]
    print(
        f"\n{'times faster than':16}"
        + "".join(f"{name:>24}" for name in names)
        + f"{'first use: tantivy':>24}"
    )
    for kind, found in ratios.items():
        goals = {**GOALS.get(kind, {}), FIRST: FIRST_GOAL}
        print(
            f"{kind:16}"
            + "".join(f"{_against(found.get(name), goals.get(name)):>24}" for name in (*names, FIRST))
        )
    for peer in peers:
        peer.close()
    hostile.measure(
        lambda query: (
            infer_filters(query.text, ""),
            query_execution.execute(ours.engine.current_snapshot(), query),
        ),
        query_parser.clear_cache,
        (asked.ours() for kind in mix.values() for asked in kind),
    )
    freshness.measure(ours.folder, size)
    freshness.memory(folder, names)
    print()
    relevance.main()


def build(ours: Ours, peers: list[Any], size: int) -> None:
    print(f"{size:,} records")
    rates: dict[str, float] = {}
    started = time.perf_counter()
    for _each in corpus.documents(size):
        pass
    making = time.perf_counter() - started  # not theirs
    for each in (ours, *peers):
        started = time.perf_counter()
        if each is ours:
            ours.engine.rebuild(corpus.documents(size))
            stored = ours.engine.status().size_bytes
        else:
            each.build(corpus.documents(size))
            stored = each.size()
        rates[each.name] = size / max(time.perf_counter() - started - making, 0.001)
        ratio = f"{rates[WARM] / rates[each.name]:8.2f} times as fast" if each is not ours else ""
        print(
            f"build {each.name:10} {rates[each.name]:10,.0f} records/s {stored / size:8,.0f} bytes each {ratio}"
        )
        sys.stdout.flush()


def ask(
    ours: Ours, peers: list[Any], asked: list[BenchQuery], reps: int, verbose: bool
) -> dict[str, list[float]]:
    """Engine → milliseconds of every question and repetition."""
    times: dict[str, list[float]] = {}
    for one in asked:
        totals = {ours.name: ours.ask(one)} | {
            each.name: (found := each.ask(one)) and found[0] for each in peers
        }
        if verbose:
            print(one.kind, one.text, totals)
        for _rep in range(reps):
            runs: list[tuple[str, Callable[[], Any]]] = [
                (FIRST, ours.afresh(one)),
                (WARM, lambda one=one: ours.ask(one)),
                (AGAIN, lambda one=one: ours.again(one)),
            ]
            runs += [(each.name, lambda one=one, each=each: each.ask(one)) for each in peers]
            runs += [(FIRST_OF_TANTIVY, each.afresh(OTHER, one)) for each in peers if each.name == "tantivy"]
            for name, run in runs:
                started = time.perf_counter()
                found = run()
                passed = (time.perf_counter() - started) * 1000
                if found is not None:
                    times.setdefault(name, []).append(passed)
    return times


def _spread(times: list[float] | None) -> str:
    if not times:
        return "-"
    ends = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return f"{statistics.median(times):.2f} / {ends[94]:.2f} / {ends[98]:.2f}"


def _against(ratio: float | None, goal: float | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio:.2f}" + (f" (goal {goal:g}{', missed' if ratio < goal else ''})" if goal else "")


if __name__ == "__main__":
    sys.exit(main())
