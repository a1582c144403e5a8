from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.search.engine import open_engine
from registry.search.port import SearchPort
from tests.unit.search.shelf import SHELF


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[SearchPort]:
    """An engine over a directory that holds nothing yet."""
    engine = open_engine(tmp_path / "index")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchPort]:
    """The shelf, indexed once; nobody writes to it. Two segments and a deleted document, as in real life."""
    engine = open_engine(tmp_path_factory.mktemp("shelf") / "index")
    engine.rebuild(SHELF[:6])
    engine.write(SHELF[5:], delete=[])
    yield engine
    engine.close()
