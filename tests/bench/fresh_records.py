"""Searches of every type over records that no other set has, invented but for listed companies: python -m tests.bench.fresh_records

[-v] [--type TEXT] [--no-meaning] [--save FILE] [--compare FILE]. Sheets and searches stand in tests/bench/fresh, with the columns
and rules of the judged ones. Prints the table of `make relevance`.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from registry.accounts.policy import REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange import importer
from registry.services.operations import relay
from tests.bench.judged import SHEETS, JudgedQuery, ask, keys_of
from tests.bench.relevance import print_missed, print_table, report_changes
from tests.bench.temporary_register import temporary_register

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
    with temporary_register(meaning=not chosen.no_meaning) as registry:
        load(registry)
        keys = keys_of(registry)
        answers = [ask(registry, query, keys) for query in searches(chosen.type)]
        print_table(answers)
        if chosen.v:
            print_missed(registry, answers, keys)
        report_changes(answers, chosen.save, chosen.compare)


if __name__ == "__main__":
    main(sys.argv[1:])
