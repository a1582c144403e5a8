"""The words of a search, one by one: places, times and other words, each with what it tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from registry.late_imports import rjieba
from registry.search.analysis import word_weights
from registry.search.analysis.ranges import range_value
from registry.search.analysis.tokens import fold_text, is_chinese, part_codes
from registry.services.finding.query_understanding.expiry_in_words import find_times_and_expiries
from registry.services.finding.query_understanding.filter_vocabulary import (
    Meaning,
    abbreviations,
    vocabulary,
    vocabulary_key,
)
from registry.services.finding.query_understanding.time_patterns import TimeInWords
from registry.services.records.facets.facet_names import FOUNDED, VALID_UNTIL

FROM, TO = "from", "to"  # filters by the date of a record, as in addresses
YEAR_PATTERN = re.compile(r"(?:19|20)\d\d")
LONG_NUMBER, CENTURY = re.compile(r"\d{3,}"), "100"
RUN_PATTERN = re.compile(r"[\u3400-\u9fff]+|[^\s\u3400-\u9fff，。！？、；：,;:!?()（）]+")
MIN_TWO_PLACES = 4  # characters


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a time. `joined`: no blank before it; `weight`: what it tells; `meanings`: of a time.

    `is_whole`: it stands between blanks, or the segmenter's dictionary calls it an abbreviation.
    """

    text: str
    joined: bool
    weight: float = word_weights.FULL
    meanings: tuple[Meaning, ...] = ()
    is_whole: bool = False

    @property
    def is_number(self) -> bool:
        """Return True for digits that are neither a year nor a hundred years: numbers are looked up, not understood."""
        return (
            not self.meanings
            and bool(LONG_NUMBER.search(self.text))
            and not YEAR_PATTERN.fullmatch(self.text)
            and self.text != CENTURY
        )


def split_words(text: str) -> Iterator[Token]:
    """Yield the words and the times of a text, in order."""
    folded = fold_text(part_codes(text))
    position = 0
    for time in find_times_and_expiries(folded):
        yield from _word_tokens(folded[position : time.start], joined=_touches(folded, position))
        yield Token(
            folded[time.start : time.end],
            _touches(folded, time.start),
            meanings=_time_meanings(time, folded[time.start : time.end]),
        )
        position = time.end
    yield from _word_tokens(folded[position:], joined=_touches(folded, position))


def _touches(text: str, position: int) -> bool:
    """Return True if no blank stands before a position."""
    return position > 0 and not text[position - 1].isspace() and not text[position : position + 1].isspace()


def _word_tokens(text: str, *, joined: bool) -> Iterator[Token]:
    for index, word in enumerate(text.split()):
        touching = joined and index == 0
        runs = RUN_PATTERN.findall(word)
        for run in runs:
            parts = list(_weighed_words(run))
            for part, weight, is_abbreviation in parts:
                is_whole = is_abbreviation or (len(parts) == len(runs) == 1 and not touching)
                yield Token(part, touching, weight, is_whole=is_whole)
                touching = True


def _weighed_words(run: str) -> Iterator[tuple[str, float, bool]]:
    """Yield the words of a run, what each tells, and whether it is a place in one character."""
    if not is_chinese(run):
        yield run, word_weights.latin_weight(run), False
        return
    for word, tag in word_weights.tagged_words(run):
        if len(word) == 2 and word[0] in abbreviations() and not rjieba.has_word(word):  # 徽酒
            yield word[0], word_weights.FULL, True
            yield word[1], word_weights.FULL, False
        elif names := _joined_places(word) or _place_and_thing(word):
            yield from ((name, word_weights.FULL, False) for name in names)
        else:
            yield word, word_weights.chinese_weight(word, tag), tag == "j"


def _joined_places(word: str) -> tuple[str, ...]:
    """Return the two places of which a word that the segmenter does not know is made: 吉林长春."""
    if len(word) >= MIN_TWO_PLACES and word not in vocabulary():
        for index in range(2, len(word) - 1):
            names = word[:index], word[index:]
            if all(any(m.name == "region" for m in vocabulary().get(name, ())) for name in names):
                return names
    return ()


def _place_and_thing(word: str) -> tuple[str, ...]:
    """Return the place and the rest of a word of the segmenter that begins with one: 北京小吃; not of a name of a place."""
    if len(word) >= MIN_TWO_PLACES and word not in vocabulary():
        for index in range(len(word) - 2, 1, -1):
            if any(meaning.name == "region" for meaning in vocabulary().get(word[:index], ())):
                return word[:index], word[index:]
    return ()


def join_words(tokens: Iterable[Token]) -> str:
    """Return words as they were typed, with and without blanks between them."""
    return "".join(token.text if token.joined else f" {token.text}" for token in tokens).strip()


def _time_meanings(time: TimeInWords, words: str) -> tuple[Meaning, ...]:
    """Return the filters of a time; what a register itself calls an age comes first: 百年以上."""
    if own := vocabulary().get(vocabulary_key(words.removesuffix("的"))):
        return own
    if time.kind == "founded":
        return (Meaning(FOUNDED, (range_value(time.first, time.last),)),)
    if time.kind == "ends":
        return (Meaning(VALID_UNTIL, (range_value(time.first, time.last),)),)
    if time.kind == "year":
        return (Meaning("year", (str(time.first),)),)
    ends = ((FROM, time.first, "00"), (TO, time.last, "99"))
    return tuple(Meaning(name, (_sparse_date(number, blank),)) for name, number, blank in ends if number)


def _sparse_date(number: int, blank: str) -> str:
    """Return a day as a number as it is typed: 20240600 is 2024-06."""
    written = f"{number:08}"
    parts = [written[:4], written[4:6], written[6:]]
    return "-".join(part for index, part in enumerate(parts) if not index or part != blank)
