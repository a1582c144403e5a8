"""Export, wipe, import of the export: equal numbers, statuses and documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.accounts.policy import REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import export
from registry.services.exchange.importer import import_files
from tests.databases import Template
from tests.services import samples


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_an_export_can_be_imported_unchanged(
    registry: Registry, template: Template, tmp_path: Path, file_format: export.ExportFormat
) -> None:
    samples.load(registry, tmp_path)
    with template.copy(tmp_path / "second") as settings:
        second = open_registry(settings)
        for slug in catalogue():
            path = tmp_path / f"export-{slug}.{file_format}"
            path.write_bytes(b"".join(export.export_register(registry, REGISTRAR, slug, file_format)))
            assert import_files(second, REGISTRAR, slug, [path]).refused == 0
            assert list(export.iterate_documents(second, slug)) == list(
                export.iterate_documents(registry, slug)
            )
        second.search.close()


def test_cells_that_look_like_formulas_are_imported_unchanged(
    registry: Registry, template: Template, tmp_path: Path
) -> None:
    names = ("=1+1", "+86", "-x", "@y", "'=z", "a|b\\c", '“引号”,"q"')
    rows = [
        {"approval_no": f"CNCA-R-2099-2{index:02d}", "name_zh": name, "status": "valid"}
        for index, name in enumerate(names)
    ]
    import_files(registry, REGISTRAR, "bodies", [samples.write_sheet(tmp_path / "b.csv", "bodies", rows)])
    exported = tmp_path / "out.csv"
    exported.write_bytes(b"".join(export.export_register(registry, REGISTRAR, "bodies", "csv")))
    with template.copy(tmp_path / "second") as settings:
        second = open_registry(settings)
        import_files(second, REGISTRAR, "bodies", [exported])
        assert list(export.iterate_documents(second, "bodies")) == list(
            export.iterate_documents(registry, "bodies")
        )
        second.search.close()
