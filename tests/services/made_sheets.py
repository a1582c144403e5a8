"""Sheets as offices and firms make them, for tests: workbooks, and what became of a sheet in the registrar's door."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from registry.accounts.policy import REGISTRAR
from registry.reference.identifiers import credit_codes
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.exchange.importer import ImportOptions, import_files
from registry.services.exchange.results import ImportResult

HEADER = ("统一社会信用代码", "名称", "地区", "成立日期")
RESIDENT = "11010519491231002X"  # the worked example of GB 11643-1999
QUIET = {
    "status_assumed",
    "not_stated",
    "organisation_code_check_digit",
    "body_not_known",
    "right_not_proved",
}


def code(number: int) -> str:
    return credit_codes.make_credit_code(f"91330106MA{number:07d}")


FIRST, SECOND, THIRD = code(1), code(2), code(3)


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a sheet: the result of the import, and the documents of the register by number."""

    result: ImportResult
    documents: dict[str, dict[str, Any]]

    @property
    def refused(self) -> list[tuple[int | str, str, str]]:
        return [(issue.row, issue.field, issue.code) for issue in self.result.first_issues]

    @property
    def doubts(self) -> set[tuple[str, str]]:
        return {key for key in self.result.warning_groups if key[1] not in QUIET}

    @property
    def notices(self) -> dict[str, dict[str, object]]:
        return {notice.code: notice.params for notice in self.result.notices}


Bring = Callable[..., Brought]


def bring_into(registry: Registry) -> Bring:
    """Import a file into a register."""

    def run(path: Path, slug: str = "organisations", **options: Any) -> Brought:
        result = import_files(registry, REGISTRAR, slug, [path], options=ImportOptions(**options))
        return Brought(
            result, {number: values for number, _, values in export.iterate_documents(registry, slug)}
        )

    return run


def workbook(
    path: Path, sheets: dict[str, Iterable[Iterable[object]]], *, hidden: tuple[str, ...] = ()
) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            else:
                sheet.activate()
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    elif cell is not None:
                        sheet.write(number, column, cell)
        return path
