"""The judged queries: the sets at hand, what each rule asks for, and what the registry answers.

All sets are over the same sheets, which are loaded once. A query belongs to one of five folds by its id, for ever: what is
tuned (words, weights) is tuned on four folds and measured on the fifth.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange import importer
from registry.services.exchange.export import iterate_documents
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.operations import relay
from tests.shared_data import SHARED

SETS = ("queries", "dev2")
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
FOLDS = 5
DEPTH = 10  # rows of a page that is judged
NEGATIVE = "empty_or_suggest"  # the rule of queries that nothing answers
Key = tuple[str, str]  # (register, number)


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the records that answer it, best first. `why`: the reason of the judgement."""

    id: str
    set: str
    lang: str
    type: str
    text: str
    expected: tuple[str, ...]
    rule: str
    why: str

    @property
    def fold(self) -> int:
        return zlib.crc32(self.id.encode()) % FOLDS

    @property
    def is_negative(self) -> bool:
        return self.rule == NEGATIVE

    @property
    def page_lang(self) -> str:
        return "en" if self.lang == "en" else "zh"


@dataclass(frozen=True, slots=True)
class Answer:
    """The first page that a query gets. `rows`: keys of records; `filters`: what its words were taken for."""

    query: JudgedQuery
    rows: tuple[str, ...]
    total: int
    suggested: tuple[str, ...]
    filters: tuple[str, ...]
    relaxed: bool

    @property
    def rank(self) -> int:
        """Place of the first record that answers the query; 0: none does."""
        return next((place for place, row in enumerate(self.rows, 1) if row in self.query.expected), 0)

    @property
    def passed(self) -> bool:
        rule, expected, rows = self.query.rule, self.query.expected, self.rows
        if rule == "top1":
            return rows[:1] == expected[:1]
        if rule in ("top3", "top5"):
            return bool(set(rows[: int(rule[3])]) & set(expected))
        if rule == "page1_all":
            return bool(rows) and set(rows) <= set(expected)
        if rule.startswith("suggest:"):
            return rule[8:] in self.suggested or expected[0] in rows[:3]
        return not rows


def judged_queries(sets: tuple[str, ...] = SETS) -> Iterator[JudgedQuery]:
    """Yield the queries of the sets that are at hand."""
    for name in sets:
        path = SHARED / "queries" / f"{name}.csv"
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    expected = tuple(filter(None, row["expect"].split("|")))
                    yield JudgedQuery(
                        row["id"],
                        name,
                        row["lang"],
                        row["type"],
                        row["query"],
                        expected,
                        row["rule"],
                        row["why"],
                    )


def load(registry: Registry) -> None:
    """Import the sheets, and put what they hold into the index."""
    for slug in SHEETS:
        importer.import_files(registry, REGISTRAR, slug, [SHARED / "queries" / f"{slug}.csv"])
    relay.run_relay_once(registry)


def keys_of(registry: Registry) -> dict[Key, str]:
    """(register, number) → key as the judgements write it."""

    class Blank(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return ""

    return {
        (slug, number): f"{slug}:{KEYS[slug].format_map(Blank(values))}"
        for slug in SHEETS
        for number, _status, values in iterate_documents(registry, slug)
    }


def ask(registry: Registry, query: JudgedQuery, keys: dict[Key, str], size: int = DEPTH) -> Answer:
    """Search as the public page does, without a filter."""
    request = SearchRequest(query.text, size=size)
    found = search.find_records(registry, ANONYMOUS, request, query.page_lang)
    return Answer(
        query,
        tuple(keys[row.register.slug, row.number] for row in found.rows),
        found.total,
        found.did_you_mean,
        tuple(f"{each.typed} → {each.name}" for each in found.inferred_filters),
        found.relaxed,
    )
