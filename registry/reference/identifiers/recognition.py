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
    lookalikes,
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
SURE_BARCODE_LENGTH = 13  # shorter ones are barcodes where a word beside them says so
MAX_LETTERS_IN_BARCODE = 4  # that were typed for figures
MAX_PART = 5  # letters of a part of a number that has no figure (DEMO CGP 2026 200888): longer ones are words

Kind = Literal[
    "own", "credit_code", "organisation_code", "standard", "barcode", "family", "resident_id", "other"
]

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
CHINESE_SIGN = re.compile(f"[{CHINESE}]")
# Runs of what is neither Chinese nor a bracket or quotation mark: a number may stand in each.
RUN = re.compile(f"[^{CHINESE}()\\[\\]{{}}<>\u3008-\u3011\u3014-\u301b\"'`“”‘’,;|=\u3001\u3002]+")
LABEL_IN_CHINESE = re.compile(
    f"(?:[A-Z0-9]{{1,5}}(?=[{CHINESE}]))?[{CHINESE}]{{0,18}}(?:号|号码|标准|条码|条形码|代码|证书|证书号|许可证) ?(?=[^{CHINESE}]+$)"
)
EDGES = " \t.,:;!?/\\-_~*#&|="
LABEL = re.compile(
    r"^[^0-9:]{1,40}:"
    f"|^(?=[^:]{{0,40}}[{CHINESE}])(?:[^0-9:]|(?<![0-9])[0-9]{{1,2}}(?![0-9])){{1,40}}:"  # 3C证书编号:
    r"|^(?:GTIN|EAN|UPC|JAN)-?(?:8|12|13|14|A):"
    r"|^(?:[A-Z]{2,14}\.? ){0,3}(?:NO|NR|NUMBER|№)[.:]? {0,2}(?=[A-Z0-9./ -]{0,40}[0-9])(?<=[.:№ ])"
    r"|^(?:GTIN|EAN|UPC|JAN|BARCODE)(?:-?(?:8|12|13|14|A))?[ .]{1,2}(?=[0-9])"
    r"|^(?:USCC|(?:UNIFIED SOCIAL )?CREDIT CODE)[ .]{1,2}(?=[0-9A-Z])"
    r"|^(?:CMA|TRADE ?MARK|ENERGY STAR|ISBN)[ .]{0,2}(?=[0-9])"
    r"|^(?:CCC|3C)[ .:]{0,2}(?=(?:19|20)[0-9]{14}$)"  # with 3C it would have the length of a credit code
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
PATH_WITH_NUMBER = re.compile(f"{PERMALINK.pattern}|{DIGITAL_LINK.pattern}", re.IGNORECASE)
PAGE_OF_A_RECORD = re.compile(r"/(?:history|entries)$", re.IGNORECASE)
ELEMENT_STRING = re.compile(r"\((?:01|02)\) ?([0-9]{14})(?![0-9])")
SCANNED = re.compile(
    r"(?:\][A-Za-z][0-9])?0?1?(?<=01)([0-9]{14})(?:[^0-9].*|(?:10|11|13|15|17|21|37)[!-~\x1d]{1,80})?"
)
BARCODE_WORDS = re.compile("条码|条形码|GTIN|EAN|UPC|BARCODE|JAN")
FIGURE = re.compile("[0-9]")
LAST_WORD = re.compile("[!-~]+$")  # of a text that was cut: the beginning of a number is another one
SIBLINGS = ("", "/T", "/Z")  # GB, GB/T and GB/Z; QB and QB/T; DB33 and DB33/T


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text as a number.

    `number`: in its canonical spelling. `keys`: folded keys of what it names; `near`: of what is easily confused with it.
    `family`: code in `number_families`, "" for a number of our own form. `is_wrong`: its check character does not fit.
    `standard`: the parsed number of a standard. `is_guess`: many other numbers have such a form too, such as six figures.
    `written`: the number as it was typed, "" where that is `number` in all but case and signs.
    """

    kind: Kind
    number: str
    keys: tuple[str, ...]
    near: tuple[str, ...] = ()
    family: str = ""
    is_wrong: bool = False
    standard: StandardNumber | None = None
    is_guess: bool = False
    written: str = ""

    @property
    def shown(self) -> str:
        """The number as a page repeats it: as it was typed where the canonical spelling would look like another number."""
        return self.written or self.number

    @property
    def is_number(self) -> bool:
        """True for a number of any form; False for words that a record may have as its number all the same."""
        return self.kind != "other" or self.family != ""

    @property
    def is_sure(self) -> bool:
        """True for a number whose form is known: not merely letters and figures, nor figures that may be many things."""
        return self.kind != "other" and not self.is_guess

    @property
    def is_mostly_figures(self) -> bool:
        """True for a number of no known form that is unlikely to be a model or a word: `XYZ-2031-77-A`."""
        signs = "".join(self.keys)
        figures = sum(sign.isdigit() for sign in signs)
        letters = sum(sign.isascii() and sign.isalpha() for sign in signs)
        return self.kind == "other" and figures >= max(MIN_SIGNS, letters)

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
    def is_about_number(self) -> bool:
        """True if a number is meant, alone or among words; False for words that merely have letters and figures in them."""
        if any(each.is_sure or each.is_mostly_figures for each in self.readings):
            return True
        first = self.first
        return (
            self.is_number_only and first is not None and (first.kind != "other" or " " not in first.number)
        )

    @property
    def first(self) -> Reading | None:
        """The most certain reading."""
        return self.readings[0] if self.readings else None


NOTHING = RecognisedText()


@functools.lru_cache(maxsize=16_384)
def recognise(text: str, prefixes: frozenset[str] = frozenset()) -> RecognisedText:
    """Recognise the numbers in the first `MAX_LENGTH` characters of a text, but for one that goes on behind them.

    `prefixes`: those of the numbers that this register issues (`GP`, `SD` …).
    """
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", text[:MAX_LENGTH]))
    is_cut = max(len(text), len(plain)) > MAX_LENGTH
    plain = " ".join(plain[:MAX_LENGTH].split())
    without_last = LAST_WORD.sub("", plain) if is_cut else plain
    # Of a long address the query may be cut: the number stands before it.
    if inner := _in_address(
        plain if any(sign in plain[len(without_last) :] for sign in "?#") else without_last
    ):
        return _recognise_plain(inner, prefixes)
    return _recognise_plain(without_last, prefixes, is_cut=is_cut)


def _recognise_plain(text: str, prefixes: frozenset[str], *, is_cut: bool = False) -> RecognisedText:
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
    if (
        ":" in label
        and (of_family := number_families.family_by_form(plain.replace(":", "").replace(" ", "")))
        and number_families.family_by_form(bare.replace(" ", "")) is not of_family
    ):
        sure = Reading("family", plain.replace(":", ""), (whole,), (), of_family.code)  # SC: 101…
    if sure is not None and sure.kind != "other":
        return _recognised([sure, as_written], label, is_number_only=True)
    named = number_families.family_in_text(plain.replace(" ", ""))
    if named is not None:
        family, number = named
        sure = Reading("family", number, (fold_number(number),), (), family.code)
        return _recognised([sure, as_written], "", is_number_only=False)
    found = _standards(plain, is_cut=is_cut)
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
        reading = self._own(plain) or self._code(plain, key) or self._barcode(plain, key)
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
                lookalikes.confused_keys(plain),
                family.code,
                is_guess=is_guess,
            )
        if reading is None and (parsed := standard_numbers.parse(plain)):
            reading = _standard_reading(parsed)
        if reading is None and len(key) >= MIN_SIGNS:
            reading = Reading("other", plain, (key,), lookalikes.confused_keys(plain), number_families.OTHER)
        return reading

    def _own(self, plain: str) -> Reading | None:
        """A number of this register's form, also with letters that were typed for figures or the other way round."""
        number = register_numbers.normalise(plain)
        if number is not None and number.partition("-")[0] in self._prefixes:
            wrong = not register_numbers.check_digit_ok(number)
            near = tuple(fold_number(each) for each in self._own_numbers_like(number)) if wrong else ()
            return Reading("own", number, (fold_number(number),), near, is_wrong=wrong)
        if lookalikes.CONFUSABLE.search(plain) is None or not (like := self._own_numbers_like(plain)):
            return None
        wrong = not register_numbers.check_digit_ok(like[0])
        near = tuple(fold_number(each) for each in like)
        return Reading("own", like[0], (fold_number(plain),), near, is_wrong=wrong, written=plain)

    def _own_numbers_like(self, plain: str) -> list[str]:
        """Numbers of this register's form that a text may have been copied from; all with a right check character, or
        just one without."""
        compact = register_numbers.compact(plain)
        numbers = [
            number
            for prefix in sorted(self._prefixes)
            if lookalikes.skeleton(compact[: len(prefix)]) == lookalikes.skeleton(prefix)
            for check in lookalikes.twins(compact[-1:])
            if (
                number := register_numbers.normalise(
                    prefix + lookalikes.as_figures(compact[len(prefix) : -1]) + check
                )
            )
        ]
        return [number for number in numbers if register_numbers.check_digit_ok(number)] or numbers[:1]

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
            if personal.is_resident_id(lookalikes.as_figures(key)):
                return Reading("resident_id", personal.mask_resident_id(key), (key,), family="resident_id")
            problem = credit_codes.error_code(key)
            like = lookalikes.confused_keys(key) if problem else ()
            near = tuple(each for each in like if credit_codes.error_code(each) is None)
            if problem != "credit_code_characters" or near:
                return Reading("credit_code", key, (key,), near, "credit_code", is_wrong=problem is not None)
        whole = f"91000000{key}0"  # nine figures without a hyphen may be many other things
        may_be_code = len(key) == 9 and (plain[8:9] == "-" or not key[:8].isdigit())
        if (
            may_be_code
            and credit_codes.SHAPE.fullmatch(whole)
            and not credit_codes.organisation_code_is_suspect(whole)
        ):
            return Reading("organisation_code", f"{key[:8]}-{key[8]}", (key,), (), "organisation_code")
        return None

    def _barcode(self, plain: str, key: str) -> Reading | None:
        """A barcode: sure with 13 digits or a word that says so, else where the check digit fits."""
        if len(key) not in certificate_numbers.GTIN_LENGTHS or not key.isascii():
            return None
        if not key.isdigit():
            return self._barcode_with_letters(plain, key)
        number = certificate_numbers.gtin(key)
        wrong = certificate_numbers.gtin_error_code(number) is not None
        sure = self._is_barcode or len(key) == 13 or (len(key) == 14 and key[0] == "0")
        if wrong and not sure:
            return None
        # A case of the goods (first digit 1 to 8) is not the item in it, but near.
        item = "" if number[0] in "09" or wrong else "0" + certificate_numbers.make_gtin(number[1:13])
        near = (item,) if item else ()
        keys = tuple(dict.fromkeys((number, key)))
        return Reading("barcode", number, keys, near, "barcode", is_wrong=wrong, written=plain)

    def _barcode_with_letters(self, plain: str, key: str) -> Reading | None:
        """A barcode in which a few letters were typed for figures, and whose check digit fits once they are figures."""
        figures = lookalikes.as_figures(key)
        number = certificate_numbers.gtin(figures)
        letters = sum(not sign.isdigit() for sign in key)
        sure = self._is_barcode or len(key) >= SURE_BARCODE_LENGTH
        if (
            not sure
            or letters > MAX_LETTERS_IN_BARCODE
            or certificate_numbers.gtin_error_code(number) is not None
        ):
            return None
        near = tuple(dict.fromkeys((number, figures)))
        return Reading("barcode", number, (key,), near, "barcode", is_wrong=True, written=plain)


def _standards(plain: str, *, is_cut: bool) -> list[FoundNumber]:
    """The standards that a text names: as a whole, or behind a label, before a title, two in one."""
    # In running text `as 9` and `hs 9403` are no standards: a year, or a code that nothing else has.
    return [
        each
        for each in standard_numbers.find(plain, is_cut=is_cut)
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
    if match is not None and match.re is BARE_ADDRESS and not PATH_WITH_NUMBER.search(match[2]):
        match = None  # NO.GB/T 35607
    path = (match[2] or "") if match else text if text.startswith(("/", "r/", "R/")) else ""
    path = (
        unquote(path, errors="replace").split(" ")[0] if "%" not in path else unquote(path, errors="replace")
    )
    if not path:
        return ""
    if link := DIGITAL_LINK.search(path):
        return f"GTIN {link[1]}"
    path = PAGE_OF_A_RECORD.sub("", path.rstrip("/"))
    if page := PERMALINK.search(path):
        return " ".join((page[1] or page[2]).split())
    return path.rpartition("/")[2] if match else ""


def _with_family(reading: Reading, code: str) -> Reading:
    """A reading of no sure kind as one of the family that its label names."""
    if (
        reading.kind == "other"
        or (reading.kind == "barcode" and reading.is_wrong)
        or reading.family in number_families.WEAK
    ):
        return Reading("family", reading.number, reading.keys, reading.near, code)
    return reading
