"""Chinese names in Latin letters: Hanyu Pinyin by GB/T 16159-2012 and GB/T 28039, and plain English for companies.

Everything here is the machine's word and is shown marked as romanised; an owner's own spelling always goes first.
Tones are left out in names, `ü` stays, an apostrophe stands before a, o or e inside a word (Xi'an, Dong'e).
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

import pypinyin
import rjieba

from registry.reference.code_lists.region_list import all_regions
from registry.reference.text.business_words import BRACKETED_WORDS, BUSINESS, LEGAL_FORMS
from registry.reference.text.folding import clean_cell, to_simplified
from registry.reference.text.readings import READINGS

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
LATIN = rf"(?:(?![{HAN}])[^\W_])+"
PIECES = re.compile(rf"[{HAN}]+|{LATIN}(?:[.&'-]{LATIN})*")
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")  # 石　花: blanks that pad a name in a sheet
EXCEPTIONS = re.compile("|".join(sorted(READINGS, key=len, reverse=True)))
BRACKETS = re.compile(r"[(（\[〔]([^()（）\[\]〔〕]*)[)）\]〕]")
TONES = {"\u0300", "\u0301", "\u0304", "\u030c"}
MAX_WORD_LENGTH = 4  # characters of a name that are still read as one word
VOWELS_NEEDING_APOSTROPHE = ("a", "o", "e")
REGION_SUFFIXES = ("特别行政区", "自治区", "自治州", "地区", "省", "市", "盟")
COMPANY_SUFFIX = re.compile(r"(?:公司|集团|厂|合作社)(?:[（(][^（）()]*[）)])?$")
# One enterprise inside another's name: 国药集团 | 中联药业有限公司.
GROUP_MEMBER = re.compile(r"(.{2,}?(?:有限公司|责任公司|集团))(?!有限|股份|公司|控股|责任)(.{2,})")

# Syllables with tones of one word; or, False, a piece in other letters that stays as it is.
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
    place = 0
    for match in EXCEPTIONS.finditer(piece):
        word += _syllables(piece[place : match.start()])
        first, *others = READINGS[match[0]].split("/")
        word += first.split()
        for other in others:
            yield True, tuple(word)
            word = other.split()
        place = match.end()
    yield True, (*word, *_syllables(piece[place:]))


@functools.lru_cache(maxsize=32_768)
def _syllables(han: str) -> tuple[str, ...]:
    return tuple(one[0] for one in pypinyin.pinyin(han)) if han else ()


@functools.lru_cache(maxsize=4_096)
def _toneless(syllable: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFD", syllable) if sign not in TONES)
    return unicodedata.normalize("NFC", plain)


def _join_syllables(syllables: Iterable[str]) -> str:
    """One word with apostrophes and a capital."""
    word = ""
    for syllable in syllables:
        word += "'" if word and _toneless(syllable).lower().startswith(VOWELS_NEEDING_APOSTROPHE) else ""
        word += syllable
    return word[:1].upper() + word[1:]


def pinyin_toned(zh: str) -> str:
    """With tones, for readers: 同仁堂 gives `Tóngréntáng`."""
    return " ".join(_join_syllables(word) if is_pinyin else word[0] for is_pinyin, word in _words(zh))


def pinyin_name(zh: str) -> str:
    """A brand or a person's or place's name as one word without tones: `Tongrentang`, `Xi'an`, `Luzhou Laojiao`."""
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
    """Whether a spelling, with or without tones and blanks, is one the characters can have.

    Where a reading is kept by hand it is the only one: 便宜坊 is never `Piányifāng`.
    """
    wanted = _letters(pinyin)
    found = {""}
    for piece in PIECES.findall(_normalise(zh)):
        place = 0
        for match in EXCEPTIONS.finditer(piece):
            found = _extend_beginnings(found, _readings_by_character(piece[place : match.start()]), wanted)
            found = _extend_beginnings(found, [{_letters(READINGS[match[0]])}], wanted)
            place = match.end()
        found = _extend_beginnings(found, _readings_by_character(piece[place:]), wanted)
    return wanted in found


def _letters(text: str) -> str:
    """Letters and digits alone, without tones; ü, which some write v or yu, as u."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if sign.isalnum())
    return plain.replace("v", "u").replace("yu", "u")


def _extend_beginnings(beginnings: set[str], parts: Iterable[set[str]], target: str) -> set[str]:
    """Every beginning with every part behind it, as far as `wanted` goes on so."""
    for part in parts:
        beginnings = {made for one in beginnings for each in part if target.startswith(made := one + each)}
    return beginnings


def _readings_by_character(piece: str) -> list[set[str]]:
    """Readings of each character; a piece in other letters reads as written."""
    if not piece:
        return []
    if not re.match(f"[{HAN}]", piece):
        return [{_letters(piece)}]
    return [set(map(_letters, one)) for one in pypinyin.pinyin(piece, heteronym=True)]


def initials(zh: str) -> str:
    """First letters, for people who type `trt`; pieces in other letters stay whole."""
    return "".join(
        _toneless(part)[:1] if is_pinyin else part.lower() for is_pinyin, word in _words(zh) for part in word
    )


def is_company_name(zh: str) -> bool:
    """True if a name is an enterprise's by its last word, which brackets may follow: 张裕葡萄酿酒厂, 青屿集团（演示）."""
    return COMPANY_SUFFIX.search(zh) is not None


@functools.lru_cache(maxsize=8_192)
def company_name(zh: str) -> str:
    """An unofficial English name: place, name in pinyin, line of business, kind of enterprise.

    杭州青屿家具有限公司 gives `Hangzhou Qingyu Furniture Co., Ltd.`. Brackets stay. Always show it as romanised.
    """
    text = _normalise(zh)
    parts: list[str] = []
    place = 0
    for match in BRACKETS.finditer(text):
        parts += _name_parts(text[place : match.start()], first=not parts)
        inside = _bracketed_part(match[1])
        parts += [f"({inside})"] if inside else []
        place = match.end()
    parts += _name_parts(text[place:], first=not parts)
    return " ".join(parts)


def _bracketed_part(text: str) -> str:
    return BRACKETED_WORDS.get(text) or _region_names().get(text) or " ".join(_name_parts(text, first=True))


def _name_parts(text: str, *, first: bool) -> list[str]:
    if not text.strip():
        return []
    if member := GROUP_MEMBER.fullmatch(text):
        return _name_parts(member[1], first=first) + _name_parts(member[2], first=False)
    rest, form = _split_suffix(text, LEGAL_FORMS)
    ending = [form] if form else []
    found = []
    while first and rest:
        name = _leading_region(rest)
        if not name:
            break
        found.append(_region_names()[name])
        rest = rest[len(name) :]
    while rest:
        shorter, business = _split_suffix(rest, BUSINESS)
        if not business:
            break
        ending.insert(0, business)
        rest = shorter
    core = _distinctive_part(rest)
    return [*dict.fromkeys(found), *([core] if core else []), *ending]


def _distinctive_part(name: str) -> str:
    """The rest of a company's name: one word, or the words of a long one (南郊农业生产: `Nanjiao Nongye Shengchan`)."""
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
    """The text without the longest known word at its end, and that word in English."""
    for length in range(min(len(text), 8), 0, -1):
        if text[-length:] in words:
            return text[:-length], words[text[-length:]]
    return text, ""


def _leading_region(text: str) -> str:
    places = _region_names()
    for length in range(min(len(text), 12), 1, -1):
        name, rest = text[:length], text[length:]
        # 长春堂, 永安堂: one character cannot be the rest of a company's name; the place is part of it.
        if name in places and (len(rest) != 1 or rest in LEGAL_FORMS):
            return name
    return ""


@functools.cache
def _region_names() -> dict[str, str]:
    """Places that lead a company's name, with and without 省 or 市. Counties and districts only in full."""
    found: dict[str, str] = {}
    for region in all_regions().values():
        if region.level not in ("province", "prefecture", "county") or region.abolished:
            continue
        found.setdefault(region.zh, region.en)
        ending = next((ending for ending in REGION_SUFFIXES if region.zh.endswith(ending)), "")
        short = region.zh.removesuffix(ending)
        if ending and len(short) >= 2 and (region.level != "county" or ending == "市"):
            found.setdefault(short, region.en)
    short_forms = {
        "内蒙古": "Inner Mongolia",
        "广西": "Guangxi",
        "宁夏": "Ningxia",
        "新疆": "Xinjiang",
        "西藏": "Xizang",
    }
    return found | short_forms | {"中国": "China"}
