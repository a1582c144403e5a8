"""Columns of the sheets that enterprises file: the questions of the form side by side, a table's rows in groups.

`Indicators 2: Value` is the value in the second row of the table of indicators; `indicators[2].value` says the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.i18n import LOCALES, _, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.kinds import RegisterField, Rows
from registry.reference.text.folding import fold_name
from registry.services.exchange.importer import header_words
from registry.services.filing import amendment_reasons
from registry.services.filing.submission import filing_of
from registry.tabular.rows import Cell, Row

NUMBER = "number"  # of the record that a row amends
RESULT_COLUMNS = (
    "row",
    "result",
    "permalink",
    "field",
    "code",
    "message",
)  # a sheet of results may come in again
MAX_TABLE_ROWS = 30
LANGUAGE_LABELS = {"zh": _("%(label)s (Chinese)"), "en": _("%(label)s (English)")}
GROUP_LABEL = _("%(table)s %(place)s: %(column)s")
GROUP_WORD = re.compile(r"(\D+)(\d{1,2})(\D.*)")


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """What the columns of one sheet mean. `cells`: header → (table, place, column of the table)."""

    fields: Mapping[str, str]
    table_cells: Mapping[str, tuple[str, int, str]]
    left_out: tuple[str, ...]

    def raw(self, row: Row) -> dict[str, Any]:
        """A row as the checks take it. Empty groups of a table are left out, as in the form."""
        raw: dict[str, Any] = {name: row.cells.get(cell) for cell, name in self.fields.items()}
        tables: dict[str, dict[int, dict[str, Cell]]] = {}
        for header, (table, place, column) in self.table_cells.items():
            cell = row.cells.get(header, "")
            if cell != "":
                tables.setdefault(table, {}).setdefault(place, {})[column] = cell
        for table, places in tables.items():
            if raw.get(table) in (None, ""):
                raw[table] = [places[place] for place in sorted(places)]
        return raw


def match_header(definition: RegisterDefinition, header: Sequence[str]) -> HeaderMatch:
    """What a header means. Raises nothing: a sheet without a known column has empty `fields`."""
    asked = (*filing_of(definition).fields(), *_holder(definition), NUMBER)
    known = {word: name for word, name in header_words(definition).items() if name in asked}
    known |= {
        _fold(word): name
        for name, label in amendment_reasons.AMENDMENT_LABELS.items()
        for word in (name, *(gettext(label, lang) for lang in LOCALES))
    }
    groups = _groups(definition)
    fields: dict[str, str] = {}
    cells: dict[str, tuple[str, int, str]] = {}
    left_out: list[str] = []
    for cell in header:
        word = _fold(cell)
        grouped = _grouped(word, groups)
        if word in known:
            fields[cell] = known[word]
        elif grouped:
            cells[cell] = grouped
        elif cell not in RESULT_COLUMNS:
            left_out.append(cell)
    return HeaderMatch(fields, cells, tuple(left_out))


def header_problems(columns: HeaderMatch) -> Iterator[Issue]:
    """What makes a header useless: no known column, or two that mean the same."""
    meant = [*columns.fields.values(), *columns.table_cells.values()]
    if not meant:
        yield Issue("no_header", "file")
    for twice in sorted({str(each) for each in meant if meant.count(each) > 1}):
        yield Issue("duplicate_header", "file", {"column": twice})


def table_column_label(field: Rows, index: int, column: str, lang: str) -> str:
    """`Indicators 2: Value`."""
    kept = field.columns[column]
    label = gettext(kept.info.label, lang)
    if (written := column[-2:]) in LOCALES and column[-3] == "_":  # one label stands for both languages
        label = gettext(LANGUAGE_LABELS[written], lang, label=label)
    return gettext(GROUP_LABEL, lang, table=gettext(field.info.label, lang), place=index, column=label)


def field_label(definition: RegisterDefinition, name: str, lang: str) -> str:
    """The word of a field in the reader's language."""
    return gettext(definition.schema.register_fields()[name].info.label, lang)


def table_fields(definition: RegisterDefinition) -> dict[str, Rows]:
    kept: Mapping[str, RegisterField] = definition.schema.register_fields()
    return {
        name: field
        for name in filing_of(definition).fields()
        for field in (kept[name],)
        if isinstance(field, Rows)
    }


def _groups(definition: RegisterDefinition) -> dict[str, dict[str, tuple[str, str]]]:
    """Word of a table and word of a column of it → (table, column), in every spelling."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for table, field in table_fields(definition).items():
        for column in field.columns:
            for lang in LOCALES:
                before, _place, after = _fold(table_column_label(field, 1, column, lang)).partition("1")
                found.setdefault(before, {})[after] = (table, column)
            found.setdefault(_fold(table), {})[_fold(f".{column}")] = (table, column)
    return found


def _grouped(word: str, groups: Mapping[str, Mapping[str, tuple[str, str]]]) -> tuple[str, int, str] | None:
    parts = GROUP_WORD.fullmatch(word)
    found = groups.get(parts[1], {}).get(parts[3]) if parts else None
    if parts is None or found is None or not 1 <= int(parts[2]) <= MAX_TABLE_ROWS:
        return None
    return found[0], int(parts[2]), found[1]


def _holder(definition: RegisterDefinition) -> tuple[str, ...]:
    return (definition.holder.key,) if definition.holder else ()


def _fold(header: str) -> str:
    return fold_name(header).replace("_", "")
