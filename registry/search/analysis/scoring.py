"""What a hit is worth: the same in every engine, so that each puts records into the same order."""

from __future__ import annotations

import math

from registry.reference.text.folding import fold_name, fold_number
from registry.search.analysis import tokens
from registry.search.analysis.query_parser import Alternative

FIELD_WORTH = {"code": 12.0, "names": 8.0, "pinyin": 5.0, "parties": 3.0, "mentions": 3.0, "words": 1.0}
EXACT_NUMBER = 100_000.0
EXACT_NAME = 10_000.0
EXACT_PINYIN = 5_000.0
NAME_PREFIX = 300.0
PART_IS_NAME = 150.0
NAME_INSIDE = 30.0
NEAR_NAME = 100.0
ENDED_LOSS = 40.0
SHORTEST_PREFIX = 2
SHORTEST_NEAR = 3  # characters of a Chinese name in which one may be wrong
MOST_OF = 0.66  # the share of words that will do when no record has them all
ANY = 0.0


def of_field(alternative: Alternative, field: str, n: int, holding: int) -> float:
    """Of terms that stand together in a field of a record, where `holding` of `n` records have them: the rarer, the more."""
    rarity = math.log(1 + n / (1 + holding))
    return FIELD_WORTH[field] * alternative.worth * (0.5 + rarity)


def beginnings(typed: str) -> list[tuple[str, str, float]]:
    """How a name, its pinyin or a number may begin with what was typed: field, beginning, worth of one that is no longer."""
    name, latin = fold_name(typed), latin_of(typed)
    found = [("exact", name, NAME_PREFIX)] if name else []
    if latin:
        found.append(("exact", tokens.PINYIN_MARK + latin, NAME_PREFIX / 2))
        if number := fold_number(typed):
            found.append(("code", number, NAME_PREFIX))
    return found


def latin_of(typed: str) -> str:
    """The Latin letters and figures of a text that has no others, without blanks; else nothing."""
    return "".join(tokens.runs(typed)) if fold_name(typed).isascii() else ""
