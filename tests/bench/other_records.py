"""Searches for the goods of invented makers, none of which is among the judged records: python -m tests.bench.other_records [further | latest]

Prints which share of them finds the right maker first and among the first three, how many for what no maker has are answered, and
what is missed. `further`, `latest`: sets written before the changes of decisions 63 and 75.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange import importer
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.operations import relay
from tests.bench.temporary_register import temporary_register

FOLDER = Path(__file__).parent


def names_found(registry: Registry, query: str) -> list[str]:
    lang = "en" if query.isascii() else "zh"
    return [row.title.zh for row in search.find_records(registry, ANONYMOUS, SearchRequest(query), lang).rows]


def main(name: str = "other") -> None:
    with temporary_register() as registry:
        importer.import_files(registry, REGISTRAR, "brands", [FOLDER / f"{name}_brands.csv"])
        relay.run_relay_once(registry)
        registry.search.status()
        with (FOLDER / f"{name}_searches.csv").open(encoding="utf-8", newline="") as file:
            answers = [(row, names_found(registry, row["query"])) for row in csv.DictReader(file)]
    positive = [(row, names) for row, names in answers if row["expect"]]
    negative = [names for row, names in answers if not row["expect"]]
    first = sum(names[:1] == [row["expect"]] for row, names in positive)
    third = sum(row["expect"] in names[:3] for row, names in positive)
    print(f"first {first / len(positive):.3f}, among three {third / len(positive):.3f} of {len(positive)}")
    print(f"of {len(negative)} for what no maker has, {sum(map(bool, negative))} are answered")
    for row, names in answers:
        if (row["expect"] not in names[:3]) if row["expect"] else names:
            print(f"{row['query']}: {row['expect'] or 'nothing'}; got {names[:4]}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
