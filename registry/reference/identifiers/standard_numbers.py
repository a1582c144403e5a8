"""Numbers of standards: one canonical spelling for all the ways in which they are written.

Chinese numbers follow the administrative measures for national, sector, local, association and enterprise
standards: a code, a blank, a number and a year after a hyphen (`GB/T 35607-2024`). International ones take a
colon (`ISO/IEC 17065:2012`), those of ASTM, UL and the Codex Alimentarius a hyphen (`ASTM F963-23`, `CXS 1-1985`), those of
Japan a letter for the division (`JIS A 1460:2015`). Local construction standards keep the hyphen or blank they are written with
(`DG/TJ08-9-2023`, `DBJ/T 15-92-2013`). `GBZ` (occupational health) and `GB/Z` (guidance) are two codes.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, NamedTuple

from registry.reference.text.folding import clean_cell

Kind = Literal[
    "national_mandatory",
    "national_voluntary",
    "national_guidance",
    "sector",
    "local",
    "association",
    "enterprise",
    "international",
]

# Sector codes in use or formerly in use; each stands alone (mandatory) or with /T or /Z. HJ/T, JGJ/T and so on
# are built from them, so that GMT reads as GM/T and GBT does not read as a sector.
SECTOR = (
    "JGJ|CJJ|AQ|BB|CB|CH|CJ|CY|DA|DL|DY|DZ|EJ|FZ|GA|GC|GH|GM|GY|HB|HG|HJ|HS|HY|JB|JC|JG|JR|JT|JY|KY|LB|LD|LS|LY|MH|MR|MT|MZ"
    "|NB|NY|QB|QC|QJ|QX|RB|RF|SB|SC|SF|SH|SJ|SL|SN|SW|SY|TB|TD|TJ|TY|WB|WH|WJ|WM|WS|WW|XB|XF|YB|YC|YD|YJ|YS|YY|YZ|ZC|ZY"
)
ISO_OR_IEC = r"ISO(?:/(?:IEC|IEEE|CIE|ASTM|TS|TR|PAS))*|IEC(?:/(?:IEEE|TS|TR|PAS))*"
FOREIGN = rf"{ISO_OR_IEC}|(?:(?:BS|DIN|NF|UNE|UNI) )?EN(?: ISO/IEC| ISO| IEC)?|(?:BS|DIN) (?:ISO/IEC|ISO|IEC)|CAC|CECS"
# Codes that are also the beginning of many model numbers (BS2082, UL3J): written in one, they need a year.
NATIONAL_FOREIGN = r"BS|DIN(?: VDE| SPEC)?|NF|AS/NZS|ANSI|(?:ANSI/)?(?:CAN/)?UL|IEEE(?: STD)?|GOST(?: R)?|PAS"
PIVOT_YEAR = 50  # of two figures: lower ones are of this century
YEAR4 = r"(?:19|20)\d{2}"
# An amendment sheet (修改单) or a bracketed edition, e.g. (2018年版).
EDITION = rf"(?P<edition>/XG\d{{1,2}}-{YEAR4}|\([^()]{{0,20}}[版订][^()]{{0,8}}\))?"

CHINESE = re.compile(
    rf"(?P<code>GBZ(?:/T)?|GSB|GBJ|GB(?:/[TZ])?|JJ[FG]|DB\d{{4}}(?:/T)?|DB\d{{2}}(?:/T)?|(?:{SECTOR})(?:/[TZ])?"
    # Written in one, the code ends with the letter before the number (T/ZZB0001-2014, Q/ABC0001S-2021); before a
    # blank it may end with a digit.
    r"|(?P<chosen>T/[A-Z](?:[A-Z0-9]{0,10}?[A-Z]|[A-Z0-9]{1,11}(?= |-\d{1,6}S?-))"
    r"|Q/(?:[A-Z0-9]{0,19}?[A-Z]|[A-Z0-9]{1,20}(?= |-\d{1,6}S?-))))"
    r"(?P<joint>[ -]?)"
    r"(?P<number>\d{1,6}(?:\.\d{1,3})*S?|\d{1,6}-\d{1,3})"
    # 00 to 29 is a year of this century, but for codes that their owners choose: those number parts like that.
    rf"(?:[-:](?P<year>{YEAR4}|[5-9]\d|(?(chosen)(?!)|[0-2]\d)))?{EDITION}",
    re.ASCII,
)
# DGJ08-20-2019, DG/TJ08-2291B-2022 (Shanghai); DGJ32/J 67-2008, DGJ32/TJ 124-2011 (Jiangsu); DBJ 50-053-2013.
CONSTRUCTION = re.compile(
    r"(?P<code>DG/?TJ ?\d{2}|DGJ ?\d{2}(?:/T?J)?|DBJ(?:\d{2})?(?:/TJ?)?)"
    r"(?P<joint>[ -]?)"
    r"(?P<number>\d{1,5}(?:\.\d{1,3})*[A-Z]?|\d{1,3}-\d{1,5}[A-Z]?)"
    rf"(?:[-:](?P<year>{YEAR4}))?{EDITION}",
    re.ASCII,
)
CONSTRUCTION_CODES = ("JGJ", "CJJ", "DGJ", "DG/TJ", "DBJ")
# The month of a German edition (DIN EN 71-3:2021-06), and amendments (EN 71-3:2019+A1:2021, ISO 9001:2015/AMD 1:2024).
FOREIGN_EDITION = (
    rf"(?P<edition>(?:-(?:0[1-9]|1[0-2]))?(?:[+/](?:A|AMD|COR|AC) ?\d{{1,2}}(?::{YEAR4})?){{0,3}})"
)
INTERNATIONAL = re.compile(
    rf"(?P<code>{FOREIGN})(?P<joint>[ -]?)"
    r"(?P<number>\d{1,6}(?:-\d{1,3})*)"
    rf"(?:(?::(?P<year>{YEAR4}|[5-9]\d|[0-2]\d)|-(?P<dashed>{YEAR4})){FOREIGN_EDITION})?",
    re.ASCII,
)
FOREIGN_NATIONAL = re.compile(
    rf"(?P<code>{NATIONAL_FOREIGN})(?P<joint> ?)"
    r"(?P<number>[A-Z]?\d{1,6}[A-Z]?(?:\.\d{1,3})*(?:-\d{1,3})*)"
    rf"(?:[:-](?P<year>{YEAR4}){FOREIGN_EDITION})?",
    re.ASCII,
)
# ASTM F963-23, ASTM D4236-94(2021), ASTM A36/A36M-19: two figures of the year; a letter, a reapproval, a correction.
ASTM = re.compile(
    r"(?P<code>ASTM)(?P<joint>[ -]?)(?P<number>[A-G]\d{1,5}(?:/[A-G]\d{1,5}M?|M)?)"
    rf"(?:-(?P<year>{YEAR4}|\d{{2}})(?P<edition>[A-Z]?(?:\({YEAR4}\))?(?:E\d)?))?",
    re.ASCII,
)
JIS = re.compile(
    rf"(?P<code>JIS|KS)(?P<joint>[ -]?)(?P<number>[A-Z][ -]?\d{{4,5}}(?:-\d{{1,3}})*)(?:[:-](?P<year>{YEAR4})(?P<edition>))?",
    re.ASCII,
)
# Codex Alimentarius: CXS 1-1985 (formerly CODEX STAN 1-1985), CXC 1-1969 (formerly CAC/RCP 1-1969).
CODEX = re.compile(
    rf"(?P<code>CX[SCGMA]|CODEX STAN|CAC/(?:RCP|GL|MRL|MISC))(?P<joint>[ -]?)(?P<number>\d{{1,4}})(?:[-:](?P<year>{YEAR4})(?P<edition>))?",
    re.ASCII,
)
HYPHENATED = ("ASTM", "CX", "CODEX", "CAC/", "UL", "ANSI", "CAN", "IEEE", "GOST")  # the year after a hyphen
# What stands behind a number and says in which language its text is.
LANGUAGE_MARK = re.compile(r"\((?:E|F|R|C|EN|FR|ZH|E/F|英文版|中文版)\)$")

DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d~\u301c]+")
BRACKETED = re.compile(r"\([^()]*\)")  # (2018 年版)
AROUND_SIGNS = re.compile(r" [/:-] ?|[/:-] ")
# GBT, GB-T, GB T before a number read GB/T; GBZT reads GBZ/T; the same for sectors and DB11-T. (A blank in
# between would also turn `GB Z` into GB/Z, which is what is meant: GBZ is written in one.)
SPLIT_CODE = re.compile(
    rf"(GBZ|GB|DB\d{{4}}|DB\d{{2}}|DBJ\d{{2}}|DBJ|{SECTOR})(?:([ -])([TZ])|(T))(?=[ -]?\d|J\d|J[ -]\d)",
    re.ASCII,
)
# DB31/199-2018 reads DB31 199-2018; DB 11/T 123 reads DB11/T 123.
LOCAL_CODE = re.compile(r"^DB ?(\d{4}|\d{2})/(?:(?=\d)|(?=(T)))", re.ASCII)
ORGANISED = re.compile(r"([TQ])-(?=[A-Z0-9]{2,21}[ -]?\d)")  # T-ZZB-0001-2014, as in an address
SLUGGED_FOREIGN = re.compile(r"(?<![A-Z])(ISO|IEC)-(?=IEC|IEEE|TS|TR|PAS|CIE|ASTM)")


@dataclass(frozen=True, slots=True)
class StandardNumber:
    """A standard number in its parts. `year` is as written (two digits in old numbers), `full_year` has four digits.

    `edition`: what follows the year, with its sign, such as `(2018年版)` or `/XG1-2012`; else "".
    """

    canonical: str
    code: str
    number: str
    year: str | None
    full_year: int | None
    kind: Kind
    joint: str = " "
    edition: str = ""

    @property
    def without_year(self) -> str:
        return f"{self.code}{self.joint}{self.number}"

    @property
    def with_full_year(self) -> str:
        """The number with its year in four figures: `GB 3100-1993` for `GB 3100-93`."""
        if not self.year or len(self.year) == 4 or self.full_year is None:
            return self.canonical
        head, sign, tail = self.canonical.partition(f"-{self.year}")
        if not sign:
            head, sign, tail = self.canonical.partition(f":{self.year}")
        return f"{head}{sign[0]}{self.full_year}{tail}" if sign else self.canonical

    @property
    def in_construction(self) -> bool:
        """True for codes that only construction uses."""
        return self.code.startswith(CONSTRUCTION_CODES)

    @property
    def digits(self) -> str:
        """The digits alone, `35607` or `1951.1`, by which people search."""
        return self.number

    @property
    def compact(self) -> str:
        """Code and number in one, `GBT35607`."""
        return f"{self.code}{self.number}".replace("/", "").replace(" ", "")

    def search_forms(self) -> tuple[str, ...]:
        """All forms that people search for, most exact first: canonical, without year, compact with and without it, digits."""
        forms = [self.canonical, self.without_year]
        if self.year:
            sign = ":" if f":{self.year}" in self.canonical else "-"
            forms[1:1] = [self.canonical.removesuffix(self.edition)] if self.edition else []
            forms.append(f"{self.compact}{sign}{self.year}")
        forms += [self.compact, self.digits]
        return tuple(dict.fromkeys(forms))


@functools.lru_cache(maxsize=32_768)
def parse(text: str) -> StandardNumber | None:
    """Parse a text that is nothing but a standard number; None for an unknown form (`GB/X 123-2020`, `35607`)."""
    plain = _normalise(text)
    if len(plain) > 60:
        return None
    match = CONSTRUCTION.fullmatch(plain) or CHINESE.fullmatch(plain)
    if match:
        return _from_chinese_match(match)
    match = INTERNATIONAL.fullmatch(plain)
    if match:
        kind: Kind = "association" if match["code"] == "CECS" else "international"
        return _foreign(match, match["year"] or match["dashed"], kind)
    for pattern in (ASTM, JIS, CODEX):
        if match := pattern.fullmatch(plain):
            return _foreign(match, match["year"], "international")
    match = FOREIGN_NATIONAL.fullmatch(plain)
    if match and (match["year"] or match["joint"]):
        return _foreign(match, match["year"], "international")
    return None


MAX_SEARCHED = 200  # characters of a text in which numbers are looked for
MAX_STARTS, MAX_BREAKS = 12, 8
# A code may begin behind anything but a letter, a figure or a sign that binds; Chinese characters do not bind.
CODE_START = re.compile(r"(?<![A-Z0-9/\-])[A-Z]{1,5}[ /-]?[A-Z0-9]")
NOT_IN_A_NUMBER = re.compile(r"[^A-Z0-9 /.:+()\[\]〔〕年版修订-]")
BREAKS = re.compile(r"[ (\[〔]|/(?=[A-Z]{2})|[.:/+)\]〕-]+$|[年版修订]+$")
# What stands behind a number of which the rest may have been cut off: nothing, a sign that binds, the beginning of an
# edition (`(2016年`) or of an amendment (`/XG1-20`, `/AMD 1`, `+A1:`).
UNFINISHED = re.compile(
    r" ?(?:|[.:/+-]+ ?(?:XG?|A(?:MD?|C)?|C(?:OR?)?)? ?\d{0,4}(?:[:-]\d{0,4})?|[(\[〔][^()\[\]〔〕]*)",
    re.ASCII,
)


class FoundNumber(NamedTuple):
    """A standard's number in a text: the number, and where it stands in the text as `plain_text` gives it."""

    number: StandardNumber
    start: int
    end: int


def plain_text(text: str) -> str:
    """Return at most `MAX_SEARCHED` characters of a text in upper case and half width, with plain hyphens."""
    return _cut_plain_text(text)[0]


def _cut_plain_text(text: str) -> tuple[str, bool]:
    """The plain text, and whether the end of the text was cut off."""
    plain = clean_cell(unicodedata.normalize("NFKC", clean_cell(text[:MAX_SEARCHED]))).upper()
    plain = DASHES.sub("-", plain)
    return plain[:MAX_SEARCHED], max(len(text), len(plain)) > MAX_SEARCHED


def find(text: str, *, is_cut: bool = False) -> list[FoundNumber]:
    """Find the numbers of standards in a text, in their order: behind a label, before a title, or two in one.

    `执行标准：GB/T 35607-2024 绿色产品评价` has one, the dual number `GB/T 7714-2015/ISO 690:2010` has two. At most `MAX_STARTS`
    positions in the first `MAX_SEARCHED` characters are looked at. A number that may go on behind these characters is left
    out, as its beginning is another number. `is_cut`: the same holds for the end of the text, which was cut by the caller.
    """
    plain, was_cut = _cut_plain_text(text)
    found: list[FoundNumber] = []
    position = tried = 0
    while tried < MAX_STARTS and (start := CODE_START.search(plain, position)):
        tried += 1
        number = _number_at(plain, start.start())
        position = number.end if number else start.start() + 1
        if number:
            found.append(number)
            if plain[position : position + 1] == "/":  # the second half of a dual number
                position += 1
                second = _number_at(plain, position)
                if second:
                    found.append(second)
                    position = second.end
    if (is_cut or was_cut) and found and UNFINISHED.fullmatch(plain, found[-1].end):
        found.pop()
    return found


def _number_at(plain: str, start: int) -> FoundNumber | None:
    """The longest number of a standard that begins at a place of a text."""
    part = plain[start : start + 60]
    if sign := NOT_IN_A_NUMBER.search(part):
        part = part[: sign.start()]
    ends = [len(part), *reversed([match.start() for match in BREAKS.finditer(part)])]
    for end in ends[: MAX_BREAKS * 2]:
        number = parse(part[:end])
        if number is not None and any(sign.isdigit() for sign in part[:end]):
            return FoundNumber(number, start, start + len(part[:end].rstrip()))
    return None


def _foreign(match: re.Match[str], year: str | None, kind: Kind) -> StandardNumber:
    code = match["code"].replace("IEEE STD", "IEEE")
    number, edition = match["number"], match["edition"] or ""
    if code in ("JIS", "KS"):
        number = f"{number[0]} {number[1:].lstrip(' -')}"
    sign = "-" if code.startswith(HYPHENATED) else ":"
    edition = re.sub(r"(AMD|COR) ?(?=\d)", r"\1 ", edition)
    canonical = f"{code} {number}" + (f"{sign}{year}{edition}" if year else "")
    return StandardNumber(canonical, code, number, year, _full_year(year), kind, edition=edition)


def named_standard(text: str) -> StandardNumber | None:
    """The standard that a text names as another document writes it; of a dual number (`GB/T …/ISO …`) the first one."""
    parsed = parse(text)
    if parsed is None and any(sign.isdigit() for sign in text):
        found = find(text)
        parsed = found[0].number if found and found[0].number.year else None
    return parsed


def canonical_or_written(text: str) -> tuple[str, bool]:
    """The canonical spelling and True; for an unknown form the cleaned text and False."""
    parsed = parse(text)
    return (parsed.canonical, True) if parsed else (clean_cell(text), False)


def url_slug(canonical: str) -> str:
    """A number as it is written in URLs: `/` and blank become `-`."""
    return canonical.replace("/", "-").replace(" ", "-")


def _normalise(text: str) -> str:
    plain = clean_cell(text)
    if not plain.isascii():
        plain = clean_cell(unicodedata.normalize("NFKC", plain))
    plain = DASHES.sub("-", plain.upper())
    if " " in plain:
        plain = AROUND_SIGNS.sub(lambda match: match[0].strip(" "), plain)
    plain = plain.replace("[", "(").replace("]", ")").replace("〔", "(").replace("〕", ")").replace(" (", "(")
    if "(" in plain:
        plain = LANGUAGE_MARK.sub("", BRACKETED.sub(lambda match: match[0].replace(" ", ""), plain))
    plain = plain.strip()
    if plain.startswith("DB"):
        plain = LOCAL_CODE.sub(lambda match: f"DB{match[1]}{'/' if match[2] else ' '}", plain)
    if match := SPLIT_CODE.match(plain):
        plain = f"{match[1]}/{match[3] or match[4]}{plain[match.end() :]}"
    elif match := ORGANISED.match(plain):
        plain = f"{match[1]}/{plain[match.end() :]}"
    elif plain.startswith("DG-TJ"):
        plain = "DG/TJ" + plain[5:]
    else:
        plain = SLUGGED_FOREIGN.sub(r"\1/", plain)
    return plain


def _from_chinese_match(match: re.Match[str]) -> StandardNumber:
    code, joint, number, year = match["code"], match["joint"] or " ", match["number"], match["year"]
    edition = match["edition"] or ""
    if code.startswith("DG"):
        code = code.replace(" ", "").replace("DGTJ", "DG/TJ")
        # Jiangsu (DGJ32/J, DGJ32/TJ) writes a blank, Shanghai (DGJ08, DG/TJ08) a hyphen.
        joint = " " if code.endswith("J") else "-"
    elif not re.match(r"DBJ\d", code):
        joint = " "
    canonical = f"{code}{joint}{number}" + (f"-{year}" if year else "") + edition
    return StandardNumber(canonical, code, number, year, _full_year(year), _kind(code), joint, edition)


def _kind(code: str) -> Kind:
    """The kind of a code. Metrology rules (JJF, JJG) count as sector: they are national, but not under the 标准化法."""
    if code.startswith("T/"):
        return "association"
    if code.startswith("Q/"):
        return "enterprise"
    if code.startswith("D") and (code.startswith(("DBJ", "DG")) or code[2:3].isdecimal()):
        return "local"
    if code in ("GB", "GBZ", "GBJ"):
        return "national_mandatory"
    if code in ("GB/T", "GBZ/T", "GSB"):
        return "national_voluntary"
    return "national_guidance" if code == "GB/Z" else "sector"


def _full_year(year: str | None) -> int | None:
    """The year in four figures: 93 is 1993, 00 is 2000."""
    if not year:
        return None
    if len(year) == 4:
        return int(year)
    return int(year) + (2000 if int(year) < PIVOT_YEAR else 1900)
