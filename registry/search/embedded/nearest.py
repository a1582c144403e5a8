"""Nearest matches: where no document has every word, those that have most of what the words tell, or spellings near them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from registry.search.analysis import scoring, tokens
from registry.search.analysis.fuzzy_alternatives import fuzzy_clause, has_unknown_part
from registry.search.analysis.query_parser import Clause, ParsedQuery
from registry.search.embedded.columns import DocNumbers, Mask
from registry.search.embedded.matching import (
    NO_MATCHES,
    Matches,
    Scores,
    apply_penalties,
    combine_scores,
    documents_by_pinyin,
    live_only,
    match_clause,
    match_strictly,
    raise_light_words,
    without_excluded,
)
from registry.search.embedded.snapshot import Snapshot


def match(snapshot: Snapshot, query: ParsedQuery, within: Mask | None = None) -> Matches:
    """Return all live documents that match a query, strictly or, if none does, in a relaxed way.

    `within`: only among these documents is it looked for what comes nearest, where none of them matches strictly.
    """
    matches = match_strictly(snapshot, query)
    if not _any_within(matches.docs, within):
        relaxed = _relaxed_match(snapshot, query, within)
        if len(relaxed.docs):
            relaxed = without_excluded(snapshot, query, relaxed)
            stage = relaxed.stage if len(relaxed.docs) else "none"
            return Matches(relaxed.docs, apply_penalties(snapshot, relaxed), matches.exact, stage)
    return matches


def _any_within(docs: DocNumbers, within: Mask | None) -> bool:
    """Return True if there is a document, of those that pass the filters."""
    return bool(len(docs)) and (within is None or bool(within[docs].any()))


def _relaxed_match(snapshot: Snapshot, query: ParsedQuery, within: Mask | None) -> Matches:
    """Return records with a similar name; else those that have most of what the words tell, or spellings near them.

    Full texts do not count here.
    """
    similar = _match_similar_name(snapshot, query)
    if _any_within(similar.docs, within):
        return Matches(similar.docs, similar.scores, stage="spelling")
    required = [clause.without_full_text() for clause in (*query.clauses, *query.phrases)]
    clauses = [match_clause(snapshot, clause) for clause in required]
    if not clauses:
        return NO_MATCHES
    fuzzy = [
        fuzzy_clause(snapshot.near_terms, clause, by_character=within is not None) for clause in query.clauses
    ]
    frequencies = [_frequency(snapshot, clause) for clause in required]
    known_by_terms = [
        bool(frequency) or _occurs(snapshot, other)
        for frequency, other in zip(frequencies, fuzzy, strict=False)
    ]
    if has_unknown_part(query, known_by_terms):
        return NO_MATCHES
    spellings = [match_clause(snapshot, clause) for clause in fuzzy]
    weights = [
        scoring.told_by(clause, snapshot.document_count, frequency)
        for clause, frequency in zip(required, frequencies, strict=True)
    ]
    known = [matches if len(matches.docs) else NO_MATCHES for matches in clauses]
    unknown = [
        spelled if not len(as_typed.docs) else NO_MATCHES
        for as_typed, spelled in zip(clauses, spellings, strict=False)
    ]
    across = _across_words(snapshot, query)
    for spelled in (unknown, spellings):
        matches = _match_best_coverage(snapshot, known, spelled, _Coverage(weights, across, within))
        if len(matches.docs):
            return raise_light_words(snapshot, query, matches)
    return NO_MATCHES


def _frequency(snapshot: Snapshot, clause: Clause) -> int:
    """Return how many documents have a clause, at most: by the rarest term of its most common alternative."""
    return max(
        (
            min(len(snapshot.docs(field, (term,))) for term in alternative.terms)
            for alternative in clause.alternatives
            if alternative.terms
            for field in alternative.fields
        ),
        default=0,
    )


def _occurs(snapshot: Snapshot, clause: Clause) -> bool:
    """Return True if an alternative of a clause has all its terms in some documents each."""
    return any(
        all(len(snapshot.docs(field, (term,))) for term in alternative.terms)
        for alternative in clause.alternatives
        if alternative.terms
        for field in alternative.fields
    )


@dataclass(frozen=True, slots=True)
class _Coverage:
    """What counts for coverage. `weights`: of the clauses; `across`: what else tells; `within`: as for `match`."""

    weights: Sequence[float]
    across: Scores
    within: Mask | None


def _across_words(snapshot: Snapshot, query: ParsedQuery) -> Scores:
    """Return, for each document, what it has of neighbouring characters that the segmenter took apart."""
    told = np.zeros(snapshot.document_count, np.float32)
    for clause in (each.without_full_text() for each in query.across):
        weight = scoring.told_by(clause, snapshot.document_count, _frequency(snapshot, clause))
        told[match_clause(snapshot, clause).docs] += np.float32(weight)
    return told


def _match_best_coverage(
    snapshot: Snapshot, clauses: Sequence[Matches], spelled: Sequence[Matches], coverage: _Coverage
) -> Matches:
    """Return the documents that have most of what the clauses tell, as typed or as they may be spelled otherwise."""
    weights = coverage.weights
    covered = coverage.across.copy()
    scores = np.zeros(snapshot.document_count, np.float32)
    by_spelling = np.zeros(snapshot.document_count, np.bool_)
    for index, (clause, weight) in enumerate(zip(clauses, weights, strict=True)):
        of_clause = np.zeros(snapshot.document_count, np.float32)
        if index < len(spelled):
            other = spelled[index]
            of_clause[other.docs] = weight * scoring.SPELLED_SHARE
            scores[other.docs] += other.scores
            by_spelling[other.docs] = True
        of_clause[clause.docs] = weight
        scores[clause.docs] += clause.scores
        covered += of_clause
    if coverage.within is not None:
        covered *= coverage.within
    least = scoring.MIN_COVERAGE if coverage.within is None else scoring.MIN_COVERAGE_WITHIN
    total, best = sum(weights), float(covered.max(initial=0.0))
    if not best or best < least * total - scoring.ROUNDING:
        return NO_MATCHES
    least_covered = scoring.BEST_COVERAGE_SHARE * best - scoring.ROUNDING
    docs = np.flatnonzero(covered >= least_covered).astype(np.int32)
    if by_spelling[docs].any():
        stage = "spelling"
    else:
        stage = "words" if best >= scoring.NEARLY_ALL * total - scoring.ROUNDING else "most"
    return Matches(docs, scores[docs] + covered[docs] * np.float32(scoring.COVERAGE_SCORE), stage=stage)


def _match_similar_name(snapshot: Snapshot, query: ParsedQuery) -> Matches:
    """Return records whose name sounds like the Chinese name that was typed, is it in full, or differs in one character."""
    name = query.folded_name
    in_range = scoring.MIN_PREFIX_LENGTH <= len(name) <= tokens.MAX_PINYIN_NAME_LENGTH
    if not in_range or not tokens.is_chinese(name):
        return NO_MATCHES
    scored = [(documents_by_pinyin(snapshot, tokens.joined_pinyin(name)), scoring.SIMILAR_NAME_SCORE)]
    short = live_only(snapshot, snapshot.docs("exact", (tokens.SHORT_NAME_MARK + name,)))
    scored.append((short, scoring.SHORT_NAME_SCORE))
    if len(name) >= scoring.MIN_SIMILAR_NAME_LENGTH:
        scored += [
            (live_only(snapshot, snapshot.docs("exact", (term,))), scoring.SIMILAR_NAME_SCORE / 2)
            for term in snapshot.near_terms("exact", name)
        ]
    return combine_scores(snapshot, scored)
