from __future__ import annotations

from pathlib import Path

import pytest

from registry.services.bootstrap import Registry
from registry.services.operations import relay
from tests.services import samples


@pytest.fixture
def filled(registry: Registry, tmp_path: Path) -> Registry:
    """A registry of this test's own with every sample, indexed."""
    samples.load(registry, tmp_path)
    relay.run_relay_once(registry)
    return registry
