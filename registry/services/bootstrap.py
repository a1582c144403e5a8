"""What every service is given: settings, database engine and search engine, put together once by the door."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from registry.config import Settings
from registry.search.embedded.engine import open_engine
from registry.search.port import SearchPort
from registry.search.postgresql.engine import PostgresEngine
from registry.search.words.staff_synonyms import StaffSynonyms
from registry.search.words.zero_result_log import ZeroResultLog
from registry.store.engine import engine_for


@dataclass(frozen=True, slots=True)
class Registry:
    settings: Settings
    engine: Engine
    search: SearchPort
    synonyms: StaffSynonyms
    zero_result_log: ZeroResultLog


def open_registry(settings: Settings) -> Registry:
    """Open the registry of these settings. Nothing is read or written yet.

    Raises `Misconfigured` when the data directory cannot be used.
    """
    engine = engine_for(settings.database_url)
    return Registry(settings, engine, open_search(settings), StaffSynonyms(engine), ZeroResultLog(engine))


def open_search(settings: Settings) -> SearchPort:
    """The search engine of these settings: over PostgreSQL where they name one, else the embedded one."""
    if settings.search_url:
        return PostgresEngine(settings.search_url, settings.search_cache_mb)
    return open_engine(settings.index_dir, settings.search_cache_mb)
