"""What a balancer needs to know of this server, and what its operator does."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, func, select, text, union_all
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from registry import clock
from registry.accounts.model import Letter
from registry.config import Settings
from registry.errors import DatabaseUnavailable
from registry.kit.decision import OPENING, DecisionSheet
from registry.kit.desk_import import AT_WORK, DeskImport
from registry.kit.record import Record
from registry.kit.sheet_job import UNFINISHED, ImportJob
from registry.ledger.sealing import log_size
from registry.observing.recent_trouble import note_system_error, recent_troubles
from registry.observing.shared_files import started_at
from registry.outbox.model import RECORD_TOPIC, Message
from registry.services.bootstrap import Registry
from registry.services.operations.backup_state import BackupState, read_backup_state
from registry.services.operations.daily_work import DailyWorkState, read_daily_work
from registry.services.operations.relay import read_lag_seconds
from registry.services.operations.schema_state import SchemaState, read_schema_state
from registry.services.people import examinations
from registry.store.engine import is_missing
from registry.store.heartbeat import read_heartbeats
from registry.store.leases import read_tokens
from registry.store.unit_of_work import read_transaction

COMPANIONS = ("relay", "sheets")
# What the process for sheets has before it, each with the moment since when: sheets of enterprises, imports and sheets of decisions at
# the desk. What waits for a person is not among it; an import that a second person has started counts from then on.
_WAITING_SHEETS = union_all(
    select(ImportJob.made_at.label("since")).where(ImportJob.state.in_(UNFINISHED)),
    select(func.coalesce(DeskImport.run_at, DeskImport.made_at)).where(DeskImport.state.in_(AT_WORK)),
    select(DecisionSheet.made_at).where(DecisionSheet.state == OPENING),
).subquery()
SHEETS_AT_WORK = select(func.count(), func.min(_WAITING_SHEETS.c.since))
SILENT_AFTER = 120.0  # seconds without a turn; a new index may take longer, and then says nothing
MIN_FREE_BYTES = 500_000_000  # in the data directory
MAX_LAG = 120.0  # seconds that a change may wait to be sealed and found
MAX_LETTER_AGE = 900.0  # seconds; the third attempt is over by then
MAX_SHEET_AGE = 3600.0
MAX_BACKUP_AGE = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What can be used. `database`: it answers; `schema`: how it fits this program; `index`: there is one to search in.

    `problem`: in the words of the driver, why the database does not answer; for operators only.
    """

    database: bool
    index: bool
    schema: SchemaState
    problem: str = ""

    @property
    def is_ready(self) -> bool:
        """True if pages can be answered: what a balancer asks."""
        return self.database and self.index and self.schema.is_usable


class Waiting(NamedTuple):
    """What waits for a companion process: how many, and how many seconds the oldest has."""

    number: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class IndexComparison:
    """The number of documents in the index and of records in the store; None where there is no index."""

    documents: int | None
    records: int


@dataclass(frozen=True, slots=True)
class OperationReport:
    """The state of the whole register, for its operator; at most some seconds old.

    `writable`: the database takes writes; `free_bytes`: of the data directory; `seconds_since`: the last turn of each
    companion process, None if there was none; `outbox`: messages by topic; `lease_tokens`: rise whenever another process
    takes over; `up_seconds`: since the processes of this machine were started.
    """

    writable: bool
    free_bytes: int
    lag_seconds: float
    seconds_since: dict[str, float | None]
    lease_tokens: dict[str, int]
    up_seconds: float
    outbox: dict[str, int]
    letters: Waiting
    sheets: Waiting
    examinations: int
    index: IndexComparison
    entries: int
    daily_work: DailyWorkState
    backup: BackupState

    def is_alive(self, companion: str) -> bool:
        """True if this companion process has come round not long ago."""
        since = self.seconds_since[companion]
        return since is not None and since <= SILENT_AFTER

    def is_silent(self, companion: str) -> bool:
        """True if it has not come round, and had the time to since the start."""
        return not self.is_alive(companion) and self.up_seconds > SILENT_AFTER

    @property
    def attention(self) -> list[str]:
        """What somebody should look at, in codes that docs/operations/monitoring.md explains."""
        waits = self.outbox.get(RECORD_TOPIC, 0)
        differs = self.index.documents is None or abs(self.index.documents - self.index.records) > waits
        backup_at = self.backup.backup_at
        recent = recent_troubles()
        found = {
            "not_writable": not self.writable,
            "space_low": self.free_bytes < MIN_FREE_BYTES,
            "relay_silent": self.is_silent("relay"),
            "sheets_silent": self.is_silent("sheets"),
            "relay_lag": self.lag_seconds > MAX_LAG,
            "letters_wait": self.letters.oldest_seconds > MAX_LETTER_AGE,
            "sheets_wait": self.sheets.oldest_seconds > MAX_SHEET_AGE,
            "index_differs": differs,
            "daily_work_refused": bool(self.daily_work.refused),
            "backup_old": backup_at is not None and clock.now() - backup_at > MAX_BACKUP_AGE,
            "writes_refused": "writes_refused" in recent,
            "descriptors_used_up": "descriptors_used_up" in recent,
            "process_died": "process_died" in recent,
            "index_rebuilt": "index_rebuilt" in recent,
        }
        return [code for code, is_so in found.items() if is_so]


def check_readiness(registry: Registry) -> Readiness:
    """Check what can be used. Never raises."""
    index = registry.search.status().documents is not None
    if is_missing(registry.settings.database_url):
        return Readiness(
            database=False, index=index, schema=SchemaState("missing"), problem="there is no such file"
        )
    try:
        with read_transaction(registry.engine) as connection:
            connection.execute(text("SELECT 1"))
            return Readiness(database=True, index=index, schema=read_schema_state(connection))
    except DatabaseUnavailable as unavailable:
        problem = unavailable.problem
    except DBAPIError as error:
        problem = str(error.orig)
    return Readiness(database=False, index=index, schema=SchemaState("unknown"), problem=problem)


def report_operation(registry: Registry) -> OperationReport | None:
    """Return the state of the register for its operator; None while the store cannot be read."""
    try:
        report: OperationReport = registry.operation_report.get(lambda: _report(registry))
    except (DBAPIError, DatabaseUnavailable):
        return None
    return report


def _report(registry: Registry) -> OperationReport:
    comparison: IndexComparison = registry.index_comparison.get(lambda: _compare_index(registry))
    with read_transaction(registry.engine) as connection:
        seen = read_heartbeats(connection)
        topics = connection.execute(select(Message.topic, func.count()).group_by(Message.topic)).all()
        return OperationReport(
            writable=_is_writable(connection, registry.settings),
            free_bytes=_free_bytes(registry.settings),
            lag_seconds=read_lag_seconds(connection),
            seconds_since={name: _age(seen[name]) if name in seen else None for name in COMPANIONS},
            lease_tokens=read_tokens(connection),
            up_seconds=_age(started_at()),
            outbox={row.topic: row[1] for row in topics},
            letters=_waiting(connection.execute(select(func.count(), func.min(Letter.created_at))).one()),
            sheets=_waiting(connection.execute(SHEETS_AT_WORK).one()),
            examinations=_count_examinations(registry),
            index=comparison,
            entries=log_size(connection),
            daily_work=read_daily_work(connection),
            backup=read_backup_state(connection),
        )


def _compare_index(registry: Registry) -> IndexComparison:
    with read_transaction(registry.engine) as connection:
        records = connection.execute(select(func.count()).select_from(Record)).scalar_one()
    return IndexComparison(registry.search.status().documents, int(records))


def _waiting(row: tuple[int, dt.datetime | None]) -> Waiting:
    count, oldest = row
    return Waiting(int(count), _age(oldest) if oldest else 0.0)


def _count_examinations(registry: Registry) -> int:
    """The number of files that wait; 0 where no descriptor is left to look, which `attention` says."""
    try:
        return examinations.count_waiting(registry)
    except OSError as problem:
        if not note_system_error(problem):
            raise
        return 0


def _age(moment: dt.datetime) -> float:
    """Seconds since a moment; one that a wrong clock has put into the future is as long ago as it lies ahead."""
    return abs((clock.now() - moment).total_seconds())


def _is_writable(connection: Connection, settings: Settings) -> bool:
    """True if the database would take a write, by what it says of itself: nothing is written for it."""
    if connection.dialect.name == "postgresql":
        return bool(connection.execute(text("SHOW transaction_read_only")).scalar_one() == "off")
    path = make_url(settings.database_url).database
    return path is None or path == ":memory:" or os.access(path, os.W_OK)


def _free_bytes(settings: Settings) -> int:
    try:
        return shutil.disk_usage(settings.data_dir).free
    except OSError:
        return 0
