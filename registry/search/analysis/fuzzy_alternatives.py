"""When nothing has what was typed: other spellings of it, and when to look for none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from registry.search.analysis import tokens
from registry.search.analysis.query_parser import Alternative, Clause, ParsedQuery

MIN_FUZZY_LENGTH = 4  # letters of a word in which one may be wrong
MAX_FUZZY_ALTERNATIVES = 24
FindNearTerms = Callable[
    [str, str], Sequence[str]
]  # field, word → terms that are spelled almost so, nearest first


def has_unknown_part(query: ParsedQuery, frequencies: Sequence[int]) -> bool:
    """Whether nothing at all is known of a part of a Chinese text that was set apart by blanks: what is asked for is not here.

    `numbers`: how many records each group has.
    """
    known: dict[int, bool] = {}
    for part, number in zip(query.clause_parts, frequencies, strict=False):
        known[part] = known.get(part, False) or bool(number)
    return not all(known.values())


def fuzzy_clause(find_near_terms: FindNearTerms, clause: Clause) -> Clause:
    """Other spellings of a word: homophones of Chinese, near ones of Latin letters, parts of long runs."""
    text = clause.text
    others: list[Alternative] = []
    if tokens.is_chinese(text):
        sound = tokens.joined_pinyin(text)
        others.append(Alternative((tokens.latin_term(sound),), ("pinyin",), 0.9))
        grams = tokens.bigrams(text)
        if len(grams) > 1:
            others += [Alternative((gram,), ("names", "parties"), 0.4) for gram in grams]
    elif len(text) >= MIN_FUZZY_LENGTH:
        for field in ("names", "pinyin", "words"):
            others += [
                Alternative((term,), (field,), 0.8)
                for term in find_near_terms(field, tokens.latin_term(text))
            ]
    return Clause(text, tuple(dict.fromkeys(others))[:MAX_FUZZY_ALTERNATIVES])
