"""Fuzzy alternatives: other spellings of a clause, for when no record matches it as typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from registry.reference.code_lists import regions
from registry.reference.lexicon import table
from registry.search.analysis import tokens
from registry.search.analysis.query_parser import Alternative, Clause, ParsedQuery

MIN_FUZZY_LENGTH = 4  # letters of a word in which one may be wrong
MAX_FUZZY_ALTERNATIVES = 24
WORD = "名酒"  # of two characters
PLACES_OF_TRADE = (
    "店馆铺厂坊庄行社楼号"  # second character of a word that says where its first one is made or sold
)
PINYIN_WEIGHT, NEAR_WEIGHT, BIGRAM_WEIGHT = 0.9, 0.8, 0.4
# (field, word) → terms that are spelled almost like the word, nearest first
FindNearTerms = Callable[[str, str], Sequence[str]]


def has_unknown_part(query: ParsedQuery, known_clauses: Sequence[bool | int]) -> bool:
    """Return True if a place, or a part of a Chinese text between blanks, has no clause that any record matches.

    Then what is asked for is not in the registers, and nothing similar is offered. `known_clauses`: for each clause
    whether records match it, or how many.
    """
    if any(
        not is_known and regions.is_region_name(clause.text)
        for clause, is_known in zip(query.clauses, known_clauses, strict=False)
    ):
        return True
    known: dict[int, bool] = {}
    for part, is_known in zip(query.clause_parts, known_clauses, strict=False):
        known[part] = known.get(part, False) or bool(is_known)
    return not all(known.values())


def fuzzy_clause(find_near_terms: FindNearTerms, clause: Clause, *, by_character: bool = False) -> Clause:
    """Return other spellings of a clause: homophones and bigrams of Chinese, similar words of Latin letters.

    `by_character`: of a Chinese word of two characters also the one that carries its meaning: 名酒 is 酒, 鞋店 sells 鞋.
    """
    text = clause.text
    others: list[Alternative] = []
    if regions.is_region_name(text):
        return Clause(text, ())  # a place is no other place, however alike they sound
    if tokens.is_chinese(text):
        if len(text) > 1:  # one syllable sounds like too many
            pinyin = tokens.latin_term(tokens.joined_pinyin(text))
            others.append(Alternative((pinyin,), ("pinyin",), PINYIN_WEIGHT))
        grams = tokens.bigrams(text)
        if len(grams) > 1:
            others += [Alternative((gram,), ("names", "parties"), BIGRAM_WEIGHT) for gram in grams]
        elif by_character and len(text) == len(WORD):
            character = text[0] if text[1] in PLACES_OF_TRADE else text[1]
            others.append(Alternative((character,), ("names", "words"), BIGRAM_WEIGHT))
    elif len(text) >= MIN_FUZZY_LENGTH:
        joined = "".join(text.split())  # of syllables with blanks: names are written together
        fields: tuple[str, ...] = ("pinyin",) if joined != text else ("names", "pinyin", "words")
        if table.lexicon().is_english(text):
            fields = ("names", "words")  # toys is a word, and no way to write tai
        for field in fields:
            others += [
                Alternative((term,), (field,), NEAR_WEIGHT)
                for term in find_near_terms(field, tokens.latin_term(joined))
            ]
    return Clause(text, tuple(dict.fromkeys(others))[:MAX_FUZZY_ALTERNATIVES])
