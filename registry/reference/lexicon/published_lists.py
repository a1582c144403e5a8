"""Lists that are published in both languages: kinds of goods, shops and services, pictures of things; their items, pair by pair.

Kinds of goods: Shopify's product taxonomy; shops and services: presets of OpenStreetMap; pictures: annotations of Unicode CLDR.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from registry.reference.lexicon import cedict
from registry.reference.text.folding import to_simplified

GOODS, PLACES, PICTURES = "goods", "places", "pictures"  # files GOODS.en.json, GOODS.zh-CN.json
MAINLAND, REGIONAL = "zh-CN", ("zh-HK", "zh-TW")
ENGLISH_ITEMS = re.compile(r"\s*(?:,|&|/|;| and | or )\s*")
CHINESE_ITEMS = re.compile(r"[、，/；;]|(?:和|与|及|或)(?=[\u3400-\u9fff]{2})")
BRACKETS = re.compile(r"\s*[(（][^)）]*[)）]")
# Groups of presets that name what is registered: shops, trades, services, works.
PLACE_GROUPS = frozenset(
    [
        "shop",
        "craft",
        "amenity",
        "office",
        "leisure",
        "tourism",
        "healthcare",
        "industrial",
        "man_made",
        "building",
    ]
)
# Ends of names that say no more than that something belongs to a thing.
PARTS = frozenset(
    ["accessory", "accessories", "parts", "supplies", "kits", "sets", "services", "equipment", "care"]
)
MAX_TERMS = 8  # words that a kind of shop is found by
MAX_MEANINGS = 2  # Chinese words of an English one that names things of several kinds


class Pair(NamedTuple):
    """An English word or phrase and a Chinese one. `strength`: as of a translation (`table.Translation`)."""

    english: str
    chinese: str
    strength: int


def read_pairs(folder: Path) -> Iterator[Pair]:
    """Yield the pairs of all lists. Names that mean something only below another one are weak."""
    yield from _weighed(_goods_pairs(folder))
    for english, chinese in _place_names(folder):
        yield from (Pair(one, other, cedict.LATER) for one in english for other in chinese[:1])
        yield from (Pair(one, other, cedict.WEAK) for one in english for other in chinese[1:])
    yield from _picture_pairs(folder)


def read_regional(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (word of the mainland, word of Hong Kong or Taiwan) for shops and services, in Simplified characters."""
    of_mainland = _presets(folder, MAINLAND)
    for language in REGIONAL:
        for key, preset in _presets(folder, language).items():
            own = of_mainland.get(key, {}).get("name", "")
            other = to_simplified(preset.get("name", ""))
            if own != other and _is_chinese(own) and _is_chinese(other):
                yield own, other


def read_search_terms(folder: Path) -> Iterator[Pair]:
    """Yield what shops, trades and services are found by in both languages beside their names: *undertaker*, 殡葬; weak pairs."""
    chinese = _presets(folder, MAINLAND)
    for key, preset in _presets(folder, "en").items():
        other = chinese.get(key, {})
        terms, other_terms = _terms(preset), _terms(other)
        pairs = [
            *itertools.product(terms, (*_names(other), *other_terms)),
            *itertools.product(_names(preset), other_terms),
        ]
        yield from (
            Pair(*pair, cedict.GENERAL) for pair in pairs if _is_name(pair[0]) and _is_chinese(pair[1])
        )


def read_kinds(folder: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (path of a kind from the top, one of its names) of goods, shops and services, in both languages.

    A name that is a list in one language only, such as *oil & vinegar dispensers*, stands as a whole.
    """
    english_names, chinese_names = _goods(folder, "en"), _goods(folder, MAINLAND)
    for code in sorted(english_names.keys() & chinese_names.keys()):
        names = english_names[code], chinese_names[code]
        english, chinese = _items(names[0], ENGLISH_ITEMS), _items(names[1], CHINESE_ITEMS)
        items = [*english, *chinese] if len(english) == len(chinese) else names
        yield from ((tuple(code.split("-")), item) for item in items if len(item) > 1)
    for language in ("en", MAINLAND):
        for key, preset in _presets(folder, language).items():
            yield from (((PLACES, *key.split("/")), name) for name in _names(preset) if len(name) > 1)


def _goods(folder: Path, language: str) -> dict[str, str]:
    """Return code → name of the kinds of goods."""
    verticals = _read(folder, GOODS, language)["verticals"]
    return {kind["id"]: kind["name"] for vertical in verticals for kind in vertical["categories"]}


def _goods_pairs(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the names of one kind in both languages; of lists of as many items, those of the items in their order."""
    english_names, chinese_names = _goods(folder, "en"), _goods(folder, MAINLAND)
    for code in english_names.keys() & chinese_names.keys():
        english = _items(english_names[code], ENGLISH_ITEMS)
        chinese = _items(chinese_names[code], CHINESE_ITEMS)
        if len(english) == len(chinese):
            yield from zip(english, chinese, strict=True)
        elif len(english) == 1:
            yield from ((english[0], item) for item in chinese)


def _weighed(pairs: Iterable[tuple[str, str]]) -> Iterator[Pair]:
    """Yield pairs with their strength: a name with several Chinese ones, such as *cases*, says little without its kind."""
    by_english: dict[str, dict[str, None]] = {}
    for english, chinese in sorted(pairs):
        if _is_name(english) and _is_chinese(chinese):
            by_english.setdefault(english.lower(), {})[chinese] = None
    for english, chinese_words in by_english.items():
        is_clear = len(chinese_words) <= MAX_MEANINGS and english.split()[-1] not in PARTS
        yield from (
            Pair(english, chinese, cedict.LATER if is_clear else cedict.GENERAL) for chinese in chinese_words
        )


def _presets(folder: Path, language: str) -> Mapping[str, Any]:
    presets: dict[str, Any] = _read(folder, PLACES, language)[language]["presets"]["presets"]
    return {key: preset for key, preset in presets.items() if key.partition("/")[0] in PLACE_GROUPS}


def _place_names(folder: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the English and Chinese names of each kind of shop or service, the most usual first."""
    chinese = _presets(folder, MAINLAND)
    for key, preset in _presets(folder, "en").items():
        if key in chinese:
            english = [name.lower() for name in _names(preset) if _is_name(name)]
            yield english, [name for name in _names(chinese[key]) if _is_chinese(name)]


def _names(preset: Mapping[str, str]) -> list[str]:
    return [*filter(None, (preset.get("name", ""), *preset.get("aliases", "").split("\n")))]


def _picture_pairs(folder: Path) -> Iterator[Pair]:
    """Yield the names of what pictures show."""
    english, chinese = (
        _read(folder, PICTURES, language)["annotations"]["annotations"] for language in ("en", "zh")
    )
    for sign in sorted(english.keys() & chinese.keys()):
        one, other = english[sign].get("tts", [""])[0], chinese[sign].get("tts", [""])[0]
        if _is_name(one) and _is_chinese(other):
            yield Pair(one.lower(), other, cedict.LATER)


def _terms(preset: Mapping[str, str]) -> list[str]:
    """Return the words that the maps' editor finds a preset by, beside its names."""
    return [term.strip() for term in preset.get("terms", "").split(",")][:MAX_TERMS]


def _read(folder: Path, name: str, language: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / f"{name}.{language}.json").read_text("utf-8"))
    return content


def _items(name: str, separators: re.Pattern[str]) -> list[str]:
    return [item.strip() for item in separators.split(BRACKETS.sub("", name)) if item.strip()]


def _is_name(english: str) -> bool:
    return bool(cedict.PLAIN.fullmatch(english)) and len(english.split()) <= cedict.MAX_WORDS


def _is_chinese(word: str) -> bool:
    return 1 < len(word) <= cedict.MAX_CHINESE and bool(cedict.HAN_WORD.fullmatch(word))
