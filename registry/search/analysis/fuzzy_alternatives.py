"""When nothing has what was typed: other spellings of it, and when to look for none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from registry.search.analysis import tokens
from registry.search.analysis.query_parser import Alternative, Group, Question

SHORTEST_SPELLING = 4  # letters of a word in which one may be wrong
MOST_RESPELLED = 24
Near = Callable[[str, str], Sequence[str]]  # field, word → terms that are spelled almost so, nearest first


def lacking(question: Question, numbers: Sequence[int]) -> bool:
    """Whether nothing at all is known of a part of a Chinese text that was set apart by blanks: what is asked for is not here.

    `numbers`: how many records each group has.
    """
    known: dict[int, bool] = {}
    for part, number in zip(question.apart, numbers, strict=False):
        known[part] = known.get(part, False) or bool(number)
    return not all(known.values())


def respelled(near: Near, group: Group) -> Group:
    """Other spellings of a word: homophones of Chinese, near ones of Latin letters, parts of long runs."""
    text = group.text
    others: list[Alternative] = []
    if tokens.is_chinese(text):
        sound = tokens.joined_pinyin(text)
        others.append(Alternative((tokens.latin(sound),), ("pinyin",), 0.9))
        grams = tokens.grams(text)
        if len(grams) > 1:
            others += [Alternative((gram,), ("names", "parties"), 0.4) for gram in grams]
    elif len(text) >= SHORTEST_SPELLING:
        for field in ("names", "pinyin", "words"):
            others += [Alternative((term,), (field,), 0.8) for term in near(field, tokens.latin(text))]
    return Group(text, tuple(dict.fromkeys(others))[:MOST_RESPELLED])
