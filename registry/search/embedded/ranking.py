"""The order of hits: the best few of many, without sorting the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from registry.search.embedded.arrays import Array
from registry.search.embedded.columns import PREFIX_WORDS, DocNumbers
from registry.search.embedded.matching import Scores
from registry.search.embedded.snapshot import Snapshot

UNRANKED = np.iinfo(np.int16).max
MAX_TIES = 2_000  # hits alike in every key whose whole names are still read and compared
SAMPLING_THRESHOLD, SAMPLE_SIZE, SAMPLE_MARGIN = 2_048, 512, 4
SortKey = Callable[[Array], Array]  # documents → what they are ordered by, smallest first


def rank_page(
    snapshot: Snapshot, docs: DocNumbers, scores: Scores, sort: str, lang: str, offset: int, limit: int
) -> list[int]:
    """Record ids of one page. Hits alike in what they are sorted by stand newest first, then by name and id."""
    lang = "zh" if lang == "zh" else "en"
    columns = _sort_keys(snapshot, docs, scores, sort, lang)
    wanted = min(offset + limit, len(docs))
    if wanted <= offset:
        return []
    chosen = _top(columns, len(docs), wanted)
    docs = docs[chosen]
    ids = snapshot.ids[docs]
    keys = [column(chosen) for column in columns]
    order = np.lexsort((ids, *keys[::-1]))
    for start, end in _tied_runs([key[order] for key in keys], offset, wanted):
        run = order[start:end]
        order[start:end] = sorted(run, key=lambda at: (snapshot.sort_key(lang, int(docs[at])), ids[at]))
    found: list[int] = ids[order[offset:wanted]].tolist()
    return found


def _sort_keys(snapshot: Snapshot, docs: DocNumbers, scores: Scores, sort: str, lang: str) -> list[SortKey]:
    """What hits are ordered by; each takes positions in them."""

    def by_name(part: int) -> SortKey:
        return lambda at: snapshot.sort_key_prefix(lang, docs[at], part)

    def best_rank(at: Array) -> Array:
        ranks = snapshot.ranks[docs[at]]
        return np.where(ranks == 0, UNRANKED, ranks)

    names = [by_name(part) for part in range(PREFIX_WORDS)]
    orders: dict[str, list[SortKey]] = {
        "date": [lambda at: snapshot.dates[docs[at]]],
        "-date": [lambda at: -snapshot.dates[docs[at]]],
        "name": [],
        "rank": [best_rank],
    }
    best = [lambda at: -scores[at], *orders["-date"]]
    return [*orders.get(sort, best), *names]


def _top(keys: Sequence[SortKey], total: int, count: int) -> Array:
    """Positions of the first `wanted` by these keys, and of all that are like the last of them by every key."""
    rest = np.arange(total)
    chosen: list[Array] = []
    for key in keys:
        if len(rest) <= count:
            break
        values = key(rest)
        likely = _sampled_candidates(values, count)
        if likely is not None:
            rest, values = rest[likely], values[likely]
        border = np.partition(values, count - 1)[count - 1]
        before = values < border
        chosen.append(rest[before])
        count -= len(chosen[-1])
        rest = rest[values == border]
    if len(rest) > MAX_TIES + count:
        rest = rest[: MAX_TIES + count]
    return np.concatenate([*chosen, rest]) if chosen else rest


def _sampled_candidates(values: Array, count: int) -> Array | None:
    """Positions of a few values that hold the `wanted` smallest, judged by a sample; None where that does not pay.

    To partition many values takes ten times as long as to compare them with one.
    """
    if len(values) < SAMPLING_THRESHOLD:
        return None
    sample = values[:: len(values) // SAMPLE_SIZE]
    place = 2 * (count * len(sample) // len(values) + SAMPLE_MARGIN)
    if place >= len(sample):
        return None
    found = np.flatnonzero(values <= np.partition(sample, place)[place])
    return found if len(found) >= count else None


def _tied_runs(keys: Sequence[Array], offset: int, end: int) -> Iterator[tuple[int, int]]:
    """Runs of hits alike in every key that reach into the page."""
    if not end:
        return
    differs = np.ones(len(keys[0]) + 1, np.bool_)
    differs[1:-1] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    starts = np.flatnonzero(differs)
    lengths = np.diff(starts)
    for place in np.flatnonzero((lengths > 1) & (starts[:-1] < end) & (starts[1:] > offset)):
        if lengths[place] <= MAX_TIES:
            yield int(starts[place]), int(starts[place + 1])
