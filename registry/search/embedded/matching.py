"""Which documents answer a question, and what each is worth: exact number, exact name, prefix, then words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from registry.reference.text.folding import fold_name
from registry.search.analysis import scoring, tokens
from registry.search.analysis.fuzzy_alternatives import lacking, respelled
from registry.search.analysis.query_parser import Alternative, Group, Question
from registry.search.embedded.columns import Docs, Mask
from registry.search.embedded.snapshot import EMPTY, Snapshot, within

Scores = NDArray[np.float32]

ENTRY_BYTES = 400  # of what is kept, beside its arrays
NO_SCORES: Scores = np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class Hits:
    """Documents, ascending, with scores. `exact`: those that the question names; `stage`: as in `port.Found`."""

    docs: Docs
    scores: Scores
    exact: Docs = field(default_factory=lambda: EMPTY)
    stage: str = "none"

    def among(self, kept: Mask) -> Hits:
        at = np.flatnonzero(kept)  # to take twice by place is quicker than twice by mask
        return Hits(self.docs[at], self.scores[at], self.exact, self.stage)


NOTHING = Hits(EMPTY, NO_SCORES)


def hits(snapshot: Snapshot, question: Question) -> Hits:
    """All living documents that answer."""
    called, exact = named(snapshot, question)
    asked = (*question.groups, *question.phrases)
    if len(asked) == 1 and not len(called.docs) and not question.without:
        alone = _alone(snapshot, asked[0])
        if len(alone.docs):
            return alone
    groups = [_scored(snapshot, group) for group in asked]
    found = _all_of(snapshot, groups)
    if len(question.groups) > 1 and len(found.docs):
        found = _lifted(snapshot, question, found)
    if len(called.docs):
        found = _merged(found, called)
    stage = "exact" if len(exact) else "words" if len(found.docs) else "none"
    if not len(found.docs):
        found, stage = _loosely(snapshot, question, groups)
    for group in question.without:
        found = found.among(~within(found.docs, _scored(snapshot, group).docs, snapshot.n))
    stage = stage if len(found.docs) else "none"
    return Hits(found.docs, _settled(snapshot, found), exact, stage)


def _alone(snapshot: Snapshot, group: Group) -> Hits:
    """All that answers where one word is asked for and nothing has it as a name; kept like the word itself."""
    kept: Hits | None = snapshot.kept(("alone", group))
    if kept is None:
        found = _scored(snapshot, group)
        kept = Hits(found.docs, _settled(snapshot, found), stage="words")
        snapshot.keep(("alone", group), kept, kept.scores.nbytes + ENTRY_BYTES)
    return kept


def _settled(snapshot: Snapshot, found: Hits) -> Scores:
    """Scores with records that have ended below the others."""
    return found.scores - snapshot.ended[found.docs].astype(np.float32) * np.float32(scoring.ENDED_LOSS)


# --- what is named ----------------------------------------------------------------------------------------------


def named(snapshot: Snapshot, question: Question) -> tuple[Hits, Docs]:
    """Documents that the whole text names or begins to name; and those of them that it names exactly."""
    parts: list[tuple[Docs, float]] = []
    for place, term in enumerate(question.numbers):
        if len(docs := _living(snapshot, snapshot.docs("code", (term,)))):
            parts.append((docs, scoring.EXACT_NUMBER / (1 + place)))
            break
    if not parts:
        for piece in question.number_parts:
            for term in snapshot.codes_with(piece):
                docs = _living(snapshot, snapshot.docs("code", (term,)))
                parts.append((docs, scoring.EXACT_NUMBER / 10 * len(piece) / len(term)))
    if question.whole:
        parts.append((_living(snapshot, snapshot.docs("exact", (question.whole,))), scoring.EXACT_NAME))
    if question.pinyin:
        parts.append((_sounding(snapshot, question.pinyin), scoring.EXACT_PINYIN))
    exact = _overlaid(snapshot, parts)
    found = exact
    if len(question.whole) >= scoring.SHORTEST_PREFIX:
        docs, lengths = snapshot.begun("exact", question.whole)
        scores = (scoring.NAME_PREFIX * len(question.whole.encode()) / np.maximum(lengths, 1)).astype(
            np.float32
        )
        found = _merged(Hits(*_alive(snapshot, docs, scores)), exact)
    return found, exact.docs


def begun(snapshot: Snapshot, text: str) -> Hits:
    """Documents with a name, its pinyin or a number that begins with the text, or a name that contains it."""
    scores = np.zeros(snapshot.n, np.float32)
    for field_, beginning, most in scoring.beginnings(text):
        docs, lengths = snapshot.begun(field_, beginning)
        found = np.float32(most) * len(beginning.encode()) / np.maximum(lengths, 1).astype(np.float32)
        scores[docs] = np.maximum(scores[docs], found)
    for docs in _inside(snapshot, text):
        scores[docs] = np.maximum(scores[docs], np.float32(scoring.NAME_INSIDE))
    if not snapshot.whole:
        scores *= snapshot.live
    docs = np.flatnonzero(scores).astype(np.int32)
    return Hits(docs, _settled(snapshot, Hits(docs, scores[docs])))


def _inside(snapshot: Snapshot, text: str) -> Iterator[Docs]:
    """Documents with a name in which this stands: as pinyin, as characters, as words of which the last may be a beginning."""
    latin = scoring.latin_of(text)
    if not latin:
        name = fold_name(text)
        yield snapshot.docs("names", tuple(tokens.grams(name)) if name else ())
        return
    yield snapshot.docs("pinyin", (latin,))
    *before, last = tokens.runs(text)
    among = snapshot.docs("names", tuple(map(tokens.latin, before))) if before else None
    for docs in (snapshot.begun("names", last)[0], snapshot.docs("names", (tokens.latin(last),))):
        yield docs if among is None else docs[within(docs, among, snapshot.n)]


def _sounding(snapshot: Snapshot, pinyin: str) -> Docs:
    """Documents with a name that sounds so."""
    return _living(snapshot, snapshot.docs("exact", (tokens.PINYIN_MARK + pinyin[: tokens.LONGEST_TERM],)))


def _lifted(snapshot: Snapshot, question: Question, found: Hits) -> Hits:
    """A group that is a whole name of the document lifts it: `北京 同仁堂`."""
    scores = found.scores.copy()
    for group in question.groups:
        for term in (group.text, tokens.PINYIN_MARK + group.text):
            docs = snapshot.docs("exact", (term,))
            if len(docs):
                scores[within(found.docs, docs, snapshot.n)] += np.float32(scoring.PART_IS_NAME)
    return Hits(found.docs, scores)


# --- words ------------------------------------------------------------------------------------------------------


def _scored(snapshot: Snapshot, group: Group) -> Hits:
    """Living documents of a group, each with the worth of its best alternative. Kept for as long as nothing changes."""
    kept: Hits | None = snapshot.kept(group)
    if kept is None:
        cells = [
            _cell(snapshot, alternative, field)
            for alternative in group.alternatives
            for field in alternative.fields
        ]
        kept = _overlaid(snapshot, cells, best=True)
        snapshot.keep(group, kept, kept.docs.nbytes + kept.scores.nbytes + ENTRY_BYTES)
    return kept


def _cell(snapshot: Snapshot, alternative: Alternative, field: str) -> tuple[Docs, float]:
    """Documents whose `field` holds all terms, and what that is worth."""
    docs = snapshot.docs(field, alternative.terms)
    return docs, scoring.of_field(alternative, field, snapshot.n, len(docs))


def _overlaid(snapshot: Snapshot, cells: Sequence[tuple[Docs, float]], *, best: bool = False) -> Hits:
    """Living documents of all cells: with the `best` worth of the cells that hold it, else with their sum."""
    there = sorted(((docs, each) for docs, each in cells if len(docs)), key=lambda cell: cell[1])
    if not there:
        return NOTHING
    if len(there) == 1:
        docs, each = there[0]
        return Hits(*_alive(snapshot, docs, np.full(len(docs), each, np.float32)))
    scores = np.zeros(snapshot.n, np.float32)
    for docs, each in there:  # the best comes last and stays
        scores[docs] = each if best else scores[docs] + np.float32(each)
    if not snapshot.whole:
        scores *= snapshot.live
    found = np.flatnonzero(scores).astype(np.int32)
    return Hits(found, scores[found])


def _alive(snapshot: Snapshot, docs: Docs, scores: Scores) -> tuple[Docs, Scores]:
    if snapshot.whole:
        return docs, scores
    living = snapshot.live[docs]
    return docs[living], scores[living]


def _living(snapshot: Snapshot, docs: Docs) -> Docs:
    return docs if snapshot.whole else docs[snapshot.live[docs]]


def _all_of(snapshot: Snapshot, groups: Iterable[Hits]) -> Hits:
    """Documents of every group, with the sum of their worth; rarest group first."""
    first, *others = sorted(groups, key=lambda group: len(group.docs)) or [NOTHING]
    docs, scores = first.docs, first.scores
    for other in others:
        if not len(docs):
            break
        docs, scores = _both(snapshot.n, docs, scores, other)
    return Hits(docs, scores)


def _both(n: int, docs: Docs, scores: Scores, other: Hits) -> tuple[Docs, Scores]:
    if len(docs) * 24 < len(other.docs):
        at = np.searchsorted(other.docs, docs)
        at[at == len(other.docs)] = 0
        there = other.docs[at] == docs
        return docs[there], scores[there] + other.scores[at[there]]
    dense = np.zeros(n, np.float32)
    dense[other.docs] = other.scores
    added = dense[docs]
    there = added > 0
    return docs[there], scores[there] + added[there]


def _merged(left: Hits, right: Hits) -> Hits:
    """Documents of either, with the sum of their worth. `right` is the smaller one."""
    if not len(left.docs) or not len(right.docs):
        return left if len(left.docs) else right
    at = np.searchsorted(left.docs, right.docs)
    inside = at < len(left.docs)
    same = np.zeros(len(at), np.bool_)
    same[inside] = left.docs[at[inside]] == right.docs[inside]
    scores = left.scores.copy()
    scores[at[same]] += right.scores[same]
    if same.all():
        return Hits(left.docs, scores)
    new = ~same
    return Hits(np.insert(left.docs, at[new], right.docs[new]), np.insert(scores, at[new], right.scores[new]))


# --- when nothing has what was typed ----------------------------------------------------------------------------


def _loosely(snapshot: Snapshot, question: Question, groups: Sequence[Hits]) -> tuple[Hits, str]:
    """A name that sounds or looks so; most of the words; other spellings of them."""
    near = _near_name(snapshot, question)
    if len(near.docs):
        return near, "spelling"
    if not groups:
        return NOTHING, "none"
    both = [
        _either(snapshot, scored, _scored(snapshot, respelled(snapshot.near, group)))
        for scored, group in zip(groups, question.groups, strict=False)
    ]
    if lacking(question, [len(each.docs) for each in both]):
        return NOTHING, "none"
    if len(groups) > 1:
        most = _some_of(snapshot, groups, scoring.MOST_OF)
        if len(most.docs):
            return most, "most"
    every = _all_of(snapshot, both)
    return (every if len(every.docs) else _some_of(snapshot, both, scoring.ANY)), "spelling"


def _some_of(snapshot: Snapshot, groups: Sequence[Hits], share: float) -> Hits:
    """Documents that at least this share of the groups hold, with the sum of their worth."""
    number = np.zeros(snapshot.n, np.int8)
    total = np.zeros(snapshot.n, np.float32)
    for group in groups:
        number[group.docs] += 1
        total[group.docs] += group.scores
    docs = np.flatnonzero(number >= max(1, math.ceil(len(groups) * share))).astype(np.int32)
    return Hits(docs, total[docs])


def _near_name(snapshot: Snapshot, question: Question) -> Hits:
    """Records whose name sounds like a Chinese one that was typed, or has one character that differs."""
    whole = question.whole
    if not scoring.SHORTEST_PREFIX <= len(whole) <= tokens.LONGEST_SOUNDED or not tokens.is_chinese(whole):
        return NOTHING
    parts = [(_sounding(snapshot, tokens.joined_pinyin(whole)), scoring.NEAR_NAME)]
    if len(whole) >= scoring.SHORTEST_NEAR:
        parts += [
            (_living(snapshot, snapshot.docs("exact", (term,))), scoring.NEAR_NAME / 2)
            for term in snapshot.near("exact", whole)
        ]
    return _overlaid(snapshot, parts)


def _either(snapshot: Snapshot, left: Hits, right: Hits) -> Hits:
    """Documents of either, with the better worth."""
    if not len(right.docs):
        return left
    scores = np.zeros(snapshot.n, np.float32)
    scores[left.docs] = left.scores
    scores[right.docs] = np.maximum(scores[right.docs], right.scores)
    docs = np.flatnonzero(scores).astype(np.int32)
    return Hits(docs, scores[docs])
