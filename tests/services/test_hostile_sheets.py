"""Small sheets that are made to cost much: what is read, remembered and kept of them is counted."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from registry.errors import Invalid, Unavailable
from registry.kit.sheet_job import ImportJob, ImportRow
from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet import sheet_jobs, sheet_policy, sheet_results, sheet_uploads
from registry.services.filing.by_sheet.sheet_results import SHEETS_LOCK, ResultsRequest
from registry.services.publication import publishing
from registry.store.locks import hold_file_lock
from registry.store.unit_of_work import read_transaction
from registry.tabular import archive, workbook
from registry.tabular.workbook import WorkbookLimits
from tests.services.filers import OWN_STANDARD, firm
from tests.services.filing_sheets import (
    counts,
    get_job,
    hand_in,
    hand_in_and_run,
    sheet_of,
    table_row,
    to_cells,
)
from tests.services.members import SLUG, sign_up_owner

__all__ = ["firm"]
MEGABYTE = 1_000_000
HEADER = ("统一社会信用代码", "标准", "产品名称")


def workbook_of(rows: int, columns: int, cell: str, header: tuple[str, ...] = HEADER) -> io.BytesIO:
    """A workbook with a header and rows whose cells are the same in each: as small as it may be packed. `{}`: the row."""
    plain = io.BytesIO()
    with xlsxwriter.Workbook(plain) as made:
        made.add_worksheet().write_row(0, 0, header)
    packed = io.BytesIO()
    with zipfile.ZipFile(plain) as book, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as hostile:
        for name in book.namelist():
            content = book.read(name)
            if name.endswith("sheet1.xml"):
                more = "".join(
                    f"<row>{''.join(cell.format(row * 7919 + place // 25) for place in range(columns))}</row>"
                    for row in range(rows)
                )
                content = content.replace(b"</sheetData>", more.encode() + b"</sheetData>")
            hostile.writestr(name, content)
    packed.seek(0)
    return packed


def test_a_workbook_of_formulas_is_refused_before_its_cells_are_kept(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """46,000 rows of 250 formulas are 1.2 MB to send, and were a gigabyte in memory. Here a fiftieth of both."""
    mei = sign_up_owner(firm)
    monkeypatch.setattr(sheet_policy, "LIMITS", WorkbookLimits(cells=60_000, inflated=4 * MEGABYTE))
    sent = workbook_of(920, 250, "<c><f>A{}</f></c>")
    inflated = 0
    inflate = archive.inflate_chunks

    def counted(*given: Any) -> Any:
        nonlocal inflated
        for chunk in inflate(*given):
            inflated += len(chunk)
            yield chunk

    monkeypatch.setattr(archive, "inflate_chunks", counted)
    job = hand_in(firm, mei, sent, name="a.xlsx", dry_run=True)
    assert inflated == 0  # the web request has opened nothing
    sheet_jobs.run_sheet_jobs_once(firm)
    view = get_job(firm, mei, job)
    assert (view.state, view.problem and view.problem.code) == ("failed", "workbook_too_large")
    assert inflated < 2 * MEGABYTE


def test_formulas_without_values_are_remembered_up_to_a_limit(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3,000 rows of 249 formulas are 100 kB to send, and were 64 MB in the database. Here a tenth of both."""
    mei = sign_up_owner(firm)
    monkeypatch.setattr(workbook, "MAX_WITHOUT_VALUE", 10_000)
    sent = workbook_of(300, 249, "<c><f>A{}</f></c>")
    job = hand_in(firm, mei, sent, name="a.xlsx", dry_run=True)
    sheet_jobs.run_sheet_jobs_once(firm)
    view = get_job(firm, mei, job)
    assert (view.state, view.problem and view.problem.code) == ("failed", "too_many_without_value")
    with read_transaction(firm.engine) as connection:
        assert connection.execute(select(func.count()).select_from(ImportRow)).scalar() == 0


def test_a_row_keeps_ten_issues_and_a_long_sheet_one_of_each(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = sign_up_owner(firm)
    monkeypatch.setattr(sheet_policy, "MAX_REFUSED_IN_FULL", 2)
    monkeypatch.setattr(sheet_jobs, "CHUNK_SIZE", 2)
    wrong = [
        {"name_zh": f"指标{row}", "operator": "<=", "value": "1"} for row in range(12)
    ]  # no unit, no method
    rows = [to_cells({**OWN_STANDARD, "product_name_zh": f"桌{n}", "indicators": wrong}) for n in range(4)]
    job = hand_in_and_run(firm, mei, rows, dry_run=True)
    assert counts(get_job(firm, mei, job)) == (0, 0, 0, 4)
    with read_transaction(firm.engine) as connection:
        kept = connection.execute(select(ImportRow.issues).order_by(ImportRow.row)).scalars().all()
    assert [text.count('"code"') for text in kept] == [10, 10, 1, 1]
    assert '"more_issues"' in kept[0]


def test_sheets_that_are_refused_count(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = sign_up_owner(firm)
    monkeypatch.setattr(
        sheet_uploads, "SHEETS_A_DAY", sheet_uploads.RateLimit("sheets", 2, dt.timedelta(days=1))
    )
    for _ in range(2):
        with pytest.raises(Invalid) as refused:
            hand_in(firm, mei, io.BytesIO(b"a,b\n1,2\n"), dry_run=True)
        assert refused.value.issues[0].code == "no_header"
    with pytest.raises(Invalid) as refused:
        hand_in(firm, mei, [table_row("甲")], dry_run=True)
    assert [(issue.code, issue.field) for issue in refused.value.issues] == [("too_many_sheets", "file")]


def test_a_header_that_means_nothing_is_told_on_the_page_of_a_workbook(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    job = hand_in(firm, mei, workbook_of(2, 1, "<c><v>{}</v></c>", ("a", "b")), name="a.xlsx", dry_run=True)
    assert get_job(firm, mei, job).open
    sheet_jobs.run_sheet_jobs_once(firm)
    view = get_job(firm, mei, job)
    assert (view.state, view.problem and view.problem.code) == ("failed", "no_header")


def test_a_dry_run_never_takes_the_lock_of_publication(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = sign_up_owner(firm)
    monkeypatch.setattr(publishing, "acquire_publish_lock", None)  # to call it would fail
    assert counts(get_job(firm, mei, hand_in_and_run(firm, mei, [table_row("甲")], dry_run=True))) == (
        1,
        0,
        0,
        0,
    )


def test_results_are_made_once_by_the_process_for_sheets(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = sign_up_owner(firm)
    job = hand_in_and_run(firm, mei, [table_row("甲")], dry_run=True)
    request = ResultsRequest("xlsx", "zh")
    monkeypatch.setattr(sheet_results, "WAIT_SECONDS", 0.0)

    def ask() -> bytes:
        return b"".join(sheet_results.export_sheet_results(firm, mei.actor, SLUG, job, request=request))

    with hold_file_lock(SHEETS_LOCK, firm.settings.data_dir):  # as that process does
        for _ in range(2):
            with pytest.raises(Unavailable) as waiting:
                ask()
            assert waiting.value.reason == "results_being_made"
        assert sheet_results.make_wanted_results(firm) == 1
        made = ask()
        assert made.startswith(b"PK")
        monkeypatch.setattr(sheet_results, "open_sheet", None)  # to open the sheet again would fail
        assert ask() == made
        assert sheet_results.make_wanted_results(firm) == 0


def test_a_very_wide_header_names_no_columns(firm: Registry) -> None:
    """Groups over many columns were joined with each of them: a row of 30 kB made half a gigabyte of names."""
    mei = sign_up_owner(firm)
    line = b"g" * 30_000 + b"," * 10_000 + b"\n" + b",x" * 10_000 + b"\n"
    with pytest.raises(Invalid) as refused:
        hand_in(firm, mei, io.BytesIO(line), dry_run=True)
    assert refused.value.issues[0].code in ("no_header", "too_many_columns")


def test_cells_that_are_too_long_are_refused_before_they_are_read(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    rows = [to_cells({**OWN_STANDARD, "models": "\n".join(f"QY-{n}" for n in range(501))})]
    hand_in(firm, mei, sheet_of(rows), dry_run=True)
    sheet_jobs.run_sheet_jobs_once(firm)
    with read_transaction(firm.engine) as connection:
        [issues] = connection.execute(select(ImportRow.issues)).scalars()
        assert connection.execute(select(ImportJob.refused)).scalar() == 1
    assert '"too_many_items"' in issues
