"""Whole numbers as people write them: 一百五十, 两百, 一九九六, 150, a hundred and fifty."""

from __future__ import annotations

import re

DIGITS = dict(zip("〇零○一二两三四五六七八九", "0001223456789", strict=True))
UNITS = {"十": 10, "百": 100, "千": 1000}
CHINESE = r"[〇零○一二两三四五六七八九十百千廿卅]"
NUMBER = rf"(?:\d{{1,4}}|{CHINESE}{{1,7}})"
ENGLISH_DIGITS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {"a": 1, "an": 1, "single": 1}
ENGLISH_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
ENGLISH_WORD = "|".join(
    sorted((*ENGLISH_DIGITS, *ENGLISH_TENS, "hundred", "thousand"), key=len, reverse=True)
)
ENGLISH_NUMBER = rf"(?:\d{{1,4}}|(?:{ENGLISH_WORD})(?:(?:[ -]| and )(?:{ENGLISH_WORD})){{0,4}})"
ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
}


def read_number(text: str) -> int | None:
    """Return the number that a text writes in figures, Chinese or English; None for any other text."""
    if text.isdecimal():
        return int(text)
    if re.fullmatch(f"{CHINESE}+", text):
        return _chinese(text.replace("廿", "二十").replace("卅", "三十"))
    return _english(text)


def _chinese(text: str) -> int | None:
    if not UNITS.keys() & set(text):
        return int("".join(DIGITS[sign] for sign in text))
    total, digit = 0, None
    for sign in text:
        if sign in UNITS:
            total += (1 if digit is None else digit) * UNITS[sign]
            digit = None
        elif digit not in (None, 0):
            return None  # 二三百
        else:
            digit = int(DIGITS[sign])
    last_unit = UNITS.get(text[-2:-1], 1)  # 一百五 is 150
    return total + (digit or 0) * (last_unit // 10 if last_unit > 10 else 1)


def _english(text: str) -> int | None:
    total, part = 0, None
    for word in re.split(r"[ -]+", text):
        if word in ENGLISH_DIGITS or word in ENGLISH_TENS:
            part = (part or 0) + (ENGLISH_DIGITS.get(word) or ENGLISH_TENS.get(word) or 0)
        elif word == "hundred":
            part = (1 if part is None else part) * 100
        elif word == "thousand":
            total, part = total + (1 if part is None else part) * 1000, None
        elif word != "and":
            return None
    return total + (part or 0) if total or part is not None else None
