from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.search.embedded.engine import open_engine
from registry.search.port import SearchPort
from registry.search.postgresql.engine import PostgresEngine
from tests.databases import POSTGRESQL, Template
from tests.unit.search.sample_documents import DOCUMENTS


@pytest.fixture
def empty_engine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SearchPort]:
    """An engine without an index: the embedded one, or the one over PostgreSQL when the tests run there."""
    if POSTGRESQL:
        template: Template = request.getfixturevalue("template")
        with template.copy(tmp_path) as settings:
            yield PostgresEngine(settings.database_url, 8)
        return
    engine = open_engine(tmp_path / "index")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def sample_engine(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[SearchPort]:
    """The sample documents, indexed once and never written to: two segments and a deleted document, as in real use."""
    folder = tmp_path_factory.mktemp("sample_engine")
    if POSTGRESQL:
        template: Template = request.getfixturevalue("template")
        with template.copy(folder) as settings:
            engine: SearchPort = PostgresEngine(settings.database_url, 8)
            _fill(engine)
            yield engine
        return
    engine = open_engine(folder / "index")
    _fill(engine)
    yield engine
    engine.close()


def _fill(engine: SearchPort) -> None:
    engine.rebuild(DOCUMENTS[:6])
    engine.write(DOCUMENTS[5:], deletes=[])
