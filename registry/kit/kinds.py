"""Field types: marshmallow fields that answer with issue codes. Registers use the constructors of `kit.fields`.

A field does two things. `deserialize` turns a cell, a form value or a JSON value into the JSON value of the document,
or raises a blocking error (wrong type, impossible date, wrong check digit). `soft_issues` then yields what is doubtful
about a value that could be read (length, pattern, unknown word); the service decides by the kind of actor whether
these block or become standing warnings.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

import marshmallow as ma

from registry.kit.cells import FormattedCell
from registry.kit.codes import Code, CodeList
from registry.kit.issues import Issue, Severity, too_many_items
from registry.kit.list_cells import SEPARATOR, join_cell, split_cell
from registry.reference.identifiers import personal
from registry.reference.text import sparse_dates
from registry.reference.text.damage import find_damage
from registry.reference.text.folding import clean_cell

Audience = Literal["public", "holder", "officer"]
SearchRole = Literal["", "name", "party", "code", "mention", "words"]

MAX_EXACT_INTEGER = 2**53  # beyond it, JSON numbers are not exact (RFC 8259, section 6)
TRUE_WORDS = frozenset({"true", "yes", "y", "1", "是", "有", "对", "√", "✓", "✔", "☑"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "否", "无", "×", "✗", "✘"})
FLOATING = re.compile(r"\d(?:\.\d+)?E\+\d{2}")  # 1.23457E+18: a long number in a spreadsheet program
TEXT_MARKS = ("'", "‘", "’")  # by which a spreadsheet program is told that a number is a text
TEXT_MARK = re.compile(r"^['‘’](?=[0-9A-Za-z])")
YEAR_ALONE = re.compile(r"\d{4}年?")
MAX_QUOTED, MAX_QUOTED_NUMBER = 60, 40  # characters of a wrong value that its issue repeats
# What a sender may give in one field, unless the field says otherwise. More is refused before it is read.
MAX_ITEMS = 500  # of a list
MAX_ROWS = 500  # of a table
MAX_TEXT = 100_000  # characters of one text, lists and tables written as a text among them


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What is known of a field besides its type; frozen, because all instances of a schema share it."""

    label: str  # message id
    help: str = ""  # message id
    audience: Audience = "public"
    search: SearchRole = ""
    facet: bool = False
    aliases: tuple[str, ...] = ()  # further headers seen in sheets
    legal: str = ""  # message id: where the rule of this field comes from


def blocking_error(code: str, **params: object) -> ma.ValidationError:
    """The error that carries an issue through marshmallow; the caller adds the name of the field."""
    return ma.ValidationError([Issue(code, params=params)])


class RegisterField(ma.fields.Field[Any]):
    """Base of all field types: raises codes instead of sentences, and knows soft issues.

    `kind` names the type for forms, sheets and the API. `is_required` is for complete records: marshmallow's own
    `required` stays off, because a draft may lack any field.
    """

    kind = "text"

    def __init__(self, info: FieldInfo, *, required: bool = False) -> None:
        super().__init__(required=False, allow_none=True)
        self.info = info
        self.is_required = required

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **kwargs: Any) -> Any:
        """The value of the document, without the steps of marshmallow that no field here has."""
        return None if value is None else self._deserialize(value, attr, data, **kwargs)

    def size_issue(self, given: Any) -> Issue | None:
        """What is wrong with the mere size of a value, before anything is made of it; None where it may be read."""
        if type(given) is str and len(given) > MAX_TEXT:
            return Issue("too_long", params={"length": len(given), "at_most": MAX_TEXT})
        return None

    def value_of_cell(self, cell: FormattedCell) -> Any:
        """What counts of a cell that shows something else than it holds: its value, in fields of texts its text."""
        return cell.value

    def cell_doubts(self, given: Any, value: Any) -> Iterator[Issue]:
        """Yield what is doubtful about the cell of a workbook from which `deserialize` has made `value`."""
        del given, value
        yield from ()

    def takes(self, number: str) -> bool:
        """True if a number that looks like one of a person is a valid identifier of this field."""
        del number
        return False

    def make_error(self, key: str, **kwargs: Any) -> ma.ValidationError:
        del key
        return blocking_error("wrong_type", value=str(kwargs.get("input", ""))[:MAX_QUOTED])

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        """Yield what is doubtful about a value that `deserialize` has returned, without the field's name."""
        del value
        yield from ()

    def to_cell(self, value: Any) -> str | int | float | bool:
        """The value as one cell of a sheet, which `deserialize` reads back unchanged."""
        return value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)

    def as_printed(self, value: Any) -> str | int | float | bool:
        """The value as `to_cell` gives it, an identifier in the spelling that people know; `deserialize` reads it back unchanged."""
        return self.to_cell(value)


class TextCells(RegisterField):
    """A field that takes from a workbook what its cells show."""

    def value_of_cell(self, cell: FormattedCell) -> Any:
        if cell.doubt == "digits_lost":
            raise blocking_error("digits_lost", value=cell.shown)
        return cell.shown

    def cell_doubts(self, given: Any, value: Any) -> Iterator[Issue]:
        if isinstance(given, dt.date):
            yield Issue("date_in_text", params={"value": given.isoformat(), "shown": value})
        elif isinstance(given, FormattedCell) and given.doubt == "date_in_text":
            yield Issue("date_in_text", params={"value": str(given.value), "shown": given.shown})
        elif isinstance(given, FormattedCell) and given.doubt == "boolean_in_text":
            yield Issue("boolean_in_text", params={"value": given.shown})
        elif isinstance(given, FormattedCell) and given.doubt == "number_in_text" and self.is_code_like:
            yield Issue("number_in_text", params={"value": given.shown})

    @functools.cached_property
    def is_code_like(self) -> bool:
        """True for numbers of things, in which a lost zero matters."""
        return self.info.search in ("code", "mention")


class Text(TextCells):
    """One line of text. Numbers of people in it are masked, unless the field holds numbers itself."""

    def __init__(
        self,
        info: FieldInfo,
        *,
        required: bool = False,
        max_length: int = 500,
        min_length: int = 0,
        pattern: str = "",
        example: str = "",
    ) -> None:
        super().__init__(info, required=required)
        self.max_length = max_length
        self.min_length = min_length
        self.pattern = re.compile(pattern) if pattern else None
        self.example = example

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, str):
            text = self.mask_people(clean_cell(value))
            return TEXT_MARK.sub("", text) if self.is_code_like and text.startswith(TEXT_MARKS) else text
        if isinstance(value, bool | list | dict):
            raise blocking_error("wrong_type", value=str(value)[:MAX_QUOTED])
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    @functools.cached_property
    def is_identifier(self) -> bool:
        """True for addresses and numbers of things, which may look like numbers of people and are not masked."""
        return self.kind == "url" or self.info.search in ("code", "mention")

    def mask_people(self, text: str) -> str:
        """The text with identity and telephone numbers masked."""
        if self.is_identifier or personal.LONG_NUMBER.search(text) is None:
            return text
        return personal.mask_numbers(text)

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        if not self.is_identifier and personal.contains_masked(value):
            yield Issue("personal_masked")
        if len(value) > self.max_length:
            yield Issue("too_long", params={"length": len(value), "at_most": self.max_length})
        if len(value) < self.min_length:
            yield Issue("too_short", params={"length": len(value), "at_least": self.min_length})
        if self.is_code_like and FLOATING.fullmatch(value):
            yield Issue("digits_lost", params={"value": value})
        elif (not self.is_identifier or not value.isascii()) and (damage := find_damage(value)):
            naming = self.is_required or self.info.search == "name"
            severity: Severity = "blocks" if naming and damage == "text_damaged" else "doubts"
            yield Issue(damage, "", {"value": value[:MAX_QUOTED]}, severity)
        if self.pattern and not self.pattern.fullmatch(value):
            yield Issue("pattern", params={"value": value[:MAX_QUOTED], "example": self.example})


class LongText(Text):
    """Running text of several lines."""

    kind = "long"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return self.mask_people("\n".join(clean_cell(line) for line in value.splitlines()).strip())
        return super()._deserialize(value, attr, data, **kwargs)


class Choice(TextCells):
    """A code of a list. A word that the list lacks stays as the source wrote it, with the soft issue `unknown_word`.

    `open_list`: other words are welcome, as names of grading schemes.
    """

    kind = "choice"

    def __init__(
        self, info: FieldInfo, codes: CodeList, *, required: bool = False, open_list: bool = False
    ) -> None:
        super().__init__(info, required=required)
        self.codes = codes
        self.open_list = open_list

    def suggest(self, word: str) -> tuple[Code, ...]:
        """The codes that a word which the list lacks may mean; none where the list is short enough to be read."""
        del word
        return ()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, bool | list | dict):
            raise blocking_error("wrong_type", value=str(value)[:MAX_QUOTED])
        word = clean_cell(str(value))
        return self.codes.find(word) or word

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        if value not in self.codes and not self.open_list:
            yield Issue("unknown_word", params={"value": value[:MAX_QUOTED]})


class Day(RegisterField):
    """A date as a sparse ISO string: a day, or a month or year where the source says no more.

    `not_after_today` is for forms; the rule `not_after_today` checks it.
    """

    kind = "date"

    def value_of_cell(self, cell: FormattedCell) -> Any:
        """The day of a cell; a number is one where it can mean one day only."""
        if isinstance(cell.value, bool | dt.date) or cell.day:
            return cell.shown if isinstance(cell.value, bool) else cell.day or cell.value
        try:
            return sparse_dates.parse_number(cell.value)
        except sparse_dates.DateError as error:
            raise blocking_error(error.code, value=cell.shown) from None

    def __init__(self, info: FieldInfo, *, required: bool = False, not_after_today: bool = False) -> None:
        super().__init__(info, required=required)
        self.not_after_today = not_after_today

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, bool | float | list | dict):
            raise blocking_error("date_shape", value=str(value)[:MAX_QUOTED_NUMBER])
        try:
            if isinstance(value, int):
                return sparse_dates.parse_number(value)
            return sparse_dates.parse(value)
        except sparse_dates.DateError as error:
            raise blocking_error(error.code, value=str(value)[:MAX_QUOTED_NUMBER]) from None


class Integer(RegisterField):
    """A whole number; one outside the bounds, which belong to the range, has a soft issue."""

    kind = "number"

    def __init__(
        self,
        info: FieldInfo,
        *,
        required: bool = False,
        minimum: int | None = None,
        maximum: int | None = None,
    ) -> None:
        super().__init__(info, required=required)
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        number = _parse_number(value)
        if isinstance(number, float):
            raise blocking_error("not_a_number", value=str(value)[:MAX_QUOTED_NUMBER])
        return number

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        if self.minimum is not None and value < self.minimum:
            yield Issue("below_least", params={"value": value, "least": self.minimum})
        if self.maximum is not None and value > self.maximum:
            yield Issue("above_most", params={"value": value, "most": self.maximum})


class Year(Integer):
    """A year, shown without separators; `1903年` is read too, and so is a date, of which the rest is left out."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, dt.date):
            return super()._deserialize(value.year, attr, data, **kwargs)
        written = clean_cell(value).removesuffix("年") if isinstance(value, str) else value
        return super()._deserialize(written, attr, data, **kwargs)

    def cell_doubts(self, given: Any, value: Any) -> Iterator[Issue]:
        day = given.value if isinstance(given, FormattedCell) else given
        shown = given.shown if isinstance(given, FormattedCell) else ""
        if isinstance(day, dt.date) and not YEAR_ALONE.fullmatch(shown):
            yield Issue("date_in_text", params={"value": str(day), "shown": str(value)})


class Number(Integer):
    """A whole number or a fraction."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        return _parse_number(value)


class Flag(RegisterField):
    """Yes or no, in the words of either language."""

    kind = "flag"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, bool):
            return value
        word = clean_cell(str(value)).lower()
        if word in TRUE_WORDS or word in FALSE_WORDS:
            return word in TRUE_WORDS
        raise blocking_error("wrong_type", value=word[:MAX_QUOTED_NUMBER])

    def to_cell(self, value: Any) -> str | int | float | bool:
        return "true" if value else "false"


@dataclass(frozen=True, slots=True)
class IdentifierForm:
    """How an identifier is written in one way, and checked.

    `normalise` gives the canonical spelling, `printed` the one that people know, which `normalise` turns back. `hard_check` and
    `soft_check` give the code of what is wrong, or None; a hard one refuses the value. `details`: further parameters of its message.
    `names_record`: the number is one of the thing that the record is about, such as its barcode: a look-up finds the record.
    `offers`: the values of a short list, for a form; `suggest`: those that another word may mean.
    """

    normalise: Callable[[str], str] = str
    hard_check: Callable[[str], str | None] | None = None
    soft_check: Callable[[str], str | None] | None = None
    names_record: bool = False
    details: Callable[[str, str], dict[str, object]] | None = None
    printed: Callable[[str], str] = str
    offers: Callable[[], tuple[Code, ...]] = tuple
    suggest: Callable[[str], tuple[Code, ...]] = lambda _word: ()


class NormalisedText(Text):
    """An identifier in its canonical spelling."""

    kind = "identifier"
    is_identifier = True

    def __init__(
        self,
        info: FieldInfo,
        form: IdentifierForm,
        *,
        required: bool = False,
        max_length: int = 120,
        pattern: str = "",
        example: str = "",
    ) -> None:
        super().__init__(info, required=required, max_length=max_length, pattern=pattern, example=example)
        self.form = form

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = self.form.normalise(super()._deserialize(value, attr, data, **kwargs))
        if self.form.hard_check and (code := self.form.hard_check(text)):
            details = self.form.details(code, text) if self.form.details else {}
            raise blocking_error(code, value=self.form.printed(text)[:MAX_QUOTED], **details)
        return text

    def as_printed(self, value: Any) -> str | int | float | bool:
        return self.form.printed(str(value))

    def takes(self, number: str) -> bool:
        text = self.form.normalise(number)
        return self.form.hard_check is not None and self.form.hard_check(text) is None

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        yield from super().soft_issues(value)
        if self.form.soft_check and (code := self.form.soft_check(value)):
            yield Issue(code, params={"value": self.form.printed(value)[:MAX_QUOTED]})


class Many(RegisterField):
    """A list of different values of one type; in a sheet separated by `|` (a `|` inside a value is written `\\|`)."""

    kind = "list"

    def __init__(
        self,
        info: FieldInfo,
        inner: RegisterField,
        *,
        required: bool = False,
        min_items: int = 0,
        max_items: int = MAX_ITEMS,
    ) -> None:
        super().__init__(info, required=required or min_items > 0)
        self.inner = inner
        self.max_items = max_items
        if isinstance(inner, TextCells) and info.search in ("code", "mention"):
            inner.is_code_like = True

    def size_issue(self, given: Any) -> Issue | None:
        if type(given) is str:
            if too_long := super().size_issue(given):
                return too_long
            # Each item but the last has a separator; some may stand inside of items.
            count = given.count(SEPARATOR) + 1
            if count > self.max_items:
                count = len(split_cell(given))
        else:
            count = len(given) if isinstance(given, list) else 1
        return too_many_items(count, self.max_items) if count > self.max_items else None

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        parts = split_cell(value) if isinstance(value, str) else value
        if not isinstance(parts, list):
            parts = [parts]
        values: dict[Any, None] = {}
        for part in parts:
            text = part.strip() if isinstance(part, str) else part
            if text not in ("", None):
                item = self.inner.deserialize(text, attr, data, **kwargs)
                if item != "":  # "": only invisible characters were given
                    values.setdefault(item)
        return list(values)

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        for item in value:
            yield from self.inner.soft_issues(item)

    def value_of_cell(self, cell: FormattedCell) -> Any:
        return self.inner.value_of_cell(cell)

    def cell_doubts(self, given: Any, value: Any) -> Iterator[Issue]:
        yield from self.inner.cell_doubts(given, value[0] if value else "")

    def to_cell(self, value: Any) -> str | int | float | bool:
        return join_cell(str(self.inner.to_cell(item)) for item in value)

    def as_printed(self, value: Any) -> str | int | float | bool:
        return join_cell(str(self.inner.as_printed(item)) for item in value)


def issues_of_error(error: ma.ValidationError) -> list[Issue]:
    """The issues inside an error of marshmallow; its own messages become `wrong_type`."""
    messages = error.messages if isinstance(error.messages, list) else [error.messages]
    return [
        each if isinstance(each, Issue) else Issue("wrong_type", params={"value": str(each)[:MAX_QUOTED]})
        for each in messages
    ]


class Rows(RegisterField):
    """A table inside a record (indicators, reviews): a list of objects. In a sheet the cell holds a JSON array.

    When cells are refused, the error carries the rows as far as they could be read (`valid_data`).
    """

    kind = "rows"

    def __init__(
        self,
        info: FieldInfo,
        columns: Mapping[str, RegisterField],
        *,
        required: bool = False,
        max_rows: int = MAX_ROWS,
    ) -> None:
        super().__init__(info, required=required)
        self.columns = dict(columns)
        self.max_rows = max_rows

    def size_issue(self, given: Any) -> Issue | None:
        if isinstance(given, list) and len(given) > self.max_rows:
            return too_many_items(len(given), self.max_rows)
        return super().size_issue(given)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del data, kwargs
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):  # not JSON, or thousands of brackets
                raise blocking_error("wrong_type", value=value[:MAX_QUOTED]) from None
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise blocking_error("wrong_type", value=str(value)[:MAX_QUOTED])
        if too_many := self.size_issue(value):  # rows that were written as a text
            raise ma.ValidationError([too_many])
        rows, issues = [], []
        for number, row in enumerate(value, start=1):
            unknown = set(row) - set(self.columns)
            if unknown:
                raise blocking_error("unknown_field", name=f"{attr}[{number}].{min(unknown)}")
            cells, refused = self._read_cells(row, number)
            rows.append(cells)
            issues += refused
        if issues:  # the rows go along, so that the rules find what else is wrong
            raise ma.ValidationError(issues, valid_data=rows)
        return rows

    def _read_cells(self, row: Mapping[str, Any], number: int) -> tuple[dict[str, Any], list[Issue]]:
        """The cells of a row that hold something readable, and the issues of the others."""
        cells: dict[str, Any] = {}
        issues: list[Issue] = []
        for name, column in self.columns.items():
            given = row.get(name)
            if given is None or given in ("", []):
                continue
            kept = is_short_text(column, given)
            if not kept and (too_large := column.size_issue(given)):
                issues.append(too_large.in_cell(number, name))
                continue
            try:
                if isinstance(given, FormattedCell):
                    given = column.value_of_cell(given)
                    kept = is_short_text(column, given)
                cell = _read_short(column, given) if kept else column.deserialize(given, name, row)
            except ma.ValidationError as error:
                issues += [issue.in_cell(number, name) for issue in issues_of_error(error)]
            else:
                if cell not in ("", []):
                    cells[name] = cell
        return cells, issues

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        for number, row in enumerate(value, start=1):
            for name, column in self.columns.items():
                if name in row:
                    kept = is_short_text(column, row[name])
                    found = (_soft_issues_of_short if kept else type(column).soft_issues)(column, row[name])
                    for issue in found:
                        yield issue.in_cell(number, name)
                elif column.is_required:
                    yield Issue("required").in_cell(number, name)


# A field of these very types, not of one derived from them, reads a cell by itself: nothing else of the row has a part in its
# value. Most columns of a sheet repeat a few words row after row, so that what was made of short cells is kept.
READ_ALONE = frozenset({Text, LongText, Choice, Day, Integer, Year, Number, Flag, NormalisedText})
MAX_KEPT_LENGTH, MAX_KEPT = 64, 4096  # characters of a cell; cells of all fields together


def is_short_text(field: RegisterField, given: Any) -> TypeGuard[str]:
    """True for a cell whose reading may be kept for those that say the same."""
    return type(given) is str and len(given) <= MAX_KEPT_LENGTH and type(field) in READ_ALONE


@functools.lru_cache(maxsize=MAX_KEPT)
def _read_short(column: RegisterField, given: str) -> Any:
    return column.deserialize(given)


@functools.lru_cache(maxsize=MAX_KEPT)
def _soft_issues_of_short(column: RegisterField, value: str) -> tuple[Issue, ...]:
    return tuple(column.soft_issues(value))


def _parse_number(value: Any) -> int | float:
    """A number that JSON keeps exactly: whole below 2**53, else a float. Raises `not_a_number`."""
    if isinstance(value, bool | list | dict):
        raise blocking_error("not_a_number", value=str(value)[:MAX_QUOTED_NUMBER])
    if isinstance(value, int) and abs(value) < MAX_EXACT_INTEGER:
        return value
    try:
        number = float(value if isinstance(value, float) else clean_cell(str(value)).replace(",", ""))
    except (ValueError, OverflowError):
        raise blocking_error("not_a_number", value=str(value)[:MAX_QUOTED_NUMBER]) from None
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is not itself
        raise blocking_error("not_a_number", value=str(value)[:MAX_QUOTED_NUMBER])
    return int(number) if number.is_integer() and abs(number) < MAX_EXACT_INTEGER else number
