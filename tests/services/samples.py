"""Small stores for tests: the samples of the registers themselves, imported."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from registry import clock
from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.registers import catalogue
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import export
from registry.services.exchange.importer import import_files
from registry.services.operations import relay
from tests.databases import Template

NOON = dt.datetime(
    2026, 11, 24, 12, tzinfo=clock.SHANGHAI
)  # when the clock of the fixture `noon` stands still
# Core registers before those that they refer to, so that links have to wait for what they name.
REFERENCES_LAST = tuple(sorted(catalogue(), key=lambda slug: catalogue()[slug].kind == "reference"))


def write_sheet(path: Path, slug: str, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write rows as a CSV sheet with every column of the register."""
    fields = catalogue()[slug].schema.register_fields()
    header = export.sheet_header(catalogue()[slug])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {
                    name: value if isinstance(value, str | int | float) else fields[name].to_cell(value)
                    for name, value in row.items()
                }
            )
    return path


def load(registry: Registry, folder: Path, slugs: Iterable[str] = REFERENCES_LAST) -> None:
    """Import every sample of these registers."""
    for slug in slugs:
        path = write_sheet(folder / f"{slug}.csv", slug, catalogue()[slug].samples)
        result = import_files(registry, REGISTRAR, slug, [path])
        assert result.first_issues == []


def fill(settings: Settings) -> None:
    """Import every sample and index it."""
    registry = open_registry(settings)
    with tempfile.TemporaryDirectory() as folder:
        load(registry, Path(folder))
    relay.run_relay_once(registry)
    registry.search.close()
    registry.engine.dispose()


@contextlib.contextmanager
def opened(filled_template: Template, folder: Path) -> Iterator[Registry]:
    """Open a registry of its own with every sample, indexed."""
    with filled_template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        yield registry
        registry.search.close()


def number_of(registry: Registry, slug: str, index: int = 0) -> str:
    """Return the number of a record by its position among those of a register."""
    return [number for number, _status, _values in export.iterate_documents(registry, slug)][index]
