"""Which documents answer a question, and what each is worth: exact number, exact name, prefix, then words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from registry.reference.text.folding import fold_name
from registry.search.analysis import scoring, tokens
from registry.search.analysis.fuzzy_alternatives import fuzzy_clause, has_unknown_part
from registry.search.analysis.query_parser import Alternative, Clause, ParsedQuery
from registry.search.embedded.columns import DocNumbers, Mask
from registry.search.embedded.snapshot import EMPTY, Snapshot, membership_mask

Scores = NDArray[np.float32]

CACHE_ENTRY_BYTES = 400  # of what is kept, beside its arrays
NO_SCORES: Scores = np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents, ascending, with scores. `exact`: those that the question names; `stage`: as in `port.Found`."""

    docs: DocNumbers
    scores: Scores
    exact: DocNumbers = field(default_factory=lambda: EMPTY)
    stage: str = "none"

    def select(self, mask: Mask) -> Matches:
        at = np.flatnonzero(mask)  # to take twice by place is quicker than twice by mask
        return Matches(self.docs[at], self.scores[at], self.exact, self.stage)


NO_MATCHES = Matches(EMPTY, NO_SCORES)


def match(snapshot: Snapshot, query: ParsedQuery) -> Matches:
    """All living documents that answer."""
    called, exact = match_names(snapshot, query)
    asked = (*query.clauses, *query.phrases)
    if len(asked) == 1 and not len(called.docs) and not query.excluded:
        alone = _match_single_clause(snapshot, asked[0])
        if len(alone.docs):
            return alone
    groups = [_match_clause(snapshot, group) for group in asked]
    found = _intersect_all(snapshot, groups)
    if len(query.clauses) > 1 and len(found.docs):
        found = _boost_name_matches(snapshot, query, found)
    if len(called.docs):
        found = _union_summed(found, called)
    stage = "exact" if len(exact) else "words" if len(found.docs) else "none"
    if not len(found.docs):
        found, stage = _relaxed_match(snapshot, query, groups)
    for group in query.excluded:
        found = found.select(
            ~membership_mask(found.docs, _match_clause(snapshot, group).docs, snapshot.document_count)
        )
    stage = stage if len(found.docs) else "none"
    return Matches(found.docs, _apply_ended_penalty(snapshot, found), exact, stage)


def _match_single_clause(snapshot: Snapshot, clause: Clause) -> Matches:
    """All that answers where one word is asked for and nothing has it as a name; kept like the word itself."""
    kept: Matches | None = snapshot.cache_get(("alone", clause))
    if kept is None:
        found = _match_clause(snapshot, clause)
        kept = Matches(found.docs, _apply_ended_penalty(snapshot, found), stage="words")
        snapshot.cache_put(("alone", clause), kept, kept.scores.nbytes + CACHE_ENTRY_BYTES)
    return kept


def _apply_ended_penalty(snapshot: Snapshot, matches: Matches) -> Scores:
    """Scores with records that have ended below the others."""
    return matches.scores - snapshot.ended[matches.docs].astype(np.float32) * np.float32(
        scoring.ENDED_PENALTY
    )


# --- what is named ----------------------------------------------------------------------------------------------


def match_names(snapshot: Snapshot, query: ParsedQuery) -> tuple[Matches, DocNumbers]:
    """Documents that the whole text names or begins to name; and those of them that it names exactly."""
    parts: list[tuple[DocNumbers, float]] = []
    for place, term in enumerate(query.numbers):
        if len(docs := _live_only(snapshot, snapshot.docs("code", (term,)))):
            parts.append((docs, scoring.EXACT_NUMBER_SCORE / (1 + place)))
            break
    if not parts:
        for piece in query.number_parts:
            for term in snapshot.codes_containing(piece):
                docs = _live_only(snapshot, snapshot.docs("code", (term,)))
                parts.append((docs, scoring.EXACT_NUMBER_SCORE / 10 * len(piece) / len(term)))
    if query.folded_name:
        parts.append(
            (_live_only(snapshot, snapshot.docs("exact", (query.folded_name,))), scoring.EXACT_NAME_SCORE)
        )
    if query.pinyin:
        parts.append((_documents_by_pinyin(snapshot, query.pinyin), scoring.EXACT_PINYIN_SCORE))
    exact = _combine_scores(snapshot, parts)
    found = exact
    if len(query.folded_name) >= scoring.MIN_PREFIX_LENGTH:
        docs, lengths = snapshot.prefix_documents("exact", query.folded_name)
        scores = (
            scoring.NAME_PREFIX_SCORE * len(query.folded_name.encode()) / np.maximum(lengths, 1)
        ).astype(np.float32)
        found = _union_summed(Matches(*_live_scored(snapshot, docs, scores)), exact)
    return found, exact.docs


def match_prefix(snapshot: Snapshot, text: str) -> Matches:
    """Documents with a name, its pinyin or a number that begins with the text, or a name that contains it."""
    scores = np.zeros(snapshot.document_count, np.float32)
    for field_, beginning, most in scoring.prefix_terms(text):
        docs, lengths = snapshot.prefix_documents(field_, beginning)
        found = np.float32(most) * len(beginning.encode()) / np.maximum(lengths, 1).astype(np.float32)
        scores[docs] = np.maximum(scores[docs], found)
    for docs in _documents_containing_name(snapshot, text):
        scores[docs] = np.maximum(scores[docs], np.float32(scoring.NAME_CONTAINS_SCORE))
    if not snapshot.all_live:
        scores *= snapshot.live
    docs = np.flatnonzero(scores).astype(np.int32)
    return Matches(docs, _apply_ended_penalty(snapshot, Matches(docs, scores[docs])))


def _documents_containing_name(snapshot: Snapshot, text: str) -> Iterator[DocNumbers]:
    """Documents with a name in which this stands: as pinyin, as characters, as words of which the last may be a beginning."""
    latin = scoring.latin_only(text)
    if not latin:
        name = fold_name(text)
        yield snapshot.docs("names", tuple(tokens.bigrams(name)) if name else ())
        return
    yield snapshot.docs("pinyin", (latin,))
    *before, last = tokens.split_runs(text)
    among = snapshot.docs("names", tuple(map(tokens.latin_term, before))) if before else None
    for docs in (
        snapshot.prefix_documents("names", last)[0],
        snapshot.docs("names", (tokens.latin_term(last),)),
    ):
        yield docs if among is None else docs[membership_mask(docs, among, snapshot.document_count)]


def _documents_by_pinyin(snapshot: Snapshot, pinyin: str) -> DocNumbers:
    """Documents with a name that sounds so."""
    return _live_only(
        snapshot, snapshot.docs("exact", (tokens.PINYIN_MARK + pinyin[: tokens.MAX_TERM_LENGTH],))
    )


def _boost_name_matches(snapshot: Snapshot, query: ParsedQuery, matches: Matches) -> Matches:
    """A group that is a whole name of the document lifts it: `北京 同仁堂`."""
    scores = matches.scores.copy()
    for group in query.clauses:
        for term in (group.text, tokens.PINYIN_MARK + group.text):
            docs = snapshot.docs("exact", (term,))
            if len(docs):
                scores[membership_mask(matches.docs, docs, snapshot.document_count)] += np.float32(
                    scoring.CLAUSE_IS_NAME_BOOST
                )
    return Matches(matches.docs, scores)


# --- words ------------------------------------------------------------------------------------------------------


def _match_clause(snapshot: Snapshot, clause: Clause) -> Matches:
    """Living documents of a group, each with the worth of its best alternative. Kept for as long as nothing changes."""
    kept: Matches | None = snapshot.cache_get(clause)
    if kept is None:
        cells = [
            _score_alternative(snapshot, alternative, field)
            for alternative in clause.alternatives
            for field in alternative.fields
        ]
        kept = _combine_scores(snapshot, cells, best=True)
        snapshot.cache_put(clause, kept, kept.docs.nbytes + kept.scores.nbytes + CACHE_ENTRY_BYTES)
    return kept


def _score_alternative(snapshot: Snapshot, alternative: Alternative, field: str) -> tuple[DocNumbers, float]:
    """Documents whose `field` holds all terms, and what that is worth."""
    docs = snapshot.docs(field, alternative.terms)
    return docs, scoring.field_score(alternative, field, snapshot.document_count, len(docs))


def _combine_scores(
    snapshot: Snapshot, scored: Sequence[tuple[DocNumbers, float]], *, best: bool = False
) -> Matches:
    """Living documents of all cells: with the `best` worth of the cells that hold it, else with their sum."""
    there = sorted(((docs, each) for docs, each in scored if len(docs)), key=lambda cell: cell[1])
    if not there:
        return NO_MATCHES
    if len(there) == 1:
        docs, each = there[0]
        return Matches(*_live_scored(snapshot, docs, np.full(len(docs), each, np.float32)))
    scores = np.zeros(snapshot.document_count, np.float32)
    for docs, each in there:  # the best comes last and stays
        scores[docs] = each if best else scores[docs] + np.float32(each)
    if not snapshot.all_live:
        scores *= snapshot.live
    found = np.flatnonzero(scores).astype(np.int32)
    return Matches(found, scores[found])


def _live_scored(snapshot: Snapshot, docs: DocNumbers, scores: Scores) -> tuple[DocNumbers, Scores]:
    if snapshot.all_live:
        return docs, scores
    living = snapshot.live[docs]
    return docs[living], scores[living]


def _live_only(snapshot: Snapshot, docs: DocNumbers) -> DocNumbers:
    return docs if snapshot.all_live else docs[snapshot.live[docs]]


def _intersect_all(snapshot: Snapshot, clauses: Iterable[Matches]) -> Matches:
    """Documents of every group, with the sum of their worth; rarest group first."""
    first, *others = sorted(clauses, key=lambda group: len(group.docs)) or [NO_MATCHES]
    docs, scores = first.docs, first.scores
    for other in others:
        if not len(docs):
            break
        docs, scores = _intersect_two(snapshot.document_count, docs, scores, other)
    return Matches(docs, scores)


def _intersect_two(
    document_count: int, docs: DocNumbers, scores: Scores, other: Matches
) -> tuple[DocNumbers, Scores]:
    if len(docs) * 24 < len(other.docs):
        at = np.searchsorted(other.docs, docs)
        at[at == len(other.docs)] = 0
        there = other.docs[at] == docs
        return docs[there], scores[there] + other.scores[at[there]]
    dense = np.zeros(document_count, np.float32)
    dense[other.docs] = other.scores
    added = dense[docs]
    there = added > 0
    return docs[there], scores[there] + added[there]


def _union_summed(left: Matches, right: Matches) -> Matches:
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
        return Matches(left.docs, scores)
    new = ~same
    return Matches(
        np.insert(left.docs, at[new], right.docs[new]), np.insert(scores, at[new], right.scores[new])
    )


# --- when nothing has what was typed ----------------------------------------------------------------------------


def _relaxed_match(snapshot: Snapshot, query: ParsedQuery, clauses: Sequence[Matches]) -> tuple[Matches, str]:
    """A name that sounds or looks so; most of the words; other spellings of them."""
    near = _match_similar_name(snapshot, query)
    if len(near.docs):
        return near, "spelling"
    if not clauses:
        return NO_MATCHES, "none"
    both = [
        _union_best(snapshot, scored, _match_clause(snapshot, fuzzy_clause(snapshot.near_terms, group)))
        for scored, group in zip(clauses, query.clauses, strict=False)
    ]
    if has_unknown_part(query, [len(each.docs) for each in both]):
        return NO_MATCHES, "none"
    if len(clauses) > 1:
        most = _match_share(snapshot, clauses, scoring.MOST_CLAUSES_SHARE)
        if len(most.docs):
            return most, "most"
    every = _intersect_all(snapshot, both)
    return (every if len(every.docs) else _match_share(snapshot, both, scoring.ANY_CLAUSE_SHARE)), "spelling"


def _match_share(snapshot: Snapshot, clauses: Sequence[Matches], share: float) -> Matches:
    """Documents that at least this share of the groups hold, with the sum of their worth."""
    number = np.zeros(snapshot.document_count, np.int8)
    total = np.zeros(snapshot.document_count, np.float32)
    for group in clauses:
        number[group.docs] += 1
        total[group.docs] += group.scores
    docs = np.flatnonzero(number >= max(1, math.ceil(len(clauses) * share))).astype(np.int32)
    return Matches(docs, total[docs])


def _match_similar_name(snapshot: Snapshot, query: ParsedQuery) -> Matches:
    """Records whose name sounds like a Chinese one that was typed, or has one character that differs."""
    whole = query.folded_name
    if not scoring.MIN_PREFIX_LENGTH <= len(whole) <= tokens.MAX_PINYIN_NAME_LENGTH or not tokens.is_chinese(
        whole
    ):
        return NO_MATCHES
    parts = [(_documents_by_pinyin(snapshot, tokens.joined_pinyin(whole)), scoring.SIMILAR_NAME_SCORE)]
    if len(whole) >= scoring.MIN_SIMILAR_NAME_LENGTH:
        parts += [
            (_live_only(snapshot, snapshot.docs("exact", (term,))), scoring.SIMILAR_NAME_SCORE / 2)
            for term in snapshot.near_terms("exact", whole)
        ]
    return _combine_scores(snapshot, parts)


def _union_best(snapshot: Snapshot, left: Matches, right: Matches) -> Matches:
    """Documents of either, with the better worth."""
    if not len(right.docs):
        return left
    scores = np.zeros(snapshot.document_count, np.float32)
    scores[left.docs] = left.scores
    scores[right.docs] = np.maximum(scores[right.docs], right.scores)
    docs = np.flatnonzero(scores).astype(np.int32)
    return Matches(docs, scores[docs])
