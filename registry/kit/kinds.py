"""Field types: marshmallow fields with frozen `Facts`. Registers write the constructors of `kit.fields`.

A field does two things. `deserialize` turns what came in into the JSON value of the document, or raises a
hard issue (wrong type, impossible date, wrong check digit). `examine` then looks at a value that holds and
yields the softer issues (length, pattern, unknown word); the service decides by moment and actor whether
those block or stand as warnings.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import marshmallow as ma

from registry.kit.codes import CodeList
from registry.kit.issues import Issue
from registry.reference.identifiers import personal
from registry.reference.text import sparse_dates
from registry.reference.text.folding import clean_cell

Audience = Literal["public", "holder", "officer"]
SearchRole = Literal["", "name", "party", "code", "mention", "words"]

SEPARATOR = "|"
ESCAPED_SEPARATOR = re.compile(
    r"(\\*)\|"
)  # a separator, or a `|` of the text with an odd number of backslashes before it
MAX_EXACT_INTEGER = 2**53  # beyond it, JSON numbers are not exact (RFC 8259, section 6)
TRUE_WORDS = frozenset({"true", "yes", "y", "1", "是", "有"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "否", "无"})


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What is known of a field besides its type. Never mutated: schema instances share it."""

    label: str  # message id
    help: str = ""  # message id
    audience: Audience = "public"
    search: SearchRole = ""
    facet: bool = False
    aliases: tuple[str, ...] = ()  # further headers seen in sheets
    legal: str = ""  # message id: where the rule of this field comes from


def blocking_error(code: str, **params: object) -> ma.ValidationError:
    """An issue that travels through marshmallow unharmed."""
    return ma.ValidationError([Issue(code, params=params)])


class RegisterField(ma.fields.Field[Any]):
    """Base of all fields here: codes instead of sentences, and `examine` for what does not stop a row."""

    kind = "text"

    def __init__(self, facts: FieldInfo, *, required: bool = False) -> None:
        super().__init__(required=False, allow_none=True, metadata={"facts": facts})
        self.info = facts
        self.is_required = required

    def make_error(self, key: str, **kwargs: Any) -> ma.ValidationError:
        del key
        return blocking_error("wrong_type", value=str(kwargs.get("input", ""))[:60])

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        """Soft issues of a value that holds."""
        del value
        yield from ()

    def to_cell(self, value: Any) -> str | int | float | bool:
        """The value as one cell of a sheet; `deserialize` reads it back unchanged."""
        return value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)


class Text(RegisterField):
    def __init__(
        self,
        facts: FieldInfo,
        *,
        required: bool = False,
        max_length: int = 500,
        min_length: int = 0,
        pattern: str = "",
        example: str = "",
    ) -> None:
        super().__init__(facts, required=required)
        self.max_length = max_length
        self.min_length = min_length
        self.pattern = re.compile(pattern) if pattern else None
        self.example = example

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, str):
            return self.mask_people(clean_cell(value))
        if isinstance(value, bool | list | dict):
            raise blocking_error("wrong_type", value=str(value)[:60])
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)

    @functools.cached_property
    def is_identifier(self) -> bool:
        """An address or the number of a thing, which may look like one of a person: certificate, model, report."""
        return self.kind == "url" or self.info.search in ("code", "mention")

    def mask_people(self, text: str) -> str:
        return text if self.is_identifier else personal.mask_numbers(text)

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        if not self.is_identifier and personal.contains_masked(value):
            yield Issue("personal_masked")
        if len(value) > self.max_length:
            yield Issue("too_long", params={"length": len(value), "at_most": self.max_length})
        if len(value) < self.min_length:
            yield Issue("too_short", params={"length": len(value), "at_least": self.min_length})
        if self.pattern and not self.pattern.fullmatch(value):
            yield Issue("pattern", params={"value": value[:60], "example": self.example})


class LongText(Text):
    """Running text: line ends are kept."""

    kind = "long"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return self.mask_people("\n".join(clean_cell(line) for line in value.splitlines()).strip())
        return super()._deserialize(value, attr, data, **kwargs)


class Choice(RegisterField):
    """A code of a list. A word the list lacks is kept as the source wrote it and examined as unknown."""

    kind = "choice"

    def __init__(
        self, facts: FieldInfo, codes: CodeList, *, required: bool = False, open_list: bool = False
    ) -> None:
        super().__init__(facts, required=required)
        self.codes = codes
        self.open_list = open_list  # words of one's own are welcome (grading schemes are data)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, bool | list | dict):
            raise blocking_error("wrong_type", value=str(value)[:60])
        word = clean_cell(str(value))
        return self.codes.find(word) or word

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        if value not in self.codes and not self.open_list:
            yield Issue("unknown_word", params={"value": value[:60]})


class Day(RegisterField):
    """A date, or a year or year and month where a source says no more: kept as a sparse ISO string."""

    kind = "date"

    def __init__(self, facts: FieldInfo, *, required: bool = False, not_after_today: bool = False) -> None:
        super().__init__(facts, required=required)
        self.not_after_today = not_after_today

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, bool | float | list | dict):
            raise blocking_error("date_shape", value=str(value)[:40])
        try:
            return sparse_dates.parse(str(value) if isinstance(value, int) else value)
        except ValueError as problem:
            code = str(getattr(problem, "code", "") or problem)
            raise blocking_error(
                code if code in ("date_shape", "date_does_not_exist") else "date_shape", value=str(value)[:40]
            ) from None


class Integer(RegisterField):
    """A whole number within bounds."""

    kind = "number"

    def __init__(
        self,
        facts: FieldInfo,
        *,
        required: bool = False,
        minimum: int | None = None,
        maximum: int | None = None,
    ) -> None:
        super().__init__(facts, required=required)
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        number = _parse_number(value)
        if isinstance(number, float):
            raise blocking_error("not_a_number", value=str(value)[:40])
        return number

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        if self.minimum is not None and value < self.minimum:
            yield Issue("below_least", params={"value": value, "least": self.minimum})
        if self.maximum is not None and value > self.maximum:
            yield Issue("above_most", params={"value": value, "most": self.maximum})


class Year(Integer):
    """A year: a name, not a quantity, and so written without separators; `1903年` is one too."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        written = clean_cell(value).removesuffix("年") if isinstance(value, str) else value
        return super()._deserialize(written, attr, data, **kwargs)


class Number(Integer):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        return _parse_number(value)


class Flag(RegisterField):
    kind = "flag"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, bool):
            return value
        word = clean_cell(str(value)).lower()
        if word in TRUE_WORDS or word in FALSE_WORDS:
            return word in TRUE_WORDS
        raise blocking_error("wrong_type", value=word[:40])

    def to_cell(self, value: Any) -> str | int | float | bool:
        return "true" if value else "false"


class NormalisedText(Text):
    """Text with a normaliser, a hard check and a soft check: identifiers."""

    kind = "identifier"
    is_identifier = True

    def __init__(
        self,
        facts: FieldInfo,
        *,
        normalise: Callable[[str], str] = str,
        hard_check: Callable[[str], str | None] | None = None,
        soft_check: Callable[[str], str | None] | None = None,
        required: bool = False,
        max_length: int = 120,
        pattern: str = "",
        example: str = "",
    ) -> None:
        super().__init__(facts, required=required, max_length=max_length, pattern=pattern, example=example)
        self.normalise = normalise
        self.hard_check = hard_check
        self.soft_check = soft_check

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        text = self.normalise(text)
        if self.hard_check and (code := self.hard_check(text)):
            raise blocking_error(code, value=text[:60])
        return text

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        yield from super().soft_issues(value)
        if self.soft_check and (code := self.soft_check(value)):
            yield Issue(code, params={"value": value[:60]})


class Many(RegisterField):
    """A list of values of one field; in a sheet separated by `|` (a `|` inside a value is written `\\|`)."""

    kind = "list"

    def __init__(
        self, facts: FieldInfo, inner: RegisterField, *, required: bool = False, min_items: int = 0
    ) -> None:
        super().__init__(facts, required=required or min_items > 0)
        self.inner = inner

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        parts = split_cell(value) if isinstance(value, str) else value
        if not isinstance(parts, list):
            parts = [parts]
        values = []
        for part in parts:
            text = part.strip() if isinstance(part, str) else part
            if text not in ("", None):
                item = self.inner.deserialize(text, attr, data, **kwargs)
                if item != "" and item not in values:  # what is only unseen characters is nothing
                    values.append(item)
        return values

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        for item in value:
            yield from self.inner.soft_issues(item)

    def to_cell(self, value: Any) -> str | int | float | bool:
        return join_cell(str(self.inner.to_cell(item)) for item in value)


def join_cell(items: Iterable[str]) -> str:
    """Items with `|` between them; a `|` of an item is written `\\|`, backslashes before either are doubled."""
    marked = [ESCAPED_SEPARATOR.sub(r"\1\1\\|", item) for item in items]
    doubled = [item + "\\" * (len(item) - len(item.rstrip("\\"))) for item in marked[:-1]]
    return SEPARATOR.join([*doubled, *marked[-1:]])


def split_cell(cell: str) -> list[str]:
    """The items that `join_cell` joined."""
    items, item, at = [], "", 0
    for found in ESCAPED_SEPARATOR.finditer(cell):
        slashes = len(found[1])
        item += cell[at : found.start()] + "\\" * (slashes // 2)
        at = found.end()
        if slashes % 2:
            item += SEPARATOR
        else:
            items.append(item)
            item = ""
    return [*items, item + cell[at:]]


def _issues_of_cell(error: ma.ValidationError, row: int, column: str) -> list[Issue]:
    """The issues of a cell, which name its row and column."""
    found = error.messages if isinstance(error.messages, list) else [error.messages]
    issues = (
        each if isinstance(each, Issue) else Issue("wrong_type", params={"value": str(each)[:60]})
        for each in found
    )
    return [_with_cell(issue, row, column) for issue in issues]


def _with_cell(issue: Issue, row: int, column: str) -> Issue:
    return replace(issue, params={**issue.params, "row": row, "column": column})


class Rows(RegisterField):
    """A table inside a record (indicators, reviews). In a sheet the cell holds a JSON array."""

    kind = "rows"

    def __init__(
        self, facts: FieldInfo, columns: Mapping[str, RegisterField], *, required: bool = False
    ) -> None:
        super().__init__(facts, required=required)
        self.columns = dict(columns)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del data, kwargs
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):  # no JSON, or thousands of brackets
                raise blocking_error("wrong_type", value=value[:60]) from None
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise blocking_error("wrong_type", value=str(value)[:60])
        rows, issues = [], []
        for place, row in enumerate(value, start=1):
            unknown = set(row) - set(self.columns)
            if unknown:
                raise blocking_error("unknown_field", name=f"{attr}[{place}].{min(unknown)}")
            made: dict[str, Any] = {}
            for name, column in self.columns.items():
                if row.get(name) in (None, "", []):
                    continue
                try:
                    made[name] = column.deserialize(row[name], name, row)
                except ma.ValidationError as problem:
                    issues += _issues_of_cell(problem, place, name)
            rows.append({name: cell for name, cell in made.items() if cell not in ("", [])})
        if issues:  # what could be read goes along, so that the rules find the rest
            raise ma.ValidationError(issues, valid_data=rows)
        return rows

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        for place, row in enumerate(value, start=1):
            for name, column in self.columns.items():
                if name in row:
                    yield from (_with_cell(issue, place, name) for issue in column.soft_issues(row[name]))
                elif column.is_required:
                    yield _with_cell(Issue("required"), place, name)


def _parse_number(value: Any) -> int | float:
    if isinstance(value, bool | list | dict):
        raise blocking_error("not_a_number", value=str(value)[:40])
    if isinstance(value, int) and abs(value) < MAX_EXACT_INTEGER:
        return value
    try:
        number = float(value if isinstance(value, float) else clean_cell(str(value)).replace(",", ""))
    except (ValueError, OverflowError):
        raise blocking_error("not_a_number", value=str(value)[:40]) from None
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is not itself
        raise blocking_error("not_a_number", value=str(value)[:40])
    return int(number) if number.is_integer() and abs(number) < MAX_EXACT_INTEGER else number
