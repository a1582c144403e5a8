"""English words of one meaning, and narrower and broader ones, from the database files of WordNet (wndb(5WN))."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Lexicographer files of nouns that can name goods, trades, materials, services, places: act, animal, artifact, body,
# communication, food, group, location, object, person, plant, possession, process, state, substance.
GOODS = frozenset([4, 5, 6, 8, 10, 13, 14, 15, 17, 18, 20, 21, 22, 26, 27])
NEAR_FILES = frozenset([4, 6, 13, 14, 18, 20, 27])  # of which near words are kept
THINGS = frozenset([5, 6, 13, 20, 27])  # that can be held: animal, artifact, food, plant, substance
PERSON = 18
MAX_SENSES = 3  # of a word, most usual first
MAX_THING_SENSES = 6  # of which one is a thing that can be held: a peanut is first of all a plant
MAX_DEPTH = 3  # of narrower words below narrower ones
MAX_BELOW = 60  # narrower words of one, nearest first
MAX_NARROWER = 8  # of a synset that is specific enough to stand for those below it
HYPERNYM, HYPONYM = "@", "~"
SYNONYM, BROADER, NARROWER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Synset:
    file: int
    words: tuple[str, ...]
    broader: tuple[str, ...]
    narrower: tuple[str, ...]


def read_synsets(lines: Iterable[str]) -> dict[str, Synset]:
    """Return offset → synset, of the file of nouns."""
    synsets = {}
    for line in lines:
        if line.startswith(" "):
            continue
        parts = line.partition("|")[0].split()
        count = int(parts[3], 16)
        words = tuple(parts[4 + 2 * index] for index in range(count))
        pointers = parts[5 + 2 * count :]
        pairs = [(pointers[index], pointers[index + 1]) for index in range(0, len(pointers) - 3, 4)]
        synsets[parts[0]] = Synset(
            int(parts[1]),
            tuple(
                word.replace("_", " ")
                for word in words
                if word == word.lower() and word.replace("_", "").isalpha()
            ),
            tuple(offset for sign, offset in pairs if sign == HYPERNYM),
            tuple(offset for sign, offset in pairs if sign == HYPONYM),
        )
    return synsets


def read_senses(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return word → offsets of its synsets, most usual first, of an index file."""
    senses = {}
    for line in lines:
        if not line.startswith(" "):
            parts = line.split()
            count = int(parts[2])
            senses[parts[0].replace("_", " ")] = tuple(parts[-count:])
    return senses


def near_words(
    synsets: dict[str, Synset], senses: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, str, int]]:
    """Yield (word, near word, SYNONYM | BROADER | NARROWER).

    Broader words only where they have few narrower ones; both only in their main sense.
    """
    usual = {
        word: frozenset(
            offset
            for place, offset in enumerate(offsets)
            if place < MAX_SENSES or (place < MAX_THING_SENSES and synsets[offset].file in THINGS)
        )
        for word, offsets in senses.items()
    }

    def words_of(offset: str) -> list[str]:
        return [word for word in synsets[offset].words if offset in usual.get(word, ())]

    def main_words_of(offset: str) -> list[str]:
        return [word for word in synsets[offset].words if senses.get(word, ("",))[0] == offset]

    for word, offsets in usual.items():
        for offset in offsets:
            synset = synsets[offset]
            if synset.file not in NEAR_FILES or word not in synset.words:
                continue
            yield from ((word, other, SYNONYM) for other in words_of(offset) if other != word)
            for above in synset.broader:
                if len(synsets[above].narrower) <= MAX_NARROWER:
                    yield from ((word, other, BROADER) for other in main_words_of(above))
            below = itertools.chain.from_iterable(map(main_words_of, _all_narrower(synsets, synset)))
            yield from ((word, other, NARROWER) for other in itertools.islice(below, MAX_BELOW))


def _all_narrower(synsets: dict[str, Synset], synset: Synset) -> Iterator[str]:
    """Yield the offsets of what is below a synset, level by level."""
    level = synset.narrower
    for _depth in range(MAX_DEPTH):
        yield from level
        level = tuple(below for offset in level for below in synsets[offset].narrower)
