"""Answering a query from a snapshot: which hits are shown, one page of them, counts, and what is hidden."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from registry.search.analysis.query_parser import Question, ask
from registry.search.embedded import matching, ranking
from registry.search.embedded.columns import Docs, Mask
from registry.search.embedded.matching import Hits
from registry.search.embedded.snapshot import Snapshot, within
from registry.search.port import WHOLLY, Found, Query

LONGEST_TYPED = 60
ENTRY_BYTES = 200  # of a facet's value, an id, a word: what one weighs in memory, roughly


def find(snapshot: Snapshot, query: Query) -> Found:
    """One page of hits with facets; with no words, of everything that passes the filters."""
    question = ask(query.text, query.synonyms)
    hits = _hits(snapshot, question)
    visible, shown, hidden = _seen(snapshot, query, question, hits)
    return Found(
        total=len(shown.docs),
        ids=ranking.page(
            snapshot, shown.docs, shown.scores, query.sort, query.lang, query.offset, query.limit
        ),
        facets=_counts(snapshot, visible.docs, shown.docs, query),
        ended_hidden=hidden,
        terms=question.terms,
        stage=hits.stage,
        meant=question.meant,
    )


def named(snapshot: Snapshot, text: str) -> tuple[int, int]:
    """How many records the text names exactly, and how many it names or begins to name."""
    found, exact = matching.named(snapshot, ask(text))
    return len(exact), len(found.docs)


def among(snapshot: Snapshot, query: Query, ids: Iterable[int]) -> list[int]:
    """Which of these records the query finds, ended ones included, when it takes no other words than those typed."""
    hits = _hits(snapshot, ask(query.text, query.synonyms))
    if hits.stage not in WHOLLY:
        return []
    mask = snapshot.mask(query.filters, query.since, query.until)
    docs = hits.docs if mask is None else hits.docs[mask[hits.docs]]
    found: list[int] = np.intersect1d(snapshot.ids[docs], np.fromiter(ids, np.int64)).tolist()
    return found


def _hits(snapshot: Snapshot, question: Question) -> Hits:
    if question.asks_nothing:
        everything = _everything(snapshot)
        return Hits(everything, np.zeros(len(everything), np.float32), stage="browse")
    return matching.hits(snapshot, question)


def _seen(snapshot: Snapshot, query: Query, question: Question, hits: Hits) -> tuple[Hits, Hits, int]:
    """Hits that have not ended (or may be seen), those that pass the filters, and how many that hides."""
    mask = snapshot.mask(query.filters, query.since, query.until)
    visible, hidden = hits, 0
    if not (query.include_ended or question.asks_ended or _asks_ended(query)):
        visible, hidden = _without_ended(snapshot, hits, mask)
    return visible, visible if mask is None else visible.among(mask[visible.docs]), hidden


def suggest(snapshot: Snapshot, text: str, lang: str, limit: int) -> list[int]:
    """Records that may be meant while the text is still being typed."""
    hits = matching.begun(snapshot, text[:LONGEST_TYPED])
    return ranking.page(snapshot, hits.docs, hits.scores, "relevance", lang, 0, limit)


def ids_after(snapshot: Snapshot, query: Query, last: int) -> list[int]:
    """Ids above `last` that pass the query's filters, ascending, at most `query.limit`."""
    passing = snapshot.live
    if (mask := snapshot.mask(query.filters, query.since, query.until)) is not None:
        passing = passing & mask
    if not (query.include_ended or _asks_ended(query)):
        passing = passing & ~snapshot.ended
    order = snapshot.by_id
    start = int(np.searchsorted(snapshot.ids, last, side="right", sorter=order))
    found: list[int] = []
    step = max(query.limit, 1024)
    while start < len(order) and len(found) < query.limit:
        docs = order[start : start + step]
        found += snapshot.ids[docs[passing[docs]]].tolist()
        start += step
    return found[: query.limit]


def size_of(found: Found) -> int:
    """What an answer weighs in memory, in bytes, roughly."""
    entries = len(found.ids) + len(found.terms) + sum(map(len, found.facets.values()))
    return ENTRY_BYTES * (entries + 5)


def _everything(snapshot: Snapshot) -> Docs:
    return np.flatnonzero(snapshot.live).astype(np.int32)


def _asks_ended(query: Query) -> bool:
    """Who filters by a status wants to see it, ended or not."""
    return bool(query.filters.get("status") or query.filters.get("standing"))


def _without_ended(snapshot: Snapshot, hits: Hits, mask: Mask | None) -> tuple[Hits, int]:
    """Hits without those that have ended, unless named; and how many that hides. All, where nothing else is left."""
    kept = ~snapshot.ended[hits.docs]
    if len(hits.exact):
        kept |= within(hits.docs, hits.exact, snapshot.n)
    passing = kept if mask is None else kept[mask[hits.docs]]
    shown = int(np.count_nonzero(passing))
    hidden = len(passing) - shown
    if hidden and not shown:  # an empty page would be a lie
        return hits, 0
    return hits.among(kept), hidden


def _counts(snapshot: Snapshot, visible: Docs, shown: Docs, query: Query) -> dict[str, list[tuple[str, int]]]:
    """Counts of each facet among what the other filters leave."""
    free = [name for name in query.facets if name not in query.filters]
    counted = snapshot.counts(free, shown)
    for name in query.facets:
        if name in query.filters:
            others = {other: values for other, values in query.filters.items() if other != name}
            mask = snapshot.mask(others, query.since, query.until)
            counted |= snapshot.counts([name], visible if mask is None else visible[mask[visible]])
    return {name: counted.get(name, []) for name in query.facets}
