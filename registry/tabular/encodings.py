"""Which encoding the text of a file is in, where it is not UTF-8: judged by how common its characters would be.

Almost any bytes are valid GB 18030 or Windows-1252, so that validity proves nothing. The standards divide their
characters by use (GB/T 2312 and JIS X 0208 in two levels, Big5 likewise): text read in its own encoding consists of
common ones, the same bytes read in another give rare ones and symbols.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from registry.reference.text.folding import to_simplified

MIN_PLAUSIBILITY = 0.7  # of the characters; below it the text is nonsense in every encoding
HOME_BONUS = 0.1  # for GB 18030, the encoding of the country
MIN_CHINESE = 0.75  # with the bonus: Greek and Russian letters make Chinese characters of middling use
MIN_KOREAN = 12  # characters: so many Chinese ones would not all begin with a to k, where hangul stand
UNCLEAR_KOREAN = 4  # characters: from here on it may be either, and is refused
MIN_KANA = 0.3  # of the characters: more than Chinese texts have, as many as names of Japanese firms have
MAX_SAMPLE = 1 << 18  # bytes of lines that are not ASCII
AMONG_LETTERS = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f]{1,2}(?=[A-Za-z])")
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
KANA = re.compile("[\u3041-\u30ff]")
FOREIGN_WORDS = re.compile("[\u0391-\u03c9\u0401-\u0451]{3,}")  # Greek and Russian, which GB 18030 has too
LATIN_PUNCTUATION = frozenset("‘’“”‚„•–—…™€£©®°·«»²³½±§\u00a0")

# What bytes in GB 18030 meant before its edition of 2022, as code points of the private use area, and mean now.
GB18030_2022 = {
    **dict(zip(range(0xE78D, 0xE797), (0xFE10, 0xFE12, 0xFE11, *range(0xFE13, 0xFE1A)), strict=True)),
    0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE832: 0x9FB8, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB,
}  # fmt: skip


def _double_byte(codec: str, common: range, rare: range, symbols: range) -> Callable[[str], float]:
    """Weighs a character by its first byte in `codec`: the common level 1, the rarer one 0.6, symbols 0.9."""

    def weigh(character: str) -> float:
        try:
            encoded = character.encode(codec)
        except UnicodeEncodeError:
            return 0.0
        if len(encoded) == 1:
            return 0.5
        first = encoded[0]
        return 1.0 if first in common else 0.6 if first in rare else 0.9 if first in symbols else 0.0

    return weigh


_weigh_simplified = _double_byte("gb2312", range(0xB0, 0xD8), range(0xD8, 0xF8), range(0xA1, 0xA4))


def _weigh_chinese(character: str) -> float:
    """Weighs a character of GB 18030; Traditional forms of common characters are seen in names of firms."""
    return _weigh_simplified(character) or 0.7 * _weigh_simplified(to_simplified(character))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An encoding, and how common a character of it is: from 0, never seen, to 1, seen in every text."""

    name: str
    weigh: Callable[[str], float]

    def plausibility(self, text: str) -> float:
        """The mean over the characters of a text that are not ASCII."""
        characters = [character for character in text if not character.isascii()]
        return sum(map(self.weigh, characters)) / len(characters) if characters else 0.0


class ChineseCandidate(Candidate):
    """GB 18030: also with words in Greek and Russian letters, which read in another encoding are none."""

    __slots__ = ()

    def plausibility(self, text: str) -> float:
        words = sum(map(len, FOREIGN_WORDS.findall(text)))
        characters = [sign for sign in FOREIGN_WORDS.sub("", text) if not sign.isascii()]
        count = words + len(characters)
        return (words + sum(map(self.weigh, characters))) / count if count else 0.0


class LatinCandidate(Candidate):
    """Windows-1252: its letters stand among ASCII letters, one or two at a time."""

    __slots__ = ()

    def plausibility(self, text: str) -> float:
        if len(AMONG_LETTERS.findall(text)) == len(NOT_ASCII.findall(text)):
            return 1.0 + HOME_BONUS + 0.01  # no Chinese text has its characters between Latin letters only
        score = count = 0.0
        for position, character in enumerate(text):
            if character.isascii():
                continue
            count += 1
            before, after = text[max(0, position - 1) : position], text[position + 1 : position + 2]
            lonely = not any(beside and not beside.isascii() for beside in (before, after))
            among_letters = any(beside.isascii() and beside.isalpha() for beside in (before, after))
            if character.isalpha() and (lonely or among_letters) and (among_letters or character.isupper()):
                score += 1
            elif character in LATIN_PUNCTUATION:
                score += 0.8
        return score / count if count else 0.0


CANDIDATES: tuple[Candidate, ...] = (
    ChineseCandidate("gb18030", _weigh_chinese),
    Candidate("cp950", _double_byte("big5", range(0xA4, 0xC7), range(0xC9, 0xFA), range(0xA1, 0xA4))),
    Candidate("cp932", _double_byte("cp932", range(0x82, 0x98), range(0x98, 0xEB), range(0x81, 0x82))),
    Candidate("cp949", _double_byte("euc_kr", range(0xB0, 0xC9), range(0xCA, 0xFE), range(0xA1, 0xA4))),
    LatinCandidate("cp1252", lambda _character: 0.0),
)


NAMES = {"cp950": "Big5", "cp932": "Shift-JIS", "cp949": "EUC-KR", "cp1252": "Windows-1252"}


def encoding_name(codec: str) -> str:
    """The name of an encoding as people know it."""
    return NAMES.get(codec, codec.upper())


def most_plausible(sample: bytes) -> str | None:
    """The encoding in which whole lines of a file, those that are not ASCII, are most like text.

    None for nonsense, and for what may as well be Japanese in EUC-JP or a short text in Korean.
    """
    if _may_be_euc_jp(sample):
        return None
    best, best_score = None, MIN_PLAUSIBILITY
    for candidate in CANDIDATES:
        try:
            text = sample.decode(candidate.name)
        except UnicodeDecodeError:
            continue
        score = candidate.plausibility(text) + (HOME_BONUS if candidate.name == "gb18030" else 0)
        if candidate.name == "cp949" and best == "gb18030" and score >= best_score - HOME_BONUS:
            hangul = [character for character in text if not character.isascii()]
            if len(hangul) >= UNCLEAR_KOREAN and _is_hangul(hangul):
                if len(hangul) < MIN_KOREAN:
                    return None
                score += 2 * HOME_BONUS
        if score > best_score and (candidate.name != "gb18030" or score > MIN_CHINESE):
            best, best_score = candidate.name, score
    return best


def _may_be_euc_jp(sample: bytes) -> bool:
    """True if a text would have as many kana in EUC-JP as Japanese has."""
    try:
        text = "".join(NOT_ASCII.findall(sample.decode("euc_jp")))
    except UnicodeDecodeError:
        return False
    return len(KANA.findall(text)) > MIN_KANA * len(text)


def _is_hangul(characters: list[str]) -> bool:
    return all("\uac00" <= character <= "\ud7a3" for character in characters)
