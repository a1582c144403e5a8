"""Numbers of people, which must not enter a register: they are found in running text and masked.

Sources: GB 11643-1999 (resident ID, check character ISO 7064 MOD 11-2); 个人信息保护法 (2021), Arts. 6, 25, 28.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from stdnum import numdb
from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

from registry import clock
from registry.reference.code_lists import regions

LONG_NUMBER = re.compile(r"[0-9]{11}")
# As people write it: in full width, in groups with blanks or dashes, with what Word leaves between.
BETWEEN = r"[\s\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff]{0,3}"
RESIDENT_ID = re.compile(rf"(?<![\d*])[1-9１-９](?:{BETWEEN}\d){{16}}{BETWEEN}[\dXxＸｘ](?![\d*])")
LONG_ENOUGH = re.compile(
    rf"\d[\d{BETWEEN[1 : BETWEEN.index(']')]}]{{15}}"
)  # one quick look before the others
MIN_LENGTH = 18  # characters of a resident ID
# A full stop may end the sentence before or after it, but a decimal point or the dot of an address is part of something else.
MOBILE = re.compile(r"(?<![0-9A-Za-z*-])(?<![0-9]\.)1[3-9][0-9]{9}(?![0-9A-Za-z*-]|\.[0-9A-Za-z])")
FIRST_BIRTHDAY = dt.date(1850, 1, 1)
RESIDENTS_OF_TAIWAN = (
    "830000"  # 港澳台居民居住证申领发放办法 (2018), Art. 8; Hong Kong and Macao are in the lists
)
NOT_OF_NUMBER = re.compile(r"[^0-9Xx]")
MASKED = re.compile(r"(?<![0-9*])(?:[0-9]{4}\*{10}[0-9]{3}[0-9X]|1[3-9][0-9]\*{4}[0-9]{4})(?![0-9*])")


def is_resident_id(number: str) -> bool:
    """True if 18 characters are a resident ID: region, day of birth and check character fit.

    Blanks, dashes and full width do not count; the day of birth is not before 1850 and not in the future.
    """
    return RESIDENT_ID.fullmatch(number) is not None and _is_valid(_compact(number))


def _compact(number: str) -> str:
    """The 18 characters of a number as it is written."""
    return NOT_OF_NUMBER.sub("", unicodedata.normalize("NFKC", number)).upper()


def _is_valid(number: str) -> bool:
    if number[-1] != ric.calc_check_digit(number):
        return False
    try:
        born = ric.get_birth_date(number)
    except InvalidComponent:
        return False
    return FIRST_BIRTHDAY <= born <= clock.today() and _is_region(number[:6])


def _is_region(code: str) -> bool:
    """True if people have numbers of a region: a county of any time, or any of a prefecture of today.

    A county need not have been there when a person was born: the number was given later, from 1984 on.
    """
    if code == RESIDENTS_OF_TAIWAN or regions.region(f"{code[:4]}00") is not None:
        return True
    return any("county" in properties for _, properties in numdb.get("cn/loc").info(code))


def find_resident_id(text: str) -> str | None:
    """The first resident ID in a text, as written; None where it has none."""
    if len(text) < MIN_LENGTH or LONG_ENOUGH.search(text) is None:
        return None
    return next((match[0] for match in RESIDENT_ID.finditer(text) if _is_valid(_compact(match[0]))), None)


def mask_resident_ids(text: str) -> str:
    """Mask every resident ID in a text."""
    if len(text) < MIN_LENGTH or LONG_ENOUGH.search(text) is None:
        return text
    return RESIDENT_ID.sub(
        lambda match: mask_resident_id(_compact(match[0])) if _is_valid(_compact(match[0])) else match[0],
        text,
    )


def mask_resident_id(number: str) -> str:
    """330102199001011234 → 3301**********1234."""
    return f"{number[:4]}{'*' * 10}{number[-4:].upper()}"


def mask_mobile(number: str) -> str:
    """13812345678 → 138****5678."""
    return f"{number[:3]}****{number[-4:]}"


def mask_name(name: str) -> str:
    """张三 → 张*, Anna Li → A*: the first sign of a name."""
    name = name.strip()
    return f"{name[:1]}*" if name else ""


def mask_email(address: str) -> str:
    """mei@example.com → m***@example.com."""
    local, sign, domain = address.partition("@")
    return f"{local[:1]}***@{domain}" if sign else mask_name(address)


def mask_numbers(text: str) -> str:
    """Mask every resident ID and mobile number in a text."""
    text = mask_resident_ids(text)
    return text if LONG_NUMBER.search(text) is None else MOBILE.sub(lambda match: mask_mobile(match[0]), text)


def drop_masked(text: str) -> str:
    """Leave out every number that has been masked: nothing is found by the figures that are left of it."""
    return MASKED.sub(" ", text) if "****" in text else text


def contains_masked(text: str) -> bool:
    """True if a number in the text has been masked."""
    return "****" in text and MASKED.search(text) is not None
