"""Which documents answer a question, and in which order: exact number, exact name, prefix, then words."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from registry.search import analysis
from registry.search.columns import Ints, Mask
from registry.search.question import Alternative, Group, Question
from registry.search.snapshot import Snapshot

Scores = NDArray[np.float32]

FIELD_WORTH = {"code": 12.0, "names": 8.0, "pinyin": 5.0, "parties": 3.0, "mentions": 3.0, "words": 1.0}
EXACT_NUMBER = 100_000.0
EXACT_NAME = 10_000.0
EXACT_PINYIN = 5_000.0
NAME_PREFIX = 300.0
PART_IS_NAME = 150.0
ENDED_LOSS = 40.0
SHORTEST_PREFIX = 2
MOST_OF = 0.66  # the share of words that will do when no record has them all


class Hits:
    """Scores of all documents for a question; `exact` are those that it names."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.scores: Scores = np.zeros(snapshot.n, np.float32)
        self.mask: Mask = np.zeros(snapshot.n, np.bool_)
        self.exact: Mask = np.zeros(snapshot.n, np.bool_)
        self.stage = "none"

    def add(self, docs: Ints, score: float, *, exact: bool = False) -> None:
        self.scores[docs] += score
        self.mask[docs] = True
        if exact:
            self.exact[docs] = True


def hits(snapshot: Snapshot, question: Question) -> Hits:
    """All documents that answer, best first by score."""
    found = Hits(snapshot)
    _exactly(snapshot, question, found)
    groups = [_scores(snapshot, group) for group in (*question.groups, *question.phrases)]
    if groups:
        words = np.logical_and.reduce([scores > 0 for scores in groups])
        if words.any():
            found.scores += np.where(words, np.sum(groups, axis=0), 0).astype(np.float32)
            found.mask |= words
            _names_in_part(snapshot, question, found, words)
    found.stage = "exact" if found.exact.any() else "words" if found.mask.any() else "none"
    if not found.mask.any() and groups:
        _loosely(snapshot, question, found, groups)
    for group in question.without:
        found.mask &= ~(_scores(snapshot, group) > 0)
    found.scores[snapshot.columns.ended] -= ENDED_LOSS
    found.mask &= snapshot.live
    return found


def _exactly(snapshot: Snapshot, question: Question, found: Hits) -> None:
    for place, term in enumerate(question.numbers):
        docs = snapshot.docs("code", term)
        if len(docs):
            found.add(docs, EXACT_NUMBER / (1 + place), exact=True)
            break
    if not found.exact.any():
        for part in question.number_parts:
            for term in snapshot.codes_with(part):
                found.add(snapshot.docs("code", term), EXACT_NUMBER / 10 * len(part) / len(term), exact=True)
    if not question.whole:
        return
    docs = snapshot.docs("exact", question.whole)
    if len(docs):
        found.add(docs, EXACT_NAME, exact=True)
    if question.pinyin:
        docs = snapshot.docs("exact", analysis.PINYIN_MARK + question.pinyin[: analysis.LONGEST_TERM])
        if len(docs):
            found.add(docs, EXACT_PINYIN, exact=True)
    if len(question.whole) >= SHORTEST_PREFIX:
        for term in snapshot.terms_with_prefix("exact", question.whole):
            found.add(snapshot.docs("exact", term), NAME_PREFIX * len(question.whole) / len(term))


def _names_in_part(snapshot: Snapshot, question: Question, found: Hits, words: Mask) -> None:
    """A group that is a whole name of the document lifts it: `北京 同仁堂`."""
    for group in question.groups:
        for term in (group.text, analysis.PINYIN_MARK + group.text):
            docs = snapshot.docs("exact", term)
            found.scores[docs[words[docs]]] += PART_IS_NAME


def _scores(snapshot: Snapshot, group: Group) -> Scores:
    """Best alternative of a group for every document; 0 where none holds."""
    best: Scores = np.zeros(snapshot.n, np.float32)
    for alternative in group.alternatives:
        for field in alternative.fields:
            docs, score = _alternative(snapshot, alternative, field)
            if len(docs):
                best[docs] = np.maximum(best[docs], np.float32(score))
    return best


def _alternative(snapshot: Snapshot, alternative: Alternative, field: str) -> tuple[Ints, float]:
    """Documents whose `field` holds all terms, and what that is worth."""
    lists = []
    for term in alternative.terms:
        docs = snapshot.docs(field, term)
        if not len(docs):
            return docs, 0.0
        lists.append(docs)
    lists.sort(key=len)
    docs = lists[0]
    for other in lists[1:]:
        docs = docs[np.isin(docs, other, assume_unique=True)]
    rarity = math.log(1 + snapshot.n / (1 + len(docs)))
    return docs, FIELD_WORTH[field] * alternative.worth * (0.5 + rarity)


def _loosely(snapshot: Snapshot, question: Question, found: Hits, groups: list[Scores]) -> None:
    """No document has everything: most of the words, else other spellings of them."""
    if len(groups) > 1:
        number = np.sum([scores > 0 for scores in groups], axis=0)
        most = number >= math.ceil(len(groups) * MOST_OF)
        if most.any():
            found.mask |= most
            found.scores += np.where(most, np.sum(groups, axis=0), 0).astype(np.float32)
            found.stage = "most"
            return
    spelled = [_scores(snapshot, _respelled(snapshot, group)) for group in question.groups]
    both = [np.maximum(scores, other) for scores, other in zip(groups, spelled, strict=False)]
    if not both:
        return
    every = np.logical_and.reduce([scores > 0 for scores in both])
    chosen = every if every.any() else np.logical_or.reduce([scores > 0 for scores in both])
    if chosen.any():
        found.mask |= chosen
        found.scores += np.where(chosen, np.sum(both, axis=0), 0).astype(np.float32)
        found.stage = "spelling"


def _respelled(snapshot: Snapshot, group: Group) -> Group:
    """Other spellings of a word: homophones of Chinese, near ones of Latin letters, parts of long runs."""
    text = group.text
    others: list[Alternative] = []
    if analysis.is_chinese(text):
        sound = analysis.joined_pinyin(text)
        others.append(Alternative((analysis.latin(sound),), ("pinyin",), 0.9))
        grams = analysis.grams(text)
        if len(grams) > 1:
            others += [Alternative((gram,), ("names", "parties"), 0.4) for gram in grams]
    elif len(text) >= 4:
        for field in ("names", "pinyin", "words"):
            others += [
                Alternative((term,), (field,), 0.8)
                for term in near_terms(snapshot.terms_with_prefix(field, text[:1]), analysis.latin(text))
            ]
            for start in (text[:2], text[:3]):
                others += [
                    Alternative((term,), (field,), 0.8)
                    for term in near_terms(snapshot.terms_with_prefix(field, start), analysis.latin(text))
                ]
    return Group(text, tuple(dict.fromkeys(others))[:24])


def near_terms(terms: list[str], wanted: str) -> list[str]:
    """Terms within one edit of the wanted one (two for eight letters and more)."""
    most = 2 if len(wanted) >= 8 else 1
    return [
        term for term in terms if abs(len(term) - len(wanted)) <= most and edits(term, wanted, most) <= most
    ]


def edits(left: str, right: str, most: int) -> int:
    """Edit distance with neighbours swapped as one edit, given up above `most`."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
