"""The order of matches: the best few of many, without sorting the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from registry.search.embedded.arrays import Array
from registry.search.embedded.columns import PREFIX_WORDS
from registry.search.embedded.matching import Matches
from registry.search.embedded.snapshot import Snapshot
from registry.search.port import Query

UNRANKED = np.iinfo(np.int16).max  # sorts behind every rank
MAX_TIES = 2_000  # matches equal in every key whose whole names are still read and compared
SAMPLING_THRESHOLD, SAMPLE_SIZE, SAMPLE_MARGIN = 2_048, 512, 4
SortKey = Callable[[Array], Array]  # positions in the matches → what they are ordered by, smallest first


def rank_page(snapshot: Snapshot, matches: Matches, query: Query) -> list[int]:
    """Return the record ids of one page of the matches, in the order of `query.sort`.

    Matches that are equal by that order: real ones before invented ones, then newest first, by name and id.
    """
    lang = "zh" if query.lang == "zh" else "en"
    keys = _sort_keys(snapshot, matches, query.sort, lang)
    offset, end = query.offset, min(query.offset + query.limit, len(matches.docs))
    if end <= offset:
        return []
    chosen = _top(keys, len(matches.docs), end)
    docs = matches.docs[chosen]
    ids = snapshot.ids[docs]
    values = [key(chosen) for key in keys]
    order = np.lexsort((ids, *values[::-1]))
    for first, last in _tied_runs([value[order] for value in values], offset, end):
        run = order[first:last]
        order[first:last] = sorted(
            run,
            key=lambda index: (
                snapshot.sort_key(lang, int(docs[index])),
                snapshot.demo is not None and bool(snapshot.demo[docs[index]]),
                ids[index],
            ),
        )
    page: list[int] = ids[order[offset:end]].tolist()
    return page


def _sort_keys(snapshot: Snapshot, matches: Matches, sort: str, lang: str) -> list[SortKey]:
    docs, scores = matches.docs, matches.scores

    def name_prefix(word: int) -> SortKey:
        return lambda positions: snapshot.sort_key_prefix(lang, docs[positions], word)

    def best_rank(positions: Array) -> Array:
        ranks = snapshot.ranks[docs[positions]]
        return np.where(ranks == 0, UNRANKED, ranks)

    by_name = [name_prefix(word) for word in range(PREFIX_WORDS)]
    orders: dict[str, list[SortKey]] = {
        "date": [lambda positions: snapshot.dates[docs[positions]]],
        "-date": [lambda positions: -snapshot.dates[docs[positions]]],
        "rank": [best_rank],
    }
    demo = snapshot.demo
    real_first: list[SortKey] = [] if demo is None else [lambda positions: demo[docs[positions]]]
    by_relevance = [lambda positions: -scores[positions], *real_first, *orders["-date"]]
    if sort == "name":
        return by_name
    return [*(orders[sort] + real_first if sort in orders else by_relevance), *by_name]


def _top(keys: Sequence[SortKey], total: int, count: int) -> Array:
    """Return positions of the first `count` by these keys, and of all that equal the last of them by every key."""
    rest = np.arange(total)
    chosen: list[Array] = []
    for key in keys:
        if len(rest) <= count:
            break
        values = key(rest)
        candidates = _sampled_candidates(values, count)
        if candidates is not None:
            rest, values = rest[candidates], values[candidates]
        border = np.partition(values, count - 1)[count - 1]
        before = values < border
        chosen.append(rest[before])
        count -= len(chosen[-1])
        rest = rest[values == border]
    if len(rest) > MAX_TIES + count:
        rest = rest[: MAX_TIES + count]
    return np.concatenate([*chosen, rest]) if chosen else rest


def _sampled_candidates(values: Array, count: int) -> Array | None:
    """Return positions of a few values that include the `count` smallest, judged by a sample; None where it does not pay.

    To partition many values takes ten times as long as to compare them with one.
    """
    if len(values) < SAMPLING_THRESHOLD:
        return None
    sample = values[:: len(values) // SAMPLE_SIZE]
    limit_index = 2 * (count * len(sample) // len(values) + SAMPLE_MARGIN)
    if limit_index >= len(sample):
        return None
    candidates = np.flatnonzero(values <= np.partition(sample, limit_index)[limit_index])
    return candidates if len(candidates) >= count else None


def _tied_runs(values: Sequence[Array], offset: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of runs of matches that are equal by every key and reach into the page."""
    if not end:
        return
    differs = np.ones(len(values[0]) + 1, np.bool_)
    differs[1:-1] = np.logical_or.reduce([value[1:] != value[:-1] for value in values])
    starts = np.flatnonzero(differs)
    lengths = np.diff(starts)
    for index in np.flatnonzero((lengths > 1) & (starts[:-1] < end) & (starts[1:] > offset)):
        if lengths[index] <= MAX_TIES:
            yield int(starts[index]), int(starts[index + 1])
