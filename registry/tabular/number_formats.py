"""What a spreadsheet program shows of numbers and dates: the formats of ISO/IEC 29500-1, 18.8.30 and 18.8.31.

Only formats that change what a reader sees are of interest: zeros in front, a part of a date, signs around a number.
Text, plain numbers and whole dates are as good as their value; fractions, exponents and times are left to it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from xml.parsers import expat

# Formats without an entry of their own in a workbook. Times and dates with day, month and year are left out.
BUILT_IN = {
    2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 16: "d-mmm", 17: "mmm-yy", 37: "#,##0", 38: "#,##0",
    39: "#,##0.00", 40: "#,##0.00",
}  # fmt: skip
DATE_BUILT_IN = frozenset({14, 15, *range(27, 37), *range(50, 59)})
QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
DATE_TOKEN = re.compile(r"yyyy|yy|y|mmmm|mmm|mm|m|dddd|ddd|dd|d", re.IGNORECASE)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
MAX_FORMATS = 64_000  # cell formats of a workbook: Excel's own limit


class _StylesParser:
    """Listens to styles.xml: the number format of each cell format."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.formats: list[int] = []
        self._within = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, tag: str, given: Mapping[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "numFmt" and len(self.codes) < MAX_FORMATS:
            self.codes[int(given.get("numFmtId", "0"))] = given.get("formatCode", "")
        elif tag == "cellXfs":
            self._within = True
        elif tag == "xf" and self._within and len(self.formats) < MAX_FORMATS:
            self.formats.append(int(given.get("numFmtId", "0")))

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "cellXfs":
            self._within = False


def formats_of_interest(styles: bytes) -> dict[int, str]:
    """Index of a cell format → code of its number format, for those that show more, or less, than the plain value."""
    listener = _StylesParser()
    listener.parser.Parse(styles, True)
    codes = {**BUILT_IN, **listener.codes}
    return {
        index: codes[number]
        for index, number in enumerate(listener.formats)
        if number in codes and number not in DATE_BUILT_IN and _is_of_interest(codes[number])
    }


def _is_of_interest(code: str) -> bool:
    plain = _without_literals(code.partition(";")[0])
    if not plain or "@" in plain or plain.lower() == "general":
        return False
    if re.search("[hs]", plain, re.IGNORECASE) or "E+" in plain.upper():
        return False
    if is_date_format(code):
        return not all(letter in plain.lower() for letter in "ymd")
    return code.partition(";")[0] not in ("0", "#", "0_ ", "#_ ")


def is_date_format(code: str) -> bool:
    """True if a number format shows a date, or a part of one."""
    return re.search("[ymd]", _without_literals(code.partition(";")[0]), re.IGNORECASE) is not None


def _without_literals(code: str) -> str:
    return QUOTED.sub("", code)


def _tokens(code: str) -> list[tuple[str, bool]]:
    """Characters of a format with True for literal ones; colours, conditions, padding and fill are left out."""
    tokens: list[tuple[str, bool]] = []
    position = 0
    for match in QUOTED.finditer(code):
        tokens += [(character, False) for character in code[position : match.start()]]
        literal = match[1] if match[1] is not None else match[2]
        tokens += [(character, True) for character in literal or ""]
        position = match.end()
    return tokens + [(character, False) for character in code[position:]]


def show_date(day: dt.date, code: str) -> str | None:
    """A date as a format of days, months and years shows it."""
    shown, plain = "", ""
    for character, literal in (*_tokens(code.partition(";")[0]), ("", True)):
        if literal:
            shown += DATE_TOKEN.sub(lambda token: _date_part(day, token[0].lower()), plain) + character
            plain = ""
        else:
            plain += character
    return shown.strip() or None


def _date_part(day: dt.date, token: str) -> str:
    parts = {
        "yyyy": f"{day.year:04}", "yy": f"{day.year % 100:02}", "y": f"{day.year % 100:02}",
        "mmmm": MONTHS[day.month - 1], "mmm": MONTHS[day.month - 1], "mm": f"{day.month:02}", "m": str(day.month),
        "dd": f"{day.day:02}", "d": str(day.day),
    }  # fmt: skip
    return parts.get(token, token)


def show_number(number: float, code: str) -> str | None:
    """A number as a format shows it; None where the format is not one of digits, as fractions are."""
    sections = code.split(";")
    negative = number < 0
    section = sections[1] if negative and len(sections) > 1 else sections[0]
    tokens = _tokens(section)
    pattern = "".join(character for character, literal in tokens if not literal)
    if "/" in pattern or "E+" in pattern.upper() or not re.search("[0#?]", pattern):
        return None
    amount = abs(Decimal(repr(number)) * (100 if "%" in pattern else 1))
    whole, _point, fraction = pattern.partition(".")
    decimals = sum(character in "0#?" for character in fraction)
    rounded = amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    digits, _point, after = f"{rounded:f}".partition(".")
    kept = max(len(after.rstrip("0")), sum(character == "0" for character in fraction))
    grouped = re.search(r"[0#?],[0#?]", whole) is not None
    shown = _fill(tokens, digits, after[:kept], grouped=grouped)
    return f"-{shown}" if negative and len(sections) == 1 else shown


def _fill(tokens: list[tuple[str, bool]], digits: str, after: str, *, grouped: bool) -> str:
    """The digits at their places in a format: those of the whole part from the right, those after the point from the left."""
    point = next(
        (index for index, (character, literal) in enumerate(tokens) if character == "." and not literal),
        len(tokens),
    )
    places = [
        i for i, (character, literal) in enumerate(tokens[:point]) if not literal and character in "0#?"
    ]
    parts: list[str] = []
    rest = digits if digits != "0" else ""
    for index, (character, literal) in enumerate(reversed(tokens[:point])):
        at = point - 1 - index
        if literal or character not in "0#?,":
            parts.append(character)
        elif at in places:
            first = at == places[0]
            if first and len(rest) > 1:
                parts.append(f"{int(rest):,}" if grouped and len(places) == 1 else rest)
                rest = ""
            elif rest:
                parts.append(rest[-1])
                rest = rest[:-1]
            elif character == "0":
                parts.append("0")
    text = "".join(reversed(parts)).strip()
    if grouped:
        text = re.sub(r"\d+", lambda found: f"{int(found[0]):,}", text, count=1)
    behind = ""
    remaining = after
    for character, literal in tokens[point + 1 :]:
        if literal or character not in "0#?":
            behind += character
        elif remaining:
            behind, remaining = behind + remaining[0], remaining[1:]
    return (f"{text}.{behind}" if after else f"{text}{behind}").strip()
