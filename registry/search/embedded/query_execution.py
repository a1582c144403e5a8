"""Query execution over a snapshot: which matches are shown, one page of them, facet counts, and how many are hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from registry.search.analysis.explanation import explain
from registry.search.analysis.joined_synonyms import join_synonyms
from registry.search.analysis.query_parser import ParsedQuery, parse_query
from registry.search.analysis.synonyms import built_in
from registry.search.embedded import matching, nearest, ranking
from registry.search.embedded.columns import DocNumbers, Mask
from registry.search.embedded.matching import Matches, Scores
from registry.search.embedded.near_matches import (
    behind_near,
    join,
    near_matches,
    near_texts_of,
    similarities_of,
)
from registry.search.embedded.page_terms import SnapshotPageTerms
from registry.search.embedded.snapshot import Snapshot, membership_mask
from registry.search.port import RELAXED_STAGES, NameMatches, Query, SearchResult

MAX_SUGGEST_LENGTH = 60
MIN_SCAN_STEP = 1024  # documents that `ids_after` looks at together
ENTRY_BYTES = 200  # of a facet's value, an id, a word in memory, roughly
RESULT_ENTRIES = 5  # that an empty result weighs


def execute(snapshot: Snapshot, query: Query) -> SearchResult:
    """Return one page of matches with facet counts; without words, of everything that passes the filters."""
    parsed = parse_joined(snapshot, query)
    within = snapshot.filter_mask(query.filters, query.since, query.until) if query.near_within else None
    matches = _match(snapshot, parsed, within)
    near = None
    if query.near:
        similarities = similarities_of(snapshot, query.near)
        near = _near_matches(snapshot, query, parsed, similarities, matches=matches)
        if query.near_first and matches.stage in RELAXED_STAGES:
            matches = behind_near(matches, similarities)
    page = _apply_filters(snapshot, query, parsed, matches)
    if near is not None:
        page = page.joined_with(near)
    ids = ranking.rank_page(snapshot, page.filtered, query)
    near_texts = {} if near is None else near_texts_of(snapshot, query.near, near.filtered, ids)
    explanation = None
    if query.explain:
        terms = SnapshotPageTerms(snapshot, page.filtered, ids)
        explanation = explain(parsed, terms, near_texts, dict(query.near))
    return SearchResult(
        total=len(page.filtered.docs),
        ids=ids,
        facets=_facet_counts(snapshot, page, query),
        ended_hidden=page.hidden,
        highlights=parsed.highlights,
        stage=page.filtered.stage,
        near_texts=near_texts,
        explanation=explanation,
        synonyms=parsed.synonyms,
        **_demo_counts(snapshot, page, query),
    )


def parse_joined(snapshot: Snapshot, query: Query) -> ParsedQuery:
    """Parse a query with the synonyms that the index has; kept by generation."""
    synonyms = query.synonyms or built_in()
    key = ("parsed", query.text, synonyms)
    parsed: ParsedQuery | None = snapshot.cache_get(key)
    if parsed is None:
        parsed = parse_query(query.text, join_synonyms(query.text, synonyms, snapshot.occurring))
        snapshot.cache_put(key, parsed, ENTRY_BYTES * (RESULT_ENTRIES + len(parsed.highlights)))
    return parsed


def count_name_matches(snapshot: Snapshot, text: str) -> NameMatches:
    """Count the records that the whole text names, ended ones included."""
    matches = matching.match_names(snapshot, parse_query(text))
    return NameMatches(len(matches.exact), len(matches.docs))


def filter_matching(snapshot: Snapshot, query: Query, ids: Iterable[int]) -> list[int]:
    """Return which of these records a query matches strictly, ended ones included."""
    parsed = parse_joined(snapshot, query)
    matches = _browse(snapshot) if parsed.is_match_all else matching.match_strictly(snapshot, parsed)
    mask = snapshot.filter_mask(query.filters, query.since, query.until)
    docs = matches.docs if mask is None else matches.docs[mask[matches.docs]]
    matching_ids: list[int] = np.intersect1d(snapshot.ids[docs], np.fromiter(ids, np.int64)).tolist()
    return matching_ids


def _match(snapshot: Snapshot, parsed: ParsedQuery, within: Mask | None = None) -> Matches:
    return _browse(snapshot) if parsed.is_match_all else nearest.match(snapshot, parsed, within)


def _browse(snapshot: Snapshot) -> Matches:
    live = np.flatnonzero(snapshot.live).astype(np.int32)
    return Matches(live, np.zeros(len(live), np.float32), stage="browse")


@dataclass(frozen=True, slots=True)
class _FilteredMatches:
    """Matches that may be shown: `visible` without filters, `filtered` with them; and how many are `hidden`."""

    visible: Matches
    filtered: Matches
    hidden: int

    def joined_with(self, near: _FilteredMatches) -> _FilteredMatches:
        """Return these matches and the near ones behind them."""
        return _FilteredMatches(
            join(self.visible, near.visible), join(self.filtered, near.filtered), self.hidden
        )


def _apply_filters(
    snapshot: Snapshot, query: Query, parsed: ParsedQuery, matches: Matches
) -> _FilteredMatches:
    mask = snapshot.filter_mask(query.filters, query.since, query.until)
    visible, hidden = matches, 0
    if not (query.include_ended or parsed.mentions_ended or query.filters_by_status):
        visible, hidden = _hide_ended(snapshot, matches, mask)
    filtered = visible if mask is None else visible.select(mask[visible.docs])
    return _FilteredMatches(visible, filtered, hidden)


def _near_matches(
    snapshot: Snapshot, query: Query, parsed: ParsedQuery, similarities: Scores, *, matches: Matches
) -> _FilteredMatches:
    """Return the documents near in meaning that may be shown beside what the words find."""
    near = matching.without_excluded(snapshot, parsed, near_matches(snapshot, similarities, without=matches))
    return _apply_filters(snapshot, query, parsed, near)


def suggest(snapshot: Snapshot, text: str, lang: str, limit: int) -> list[int]:
    """Return ids of records that may be meant while a text is being typed."""
    matches = matching.match_prefix(snapshot, text[:MAX_SUGGEST_LENGTH])
    return ranking.rank_page(snapshot, matches, Query(lang=lang, limit=limit))


def ids_after(snapshot: Snapshot, query: Query, last_id: int) -> list[int]:
    """Return ids above `last_id` that pass the query's filters, ascending, at most `query.limit`."""
    passing = snapshot.live
    if (mask := snapshot.filter_mask(query.filters, query.since, query.until)) is not None:
        passing = passing & mask
    if not (query.include_ended or query.filters_by_status):
        passing = passing & ~snapshot.ended
    order = snapshot.order_by_id
    start = int(np.searchsorted(snapshot.ids, last_id, side="right", sorter=order))
    ids: list[int] = []
    step = max(query.limit, MIN_SCAN_STEP)
    while start < len(order) and len(ids) < query.limit:
        docs = order[start : start + step]
        ids += snapshot.ids[docs[passing[docs]]].tolist()
        start += step
    return ids[: query.limit]


def result_size(result: SearchResult) -> int:
    """Return what a result weighs in memory, in bytes, roughly."""
    entries = len(result.ids) + len(result.highlights) + sum(map(len, result.facets.values()))
    return ENTRY_BYTES * (entries + RESULT_ENTRIES)


def _hide_ended(snapshot: Snapshot, matches: Matches, mask: Mask | None) -> tuple[Matches, int]:
    """Return matches without ended records that are not named, and how many that hides.

    Where only ended records pass the filters, all are returned: an empty page would be a lie.
    """
    shown = ~snapshot.ended[matches.docs]
    if len(matches.exact):
        shown |= membership_mask(matches.docs, matches.exact, snapshot.document_count)
    passing = shown if mask is None else shown[mask[matches.docs]]
    shown_count = int(np.count_nonzero(passing))
    hidden_count = len(passing) - shown_count
    if hidden_count and not shown_count:
        return matches, 0
    return matches.select(shown), hidden_count


def _demo_counts(snapshot: Snapshot, page: _FilteredMatches, query: Query) -> dict[str, Any]:
    """Return how many of the matches, and of each facet's counts, are of invented records."""
    demo = snapshot.demo
    if demo is None:
        return {}
    visible, filtered = (matches.select(demo[matches.docs]) for matches in (page.visible, page.filtered))
    counts = (
        _facet_counts(snapshot, _FilteredMatches(visible, filtered, 0), query) if len(visible.docs) else {}
    )
    return {
        "demo_total": len(filtered.docs),
        "demo_facets": {name: dict(of_facet) for name, of_facet in counts.items() if of_facet},
    }


def _facet_counts(
    snapshot: Snapshot, page: _FilteredMatches, query: Query
) -> dict[str, list[tuple[str, int]]]:
    """Count the values of each facet among what the other filters leave."""
    unfiltered = [name for name in query.facets if name not in query.filters]
    counted = snapshot.counts(unfiltered, page.filtered.docs)
    visible: DocNumbers = page.visible.docs
    for name in query.facets:
        if name in query.filters:
            others = {other: values for other, values in query.filters.items() if other != name}
            mask = snapshot.filter_mask(others, query.since, query.until)
            counted |= snapshot.counts([name], visible if mask is None else visible[mask[visible]])
    return {name: counted.get(name, []) for name in query.facets}
