"""Numbers of people, which must not enter a register: they are found in running text and masked.

Sources: GB 11643-1999 (resident ID, check character ISO 7064 MOD 11-2); 个人信息保护法 (2021), Arts. 6, 25, 28.
"""

from __future__ import annotations

import re

from stdnum.cn import ric

LONG_NUMBER = re.compile(r"[0-9]{11}")
RESIDENT_ID = re.compile(r"(?<![0-9A-Za-z*-])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z*-])")
MOBILE = re.compile(r"(?<![0-9A-Za-z*.-])1[3-9][0-9]{9}(?![0-9A-Za-z*.-])")
MASKED = re.compile(r"(?<![0-9*])(?:[0-9]{4}\*{10}[0-9]{3}[0-9X]|1[3-9][0-9]\*{4}[0-9]{4})(?![0-9*])")


def is_resident_id(number: str) -> bool:
    """True if 18 characters are a resident ID: region, day of birth and check character fit."""
    return RESIDENT_ID.fullmatch(number) is not None and ric.is_valid(number.upper())


def mask_resident_id(number: str) -> str:
    """330102199001011234 → 3301**********1234."""
    return f"{number[:4]}{'*' * 10}{number[-4:].upper()}"


def mask_mobile(number: str) -> str:
    """13812345678 → 138****5678."""
    return f"{number[:3]}****{number[-4:]}"


def mask_numbers(text: str) -> str:
    """Mask every resident ID and mobile number in a text."""
    if LONG_NUMBER.search(text) is None:
        return text
    text = RESIDENT_ID.sub(
        lambda match: mask_resident_id(match[0]) if is_resident_id(match[0]) else match[0], text
    )
    return MOBILE.sub(lambda match: mask_mobile(match[0]), text)


def contains_masked(text: str) -> bool:
    """True if a number in the text has been masked."""
    return "****" in text and MASKED.search(text) is not None
