"""Ranking explained: which searches were tried, what words were looked for, and the parts of each record's score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from registry.i18n import LOCALES, _, gettext
from registry.search.analysis.explanation import ExplainedClause, ExplainedRow, Explanation, ScorePart
from registry.search.port import Query, SearchPort, SearchResult
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.services.records.projections import Json
from registry.services.records.views import ResultRowView
from registry.store.unit_of_work import read_transaction

MAX_TRIED = 12  # searches that are listed
STAGES = {
    "exact": _("Exact number or name"),
    "words": _("All words"),
    "most": _("Most of the words"),
    "spelling": _("Other spellings"),
    "meaning": _("Near in meaning"),
    "browse": _("No words"),
    "none": _("Nothing found"),
}
PARTS = {
    "number": _("Number"),
    "name": _("Whole name"),
    "pinyin": _("Pinyin of a name"),
    "beginning": _("Beginning of a name"),
    "whole_name": _("A word is a whole name"),
    "similar_name": _("Similar name"),
    "word": _("Word"),
    "synonym": _("Synonym"),
    "spelling": _("Other spellings"),
    "meaning": _("Near in meaning"),
    "ended": _("Ended"),
    "demo": _("Demonstration data"),
    "other": _("Order within this step"),
}
FIELDS = {
    "code": _("Numbers"),
    "names": _("Names"),
    "pinyin": _("Pinyin"),
    "parties": _("Holder, issuer"),
    "mentions": _("Numbers mentioned"),
    "words": _("Other texts"),
    "full_text": _("Full text"),
    "subjects": _("Subjects"),
}


@dataclass(frozen=True, slots=True)
class TriedSearch:
    """One search that was tried for a request. `stage`: code; `near`: texts that are near in meaning came with it."""

    text: str
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    stage: str
    total: int
    near: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class ExplainedPartView:
    """One part of a score. `kind` and `field` are message ids, `field` "" for none."""

    kind: str
    typed: str
    found: str
    field: str
    score: float


@dataclass(frozen=True, slots=True)
class ExplainedRowView:
    """A record of the page with its score."""

    row: ResultRowView
    score: float
    parts: tuple[ExplainedPartView, ...]


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """How a page of results came about. `stages`: code → message id."""

    tried: tuple[TriedSearch, ...]
    clauses: tuple[ExplainedClause, ...]
    rows: tuple[ExplainedRowView, ...]
    stages: Mapping[str, str]


class RecordedSearch:
    """A search engine that notes what it is asked, and explains what it finds."""

    def __init__(self, search: SearchPort) -> None:
        self._search = search
        self.tried: list[TriedSearch] = []

    def find(self, query: Query) -> SearchResult:
        """Find as the engine does."""
        result = self._search.find(replace(query, explain=True))
        if len(self.tried) < MAX_TRIED:
            filters = tuple((name, tuple(values)) for name, values in sorted(query.filters.items()))
            near = tuple((each.text, each.similarity) for each in query.near)
            self.tried.append(TriedSearch(query.text, filters, result.stage, result.total, near))
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._search, name)


def with_recorded_search(registry: Registry) -> tuple[Registry, RecordedSearch]:
    """Return the registry with a search engine that notes what it is asked."""
    recorded = RecordedSearch(registry.search)
    return replace(registry, search=cast("SearchPort", recorded)), recorded


def explanation_view(
    registry: Registry, recorded: RecordedSearch, result: SearchResult, rows: Sequence[ResultRowView]
) -> ExplanationView:
    """Return how a page of results came about, for a page of the portal."""
    explanation = result.explanation or Explanation()
    by_path = _rows_by_path(registry, explanation)
    explained = tuple(
        ExplainedRowView(row, found.score, tuple(map(_part_view, found.parts)))
        for row in rows
        if (found := by_path.get(row.path)) is not None
    )
    return ExplanationView(tuple(recorded.tried), explanation.clauses, explained, STAGES)


def _rows_by_path(registry: Registry, explanation: Explanation) -> dict[str, ExplainedRow]:
    explained = explanation.rows or {}
    with read_transaction(registry.engine) as connection:
        rows = record_queries.fetch_records(connection, list(explained)) if explained else []
    return {titles.record_path(row.register, row.slug): explained[row.id] for row in rows}


def _part_view(part: ScorePart) -> ExplainedPartView:
    return ExplainedPartView(
        PARTS[part.kind], part.typed, part.found, FIELDS.get(part.field, part.field), part.score
    )


def explanation_json(recorded: RecordedSearch, result: SearchResult) -> Json:
    """Return how a page of results came about as JSON."""
    explanation = result.explanation or Explanation()
    return {
        "searches": [
            {
                "q": each.text,
                "filters": {name: list(values) for name, values in each.filters},
                "stage": each.stage,
                "label": _label(STAGES[each.stage]),
                "total": each.total,
                "near": [{"text": text, "similarity": round(value, 3)} for text, value in each.near],
            }
            for each in recorded.tried
        ],
        "clauses": [
            {
                "words": clause.typed,
                "kind": clause.kind,
                "alternatives": [
                    {
                        "words": each.words,
                        "kind": each.kind,
                        "weight": round(each.weight, 3),
                        "fields": list(each.fields),
                        "records": each.records,
                    }
                    for each in clause.alternatives
                ],
            }
            for clause in explanation.clauses
        ],
    }


def explained_row_json(row: ExplainedRow) -> Json:
    """Return the score of a record with its parts as JSON."""
    return {
        "score": round(row.score, 3),
        "parts": [
            {
                "kind": part.kind,
                "label": _label(PARTS[part.kind]),
                "words": part.typed,
                "found": part.found,
                "field": part.field or None,
                "score": round(part.score, 3),
            }
            for part in row.parts
        ],
    }


def _label(message: str) -> Json:
    return {lang: gettext(message, lang) for lang in LOCALES}
