"""Matching: the documents that match a query, with their scores: exact number, exact name, prefix, then words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from registry.reference.text.folding import fold_name, to_plain
from registry.search.analysis import scoring, tokens
from registry.search.analysis.query_parser import Alternative, Clause, ParsedQuery
from registry.search.embedded.columns import DocNumbers, Mask
from registry.search.embedded.snapshot import BINARY_SEARCH_RATIO, EMPTY, Snapshot, membership_mask

Scores = NDArray[np.float32]

CACHE_ENTRY_BYTES = 400  # of a cached entry, beside its arrays
NO_SCORES: Scores = np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents, ascending, with scores. `exact`: those that the query names; `stage`: as in `port.SearchResult`."""

    docs: DocNumbers
    scores: Scores
    exact: DocNumbers = field(default_factory=lambda: EMPTY)
    stage: str = "none"

    def select(self, mask: Mask) -> Matches:
        """Return the matches for which the mask is True."""
        positions = np.flatnonzero(mask)  # to index twice by position is quicker than twice by mask
        return Matches(self.docs[positions], self.scores[positions], self.exact, self.stage)


NO_MATCHES = Matches(EMPTY, NO_SCORES)


def match_strictly(snapshot: Snapshot, query: ParsedQuery) -> Matches:
    """Return all live documents that have every word of a query that tells something, or that it names."""
    by_name = match_names(snapshot, query)
    required = (*query.clauses, *query.phrases)
    if len(required) == 1 and not (len(by_name.docs) or query.excluded or query.light):
        return _match_single_clause(snapshot, required[0])
    clauses = [match_clause(snapshot, clause) for clause in required]
    matches = _intersect_all(snapshot, clauses)
    if len(query.clauses) > 1 and len(matches.docs):
        matches = _boost_name_matches(snapshot, query, matches)
    matches = raise_light_words(snapshot, query, matches)
    if len(by_name.docs):
        matches = _union_summed(matches, by_name)
    matches = without_excluded(snapshot, query, matches)
    stage = "none" if not len(matches.docs) else "exact" if len(by_name.exact) else "words"
    return Matches(matches.docs, apply_penalties(snapshot, matches), by_name.exact, stage)


def without_excluded(snapshot: Snapshot, query: ParsedQuery, matches: Matches) -> Matches:
    """Return the matches without the documents that have a word which the query leaves out."""
    for clause in query.excluded:
        excluded = match_clause(snapshot, clause).docs
        matches = matches.select(~membership_mask(matches.docs, excluded, snapshot.document_count))
    return matches


def _match_single_clause(snapshot: Snapshot, clause: Clause) -> Matches:
    """Return the matches of a query of one clause that is no name; cached like the clause itself."""
    cached: Matches | None = snapshot.cache_get(("single", clause))
    if cached is None:
        matches = match_clause(snapshot, clause)
        stage = "words" if len(matches.docs) else "none"
        cached = Matches(matches.docs, apply_penalties(snapshot, matches), stage=stage)
        snapshot.cache_put(("single", clause), cached, cached.scores.nbytes + CACHE_ENTRY_BYTES)
    return cached


def apply_penalties(snapshot: Snapshot, matches: Matches) -> Scores:
    """Return scores that put ended records, and invented ones, below the others."""
    ended = snapshot.ended[matches.docs].astype(np.float32)
    scores = matches.scores - ended * np.float32(scoring.ENDED_PENALTY)
    if snapshot.demo is None:
        return scores
    demo = snapshot.demo[matches.docs].astype(np.float32)
    return np.asarray(scores - demo * np.float32(scoring.DEMO_PENALTY))


# --- names --------------------------------------------------------------------------------------------------------


def match_names(snapshot: Snapshot, query: ParsedQuery) -> Matches:
    """Return the documents that the whole text names, or whose name it begins; `exact`: those that it names."""
    scored: list[tuple[DocNumbers, float]] = []
    for index, term in enumerate(query.numbers):
        if len(docs := live_only(snapshot, snapshot.docs("code", (term,)))):
            scored.append((docs, scoring.EXACT_NUMBER_SCORE / (1 + index)))
            break
    if not scored:
        for part in query.number_parts:
            for term in snapshot.codes_containing(part):
                docs = live_only(snapshot, snapshot.docs("code", (term,)))
                scored.append((docs, scoring.EXACT_NUMBER_SCORE / 10 * len(part) / len(term)))
    if query.folded_name:
        docs = live_only(snapshot, snapshot.docs("exact", (query.folded_name,)))
        scored.append((docs, scoring.EXACT_NAME_SCORE))
    if query.pinyin:
        scored.append((documents_by_pinyin(snapshot, query.pinyin), scoring.EXACT_PINYIN_SCORE))
    exact = combine_scores(snapshot, scored)
    matches = exact
    if len(query.folded_name) >= scoring.MIN_PREFIX_LENGTH:
        docs, lengths = snapshot.prefix_documents("exact", query.folded_name)
        prefix_length = len(query.folded_name.encode())
        scores = scoring.NAME_PREFIX_SCORE * prefix_length / np.maximum(lengths, 1)
        by_prefix = Matches(*_live_scored(snapshot, docs, scores.astype(np.float32)))
        matches = _union_summed(by_prefix, exact)
    return Matches(matches.docs, matches.scores, exact.docs)


def match_prefix(snapshot: Snapshot, text: str) -> Matches:
    """Return documents with a name, its pinyin or a number that begins with the text, or a name that contains it."""
    scores = np.zeros(snapshot.document_count, np.float32)
    for prefix in scoring.prefix_terms(text):
        docs, lengths = snapshot.prefix_documents(prefix.field, prefix.prefix)
        term_lengths = np.maximum(lengths, 1).astype(np.float32)
        prefix_scores = np.float32(prefix.score) * len(prefix.prefix.encode()) / term_lengths
        scores[docs] = np.maximum(scores[docs], prefix_scores)
    for docs in _documents_containing_name(snapshot, text):
        scores[docs] = np.maximum(scores[docs], np.float32(scoring.NAME_CONTAINS_SCORE))
    if not snapshot.all_live:
        scores *= snapshot.live
    docs = np.flatnonzero(scores).astype(np.int32)
    return Matches(docs, apply_penalties(snapshot, Matches(docs, scores[docs])))


def _documents_containing_name(snapshot: Snapshot, text: str) -> Iterator[DocNumbers]:
    """Yield documents whose name contains the text: as pinyin, as characters, as words of which the last is a prefix."""
    latin = scoring.latin_only(text)
    if not latin:
        name = fold_name(to_plain(text))
        yield snapshot.docs("names", tuple(tokens.bigrams(name)) if name else ())
        return
    yield snapshot.docs("pinyin", (latin,))
    *before, last = tokens.split_runs(text)
    with_words = snapshot.docs("names", tuple(map(tokens.latin_term, before))) if before else None
    for docs in (
        snapshot.prefix_documents("names", last)[0],
        snapshot.docs("names", (tokens.latin_term(last),)),
    ):
        yield (
            docs if with_words is None else docs[membership_mask(docs, with_words, snapshot.document_count)]
        )


def documents_by_pinyin(snapshot: Snapshot, pinyin: str) -> DocNumbers:
    """Return live documents of which a whole name is written so in pinyin."""
    term = tokens.PINYIN_MARK + pinyin[: tokens.MAX_TERM_LENGTH]
    return live_only(snapshot, snapshot.docs("exact", (term,)))


def _boost_name_matches(snapshot: Snapshot, query: ParsedQuery, matches: Matches) -> Matches:
    """Raise the score of documents of which one clause is a whole name: `北京 同仁堂`."""
    scores = matches.scores.copy()
    for clause in query.clauses:
        for term in (clause.text, tokens.PINYIN_MARK + clause.text):
            docs = snapshot.docs("exact", (term,))
            if len(docs):
                mask = membership_mask(matches.docs, docs, snapshot.document_count)
                scores[mask] += np.float32(scoring.CLAUSE_IS_NAME_BOOST)
    return Matches(matches.docs, scores)


def raise_light_words(snapshot: Snapshot, query: ParsedQuery, matches: Matches) -> Matches:
    """Raise the score of documents that have words which tell little; none must have them."""
    if not query.light or not len(matches.docs):
        return matches
    scores = matches.scores.copy()
    for clause in query.light:
        light = match_clause(snapshot, clause)
        added = np.zeros(snapshot.document_count, np.float32)
        added[light.docs] = light.scores * np.float32(clause.weight)
        scores += added[matches.docs]
    return Matches(matches.docs, scores, matches.exact, matches.stage)


# --- clauses ------------------------------------------------------------------------------------------------------


def match_clause(snapshot: Snapshot, clause: Clause) -> Matches:
    """Return the live documents of a clause, each with the score of its best alternative; cached by generation."""
    cached: Matches | None = snapshot.cache_get(clause)
    if cached is None:
        scored = [
            _score_alternative(snapshot, alternative, field)
            for alternative in clause.alternatives
            for field in alternative.fields
        ]
        cached = combine_scores(snapshot, scored, best=True)
        snapshot.cache_put(clause, cached, cached.docs.nbytes + cached.scores.nbytes + CACHE_ENTRY_BYTES)
    return cached


def _score_alternative(snapshot: Snapshot, alternative: Alternative, field: str) -> tuple[DocNumbers, float]:
    """Return the documents whose `field` holds all terms of an alternative, and their score."""
    docs = snapshot.docs(field, alternative.terms)
    return docs, scoring.field_score(alternative, field, snapshot.document_count, len(docs))


def combine_scores(
    snapshot: Snapshot, scored: Sequence[tuple[DocNumbers, float]], *, best: bool = False
) -> Matches:
    """Return the live documents of all lists: with the `best` of their scores, else with the sum."""
    by_score = sorted(((docs, score) for docs, score in scored if len(docs)), key=lambda pair: pair[1])
    if not by_score:
        return NO_MATCHES
    if len(by_score) == 1:
        docs, score = by_score[0]
        return Matches(*_live_scored(snapshot, docs, np.full(len(docs), score, np.float32)))
    scores = np.zeros(snapshot.document_count, np.float32)
    for docs, score in by_score:  # the best comes last and stays
        scores[docs] = score if best else scores[docs] + np.float32(score)
    if not snapshot.all_live:
        scores *= snapshot.live
    matching = np.flatnonzero(scores).astype(np.int32)
    return Matches(matching, scores[matching])


def _live_scored(snapshot: Snapshot, docs: DocNumbers, scores: Scores) -> tuple[DocNumbers, Scores]:
    if snapshot.all_live:
        return docs, scores
    live = snapshot.live[docs]
    return docs[live], scores[live]


def live_only(snapshot: Snapshot, docs: DocNumbers) -> DocNumbers:
    """Return those of the documents that have not been deleted."""
    return docs if snapshot.all_live else docs[snapshot.live[docs]]


def _intersect_all(snapshot: Snapshot, clauses: Iterable[Matches]) -> Matches:
    """Return the documents of every clause with the sum of their scores; the rarest clause is taken first."""
    first, *others = sorted(clauses, key=lambda clause: len(clause.docs)) or [NO_MATCHES]
    docs, scores = first.docs, first.scores
    for other in others:
        if not len(docs):
            break
        docs, scores = _intersect_two(snapshot.document_count, docs, scores, other)
    return Matches(docs, scores)


def _intersect_two(
    document_count: int, docs: DocNumbers, scores: Scores, other: Matches
) -> tuple[DocNumbers, Scores]:
    if len(docs) * BINARY_SEARCH_RATIO < len(other.docs):
        positions = np.searchsorted(other.docs, docs)
        positions[positions == len(other.docs)] = 0
        common = other.docs[positions] == docs
        return docs[common], scores[common] + other.scores[positions[common]]
    dense = np.zeros(document_count, np.float32)
    dense[other.docs] = other.scores
    added = dense[docs]
    common = added > 0
    return docs[common], scores[common] + added[common]


def _union_summed(left: Matches, right: Matches) -> Matches:
    """Return the documents of either with the sum of their scores. `right` is the smaller one."""
    if not len(left.docs) or not len(right.docs):
        return left if len(left.docs) else right
    positions = np.searchsorted(left.docs, right.docs)
    inside = positions < len(left.docs)
    common = np.zeros(len(positions), np.bool_)
    common[inside] = left.docs[positions[inside]] == right.docs[inside]
    scores = left.scores.copy()
    scores[positions[common]] += right.scores[common]
    if common.all():
        return Matches(left.docs, scores)
    new = ~common
    return Matches(
        np.insert(left.docs, positions[new], right.docs[new]),
        np.insert(scores, positions[new], right.scores[new]),
    )
