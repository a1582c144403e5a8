"""Numbers of official notices (发文字号, 公告号): found in running text, in one spelling whatever brackets and blanks were typed.

Two families are read: 商流通规发〔2023〕6号 (code of the office, year, number) and 商务部公告2023年第65号 (authority, kind, year,
number; the kind may stand last, the year may lack). Source of the first: 《党政机关公文处理工作条例》（中办发〔2012〕14号）, Art. 9.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from registry.reference.code_lists import authorities
from registry.reference.text.folding import INVISIBLE, fold_number, to_simplified

MAX_LENGTH = 4_000  # characters of a text that are read
MAX_FOUND = 20  # numbers of one text
HAN = "\u3400-\u4dbf\u4e00-\u9fff"
KINDS = "公告|通告|通报|公示"
BEFORE = f"(?P<before>[{HAN}]{{0,24}}?)"
YEAR, NUMBER = r"(?P<year>(?:19|20)\d\d)", r"(?P<number>\d{1,5})"
BRACKETED = re.compile(
    rf"(?P<before>[{HAN}]{{1,24}}) ?[\u3014\[(【] ?{YEAR} ?年? ?[\u3015\])】] ?第? ?{NUMBER} ?号"
)
ANNOUNCED = re.compile(rf"{BEFORE} ?(?P<kind>{KINDS}) ?(?:[(,] ?)?(?:{YEAR} ?年 ?)?第 ?{NUMBER} ?号")
KIND_LAST = re.compile(rf"{BEFORE} ?{YEAR} ?年 ?第 ?{NUMBER} ?号 ?(?P<kind>{KINDS})")
PATTERNS = (BRACKETED, KIND_LAST, ANNOUNCED)
# 公告〔2026〕1号 is 公告2026年第1号.
KIND_AT_END = re.compile(f"(.*?)({KINDS})$")
# What leads to a number in a sentence; the code of an office never begins with these words.
LEADING = re.compile(
    "^.*?(?:依据|根据|依照|按照|参照|遵照|列入|载于|载入|刊于|公布于|见于|另见|参见|详见|来源于?|来自|引自|已由|已被|以及)"
    "|^(?:按|据|见|经|由|及|和|与|自|原)|^中华人民共和国"
)


@functools.lru_cache(maxsize=16_384)  # the rows of a sheet name the same few notices
def find_numbers(text: str) -> tuple[str, ...]:
    """The notice numbers that a text names, each once, in its order and in one spelling; those without an authority are left out.

    `依据商务部公告 2023 年第65号（商流通规发[2023]6号）` gives `商务部公告2023年第65号` and `商流通规发〔2023〕6号`.
    """
    plain = _plain(text)
    found: dict[int, str] = {}
    taken: list[range] = []
    for pattern in PATTERNS:
        for match in pattern.finditer(plain):
            if any(match.start("number") in each for each in taken):
                continue
            taken.append(range(match.start(), match.end()))
            if written := _spelling(match, ""):
                found.setdefault(match.start("number"), written)
    return tuple(dict.fromkeys(found[place] for place in sorted(found)))[:MAX_FOUND]


def canonical_number(written: str, authority: str = "") -> str:
    """The one spelling of a notice's own number; one of no known form as it was written, without needless blanks.

    `authority`: who has issued it, which goes before a number that does not say so, such as 公告2023年第65号.
    """
    plain = _plain(written)
    matches = filter(None, (pattern.search(plain) for pattern in PATTERNS))
    first = min(matches, key=lambda match: match.start("number"), default=None)
    return (_spelling(first, authority) if first else "") or plain


def is_known_form(written: str, authority: str = "") -> bool:
    """Return True for a number that texts of other records can be joined by."""
    return bool(find_numbers(canonical_number(written, authority)))


def key_of(written: str, authority: str = "") -> str:
    """The key by which a notice is found from any spelling of its number."""
    return fold_number(canonical_number(written, authority))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", INVISIBLE.sub("", text[:MAX_LENGTH]))
    return to_simplified(" ".join(folded.split()))


def _spelling(match: re.Match[str], authority: str) -> str:
    """The number in its one spelling; "" where neither it nor `authority` says whose it is."""
    groups = match.groupdict()
    before, kind = groups["before"].replace(" ", ""), groups.get("kind")
    if kind is None and (at_end := KIND_AT_END.match(before)):
        before, kind = at_end.groups()
    before = _office(before) or _office(_plain(authority))
    number = int(groups["number"])
    if not before:
        return ""
    if kind is None:
        return f"{before}〔{groups['year']}〕{number}号"
    year = f"{groups['year']}年" if groups["year"] else ""
    return f"{before}{kind}{year}第{number}号"


def _office(text: str) -> str:
    """The authority, or the code of the office, at the end of a text: without what leads to it in a sentence."""
    text = text.replace(" ", "")
    while (cut := LEADING.sub("", text, count=1)) != text:
        text = cut
    for start in range(len(text)):
        if (known := _first_names().get(text[start:])) is not None:
            return known
    return text


@functools.cache
def _first_names() -> dict[str, str]:
    """Every Chinese name of a national authority → the first one that the list has for it: 市场监管总局 is 国家市场监督管理总局."""
    return authorities.names_of_national_authorities()
