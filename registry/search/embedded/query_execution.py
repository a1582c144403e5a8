"""Answering a query from a snapshot: which hits are shown, one page of them, counts, and what is hidden."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from registry.search.analysis.query_parser import ParsedQuery, parse_query
from registry.search.embedded import matching, ranking
from registry.search.embedded.columns import DocNumbers, Mask
from registry.search.embedded.matching import Matches
from registry.search.embedded.snapshot import Snapshot, membership_mask
from registry.search.port import STRICT_STAGES, NameMatches, Query, SearchResult

MAX_SUGGEST_LENGTH = 60
ENTRY_BYTES = 200  # of a facet's value, an id, a word: what one weighs in memory, roughly


def execute(snapshot: Snapshot, query: Query) -> SearchResult:
    """One page of hits with facets; with no words, of everything that passes the filters."""
    question = parse_query(query.text, query.synonyms)
    hits = _match(snapshot, question)
    visible, shown, hidden = _visible_and_filtered(snapshot, query, question, hits)
    return SearchResult(
        total=len(shown.docs),
        ids=ranking.rank_page(
            snapshot, shown.docs, shown.scores, query.sort, query.lang, query.offset, query.limit
        ),
        facets=_facet_counts(snapshot, visible.docs, shown.docs, query),
        ended_hidden=hidden,
        highlights=question.highlights,
        stage=hits.stage,
        synonyms=question.synonyms,
    )


def count_name_matches(snapshot: Snapshot, text: str) -> NameMatches:
    """How many records the text names exactly, and how many it names or begins to name."""
    found, exact = matching.match_names(snapshot, parse_query(text))
    return NameMatches(len(exact), len(found.docs))


def filter_matching(snapshot: Snapshot, query: Query, ids: Iterable[int]) -> list[int]:
    """Which of these records the query finds, ended ones included, when it takes no other words than those typed."""
    hits = _match(snapshot, parse_query(query.text, query.synonyms))
    if hits.stage not in STRICT_STAGES:
        return []
    mask = snapshot.filter_mask(query.filters, query.since, query.until)
    docs = hits.docs if mask is None else hits.docs[mask[hits.docs]]
    found: list[int] = np.intersect1d(snapshot.ids[docs], np.fromiter(ids, np.int64)).tolist()
    return found


def _match(snapshot: Snapshot, parsed: ParsedQuery) -> Matches:
    if parsed.is_match_all:
        everything = _all_live(snapshot)
        return Matches(everything, np.zeros(len(everything), np.float32), stage="browse")
    return matching.match(snapshot, parsed)


def _visible_and_filtered(
    snapshot: Snapshot, query: Query, parsed: ParsedQuery, matches: Matches
) -> tuple[Matches, Matches, int]:
    """Hits that have not ended (or may be seen), those that pass the filters, and how many that hides."""
    mask = snapshot.filter_mask(query.filters, query.since, query.until)
    visible, hidden = matches, 0
    if not (query.include_ended or parsed.mentions_ended or _filters_by_status(query)):
        visible, hidden = _hide_ended(snapshot, matches, mask)
    return visible, visible if mask is None else visible.select(mask[visible.docs]), hidden


def suggest(snapshot: Snapshot, text: str, lang: str, limit: int) -> list[int]:
    """Records that may be meant while the text is still being typed."""
    hits = matching.match_prefix(snapshot, text[:MAX_SUGGEST_LENGTH])
    return ranking.rank_page(snapshot, hits.docs, hits.scores, "relevance", lang, 0, limit)


def ids_after(snapshot: Snapshot, query: Query, last_id: int) -> list[int]:
    """Ids above `last` that pass the query's filters, ascending, at most `query.limit`."""
    passing = snapshot.live
    if (mask := snapshot.filter_mask(query.filters, query.since, query.until)) is not None:
        passing = passing & mask
    if not (query.include_ended or _filters_by_status(query)):
        passing = passing & ~snapshot.ended
    order = snapshot.order_by_id
    start = int(np.searchsorted(snapshot.ids, last_id, side="right", sorter=order))
    found: list[int] = []
    step = max(query.limit, 1024)
    while start < len(order) and len(found) < query.limit:
        docs = order[start : start + step]
        found += snapshot.ids[docs[passing[docs]]].tolist()
        start += step
    return found[: query.limit]


def result_size(result: SearchResult) -> int:
    """What an answer weighs in memory, in bytes, roughly."""
    entries = len(result.ids) + len(result.highlights) + sum(map(len, result.facets.values()))
    return ENTRY_BYTES * (entries + 5)


def _all_live(snapshot: Snapshot) -> DocNumbers:
    return np.flatnonzero(snapshot.live).astype(np.int32)


def _filters_by_status(query: Query) -> bool:
    """Who filters by a status wants to see it, ended or not."""
    return bool(query.filters.get("status") or query.filters.get("standing"))


def _hide_ended(snapshot: Snapshot, matches: Matches, mask: Mask | None) -> tuple[Matches, int]:
    """Hits without those that have ended, unless named; and how many that hides. All, where nothing else is left."""
    kept = ~snapshot.ended[matches.docs]
    if len(matches.exact):
        kept |= membership_mask(matches.docs, matches.exact, snapshot.document_count)
    passing = kept if mask is None else kept[mask[matches.docs]]
    shown = int(np.count_nonzero(passing))
    hidden = len(passing) - shown
    if hidden and not shown:  # an empty page would be a lie
        return matches, 0
    return matches.select(kept), hidden


def _facet_counts(
    snapshot: Snapshot, visible: DocNumbers, shown: DocNumbers, query: Query
) -> dict[str, list[tuple[str, int]]]:
    """Counts of each facet among what the other filters leave."""
    free = [name for name in query.facets if name not in query.filters]
    counted = snapshot.counts(free, shown)
    for name in query.facets:
        if name in query.filters:
            others = {other: values for other, values in query.filters.items() if other != name}
            mask = snapshot.filter_mask(others, query.since, query.until)
            counted |= snapshot.counts([name], visible if mask is None else visible[mask[visible]])
    return {name: counted.get(name, []) for name in query.facets}
