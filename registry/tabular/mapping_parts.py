"""The parts of a mapping: conditions over columns, and rules that make one value of a row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from registry.kit.cells import FormattedCell
from registry.reference.code_lists import regions
from registry.reference.identifiers import standard_numbers
from registry.reference.text import sparse_dates
from registry.reference.text.folding import clean_cell
from registry.tabular.rows import Cell

SOURCES = ("column", "constant", "template", "region")
STEPS = ("when", "replace", "pattern", "values", "otherwise", "wrap", "split", "read")
CONDITION_TESTS = ("is", "in", "starts", "matches", "empty", "not")
REGION_PARTS = ("province", "city", "county", "address")
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")


class ValueIssue(NamedTuple):
    """What is wrong with a value: a code, and parameters that fit its message."""

    code: str
    params: dict[str, object]


class RowCells:
    """The cells of a row as texts of one line; words that mean "nothing" are empty."""

    __slots__ = ("_cells", "_empty")

    def __init__(self, cells: Mapping[str, Cell], empty: frozenset[str]) -> None:
        self._cells = cells
        self._empty = empty

    def text(self, column: str) -> str:
        """The cell of a column, "" for one that the row lacks."""
        cell = self._cells.get(column, "")
        if isinstance(cell, FormattedCell) and isinstance(cell.value, dt.date):
            cell = cell.value
        if isinstance(cell, dt.date):
            return sparse_dates.parse(cell)
        text = clean_cell(cell) if isinstance(cell, str) else str(cell)
        return "" if text in self._empty else text


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one column."""

    column: str
    test: Callable[[str], bool]

    def holds(self, cells: RowCells) -> bool:
        """True if the row meets the condition."""
        return self.test(cells.text(self.column))


@dataclass(frozen=True, slots=True)
class ValueRule:
    """How one value is made: source, then the steps in their fixed order."""

    source: str
    operand: Any
    when: tuple[Condition, ...] = ()
    replace: Mapping[str, str] | None = None
    pattern: re.Pattern[str] | None = None
    values: Mapping[str, object] | None = None
    otherwise: object = None
    wrap: str = ""
    split: re.Pattern[str] | None = None
    read: str = ""

    def columns(self) -> list[str]:
        """Columns it reads, its conditions' among them."""
        names = [condition.column for condition in self.when]
        if self.source == "column":
            names.append(self.operand)
        elif self.source == "template":
            names += PLACEHOLDER.findall(self.operand)
        elif self.source == "region":
            names += self.operand.values()
        return names

    def evaluate(self, cells: RowCells) -> tuple[object, list[ValueIssue]]:
        """The value, "" where the row has none, and issues about it."""
        if self.source == "constant":
            return self.operand, []
        issues: list[ValueIssue] = []
        if self.source == "region":
            text, issues = _find_region(self.operand, cells)
        elif self.source == "template":
            text = render_template(self.operand, cells)
        else:
            text = cells.text(self.operand)
        return self._apply_steps(text), issues

    def _apply_steps(self, text: str) -> object:
        for old, new in (self.replace or {}).items():
            text = text.replace(old, new)
        if self.pattern:
            match = self.pattern.search(text)
            text = (match["value"] or "").strip() if match else ""
        if not text:
            return ""
        value: object = text
        if self.values is not None:
            value = self.values.get(text, text if self.otherwise is None else self.otherwise)
        if self.wrap:
            value = self.wrap.replace("{value}", str(value))
        reader = READERS[self.read] if self.read else None
        if self.split:
            parts = [part for part in map(str.strip, self.split.split(str(value))) if part]
            return [reader(part) for part in parts] if reader else parts
        return reader(value) if reader else value


def _find_region(columns: Mapping[str, str], cells: RowCells) -> tuple[str, list[ValueIssue]]:
    names = {part: cells.text(column) for part, column in columns.items()}
    address = names.pop("address", "")
    code = regions.find_code(names.get("province", ""), names.get("city", ""), names.get("county", ""))
    code = code or (regions.find_code_in_address(address) if address else None)
    if code:
        return code, []
    written = " ".join(filter(None, (*names.values(), address)))
    return "", [ValueIssue("region_unknown", {"value": written[:60]})] if written else []


def render_template(template: str, cells: RowCells) -> str:
    """The template with the row's cells; empty when it names columns and all of them are."""
    columns = {name: cells.text(name) for name in PLACEHOLDER.findall(template)}
    if columns and not any(columns.values()):
        return ""
    return clean_cell(PLACEHOLDER.sub(lambda match: columns[match[1]], template))


def parse_number(written: object) -> object:
    """A number of a text, whole where it is whole; other texts as written, for the register to refuse."""
    try:
        number = float(str(written).replace(",", ""))
    except ValueError:
        return written
    if number != number or abs(number) == float("inf"):  # noqa: PLR0124 - NaN is not itself
        return written
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _date_reader(order: sparse_dates.Order) -> Callable[[object], object]:
    def read(written: object) -> object:
        try:
            return sparse_dates.parse(str(written), order)
        except ValueError:
            return written

    return read


def _standard_kind(written: object) -> object:
    parsed = standard_numbers.parse(str(written))
    return parsed.kind if parsed else ""


READERS: dict[str, Callable[[object], object]] = {
    "date": _date_reader("ymd"),
    "date_mdy": _date_reader("mdy"),
    "date_dmy": _date_reader("dmy"),
    "number": parse_number,
    "standard_number": lambda written: standard_numbers.canonical_or_written(str(written))[0],
    "standard_kind": _standard_kind,
    "name": lambda written: BETWEEN_HAN.sub("", str(written)),
    "list": lambda written: [written],
}


# --- Parsing of TOML: errors are appended to `problems`, so that all of them are reported together -----------


def unknown_keys(table: Mapping[str, Any], known: Sequence[str], where: str) -> list[str]:
    return [f"{where}: unknown key {key!r}" for key in table if key not in known]


def parse_value_rule(table: object, where: str, problems: list[str]) -> ValueRule:
    nothing = ValueRule("constant", "")
    if not isinstance(table, dict):
        problems.append(f"{where}: a table is required")
        return nothing
    problems += unknown_keys(table, SOURCES + STEPS, where)
    sources = [name for name in SOURCES if name in table]
    if len(sources) != 1:
        problems.append(f"{where}: exactly one of {', '.join(SOURCES)} is required")
        return nothing
    source = sources[0]
    given = table[source]
    if source == "region":
        _check_region(given, where, problems)
    elif source != "constant" and not is_text(given):
        problems.append(f"{where}: `{source}` is a text")
    problems_before = len(problems)
    _check_steps(table, source, where, problems)
    if len(problems) > problems_before or not isinstance(given, dict if source == "region" else object):
        return nothing
    pattern = table.get("pattern")
    return ValueRule(
        source,
        given,
        parse_conditions(table.get("when", []), where, problems),
        table.get("replace"),
        compile_pattern(pattern, where, problems, group="value") if pattern else None,
        table.get("values"),
        table.get("otherwise"),
        table.get("wrap", ""),
        _separator_pattern(table.get("split")),
        table.get("read", ""),
    )


def _separator_pattern(split: Any) -> re.Pattern[str] | None:
    """Matches each of the separators of a `split`; None where there is none."""
    separators = split if isinstance(split, list) else [split] if split else []
    return (
        re.compile("|".join(re.escape(each) for each in sorted(separators, key=len, reverse=True)))
        if separators
        else None
    )


def _check_region(operand: object, where: str, problems: list[str]) -> None:
    if (
        not isinstance(operand, dict)
        or not operand
        or not all(isinstance(name, str) for name in operand.values())
    ):
        problems.append(f"{where}: `region` is a table of columns")
    else:
        problems += unknown_keys(operand, REGION_PARTS, f"{where}, region")


def _check_steps(table: Mapping[str, Any], source: str, where: str, problems: list[str]) -> None:
    steps = [name for name in STEPS if name in table and name != "when"]
    if source == "constant" and steps:
        problems.append(f"{where}: a constant takes no {', '.join(steps)}")
    problems += [
        f"{where}: `{name}` is a table"
        for name in ("replace", "values")
        if not isinstance(table.get(name, {}), dict)
    ]
    if not all(isinstance(new, str) for new in _values_of(table.get("replace"))):
        problems.append(f"{where}: `replace` puts texts in place of texts")
    split = table.get("split", "…")
    if not is_text(split) and not (isinstance(split, list) and split and all(map(is_text, split))):
        problems.append(f"{where}: `split` is a separator or a list of them")
    for name in ("wrap", "read", "pattern"):
        problems += [f"{where}: `{name}` is a text"] if not is_text(table.get(name, "…")) else []
    if "otherwise" in table and "values" not in table:
        problems.append(f"{where}: `otherwise` belongs to `values`")
    if isinstance(table.get("wrap"), str) and "{value}" not in table["wrap"]:
        problems.append(f"{where}: `wrap` has no {{value}}")
    if is_text(table.get("read")) and table["read"] not in READERS:
        problems.append(f"{where}: `read` is one of {', '.join(READERS)}")
    if "split" in table and table.get("read") == "list":
        problems.append(f'{where}: `split` and `read = "list"` exclude each other')


def is_text(given: object) -> bool:
    return isinstance(given, str) and bool(given)


def _values_of(table: object) -> Iterable[object]:
    return table.values() if isinstance(table, dict) else ()


def parse_conditions(given: object, where: str, problems: list[str]) -> tuple[Condition, ...]:
    tables = given if isinstance(given, list) else [given]
    conditions = (_parse_condition(table, where, problems) for table in tables)
    return tuple(condition for condition in conditions if condition)


def _parse_condition(table: object, where: str, problems: list[str]) -> Condition | None:
    if not isinstance(table, dict) or not isinstance(table.get("column"), str):
        problems.append(f"{where}: a condition names a `column`")
        return None
    problems += unknown_keys(table, ("column", *CONDITION_TESTS), f"{where}, condition")
    tests = [name for name in CONDITION_TESTS if name in table]
    if len(tests) != 1:
        problems.append(f"{where}: a condition has exactly one of {', '.join(CONDITION_TESTS)}")
        return None
    test = tests[0]
    operand: Any = table[test]
    if test == "not":
        return _negated_condition(table["column"], operand, where, problems)
    expected = {"in": list, "empty": bool}.get(test, str)
    fits = isinstance(operand, expected)
    if not fits:
        problems.append(f"{where}: `{test}` takes a {expected.__name__}")
        return None
    pattern = compile_pattern(operand, where, problems) if test == "matches" else re.compile("")
    made: dict[str, Callable[[str], bool]] = {
        "is": lambda text: text == operand,
        "in": lambda text: text in operand,
        "starts": lambda text: text.startswith(operand),
        "matches": lambda text: pattern.search(text) is not None,
        "empty": lambda text: (not text) is operand,
    }
    return Condition(table["column"], made[test])


def _negated_condition(column: str, operand: object, where: str, problems: list[str]) -> Condition | None:
    """A condition that holds where another does not: of a word, of a list of words, or of a test in a table."""
    tables: dict[type, dict[str, object]] = {str: {"is": operand}, list: {"in": operand}}
    inner = operand if isinstance(operand, dict) else tables.get(type(operand))
    if inner is None or "not" in inner:
        problems.append(f"{where}: `not` takes a word, a list of words or one test")
        return None
    condition = _parse_condition({"column": column, **inner}, where, problems)
    if condition is None:
        return None
    test = condition.test
    return Condition(column, lambda text: not test(text))


def compile_pattern(pattern: str, where: str, problems: list[str], *, group: str = "") -> re.Pattern[str]:
    """A compiled regular expression. An invalid one matches nothing, and is appended to `problems`."""
    try:
        made = re.compile(pattern)
    except re.error as problem:
        problems.append(f"{where}: {pattern!r} is no regular expression: {problem}")
        return re.compile("(?!)")
    if group and group not in made.groupindex:
        problems.append(f"{where}: {pattern!r} has no group (?P<{group}>…)")
    return made
