"""Passages: where the words of a search stand in the full text that a record makes public.

A record that has all words in its own fields needs none: a passage says why a record is found that does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from registry.attachments.sandbox import PAGE_BREAK
from registry.search.analysis import tokens
from registry.services.records.views import PassageView

MAX_BEFORE = MAX_AFTER = 80  # characters of a passage before and behind the first word that it is shown for
MAX_PLACES = 500  # of one word in a text
MAX_WORDS = 16
STEM_LETTERS = 3  # with which a Latin word and its other forms begin
SENTENCE_END = re.compile(rf"[。！？；!?;\n{PAGE_BREAK}]|\.(?=\s+[^a-z0-9\s])")  # not that of an abbreviation
LATIN = re.compile(r"[A-Za-z0-9]")
ELLIPSIS = "…"
SynonymPairs = Sequence[tuple[str, str]]


def missing_words(
    own_texts: Iterable[str], words: Sequence[str], synonyms: SynonymPairs
) -> list[tuple[str, ...]]:
    """Return the words that a record has not in its own texts, each with its synonyms.

    `words`: typed ones and synonyms, as `SearchResult.highlights` has them; `synonyms`: pairs of both.
    """
    own_terms = set(tokens.text_terms(" ".join(own_texts)))
    others = {other for _typed, other in synonyms}
    groups = [
        (word, *(other for typed, other in synonyms if typed == word))
        for word in words[:MAX_WORDS]
        if word not in others
    ]
    return [group for group in groups if not any(_has_all(own_terms, word) for word in group)]


def _has_all(terms: set[str], word: str) -> bool:
    wanted = set(_query_terms(word))
    return bool(wanted) and wanted <= terms


def _query_terms(word: str) -> Iterator[str]:
    for run in tokens.split_runs(word):
        if tokens.is_chinese(run):
            yield from tokens.bigrams(run)
        else:
            yield tokens.latin_term(run)


def find_passage(text: str, groups: Sequence[Sequence[str]]) -> PassageView | None:
    """Return the passage with the most of these words, the first of equal ones; None where no word stands in the text.

    `text`: pages separated by `PAGE_BREAK`; `groups`: words of one meaning each, any of which counts.
    """
    folded = fold_in_place(text)
    places = sorted(
        (start, end, number)
        for number, group in enumerate(groups)
        for word in group
        for start, end in _places_of(folded, word)
    )
    if not places:
        return None
    best = max(range(len(places)), key=lambda index: (_words_from(text, places, index), -index))
    return _cut_passage(text, places, best)


def _words_from(text: str, places: Sequence[tuple[int, int, int]], first: int) -> int:
    """Return how many different words stand in the passage that begins with this place."""
    limit = _end_of_page(text, places[first][0], places[first][0] + MAX_AFTER)
    numbers = set[int]()
    for _start, end, number in places[first:]:
        if end > limit:
            break
        numbers.add(number)
    return len(numbers)


def _places_of(folded: str, word: str) -> list[tuple[int, int]]:
    """Return where a word stands in a text; of one with several parts, where each of them stands. None without all."""
    places: list[tuple[int, int]] = []
    for run in tokens.split_runs(word):
        of_run = _places_of_chinese(folded, run) if tokens.is_chinese(run) else _places_of_latin(folded, run)
        if not of_run:
            return []
        places += of_run
    return places


def _places_of_chinese(folded: str, run: str) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    at = folded.find(run)
    while at >= 0 and len(places) < MAX_PLACES:
        places.append((at, at + len(run)))
        at = folded.find(run, at + len(run))
    return places


def _places_of_latin(folded: str, word: str) -> list[tuple[int, int]]:
    """Return where a Latin word or a number stands, in any of its forms."""
    term = tokens.latin_term(word)
    pattern = re.compile(rf"(?<![a-z0-9]){re.escape(word[:STEM_LETTERS])}[a-z0-9]*(?:[.'’][a-z0-9]+)*")
    places: list[tuple[int, int]] = []
    for match in pattern.finditer(folded):
        if tokens.latin_term(match[0]) == term:
            places.append(match.span())
            if len(places) == MAX_PLACES:
                break
    return places


def _cut_passage(text: str, places: Sequence[tuple[int, int, int]], first: int) -> PassageView:
    """Return the sentence around a place, at most `MAX_BEFORE` and `MAX_AFTER` characters of it."""
    at, its_end, _number = places[first]
    earliest = max(0, at - MAX_BEFORE)
    latest = _end_of_page(text, at, min(len(text), max(its_end, at + MAX_AFTER)))
    breaks = [end for match in SENTENCE_END.finditer(text, earliest, at + 1) if (end := match.end()) <= at]
    start = breaks[-1] if breaks else _word_border(text, earliest, at)
    last_shown = max([its_end, *(end for _start, end, _number in places[first:] if end <= latest)])
    ending = SENTENCE_END.search(text, last_shown, latest + 1)
    end = min(ending.end() if ending else _word_border(text, latest, last_shown), latest)
    while start < at and text[start].isspace():
        start += 1
    passage = text[start:end].rstrip()
    before = ELLIPSIS if not breaks and start > 0 else ""
    behind = ELLIPSIS if not ending and end < len(text) else ""
    shift = len(before) - start
    marks = _joined(
        [
            (begin + shift, stop + shift)
            for begin, stop, _number in places
            if start <= begin and stop <= start + len(passage)
        ]
    )
    shown = before + passage.replace("\n", " ") + behind
    return PassageView(text.count(PAGE_BREAK, 0, at) + 1, shown, marks)


def _end_of_page(text: str, start: int, limit: int) -> int:
    """Return where the page ends on which `start` stands, or `limit` if that comes first."""
    end = text.find(PAGE_BREAK, start, limit)
    return limit if end < 0 else end


def _word_border(text: str, cut: int, limit: int) -> int:
    """Return where to cut a text so that no Latin word is cut: at `cut`, or nearer to `limit`."""
    step = 1 if cut < limit else -1
    while cut != limit and 0 < cut < len(text) and LATIN.match(text[cut - 1]) and LATIN.match(text[cut]):
        cut += step
    return cut


def _joined(marks: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return marks in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


class _FoldedCharacters(dict[int, str]):
    """Folds characters one by one, so that a place in the folded text is one in the text."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = tokens.fold_text(character)
        self[code] = folded if len(folded) == 1 else character
        return self[code]


_folded_characters = _FoldedCharacters()


def fold_in_place(text: str) -> str:
    """Return the text as the index has it, with as many characters: what would become several stays as it is."""
    return text.translate(_folded_characters)
