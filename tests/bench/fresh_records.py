"""Searches of every type over records that no other set has, invented but for listed companies: python -m tests.bench.fresh_records

[-v] [--type TEXT] [--no-meaning] [--save FILE] [--compare FILE]. Sheets and searches stand in tests/bench/fresh, with the columns
and rules of the judged ones. Prints the table of `make relevance`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.operations import maintenance, relay
from tests.bench.judged import SHEETS, Answer, JudgedQuery, ask, keys_of
from tests.bench.relevance import print_changes, print_missed, print_table

FOLDER = Path(__file__).parent / "fresh"
SET = "fresh"


def searches(of_type: str = "") -> Iterator[JudgedQuery]:
    """Yield the searches with what answers them."""
    with (FOLDER / "searches.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if of_type in row["type"]:
                expected = tuple(filter(None, row["expect"].split("|")))
                yield JudgedQuery(
                    row["id"], SET, row["lang"], row["type"], row["query"], expected, row["rule"], row["why"]
                )


def load(registry: Registry) -> None:
    """Import the sheets, and put what they hold into the index."""
    for slug in SHEETS:
        importer.import_files(registry, REGISTRAR, slug, [FOLDER / f"{slug}.csv"])
    relay.run_relay_once(registry)
    registry.search.status()


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fresh_records")
    parser.add_argument("-v", action="store_true", help="print what is missed and why")
    parser.add_argument("--type", default="", help="only types that contain this text")
    parser.add_argument("--no-meaning", action="store_true", help="without what is only near in meaning")
    parser.add_argument("--save", type=Path, help="write which queries pass, for --compare")
    parser.add_argument("--compare", type=Path, help="print what changed since a saved run")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pinzheng-") as folder:
        settings = Settings(
            Path(folder),
            f"sqlite:///{folder}/r.sqlite3",
            "x" * 32,
            "http://127.0.0.1:8000",
            search_meaning=not chosen.no_meaning,
        )
        maintenance.initialise(settings)
        registry = open_registry(settings)
        load(registry)
        keys = keys_of(registry)
        answers = [ask(registry, query, keys) for query in searches(chosen.type)]
        print_table(answers)
        if chosen.v:
            print_missed(registry, answers, keys)
        report_changes(answers, chosen.save, chosen.compare)


def report_changes(answers: Sequence[Answer], save: Path | None, compare: Path | None) -> None:
    if compare:
        print_changes(answers, json.loads(compare.read_text("utf-8")))
    if save:
        saved = {each.query.id: {"passed": int(each.passed), "rank": each.rank} for each in answers}
        save.write_text(json.dumps(saved, indent=0), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
