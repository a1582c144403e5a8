"""How the columns of an import are read: by the words of the register, by a mapping, or as a person has chosen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from registry.errors import Invalid
from registry.i18n import Lang
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.schema import ORIGIN_FIELDS
from registry.reference.identifiers import personal
from registry.registers import catalogue
from registry.services.exchange.headers import (
    RECORD_COLUMN_LABELS,
    HeaderMatch,
    HeaderVocabulary,
    MappedColumns,
    RawRow,
    RowReader,
    field_label,
)
from registry.services.exchange.policies import REGISTER_COLUMN, registrar_vocabulary
from registry.services.exchange.results import CHINESE_COLUMNS, RESULTS_COLUMNS
from registry.services.filing.by_sheet.sheet_policy import LIMITS, notes_of_sheet
from registry.store.base import FetchedRow
from registry.tabular.errors import MappingError, SheetError
from registry.tabular.mapping import SheetMapping, load_mapping
from registry.tabular.reading import Sheet, open_sheet
from registry.tabular.rows import EVERYTHING, Row, Selection, plain_cell

SOURCE, SOURCE_DATE = "source", "source_date"
SAMPLE_ROWS = 3  # shown beside each column
MAX_SAMPLE_LENGTH = 60  # characters of a cell that is shown
MAX_HEADER_ROW = 1_000


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    """The words of a register, where a person has chosen for some header cells what they mean.

    `chosen`: header cell → field, "" for one that is left out.
    """

    vocabulary: HeaderVocabulary
    chosen: Mapping[str, str]

    def meaning(self, cell: str) -> str | None:
        """What a header cell means: as it was chosen, else by the words of the register."""
        if cell in self.chosen:
            return self.chosen[cell] or None
        return self.vocabulary.meaning(cell)

    def identifies(self, meanings: Collection[str]) -> bool:
        """True if rows with columns of these meanings can name their records."""
        return self.vocabulary.identifies(meanings)


@dataclass(frozen=True, slots=True)
class WithSource:
    """Gives the rows that name no source the one of their sheet. `date`: of that source, "" where it is not known."""

    reader: RowReader
    source: str
    date: str

    def read(self, row: Row) -> RawRow:
        """The values of a row, with its source."""
        raw = self.reader.read(row)
        if raw.values.get(SOURCE) in (None, ""):
            raw.values[SOURCE] = self.source
            if self.date and raw.values.get(SOURCE_DATE) in (None, ""):
                raw.values[SOURCE_DATE] = self.date
        return raw

    def fields_of_columns(self) -> Sequence[str]:
        """The fields that columns fill, the source among them."""
        dated = (SOURCE_DATE,) if self.date else ()
        return list(dict.fromkeys((*self.reader.fields_of_columns(), SOURCE, *dated)))


@dataclass(frozen=True, slots=True)
class OpenedImport:
    """A sheet whose columns are understood. `fields`: header cell → field, "" for one that is left out."""

    sheet: Sheet
    reader: RowReader
    fields: Mapping[str, str]
    checks_register: bool = False

    def notes(self) -> list[dict[str, object]]:
        """What was noticed while the file was opened, for JSON."""
        return notes_of_sheet(self.sheet)


def import_vocabulary(definition: RegisterDefinition, metadata: Sequence[str] = ()) -> HeaderVocabulary:
    """The words of a register for its columns; those that a sheet of results has added mean nothing."""
    added = (*RESULTS_COLUMNS, *(CHINESE_COLUMNS[name] for name in RESULTS_COLUMNS))
    return registrar_vocabulary(definition, (*added, *metadata))


def open_import(definition: RegisterDefinition, job: FetchedRow, path: Path) -> OpenedImport:
    """Open the sheet of an import, by its mapping or its chosen columns.

    Raises `Invalid`: no sheet, columns of a mapping that it lacks, no column that tells its records apart.
    """
    opened = _open(definition, job, path)
    if not job.mapping:
        require_readable(definition, opened.fields)
    return opened


def require_readable(definition: RegisterDefinition, fields: Mapping[str, str]) -> None:
    """Raise `Invalid` where two columns are read as one field, or none tells the records of the rows apart."""
    named = [name for name in fields.values() if name]
    repeated = {name for name in named if named.count(name) > 1}
    issues = [
        Issue(
            "meaning_repeated",
            cell,
            {"name": field_label(definition, name, "zh"), "name_en": field_label(definition, name, "en")},
        )
        for cell, name in fields.items()
        if name in repeated
    ]
    vocabulary = import_vocabulary(definition)
    missing = vocabulary.missing(named) if vocabulary.missing else ()
    if missing:
        labels = (
            f"{field_label(definition, name, 'zh')} ({field_label(definition, name, 'en')})"
            for name in missing
        )
        issues.append(Issue("key_columns_missing", "", {"missing": "; ".join(labels)}))
    if issues:
        raise Invalid(tuple(issues))


def make_preview(
    definition: RegisterDefinition, job: FetchedRow, path: Path, saved: Mapping[str, Mapping[str, str]]
) -> tuple[str, dict[str, str], dict[str, object]]:
    """Look at a sheet as its sender left it: the mapping found, the meaning of each column, what its page shows.

    `saved`: the saved mappings of the register by name. A mapping that comes with the register is found where the words of
    the register do not tell the records apart and the sheet has all its columns. Raises `Invalid`.
    """
    opened = _open(definition, job, path)
    found, first_time = "", not job.preview
    if first_time:
        found = _find_mapping(definition, opened)
        if found:
            opened = _open_mapped(definition, found, path)
    known = job.mapping or found
    fields = dict(opened.fields)
    by_name = ""
    if first_time and not known:
        by_name = next((name for name, columns in saved.items() if set(columns) == set(fields)), "")
        fields = {cell: saved[by_name][cell] for cell in fields} if by_name else fields
    rows = [[_sample(row, cell) for cell in opened.sheet.header] for row in islice(opened.sheet, SAMPLE_ROWS)]
    preview: dict[str, object] = {
        "header": opened.sheet.header,
        "rows": rows,
        "notes": opened.notes(),
        "saved": by_name,
    }
    return known, fields, preview


def fields_of_mapping(definition: RegisterDefinition, name: str) -> dict[str, tuple[str, ...]]:
    """Return which fields a mapping that comes with the register fills from each column. Raises `Invalid`."""
    mapping = _load(definition, name)
    filled: dict[str, list[str]] = {column: [] for column in mapping.needed_columns()}
    for field, rules in mapping.value_rules.items():
        for column in dict.fromkeys(column for rule in rules for column in rule.columns()):
            filled[column].append(field)
    for field, rows in mapping.list_rows.items():
        for column in dict.fromkeys(column for row in rows for column in row.columns()):
            filled[column].append(field)
    return {column: tuple(dict.fromkeys(names)) for column, names in filled.items()}


def list_meanings(definition: RegisterDefinition, lang: Lang) -> tuple[tuple[str, str], ...]:
    """Return what a column may mean, as (field, label): number and status, then the fields of the register, last where facts come from."""
    known = definition.schema.register_fields()
    own = [name for name in known if name not in ORIGIN_FIELDS]
    names = dict.fromkeys((*reversed(RECORD_COLUMN_LABELS), *own, *known))
    return tuple((name, field_label(definition, name, lang)) for name in names)


def chosen_columns(job: FetchedRow) -> dict[str, str]:
    """Return the meaning of each header cell as it was found or chosen."""
    return dict(json.loads(job.columns)) if job.columns else {}


def _open(definition: RegisterDefinition, job: FetchedRow, path: Path) -> OpenedImport:
    if job.mapping:
        opened = _open_mapped(definition, job.mapping, path)
    else:
        opened = _open_by_words(definition, job, path)
    reader = WithSource(opened.reader, job.source, job.source_date)
    return OpenedImport(opened.sheet, reader, opened.fields, opened.checks_register)


def _open_by_words(definition: RegisterDefinition, job: FetchedRow, path: Path) -> OpenedImport:
    chosen = chosen_columns(job)
    words = ChosenColumns(import_vocabulary(definition), chosen)
    selection = Selection(job.header_row) if job.header_row else EVERYTHING
    sheet = _open_sheet(path, words, selection)
    match = import_vocabulary(definition, sheet.metadata_columns).match(sheet.header)
    fields = {cell: chosen.get(cell, match.fields.get(cell, "")) for cell in sheet.header}
    reader = HeaderMatch({cell: name for cell, name in fields.items() if name}, {}, ())
    return OpenedImport(sheet, reader, fields, REGISTER_COLUMN in sheet.metadata_columns)


def _open_mapped(definition: RegisterDefinition, name: str, path: Path) -> OpenedImport:
    mapping = _load(definition, name)
    sheet = _open_sheet(path, mapping, mapping.selection)
    try:
        mapping.check_header(sheet.header)
    except MappingError as problem:
        raise Invalid((Issue("mapping", "mapping", {"problem": str(problem)}),)) from problem
    return OpenedImport(sheet, MappedColumns(mapping), dict.fromkeys(sheet.header, ""))


def _open_sheet(path: Path, words: ChosenColumns | SheetMapping, selection: Selection) -> Sheet:
    try:
        return open_sheet(path, words, selection, limits=LIMITS)
    except SheetError as problem:
        raise Invalid((Issue(problem.code, "file", problem.params),)) from problem


def _load(definition: RegisterDefinition, name: str) -> SheetMapping:
    if name not in definition.mappings():
        raise Invalid((Issue("mapping_gone", "mapping", {"name": name[:80]}),))
    return load_mapping(definition.mapping_path(name))


def _find_mapping(definition: RegisterDefinition, opened: OpenedImport) -> str:
    """The mapping of the register whose columns a sheet has, where the words of the register do not tell its records apart."""
    try:
        require_readable(definition, opened.fields)
    except Invalid:
        header = set(opened.sheet.header)
        return next(
            (name for name in definition.mappings() if _load(definition, name).identifies(header)), ""
        )
    return ""


def _sample(row: Row, cell: str) -> str:
    """A cell as its column shows it: cut, numbers of people masked."""
    text = personal.mask_resident_ids(str(plain_cell(row.cells.get(cell, ""))))
    return text if len(text) <= MAX_SAMPLE_LENGTH else text[: MAX_SAMPLE_LENGTH - 1] + "…"


def open_small(slug: str, path: Path) -> None:
    """Raise `Invalid` where a small file is no sheet."""
    _open_sheet(path, ChosenColumns(import_vocabulary(catalogue()[slug]), {}), EVERYTHING)
