"""Sheets of declarations in tests: rows as cells, handing them in, and their results."""

from __future__ import annotations

import csv
import io
from typing import Any

from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.headers import field_label, table_column_label
from registry.services.filing.by_sheet import sheet_jobs, sheet_results, sheet_uploads, sheet_views
from registry.services.filing.by_sheet.sheet_policy import table_fields
from registry.services.filing.by_sheet.sheet_results import ResultsRequest
from registry.services.filing.by_sheet.sheet_uploads import SheetUpload
from registry.services.people.sessions import UserSession
from tests.services.filers import OWN_STANDARD
from tests.services.members import SLUG


def to_cells(typed: dict[str, Any], lang: str = "zh") -> dict[str, str]:
    """What the form would hold, as cells under the template's header."""
    definition = catalogue()["declarations"]
    tables = table_fields(definition)
    row: dict[str, str] = {}
    for name, value in typed.items():
        if name in tables:
            for index, cells in enumerate(value, start=1):
                row |= {
                    table_column_label(tables[name], index, column, lang): cell
                    for column, cell in cells.items()
                }
        else:
            row[field_label(definition, name, lang)] = "|".join(str(value).split("\n"))
    return row


def sheet_of(rows: list[dict[str, str]]) -> io.BytesIO:
    text = io.StringIO()
    header = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode("utf-8-sig"))


def hand_in(
    registry: Registry,
    user: UserSession,
    rows: list[dict[str, str]] | io.BytesIO,
    *,
    org: str = SLUG,
    signer: str = "王强",
    **upload: Any,
) -> int:
    """Hand in rows, or the bytes of a file; returns the id of the job. `upload`: `name`, `dry_run`."""
    stream = rows if isinstance(rows, io.BytesIO) else sheet_of(rows)
    fields = {"register": "declarations", "name": "a.csv", "dry_run": False, **upload}
    return sheet_uploads.hand_in_sheet(
        registry, user.actor, org, SheetUpload(stream=stream, signer=signer, **fields)
    )


def hand_in_and_run(
    registry: Registry, user: UserSession, rows: list[dict[str, str]], *, dry_run: bool = False
) -> int:
    job = hand_in(registry, user, rows, name="标准.csv", dry_run=dry_run)
    sheet_jobs.run_sheet_jobs_once(registry)
    return job


def results(
    registry: Registry, user: UserSession, job: int, *, refused_only: bool = False
) -> list[dict[str, str]]:
    written = b"".join(
        sheet_results.export_sheet_results(
            registry, user.actor, SLUG, job, request=ResultsRequest("csv", "en", refused_only=refused_only)
        )
    )
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))


def get_job(registry: Registry, user: UserSession, job: int) -> sheet_views.SheetJobView:
    return sheet_views.get_sheet(registry, user.actor, SLUG, job).job


def counts(job: sheet_views.SheetJobView) -> tuple[int, int, int, int]:
    return (job.created, job.updated, job.unchanged, job.refused)


def table_row(name: str) -> dict[str, str]:
    return to_cells({**OWN_STANDARD, "product_name_zh": name})
