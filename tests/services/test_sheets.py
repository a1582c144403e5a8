"""Sheets of enterprises: handed in, filed chunk by chunk, row by row answered, handed in again."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.policy import ANONYMOUS
from registry.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from registry.i18n import LOCALES, Lang
from registry.kit.draft import Receipt
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.filing import receipts
from registry.services.filing.by_sheet import (
    sheet_jobs,
    sheet_results,
    sheet_template,
    sheet_uploads,
    sheet_views,
)
from registry.services.filing.by_sheet.sheet_policy import filer_vocabulary
from registry.services.filing.by_sheet.sheet_results import ResultsRequest
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.operations import relay
from registry.services.people import memberships
from registry.services.records import projections, reading
from registry.store.locks import hold_file_lock
from registry.store.unit_of_work import read_transaction as read
from registry.store.unit_of_work import unit_of_work
from registry.tabular.reading import open_sheet
from registry.tabular.writing import write_xlsx
from tests.services import people
from tests.services.filers import INVALID_AMENDMENTS, OTHER_FIRM_NUMBER, OWN_STANDARD, at, firm
from tests.services.filing_sheets import (
    counts,
    get_job,
    hand_in,
    hand_in_and_run,
    results,
    sheet_of,
    table_row,
    to_cells,
)
from tests.services.members import FIRM_NUMBER, SLUG, sign_up_owner
from tests.services.people import read_mails

__all__ = ["firm"]


def test_good_rows_are_filed_and_refused_ones_can_be_corrected(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    rows = [table_row(f"桌{n}") for n in range(600)]
    rows[5]["标准"], rows[5]["签署人职务"] = "GB/T 1-1", ""
    rows[7] |= {"指标 1：数值": "viel", "指标 2：方法": ""}
    job = hand_in_and_run(firm, mei, rows)
    view = get_job(firm, mei, job)
    assert (view.state, view.total, counts(view)) == ("done", 600, (598, 0, 0, 2))
    refused = results(firm, mei, job, refused_only=True)
    assert [(row["row"], row["result"], row["number"], row["permalink"]) for row in refused] == [
        ("7", "refused", "", ""),
        ("9", "refused", "", ""),
    ]
    assert set(refused[0]["code"].split(" | ")) >= {"standard_not_known", "required"}
    assert "“viel” is not a number" in refused[1]["message"]
    for corrected in refused:
        corrected |= {
            "标准": OWN_STANDARD["std_no"],
            "签署人职务": "总经理",
            "指标 1：数值": "0.04",
        }
        corrected["指标 2：方法"] = "GB/T 17657-2022"
    again = hand_in_and_run(firm, mei, refused)
    assert counts(get_job(firm, mei, again)) == (2, 0, 0, 0)
    whole = results(firm, mei, job)
    assert len(whole) == 600
    assert whole[0]["permalink"].endswith(f"/r/{whole[0]['number']}")
    relay.run_relay_once(firm)
    assert (
        search.find_records(firm, ANONYMOUS, SearchRequest("桌599"), "zh").rows[0].number
        == whole[599]["number"]
    )
    receipt = receipts.get_receipt(firm, mei.actor, at(whole[3]["number"]))
    assert (receipt.signer, receipt.index is None) == ("王强", False)
    with read(firm.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Receipt)).scalar() == 600
    letters = [mail["Subject"] for mail in read_mails(firm) if "sheet" in str(mail["Subject"])]
    assert letters == ["Your sheet 标准.csv has been filed"] * 2


def test_a_dry_run_publishes_nothing_and_reports_the_same(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    rows = [
        table_row("甲"),
        table_row("甲"),
        {**table_row("甲"), "产品分类": "办公家具"},
        {**table_row("乙"), "标准": ""},
    ]
    checked = hand_in_and_run(firm, mei, rows, dry_run=True)
    with read(firm.engine) as connection:
        assert connection.execute(select(func.count()).where(Record.register == "declarations")).scalar() == 0
    assert counts(get_job(firm, mei, checked)) == (1, 0, 1, 2)
    for signer in ("", "王" * 81):
        with pytest.raises(Invalid):
            sheet_uploads.publish_checked_sheet(firm, mei.actor, SLUG, checked, signer=signer)
    job = sheet_uploads.publish_checked_sheet(firm, mei.actor, SLUG, checked, signer="王强")
    assert (
        sheet_uploads.publish_checked_sheet(firm, mei.actor, SLUG, checked, signer="王强") == job
    )  # submitted twice
    sheet_jobs.run_sheet_jobs_once(firm)
    assert counts(get_job(firm, mei, job)) == (1, 0, 1, 2)
    reported = [(row["row"], row["result"], row["code"], row["message"]) for row in results(firm, mei, job)]
    assert reported[1:3] == [
        ("3", "unchanged", "", ""),
        (
            "4",
            "refused",
            "duplicate_key",
            "Another row of this file (row 2) has the same key and other content.",
        ),
    ]
    assert [row["code"] for row in results(firm, mei, checked)] == [
        code for _row, _result, code, _message in reported
    ]


def test_the_same_sheet_twice_changes_nothing_and_a_number_amends(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    job = hand_in_and_run(firm, mei, [table_row("甲"), table_row("乙")])
    first = results(firm, mei, job)
    with clock.frozen_at(clock.now() + dt.timedelta(days=3)):  # the day of filing is no difference
        assert counts(get_job(firm, mei, hand_in_and_run(firm, mei, [table_row("甲"), table_row("乙")]))) == (
            0,
            0,
            2,
            0,
        )
        other = hand_in_and_run(firm, mei, [{**table_row("甲"), "产品分类": "办公家具"}])
        [refused] = results(firm, mei, other)
        assert (refused["code"], first[0]["number"] in refused["message"]) == ("filed_already", True)
        strange = {**table_row("丙"), "number": "SD-2026-000999-9"}
        amended = [
            {**first[0], "产品分类": "办公家具"},
            first[1],
            {**first[0], "产品或服务名称": "丁"},
            strange,
        ]
        job = hand_in_and_run(firm, mei, amended)
    answers = results(firm, mei, job)
    assert [(row["result"], row["code"]) for row in answers] == [
        ("updated", ""),
        ("unchanged", ""),
        ("refused", "another_record"),
        ("refused", "number_not_yours"),
    ]
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", first[0]["number"])
    history = reading.get_history(firm, ANONYMOUS, pointer, "en").history
    assert [step.reason for step in history] == ["Facts amended", "Declared"]


def test_a_row_that_amends_changes_the_facts_that_it_states(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    [first] = results(firm, mei, hand_in_and_run(firm, mei, [table_row("甲")]))
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", first["number"])
    before = projections.record_json(firm, ANONYMOUS, pointer)["document"]
    assert len(before["indicators"]) > 1
    last = len(before["indicators"])
    partial = {"number": first["number"], "产品分类": "0704", f"indicators[{last}].method": "GB/T 1-2020"}
    [done] = results(firm, mei, hand_in_and_run(firm, mei, [partial]))
    assert (done["result"], done["code"]) == ("updated", "")
    after = projections.record_json(firm, ANONYMOUS, pointer)["document"]
    expected = [dict(row) for row in before["indicators"]]
    expected[-1]["method"] = "GB/T 1-2020"
    assert after == {**before, "category": after["category"], "indicators": expected}
    [again] = results(firm, mei, hand_in_and_run(firm, mei, [{**partial, "规格型号": ""}]))
    assert again["result"] == "unchanged"
    [cleared] = results(firm, mei, hand_in_and_run(firm, mei, [{"number": first["number"], "models": "-"}]))
    assert (cleared["result"], cleared["field"], cleared["code"]) == ("refused", "models", "required")


def test_a_row_that_amends_may_say_why(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    [first] = results(firm, mei, hand_in_and_run(firm, mei, [table_row("甲")]))
    better = {**first, "产品分类": "办公家具"}
    for reason, note, expected in INVALID_AMENDMENTS:
        job = hand_in_and_run(firm, mei, [{**better, "amended_because": reason, "修改说明": note}])
        assert [(row["field"], row["code"]) for row in results(firm, mei, job)] == [expected[::-1]], reason
    new = {**table_row("乙"), "修改原因": "标准修改单"}
    [refused] = results(firm, mei, hand_in_and_run(firm, mei, [new]))
    assert (refused["field"], refused["code"]) == ("amended_because", "amends_nothing")
    [done] = results(
        firm, mei, hand_in_and_run(firm, mei, [{**better, "修改原因": "其他原因", "修改说明": "换了分类"}])
    )
    assert done["result"] == "updated"
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", first["number"])
    assert reading.get_history(firm, ANONYMOUS, pointer, "en").history[0].reason == "Another reason"
    document = projections.record_json(firm, ANONYMOUS, pointer)["document"]
    assert document["change_note"] == "换了分类"


def test_a_row_for_another_enterprise_is_refused(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    rows = [
        {**table_row("甲"), "org_uscc": OTHER_FIRM_NUMBER},
        {**table_row("乙"), "org_uscc": FIRM_NUMBER.lower()},
        {**table_row("丙"), "org_uscc": ""},
    ]
    answers = results(firm, mei, hand_in_and_run(firm, mei, rows))
    assert [(row["result"], row["field"], row["code"]) for row in answers] == [
        ("refused", "org_uscc", "other_organisation"),
        ("created", "", ""),
        ("created", "", ""),
    ]


@pytest.mark.parametrize("lang", LOCALES)
def test_the_empty_sheet_can_be_filled_in_and_filed(firm: Registry, tmp_path: Path, lang: Lang) -> None:
    mei = sign_up_owner(firm)
    path = tmp_path / "template.xlsx"
    path.write_bytes(b"".join(sheet_template.empty_sheet_xlsx(mei.actor, "declarations", lang)))
    [empty] = csv.reader(
        io.StringIO(
            b"".join(sheet_template.empty_sheet_csv(mei.actor, "declarations", lang)).decode("utf-8-sig")
        )
    )
    assert open_sheet(path).header == empty
    header = filer_vocabulary(catalogue()["declarations"]).match(empty)
    assert (header.left_out, header.repeated(), bool(header)) == ((), [], True)
    assert {*to_cells({**OWN_STANDARD, "below_voluntary": "false"}, lang)} <= set(empty)
    row = to_cells({**OWN_STANDARD, "production_mode": {"zh": "自产", "en": "own production"}[lang]}, lang)
    filled = tmp_path / "filled.xlsx"
    write_xlsx(filled, empty, [[row.get(name, "") for name in empty]])
    job = hand_in(firm, mei, io.BytesIO(filled.read_bytes()), name="a.xlsx")
    sheet_jobs.run_sheet_jobs_once(firm)
    assert counts(get_job(firm, mei, job)) == (1, 0, 0, 0), sheet_views.get_sheet(
        firm, mei.actor, SLUG, job
    ).refused
    with zipfile.ZipFile(path) as book:
        words = book.read("xl/comments1.xml").decode()
        assert book.read("xl/worksheets/sheet1.xml").count(b"<dataValidation ") >= 10
    assert min(words.count("Compulsory"), words.count("必填")) > 5  # in both languages


def test_an_upload_that_is_no_sheet_is_refused_and_deleted(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wrong = {
        b"": "empty_file",
        b"a,b\n1,2\n": "no_header",
        "标准,std_no\n1,2\n".encode(): "duplicate_header",
        b"PK\x03\x04nothing": "not_a_spreadsheet",
        b"\xd0\xcf\x11\xe0": "not_a_spreadsheet",
    }
    for content, code in wrong.items():
        with pytest.raises(Invalid) as refused:
            hand_in(firm, mei, io.BytesIO(content))
        assert [(issue.code, issue.field) for issue in refused.value.issues] == [(code, "file")]
    with pytest.raises(Invalid) as refused:
        hand_in(firm, mei, [table_row("甲")], signer=" ")
    assert [(issue.code, issue.field) for issue in refused.value.issues] == [("required", "signer")]
    assert list(firm.settings.sheets_dir.glob("*")) == []


def test_a_sheet_may_be_as_large_as_the_limit(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = sign_up_owner(firm)
    content = sheet_of([table_row("甲")]).getvalue()
    monkeypatch.setattr(sheet_uploads, "MAX_SHEET_BYTES", len(content))
    hand_in(firm, mei, io.BytesIO(content), dry_run=True)
    with pytest.raises(Invalid) as refused:
        hand_in(firm, mei, io.BytesIO(content + b"\n"), dry_run=True)
    assert [issue.code for issue in refused.value.issues] == ["sheet_too_large"]


def test_a_sheet_may_have_as_many_rows_as_the_limit(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = sign_up_owner(firm)
    monkeypatch.setattr(sheet_uploads, "MAX_SHEET_ROWS", 2)
    job = hand_in_and_run(firm, mei, [table_row(f"桌{n}") for n in range(2)])
    assert (get_job(firm, mei, job).state, counts(get_job(firm, mei, job))) == ("done", (2, 0, 0, 0))
    view = get_job(firm, mei, hand_in_and_run(firm, mei, [table_row(f"椅{n}") for n in range(3)]))
    assert (view.state, view.problem and view.problem.code) == ("failed", "too_many_rows")
    assert counts(view) == (0, 0, 0, 0)


def test_as_many_sheets_may_wait_as_the_limit(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    for _ in range(sheet_uploads.MAX_WAITING_SHEETS):
        hand_in(firm, mei, [table_row("甲")], dry_run=True)
    with pytest.raises(Invalid) as refused:
        hand_in(firm, mei, [table_row("甲")], dry_run=True)
    assert refused.value.issues[0].code == "too_many_jobs"


def test_progress_is_a_whole_number_of_per_cent(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    view = get_job(firm, mei, hand_in(firm, mei, [table_row("甲")], dry_run=True))
    assert (view.total, view.percent_done, view.open) == (None, 0, True)
    sheet_jobs.run_sheet_jobs_once(firm)
    view = get_job(firm, mei, view.id)
    assert (view.total, view.percent_done, view.open) == (1, 100, False)
    assert replace(view, total=3).percent_done == 33


def test_organisations_take_turns(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long sheet of one and a short one of another, handed in later: by turns, chunk by chunk."""
    monkeypatch.setattr(sheet_jobs, "CHUNK_SIZE", 10)
    mei = sign_up_owner(firm)
    long = hand_in(firm, mei, [table_row(f"桌{n}") for n in range(100)])
    zhou = people.sign_up(firm, "zhou@example.com")
    with unit_of_work(firm.engine) as connection:
        other = connection.execute(
            select(Record.id, Record.slug).where(Record.natural_key == OTHER_FIRM_NUMBER)
        ).one()
        memberships.add_member(connection, other.id, int(zhou.actor.user_id or 0), "owner", agent=False)
    short = hand_in(firm, zhou, [table_row("桌")], org=other.slug, signer="周")
    seen = []
    file = sheet_jobs._file_chunk

    def watched(registry: Registry, job: Any, *more: Any) -> None:
        seen.append(job.id)
        file(registry, job, *more)

    monkeypatch.setattr(sheet_jobs, "_file_chunk", watched)
    sheet_jobs.run_sheet_jobs_once(firm)
    assert seen[:3] == [long, short, long]
    assert seen.count(long) == 10


def test_a_sheet_stops_when_its_sender_may_not_file_any_more(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = sign_up_owner(firm)
    job = hand_in(firm, mei, [table_row("甲")])
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Membership).values(role="viewer"))
    sheet_jobs.run_sheet_jobs_once(firm)
    view = get_job(firm, mei, job)
    assert (view.state, view.problem and view.problem.code, view.done) == ("failed", "not_acting", 0)


def test_a_cancelled_sheet_is_not_continued(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_jobs, "CHUNK_SIZE", 10)
    mei = sign_up_owner(firm)
    job = hand_in(firm, mei, [table_row(f"桌{n}") for n in range(50)])
    file = sheet_jobs._file_chunk

    def cancelling(registry: Registry, row: Any, *more: Any) -> None:
        file(registry, row, *more)
        if row.last_row:
            sheet_uploads.cancel_sheet(firm, mei.actor, SLUG, job)

    monkeypatch.setattr(sheet_jobs, "_file_chunk", cancelling)
    sheet_jobs.run_sheet_jobs_once(firm)
    view = get_job(firm, mei, job)
    assert (view.state, view.created) == ("cancelled", 20)
    with pytest.raises(Conflict):
        sheet_uploads.cancel_sheet(firm, mei.actor, SLUG, job)
    assert len(results(firm, mei, job)) == 20


def test_an_internal_error_stops_one_sheet_with_an_issue(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = sign_up_owner(firm)
    job = hand_in(firm, mei, [table_row("甲")])

    def broken(*_given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sheet_jobs, "process_chunk", broken)
    sheet_jobs.run_sheet_jobs_once(firm)
    view = get_job(firm, mei, job)
    assert (view.state, view.problem and view.problem.code) == ("failed", "job_stopped")


def test_sheets_are_deleted_after_their_retention_and_their_records_stay(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    start = clock.now()
    with clock.frozen_at(start):
        job = hand_in_and_run(firm, mei, [table_row("甲")])
    with clock.frozen_at(start + sheet_uploads.SHEET_RETENTION):
        sheet_uploads.purge_old_sheets(firm)
    assert get_job(firm, mei, job).created == 1
    with clock.frozen_at(start + sheet_uploads.SHEET_RETENTION + dt.timedelta(seconds=1)):
        sheet_uploads.purge_old_sheets(firm)
    assert list(firm.settings.sheets_dir.glob("*")) == []
    with pytest.raises(NotFound):
        sheet_views.get_sheet(firm, mei.actor, SLUG, job)
    with read(firm.engine) as connection:
        assert connection.execute(select(func.count()).where(Record.register == "declarations")).scalar() == 1


def test_own_data_can_be_exported_and_filed_again(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    hand_in_and_run(firm, mei, [table_row("甲"), table_row("乙")])
    lines = (
        b"".join(export.export_filer(firm, mei.actor, SLUG, slug="declarations", file_format="jsonl"))
        .decode()
        .splitlines()
    )
    assert [json.loads(line)["document"]["product_name_zh"] for line in lines] == ["甲", "乙"]
    written = io.StringIO(
        b"".join(export.export_filer(firm, mei.actor, SLUG, slug="declarations", file_format="csv")).decode(
            "utf-8-sig"
        )
    )
    rows = list(csv.DictReader(written))
    job = hand_in_and_run(firm, mei, rows)  # and comes in again
    assert counts(get_job(firm, mei, job)) == (0, 0, 2, 0)


def test_strangers_see_nothing_and_viewers_change_nothing(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    job = hand_in_and_run(firm, mei, [table_row("甲")])
    stranger = people.sign_up(firm, "zhou@example.com")
    for act in (
        lambda: sheet_views.list_sheets(firm, stranger.actor, SLUG, "declarations"),
        lambda: sheet_views.get_sheet(firm, stranger.actor, SLUG, job),
        lambda: sheet_uploads.cancel_sheet(firm, stranger.actor, SLUG, job),
        lambda: results(firm, stranger, job),
        lambda: export.export_filer(firm, stranger.actor, SLUG, slug="declarations", file_format="csv"),
        lambda: sheet_uploads.publish_checked_sheet(firm, stranger.actor, SLUG, job, signer="周"),
        lambda: hand_in(firm, stranger, [table_row("乙")], signer="周", dry_run=True),
    ):
        with pytest.raises(NotFound):
            act()
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Membership).values(role="viewer"))
    assert len(results(firm, mei, job)) == 1
    for act in (
        lambda: sheet_uploads.cancel_sheet(firm, mei.actor, SLUG, job),
        lambda: hand_in(firm, mei, [table_row("乙")], signer="王", dry_run=True),
    ):
        with pytest.raises(Forbidden):
            act()


def test_results_in_chinese_have_chinese_headers_and_can_be_sent_again(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    job = hand_in_and_run(
        firm, mei, [{**OWN_STANDARD, "indicators": "", "std_no": "Q/HZQY 0009-2026", "models": ""}]
    )
    written = b"".join(
        sheet_results.export_sheet_results(firm, mei.actor, SLUG, job, request=ResultsRequest("csv", "zh"))
    ).decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(written))
    assert {"登记编号", "行号", "处理结果", "固定网址", "字段", "问题代码", "说明"} <= set(line)
    assert not {"row", "result", "message"} & set(line)
    assert line["处理结果"] == "未通过"
    assert "规格型号" in line["字段"]
    assert filer_vocabulary(catalogue()["declarations"]).match(list(line)).left_out == ()


class StopAfter(threading.Event):
    """It is set after it was asked for so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    def is_set(self) -> bool:
        self._times -= 1
        if self._times < 0:
            self.set()
        return super().is_set()


@pytest.mark.parametrize("times", [50, 700, 950])  # rows are counted; the first, the second chunk is read
def test_a_process_that_is_told_to_end_gives_its_sheet_back(firm: Registry, times: int) -> None:
    mei = sign_up_owner(firm)
    job = hand_in(firm, mei, [table_row(f"桌{n}") for n in range(600)])
    sheet_jobs.run_sheet_jobs_forever(firm, StopAfter(times))
    assert get_job(firm, mei, job).state != "done"
    assert counts(get_job(firm, mei, job))[0] in (0, sheet_jobs.CHUNK_SIZE)
    sheet_jobs.run_sheet_jobs_once(firm)
    assert counts(get_job(firm, mei, job)) == (600, 0, 0, 0)


def test_results_that_were_not_made_are_made_by_the_next_process(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_results, "WAIT_SECONDS", 0.0)
    mei = sign_up_owner(firm)
    job = hand_in_and_run(firm, mei, [table_row("桌")])
    folder = firm.settings.sheets_dir
    with hold_file_lock(sheet_results.SHEETS_LOCK, firm.settings.data_dir), pytest.raises(Unavailable):
        results(firm, mei, job)
    before = sorted(folder.iterdir())
    assert sheet_results.make_wanted_results(firm, StopAfter(0)) == 0
    assert sorted(folder.iterdir()) == before
    assert sheet_results.make_wanted_results(firm, StopAfter(100)) == 1
    assert len(results(firm, mei, job)) == 1
