"""Headers of sheets: which field a column means, for every door by which sheets come in.

A column is named by its field, by the field's label in either language, or by another word that sheets use for it.
Marks of required columns, hints in brackets and numbers of questions do not count: `*1. 名称（必填）` is 名称. One row of a
table field may stand in columns of its own: `Indicators 2: Value`, or `indicators[2].value`, is the value in the second
row of the table.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from registry.i18n import LOCALES, _, gettext
from registry.kit.definition import KeyMissing, RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.kinds import Rows
from registry.reference.text.folding import fold_name
from registry.tabular.mapping import SheetMapping
from registry.tabular.rows import Cell, Row, decode_entities

# Columns that belong to the record and not to its fields, unless the schema has a field of that name.
RECORD_COLUMN_LABELS = {
    "status": ("状态", "Status"),
    "number": ("编号", "登记编号", "Number", "Register number"),
}
RECORD_COLUMN_WORDS = {
    "status": (
        "当前状态", "有效状态", "登记状态", "经营状态", "企业状态", "存续状态", "证书状态", "标准状态", "效力状态", "State",
        "Current status", "Status of the record",
    ),
    "number": ("登记号", "登记号码", "Record number", "Registry number"),
}  # fmt: skip
MAX_TABLE_ROWS = 30  # of a table whose rows stand in columns
LANGUAGE_LABELS = {"zh": _("%(label)s (Chinese)"), "en": _("%(label)s (English)")}
TABLE_COLUMN_LABEL = _("%(table)s %(place)s: %(column)s")
TABLE_COLUMN_WORD = re.compile(r"(\D+)(\d{1,2})(\D.*)")

# What stands around the name of a column in a form: marks of required columns, the number of a question, hints.
MARKS = re.compile(r"[*＊★☆※●▲△#＃]+|[:：]\s*$")
QUESTION_NUMBER = re.compile(
    r"^\s*(?:[(（]?\d{1,2}[)）]?[.．、)）\s]|[①-⑳]|[(（][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、)\s*"
)
BRACKETED = re.compile(r"[(（\[【〔](?P<hint>[^()（）\[\]【】〔〕]*)[)）\]】〕]")
HINT = re.compile(
    r"(?:非|不)?必(?:填|选|录|须|需|要)|选填|可选|可(?:不填|为空|空)|下拉|单选|多选|请|填写|勾选|格式|如[:：]|例如?|示例|样例|注[:：意]|"
    r"详见|见|文本|限|不(?:超过|少于)|\d+\s*(?:位|字)|以.*(?:分隔|隔开)|y{2,4}|年[-/.]?月|"
    r"required|mandatory|optional|compulsory|format|e\.?g\.?|for example|example|select|choose|drop-?down|max|text\b|as text|"
    r"one of|see\b|separate",
    re.IGNORECASE,
)
# Words that end or begin a header and mean the same.
SAME_ENDINGS = (
    ("年月日", "日期"),
    ("时间", "日期"),
    ("号码", "号"),
    ("编号", "号"),
    ("编码", "代码"),
    ("全称", "名称"),
    ("number", "no"),
)
LEADING = ("所在", "所属", "the")
MAX_SHOWN_WORDS = 6  # for a column that a sheet lacks
LABEL, ALIAS, VARIANT = range(3)  # how surely a word means its field: the surest column counts


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
    """A row in the register's terms, not yet checked: values by field, and what reading it has brought up.

    `table_rows`: of tables whose cells stand in columns of their own: table → row from 1 → cells by column.
    """

    values: dict[str, Any]
    issues: list[Issue]
    table_rows: dict[str, dict[int, dict[str, Cell]]] = field(default_factory=dict)


class RowReader(Protocol):
    """Turns a row of a sheet into values of a register."""

    def read(self, row: Row) -> RawRow: ...

    def fields_of_columns(self) -> Sequence[str]:
        """The fields that columns of the sheet fill."""


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

    def fields_of_columns(self) -> Sequence[str]:
        return [*self.fields.values(), *dict.fromkeys(of.table for of in self.table_columns.values())]

    def read(self, row: Row) -> RawRow:
        """The row's values by field. Empty rows of a table are left out, as in the form."""
        cells = row.cells
        values: dict[str, Any] = {}
        for cell, name in self.fields.items():
            value = cells.get(cell)
            values[name] = decode_entities(value) if isinstance(value, str) and "&" in value else value
        tables: dict[str, dict[int, dict[str, Cell]]] = {}
        for header, of in self.table_columns.items():
            given = cells.get(header, "")
            if isinstance(given, str) and "&" in given:
                given = decode_entities(given)
            if given != "":
                tables.setdefault(of.table, {}).setdefault(of.index, {})[of.column] = given
        tables = {table: rows for table, rows in tables.items() if values.get(table) in (None, "")}
        for table, rows in tables.items():
            values[table] = [rows[index] for index in sorted(rows)]
        return RawRow(values, [Issue(code, column, params) for code, column, params in row.issues], tables)


@dataclass(frozen=True, slots=True)
class MappedColumns:
    """The columns of a foreign sheet, as a mapping reads them."""

    mapping: SheetMapping

    def fields_of_columns(self) -> Sequence[str]:
        return self.mapping.fields()

    def read(self, row: Row) -> RawRow:
        mapped = self.mapping.apply(row)
        issues = [Issue(code, column, params) for code, column, params in (*row.issues, *mapped.issues)]
        return RawRow({name: _decoded(value) for name, value in mapped.values.items()}, issues)


@dataclass(frozen=True, slots=True)
class HeaderVocabulary:
    """The words by which a door understands a header, folded.

    `fields`: word → field. `aliases`: further words, which count where no column has the name or label of the field.
    `tables`: word of a table → word of one of its columns → (table, column). `ignored`: columns that mean nothing and
    need not be mentioned, such as those of a results sheet. `missing(fields)`: the fields that a sheet with these
    columns lacks, so that no row of it can name its record; none where the columns suffice.
    """

    fields: Mapping[str, str]
    tables: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    ignored: Collection[str] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    missing: Callable[[Collection[str]], tuple[str, ...]] | None = None
    _variants: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        meanings: dict[str, set[str]] = {}
        for word, name in (*self.aliases.items(), *self.fields.items()):
            meanings.setdefault(_plain_known_word(word), set()).add(name)
        self._variants.update({word: min(names) for word, names in meanings.items() if len(names) == 1})

    def match(self, header: Sequence[str]) -> HeaderMatch:
        """What a header means. Nothing is raised: a sheet without a known column has an empty match.

        Of several columns for one field the one with its name or label counts, the others are left out; where none is
        surer than another, they stand as repeated.
        """
        fields: dict[str, tuple[int, str]] = {}
        table_columns: dict[str, TableColumn] = {}
        for cell in header:
            if found := self._find_field(cell):
                if found[0] == LABEL or cell not in self.ignored:
                    fields[cell] = found
            elif table_column := self._table_column(cell):
                table_columns[cell] = table_column
        surest: dict[str, int] = {}
        for rank, name in fields.values():
            surest[name] = min(rank, surest.get(name, rank))
        taken = {cell: name for cell, (rank, name) in fields.items() if rank == surest[name]}
        known = {*taken, *table_columns, *self.ignored}
        return HeaderMatch(taken, table_columns, tuple(cell for cell in header if cell not in known))

    def meaning(self, cell: str) -> str | None:
        """What a header cell means, as one word; None where it means nothing here."""
        if found := self._find_field(cell):
            return found[1]
        table_column = self._table_column(cell)
        return str(table_column) if table_column else None

    def identifies(self, meanings: Collection[str]) -> bool:
        """True if rows with columns of these meanings can name their records."""
        return bool(meanings) and not (self.missing and self.missing(meanings))

    def missing_columns(self, match: HeaderMatch) -> str:
        """The columns that a sheet lacks so that no row can name its record, with words for each; "" for none."""
        missing = self.missing(list(match.fields.values())) if self.missing else ()
        return "; ".join(f"{name} ({', '.join(self._words_for(name))})" for name in missing)

    def _words_for(self, name: str) -> list[str]:
        words = [word for word, of in (*self.fields.items(), *self.aliases.items()) if of == name]
        return [word for word in words if word != fold_header(name)][:MAX_SHOWN_WORDS]

    def _find_field(self, cell: str) -> tuple[int, str] | None:
        """How surely a header cell means a field, and which."""
        for written in (cell, _without_hints(cell)):
            word = fold_header(written)
            if word in self.fields:
                return LABEL, self.fields[word]
            if word in self.aliases:
                return ALIAS, self.aliases[word]
            if name := self._variants.get(_plain_word(word)):
                return VARIANT, name
        return None

    def _table_column(self, cell: str) -> TableColumn | None:
        for written in (cell, _without_hints(cell)) if self.tables else ():
            parts = TABLE_COLUMN_WORD.fullmatch(fold_header(written))
            named = self.tables.get(parts[1], {}).get(parts[3]) if parts else None
            if parts and named and 1 <= int(parts[2]) <= MAX_TABLE_ROWS:
                return TableColumn(named[0], int(parts[2]), named[1])
        return None


def header_words(definition: RegisterDefinition) -> dict[str, str]:
    """Folded word → field, of all fields of a register: names, and labels in both languages."""
    words: dict[str, str] = {}
    fields = definition.schema.register_fields()
    for name, known in fields.items():
        for label in (name, *(gettext(known.info.label, lang) for lang in LOCALES)):
            words.setdefault(fold_header(label), name)
    for name, labels in RECORD_COLUMN_LABELS.items():
        if name not in fields:
            for label in (name, *labels):
                words.setdefault(fold_header(label), name)
    return words


def alias_words(definition: RegisterDefinition) -> dict[str, str]:
    """Folded word → field: the further words by which sheets name the fields of a register."""
    words: dict[str, str] = {}
    fields = definition.schema.register_fields()
    for name, known in fields.items():
        for word in known.info.aliases:
            words.setdefault(fold_header(word), name)
    for name, aliases in RECORD_COLUMN_WORDS.items():
        if name not in fields:
            for word in aliases:
                words.setdefault(fold_header(word), name)
    return words


def missing_key_fields(definition: RegisterDefinition, fields: Collection[str]) -> tuple[str, ...]:
    """The fields without which a sheet with columns for `fields` has no row that names its record."""
    if "number" in fields:
        return ()
    try:
        definition.key.compute(dict.fromkeys(fields, "1"))
    except KeyMissing as missing:
        return tuple(name for name in missing.fields if name not in fields)
    return ()


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
    """The word of a field, or of a column that every sheet has, in the reader's language."""
    fields = definition.schema.register_fields()
    if name not in fields and name in RECORD_COLUMN_LABELS:
        zh, en = RECORD_COLUMN_LABELS[name][0], RECORD_COLUMN_LABELS[name][-1]
        return zh if lang == "zh" else en
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


def _decoded(value: Any) -> Any:
    """A value whose texts have no entities of HTML."""
    if isinstance(value, str):
        return decode_entities(value) if "&" in value else value
    return [_decoded(item) for item in value] if isinstance(value, list) else value


def _without_hints(header: str) -> str:
    """A header cell without marks, the number of its question, and brackets that say how to fill in the column."""
    plain = BRACKETED.sub(lambda found: " " if HINT.match(found["hint"].strip()) else found[0], header)
    return QUESTION_NUMBER.sub("", MARKS.sub(" ", plain))


@functools.lru_cache(4096)
def _plain_known_word(word: str) -> str:
    """`_plain_word` of a word of a register: the same for each sheet."""
    return _plain_word(word)


def _plain_word(word: str) -> str:
    """A folded word without what makes no difference: 成立时间 is 成立日期, 所在地区 is 地区."""
    for start in LEADING:
        if word.startswith(start) and len(word) > len(start) + 1:
            word = word.removeprefix(start)
    for ending, same in SAME_ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + same
    return word
