"""Imports at the desk for tests: sheets, two registrars, and the steps from handing in to what became of the rows."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from registry.accounts.policy import Actor
from registry.kit.record import Record
from registry.services import importing
from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet import sheet_jobs
from registry.services.filing.by_sheet.sheet_results import ResultsRequest
from registry.services.importing import (
    ImportRequest,
    ImportUpload,
    ImportView,
    ImportWork,
    Reading,
)
from registry.store.unit_of_work import read_transaction
from tests.services.deciders import staff

HEADER = "approval_no,name_zh,kind,valid_from,valid_to,status\n"
ROW = "CNCA-R-2099-{:03},机构{},认证,2020-01-01,2099-12-31,valid\n"
THREE = HEADER + "".join(ROW.format(each, each) for each in (1, 2, 3))
SOURCE = "认监委公告2026年第1号"


@pytest.fixture
def pair(registry: Registry) -> tuple[Actor, Actor]:
    """Two registrars."""
    return staff(registry, "registrar", "王强"), staff(registry, "registrar", "Lin Mei")


def hand_in(
    registry: Registry, actor: Actor, text: str | bytes, register: str = "bodies", *, name: str = "a.csv"
) -> int:
    stream = io.BytesIO(text.encode() if isinstance(text, str) else text)
    return importing.hand_in_import(
        registry, actor, ImportUpload(register, name, stream, SOURCE, "2026-03-31")
    )


def work(registry: Registry) -> None:
    imports = ImportWork(registry)
    sheet_jobs.run_sheet_jobs_once(registry, besides=imports.turn)
    imports.end()


def look(registry: Registry, actor: Actor, job: int, show: str = "", page: int = 1) -> ImportView:
    return importing.get_import(registry, actor, job, ImportRequest("en", show, page))


def checked(registry: Registry, actor: Actor, text: str | bytes, **reading: object) -> int:
    """Hand a sheet in and check it, its columns as they are found."""
    job = hand_in(registry, actor, text)
    work(registry)
    importing.check_import(registry, actor, job, Reading(**{"columns": {}, **reading}))  # type: ignore[arg-type]
    work(registry)
    return job


def run(registry: Registry, pair: tuple[Actor, Actor], text: str | bytes) -> ImportView:
    job = checked(registry, pair[0], text)
    importing.run_import(registry, pair[1], job)
    work(registry)
    return look(registry, pair[0], job)


def counts(view: ImportView) -> tuple[int, int, int, int]:
    found = view.line.counts
    return found.created, found.updated, found.unchanged, found.refused


def numbers(registry: Registry) -> list[str]:
    with read_transaction(registry.engine) as connection:
        of_register = select(Record.number).where(Record.register == "bodies").order_by(Record.number)
        return list(connection.execute(of_register).scalars())


def refused_rows(registry: Registry, actor: Actor, job: int, lang: str = "en") -> list[dict[str, str]]:
    request = ResultsRequest("csv", lang, refused_only=True)
    written = b"".join(importing.export_import_results(registry, actor, job, request=request))
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))
