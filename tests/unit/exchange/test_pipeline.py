"""The way of a chunk of rows: which are published, which are repeated, which are refused, with what results."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from registry.kit.issues import Issue
from registry.services.exchange.duplicate_keys import SeenRow
from registry.services.exchange.pipeline import CheckedRow, PublishedRow, RowResult, process_chunk
from registry.services.publication.publishing import PreparedDocument
from registry.tabular.rows import Row

CONFLICT = Issue("filed_already", "key", {"number": "N-1"})


class TablePolicy:
    """Rows of a key and a text. A row without a key is refused, one whose text is `conflict` is in the way of another.

    `published` collects the rows that reach publication; those whose text is `broken` fail there.
    """

    def __init__(self, *, dry_run: bool = False) -> None:
        self.seen: dict[str, SeenRow] = {}
        self.published: list[int] = []
        self.dry_run = dry_run

    def check(self, connection: Any, rows: Sequence[Row]) -> list[CheckedRow]:
        del connection
        return [self._check(row) for row in rows]

    def content_of(self, document: PreparedDocument) -> str:
        return str(document.values["text"])

    def earlier_rows(self, connection: Any, keys: Collection[str]) -> Mapping[str, SeenRow]:
        del connection
        return {key: self.seen[key] for key in keys if key in self.seen}

    def remember(self, rows: Mapping[str, SeenRow]) -> None:
        self.seen |= rows

    def publish(self, connection: Any, documents: Sequence[PreparedDocument]) -> list[PublishedRow]:
        del connection
        if self.dry_run:
            return []
        self.published += [document.row for document in documents]
        return [
            PublishedRow(document.row, "refused", issue=Issue("not_a_transition", "status"))
            if document.values["text"] == "broken"
            else PublishedRow(document.row, "created", f"N-{document.key}")
            for document in documents
        ]

    def _check(self, row: Row) -> CheckedRow:
        key, text = str(row.cells["key"]), row.cells["text"]
        if not key:
            return CheckedRow(row.number, None, (Issue("key_missing", "key"),))
        document = PreparedDocument(row.number, key, {"text": text}, "")
        if text == "same":
            return CheckedRow(
                row.number, document, expected="unchanged", number="N-0", needs_publishing=False
            )
        return CheckedRow(row.number, document, conflicts=(CONFLICT,) if text == "conflict" else ())


def process(policy: TablePolicy, *cells: tuple[str, str], first: int = 2) -> list[RowResult]:
    rows = [Row(number, {"key": key, "text": text}) for number, (key, text) in enumerate(cells, start=first)]
    return process_chunk(None, rows, policy)  # type: ignore[arg-type]


def outcomes(results: Sequence[RowResult]) -> list[tuple[int, str, str]]:
    return [
        (result.row, result.result, ", ".join(issue.code for issue in result.issues)) for result in results
    ]


def test_every_row_has_a_result_in_the_order_of_the_sheet() -> None:
    policy = TablePolicy()
    results = process(policy, ("", "x"), ("a", "same"), ("b", "x"), ("c", "broken"), ("d", "y"))
    assert outcomes(results) == [
        (2, "refused", "key_missing"),
        (3, "unchanged", ""),
        (4, "created", ""),
        (5, "refused", "not_a_transition"),
        (6, "created", ""),
    ]
    assert policy.published == [4, 5, 6]
    assert [result.number for result in results] == ["", "N-0", "N-b", "", "N-d"]


def test_of_rows_with_one_key_the_first_counts() -> None:
    policy = TablePolicy()
    results = process(policy, ("a", "x"), ("a", "x"), ("a", "y"))
    assert outcomes(results) == [(2, "created", ""), (3, "unchanged", ""), (4, "refused", "duplicate_key")]
    assert results[2].issues[0].params == {"row": 2}
    later = process(policy, ("a", "x"), ("a", "z"), first=500)
    assert outcomes(later) == [(500, "unchanged", ""), (501, "refused", "duplicate_key")]
    assert policy.published == [2]


def test_a_repeated_row_is_reported_before_what_the_register_has_against_it() -> None:
    policy = TablePolicy()
    assert outcomes(process(policy, ("a", "x"), ("a", "conflict"))) == [
        (2, "created", ""),
        (3, "refused", "duplicate_key"),
    ]


def test_a_row_in_conflict_with_the_register_takes_no_key() -> None:
    policy = TablePolicy()
    results = process(policy, ("a", "conflict"), ("a", "x"), ("b", "conflict"), ("b", "conflict"))
    assert outcomes(results) == [
        (2, "refused", "filed_already"),
        (3, "created", ""),
        (4, "refused", "filed_already"),
        (5, "refused", "filed_already"),
    ]
    assert (results[0].natural_key, results[1].natural_key) == (None, "a")


def test_a_chunk_can_be_processed_again_after_a_rollback() -> None:
    policy = TablePolicy()
    first = process(policy, ("a", "x"), ("a", "x"), ("b", "y"))
    assert process(policy, ("a", "x"), ("a", "x"), ("b", "y")) == first
    assert policy.published == [2, 4, 2, 4]


def test_a_dry_run_keeps_the_expected_results() -> None:
    policy = TablePolicy(dry_run=True)
    assert outcomes(process(policy, ("a", "x"), ("a", "y"), ("b", "same"))) == [
        (2, "created", ""),
        (3, "refused", "duplicate_key"),
        (4, "unchanged", ""),
    ]
    assert policy.published == []
