"""A register of its own in a temporary folder, for measuring searches."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.config import Settings
from registry.services.bootstrap import Registry, open_registry
from registry.services.operations import maintenance


@contextmanager
def temporary_register(*, meaning: bool = True) -> Iterator[Registry]:
    """Yield an empty register on SQLite, gone afterwards. `meaning`: with what is only near in meaning."""
    with tempfile.TemporaryDirectory(prefix="pinzheng-") as folder:
        url = f"sqlite:///{folder}/r.sqlite3"
        settings = Settings(Path(folder), url, "x" * 32, "http://127.0.0.1:8000", search_meaning=meaning)
        maintenance.initialise(settings)
        yield open_registry(settings)
