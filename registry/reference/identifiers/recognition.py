"""One recogniser of numbers: what a typed, pasted or scanned text may name, for every door alike.

A text is read in several ways, most certain first: as a number of this register, a credit code, a barcode, the number of a
standard, a number of a family that others keep, or any other number. Each reading has the folded keys
(`reference.text.folding.fold_number`) under which a record that it names is stored, and the keys of numbers that are easily
confused with it. Labels (`证书编号：`), brackets, closing signs, titles before and behind, addresses (permalinks, GS1 Digital
Links) and element strings (`(01)…`) are read over. Nothing here asks the database. Every text is cut at `MAX_LENGTH`, and no
pattern repeats inside a repetition, so that no text is slow.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from registry.reference.identifiers import (
    certificate_numbers,
    credit_codes,
    number_families,
    personal,
    register_numbers,
    standard_numbers,
)
from registry.reference.identifiers.standard_numbers import FoundNumber, StandardNumber
from registry.reference.text.folding import INVISIBLE, fold_number

MAX_LENGTH = 200  # characters of a text that are read
MIN_SIGNS = 6  # letters and digits of a number whose form others choose: certificates, trademarks
MAX_RUNS, MAX_WORDS, MAX_READINGS = 4, 4, 8
MAX_KEY_LENGTH = 200
MAX_PART = 5  # letters of a part of a number that has no figure (DEMO CGP 2026 200888): longer ones are words

Kind = Literal[
    "own", "credit_code", "organisation_code", "standard", "barcode", "family", "resident_id", "other"
]

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
CHINESE_SIGN = re.compile(f"[{CHINESE}]")
# Runs of what is neither Chinese nor a bracket or quotation mark: a number may stand in each.
RUN = re.compile(f"[^{CHINESE}()\\[\\]{{}}<>\u3008-\u3011\u3014-\u301b\"'`“”‘’,;|=\u3001\u3002]+")
LABEL_IN_CHINESE = re.compile(
    f"[{CHINESE}]{{0,18}}(?:号|号码|标准|条码|条形码|代码|证书|证书号|许可证) ?(?=[^{CHINESE}]+$)"
)
EDGES = " \t.,:;!?/\\-_~*#&|="
LABEL = re.compile(
    r"^[^0-9:]{1,40}:"
    r"|^(?:[A-Z]{2,14}\.? ){0,3}(?:NO|NR|NUMBER|№)[.:]? {0,2}(?=[A-Z0-9./ -]{0,40}[0-9])(?<=[.:№ ])"
    r"|^(?:GTIN|EAN|UPC|JAN|BARCODE)(?:-?(?:8|12|13|14|A))?[ .]{1,2}(?=[0-9])"
    r"|^#"
)
ADDRESS = re.compile(r"(?:[A-Z][A-Z0-9+.-]{1,9}://|WWW\.)([^/?#]{1,100})(/[^?#]*)?", re.IGNORECASE)
BARE_ADDRESS = re.compile(
    r"([A-Z0-9-]{1,60}(?:\.[A-Z0-9-]{1,60}){1,4}(?::[0-9]{2,5})?)(/[^?#]{1,150})", re.IGNORECASE
)
DIGITAL_LINK = re.compile(r"/(?:01|gtin)/([0-9]{8}|[0-9]{12,14})(?=[/?#]|$)", re.IGNORECASE)
PERMALINK = re.compile(
    r"(?:^|/)r/([^?#]{1,150})$|/(?:zh|en|registers)/[a-z-]{2,40}/(?:records/)?([^?#]{1,150})$", re.IGNORECASE
)
PAGE_OF_A_RECORD = re.compile(r"/(?:history|entries)$", re.IGNORECASE)
ELEMENT_STRING = re.compile(r"\((?:01|02)\) ?([0-9]{14})(?![0-9])")
SCANNED = re.compile(
    r"(?:\][A-Za-z][0-9])?0?1?(?<=01)([0-9]{14})(?:[^0-9].*|(?:10|11|13|15|17|21|37)[!-~\x1d]{1,80})?"
)
BARCODE_WORDS = re.compile("条码|条形码|GTIN|EAN|UPC|BARCODE|JAN")
FIGURE = re.compile("[0-9]")
CONFUSABLE = re.compile("[OQIL01]|[^\\x00-\\x7f]")
CONFUSED_WITH_FIGURES = str.maketrans("OQIL", "0011")
CONFUSED_WITH_LETTERS = str.maketrans("01", "OI")
# Letters of other alphabets that look like Latin ones.
LOOKALIKES = str.maketrans("АВЕКМНОРСТХІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXISJABEZHIKMNOPTYX")
LETTER_NEAR_FIGURE = re.compile(r"(?<=[0-9])[OQIL]+|[OQIL]+(?=[0-9])")
FIGURE_NEAR_LETTERS = re.compile(r"(?<=[A-Z])[01](?=[A-Z])")
SIBLINGS = ("", "/T", "/Z")  # GB, GB/T and GB/Z; QB and QB/T; DB33 and DB33/T


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text as a number.

    `number`: in its canonical spelling. `keys`: folded keys of what it names; `near`: of what is easily confused with it.
    `family`: code in `number_families`, "" for a number of our own form. `is_wrong`: its check character does not fit.
    `standard`: the parsed number of a standard. `is_guess`: many other numbers have such a form too, such as six figures.
    """

    kind: Kind
    number: str
    keys: tuple[str, ...]
    near: tuple[str, ...] = ()
    family: str = ""
    is_wrong: bool = False
    standard: StandardNumber | None = None
    is_guess: bool = False

    @property
    def names_editions(self) -> bool:
        """True for a standard without its year, which names every edition."""
        return self.standard is not None and self.standard.year is None


@dataclass(frozen=True, slots=True)
class RecognisedText:
    """The readings of a text, most certain first; none for a text without a number.

    `is_number_only`: besides the number there are only a label, brackets and closing signs: not a title, not other words.
    """

    readings: tuple[Reading, ...] = ()
    is_number_only: bool = False

    @property
    def first(self) -> Reading | None:
        """The most certain reading."""
        return self.readings[0] if self.readings else None


NOTHING = RecognisedText()


@functools.lru_cache(maxsize=16_384)
def recognise(text: str, prefixes: frozenset[str] = frozenset()) -> RecognisedText:
    """Recognise the numbers in a text. `prefixes`: those of the numbers that this register issues (`GP`, `SD` …)."""
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text[:MAX_LENGTH]))[:MAX_LENGTH]
    text = " ".join(text.split())
    if inner := _in_address(text):
        return _recognise_plain(inner, prefixes)
    return _recognise_plain(text, prefixes)


def _recognise_plain(text: str, prefixes: frozenset[str]) -> RecognisedText:
    plain = standard_numbers.DASHES.sub("-", text.upper())
    whole = fold_number(plain)[:MAX_KEY_LENGTH]
    if not whole:
        return NOTHING
    if scanned := _scanned_barcode(plain):
        return RecognisedText((scanned,), is_number_only=True)
    numbers = _Numbers(prefixes, is_barcode=BARCODE_WORDS.search(plain) is not None)
    label, bare = _split_label(plain)
    as_written = Reading("other", bare or plain, (whole,), family=number_families.OTHER)
    sure = numbers.read(bare)
    if ":" in label and (
        of_family := number_families.family_by_form(plain.replace(":", "").replace(" ", ""))
    ):
        sure = Reading("family", plain.replace(":", ""), (whole,), (), of_family.code)  # SC: 101…
    if sure is not None and sure.kind != "other":
        return _recognised([sure, as_written], label, is_number_only=True)
    found = _standards(plain)
    rest = _without(plain, found)
    runs = [run for run in _runs(rest) if run[0] != bare]
    readings = [(each.start, _standard_reading(each.number)) for each in found]
    for run, start in runs:
        readings += [(start, reading) for reading in numbers.read_run(run)]
    if not found and sure is None and not readings:
        if not FIGURE.search(whole):  # a record may have such a number all the same
            as_written = Reading("other", plain, (whole,))
        return _recognised([as_written], label, is_number_only=False)
    ordered = [reading for _start, reading in sorted(readings, key=lambda each: each[0])]
    is_number_only = not (
        any(sign.isalnum() for sign in _split_label(rest)[1]) if found else CHINESE_SIGN.search(bare)
    )
    if sure is not None and " " in bare:
        is_number_only = is_number_only and all(
            len(word) <= MAX_PART or FIGURE.search(word) for word in bare.split(" ")
        )
    return _recognised([sure, *ordered, as_written], label, is_number_only=is_number_only)


def _recognised(readings: Iterable[Reading | None], label: str, *, is_number_only: bool) -> RecognisedText:
    """The readings in their order, each key once, those of unknown form last; of the family that a label names."""
    known = [reading for reading in readings if reading is not None]
    if named := number_families.family_by_words(label):
        known = [_with_family(reading, named.code) for reading in known]
    distinct: dict[tuple[str, ...], Reading] = {}
    for reading in sorted(known, key=lambda reading: reading.kind == "other"):
        distinct.setdefault(reading.keys, reading)
    return RecognisedText(tuple(distinct.values())[:MAX_READINGS], is_number_only)


class _Numbers:
    """Reads a text that is nothing but a number."""

    __slots__ = ("_is_barcode", "_prefixes")

    def __init__(self, prefixes: frozenset[str], *, is_barcode: bool) -> None:
        self._prefixes = prefixes
        self._is_barcode = is_barcode

    def read(self, plain: str) -> Reading | None:
        """Read a text in upper case and half width; None for one without a figure, or too short to be a number."""
        plain = plain.strip(EDGES)
        key = fold_number(plain)[:MAX_KEY_LENGTH]
        if FIGURE.search(key) is None:
            return None
        reading = self._own(plain) or self._code(plain, key) or self._barcode(key)
        if reading is None and (family := number_families.family_by_form(plain.replace(" ", ""))):
            keys = (
                (key, fold_number(certificate_numbers.trademark_number(plain)))
                if family.code == "trademark"
                else (key,)
            )
            is_guess = family.code in number_families.WEAK and key.isdigit()
            reading = Reading(
                "family",
                plain,
                tuple(dict.fromkeys(keys)),
                _confused(plain),
                family.code,
                is_guess=is_guess,
            )
        if reading is None and (parsed := standard_numbers.parse(plain)):
            reading = _standard_reading(parsed)
        if reading is None and len(key) >= MIN_SIGNS:
            reading = Reading("other", plain, (key,), _confused(plain), number_families.OTHER)
        return reading

    def _own(self, plain: str) -> Reading | None:
        """A number of this register's form, also with letters that were typed for figures."""
        number = register_numbers.normalise(plain)
        if number is not None and number.partition("-")[0] in self._prefixes:
            wrong = not register_numbers.check_digit_ok(number)
            near = _confused(number) if wrong else ()
            return Reading("own", number, (fold_number(number),), near, is_wrong=wrong)
        for confused in _confused(plain):
            number = register_numbers.normalise(confused)
            if number is not None and number.partition("-")[0] in self._prefixes:
                wrong = not register_numbers.check_digit_ok(number)
                return Reading("own", number, (fold_number(plain),), (fold_number(number),), is_wrong=wrong)
        return None

    def read_run(self, run: str) -> list[Reading]:
        """Read a part of a text: as a whole, else word by word, where the whole has no sure form."""
        whole = self.read(run)
        if whole is None or (whole.kind == "other" and " " in run):
            words = [word for word in run.split(" ") if _is_numbered(fold_number(word))][:MAX_WORDS]
            return [reading for part in (run, *words) if (reading := self.read(part)) is not None]
        return [whole]

    @staticmethod
    def _code(plain: str, key: str) -> Reading | None:
        """A unified social credit code of 18 characters, or the organisation code that is its characters 9 to 17."""
        if len(key) == credit_codes.LENGTH and key.isascii():
            if personal.is_resident_id(key):
                return Reading("resident_id", personal.mask_resident_id(key), (key,), family="resident_id")
            near = _confused_with_figures(key)
            problem = credit_codes.error_code(key)
            if problem != "credit_code_characters":
                return Reading(
                    "credit_code", key, (key,), _confused(key), "credit_code", is_wrong=problem is not None
                )
            if near and credit_codes.error_code(near[0]) is None:
                return Reading("credit_code", key, (key,), near, "credit_code", is_wrong=True)
        whole = f"91000000{key}0"  # nine figures without a hyphen may be many other things
        may_be_code = len(key) == 9 and (plain[8:9] == "-" or not key[:8].isdigit())
        if (
            may_be_code
            and credit_codes.SHAPE.fullmatch(whole)
            and not credit_codes.organisation_code_is_suspect(whole)
        ):
            return Reading("organisation_code", f"{key[:8]}-{key[8]}", (key,), (), "organisation_code")
        return None

    def _barcode(self, key: str) -> Reading | None:
        """A barcode: sure with 13 digits or a word that says so, else where the check digit fits."""
        if len(key) not in certificate_numbers.GTIN_LENGTHS or not (key.isascii() and key.isdigit()):
            return None
        number = certificate_numbers.gtin(key)
        wrong = certificate_numbers.gtin_error_code(number) is not None
        sure = self._is_barcode or len(key) == 13 or (len(key) == 14 and key[0] == "0")
        if wrong and not sure:
            return None
        # A case of the goods (first digit 1 to 8) is not the item in it, but near.
        item = "" if number[0] in "09" or wrong else "0" + certificate_numbers.make_gtin(number[1:13])
        near = (item,) if item else ()
        return Reading(
            "barcode", number, tuple(dict.fromkeys((number, key))), near, "barcode", is_wrong=wrong
        )


def _standards(plain: str) -> list[FoundNumber]:
    """The standards that a text names: as a whole, or behind a label, before a title, two in one."""
    # In running text `as 9` and `hs 9403` are no standards: a year, or a code that nothing else has.
    return [
        each
        for each in standard_numbers.find(plain)
        if each.number.year
        or "/" in each.number.code
        or each.number.code.startswith(("GB", "ISO", "IEC", "DB", "JJ"))
    ]


def _without(plain: str, found: list[FoundNumber]) -> str:
    """A text with a sign in the place of each number that was found in it."""
    for each in reversed(found):
        plain = plain[: each.start] + "\u3001" * (each.end - each.start) + plain[each.end :]
    return plain


def _standard_reading(number: StandardNumber) -> Reading:
    """The number of a standard, also with its year in two and in four figures.

    Near are the other codes of the same number (GB/T for GB) and its other editions.
    """
    spellings = tuple(dict.fromkeys(fold_number(spelling) for spelling in spellings_of(number)))
    siblings: list[str] = []
    if number.kind not in ("international", "association", "enterprise"):
        base = re.sub(r"/[TZ]$", "", number.code)
        siblings = [
            fold_number(spelling.replace(number.code, base + ending, 1))
            for ending in SIBLINGS
            if base + ending != number.code
            for spelling in spellings_of(number)
        ]
    if number.year:
        siblings.append(fold_number(number.without_year))
    return Reading(
        "standard",
        number.canonical,
        spellings,
        tuple(siblings),
        number_families.STANDARD_FAMILIES[number.kind],
        standard=number,
    )


def spellings_of(number: StandardNumber) -> tuple[str, ...]:
    """The spellings of a standard's number that mean the same: `GB 3100-93` and `GB 3100-1993`."""
    if not number.year or number.full_year is None:
        return (number.canonical,)
    short, long = f"{number.full_year % 100:02}", str(number.full_year)
    written = number.year
    spellings = [number.canonical]
    for year in (long, short):
        for sign in "-:":
            head, found, tail = number.canonical.partition(f"{sign}{written}")
            if found and (year == long or number.full_year < 2000 or number.code == "ASTM"):
                spellings.append(f"{head}{sign}{year}{tail}")
    return tuple(dict.fromkeys(spellings))


@functools.lru_cache(maxsize=4096)  # the rows of a sheet name the same bodies and standards
def stored_keys(text: str) -> tuple[str, ...]:
    """Return the folded keys under which a record is stored that a number names.

    A standard's number is stored without its year too, and a credit code by the organisation code in it.
    """
    key = fold_number(text)[:MAX_KEY_LENGTH]
    if not key:
        return ()
    if len(key) == credit_codes.LENGTH and credit_codes.error_code(key) is None:
        return key, credit_codes.organisation_code(key)
    if (parsed := standard_numbers.parse(text)) is not None and parsed.year:
        return key, fold_number(parsed.without_year)
    return (key,)


def _split_label(plain: str) -> tuple[str, str]:
    """Split a label, brackets and closing signs from a number: (label, number)."""
    text = plain.strip(EDGES + "()[]{}<>\"'`“”‘’。、")
    text = re.sub("^[\u3008-\u3011\u3014-\u301b]+|[\u3008-\u3011\u3014-\u301b。、]+$", "", text).strip(EDGES)
    label = ""
    for _round in range(2):  # 证书编号：No. …
        match = LABEL.match(text)
        if match is None:
            break
        label += match[0]
        text = text[match.end() :].strip(EDGES + "()[]<>\"'“”。、")
    if (
        not label
        and (head := LABEL_IN_CHINESE.match(text))
        and not number_families.family_by_form(text.replace(" ", ""))
    ):
        label, text = head[0], text[head.end() :].strip(EDGES)
    return label, text


def _runs(plain: str) -> list[tuple[str, int]]:
    """The parts of a text in which a number may stand, with their places."""
    runs = []
    for match in RUN.finditer(plain):
        run = match[0].strip(EDGES)
        if ":" in run:
            run = run.rpartition(":")[2].strip(EDGES)
        if _is_numbered(fold_number(run)):
            runs.append((run, match.start()))
    return runs[:MAX_RUNS]


def _is_numbered(key: str) -> bool:
    return len(key) >= MIN_SIGNS and FIGURE.search(key) is not None


def _scanned_barcode(plain: str) -> Reading | None:
    """The barcode of an element string, printed `(01)…` or as a scanner gives it."""
    match = ELEMENT_STRING.search(plain) or SCANNED.fullmatch(plain)
    if match is None or certificate_numbers.gtin_error_code(match[1]) not in (None, "gtin_check_digit"):
        return None
    wrong = certificate_numbers.gtin_error_code(match[1]) is not None
    if wrong and not match[0].startswith("("):
        return None
    return Reading("barcode", match[1], (match[1],), (), "barcode", is_wrong=wrong)


def _in_address(text: str) -> str:
    """The number that a web address names: a GS1 Digital Link, a permalink or page of a register; "" for no address."""
    match = ADDRESS.search(text) or BARE_ADDRESS.fullmatch(text)
    path = (match[2] or "") if match else text if text.startswith(("/", "r/", "R/")) else ""
    path = (
        unquote(path, errors="replace").split(" ")[0] if "%" not in path else unquote(path, errors="replace")
    )
    if not path:
        return ""
    if link := DIGITAL_LINK.search(path):
        return f"(01){link[1].zfill(14)}"
    path = PAGE_OF_A_RECORD.sub("", path.rstrip("/"))
    if page := PERMALINK.search(path):
        return " ".join((page[1] or page[2]).split())
    return path.rpartition("/")[2] if match else ""


def _confused(written: str) -> tuple[str, ...]:
    """The folded keys of numbers that look like one: O and 0, I, L and 1, letters of other alphabets."""
    if CONFUSABLE.search(written) is None or CHINESE_SIGN.search(written):
        return ()
    latin = written.translate(LOOKALIKES)
    parts = re.findall(r"[A-Z0-9.]+", latin)
    by_parts = "".join(
        part.translate(CONFUSED_WITH_FIGURES)
        if sum(sign.isdigit() for sign in part) * 2 >= len(part)
        or (part[-1:].isdigit() and part[:1] in "0123456789OIL")
        else part.translate(CONFUSED_WITH_LETTERS)
        for part in parts
    )
    whole = fold_number(latin)
    near_figures = LETTER_NEAR_FIGURE.sub(lambda match: match[0].translate(CONFUSED_WITH_FIGURES), whole)
    near_letters = FIGURE_NEAR_LETTERS.sub(
        lambda match: match[0].translate(CONFUSED_WITH_LETTERS), near_figures
    )
    own = fold_number(written)
    variants = (whole, by_parts, near_figures, near_letters, *_confused_with_figures(whole))
    return tuple(dict.fromkeys(key for key in variants if key != own and key))


def _confused_with_figures(key: str) -> tuple[str, ...]:
    changed = key.translate(CONFUSED_WITH_FIGURES)
    return (changed,) if changed != key else ()


def _with_family(reading: Reading, code: str) -> Reading:
    """A reading of no sure kind as one of the family that its label names."""
    if (
        reading.kind == "other"
        or (reading.kind == "barcode" and reading.is_wrong)
        or reading.family in number_families.WEAK
    ):
        return Reading("family", reading.number, reading.keys, reading.near, code)
    return reading
