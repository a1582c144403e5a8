"""Texts of the index that are near a search in meaning: asked by searches, filled by the relay."""

from __future__ import annotations

import functools
import itertools
import logging
import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from registry.search.analysis import tokens
from registry.search.analysis.sized_cache import SizedCache
from registry.search.analysis.translated_searches import (
    shares_word,
    translated,
    translated_share,
    weighty_words,
)
from registry.search.meaning.encoder import Encoder, prepare_model
from registry.search.meaning.kinds import KINDS_OF_TEXT, NearKind, Surroundings, kind_table
from registry.search.meaning.kinds import MARGIN as MARGIN_OF_KINDS
from registry.search.meaning.vectors import Least, Search, VectorStore
from registry.search.port import NearText

FLOOR = 0.58  # how near what is near has to be: chosen over judged searches (decisions 41 and 75)
KNOWN_FLOOR = (
    0.65  # where no word is found although the lexicon has the search as one: the thing itself is not held
)
SHARED_FLOOR = 0.48  # of texts that have a word of the search as well
QUESTION_WORDS, QUESTION_FLOOR = (
    4,
    0.56,
)  # of a search of so many words that tell something: only these are compared
TRANSLATED_FLOOR = 0.53  # of texts of which a word has one of the search in its translation
SHARED_BONUS = 0.05  # that the words in common, of either kind, add, and a kind in common
# Kinds of goods, shops and services (decision 75). A search asks for a kind that it is so near to, and a text that is so near to
# that kind, or to one below it, is of it: such a text is near from OF_KIND_FLOOR on.
ASKED_KIND, TEXT_KIND, OF_KIND_FLOOR = 0.75, 0.9, 0.35
MARGIN = 0.15  # what is so much less similar than the nearest text is not near
MAX_NEAR_TEXTS = 50
MAX_SEARCH_LENGTH = 120  # characters of a search that are compared
MIN_LETTERS = 2
SEPARATORS = re.compile(r"[、，,；;。\n（）()]+")  # between the items of a list, and around what explains one
# Between the parts of a title, of which the first names the thing: Cigarettes—Part 1: Sampling; 卷烟 第1部分：抽样.
TITLE_SEPARATORS = re.compile(r"[—–―:：]+|(?<=[\u3400-\u9fff\d]) (?=[\u3400-\u9fff])|(?<=\w) - (?=\w)")
MAX_SUBJECT_LENGTH = 80  # characters: longer texts are about more than one thing
log = logging.getLogger(__name__)
MAX_CACHED_TEXTS = 8_192  # that recur in record after record
BATCH = 64  # texts that are encoded together: about 40 milliseconds
KEPT_SEARCHES_BYTES = 1 << 20
KEPT_SEARCH_BYTES = 2_000
KEPT_SECONDS = 10.0  # that the answer to a search is kept at most, for the relay may be adding texts


class _Compared(NamedTuple):
    """A search, and the words of it that tell something."""

    words: tuple[str, ...]
    search: Search


class NearTexts:
    """Finds texts near a search. Where `is_on` is False, or nothing is encoded yet, none is near."""

    def __init__(self, folder: Path, *, is_on: bool) -> None:
        self.is_on = is_on
        self._folder = folder
        self._encoder = Encoder(folder)
        self._store = VectorStore(folder)
        self._found = SizedCache(KEPT_SEARCHES_BYTES)
        self._is_prepared = False

    def near(self, typed: str, *, is_known: bool = False) -> tuple[NearText, ...]:
        """Return the texts of the index that are near a search in meaning, or of a kind that it asks for, nearest first.

        How near: as near as the search is, or on average the search and its translation by the lexicon. `is_known`: the search is
        the name of a thing that no record has: only what is nearer, or of its kind, may stand for it.
        """
        text = fold_subject(typed)[:MAX_SEARCH_LENGTH]
        if not self.is_on or sum(character.isalpha() for character in text) < MIN_LETTERS:
            return ()
        key = (text, is_known, int(time.monotonic() / KEPT_SECONDS))
        kept: tuple[NearText, ...] | None = self._found.get(key)
        if kept is not None:
            return kept
        try:
            found = self._most_similar(text, KNOWN_FLOOR if is_known else 0.0)
        except (OSError, ValueError) as problem:  # a file that was damaged after it was opened
            log.warning("meanings cannot be compared: %r", problem)
            return ()
        near = tuple(each for each in found if each.similarity >= found[0].similarity - MARGIN)
        self._found.put(key, near, KEPT_SEARCH_BYTES)
        return near

    def _most_similar(self, text: str, least: float) -> list[NearText]:
        """Return the texts that are near enough. `least`: how near those have to be that are of no kind which is asked for."""
        compared = self._compared(text)
        if compared is None:
            return []
        words = compared.words
        floor = QUESTION_FLOOR if len(words) >= QUESTION_WORDS else FLOOR
        near = []
        floors = Least(SHARED_FLOOR, OF_KIND_FLOOR, TEXT_KIND)
        for each in self._store.near(compared.search, floors, MAX_NEAR_TEXTS):
            in_common = float(shares_word(each.text, words))
            if not in_common and each.nearness >= TRANSLATED_FLOOR:
                in_common = translated_share(each.text, words)
            similarity = min(1.0, each.nearness + SHARED_BONUS * (in_common + each.is_of_kind))
            if each.is_of_kind or (similarity >= least and (each.nearness >= floor or in_common)):
                near.append(NearText(each.text, similarity))
        return sorted(near, key=lambda each: (-each.similarity, each.text))

    def _compared(self, text: str) -> _Compared | None:
        """Return what is compared of a search; None while there is no model."""
        words = weighty_words(text)
        vectors = self._encoder.encode([_bare(text, words), *map(fold_subject, translated(text))])
        if vectors is None:
            return None
        means = (vectors[0] + vectors) / 2  # times a text's vector: the mean of both similarities
        around = kind_table().around(means)
        crowd = max(each.crowd for each in around)
        asked = kind_table().ranges(kind.number for kind in kinds_asked_for(around))
        return _Compared(words, Search(means, crowd, asked))

    # --- the relay's alone --------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Write the model and look through the vectors, once for each process."""
        if not self._is_prepared:
            prepare_model(self._folder)
            self._store.open_for_writing()
            self._is_prepared = True

    def encode(self, texts: Sequence[str], may_go_on: Callable[[], bool]) -> bool:
        """Encode those of these texts that are not yet, until `may_go_on` says no; return True when none is left."""
        missing = self._store.missing(texts)[: self._store.room()]
        encoded: list[str] = []
        parts = []
        for first in range(0, len(missing), BATCH):
            if first and not may_go_on():
                break
            batch = missing[first : first + BATCH]
            vectors = self._encoder.encode(batch)
            if vectors is None:
                break
            encoded += batch
            parts.append(vectors)
        if encoded:
            self._store.add(encoded, np.concatenate(parts))
        return len(encoded) == len(missing)

    def count(self) -> int:
        """Return how many texts are encoded."""
        return len(self._store)

    def keep_only(self, texts: Collection[str]) -> None:
        """Drop what is encoded of other texts."""
        self._store.keep_only(texts)


def _bare(text: str, words: Sequence[str]) -> str:
    """Return what is compared of a search: of a question only the words that tell something."""
    return ("" if tokens.is_chinese(words[0]) else " ").join(words) if len(words) >= QUESTION_WORDS else text


def kinds_asked_for(around: Iterable[Surroundings]) -> list[NearKind]:
    """Return the kinds that a search asks for: that which one of its vectors is nearest to, and those nearly as near."""
    nearness: dict[int, float] = {}
    for kind, near in itertools.chain.from_iterable(each.kinds for each in around):
        nearness[kind] = max(near, nearness.get(kind, 0.0))
    ordered = sorted(nearness.items(), key=lambda pair: (-pair[1], pair[0]))
    least = max(ASKED_KIND, ordered[0][1] - MARGIN_OF_KINDS)
    return [NearKind(*pair) for pair in ordered if pair[1] >= least][:KINDS_OF_TEXT]


@functools.lru_cache(MAX_CACHED_TEXTS)
def subjects_in(text: str) -> tuple[str, ...]:
    """Return the subjects that a text names, folded: of a list its items, of a title its parts too, without numbers and codes."""
    items = [fold_subject(part) for part in SEPARATORS.split(text)]
    parts = [part.strip() for item in items for part in TITLE_SEPARATORS.split(item)]
    parts = [part for part in parts if not any(map(str.isdigit, part))]  # 第1部分
    return tuple(
        part
        for part in dict.fromkeys((*items, *parts))
        if len(part) <= MAX_SUBJECT_LENGTH and sum(map(str.isalpha, part)) >= MIN_LETTERS
    )


def fold_subject(text: str) -> str:
    """Return a text as it is compared: Simplified characters, lower case, single blanks."""
    return " ".join(tokens.fold_text(text).split())
