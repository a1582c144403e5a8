"""Mappings: TOML files that turn a foreign sheet into the import form of a register.

    about = "Where the sheet comes from, for the reader of this file"
    empty = ["-", "N/A"]                 # cells with these words count as empty
    header_row = 3                       # as a spreadsheet program numbers it; else the row with most of the columns
    worksheet = "名单"                   # its name, its place from 1, or a list of them; else all that have the columns

    [columns]                            # field = "column": taken as written
    name_zh = "gsmc"

    [constants]                          # field = value, the same for every row
    scheme = "energy_saving"

    [fields.status]                      # anything more: one table a field …
    column = "状态"
    values = { "现行" = "in_force" }

    [[fields.scheme]]                    # … or several: the first that gives a value counts
    when = { column = "level", is = "国家级" }
    constant = "national"

    [[rows.indicators]]                  # one row of the list field `indicators`
    skip_if_empty = "kWh"
    constants = { name_zh = "年耗电量", unit = "kWh/yr" }
    texts = { method = "Method" }
    numbers = { value = "kWh", limit = "Limit" }

    [[refuse]]                           # rows that do not belong to the register
    when = { column = "result", empty = true }
    code = "not_of_this_register"
    column = "result"
    params = { reason = "another title, {list_name}" }

A field's table has one source: `column`; `constant`; `template` (`"Refrigerator {Brand Name}"`, empty when all its
columns are); `region` (`{ province = …, city = …, county = …, address = … }`, columns; the GB/T 2260 code, the address
asked when the names give none). Then, in this order and all optional: `replace` (text → text), `pattern` (a regular
expression; what its group `value` matched, empty without a match), `values` (word → code; an unlisted word is kept,
or becomes `otherwise`), `wrap` (`"city:{value}"`), `split` (a separator, or a list of them: gives a list) and `read`, of
each part where the value is split: `date`, `date_mdy` (American), `date_dmy`, `number`, `standard_number` (canonical, or
as written), `standard_kind`, `name` (blanks between Chinese characters dropped), `list` (a list of this one value).
`when` is one condition or a list of them that must all hold: `is`, `in`, `starts`, `matches` (a regular expression found
anywhere) or `empty` over a `column`; `not` in the place of the test turns one round: `not = "注销"`,
`not = ["注销", "吊销"]`, `not = { starts = "拟" }`. Unknown keys are refused, and columns that the sheet lacks are named.
Values the look-ups cannot read stay as written, so that the register's own checks speak of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.tabular.errors import MappingError
from registry.tabular.mapping_parts import (
    PLACEHOLDER,
    Condition,
    RowCells,
    ValueIssue,
    ValueRule,
    parse_conditions,
    parse_number,
    parse_value_rule,
    render_template,
    unknown_keys,
)
from registry.tabular.rows import EVERYTHING, Row, RowIssue, Selection

__all__ = ["MappedRow", "MappingError", "SheetMapping", "load_mapping"]

TOP_LEVEL_KEYS = (
    "about",
    "empty",
    "header_row",
    "worksheet",
    "columns",
    "constants",
    "fields",
    "rows",
    "refuse",
)


@dataclass(slots=True)
class MappedRow:
    """What a register's import takes: values by field, and issues as (code, field or column, parameters)."""

    values: dict[str, object]
    issues: list[RowIssue] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a list field, made of constants and columns."""

    constants: Table[str, object]
    texts: Table[str, str]
    numbers: Table[str, str]
    skip_if_empty: str

    def columns(self) -> list[str]:
        """Columns of the sheet that it reads."""
        return [*self.texts.values(), *self.numbers.values(), *filter(None, [self.skip_if_empty])]

    def build(self, cells: RowCells) -> dict[str, object] | None:
        """The row; None where its deciding column is empty."""
        if self.skip_if_empty and not cells.text(self.skip_if_empty):
            return None
        row = dict(self.constants)
        row |= {name: cells.text(column) for name, column in self.texts.items() if cells.text(column)}
        row |= {
            name: parse_number(cells.text(column))
            for name, column in self.numbers.items()
            if cells.text(column)
        }
        return row


@dataclass(frozen=True, slots=True)
class RefusalRule:
    """Rows that are refused, and the issue that says why; its parameters may name columns in braces."""

    when: tuple[Condition, ...]
    code: str
    column: str
    params: Table[str, str]

    def columns(self) -> list[str]:
        """Columns of the sheet that it reads."""
        in_params = [column for text in self.params.values() for column in PLACEHOLDER.findall(text)]
        return [*(condition.column for condition in self.when), *in_params]

    def issue(self, cells: RowCells) -> RowIssue:
        return RowIssue(
            self.code,
            self.column,
            {name: render_template(text, cells)[:120] for name, text in self.params.items()},
        )


@dataclass(slots=True)
class SheetMapping:
    """A mapping ready for use. Built from TOML that has been checked only for its syntax: ask `problems`."""

    source: Table[str, Any]
    value_rules: dict[str, tuple[ValueRule, ...]] = field(default_factory=dict)
    list_rows: dict[str, tuple[ListRow, ...]] = field(default_factory=dict)
    refusals: tuple[RefusalRule, ...] = ()
    empty_words: frozenset[str] = frozenset()
    selection: Selection = EVERYTHING
    problem_texts: list[str] = field(default_factory=list)
    _columns: frozenset[str] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.problem_texts += unknown_keys(self.source, TOP_LEVEL_KEYS, "the mapping")
        words = self.source.get("empty", [])
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            self.empty_words = frozenset(words)
        else:
            self.problem_texts.append("`empty` is a list of words")
        self._read_selection()
        self._read_fields()
        self._read_lists()
        self._read_refusals()
        if not self.value_rules:
            self.problem_texts.append("the mapping fills no field")

    def problems(self) -> list[str]:
        """What contradicts itself in the mapping; empty when all is well."""
        return list(self.problem_texts)

    def needed_columns(self) -> list[str]:
        """Columns of the sheet that the mapping reads, each once."""
        names = [column for takes in self.value_rules.values() for take in takes for column in take.columns()]
        names += [column for rows in self.list_rows.values() for row in rows for column in row.columns()]
        names += [column for refusal in self.refusals for column in refusal.columns()]
        return list(dict.fromkeys(names))

    def fields(self) -> list[str]:
        """Fields that the mapping fills."""
        return [*self.value_rules, *self.list_rows]

    def meaning(self, cell: str) -> str | None:
        """The header cell itself if the mapping reads it."""
        return cell if cell in self._known_columns() else None

    def identifies(self, meanings: Collection[str]) -> bool:
        """True if these are all columns that the mapping reads."""
        return self._known_columns() <= set(meanings)

    def _known_columns(self) -> frozenset[str]:
        if self._columns is None:
            self._columns = frozenset(self.needed_columns())
        return self._columns

    def check_header(self, header: Sequence[str]) -> None:
        """Raises `MappingError` naming the columns that the sheet lacks."""
        missing = [name for name in self.needed_columns() if name not in header]
        if missing:
            raise MappingError(f"the sheet has no column {', '.join(map(repr, missing))}")

    def apply(self, row: Row) -> MappedRow:
        """The row in the form of the register. Never raises on what cells hold."""
        cells = RowCells(row.cells, self.empty_words)
        mapped = MappedRow({})
        for refusal in self.refusals:
            if all(condition.holds(cells) for condition in refusal.when):
                mapped.issues.append(refusal.issue(cells))
        for name, takes in self.value_rules.items():
            value, issues = _first_value(takes, cells)
            if value not in ("", None, []):
                mapped.values[name] = value
            mapped.issues += [RowIssue(issue.code, name, issue.params) for issue in issues]
        for name, rows in self.list_rows.items():
            if made := [one for one in (row.build(cells) for row in rows) if one is not None]:
                mapped.values[name] = made
        return mapped

    def _read_selection(self) -> None:
        row = self.source.get("header_row")
        if row is not None and not (isinstance(row, int) and not isinstance(row, bool) and row >= 1):
            self.problem_texts.append("`header_row` is the number of a row, from 1")
            row = None
        given = self.source.get("worksheet", [])
        worksheets = given if isinstance(given, list) else [given]
        if not all(isinstance(each, str | int) and not isinstance(each, bool) for each in worksheets):
            self.problem_texts.append("`worksheet` is a name, a place from 1, or a list of them")
            worksheets = []
        self.selection = Selection(row, tuple(worksheets))

    def _read_fields(self) -> None:
        for name, column in self._table("columns").items():
            self._add(name, [{"column": column}])
        for name, value in self._table("constants").items():
            self._add(name, [{"constant": value}])
        for name, given in self._table("fields").items():
            self._add(name, given if isinstance(given, list) else [given])

    def _add(self, name: str, tables: Iterable[object]) -> None:
        if name in self.value_rules:
            self.problem_texts.append(f"field {name} is given twice")
        self.value_rules[name] = tuple(
            parse_value_rule(table, f"field {name}", self.problem_texts) for table in tables
        )

    def _read_lists(self) -> None:
        for name, given in self._table("rows").items():
            where = f"rows of {name}"
            if name in self.value_rules:
                self.problem_texts.append(f"field {name} is given twice")
            rows = given if isinstance(given, list) else [given]
            self.list_rows[name] = tuple(self._list_row(row, where) for row in rows)

    def _list_row(self, table: object, where: str) -> ListRow:
        if not isinstance(table, dict):
            self.problem_texts.append(f"{where}: a table is required")
            table = {}
        self.problem_texts += unknown_keys(table, ("constants", "texts", "numbers", "skip_if_empty"), where)
        parts: dict[str, dict[str, Any]] = {}
        for key in ("constants", "texts", "numbers"):
            part = table.get(key, {})
            fits = isinstance(part, dict) and (
                key == "constants" or all(isinstance(v, str) for v in part.values())
            )
            if not fits:
                self.problem_texts.append(f"{where}: `{key}` is a table of names and columns")
            parts[key] = part if fits else {}
        skip = table.get("skip_if_empty", "")
        if not isinstance(skip, str):
            self.problem_texts.append(f"{where}: `skip_if_empty` is a column")
            skip = ""
        return ListRow(parts["constants"], parts["texts"], parts["numbers"], skip)

    def _read_refusals(self) -> None:
        given = self.source.get("refuse", [])
        if not isinstance(given, list) or not all(isinstance(table, dict) for table in given):
            self.problem_texts.append("`refuse` is written [[refuse]]: a table is required each time")
            return
        refusals = []
        for index, table in enumerate(given, start=1):
            where = f"refuse {index}"
            self.problem_texts += unknown_keys(table, ("when", "code", "column", "params"), where)
            params = table.get("params", {})
            if not isinstance(table.get("code"), str) or not table.get("when"):
                self.problem_texts.append(f"{where}: `when` and `code` are needed")
            elif not isinstance(params, dict) or not all(isinstance(text, str) for text in params.values()):
                self.problem_texts.append(f"{where}: `params` is a table of texts")
            else:
                when = parse_conditions(table["when"], where, self.problem_texts)
                refusals.append(RefusalRule(when, table["code"], str(table.get("column", "")), params))
        self.refusals = tuple(refusals)

    def _table(self, key: str) -> dict[str, Any]:
        given = self.source.get(key, {})
        if isinstance(given, dict):
            return given
        self.problem_texts.append(f"`{key}` is a table")
        return {}


def _first_value(rules: Iterable[ValueRule], cells: RowCells) -> tuple[object, list[ValueIssue]]:
    """The first value that one of the rules gives, with its issues; where none does, "" and the issues of all."""
    issues: list[ValueIssue] = []
    for rule in rules:
        if not all(condition.holds(cells) for condition in rule.when):
            continue
        value, value_issues = rule.evaluate(cells)
        if value not in ("", None, []):
            return value, value_issues
        issues += value_issues
    return "", issues


def load_mapping(path: Path) -> SheetMapping:
    """Read and check a mapping. Raises `MappingError` with all its problems in one text."""
    try:
        source = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise MappingError(f"{path.name} cannot be read: {problem.strerror}") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise MappingError(f"{path.name} is not TOML: {problem}") from problem
    mapping = SheetMapping(source)
    if problems := mapping.problems():
        raise MappingError(f"{path.name}: {'; '.join(problems)}")
    return mapping
