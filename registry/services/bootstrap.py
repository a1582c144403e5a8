"""What every service is given: settings, database engine and search engine, put together once by the door."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Engine

from registry.config import Settings
from registry.kit.record import DEMO_FLAG
from registry.search.embedded.engine import open_engine
from registry.search.meaning.near_texts import NearTexts
from registry.search.port import SearchPort
from registry.search.postgresql.engine import PostgresEngine
from registry.search.words.staff_synonyms import StaffSynonyms
from registry.search.words.zero_result_log import ZeroResultLog
from registry.store.cached_value import CachedValue, KeptValues, LatestValue
from registry.store.engine import engine_for
from registry.store.patience import LONG, Patience, web_patience
from registry.store.state import StateFlag
from registry.store.statement_time import time_statements

RECORD_COUNTS_MAX_AGE = 2.0  # seconds that the numbers on the home page may lag
RECORD_COUNTS_TIMES_COST = (
    20.0  # with millions of records they lag longer: counting takes a twentieth of the time at most
)
RECORD_OF_THE_DAY_MAX_AGE = 600.0  # seconds; a record that has ended meanwhile is not shown
OPERATION_REPORT_MAX_AGE = 5.0  # seconds; probes and scrapers come more often
INDEX_COMPARISON_MAX_AGE = 60.0  # counting all records takes a second for some millions
PAST_STATISTICS_KEPT = 128  # views, some 20 kB each
CountsByStanding: TypeAlias = dict[str, dict[str, int]]  # register → standing → number of records


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """How many records there are: all, and apart those that are invented and those that bodies abroad have issued."""

    all: CountsByStanding
    demo: CountsByStanding
    foreign: CountsByStanding


@dataclass(frozen=True, slots=True)
class NewestEntry:
    """The newest entry of the log; `index` is None until it is sealed."""

    id: int
    index: int | None
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Registry:
    """Settings, engines, and the caches that all requests of a process share."""

    settings: Settings
    engine: Engine
    search: SearchPort
    near_texts: NearTexts
    synonyms: StaffSynonyms
    zero_result_log: ZeroResultLog
    demo_flag: StateFlag
    record_counts: CachedValue[RecordCounts]
    newest_entry: CachedValue[NewestEntry | None]
    record_of_the_day: CachedValue[tuple[dt.date, int | None]]  # the day, and the record of the first page
    operation_report: CachedValue[Any]  # the state of the register for its operator
    index_comparison: CachedValue[Any]  # how many documents the index has, and records the store
    past_statistics: KeptValues[Any]  # views of past days, by register, origin, day and last entry
    entry_history: LatestValue[Any]  # what entries say, in columns
    latest_changes: LatestValue[Any]  # what the newest entries say, for the first page


def open_registry(settings: Settings, *, web_threads: int = 0) -> Registry:
    """Open the registry of these settings. Nothing is read or written yet.

    `web_threads`: how many threads of this process answer readers; it then waits for the database no longer than the
    settings say. Raises `Misconfigured` when the data directory cannot be used.
    """
    patience = (
        web_patience(settings.write_seconds, settings.read_seconds, web_threads) if web_threads else LONG
    )
    engine = time_statements(engine_for(settings.database_url, patience))
    return Registry(
        settings=settings,
        engine=engine,
        search=open_search(settings, patience),
        near_texts=NearTexts(settings.meaning_dir, is_on=settings.search_meaning),
        synonyms=StaffSynonyms(engine),
        zero_result_log=ZeroResultLog(engine),
        demo_flag=StateFlag(engine, DEMO_FLAG),
        record_counts=CachedValue(RECORD_COUNTS_MAX_AGE, RECORD_COUNTS_TIMES_COST),
        newest_entry=CachedValue(RECORD_COUNTS_MAX_AGE),
        record_of_the_day=CachedValue(RECORD_OF_THE_DAY_MAX_AGE),
        operation_report=CachedValue(OPERATION_REPORT_MAX_AGE),
        index_comparison=CachedValue(INDEX_COMPARISON_MAX_AGE),
        past_statistics=KeptValues(PAST_STATISTICS_KEPT),
        entry_history=LatestValue(),
        latest_changes=LatestValue(),
    )


def open_search(settings: Settings, patience: Patience = LONG) -> SearchPort:
    """The search engine of these settings: over PostgreSQL where they name one, else the embedded one."""
    if settings.search_url:
        return PostgresEngine(settings.search_url, settings.search_cache_mb, patience)
    return open_engine(settings.index_dir, settings.search_cache_mb)
