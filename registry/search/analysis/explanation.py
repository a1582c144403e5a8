"""Why records stand where they do: the parts of their scores, worked out again for the records of one page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from registry.search.analysis import scoring, tokens
from registry.search.analysis.fuzzy_alternatives import fuzzy_clause
from registry.search.analysis.query_parser import Alternative, Clause, ParsedQuery

MAX_ALTERNATIVES = 12  # of a clause that are listed
MAX_PARTS = 24  # of a record's score
NEGLIGIBLE = 0.05  # of a score
PartKind = Literal[
    "number", "name", "pinyin", "beginning", "whole_name", "similar_name", "word", "synonym", "spelling", "meaning", "ended",
    "demo", "other",
]  # fmt: skip
ClauseKind = Literal["word", "quoted", "left_out"]


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a score. `typed`: words of the search; `found`: what the record has; `field`: where, "" for none."""

    kind: PartKind
    typed: str
    found: str
    field: str
    score: float


@dataclass(frozen=True, slots=True)
class ExplainedAlternative:
    """Words that a clause is found by. `records`: how many have them in the field in which most do."""

    words: str
    kind: PartKind
    weight: float
    fields: tuple[str, ...]
    records: int


@dataclass(frozen=True, slots=True)
class ExplainedClause:
    """One thing that records must have, or must not."""

    typed: str
    kind: ClauseKind
    alternatives: tuple[ExplainedAlternative, ...]


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """The score of a record and its parts. The part `other`: what orders records of one stage beside the parts."""

    score: float
    parts: tuple[ScorePart, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a text was taken apart, and why the records of a page stand where they do (by id)."""

    clauses: tuple[ExplainedClause, ...] = ()
    rows: Mapping[int, ExplainedRow] | None = None


class PageTerms(Protocol):
    """What an engine tells of the records of one page."""

    document_count: int
    scores: Mapping[int, float]  # of the records, in their order
    ended: Collection[int]
    demo: Collection[int]

    def having(self, field: str, terms: tuple[str, ...]) -> tuple[Collection[int], int]:
        """Return the records of the page whose field holds all of these terms, and how many records have them in all."""

    def beginning(self, prefix: str) -> Mapping[int, int]:
        """Return the records of the page with a name that begins so, and the bytes of the shortest such name of each."""

    def near_terms(self, field: str, word: str) -> list[str]:
        """Return terms of a field that are spelled almost like this word."""


def explain(
    parsed: ParsedQuery, page: PageTerms, near_texts: Mapping[int, str], similarities: Mapping[str, float]
) -> Explanation:
    """Explain a query and a page of what it finds.

    `near_texts`: of records that no word finds, the text near in meaning; `similarities`: of these texts.
    """
    scores = page.scores
    clauses = [*parsed.clauses, *parsed.phrases]
    rows: dict[int, ExplainedRow] = {}
    parts: dict[int, list[ScorePart]] = {record_id: [] for record_id in scores}
    for part, ids in _name_parts(parsed, page):
        for record_id in ids:
            if record_id in parts:
                parts[record_id].append(part)
    for clause in clauses:
        for record_id, part in _clause_parts(clause, page, scores).items():
            parts[record_id].append(part)
    for part, ids in _similar_name_parts(parsed, page):
        for record_id in ids:
            if all(each.kind in ("spelling", "similar_name") for each in parts.get(record_id, ())):
                others = [each for each in parts[record_id] if each.kind == "similar_name"]
                parts[record_id] = [*others, part]  # its words do not count then
    for record_id, text in near_texts.items():
        score = scoring.near_score(similarities[text])
        parts[record_id] = [ScorePart("meaning", "", text, "subjects", score)]
    for record_id, score in scores.items():
        found = parts[record_id]
        if record_id in page.ended:
            found.append(ScorePart("ended", "", "", "", -scoring.ENDED_PENALTY))
        if record_id in page.demo:
            found.append(ScorePart("demo", "", "", "", -scoring.DEMO_PENALTY))
        rest = score - sum(part.score for part in found)
        if abs(rest) > NEGLIGIBLE:
            found.append(ScorePart("other", "", "", "", rest))
        rows[record_id] = ExplainedRow(score, tuple(found[:MAX_PARTS]))
    explained = [_explained_clause(clause, "word", page) for clause in parsed.clauses]
    explained += [_explained_clause(clause, "quoted", page) for clause in parsed.phrases]
    explained += [_explained_clause(clause, "left_out", page) for clause in parsed.excluded]
    return Explanation(tuple(explained), rows)


def _name_parts(parsed: ParsedQuery, page: PageTerms) -> Iterator[tuple[ScorePart, Collection[int]]]:
    """Yield what a text as a whole names, with the records of the page that it names."""
    for place, number in enumerate(parsed.numbers):
        ids, _count = page.having("code", (number,))
        yield ScorePart("number", number, number, "code", scoring.EXACT_NUMBER_SCORE / (1 + place)), ids
        if ids:
            break
    if name := parsed.folded_name:
        ids, _count = page.having("exact", (name,))
        yield ScorePart("name", name, name, "names", scoring.EXACT_NAME_SCORE), ids
    if parsed.pinyin:
        term = tokens.PINYIN_MARK + parsed.pinyin[: tokens.MAX_TERM_LENGTH]
        ids, _count = page.having("exact", (term,))
        yield ScorePart("pinyin", parsed.pinyin, parsed.pinyin, "names", scoring.EXACT_PINYIN_SCORE), ids
    if len(name) >= scoring.MIN_PREFIX_LENGTH:
        for record_id, length in page.beginning(name).items():
            score = scoring.NAME_PREFIX_SCORE * len(name.encode()) / max(length, 1)
            yield ScorePart("beginning", name, name, "names", score), (record_id,)
    if len(parsed.clauses) > 1:
        for clause in parsed.clauses:
            for mark in ("", tokens.PINYIN_MARK):
                ids, _count = page.having("exact", (mark + clause.text,))
                part = ScorePart(
                    "whole_name", clause.text, clause.text, "names", scoring.CLAUSE_IS_NAME_BOOST
                )
                yield part, ids


def _similar_name_parts(parsed: ParsedQuery, page: PageTerms) -> Iterator[tuple[ScorePart, Collection[int]]]:
    """Yield names that sound like the Chinese name that was typed or differ in one character, with their records."""
    name = parsed.folded_name
    if not tokens.is_chinese(name) or not 1 < len(name) <= tokens.MAX_PINYIN_NAME_LENGTH:
        return
    pinyin = tokens.joined_pinyin(name)
    ids, _count = page.having("exact", (tokens.PINYIN_MARK + pinyin[: tokens.MAX_TERM_LENGTH],))
    yield ScorePart("similar_name", name, pinyin, "names", scoring.SIMILAR_NAME_SCORE), ids
    ids, _count = page.having("exact", (tokens.SHORT_NAME_MARK + name,))
    yield ScorePart("similar_name", name, name, "names", scoring.SHORT_NAME_SCORE), ids
    if len(name) >= scoring.MIN_SIMILAR_NAME_LENGTH:
        for near in page.near_terms("exact", name):
            ids, _count = page.having("exact", (near,))
            yield ScorePart("similar_name", name, near, "names", scoring.SIMILAR_NAME_SCORE / 2), ids


def _clause_parts(clause: Clause, page: PageTerms, ids: Collection[int]) -> dict[int, ScorePart]:
    """Return, for each record that has a clause, the alternative and the field that count: those of the highest score."""
    best: dict[int, ScorePart] = {}
    for alternative, kind in _kinds(clause):
        _keep_best(best, clause, alternative, page, kind=kind)
    if missing := [record_id for record_id in ids if record_id not in best]:
        spelled: dict[int, ScorePart] = {}
        for alternative in fuzzy_clause(page.near_terms, clause).alternatives:
            _keep_best(spelled, clause, alternative, page, kind="spelling")
        best |= {record_id: spelled[record_id] for record_id in missing if record_id in spelled}
    return {record_id: part for record_id, part in best.items() if record_id in ids}


def _keep_best(
    best: dict[int, ScorePart], clause: Clause, alternative: Alternative, page: PageTerms, *, kind: PartKind
) -> None:
    for field in alternative.fields:
        ids, count = page.having(field, alternative.terms)
        if ids:
            score = scoring.field_score(alternative, field, page.document_count, count)
            part = ScorePart(kind, clause.text, _words(alternative), field, score)
            for record_id in ids:
                if record_id not in best or best[record_id].score < score:
                    best[record_id] = part


def _kinds(clause: Clause) -> Iterator[tuple[Alternative, PartKind]]:
    """Yield the alternatives of a clause: its own words, together or apart, and synonyms of them."""
    own = clause.alternatives[0].highlight if clause.alternatives else ""
    for alternative in clause.alternatives:
        yield alternative, "word" if alternative.highlight == own else "synonym"


def _explained_clause(clause: Clause, kind: ClauseKind, page: PageTerms) -> ExplainedClause:
    alternatives = [
        ExplainedAlternative(
            _words(alternative),
            of_kind,
            alternative.weight,
            alternative.fields,
            max((page.having(field, alternative.terms)[1] for field in alternative.fields), default=0),
        )
        for alternative, of_kind in list(_kinds(clause))[:MAX_ALTERNATIVES]
    ]
    return ExplainedClause(clause.text, kind, tuple(alternatives))


def _words(alternative: Alternative) -> str:
    return alternative.highlight or " ".join(alternative.terms)
