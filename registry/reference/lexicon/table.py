"""The lexicon as compact arrays: look up an English word, a Chinese word or pinyin; some 5 MB in memory, read when first needed.

Words are found by a 32-bit hash of their key, then compared. Neighbours of a word stand in one array (`data`) between two
`starts`.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.reference.lexicon import endings, english

FILE = "lexicon.npz"
MAIN = 2  # strength from which a translation is a meaning of the word
OTHER_NAME, ALIAS = (
    0,
    1,
)  # of a Chinese word: by a dictionary; one that leads to the same article of an encyclopedia
Array = NDArray[np.uint32]


class Translation(NamedTuple):
    """A word of the other language. `strength`: 3 a main meaning, 2 a further one, 1 a part of words or an action, 0 a kind of it."""

    word: str
    strength: int


class NearWord(NamedTuple):
    """An English word of nearly the same meaning. `kind`: SYNONYM, BROADER or NARROWER."""

    word: str
    kind: int


@dataclass(frozen=True, slots=True)
class WordTable:
    """Texts in the order of their hashes."""

    hashes: Array
    starts: Array
    text: bytes

    @classmethod
    def of(cls, texts: Sequence[str], keys: Sequence[str]) -> WordTable:
        """Make the table of texts; texts come in the order of `hash_of` their keys."""
        encoded = [text.encode() for text in texts]
        starts = np.cumsum([0, *map(len, encoded)], dtype=np.uint32)
        return cls(np.array([hash_of(key) for key in keys], np.uint32), starts, b"".join(encoded))

    def __getitem__(self, place: int) -> str:
        return self.text[self.starts[place] : self.starts[place + 1]].decode()

    def places(self, key: str) -> range:
        """Return the places of texts with the hash of this key."""
        return _equal_range(self.hashes, hash_of(key))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each word the places of others, and a small number beside each."""

    starts: Array
    data: Array
    kinds: NDArray[np.uint8]

    @classmethod
    def of(cls, count: int, triples: Iterable[tuple[int, int, int]]) -> Neighbours:
        """Make the table of (place, place of its neighbour, number); the order of one word's neighbours stays."""
        ordered = sorted(triples, key=lambda triple: triple[0])
        starts = np.searchsorted([place for place, _other, _kind in ordered], np.arange(count + 1))
        return cls(
            starts.astype(np.uint32),
            np.array([other for _place, other, _kind in ordered], np.uint32),
            np.array([kind for _place, _other, kind in ordered], np.uint8),
        )

    def reversed(self, count: int) -> Neighbours:
        """Return the same pairs the other way round."""
        order = np.argsort(self.data, kind="stable")
        sources = np.repeat(np.arange(len(self.starts) - 1, dtype=np.uint32), np.diff(self.starts))
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.data, minlength=count))]).astype(np.uint32)
        return Neighbours(starts, sources[order], self.kinds[order])

    def of_word(self, place: int) -> list[tuple[int, int]]:
        """Return (place, number) of the neighbours of a word."""
        part = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return list(zip(self.data[part].tolist(), self.kinds[part].tolist(), strict=True))


def _equal_range(hashes: Array, wanted: int) -> range:
    """Return the places of a hash among sorted ones; by Python's own search, which is quicker than numpy's for a single one."""
    numbers = hashes.data
    first = last = bisect.bisect_left(numbers, wanted)
    while last < len(numbers) and numbers[last] == wanted:
        last += 1
    return range(first, last)


def hash_of(key: str) -> int:
    """Return the hash by which a key is found, the same on every machine."""
    return zlib.crc32(key.encode())


class Lexicon:
    """Look-up of words. All results come strongest first, and are empty for an unknown word."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        def words(name: str) -> WordTable:
            starts = _starts(arrays[f"{name}_sizes"])
            return WordTable(arrays[f"{name}_hashes"], starts, arrays[f"{name}_text"].tobytes())

        def neighbours(name: str) -> Neighbours:
            return Neighbours(
                _starts(arrays[f"{name}_sizes"]), arrays[f"{name}_data"], arrays[f"{name}_kinds"]
            )

        self._english, self._chinese = words("english"), words("chinese")
        self._translations, self._same, self._near = map(neighbours, ("translations", "same", "near"))
        self._back = self._translations.reversed(len(self._chinese.hashes))
        self._things = arrays["english_things"]
        self._pinyin, self._by_pinyin = arrays["pinyin_hashes"], arrays["pinyin_places"]
        self._endings = [(chr(one), chr(other)) for one, other in arrays["endings"].tolist()]

    def translations(self, phrase: str) -> list[Translation]:
        """Return the Chinese words of an English word or phrase, in any spelling or number."""
        place = self._english_place(phrase)
        return [] if place is None else self._words(self._chinese, self._translations.of_word(place))

    def english_of(self, chinese: str) -> list[Translation]:
        """Return the English words of a Chinese one."""
        place = self._chinese_place(chinese)
        return [] if place is None else self._words(self._english, self._back.of_word(place))

    def same(self, chinese: str) -> list[str]:
        """Return Chinese words that a dictionary gives as another name of this one."""
        return self._other_names(chinese, OTHER_NAME)

    def aliases(self, chinese: str) -> list[str]:
        """Return Chinese words under which an encyclopedia has the same article: most, but not all, are other names."""
        return self._other_names(chinese, ALIAS)

    def other_endings(self, chinese: str) -> list[str]:
        """Return a Chinese word with the endings that stand for its own: 净水器 and 净水机; they may be no words."""
        if len(chinese) < endings.MIN_LENGTH:
            return []
        return [chinese[:-1] + other for one, other in self._endings if one == chinese[-1]]

    def near(self, phrase: str) -> list[NearWord]:
        """Return English words of the same, a broader or a narrower meaning, in this order."""
        place = self._english_place(phrase)
        if place is None:
            return []
        return [NearWord(self._english[other], kind) for other, kind in self._near.of_word(place)]

    def chinese_of_pinyin(self, typed: str) -> list[str]:
        """Return the Chinese words of a pinyin in small letters, joined, without tones."""
        places = _equal_range(self._pinyin, hash_of(typed))
        return [self._chinese[int(place)] for place in self._by_pinyin[places.start : places.stop]]

    def is_thing(self, word: str) -> bool:
        """Return True if the main meaning of an English word is something that can be held: goods, not services."""
        place = self._english_place(word)
        return place is not None and bool(self._things[place])

    def is_english(self, phrase: str) -> bool:
        """Return True for an English word or phrase that the lexicon has."""
        return self._english_place(phrase) is not None

    def _other_names(self, chinese: str, wanted: int) -> list[str]:
        place = self._chinese_place(chinese)
        found = [] if place is None else self._same.of_word(place)
        return [self._chinese[other] for other, kind in found if kind == wanted]

    def _english_place(self, phrase: str) -> int | None:
        wanted = english.key(phrase)
        places = self._english.places(wanted)
        return next((place for place in places if english.key(self._english[place]) == wanted), None)

    def _chinese_place(self, word: str) -> int | None:
        return next((place for place in self._chinese.places(word) if self._chinese[place] == word), None)

    @staticmethod
    def _words(of: WordTable, found: Sequence[tuple[int, int]]) -> list[Translation]:
        return [
            Translation(of[place], strength) for place, strength in sorted(found, key=lambda pair: -pair[1])
        ]


def _starts(sizes: NDArray[np.uint8]) -> Array:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.uint32)]).astype(np.uint32)


def write(
    file: IO[bytes],
    *,
    translations: Mapping[str, Mapping[str, int]],
    same: Iterable[tuple[str, str, int]],
    near: Iterable[tuple[str, str, int]],
    pinyin: Mapping[str, Iterable[str]],
    things: Collection[str],
) -> None:
    """Write the arrays of a lexicon.

    `translations`: English → Chinese → strength; `same`: (Chinese, Chinese, OTHER_NAME or ALIAS); `near`: (English, English, kind);
    `pinyin`: Chinese → its pinyin; `things`: English words whose main meaning can be held.
    """
    near, same = list(near), list(same)
    texts: dict[str, str] = {}
    for text in itertools.chain(translations, (word for one, other, _kind in near for word in (one, other))):
        texts.setdefault(english.key(text), text)
    english_keys = sorted(texts, key=hash_of)
    chinese = sorted({*pinyin, *(word for found in translations.values() for word in found)}, key=hash_of)
    english_places = {key: place for place, key in enumerate(english_keys)}
    chinese_places = {word: place for place, word in enumerate(chinese)}
    tables: dict[str, WordTable | Neighbours] = {
        "english": WordTable.of([texts[key] for key in english_keys], english_keys),
        "chinese": WordTable.of(chinese, chinese),
        "translations": Neighbours.of(
            len(english_keys),
            [
                (english_places[english.key(word)], chinese_places[other], strength)
                for word, found in translations.items()
                for other, strength in found.items()
            ],
        ),
        "same": Neighbours.of(
            len(chinese), [(chinese_places[one], chinese_places[other], kind) for one, other, kind in same]
        ),
        "near": Neighbours.of(
            len(english_keys),
            [
                (english_places[english.key(one)], english_places[english.key(other)], kind)
                for one, other, kind in sorted(near, key=lambda triple: triple[2])
            ],
        ),
    }
    by_pinyin = sorted(
        (hash_of(typed), chinese_places[word]) for word, all_typed in pinyin.items() for typed in all_typed
    )
    thing_keys = set(map(english.key, things))
    of_one_meaning = (
        {word for word, strength in found.items() if strength >= MAIN} for found in translations.values()
    )
    pairs = endings.interchangeable(
        itertools.chain(of_one_meaning, ((one, other) for one, other, _kind in same)), chinese
    )
    arrays: dict[str, NDArray[Any]] = {
        "english_things": np.array([key in thing_keys for key in english_keys], np.bool_),
        "endings": np.array([tuple(map(ord, pair)) for pair in pairs], np.uint32).reshape(-1, 2),
        "pinyin_hashes": np.array([hashed for hashed, _place in by_pinyin], np.uint32),
        "pinyin_places": np.array([place for _hashed, place in by_pinyin], np.uint32),
    }
    for name, table in tables.items():
        arrays[f"{name}_sizes"] = np.diff(table.starts).astype(np.uint8)
        if isinstance(table, WordTable):
            arrays[f"{name}_hashes"] = table.hashes
            arrays[f"{name}_text"] = np.frombuffer(table.text, np.uint8)
        else:
            arrays[f"{name}_data"], arrays[f"{name}_kinds"] = table.data, table.kinds
    np.savez_compressed(file, allow_pickle=False, **arrays)


def read(file: IO[bytes]) -> Lexicon:
    """Read what `write` wrote."""
    with np.load(file, allow_pickle=False) as arrays:
        return Lexicon({name: arrays[name] for name in arrays.files})


@functools.cache
def lexicon() -> Lexicon:
    """Return the lexicon that comes with the registry."""
    with resources.files(__package__).joinpath("data", FILE).open("rb") as file:
        return read(file)
