"""Import: sheets of the registrar into a register. Good rows go in, chunk by chunk; bad rows come back in a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import ConcurrentWrite, Conflict, Invalid, NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.duplicate_keys import DuplicateKeyStore
from registry.services.exchange.foreseen_doubles import ForeseenDoubles, describe_double
from registry.services.exchange.headers import RECORD_COLUMN_LABELS, HeaderMatch, MappedColumns, RowReader
from registry.services.exchange.pipeline import FieldChange, RowResult, process_chunk
from registry.services.exchange.policies import REGISTER_COLUMN, RegistrarPolicy, registrar_vocabulary
from registry.services.exchange.reports import Report
from registry.services.exchange.results import (
    MAX_FIRST_CHANGES,
    MAX_FIRST_ISSUES,
    REPORT_COLUMNS,
    ChangedRow,
    FirstIssue,
    ImportResult,
    ResultsSheet,
    WarningGroup,
    describe_changes,
    with_place,
)
from registry.services.issue_messages import issue_message
from registry.services.publication.batch_writer import Authority
from registry.services.publication.publishing import REFUSED
from registry.store.unit_of_work import STORE_ERRORS, read_transaction, unit_of_work
from registry.tabular.encodings import encoding_name
from registry.tabular.errors import MappingError, SheetError
from registry.tabular.mapping import SheetMapping, load_mapping
from registry.tabular.reading import Sheet, open_sheet
from registry.tabular.rows import Row

CHUNK_SIZE = 500  # rows a transaction: short enough for other writers, long enough to share its costs
MAX_ATTEMPTS = 5  # another importer of the same keys may win at most that often before we say so
UTF8_ENCODINGS = ("utf-8", "utf-8-sig")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How sheets are imported. `mapping`: the name of a shipped one, or the path of a TOML file.

    `report`: where refused rows are written, and what became of updated records; without it, refused rows alone and in
    the data directory. `lang`: of its messages. `clear_empty`: an empty cell empties its field. `progress` is called with the number of rows of each chunk.
    """

    mapping: str | None = None
    dry_run: bool = False
    report: Path | None = None
    lang: str = "en"
    clear_empty: bool = False
    progress: Callable[[int], object] | None = None


@dataclass(frozen=True, slots=True)
class _Import:
    """One import: what its files have in common."""

    registry: Registry
    definition: RegisterDefinition
    authority: Authority
    options: ImportOptions
    mapping: SheetMapping | None
    dry_run_state: DuplicateKeyStore | None
    foreseen_doubles: ForeseenDoubles | None
    result: ImportResult

    def message(self, issue: Issue) -> str:
        lang = self.options.lang
        return describe_double(issue, lang) or issue_message(issue, lang, self.definition)

    def changes_in_words(self, changes: Sequence[FieldChange]) -> str:
        return describe_changes(self.definition, changes, self.options.lang)

    def notice(self, path: Path, issue: Issue) -> None:
        params = {"file": path.name, **issue.params}
        self.result.notices.append(Issue(issue.code, issue.field, params, "warns"))


def import_files(
    registry: Registry,
    actor: Actor,
    slug: str,
    paths: Sequence[Path],
    *,
    options: ImportOptions | None = None,
) -> ImportResult:
    """Import sheets into the register `slug`.

    Rows that cannot be taken never raise: they are counted and written to the report. A file that is no sheet does
    not keep the others out. Raises `NotFound` (register or mapping), `Invalid` (no file could be read; the mapping
    contradicts itself, the register or the sheet), `Conflict` (the report would replace a sheet), `OSError`
    (the report cannot be written).
    """
    require(actor, Action.IMPORT)
    options = options or ImportOptions()
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug, code="register_unknown")
    mapping = _load_mapping(definition, options.mapping) if options.mapping else None
    result = ImportResult()
    reports = [_report_path(path, paths, options.report) for path in paths]
    for report in reports:
        if report and any(report.exists() and report.samefile(path) for path in paths if path.exists()):
            raise Conflict("report_replaces_sheet", file=report.name)
    unreadable = 0
    with DuplicateKeyStore() as state, ForeseenDoubles(definition) as doubles:
        run = _Import(
            registry,
            definition,
            Authority(actor.role),
            options,
            mapping,
            state if options.dry_run else None,
            doubles if options.dry_run else None,
            result,
        )
        for path, report in zip(paths, reports, strict=True):
            try:
                _FileImport(run, path, _open_sheet(path, definition, mapping)).run(report)
            except Invalid as problem:
                result.unreadable_files += problem.issues
                unreadable += 1
    if unreadable == len(paths):
        raise Invalid(tuple(result.unreadable_files))
    return result


def _open_sheet(path: Path, definition: RegisterDefinition, mapping: SheetMapping | None) -> Sheet:
    try:
        if mapping:
            sheet = open_sheet(path, mapping, mapping.selection)
            mapping.check_header(sheet.header)
        else:
            sheet = open_sheet(path, registrar_vocabulary(definition))
    except SheetError as problem:
        raise Invalid((Issue(problem.code, "", {"file": path.name, **problem.params}),)) from problem
    except MappingError as problem:
        raise Invalid((Issue("mapping", "", {"file": path.name, "problem": str(problem)}),)) from problem
    return sheet


def _report_path(path: Path, paths: Sequence[Path], report: Path | None) -> Path | None:
    """The chosen path of a file's report; each of several files has its own, named after both."""
    if report is None or len(paths) == 1:
        return report
    same_stem = [other for other in paths if other.stem == path.stem]
    suffix = f"-{same_stem.index(path) + 1}" if len(set(same_stem)) > 1 else ""
    return report.with_name(f"{report.stem}-{path.stem}{suffix}{report.suffix or '.csv'}")


def _load_mapping(definition: RegisterDefinition, name: str) -> SheetMapping:
    path = definition.mapping_path(name) if name in definition.mappings() else Path(name)
    if not path.is_file():
        raise NotFound("mapping", name, code="mapping_unknown")
    try:
        mapping = load_mapping(path)
    except MappingError as problem:
        raise Invalid((Issue("mapping", "", {"problem": str(problem)}),)) from problem
    known = {*definition.schema.register_fields(), *RECORD_COLUMN_LABELS}
    if unknown := [name for name in mapping.fields() if name not in known]:
        contradiction = (
            f"{path.name}: the register {definition.slug} has no field {', '.join(map(repr, unknown))}"
        )
        raise Invalid((Issue("mapping", "", {"problem": contradiction}),))
    return mapping


class _FileImport:
    """One sheet on its way in: its header, its chunks, its report."""

    def __init__(self, run: _Import, path: Path, sheet: Sheet) -> None:
        """Raises `Invalid` where two columns mean the same."""
        self._import = run
        self._path = path
        self._sheet = sheet
        self._report_failed = False
        self._key_columns_missing = (
            False  # told once; the rows, which all lack their key, stand in the report
        )
        self._reader: RowReader = MappedColumns(run.mapping) if run.mapping else self._match_header()

    def run(self, report_path: Path | None) -> None:
        """Take the sheet in. Raises `Invalid` for one that has neither a known column nor a row."""
        for code, params in self._sheet.notices:
            self._import.notice(self._path, Issue(code, "", params))
        if self._sheet.encoding not in UTF8_ENCODINGS:  # what is most plausible is not sure
            encoding = encoding_name(self._sheet.encoding)
            self._import.notice(self._path, Issue("encoding_assumed", "", {"encoding": encoding}))
        self._report = self._make_report(report_path)
        try:
            with self._report, DuplicateKeyStore() as seen:
                self._take_rows(iter(self._sheet), self._policy(seen))
        finally:
            if self._report.path:
                self._import.result.report_paths.append(self._report.path)

    def _match_header(self) -> HeaderMatch:
        """The fields of the columns. Columns that are no field are left out, with a notice."""
        vocabulary = registrar_vocabulary(self._import.definition, self._sheet.metadata_columns)
        match = vocabulary.match(self._sheet.header)
        if repeated := match.repeated():
            raise Invalid(
                tuple(
                    Issue("duplicate_header", "", {"file": self._path.name, "column": name})
                    for name in repeated
                )
            )
        if missing := vocabulary.missing_columns(match):
            self._key_columns_missing = True
            self._import.notice(self._path, Issue("key_columns_missing", "", {"missing": missing}))
        if match.left_out:
            names = ", ".join(match.left_out)
            self._import.notice(self._path, Issue("columns_left_out", "", {"names": names}))
        return match

    def _make_report(self, path: Path | None) -> Report:
        stamp = dt.datetime.now(clock.SHANGHAI).strftime("%Y%m%d-%H%M%S")
        default = self._import.registry.settings.reports_dir / f"{self._path.stem}-{stamp}.csv"
        sheet = ResultsSheet(
            self._sheet.header,
            REPORT_COLUMNS,
            self._message,
            describe_changes=self._import.changes_in_words,
        )
        return Report(path or default, sheet, named_by_caller=path is not None)

    def _message(self, issue: Issue) -> str:
        """An issue in words; rows that it names are numbered as the sender finds them."""
        return self._import.message(with_place(issue, self._sheet.place_of))

    def _policy(self, seen: DuplicateKeyStore) -> RegistrarPolicy:
        run = self._import
        return RegistrarPolicy(
            run.definition,
            self._reader,
            run.authority,
            seen,
            checks_register=run.mapping is None and REGISTER_COLUMN in self._sheet.metadata_columns,
            clear_empty=run.options.clear_empty,
            dry_run_state=run.dry_run_state,
            foreseen_doubles=run.foreseen_doubles,
            file=self._path.name,
        )

    def _take_rows(self, rows: Iterator[Row], policy: RegistrarPolicy) -> None:
        progress = self._import.options.progress
        empty = True
        while chunk := list(islice(rows, CHUNK_SIZE)):
            empty = False
            try:
                results = self._process(chunk, policy)
            except STORE_ERRORS as problem:
                self._refuse_rest(chunk, rows, problem)
                return
            self._count(chunk, results)
            if progress:
                progress(len(chunk))
        if empty and not self._reader:
            raise Invalid((Issue("no_header", "", {"file": self._path.name}),))
        if empty:
            self._import.notice(self._path, Issue("no_rows"))

    def _process(self, chunk: list[Row], policy: RegistrarPolicy) -> list[RowResult]:
        """Process a chunk in one transaction, again where another importer has created the same records first."""
        run = self._import
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                begin = read_transaction if run.options.dry_run else unit_of_work
                with begin(run.registry.engine) as connection:
                    return process_chunk(connection, chunk, policy)
            except ConcurrentWrite:
                if attempt == MAX_ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _count(self, chunk: Sequence[Row], results: Sequence[RowResult]) -> None:
        self._import.result.add(results)
        for row, result in zip(chunk, results, strict=True):
            if result.result == REFUSED:
                self._report_refused(row, result)
                continue
            for warning in result.warnings:
                self._count_warning(warning, row.shown_number())
            if result.changes:
                self._report_changes(row, result)
            elif self._import.options.report and result.doubts:
                self._write(row, result)

    def _count_warning(self, issue: Issue, row: int | str) -> None:
        groups = self._import.result.warning_groups
        group = groups.get((issue.field, issue.code))
        if group is None:
            group = WarningGroup(issue.field, issue.code, self._import.message(issue), row)
            groups[issue.field, issue.code] = group
        group.rows += 1

    def _report_refused(self, row: Row, refused: RowResult) -> None:
        result = self._import.result
        result.issues += len(refused.issues)
        shown = (
            issue
            for issue in refused.issues
            if not (self._key_columns_missing and issue.code == "key_missing")
        )
        for issue in islice(shown, MAX_FIRST_ISSUES - len(result.first_issues)):
            message = self._message(issue)
            result.first_issues.append(
                FirstIssue(row.shown_number(), issue.field, issue.code, message, self._path.name)
            )
        self._write(row, refused)

    def _report_changes(self, row: Row, updated: RowResult) -> None:
        result = self._import.result
        result.changed_fields.update(change.field for change in updated.changes)
        if len(result.first_changes) < MAX_FIRST_CHANGES:
            words = self._import.changes_in_words(updated.changes)
            result.first_changes.append(
                ChangedRow(row.shown_number(), updated.number, words, self._path.name)
            )
        if self._import.options.report:
            self._write(row, updated)

    def _write(self, row: Row, result: RowResult) -> None:
        if self._report_failed:
            return
        try:
            self._report.write(row, result)
        except OSError as problem:  # its disk is full: the counts and the good rows stay true
            self._report_failed = True
            params = {"row": row.number, "problem": str(problem)}
            self._import.notice(self._path, Issue("report_incomplete", "", params))

    def _refuse_rest(self, chunk: list[Row], rows: Iterator[Row], problem: Exception) -> None:
        """The store takes no more: rows so far are in, the rest come back, so that the file can go in again."""
        reason = _driver_message(problem)[:200]
        issues = (Issue("storage_full", "", {"problem": reason}),)
        for row in (*chunk, *rows):
            self._count([row], [RowResult(row.number, REFUSED, issues=issues)])


def _driver_message(problem: Exception) -> str:
    """What the driver of the database, or the system, says of an error."""
    return str(getattr(problem.__cause__ or problem, "orig", problem))
