"""Small stores for tests: the samples of the registers themselves, loaded as an import would."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from registry.accounts.policy import REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import export
from registry.services.exchange.importer import import_files
from registry.services.operations import relay
from tests.databases import Template

STANDARDS_LAST = (
    "brands",
    "green-products",
    "grades",
    "declarations",
    "organisations",
    "bodies",
    "standards",
)


def write_sheet(path: Path, slug: str, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Rows as a CSV sheet with every column of the register."""
    kept = catalogue()[slug].schema.register_fields()
    header = export.sheet_header(catalogue()[slug])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header)
        writer.writeheader()
        for row in rows:
            writer.writerow(
                {
                    name: value if isinstance(value, str | int | float) else kept[name].to_cell(value)
                    for name, value in row.items()
                }
            )
    return path


def load(registry: Registry, folder: Path, slugs: Iterable[str] = STANDARDS_LAST) -> None:
    """Every sample of these registers."""
    for slug in slugs:
        path = write_sheet(folder / f"{slug}.csv", slug, catalogue()[slug].samples)
        result = import_files(registry, REGISTRAR, slug, [path])
        assert result.first_issues == []


@contextlib.contextmanager
def opened(template: Template, folder: Path) -> Iterator[Registry]:
    """A registry of its own with every sample, indexed."""
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        load(registry, folder)
        relay.run_relay_once(registry)
        yield registry
        registry.search.close()


def number_of(registry: Registry, slug: str, place: int = 0) -> str:
    return [number for number, _status, _values in export.iterate_documents(registry, slug)][place]
