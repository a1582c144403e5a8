"""Import: sheets into a register. Good rows go in, chunk by chunk; bad rows come back in a report sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid, NotFound, Unavailable
from registry.i18n import LOCALES, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.ledger.canonical import canonical, document_hash
from registry.reference.folding import fold_name
from registry.registers import catalogue
from registry.services import publishing
from registry.services.intake import Refused, check, context_for
from registry.services.issue_words import in_words
from registry.services.publishing import Authority, Prepared
from registry.services.reports import Report
from registry.services.seen_keys import SeenKeys
from registry.services.wiring import Registry
from registry.store.unit_of_work import unit_of_work
from registry.tabular.errors import SheetError
from registry.tabular.mapping import Mapping as SheetMapping
from registry.tabular.mapping import MappingError, load_mapping
from registry.tabular.reading import Row, Sheet, open_sheet

CHUNK = 500  # rows a transaction: short enough for other writers, long enough to share its costs
RETRIES = 5  # another importer of the same keys may win at most that often before we say so
REPORT_COLUMNS = ("row", "field", "code", "message")  # a corrected report may come in again
FIRST_ISSUES = 10
SPINE_LABELS = {"status": ("状态", "Status"), "number": ("编号", "登记编号", "Number", "Register number")}


@dataclass(slots=True)
class ImportResult:
    """The end of an import. `first_issues` are (row, field, code, message) for the screen."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    report_path: Path | None = None
    first_issues: list[tuple[int, str, str, str]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)  # left-out columns, a stop on the way

    def summary(self) -> str:
        return f"created {self.created}, updated {self.updated}, unchanged {self.unchanged}, refused {self.refused}"


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

    Raises `NotFound` (register, file or mapping), `Invalid` (a file that is no sheet, a column that the mapping
    needs). Rows that cannot be taken never raise: they are counted and written to the report.
    """
    require(actor, Action.IMPORT)
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug, code="register_unknown")
    plan = _mapping(definition, mapping) if mapping else None
    result = ImportResult()
    for path in paths:
        try:
            sheet = open_sheet(path)
            if plan:
                plan.check_header(sheet.header)
        except SheetError as problem:
            raise Invalid((Issue(problem.code, "", {"file": path.name, **problem.params}),)) from problem
        except MappingError as problem:
            raise Invalid((Issue("mapping", "", {"problem": str(problem)}),)) from problem
        target = report if report and len(paths) == 1 else None
        if report and len(paths) > 1:
            target = report.with_name(f"{report.stem}-{path.stem}{report.suffix or '.csv'}")
        stamp = dt.datetime.now(clock.SHANGHAI).strftime("%Y%m%d-%H%M%S")
        place = target or registry.settings.reports_dir / f"{path.stem}-{stamp}.csv"
        with Report(place, sheet.header) as refusals:
            _Import(registry, definition, sheet, plan, refusals, actor, dry_run, lang, result, progress).run()
            result.report_path = refusals.path or result.report_path
    return result


def _mapping(definition: RegisterDefinition, name: str) -> SheetMapping:
    path = definition.mapping_path(name) if name in definition.mappings() else Path(name)
    if not path.is_file():
        raise NotFound("mapping", name, code="mapping_unknown")
    try:
        return load_mapping(path)
    except MappingError as problem:
        raise Invalid((Issue("mapping", "", {"problem": str(problem)}),)) from problem


def columns_of(definition: RegisterDefinition) -> dict[str, str]:
    """Folded header word → field name: names, labels in both languages, and aliases."""
    words: dict[str, str] = {}
    kept = definition.schema.kept()
    for name, known in kept.items():
        for label in (name, *(gettext(known.facts.label, lang) for lang in LOCALES), *known.facts.aliases):
            words.setdefault(_fold(label), name)
    for name, labels in SPINE_LABELS.items():
        if name not in kept:
            words.update({_fold(label): name for label in (name, *labels) if _fold(label) not in words})
    return words


def _fold(header: str) -> str:
    return fold_name(header).replace("_", "")


class _Import:
    """One sheet on its way in."""

    def __init__(
        self,
        registry: Registry,
        definition: RegisterDefinition,
        sheet: Sheet,
        plan: SheetMapping | None,
        refusals: Report,
        actor: Actor,
        dry_run: bool,
        lang: str,
        result: ImportResult,
        progress: Callable[[int], object] | None,
    ) -> None:
        self.registry = registry
        self.definition = definition
        self.sheet = sheet
        self.plan = plan
        self.refusals = refusals
        self.authority = Authority(actor.role)
        self.dry_run = dry_run
        self.lang = lang
        self.result = result
        self.progress = progress
        self.columns = {} if plan else self._columns()

    def _columns(self) -> dict[str, str]:
        """Header cell → field. Columns that are no field are left out, with a word of it."""
        known = columns_of(self.definition)
        columns = {cell: known[_fold(cell)] for cell in self.sheet.header if _fold(cell) in known}
        twice = {name for name in columns.values() if list(columns.values()).count(name) > 1}
        if twice:
            raise Invalid(tuple(Issue("duplicate_header", name, {"name": name}) for name in sorted(twice)))
        foreign = [
            cell
            for cell in self.sheet.header
            if cell not in columns and cell not in REPORT_COLUMNS and cell.strip()
        ]
        if foreign:
            self.result.notices.append(
                gettext(
                    "Columns that are no field of this register were left out: %(names)s",
                    self.lang,
                    names=", ".join(foreign),
                )
            )
        return columns

    def run(self) -> None:
        rows = iter(self.sheet)
        with SeenKeys() as seen:
            while chunk := list(islice(rows, CHUNK)):
                try:
                    self._chunk(chunk, seen)
                except (DBAPIError, OSError) as problem:
                    self._stop(chunk, rows, problem)
                    return
                if self.progress:
                    self.progress(len(chunk))

    def _chunk(self, chunk: list[Row], seen: SeenKeys) -> None:
        written = {row.number: row for row in chunk}
        for attempt in range(RETRIES):
            try:
                ready, refused, same = self._publish(chunk, seen, remembered=attempt > 0)
                break
            except IntegrityError:
                if attempt == RETRIES - 1:
                    raise
        for outcome in ready:
            if outcome.issue:
                refused.append(Refused(outcome.row, (outcome.issue,)))
            else:
                setattr(self.result, outcome.result, getattr(self.result, outcome.result) + 1)
        self.result.unchanged += same
        for each in sorted(refused, key=lambda one: one.row):
            self._refuse(written[each.row], each.issues)

    def _publish(
        self, chunk: list[Row], seen: SeenKeys, *, remembered: bool
    ) -> tuple[list[publishing.Outcome], list[Refused], int]:
        """Check and publish a chunk in one transaction."""
        with unit_of_work(self.registry.engine, keep=not self.dry_run) as work:
            ready, refused, same = self._check(work, chunk, seen, remembered=remembered)
            outcomes = publishing.publish(work, self.definition, ready, self.authority)
        return outcomes, refused, same

    def _check(
        self, work: Connection, chunk: Iterable[Row], seen: SeenKeys, *, remembered: bool
    ) -> tuple[list[Prepared], list[Refused], int]:
        context = context_for(work)
        ready: list[Prepared] = []
        refused: list[Refused] = []
        same = 0
        for row in chunk:
            raw, issues = self._raw(row)
            checked = check(self.definition, row.number, raw, context, registrar=True, found=issues)
            if isinstance(checked, Refused):
                refused.append(checked)
                continue
            content = document_hash(canonical({"values": checked.values, "status": checked.status}))
            earlier = seen.first(checked.key, row.number, content)
            if earlier is None or (remembered and earlier[0] == row.number):
                ready.append(checked)
            elif earlier[1] == content:
                same += 1
            else:
                refused.append(Refused(row.number, (Issue("duplicate_key", "", {"row": earlier[0]}),)))
        return ready, refused, same

    def _raw(self, row: Row) -> tuple[dict[str, Any], list[Issue]]:
        issues = [Issue(code, column, params) for code, column, params in row.issues]
        if self.plan:
            mapped = self.plan.apply(row)
            issues += [Issue(code, column, params) for code, column, params in mapped.issues]
            return dict(mapped.values), issues
        return {name: row.cells.get(cell) for cell, name in self.columns.items()}, issues

    def _refuse(self, row: Row, issues: tuple[Issue, ...]) -> None:
        self.result.refused += 1
        blocking = [issue for issue in issues if issue.severity == "blocks"]
        told = [(issue, self.message(issue)) for issue in blocking]
        self.refusals.write(row, [(issue.field, issue.code, message) for issue, message in told])
        for issue, message in told[: FIRST_ISSUES - len(self.result.first_issues)]:
            self.result.first_issues.append((row.number, issue.field, issue.code, message))

    def message(self, issue: Issue) -> str:
        return in_words(issue, self.lang, self.definition)

    def _stop(self, chunk: list[Row], rows: Iterator[Row], problem: Exception) -> None:
        """The store takes no more: rows so far are in, the rest come back, so that the file can go in again."""
        reason = str(getattr(problem, "orig", None) or problem)[:200]
        try:
            for row in (*chunk, *rows):
                self._refuse(row, (Issue("storage_full", "", {"problem": reason}),))
        except OSError as second:  # the report lies on the same full disk
            raise Unavailable(f"{reason}; the report could not be written either: {second}") from problem
