"""The sheet that goes back to its sender: each row with what became of it, made in the background and kept for a day.

How long it takes to make, the sender of the sheet decides. So a web request asks for it, waits a moment, and else says
that it is being made; the process for sheets makes it. Where none runs, the request makes it itself, one at a time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, NotFound, Unavailable
from registry.i18n import _, gettext
from registry.kit.sheet_job import UNFINISHED
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.pipeline import FieldChange
from registry.services.exchange.results import NUMBER, RESULTS_COLUMNS, NumberColumn, ResultsSheet, with_place
from registry.services.exchange.stored_results import iterate_results
from registry.services.filing.by_sheet.sheet_policy import LIMITS, filer_vocabulary
from registry.services.filing.by_sheet.sheet_views import describe_row_changes, find_job, stored_sheet_path
from registry.services.filing.questions import describe_issue
from registry.services.people.memberships import FilerAddress, require_membership
from registry.services.publication.publishing import REFUSED
from registry.store.base import FetchedRow
from registry.store.locks import Lock, hold_file_lock
from registry.store.unit_of_work import STORE_ERRORS, read_transaction
from registry.tabular.reading import Sheet, open_sheet
from registry.tabular.tables import table_chunks

EMPTY, CHANGE_LINE = _("(empty)"), _("%(field)s: %(change)s")
SHEETS_LOCK = Lock("sheets")  # held by the one process that works on sheets
WANTED, INCOMPLETE = ".wanted", ".incomplete"
WAIT_SECONDS, POLL_SECONDS = 2.0, 0.05
READ_SIZE = 1 << 16
log = logging.getLogger(__name__)
_waiters = threading.BoundedSemaphore(1)  # of one process: threads that wait are kept from readers
ResultsFormat = Literal["csv", "xlsx"]


class Stopped(Exception):
    """The process was told to end: what is not whole is begun again by the next one."""


@dataclass(frozen=True, slots=True)
class ResultsRequest:
    """How the results of a sheet are written. `lang`: of the messages, and in Chinese of the columns."""

    format: ResultsFormat
    lang: str
    refused_only: bool = False


def export_sheet_results(
    registry: Registry, actor: Actor, org: FilerAddress, job_id: int, *, request: ResultsRequest
) -> Iterator[bytes]:
    """The sheet with what became of each row; refused rows alone can be mended and handed in again.

    Raises `NotFound` (also when it is older than 90 days), `Unavailable` (results_being_made) where it takes longer.
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        organisation = require_membership(connection, actor, org)
        job = find_job(connection, organisation.id, job_id)
    if not stored_sheet_path(registry, job.file).exists():
        raise NotFound("sheet", str(job_id))
    path = _results_path(registry, job, request)
    return read_or_make(registry, path, WANTED, lambda: _chunks(registry, job, request))


def make_wanted_results(registry: Registry, stop: threading.Event | None = None) -> int:
    """Make the results that requests have asked for; returns how many. Called by the process that works on sheets.

    Once `stop` is set, what is not whole is left to the next process.
    """
    return make_wanted(registry, WANTED, lambda path: _make_named(registry, path, stop))


def make_wanted(registry: Registry, suffix: str, make: Callable[[Path], None]) -> int:
    """Call `make` for each file that a marker with this suffix asks for, those asked for first first; returns how many."""
    folder = registry.settings.sheets_dir
    wanted = sorted(folder.glob(f"*{suffix}"), key=_asked_at) if folder.is_dir() else []
    made = 0
    for marker in wanted:
        path = marker.with_name(marker.name.removesuffix(suffix))
        try:
            make(path)
        except Stopped:
            break
        except STORE_ERRORS:
            raise
        except Exception:
            log.exception("results %s were not made", path.name)
        marker.unlink(missing_ok=True)
        made += 1
    return made


def _asked_at(marker: Path) -> float:
    try:
        return marker.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _results_path(registry: Registry, job: FetchedRow, request: ResultsRequest) -> Path:
    """Where results are kept. Those of work that goes on are made anew when it has advanced."""
    rows = "refused" if request.refused_only else "all"
    progress = job.last_row if job.state in UNFINISHED else "end"
    name = f"{job.file}.{job.organisation_id}.{job.id}.{progress}.{request.lang}.{rows}.{request.format}"
    return registry.settings.sheets_dir / name


def read_or_make(
    registry: Registry, path: Path, suffix: str, chunks: Callable[[], Iterator[bytes]]
) -> Iterator[bytes]:
    """The bytes of a file of results, made from `chunks` if there is none yet. `suffix`: of the marker that asks for it.

    Raises `Unavailable` (results_being_made) where that takes longer, `NotFound` where it is gone.
    """
    if not path.exists():
        _make_or_wait(registry, path, suffix, chunks)
    return _read_chunks(path)


def _make_or_wait(registry: Registry, path: Path, suffix: str, chunks: Callable[[], Iterator[bytes]]) -> None:
    """Make the results, or let the process for sheets make them. Raises `Unavailable` while that lasts."""
    marker = path.with_name(path.name + suffix)
    if not _waiters.acquire(blocking=False):
        marker.touch()
        raise Unavailable("results_being_made")
    try:
        with hold_file_lock(SHEETS_LOCK, registry.settings.data_dir):
            write_results(path, chunks())
    except Conflict:  # the process for sheets, or another request, is at work
        marker.touch()
        deadline = time.monotonic() + WAIT_SECONDS
        while not path.exists():
            if time.monotonic() > deadline:
                raise Unavailable("results_being_made") from None
            time.sleep(POLL_SECONDS)
    finally:
        _waiters.release()


def _make_named(registry: Registry, path: Path, stop: threading.Event | None) -> None:
    """Make the results that a file name asks for; those of a sheet that is gone are not."""
    _file, organisation_id, job_id, _progress, lang, rows, file_format = path.name.split(".")
    try:
        with read_transaction(registry.engine) as connection:
            job = find_job(connection, int(organisation_id), int(job_id))
    except NotFound:
        return
    request = ResultsRequest("csv" if file_format == "csv" else "xlsx", lang, refused_only=rows == "refused")
    write_results(path, _chunks(registry, job, request), stop)


def write_results(path: Path, chunks: Iterable[bytes], stop: threading.Event | None = None) -> None:
    """Write a file of results and put it whole in its place. Raises `Stopped` once `stop` is set."""
    incomplete = path.with_name(path.name + INCOMPLETE)
    try:
        with incomplete.open("wb") as file:
            for chunk in chunks:
                if stop is not None and stop.is_set():
                    raise Stopped
                file.write(chunk)
        incomplete.replace(path)
    finally:
        incomplete.unlink(missing_ok=True)


def _chunks(registry: Registry, job: FetchedRow, request: ResultsRequest) -> Iterator[bytes]:
    vocabulary = filer_vocabulary(catalogue()[job.register])
    sheet = open_sheet(stored_sheet_path(registry, job.file), vocabulary, limits=LIMITS)
    header = vocabulary.match(sheet.header)
    results = ResultsSheet(
        sheet.header,
        RESULTS_COLUMNS,
        lambda issue: describe_issue(with_place(issue, sheet.place_of), job.register, request.lang),
        describe_changes=lambda changes: _changes_text(changes, job.register, request.lang),
        numbers=NumberColumn(header.column_of(NUMBER), registry.settings.base_url),
        definition=catalogue()[job.register] if request.lang == "zh" else None,
    )
    lines = _result_lines(registry, job.id, sheet, results, refused_only=request.refused_only)
    return table_chunks(request.format, results.header, lines)


def _read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file that is open before the first one is asked for. Raises `NotFound`."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise NotFound("sheet", path.name) from None

    def chunks() -> Iterator[bytes]:
        with file:
            while chunk := file.read(READ_SIZE):
                yield chunk

    return chunks()


def _changes_text(changes: Sequence[FieldChange], register: str, lang: str) -> str:
    """What a row has changed, for a cell of its results."""
    empty = gettext(EMPTY, lang)
    lines = [
        gettext(
            CHANGE_LINE,
            lang,
            field=gettext(each.label, lang),
            change=f"{each.before or empty} → {each.after or empty}",
        )
        for each in describe_row_changes(changes, register, lang)
    ]
    return ("；" if lang == "zh" else "; ").join(lines)


def _result_lines(
    registry: Registry, job_id: int, sheet: Sheet, results_sheet: ResultsSheet, *, refused_only: bool
) -> Iterator[list[object]]:
    """The rows of the sheet beside what became of them; both come in order, so that neither fills memory."""
    with read_transaction(registry.engine) as connection:
        results = iterate_results(connection, job_id)
        result = next(results, None)
        for row in sheet:
            if result is None:
                return
            if result.row != row.number:
                continue
            if result.result == REFUSED or not refused_only:
                yield results_sheet.line(row, result)
            result = next(results, None)
