"""Headers of sheets: which field a column means, for every door by which sheets come in.

A column is named by its field, or by the field's label in either language. One row of a table field may stand in
columns of its own: `Indicators 2: Value`, or `indicators[2].value`, is the value in the second row of the table.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from registry.i18n import LOCALES, _, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.kinds import Rows
from registry.reference.text.folding import fold_name
from registry.tabular.mapping import SheetMapping
from registry.tabular.rows import Cell, Row

# Columns that belong to the record and not to its fields, unless the schema has a field of that name.
RECORD_COLUMN_LABELS = {
    "status": ("状态", "Status"),
    "number": ("编号", "登记编号", "Number", "Register number"),
}
MAX_TABLE_ROWS = 30  # of a table whose rows stand in columns
LANGUAGE_LABELS = {"zh": _("%(label)s (Chinese)"), "en": _("%(label)s (English)")}
TABLE_COLUMN_LABEL = _("%(table)s %(place)s: %(column)s")
TABLE_COLUMN_WORD = re.compile(r"(\D+)(\d{1,2})(\D.*)")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column that holds one cell of a table field. `index`: row of the table, from 1."""

    table: str
    index: int
    column: str

    def __str__(self) -> str:
        return f"{self.table}[{self.index}].{self.column}"


@dataclass(slots=True)
class RawRow:
    """A row in the register's terms, not yet checked: values by field, and what reading it has brought up."""

    values: dict[str, Any]
    issues: list[Issue]


class RowReader(Protocol):
    """Turns a row of a sheet into values of a register."""

    def read(self, row: Row) -> RawRow: ...


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """What the columns of one sheet mean. `fields`: header cell → field; `left_out`: cells that mean nothing here."""

    fields: Mapping[str, str]
    table_columns: Mapping[str, TableColumn]
    left_out: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.fields or self.table_columns)

    def repeated(self) -> list[str]:
        """What more than one column means, in alphabetical order."""
        meanings = [*self.fields.values(), *map(str, self.table_columns.values())]
        return sorted({meaning for meaning in meanings if meanings.count(meaning) > 1})

    def column_of(self, name: str) -> str | None:
        """The header cell of a field; None where the sheet lacks it."""
        return next((cell for cell, field_name in self.fields.items() if field_name == name), None)

    def read(self, row: Row) -> RawRow:
        """The row's values by field. Empty rows of a table are left out, as in the form."""
        values: dict[str, Any] = {name: row.cells.get(cell) for cell, name in self.fields.items()}
        tables: dict[str, dict[int, dict[str, Cell]]] = {}
        for header, of in self.table_columns.items():
            cell = row.cells.get(header, "")
            if cell != "":
                tables.setdefault(of.table, {}).setdefault(of.index, {})[of.column] = cell
        for table, rows in tables.items():
            if values.get(table) in (None, ""):
                values[table] = [rows[index] for index in sorted(rows)]
        return RawRow(values, [Issue(code, column, params) for code, column, params in row.issues])


@dataclass(frozen=True, slots=True)
class MappedColumns:
    """The columns of a foreign sheet, as a mapping reads them."""

    mapping: SheetMapping

    def read(self, row: Row) -> RawRow:
        mapped = self.mapping.apply(row)
        issues = [Issue(code, column, params) for code, column, params in (*row.issues, *mapped.issues)]
        return RawRow(dict(mapped.values), issues)


@dataclass(frozen=True, slots=True)
class HeaderVocabulary:
    """The words by which a door understands a header, folded.

    `fields`: word → field. `tables`: word of a table → word of one of its columns → (table, column).
    `ignored`: columns that mean nothing and need not be mentioned, such as those of a results sheet.
    """

    fields: Mapping[str, str]
    tables: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    ignored: Collection[str] = ()

    def match(self, header: Sequence[str]) -> HeaderMatch:
        """What a header means. Nothing is raised: a sheet without a known column has an empty match."""
        fields: dict[str, str] = {}
        table_columns: dict[str, TableColumn] = {}
        left_out: list[str] = []
        for cell in header:
            word = fold_header(cell)
            table_column = self._table_column(word)
            if word in self.fields:
                fields[cell] = self.fields[word]
            elif table_column:
                table_columns[cell] = table_column
            elif cell not in self.ignored:
                left_out.append(cell)
        return HeaderMatch(fields, table_columns, tuple(left_out))

    def _table_column(self, word: str) -> TableColumn | None:
        parts = TABLE_COLUMN_WORD.fullmatch(word)
        named = self.tables.get(parts[1], {}).get(parts[3]) if parts else None
        if parts is None or named is None or not 1 <= int(parts[2]) <= MAX_TABLE_ROWS:
            return None
        return TableColumn(named[0], int(parts[2]), named[1])


def header_words(definition: RegisterDefinition) -> dict[str, str]:
    """Folded word → field, of all fields of a register: names, labels in both languages, and aliases."""
    words: dict[str, str] = {}
    fields = definition.schema.register_fields()
    for name, known in fields.items():
        for label in (name, *(gettext(known.info.label, lang) for lang in LOCALES), *known.info.aliases):
            words.setdefault(fold_header(label), name)
    for name, labels in RECORD_COLUMN_LABELS.items():
        if name not in fields:
            for label in (name, *labels):
                words.setdefault(fold_header(label), name)
    return words


def label_words(labels: Mapping[str, str]) -> dict[str, str]:
    """Folded word → name, of columns that are no fields: their names, and their labels (message ids) in both languages."""
    return {
        fold_header(word): name
        for name, label in labels.items()
        for word in (name, *(gettext(label, lang) for lang in LOCALES))
    }


def table_words(tables: Mapping[str, Rows]) -> dict[str, dict[str, tuple[str, str]]]:
    """Folded word of a table → folded word of a column → (table, column), in every spelling."""
    words: dict[str, dict[str, tuple[str, str]]] = {}
    for table, rows in tables.items():
        for column in rows.columns:
            for lang in LOCALES:
                before, _index, after = fold_header(table_column_label(rows, 1, column, lang)).partition("1")
                words.setdefault(before, {})[after] = (table, column)
            words.setdefault(fold_header(table), {})[fold_header(f".{column}")] = (table, column)
    return words


def field_label(definition: RegisterDefinition, name: str, lang: str) -> str:
    """The word of a field in the reader's language."""
    return gettext(definition.schema.register_fields()[name].info.label, lang)


def table_column_label(table: Rows, index: int, column: str, lang: str) -> str:
    """The header of a table's cell: `Indicators 2: Value`. `index`: row of the table, from 1."""
    label = gettext(table.columns[column].info.label, lang)
    if (suffix := column[-2:]) in LOCALES and column[-3] == "_":  # one label stands for both languages
        label = gettext(LANGUAGE_LABELS[suffix], lang, label=label)
    return gettext(TABLE_COLUMN_LABEL, lang, table=gettext(table.info.label, lang), place=index, column=label)


def fold_header(header: str) -> str:
    """A header cell in the form in which it is compared: case, width, blanks and underscores do not count."""
    return fold_name(header).replace("_", "")
