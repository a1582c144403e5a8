"""What a hit is worth: the same in every engine, so that each puts records into the same order."""

from __future__ import annotations

import math

from registry.reference.text.folding import fold_name, fold_number
from registry.search.analysis import tokens
from registry.search.analysis.query_parser import Alternative

FIELD_WEIGHTS = {"code": 12.0, "names": 8.0, "pinyin": 5.0, "parties": 3.0, "mentions": 3.0, "words": 1.0}
EXACT_NUMBER_SCORE = 100_000.0
EXACT_NAME_SCORE = 10_000.0
EXACT_PINYIN_SCORE = 5_000.0
NAME_PREFIX_SCORE = 300.0
CLAUSE_IS_NAME_BOOST = 150.0
NAME_CONTAINS_SCORE = 30.0
SIMILAR_NAME_SCORE = 100.0
ENDED_PENALTY = 40.0
MIN_PREFIX_LENGTH = 2
MIN_SIMILAR_NAME_LENGTH = 3  # characters of a Chinese name in which one may be wrong
MOST_CLAUSES_SHARE = 0.66  # the share of words that will do when no record has them all
ANY_CLAUSE_SHARE = 0.0


def field_score(alternative: Alternative, field: str, document_count: int, document_frequency: int) -> float:
    """Of terms that stand together in a field of a record, where `holding` of `n` records have them: the rarer, the more."""
    rarity = math.log(1 + document_count / (1 + document_frequency))
    return FIELD_WEIGHTS[field] * alternative.weight * (0.5 + rarity)


def prefix_terms(typed: str) -> list[tuple[str, str, float]]:
    """How a name, its pinyin or a number may begin with what was typed: field, beginning, worth of one that is no longer."""
    name, latin = fold_name(typed), latin_only(typed)
    found = [("exact", name, NAME_PREFIX_SCORE)] if name else []
    if latin:
        found.append(("exact", tokens.PINYIN_MARK + latin, NAME_PREFIX_SCORE / 2))
        if number := fold_number(typed):
            found.append(("code", number, NAME_PREFIX_SCORE))
    return found


def latin_only(typed: str) -> str:
    """The Latin letters and figures of a text that has no others, without blanks; else nothing."""
    return "".join(tokens.split_runs(typed)) if fold_name(typed).isascii() else ""
