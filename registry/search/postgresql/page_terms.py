"""What the engine over PostgreSQL tells of the records of one page, for the explanation of their order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from registry.search.postgresql.tables import prefixed_term


class TablePageTerms:
    """The rows (id, terms, ended, demo) of a page of records with these scores.

    Terms that a page asks for beside those of `add_frequencies` count as held by the records of the page alone.
    """

    def __init__(
        self,
        scores: Mapping[int, float],
        rows: Sequence[Any],
        document_count: int,
        near_terms: Callable[[str, str], list[str]],
    ) -> None:
        self.scores: Mapping[int, float] = scores
        self.document_count = document_count
        self._terms = {row.id: frozenset(row.terms) for row in rows}
        self.ended: Collection[int] = {row.id for row in rows if row.ended}
        self.demo: Collection[int] = {row.id for row in rows if row.demo}
        self._near_terms = near_terms
        self._frequencies: Mapping[str, int] = {}

    def add_frequencies(self, frequencies: Mapping[str, int]) -> None:
        """Give how many records have each term."""
        self._frequencies = frequencies

    def having(self, field: str, terms: tuple[str, ...]) -> tuple[Collection[int], int]:
        prefixed = [prefixed_term(field, term) for term in terms]
        ids = [record_id for record_id, held in self._terms.items() if held.issuperset(prefixed)]
        frequency = min((self._frequencies.get(term, len(ids)) for term in prefixed), default=0)
        return ids, frequency

    def beginning(self, prefix: str) -> Mapping[int, int]:
        marked = prefixed_term("exact", prefix)
        lengths = {
            record_id: [len(term.encode()) - 1 for term in held if term.startswith(marked)]
            for record_id, held in self._terms.items()
        }
        return {record_id: min(found) for record_id, found in lengths.items() if found}

    def near_terms(self, field: str, word: str) -> list[str]:
        return self._near_terms(field, word)
