"""Chinese names in Latin letters: Hanyu Pinyin by GB/T 16159-2012 and GB/T 28039, and English for companies.

All of this is made by machine and must be shown marked as romanised; a spelling of the owner's comes first. Names have
no tones; `ü` stays; an apostrophe comes before a, o or e inside a word (Xi'an, Dong'e).
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from registry.late_imports import pypinyin, rjieba
from registry.reference.code_lists.region_list import all_regions
from registry.reference.text.business_words import BRACKETED_WORDS, BUSINESS, LEGAL_FORMS
from registry.reference.text.folding import clean_cell, to_simplified
from registry.reference.text.readings import READINGS

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
LATIN = rf"(?:(?![{HAN}])[^\W_])+"
PIECES = re.compile(rf"[{HAN}]+|{LATIN}(?:[.&'-]{LATIN})*")
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")  # 石　花: blanks that align names in a sheet
EXCEPTIONS = re.compile("|".join(sorted(READINGS, key=len, reverse=True)))
BRACKETS = re.compile(r"[(（\[〔]([^()（）\[\]〔〕]*)[)）\]〕]")
TONES = {"\u0300", "\u0301", "\u0304", "\u030c"}
MAX_SUFFIX_LENGTH, MAX_REGION_LENGTH = 8, 12  # characters of the longest known ones
MAX_WORD_LENGTH = 4  # characters of a name that are written as one word
VOWELS_NEEDING_APOSTROPHE = ("a", "o", "e")
REGION_SUFFIXES = ("特别行政区", "自治区", "自治州", "地区", "省", "市", "盟")
COMPANY_SUFFIX = re.compile(r"(?:公司|集团|厂|合作社)(?:[（(][^（）()]*[）)])?$")
# One enterprise inside another's name: 国药集团 | 中联药业有限公司.
GROUP_MEMBER = re.compile(r"(.{2,}?(?:有限公司|责任公司|集团))(?!有限|股份|公司|控股|责任)(.{2,})")

# (True, the syllables of one word, with tones), or (False, one piece of text in other letters, which stays as it is).
Word = tuple[bool, tuple[str, ...]]


@functools.lru_cache(maxsize=32_768)
def _words(zh: str) -> tuple[Word, ...]:
    return tuple(
        itertools.chain.from_iterable(_words_of_piece(piece) for piece in PIECES.findall(_normalise(zh)))
    )


def _normalise(zh: str) -> str:
    return to_simplified(BETWEEN_HAN.sub("", clean_cell(unicodedata.normalize("NFKC", zh))))


def _words_of_piece(piece: str) -> Iterator[Word]:
    if not re.match(f"[{HAN}]", piece):
        yield False, (piece,)
        return
    word: list[str] = []
    position = 0
    for match in EXCEPTIONS.finditer(piece):
        word += _syllables(piece[position : match.start()])
        first, *others = READINGS[match[0]].split("/")
        word += first.split()
        for other in others:
            yield True, tuple(word)
            word = other.split()
        position = match.end()
    yield True, (*word, *_syllables(piece[position:]))


@functools.lru_cache(maxsize=32_768)
def _syllables(han: str) -> tuple[str, ...]:
    return tuple(one[0] for one in pypinyin.pinyin(han)) if han else ()


@functools.lru_cache(maxsize=4_096)
def _toneless(syllable: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFD", syllable) if sign not in TONES)
    return unicodedata.normalize("NFC", plain)


def _join_syllables(syllables: Iterable[str]) -> str:
    """One word, with apostrophes and a capital."""
    word = ""
    for syllable in syllables:
        word += "'" if word and _toneless(syllable).lower().startswith(VOWELS_NEEDING_APOSTROPHE) else ""
        word += syllable
    return word[:1].upper() + word[1:]


def pinyin_toned(zh: str) -> str:
    """Pinyin with tones, for readers: 同仁堂 gives `Tóngréntáng`."""
    return " ".join(_join_syllables(word) if is_pinyin else word[0] for is_pinyin, word in _words(zh))


def pinyin_name(zh: str) -> str:
    """Pinyin without tones for the name of a brand, a person or a region: `Tongrentang`, `Xi'an`, `Luzhou Laojiao`."""
    return " ".join(
        _join_syllables(map(_toneless, word)) if is_pinyin else word[0] for is_pinyin, word in _words(zh)
    )


@functools.lru_cache(maxsize=8_192)
def pinyin_words(zh: str) -> tuple[str, ...]:
    """Toneless syllables in lower case, `ü` kept: 同仁堂 gives `("tong", "ren", "tang")`."""
    return tuple(
        (_toneless(part) if is_pinyin else part).lower() for is_pinyin, word in _words(zh) for part in word
    )


def is_possible_reading(zh: str, pinyin: str) -> bool:
    """True if a spelling, with or without tones and blanks, is a possible reading of the characters.

    A reading in the list of exceptions is the only possible one: 便宜坊 is never `Piányifāng`.
    """
    target = _letters(pinyin)
    beginnings = {""}
    for piece in PIECES.findall(_normalise(zh)):
        position = 0
        for match in EXCEPTIONS.finditer(piece):
            before = _readings_by_character(piece[position : match.start()])
            beginnings = _extend_beginnings(beginnings, before, target)
            beginnings = _extend_beginnings(beginnings, [{_letters(READINGS[match[0]])}], target)
            position = match.end()
        beginnings = _extend_beginnings(beginnings, _readings_by_character(piece[position:]), target)
    return target in beginnings


def _letters(text: str) -> str:
    """Letters and digits only, without tones; ü, which some write v or yu, as u."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if sign.isalnum())
    return plain.replace("v", "u").replace("yu", "u")


def _extend_beginnings(beginnings: set[str], parts: Iterable[set[str]], target: str) -> set[str]:
    """Every beginning followed by every choice of the parts, as long as `target` begins so."""
    for part in parts:
        beginnings = {made for one in beginnings for each in part if target.startswith(made := one + each)}
    return beginnings


def _readings_by_character(piece: str) -> list[set[str]]:
    """The possible readings of each character; a piece in other letters reads as written."""
    if not piece:
        return []
    if not re.match(f"[{HAN}]", piece):
        return [{_letters(piece)}]
    return [set(map(_letters, one)) for one in pypinyin.pinyin(piece, heteronym=True)]


def is_company_name(zh: str) -> bool:
    """True if a name is an enterprise's by its last word, which brackets may follow: 张裕葡萄酿酒厂, 青屿集团（演示）."""
    return COMPANY_SUFFIX.search(zh) is not None


@functools.lru_cache(maxsize=8_192)
def company_name(zh: str) -> str:
    """An unofficial English name of a company: region, name in pinyin, line of business, kind of enterprise.

    杭州青屿家具有限公司 gives `Hangzhou Qingyu Furniture Co., Ltd.`. Brackets stay. Must be shown as romanised.
    """
    text = _normalise(zh)
    parts: list[str] = []
    position = 0
    for match in BRACKETS.finditer(text):
        parts += _name_parts(text[position : match.start()], first=not parts)
        inside = _bracketed_part(match[1])
        parts += [f"({inside})"] if inside else []
        position = match.end()
    parts += _name_parts(text[position:], first=not parts)
    return " ".join(parts)


def _bracketed_part(text: str) -> str:
    """The English of what stands in brackets: a known word, a region, or the parts of a name."""
    return BRACKETED_WORDS.get(text) or _region_names().get(text) or " ".join(_name_parts(text, first=True))


def _name_parts(text: str, *, first: bool) -> list[str]:
    """The English parts of a name outside brackets, in order; only the first one may begin with regions."""
    if not text.strip():
        return []
    if member := GROUP_MEMBER.fullmatch(text):
        return _name_parts(member[1], first=first) + _name_parts(member[2], first=False)
    rest, form = _split_suffix(text, LEGAL_FORMS)
    ending = [form] if form else []
    regions = []
    while first and (name := _leading_region(rest)):
        regions.append(_region_names()[name])
        rest = rest[len(name) :]
    while rest:
        shorter, business = _split_suffix(rest, BUSINESS)
        if not business:
            break
        ending.insert(0, business)
        rest = shorter
    core = _distinctive_part(rest)
    return [*dict.fromkeys(regions), *([core] if core else []), *ending]


def _distinctive_part(name: str) -> str:
    """The part of a name that is its own: one word, or the words of a long one (南郊农业生产: `Nanjiao Nongye Shengchan`)."""
    if len(name) <= MAX_WORD_LENGTH or EXCEPTIONS.search(name) or not re.fullmatch(f"[{HAN}]+", name):
        return pinyin_name(name)
    words: list[str] = []
    for word in rjieba.cut(name):
        if len(word) == 1 and words:
            words[-1] += word
        else:
            words.append(word)
    return " ".join(map(pinyin_name, words))


def _split_suffix(text: str, words: Mapping[str, str]) -> tuple[str, str]:
    """The text without the longest known word at its end, and the English of that word; "" if it ends with none."""
    for length in range(min(len(text), MAX_SUFFIX_LENGTH), 0, -1):
        if text[-length:] in words:
            return text[:-length], words[text[-length:]]
    return text, ""


def _leading_region(text: str) -> str:
    """The longest name of a region that a company's name begins with, "" if there is none."""
    regions = _region_names()
    for length in range(min(len(text), MAX_REGION_LENGTH), 1, -1):
        name, rest = text[:length], text[length:]
        # 长春堂, 永安堂: one character cannot be the rest of a company's name; the region is part of it.
        if name in regions and (len(rest) != 1 or rest in LEGAL_FORMS):
            return name
    return ""


@functools.cache
def _region_names() -> dict[str, str]:
    """The English of regions that begin a company's name, with and without 省 or 市; of counties, in full only."""
    names: dict[str, str] = {}
    for region in all_regions().values():
        if region.level not in ("province", "prefecture", "county") or region.abolished:
            continue
        names.setdefault(region.zh, region.en)
        ending = next((ending for ending in REGION_SUFFIXES if region.zh.endswith(ending)), "")
        short = region.zh.removesuffix(ending)
        if ending and len(short) >= 2 and (region.level != "county" or ending == "市"):
            names.setdefault(short, region.en)
    short_forms = {
        "内蒙古": "Inner Mongolia",
        "广西": "Guangxi",
        "宁夏": "Ningxia",
        "新疆": "Xinjiang",
        "西藏": "Xizang",
    }
    return names | short_forms | {"中国": "China"}
