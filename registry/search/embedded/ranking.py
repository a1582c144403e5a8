"""The order of hits: the best few of many, without sorting the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from registry.search.embedded.arrays import Array
from registry.search.embedded.columns import HEAD, Docs
from registry.search.embedded.matching import Scores
from registry.search.embedded.snapshot import Snapshot

LAST = np.iinfo(np.int16).max
MOST_ALIKE = 2_000  # hits alike in every key whose whole names are still read and compared
MANY, SAMPLE, SPARE = 2_048, 512, 4
Key = Callable[[Array], Array]  # documents → what they are ordered by, smallest first


def page(
    snapshot: Snapshot, docs: Docs, scores: Scores, sort: str, lang: str, offset: int, limit: int
) -> list[int]:
    """Record ids of one page. Hits alike in what they are sorted by stand newest first, then by name and id."""
    lang = "zh" if lang == "zh" else "en"
    columns = _columns(snapshot, docs, scores, sort, lang)
    wanted = min(offset + limit, len(docs))
    if wanted <= offset:
        return []
    chosen = _first(columns, len(docs), wanted)
    docs = docs[chosen]
    ids = snapshot.ids[docs]
    keys = [column(chosen) for column in columns]
    order = np.lexsort((ids, *keys[::-1]))
    for start, end in _alike([key[order] for key in keys], offset, wanted):
        run = order[start:end]
        order[start:end] = sorted(run, key=lambda at: (snapshot.key(lang, int(docs[at])), ids[at]))
    found: list[int] = ids[order[offset:wanted]].tolist()
    return found


def _columns(snapshot: Snapshot, docs: Docs, scores: Scores, sort: str, lang: str) -> list[Key]:
    """What hits are ordered by; each takes positions in them."""

    def by_name(part: int) -> Key:
        return lambda at: snapshot.head(lang, docs[at], part)

    def best_rank(at: Array) -> Array:
        ranks = snapshot.ranks[docs[at]]
        return np.where(ranks == 0, LAST, ranks)

    names = [by_name(part) for part in range(HEAD)]
    orders: dict[str, list[Key]] = {
        "date": [lambda at: snapshot.dates[docs[at]]],
        "-date": [lambda at: -snapshot.dates[docs[at]]],
        "name": [],
        "rank": [best_rank],
    }
    best = [lambda at: -scores[at], *orders["-date"]]
    return [*orders.get(sort, best), *names]


def _first(keys: Sequence[Key], among: int, wanted: int) -> Array:
    """Positions of the first `wanted` by these keys, and of all that are like the last of them by every key."""
    rest = np.arange(among)
    chosen: list[Array] = []
    for key in keys:
        if len(rest) <= wanted:
            break
        values = key(rest)
        likely = _likely(values, wanted)
        if likely is not None:
            rest, values = rest[likely], values[likely]
        border = np.partition(values, wanted - 1)[wanted - 1]
        before = values < border
        chosen.append(rest[before])
        wanted -= len(chosen[-1])
        rest = rest[values == border]
    if len(rest) > MOST_ALIKE + wanted:
        rest = rest[: MOST_ALIKE + wanted]
    return np.concatenate([*chosen, rest]) if chosen else rest


def _likely(values: Array, wanted: int) -> Array | None:
    """Positions of a few values that hold the `wanted` smallest, judged by a sample; None where that does not pay.

    To partition many values takes ten times as long as to compare them with one.
    """
    if len(values) < MANY:
        return None
    sample = values[:: len(values) // SAMPLE]
    place = 2 * (wanted * len(sample) // len(values) + SPARE)
    if place >= len(sample):
        return None
    found = np.flatnonzero(values <= np.partition(sample, place)[place])
    return found if len(found) >= wanted else None


def _alike(keys: Sequence[Array], offset: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Runs of hits alike in every key that reach into the page."""
    if not wanted:
        return
    differs = np.ones(len(keys[0]) + 1, np.bool_)
    differs[1:-1] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    starts = np.flatnonzero(differs)
    lengths = np.diff(starts)
    for place in np.flatnonzero((lengths > 1) & (starts[:-1] < wanted) & (starts[1:] > offset)):
        if lengths[place] <= MOST_ALIKE:
            yield int(starts[place]), int(starts[place + 1])
