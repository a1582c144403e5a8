"""Scores of matches: the same in every engine, so that each puts records into the same order."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from registry.reference.text.folding import fold_name, fold_number, to_plain
from registry.search.analysis import tokens
from registry.search.analysis.query_parser import Alternative, Clause

FIELD_WEIGHTS = {
    "code": 12.0,
    "names": 8.0,
    "pinyin": 5.0,
    "parties": 3.0,
    "mentions": 3.0,
    "words": 1.0,
    # So low that the rarest word of a full text among a million records scores below the weakest synonym, which weighs
    # 0.25, where every record has it among its words.
    "full_text": 0.02,
}
NAME_FIELDS = ("names", "parties")
CHARACTER_IN_NAME = 2.0  # of one character that stands for a word: in a name it is most often none, 曹素功
EXACT_NUMBER_SCORE = 100_000.0
EXACT_NAME_SCORE = 10_000.0
EXACT_PINYIN_SCORE = 5_000.0
NAME_PREFIX_SCORE = 300.0
CLAUSE_IS_NAME_BOOST = 150.0
NAME_CONTAINS_SCORE = 30.0
SIMILAR_NAME_SCORE = 100.0
SHORT_NAME_SCORE = 60.0  # of a name of which the typed one may be a short form
ENDED_PENALTY = 40.0
NEAR_SCORE, NEAR_WEIGHT = -1_000.0, 10.0  # of what is only near in meaning: below all that words find
BEHIND_NEAR = (
    5_000.0  # what lowers a record that the words only come near to, so that it stands behind all these
)
LEAST_NEAR_SCORE = 2 * NEAR_SCORE  # between the two
DEMO_PENALTY = 20.0  # of invented records: more than fields and rarity make, less than a name
MIN_PREFIX_LENGTH = 2
MIN_SIMILAR_NAME_LENGTH = 3  # characters of a Chinese name in which one may be wrong
MIN_COVERAGE = 0.42  # of what all words tell, that a record must have when none has every word
MIN_COVERAGE_WITHIN = 0.25  # where filters in the same words tell something too
BEST_COVERAGE_SHARE = 0.85  # of the best coverage, below which a record is left out
ROUNDING = 1e-4  # of coverages: sums of the same weights differ by less in every engine
NEARLY_ALL = 0.8  # coverage from which nothing that matters is missing
SPELLED_SHARE = 0.7  # of a word's weight, for records that only have another spelling of it
COVERAGE_SCORE = 20.0  # for what a record has of the words when none has them all: more than any field makes
COMMON_SHARE = 0.4  # of its weight, for a word that every record has
BASE_RARITY = 0.5  # of a term that every record has


class PrefixTerm(NamedTuple):
    """How a name, its pinyin or a number may begin. `score`: of a term that is no longer than the prefix."""

    field: str
    prefix: str
    score: float


def field_score(alternative: Alternative, field: str, document_count: int, document_frequency: int) -> float:
    """Return the score of an alternative in a field: the fewer of the records have its terms, the higher."""
    rarity = math.log(1 + document_count / (1 + document_frequency))
    weight = FIELD_WEIGHTS[field]
    if field in NAME_FIELDS and alternative.is_one_character:
        weight = min(weight, CHARACTER_IN_NAME)
    return weight * alternative.weight * (BASE_RARITY + rarity)


def near_score(similarity: Any) -> Any:
    """Return the score of a record that is only near in meaning, or an array of them."""
    return NEAR_SCORE + NEAR_WEIGHT * similarity


def told_by(clause: Clause, document_count: int, document_frequency: int) -> float:
    """Return how much of a search a clause tells: most if no record has it, least if every record does."""
    rarity = math.log(1 + document_count / (1 + document_frequency)) / math.log(2 + document_count)
    return clause.weight * (COMMON_SHARE + (1 - COMMON_SHARE) * min(1.0, rarity))


def prefix_terms(typed: str) -> list[PrefixTerm]:
    """Return the prefixes of names, of their pinyin and of numbers that a typed text may be."""
    name, latin = fold_name(to_plain(typed)), latin_only(typed)
    prefixes = [PrefixTerm("exact", name, NAME_PREFIX_SCORE)] if name else []
    if latin:
        prefixes.append(PrefixTerm("exact", tokens.PINYIN_MARK + latin, NAME_PREFIX_SCORE / 2))
        if number := fold_number(typed):
            prefixes.append(PrefixTerm("code", number, NAME_PREFIX_SCORE))
    return prefixes


def latin_only(typed: str) -> str:
    """Return the Latin letters and figures of a text that has no others, without blanks; else ""."""
    return "".join(tokens.split_runs(typed)) if fold_name(typed).isascii() else ""
