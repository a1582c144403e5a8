"""Make the lexicon's data from its sources: python -m registry.reference.lexicon.make CEDICT.txt WORDNET OPENCC LISTS ALIASES OUTPUT.

The sources, their licences and dates stand in data/SOURCES.md. WORDNET: folder with data.noun and index.noun; OPENCC: folder
with TWPhrases.txt and HKPhrases.txt; LISTS: folder with the files of `published_lists`; ALIASES: file of `aliases`.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from registry.reference.code_lists import tables
from registry.reference.lexicon import aliases, cedict, english, published_lists, table, wordnet
from registry.reference.text.folding import to_simplified

MAX_TRANSLATIONS, MAX_NEAR = 24, 48  # of an English word
SUFFIXES = ("子", "儿")  # a noun without them is a part of compounds: 扇子, 檀香扇
CODE_LISTS = ("ics", "industries", "product_categories")
CHINESE_ITEMS = re.compile(r"[、，,。；;]|和(?=[\u3400-\u9fff]{2})")
ENGLISH_ITEMS = re.compile(r"[.,;]+ ?(?:and )?| and ")
BRACKETS = re.compile(r"\s*[(（][^)）]*[)）]")
REGIONAL = ("TWPhrases.txt", "HKPhrases.txt")


def function_words() -> frozenset[str]:
    """Return the pronouns, prepositions, conjunctions and auxiliaries of English: they name nothing."""
    return frozenset(row["word"] for row in tables.read_rows("everyday_words") if row["kind"] == "function")


def is_about_goods(phrase: str, goods: set[str], other_words: set[str], nameless: frozenset[str]) -> bool:
    """Return True unless the head of a phrase is a noun, or another word, that names none of what is registered.

    `nameless`: words that name nothing.
    """
    head = english.word_key(phrase.rsplit(maxsplit=1)[-1].rsplit("-", maxsplit=1)[-1])
    if phrase in nameless or head in nameless:
        return False
    whole = phrase if phrase in goods or phrase in other_words else head
    return whole in goods or whole not in other_words


def read_regional(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (word of the mainland, word of Taiwan or Hong Kong), in Simplified characters."""
    for name in REGIONAL:
        for line in (folder / name).read_text("utf-8").splitlines():
            mainland, _tab, others = line.partition("\t")
            for other in others.split():
                pair = to_simplified(mainland), to_simplified(other)
                if pair[0] != pair[1] and all(cedict.HAN_WORD.fullmatch(word) for word in pair):
                    yield pair


def read_code_lists() -> Iterator[tuple[str, str, int]]:
    """Yield (English, Chinese, strength) of goods, trades and fields as the registry's own code lists have them."""
    for row in tables.read_rows("common_words"):
        yield row["en"], row["zh"], cedict.STRONG
    for name in CODE_LISTS:
        for row in tables.read_rows(name):
            pairs = list(_item_pairs(row["name_en"], row["name_zh"]))
            strength = cedict.STRONG if len(pairs) == 1 else cedict.LATER
            yield from ((phrase, chinese, strength) for phrase, chinese in pairs)
    for row in tables.read_rows("product_categories"):
        aliases = row["aliases"].split("|")
        chinese = [row["name_zh"], *(alias for alias in aliases if not alias.isascii())]
        english = [row["name_en"], *(alias for alias in aliases if alias.isascii())]
        for phrase, other in zip(english[1:], chinese[1:], strict=False):  # the most usual ones come first
            yield phrase, other, cedict.LATER
        for phrase in english[1:]:
            yield phrase, row["name_zh"], cedict.GENERAL


def _item_pairs(english_name: str, chinese_name: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of two names; of lists of as many items, those of the items in their order."""
    chinese = CHINESE_ITEMS.split(BRACKETS.sub("", chinese_name))
    english_items = ENGLISH_ITEMS.split(BRACKETS.sub("", english_name))
    if len(chinese) == len(english_items):
        yield from (
            (item.strip(" ."), other.strip()) for item, other in zip(english_items, chinese, strict=True)
        )


def is_item(phrase: str, chinese: str) -> bool:
    """Return True for a pair that can be looked up: few plain words, and Chinese characters alone."""
    plain = bool(cedict.PLAIN.fullmatch(phrase)) and len(phrase.split()) <= cedict.MAX_WORDS
    return plain and 1 < len(chinese) <= cedict.MAX_CHINESE and bool(cedict.HAN_WORD.fullmatch(chinese))


class Sources(NamedTuple):
    """Where the sources lie: a file, and folders."""

    cedict: Path
    wordnet: Path
    opencc: Path
    lists: Path
    aliases: Path


class _Translations:
    """English words, in any spelling and number one word, with their Chinese ones."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, int]] = {}
        self._texts: dict[str, str] = {}

    def add(self, phrase: str, chinese: str, strength: int) -> None:
        text = self._texts.setdefault(english.key(phrase), phrase.lower())
        of_phrase = self._found.setdefault(text, {})
        of_phrase[chinese] = max(strength, of_phrase.get(chinese, 0))

    def knows(self, phrase: str) -> bool:
        return english.key(phrase) in self._texts

    def strongest(self) -> dict[str, dict[str, int]]:
        return {
            word: dict(sorted(found.items(), key=lambda pair: -pair[1])[:MAX_TRANSLATIONS])
            for word, found in self._found.items()
            if word
        }


def main(sources: Sources, output: Path) -> None:
    def lines(name: str) -> list[str]:
        return (sources.wordnet / name).read_text("utf-8").splitlines()

    synsets, senses = wordnet.read_synsets(lines("data.noun")), wordnet.read_senses(lines("index.noun"))
    goods = {
        word for word, offsets in senses.items() if any(synsets[each].file in wordnet.GOODS for each in offsets[: wordnet.MAX_SENSES])
    }  # fmt: skip
    other_words = {*senses, *(line.split()[0].replace("_", " ") for name in ("adj", "adv", "verb") for line in lines(f"index.{name}") if line[0] != " ")} - goods  # fmt: skip
    open_text = gzip.open if sources.cedict.suffix == ".gz" else open
    with open_text(sources.cedict, "rt", encoding="utf-8") as file:
        entries = list(cedict.read_entries(file))
    nameless = function_words()
    found = _Translations()
    pinyin: dict[str, dict[str, None]] = {}
    for entry in entries:
        pinyin.setdefault(entry.chinese, {})
        if len(entry.chinese) > 1:
            pinyin[entry.chinese][entry.pinyin] = None
        for phrase, strength in entry.english:
            if is_about_goods(phrase, goods, other_words, nameless):
                found.add(phrase, entry.chinese, strength)
    of_registry = [pair for pair in read_code_lists() if is_item(*pair[:2])]
    published = list(published_lists.read_pairs(sources.lists))
    # What a dictionary says of a single word goes before what it stands for in a list.
    weak = {pair for pair in published if " " not in pair.english and found.knows(pair.english)}
    for phrase, chinese, strength in of_registry:
        found.add(phrase, chinese, strength)
    for pair in published:
        strength = min(pair.strength, cedict.WEAK) if pair in weak else pair.strength
        found.add(pair.english, pair.chinese, strength)
    things = {
        word for word, offsets in senses.items() if synsets[offsets[0]].file in wordnet.THINGS and word in goods
    }  # fmt: skip
    first_senses = ((word, synsets[offsets[0]]) for word, offsets in senses.items())
    people = {
        english.key(word)
        for word, synset in first_senses
        if synset.file == wordnet.PERSON and word in synset.words  # not Rudolf Diesel
    }
    for pair in published_lists.read_search_terms(sources.lists):
        if english.key(pair.english.split()[-1]) in people:  # a cobbler mends shoes
            found.add(*pair)
    translations = found.strongest()
    for word in {word for others in translations.values() for word in others}:
        pinyin.setdefault(word, {})
    names = _other_names(
        entries, [*read_regional(sources.opencc), *published_lists.read_regional(sources.lists)], pinyin
    )
    named = _names_of(translations, things)
    known = set(names)
    with sources.aliases.open(encoding="utf-8") as file:
        more = dict.fromkeys(aliases.pairs_of_things(aliases.read_groups(file), named.__contains__))
    same = [(*pair, table.OTHER_NAME) for pair in names]
    same += [(*pair, table.ALIAS) for pair in more if pair not in known]
    for one, _other in more:
        pinyin.setdefault(one, {})
    near = _near_words(
        wordnet.near_words(synsets, senses),
        {english.key(word) for word in translations},
    )
    with output.open("wb") as target:
        table.write(target, translations=translations, same=same, near=near, pinyin=pinyin, things=things)
    sys.stdout.write(
        f"{len(translations)} English words, {len(pinyin)} Chinese words, {len(same)} other names, "
        f"{len(near)} near words, {output.stat().st_size} bytes\n"
    )


def _names_of(translations: Mapping[str, Mapping[str, int]], things: set[str]) -> set[str]:
    """Return the Chinese words for things that can be held: those of which the last English word is one."""
    keys = set(map(english.key, things))
    return {
        chinese
        for phrase, found in translations.items()
        if english.key(phrase) in keys or english.key(phrase.split()[-1]) in keys
        for chinese, strength in found.items()
        if strength >= cedict.LATER
    }


def _other_names(
    entries: list[cedict.Entry], regional: list[tuple[str, str]], pinyin: dict[str, dict[str, None]]
) -> list[tuple[str, str]]:
    """Return pairs of Chinese words of one meaning, both ways; their words are added to those of the lexicon (`pinyin`)."""
    pairs = [(entry.chinese, other) for entry in entries for other in entry.same] + regional
    pairs += [
        (word, word[:-1])
        for word in pinyin
        if len(word) == 2 and word.endswith(SUFFIXES) and word[:-1] in pinyin
    ]
    same: dict[tuple[str, str], None] = {}
    for one, other in pairs:
        for word in (one, other):
            pinyin.setdefault(word, {})
        same |= {(one, other): None, (other, one): None}
    return list(same)


def _near_words(triples: Iterable[tuple[str, str, int]], known: set[str]) -> list[tuple[str, str, int]]:
    """Return the (English, English, kind) of which the second word is known, not too many of one word."""
    near: dict[str, dict[str, tuple[str, str, int]]] = {}
    for one, other, kind in triples:
        if english.key(other) in known and english.key(one) != english.key(other):
            of_word = near.setdefault(english.key(one), {})
            if len(of_word) < MAX_NEAR:
                of_word.setdefault(english.key(other), (one, other, kind))
    return [triple for of_word in near.values() for triple in of_word.values()]


if __name__ == "__main__":
    main(Sources(*map(Path, sys.argv[1:6])), Path(sys.argv[6]))
