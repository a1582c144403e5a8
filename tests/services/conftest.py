from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from registry.config import Settings
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from tests.databases import Template
from tests.services import samples

EmptyStore = Callable[[], AbstractContextManager[Settings]]


@pytest.fixture
def empty_store(template: Template, tmp_path: Path) -> EmptyStore:
    """Settings of a store without tables, in a folder that does not exist yet."""
    return lambda: template.empty(tmp_path / "elsewhere")


@pytest.fixture
def filled(registry: Registry, tmp_path: Path) -> Registry:
    """A registry of this test's own with every sample, indexed."""
    samples.load(registry, tmp_path)
    relay.run_relay_once(registry)
    return registry
