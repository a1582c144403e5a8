from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from registry.config import Settings
from registry.services.bootstrap import Registry
from tests.databases import Template
from tests.services import samples

EmptyStore = Callable[[], AbstractContextManager[Settings]]


@pytest.fixture
def empty_store(template: Template, tmp_path: Path) -> EmptyStore:
    """Settings of a store without tables, in a folder that does not exist yet."""
    return lambda: template.empty(tmp_path / "elsewhere")


@pytest.fixture
def filled(filled_template: Template, tmp_path: Path) -> Iterator[Registry]:
    """A registry of this test's own with every sample, indexed."""
    with samples.opened(filled_template, tmp_path / "filled") as registry:
        yield registry
