"""The registry over the engine on PostgreSQL: built, kept equal, lost and found again, as with the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text, update

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.config import Settings
from registry.kit.record import Record
from registry.registers import catalogue
from registry.search.analysis.document import UNSTATED
from registry.search.port import Query
from registry.search.postgresql.tables import SCHEMA
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.finding.scope import search_scope
from registry.services.operations import indexing, relay
from registry.store.unit_of_work import unit_of_work
from tests.processes import organisations
from tests.services import samples

pytestmark = pytest.mark.postgresql
EQUAL = indexing.IndexRepair()


@pytest.fixture
def second(settings: Settings, tmp_path: Path) -> Iterator[Registry]:
    """A registry whose index lies in its database."""
    opened = open_registry(replace(settings, search_url=settings.database_url))
    samples.load(opened, tmp_path)
    yield opened
    opened.search.close()


def test_the_relay_builds_the_index_and_keeps_it_equal_to_the_database(
    second: Registry, tmp_path: Path
) -> None:
    assert search.find_records(
        second, ANONYMOUS, SearchRequest("家具"), "zh"
    ).index_stale  # nothing is built yet
    relay.run_relay_once(second)
    assert indexing.verify_index(second) == EQUAL
    assert second.search.verify()
    before = second.search.status()
    importer.import_files(second, REGISTRAR, "organisations", [organisations(tmp_path / "more.csv", 20)])
    relay.run_relay_once(second)
    after = second.search.status()
    assert after.documents == (before.documents or 0) + 20
    assert after.generation != before.generation
    assert indexing.verify_index(second) == EQUAL
    found = search.find_records(second, ANONYMOUS, SearchRequest("家具"), "zh")
    assert found.total
    assert not found.index_stale


def test_both_engines_count_records_that_do_not_say_alike(second: Registry, settings: Settings) -> None:
    relay.run_relay_once(second)
    embedded = open_registry(replace(settings, search_url=""))
    indexing.rebuild_index(embedded)
    for slug in catalogue():
        scope = search_scope(slug)
        query = Query(filters={"register": (slug,)}, facets=scope.facets, include_ended=True, limit=1)
        counts = embedded.search.find(query).facets
        assert {name: sorted(values) for name, values in second.search.find(query).facets.items()} == {
            name: sorted(values) for name, values in counts.items()
        }
        for name in scope.facets:
            unstated = replace(query, filters={**query.filters, name: (UNSTATED,)})
            total = dict(counts[name]).get(UNSTATED, 0)
            assert second.search.find(unstated).total == embedded.search.find(unstated).total == total
    embedded.search.close()


def test_stale_damaged_and_lost_indexes_are_detected_and_repaired(second: Registry) -> None:
    relay.run_relay_once(second)
    with unit_of_work(second.engine) as connection:
        connection.execute(update(Record).values(index_version=Record.index_version + 1))
    assert indexing.verify_index(second).stale == second.search.status().documents
    build = second.search.status().generation.partition(":")[0]
    with unit_of_work(second.engine) as connection:
        connection.execute(text(f"DELETE FROM {SCHEMA}.doc_{build}"))
    assert not second.search.verify()
    with unit_of_work(second.engine) as connection:
        connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
    assert second.search.status().documents is None
    relay.run_relay_once(second)
    assert indexing.verify_index(second) == EQUAL


def test_a_reader_survives_rebuilds(second: Registry) -> None:
    relay.run_relay_once(second)
    reader = open_registry(second.settings)
    total = reader.search.find(Query("家具")).total
    for _build in range(3):  # builds before the last one are gone
        indexing.rebuild_index(second)
    reader.search.status()
    assert reader.search.find(Query("家具")).total == total > 0
    with second.engine.connect() as connection:
        tables = connection.execute(
            text("SELECT count(*) FROM pg_tables WHERE schemaname = :schema"), {"schema": SCHEMA}
        ).scalar()
    assert tables == 7  # the present build, the one before, and the row that names it
