"""What became of the rows of sheets: counts, the sheet that goes back to its sender, and the end of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from registry.i18n import _, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.reference.identifiers import personal
from registry.services.exchange.headers import RECORD_COLUMN_LABELS, field_label
from registry.services.exchange.pipeline import FieldChange, RowResult
from registry.services.publication.publishing import CREATED, REFUSED, UNCHANGED, UPDATED
from registry.services.publication.record_columns import number_slug
from registry.tabular.rows import Cell, Row, plain_cell

NUMBER, STATUS = "number", "status"
REPORT_COLUMNS = ("row", "field", "code", "message")
RESULTS_COLUMNS = ("row", "result", "permalink", "field", "code", "message")
# What a results sheet in Chinese calls its columns and what became of a row; in English they are the words of programs.
CHINESE_COLUMNS = {
    "row": "行号",
    "result": "处理结果",
    "permalink": "固定网址",
    "field": "字段",
    "code": "问题代码",
    "message": "说明",
    NUMBER: "登记编号",
}
CHINESE_RESULTS = {CREATED: "已公开", UPDATED: "已修改", UNCHANGED: "无变化", REFUSED: "未通过"}
MAX_FIRST_CHANGES = 10  # changed records on the screen
MAX_QUOTED_VALUE = 80  # characters of a value in a line about a change
MAX_FIRST_ISSUES = 10  # on the screen; all of them are in the report


@dataclass(slots=True)
class Counts:
    """How many rows were created, updated, left unchanged and refused."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    def add(self, results: Iterable[RowResult]) -> None:
        counted = Counter(result.result for result in results)
        self.created += counted[CREATED]
        self.updated += counted[UPDATED]
        self.unchanged += counted[UNCHANGED]
        self.refused += counted[REFUSED]

    def summary(self) -> str:
        """The line that programs read: digits without separators, English in every locale."""
        return f"created {self.created}, updated {self.updated}, unchanged {self.unchanged}, refused {self.refused}"


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Where a results sheet names the record of a row. `header`: of the sheet's own column for it, if it has one."""

    header: str | None
    base_url: str

    def permalink(self, number: str) -> str:
        return f"{self.base_url}/r/{number_slug(number)}" if number else ""


class ResultsSheet:
    """A sheet as it came, with columns that say what became of each row. It may be corrected and sent again.

    `columns`: some of `RESULTS_COLUMNS`, the last ones of `header`. `describe` puts an issue into words,
    `describe_changes` what became of the facts of a record. `definition`: with it, columns, results and fields are
    in Chinese. With `numbers`, each row has the number of its record: in the sheet's own column, else in one before all others.
    """

    def __init__(
        self,
        sheet_header: Sequence[str],
        columns: Sequence[str],
        describe: Callable[[Issue], str],
        *,
        numbers: NumberColumn | None = None,
        describe_changes: Callable[[Sequence[FieldChange]], str] = lambda _changes: "",
        definition: RegisterDefinition | None = None,
    ) -> None:
        self._describe_changes = describe_changes
        self._definition = definition
        words = {CHINESE_COLUMNS[name] for name in columns}
        self._own = [name for name in sheet_header if name not in columns and name not in words]
        self._columns = columns
        self._describe = describe
        self._numbers = numbers
        self._adds_number = numbers is not None and numbers.header is None
        before = [NUMBER] if self._adds_number else []
        self.header = [*map(self._column, before), *self._own, *map(self._column, columns)]

    def _column(self, name: str) -> str:
        return CHINESE_COLUMNS[name] if self._definition else name

    def _field(self, name: str) -> str:
        if self._definition is None:
            return name
        known = name in self._definition.schema.register_fields() or name in RECORD_COLUMN_LABELS
        return field_label(self._definition, name, "zh") if known else name

    def line(self, row: Row, result: RowResult) -> list[object]:
        """The cells of one row: as they came, then its number, result and all its issues."""
        cells: dict[str, object] = {name: _shareable(row.cells.get(name, "")) for name in self._own}
        if self._numbers and self._numbers.header and result.number:
            cells[self._numbers.header] = result.number
        added: dict[str, object] = {
            "row": row.shown_number(),
            "result": CHINESE_RESULTS.get(result.result, result.result)
            if self._definition
            else result.result,
            "permalink": self._numbers.permalink(result.number) if self._numbers else "",
            "field": _join_distinct(self._field(issue.field) for issue in result.issues),
            "code": _join_distinct(issue.code for issue in result.issues),
            "message": _join_distinct(map(self._describe, result.issues)),
        }
        if not result.issues:
            added |= self._told(result)
        number = [result.number] if self._adds_number else []
        return [*number, *cells.values(), *(added[name] for name in self._columns)]

    def _told(self, result: RowResult) -> dict[str, object]:
        """What became of the facts of a row that was taken, and what is doubtful in it."""
        fields = [*(change.field for change in result.changes), *(doubt.field for doubt in result.doubts)]
        updated = result.changes and "result" not in self._columns  # else it stands there
        codes = [*([UPDATED] if updated else []), *(doubt.code for doubt in result.doubts)]
        words = [self._describe_changes(result.changes)] if result.changes else []
        words += map(self._describe, result.doubts)
        return {
            "field": _join_distinct(map(self._field, fields)),
            "code": _join_distinct(codes),
            "message": _join_distinct(words),
        }


def _shareable(cell: Cell) -> Cell:
    """A cell as it goes back to its sender: without formats, numbers of people masked."""
    plain = plain_cell(cell)
    return personal.mask_resident_ids(plain) if isinstance(plain, str) else plain


def with_place(issue: Issue, place_of: Callable[[int], str | int]) -> Issue:
    """The issue with the row that it names as the sender of the sheet finds it."""
    row = issue.params.get("row")
    if issue.code != "duplicate_key" or not isinstance(row, int):
        return issue
    return replace(issue, params={**issue.params, "row": place_of(row)})


class FirstIssue(NamedTuple):
    """An issue for the screen. `row`: its number, with the name of the worksheet where the file has several."""

    row: int | str
    field: str
    code: str
    message: str
    file: str


class ChangedRow(NamedTuple):
    """An updated record for the screen. `changes`: what became of its facts, in words."""

    row: int | str
    number: str
    changes: str
    file: str


def describe_changes(definition: RegisterDefinition, changes: Iterable[FieldChange], lang: str) -> str:
    """What became of facts, as people read it: `Address: 1 Wenyi Road → 2 Wenyi Road`."""
    arrow, empty = " → ", gettext(_("(empty)"), lang)
    parts = []
    for change in changes:
        words = [
            _value_text(definition, change.field, value, lang) or empty
            for value in (change.before, change.after)
        ]
        label = field_label(definition, change.field, lang)
        parts.append(gettext(_("%(field)s: %(change)s"), lang, field=label, change=arrow.join(words)))
    return "; ".join(parts)


def _value_text(definition: RegisterDefinition, name: str, value: Any, lang: str) -> str:
    """A value as a sheet holds it, cut to a line; a status in words."""
    if value is None:
        return ""
    if name == STATUS and definition.life_cycle.has_state(str(value)):
        view = definition.life_cycle.state(str(value)).view()
        return view.zh if lang == "zh" else view.en
    field_type = definition.schema.register_fields().get(name)
    text = str(value if field_type is None else field_type.as_printed(value))
    return text if len(text) <= MAX_QUOTED_VALUE else text[: MAX_QUOTED_VALUE - 1] + "…"


@dataclass(slots=True)
class WarningGroup:
    """A standing warning that rows were taken in with: how many of them, and the first one in words."""

    field: str
    code: str
    message: str
    row: int | str
    rows: int = 0


@dataclass(slots=True)
class ImportResult(Counts):
    """The end of an import, over all its files.

    `issues` counts those of all refused rows, `changed_fields` the changed facts of all updated ones. `notices`: left-out columns, encodings, a report that failed.
    `warning_groups`: of rows taken, by (field, code). `unreadable_files`: no sheets, while others went in.
    """

    report_paths: list[Path] = field(default_factory=list)
    first_issues: list[FirstIssue] = field(default_factory=list)
    issues: int = 0
    first_changes: list[ChangedRow] = field(default_factory=list)
    changed_fields: Counter[str] = field(default_factory=Counter)
    notices: list[Issue] = field(default_factory=list)
    warning_groups: dict[tuple[str, str], WarningGroup] = field(default_factory=dict)
    unreadable_files: list[Issue] = field(default_factory=list)


def _join_distinct(parts: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(parts))
