"""Import: sheets into a register. Good rows go in, chunk by chunk; bad rows come back in a report sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import ConcurrentWrite, Conflict, DatabaseUnavailable, Invalid, NotFound
from registry.i18n import LOCALES, _, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.ledger.canonical import canonical_json, document_hash
from registry.reference.text.folding import fold_name
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.duplicate_keys import DuplicateKeyStore
from registry.services.exchange.reports import Report
from registry.services.exchange.results import FirstIssue, ImportResult, WarningGroup
from registry.services.issue_messages import issue_message
from registry.services.publication import publishing
from registry.services.publication.publishing import Authority, PreparedDocument
from registry.services.publication.validation import RefusedRow, rule_context, validate_row
from registry.store.unit_of_work import unit_of_work
from registry.tabular.errors import SheetError
from registry.tabular.mapping import MappingError, SheetMapping, load_mapping
from registry.tabular.reading import Sheet, open_sheet
from registry.tabular.rows import Row

CHUNK_SIZE = 500  # rows a transaction: short enough for other writers, long enough to share its costs
MAX_ATTEMPTS = 5  # another importer of the same keys may win at most that often before we say so
REPORT_COLUMNS = ("row", "field", "code", "message")  # a corrected report may come in again
MAX_FIRST_ISSUES = 10
UTF8_ENCODINGS = (
    "utf-8",
    "utf-8-sig",
)  # another encoding is told: a Big5 or Latin file reads as GB18030, wrongly
RECORD_COLUMN_LABELS = {
    "status": ("状态", "Status"),
    "number": ("编号", "登记编号", "Number", "Register number"),
}


def import_files(
    registry: Registry,
    actor: Actor,
    slug: str,
    paths: Sequence[Path],
    *,
    mapping: str | None = None,
    dry_run: bool = False,
    report: Path | None = None,
    lang: str = "en",
    progress: Callable[[int], object] | None = None,
) -> ImportResult:
    """Import sheets into the register `slug`; `mapping` is the name of a shipped one or the path of a TOML file.

    Rows that cannot be taken never raise: they are counted and written to the report. A file that is no sheet does
    not keep the others out. Raises `NotFound` (register or mapping), `Invalid` (no file could be read; the mapping
    contradicts itself, the register or the sheet), `Conflict` (the report would replace a sheet), `OSError`
    (the report cannot be written where it was wanted).
    """
    require(actor, Action.IMPORT)
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug, code="register_unknown")
    plan = _load_mapping(definition, mapping) if mapping else None
    result = ImportResult()
    places = [_report_path(path, paths, report) for path in paths]
    for place in places:
        if place and any(place.exists() and place.samefile(path) for path in paths if path.exists()):
            raise Conflict("report_replaces_sheet", file=place.name)
    unread = 0
    with DuplicateKeyStore() as foreseen:
        for path, place in zip(paths, places, strict=True):
            try:
                sheet = _open_sheet(path, plan)
                _FileImport(
                    registry, definition, sheet, path, plan, foreseen, actor, dry_run, lang, result
                ).run(place, progress)
            except Invalid as problem:
                result.unreadable_files += problem.issues
                unread += 1
    if unread == len(paths):
        raise Invalid(tuple(result.unreadable_files))
    return result


def _open_sheet(path: Path, plan: SheetMapping | None) -> Sheet:
    try:
        sheet = open_sheet(path)
        if plan:
            plan.check_header(sheet.header)
    except SheetError as problem:
        raise Invalid((Issue(problem.code, "", {"file": path.name, **problem.params}),)) from problem
    except MappingError as problem:
        raise Invalid((Issue("mapping", "", {"file": path.name, "problem": str(problem)}),)) from problem
    return sheet


def _report_path(path: Path, paths: Sequence[Path], report: Path | None) -> Path | None:
    """The chosen place of a file's report; each of several files has its own, named after both."""
    if report is None or len(paths) == 1:
        return report
    same = [each for each in paths if each.stem == path.stem]
    place = f"-{same.index(path) + 1}" if len(set(same)) > 1 else ""
    return report.with_name(f"{report.stem}-{path.stem}{place}{report.suffix or '.csv'}")


def _load_mapping(definition: RegisterDefinition, name: str) -> SheetMapping:
    path = definition.mapping_path(name) if name in definition.mappings() else Path(name)
    if not path.is_file():
        raise NotFound("mapping", name, code="mapping_unknown")
    try:
        plan = load_mapping(path)
    except MappingError as problem:
        raise Invalid((Issue("mapping", "", {"problem": str(problem)}),)) from problem
    foreign = [
        name
        for name in plan.fields()
        if name not in {*definition.schema.register_fields(), *RECORD_COLUMN_LABELS}
    ]
    if foreign:
        contradiction = (
            f"{path.name}: the register {definition.slug} has no field {', '.join(map(repr, foreign))}"
        )
        raise Invalid((Issue("mapping", "", {"problem": contradiction}),))
    return plan


def header_words(definition: RegisterDefinition) -> dict[str, str]:
    """Folded header word → field name: names, labels in both languages, and aliases."""
    words: dict[str, str] = {}
    kept = definition.schema.register_fields()
    for name, known in kept.items():
        for label in (name, *(gettext(known.info.label, lang) for lang in LOCALES), *known.info.aliases):
            words.setdefault(_fold(label), name)
    for name, labels in RECORD_COLUMN_LABELS.items():
        if name not in kept:
            words.update({_fold(label): name for label in (name, *labels) if _fold(label) not in words})
    return words


def _fold(header: str) -> str:
    return fold_name(header).replace("_", "")


class _FileImport:
    """One sheet on its way in."""

    def __init__(
        self,
        registry: Registry,
        definition: RegisterDefinition,
        sheet: Sheet,
        path: Path,
        plan: SheetMapping | None,
        foreseen: DuplicateKeyStore,
        actor: Actor,
        dry_run: bool,
        lang: str,
        result: ImportResult,
    ) -> None:
        self.registry = registry
        self.definition = definition
        self.sheet = sheet
        self.path = path
        self.mapping = plan
        self.dry_run_state = (
            foreseen  # dry runs: what the files before this one would have left in the register
        )
        self.authority = Authority(actor.role)
        self.dry_run = dry_run
        self.lang = lang
        self.result = result
        self.columns = {} if plan else self._columns()

    def _columns(self) -> dict[str, str]:
        """Header cell → field. Columns that are no field are left out, with a word of it."""
        known = header_words(self.definition)
        columns = {cell: known[_fold(cell)] for cell in self.sheet.header if _fold(cell) in known}
        twice = {name for name in columns.values() if list(columns.values()).count(name) > 1}
        if twice:
            raise Invalid(
                tuple(
                    Issue("duplicate_header", "", {"file": self.path.name, "column": name})
                    for name in sorted(twice)
                )
            )
        foreign = [
            cell
            for cell in self.sheet.header
            if cell not in columns and cell not in (*REPORT_COLUMNS, *self.sheet.metadata_columns)
        ]
        if foreign:
            self._notice(
                _("Columns that are no field of this register were left out: %(names)s"),
                names=", ".join(foreign),
            )
        return columns

    def run(self, place: Path | None, progress: Callable[[int], object] | None) -> None:
        """Take the sheet in. Raises `Invalid` for one that has neither a known column nor a row."""
        if self.sheet.encoding not in UTF8_ENCODINGS:
            self._notice(
                _("%(file)s is not UTF-8; it was read as %(encoding)s. Please look at a record of it."),
                encoding=self.sheet.encoding.upper(),
            )
        stamp = dt.datetime.now(clock.SHANGHAI).strftime("%Y%m%d-%H%M%S")
        usual = self.registry.settings.reports_dir / f"{self.path.stem}-{stamp}.csv"
        self.report = Report(place or usual, self.sheet.header, chosen=place is not None)
        self.report_failed = False
        try:
            with self.report, DuplicateKeyStore() as seen:
                self._rows(iter(self.sheet), seen, progress)
        finally:
            if self.report.path:
                self.result.report_paths.append(self.report.path)

    def _rows(
        self, rows: Iterator[Row], seen: DuplicateKeyStore, progress: Callable[[int], object] | None
    ) -> None:
        empty = True
        while chunk := list(islice(rows, CHUNK_SIZE)):
            empty = False
            try:
                self._chunk(chunk, seen)
            except (DBAPIError, ConcurrentWrite, DatabaseUnavailable, OSError) as problem:
                self._stop(chunk, rows, problem)
                return
            if progress:
                progress(len(chunk))
        if empty and not (self.columns or self.mapping):
            raise Invalid((Issue("no_header", "", {"file": self.path.name}),))
        if empty:
            self._notice(_("%(file)s names columns and has no rows."))

    def _notice(self, message: str, **params: object) -> None:
        self.result.notices.append(gettext(message, self.lang, **{"file": self.path.name, **params}))

    def _chunk(self, chunk: list[Row], seen: DuplicateKeyStore) -> None:
        written = {row.number: row for row in chunk}
        for attempt in range(MAX_ATTEMPTS):
            try:
                ready, outcomes, refused, same = self._publish(chunk, seen, remembered=attempt > 0)
                break
            except ConcurrentWrite:
                if attempt == MAX_ATTEMPTS - 1:
                    raise
        self.result.unchanged += same
        for prepared in ready:
            for issue in prepared.warnings:
                self._count_warning(issue, prepared.row)
        for outcome in outcomes:
            if outcome.issue:
                refused.append(RefusedRow(outcome.row, (outcome.issue,)))
            else:
                setattr(self.result, outcome.result, getattr(self.result, outcome.result) + 1)
        for each in sorted(refused, key=lambda one: one.row):
            self._refuse(written[each.row], each.issues)

    def _count_warning(self, issue: Issue, row: int) -> None:
        place = (issue.field, issue.code)
        doubt = self.result.warning_groups.get(place)
        if doubt is None:
            doubt = self.result.warning_groups[place] = WarningGroup(
                issue.field, issue.code, issue_message(issue, self.lang, self.definition), row
            )
        doubt.rows += 1

    def _publish(
        self, chunk: list[Row], seen: DuplicateKeyStore, *, remembered: bool
    ) -> tuple[list[PreparedDocument], list[publishing.PublishOutcome], list[RefusedRow], int]:
        """Check and publish a chunk in one transaction."""
        with unit_of_work(self.registry.engine, commit=not self.dry_run) as connection:
            ready, refused, same = self._check(connection, chunk, seen, remembered=remembered)
            new, outcomes = self._split_dry_run(ready)
            outcomes += publishing.publish(connection, self.definition, new, self.authority)
        if self.dry_run:
            self._record_dry_run(ready, outcomes)
        return ready, outcomes, refused, same

    def _split_dry_run(
        self, ready: Iterable[PreparedDocument]
    ) -> tuple[list[PreparedDocument], list[publishing.PublishOutcome]]:
        """What a dry run must not ask the register, because a file before this one would have changed it there."""
        left, outcomes = [], []
        for each in ready:
            found = self.dry_run_state.get(each.key) if self.dry_run else None
            if found is None:
                left.append(each)
                continue
            digest, _blank, status = found[1].partition(" ")
            step = publishing.next_status(self.definition, each, status, clock.now())
            if isinstance(step, Issue):
                outcomes.append(publishing.PublishOutcome(each.row, publishing.REFUSED, step))
                continue
            same = (step[0], document_hash(canonical_json(each.values))) == (status, digest)
            result = publishing.UNCHANGED if same else publishing.UPDATED
            outcomes.append(publishing.PublishOutcome(each.row, result, status=step[0]))
        return left, outcomes

    def _record_dry_run(
        self, ready: Iterable[PreparedDocument], outcomes: Iterable[publishing.PublishOutcome]
    ) -> None:
        prepared = {each.row: each for each in ready}
        for outcome in outcomes:
            each = prepared.get(outcome.row)
            if each and outcome.result in (publishing.CREATED, publishing.UPDATED):
                content = f"{document_hash(canonical_json(each.values))} {outcome.status}"
                self.dry_run_state.replace(each.key, each.row, content)

    def _check(
        self, connection: Connection, chunk: Iterable[Row], seen: DuplicateKeyStore, *, remembered: bool
    ) -> tuple[list[PreparedDocument], list[RefusedRow], int]:
        context = rule_context(connection)
        ready: list[PreparedDocument] = []
        refused: list[RefusedRow] = []
        same = 0
        for row in chunk:
            raw, issues = self._raw(row)
            checked = validate_row(
                self.definition, row.number, raw, context, registrar=True, prior_issues=issues
            )
            if isinstance(checked, RefusedRow):
                refused.append(checked)
                continue
            content = document_hash(canonical_json({"values": checked.values, "status": checked.status}))
            earlier = seen.remember(checked.key, row.number, content)
            if earlier is None or (remembered and earlier[0] == row.number):
                ready.append(checked)
            elif earlier[1] == content:
                same += 1
            else:
                refused.append(RefusedRow(row.number, (Issue("duplicate_key", "", {"row": earlier[0]}),)))
        return ready, refused, same

    def _raw(self, row: Row) -> tuple[dict[str, Any], list[Issue]]:
        issues = [Issue(code, column, params) for code, column, params in row.issues]
        if self.mapping:
            mapped = self.mapping.apply(row)
            issues += [Issue(code, column, params) for code, column, params in mapped.issues]
            return dict(mapped.values), issues
        of = row.cells.get("register") if "register" in self.sheet.metadata_columns else None
        if of and of != self.definition.slug:
            issues.append(Issue("not_of_this_register", "register", {"reason": str(of)[:60]}))
        return {name: row.cells.get(cell) for cell, name in self.columns.items()}, issues

    def _refuse(self, row: Row, issues: tuple[Issue, ...]) -> None:
        self.result.refused += 1
        blocking = [issue for issue in issues if issue.severity == "blocks"]
        told = [(issue, issue_message(issue, self.lang, self.definition)) for issue in blocking]
        self.result.issues += len(told)
        for issue, message in told[: MAX_FIRST_ISSUES - len(self.result.first_issues)]:
            found = FirstIssue(row.number, issue.field, issue.code, message, self.path.name)
            self.result.first_issues.append(found)
        if self.report_failed:
            return
        try:
            self.report.write(row, [(issue.field, issue.code, message) for issue, message in told])
        except OSError as problem:  # its disk is full: the counts and the good rows stay true
            self.report_failed = True
            self._notice(
                _(
                    "The report ends at row %(row)s: %(problem)s. Rows refused after it stand only in %(file)s."
                ),
                row=row.number,
                problem=problem,
            )

    def _stop(self, chunk: list[Row], rows: Iterator[Row], problem: Exception) -> None:
        """The store takes no more: rows so far are in, the rest come back, so that the file can go in again."""
        reason = _driver_message(problem)[:200]
        for row in (*chunk, *rows):
            self._refuse(row, (Issue("storage_full", "", {"problem": reason}),))


def _driver_message(problem: Exception) -> str:
    """What the driver of the database, or the system, says of an error."""
    return str(getattr(problem.__cause__ or problem, "orig", problem))
