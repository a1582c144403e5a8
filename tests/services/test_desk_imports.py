"""Imports at the desk: read as chosen, checked, run by a second person, within bounds; killed, begun again, told the second time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.model import AuditEntry, User
from registry.accounts.policy import ANONYMOUS, ROLES, SYSTEM, Action, Actor, may
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.desk_import import DeskImport, DeskImportRow
from registry.kit.record import Record
from registry.ledger.model import ENTRY_ID_COUNTER, Entry
from registry.services import importing
from registry.services.bootstrap import Registry
from registry.services.exchange.pipeline import RowResult, process_chunk
from registry.services.filing.by_sheet import sheet_uploads
from registry.services.importing import (
    ImportUpload,
    ImportWork,
    Reading,
    desk_imports,
    import_work,
)
from registry.services.publication import publishing
from registry.store import counters
from registry.store.unit_of_work import read_transaction, unit_of_work
from registry.tabular.writing import write_xlsx
from tests.services.deciders import staff
from tests.services.desk_importers import (
    HEADER,
    ROW,
    SOURCE,
    THREE,
    checked,
    counts,
    hand_in,
    look,
    numbers,
    pair,
    refused_rows,
    run,
    work,
)
from tests.services.people import read_mails

__all__ = ["pair"]


def test_others_write_while_a_sheet_is_checked(
    registry: Registry, pair: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote: list[int] = []

    def process_beside_a_writer(connection: Connection, *given: Any) -> list[RowResult]:
        results = process_chunk(connection, *given)
        with unit_of_work(registry.engine) as other:
            publishing.acquire_publish_lock(other)
            wrote.append(counters.take(other, ENTRY_ID_COUNTER))
        return results

    monkeypatch.setattr(import_work, "process_chunk", process_beside_a_writer)
    job = checked(registry, pair[0], THREE)
    assert (counts(look(registry, pair[0], job)), len(wrote), numbers(registry)) == ((3, 0, 0, 0), 1, [])


def test_a_sheet_from_its_columns_to_its_records(registry: Registry, pair: tuple[Actor, Actor]) -> None:
    one, other = pair
    job = hand_in(registry, one, THREE + ",乙,认证,,,valid\n")
    assert look(registry, one, job).line.state == "opening"
    work(registry)
    view = look(registry, one, job)
    assert view.reading is not None
    assert [(each.name, each.meaning) for each in view.reading.columns][:3] == [
        ("approval_no", "approval_no"), ("name_zh", "name_zh"), ("kind", "kind"),
    ]  # fmt: skip
    assert view.reading.columns[1].samples == ("机构1", "机构2", "机构3")
    importing.check_import(registry, one, job, Reading({}))
    work(registry)
    view = look(registry, one, job)
    assert (view.line.state, counts(view), numbers(registry)) == ("checked", (3, 0, 0, 1), [])
    assert [(row.row, row.problems[0].partition(":")[0]) for row in view.rows] == [(5, "Approval number")]
    importing.run_import(registry, other, job)
    work(registry)
    view = look(registry, one, job, "created")
    assert (view.line.state, counts(view)) == ("done", (3, 0, 0, 1))
    assert view.foreseen is not None
    assert (view.foreseen.created, view.foreseen.refused) == (3, 1)
    assert [row.number for row in view.rows] == numbers(registry)
    assert [row.version for row in view.rows] == [1, 1, 1]
    assert (view.run_by, view.line.made_by) == ("Lin Mei", "王强")
    with read_transaction(registry.engine) as connection:
        entries = connection.execute(select(Entry.actor_role, Entry.reason)).all()
        sources = connection.execute(select(AuditEntry.acted_by, AuditEntry.action, AuditEntry.subject)).all()
    assert entries == [("registrar", "imported")] * 3
    assert [each.subject for each in sources if each.action == "record_imported"] == numbers(registry)
    assert {each.acted_by for each in sources if each.action == "record_imported"} == {other.user_id}
    acts = [each.action for each in sources if each.action.startswith("import_")]
    assert acts == [
        "import_handed_in", "import_columns_chosen", "import_checked", "import_started", "import_done",
    ]  # fmt: skip
    subjects = [str(mail["Subject"]) for mail in read_mails(registry)]
    assert sorted(subjects) == [
        "The sheet a.csv has been checked for import",
        "The sheet a.csv has been imported",
        "The sheet a.csv has been imported",
    ]


def test_its_source_stands_on_the_records(registry: Registry, pair: tuple[Actor, Actor]) -> None:
    with_source = HEADER.replace("status", "status,source")
    rows = ROW.format(1, 1).replace("valid\n", "valid,名录\n") + ROW.format(2, 2).replace(
        "valid\n", "valid,\n"
    )
    assert counts(run(registry, pair, with_source + rows)) == (2, 0, 0, 0)
    with read_transaction(registry.engine) as connection:
        documents = importing_documents(connection)
    assert [(each["source"], each.get("source_date")) for each in documents] == [
        ("名录", None),
        (SOURCE, "2026-03-31"),
    ]


def importing_documents(connection: object) -> list[dict[str, object]]:
    from_records = (
        "SELECT item.document FROM record JOIN item ON item.hash = record.document_hash"
        " WHERE record.register = 'bodies' ORDER BY record.number"
    )
    rows = connection.exec_driver_sql(from_records)  # type: ignore[attr-defined]
    return [json.loads(row[0]) for row in rows]


def test_the_same_file_twice_changes_nothing_and_is_told(
    registry: Registry, pair: tuple[Actor, Actor]
) -> None:
    first = run(registry, pair, THREE)
    again = checked(registry, pair[0], THREE)
    view = look(registry, pair[0], again)
    assert ([each for each, _moment in view.same_file], counts(view)) == ([first.line.id], (0, 0, 3, 0))
    importing.run_import(registry, pair[1], again)
    work(registry)
    view = look(registry, pair[0], again)
    assert (view.changed_nothing, counts(view)) == (True, (0, 0, 3, 0))
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Entry)).scalar() == 3


def test_what_changes_is_shown_field_by_field_before_and_after(
    registry: Registry, pair: tuple[Actor, Actor]
) -> None:
    run(registry, pair, THREE)
    changed = THREE.replace("机构2", "新机构").replace("机构3,认证,2020-01-01,2099-12-31,valid", "机构3,,,,")
    job = checked(registry, pair[0], changed)
    for _phase in ("checked", "run"):
        view = look(registry, pair[0], job)
        assert (counts(view), view.show) == ((0, 1, 2, 0), "updated")
        [row] = view.rows
        assert (row.row, row.number) == (3, "CNCA-R-2099-002")
        assert [(each.before, each.after) for each in row.changes if each.before == "机构2"] == [
            ("机构2", "新机构")
        ]
        if view.line.state == "checked":
            importing.run_import(registry, pair[1], job)
            work(registry)
    assert look(registry, pair[0], job).rows[0].version == 2


@pytest.mark.once
def test_only_who_may_import_does_and_who_reads_every_act_looks(
    registry: Registry, pair: tuple[Actor, Actor]
) -> None:
    job = hand_in(registry, pair[0], THREE)
    for role in sorted(ROLES - {"system", "registrar"}):
        actor = ANONYMOUS if role == "visitor" else staff(registry, role)
        assert not may(actor, Action.IMPORT)
        with pytest.raises(Forbidden):
            hand_in(registry, actor, THREE)
        for act in (importing.run_import, importing.cancel_import):
            with pytest.raises(Forbidden):
                act(registry, actor, job)
        for choose in (importing.check_import, importing.choose_reading):
            with pytest.raises(Forbidden):
                choose(registry, actor, job, Reading({}))
        if role == "auditor":
            assert look(registry, actor, job).obstacle is not None
            assert not importing.list_imports(registry, actor).may_import
        else:
            with pytest.raises(Forbidden):
                look(registry, actor, job)
    with pytest.raises(NotFound):
        hand_in(registry, pair[0], THREE, "nothing")


def test_the_person_who_prepared_it_does_not_run_it(registry: Registry, pair: tuple[Actor, Actor]) -> None:
    one, other = pair
    job = hand_in(registry, one, THREE)
    with pytest.raises(Conflict):  # nothing is checked yet
        importing.run_import(registry, other, job)
    work(registry)
    with pytest.raises(Forbidden):  # nor chooses another person how it is read
        importing.check_import(registry, other, job, Reading({}))
    importing.check_import(registry, one, job, Reading({}))
    work(registry)
    with pytest.raises(Forbidden) as refused:
        importing.run_import(registry, one, job)
    assert refused.value.reason == "import_is_own"
    assert importing.count_imports_to_run(registry, other) == 1
    assert importing.count_imports_to_run(registry, one) == 0
    importing.run_import(registry, other, job)
    with pytest.raises(Conflict):
        importing.run_import(registry, other, job)
    work(registry)
    assert len(numbers(registry)) == 3


@pytest.mark.parametrize("whose", [0, 1])
def test_an_account_that_is_suspended_meanwhile_publishes_nothing(
    registry: Registry, pair: tuple[Actor, Actor], whose: int
) -> None:
    job = checked(registry, pair[0], THREE)
    importing.run_import(registry, pair[1], job)
    with unit_of_work(registry.engine) as connection:
        suspended = update(User).where(User.id == pair[whose].user_id).values(suspended_at=clock.now())
        connection.execute(suspended)
    work(registry)
    view = look(registry, staff(registry, "registrar"), job)
    assert (view.line.state, numbers(registry)) == ("failed", [])
    assert "suspended" in view.problem


@pytest.mark.parametrize("whose", [0, 1])
def test_a_record_of_ones_own_is_refused_to_either_person(
    registry: Registry, pair: tuple[Actor, Actor], whose: int
) -> None:
    run(registry, pair, THREE)
    with unit_of_work(registry.engine) as connection:
        own = connection.execute(select(Record.id).where(Record.number == "CNCA-R-2099-002")).scalar_one()
        member = {
            "user_id": pair[whose].user_id,
            "record_id": own,
            "role": "viewer",
            "agent": False,
            "since": clock.now(),
        }
        connection.execute(insert(Membership).values(**member))
    job = checked(registry, pair[0], THREE.replace("机构", "改名"))
    importing.run_import(registry, pair[1], job)
    work(registry)
    view = look(registry, pair[0], job, "refused")
    assert (counts(view), [row.row for row in view.rows]) == ((0, 2, 0, 1), [3])


def test_refused_rows_come_back_as_a_sheet_that_goes_in_again(
    registry: Registry, pair: tuple[Actor, Actor]
) -> None:
    wrong = THREE.replace("机构2", "").replace("2099-12-31,valid\n", "2019-12-31,valid\n", 1)
    job = checked(registry, pair[0], wrong)
    rows = refused_rows(registry, pair[0], job)
    assert [(row["row"], row["result"]) for row in rows] == [("2", "refused")]
    assert rows[0]["code"]
    assert rows[0]["message"]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerow({**rows[0], "valid_to": "2030-12-31"})
    again = checked(registry, pair[0], text.getvalue())
    assert counts(look(registry, pair[0], again)) == (1, 0, 0, 0)
    [in_chinese] = refused_rows(registry, pair[0], job, "zh")
    assert (in_chinese["行号"], in_chinese["处理结果"]) == ("2", "未通过")


def test_a_sheet_whose_rows_are_all_refused_publishes_nothing(
    registry: Registry, pair: tuple[Actor, Actor]
) -> None:
    hundred = HEADER + "".join(f",机构{each},认证,,,valid\n" for each in range(100))
    job = checked(registry, pair[0], hundred)
    view = look(registry, pair[0], job, "refused", 5)
    assert (counts(view), view.pages, view.page, len(view.rows)) == ((0, 0, 0, 100), 5, 5, 20)
    assert (view.rows[-1].row, len(refused_rows(registry, pair[0], job))) == (101, 100)
    importing.run_import(registry, pair[1], job)
    work(registry)
    assert (look(registry, pair[0], job).line.state, numbers(registry)) == ("done", [])


@pytest.mark.once
@pytest.mark.parametrize(
    ("file", "name", "code"),
    [
        (b"", "a.csv", "empty_file"),
        (HEADER.encode(), "a.csv", "no_rows"),
        (b"\xd0\xcf\x11\xe0rest", "a.xls", "not_a_spreadsheet"),
        (b"PK\x03\x04rest", "a.xlsx", "not_a_spreadsheet"),
        (b"a,a\n1,2\n", "a.csv", "duplicate_header"),
    ],
)
def test_what_is_no_sheet_is_refused_or_stopped(
    registry: Registry, pair: tuple[Actor, Actor], file: bytes, name: str, code: str
) -> None:
    try:
        job = hand_in(registry, pair[0], file, name=name)
    except Invalid as problem:
        assert [each.code for each in problem.issues] == [code]
        assert list(registry.settings.sheets_dir.glob("*")) == []
        return
    work(registry)
    if look(registry, pair[0], job).line.state == "columns":
        importing.check_import(registry, pair[0], job, Reading({}))
        work(registry)
    with read_transaction(registry.engine) as connection:
        row = connection.execute(select(DeskImport.state, DeskImport.problem)).one()
    assert (row.state, json.loads(row.problem)[0]["code"]) == ("failed", code)


@pytest.mark.once
def test_hostile_names_and_cells_are_shown_and_masked(registry: Registry, pair: tuple[Actor, Actor]) -> None:
    identity = "11010519491231002X"
    text = f'approval_no,name_zh,"<b>x</b>"\nCNCA-R-2099-001,{identity},"=cmd|\'/c calc\'!A1"\n'
    name = "..\\..\\etc/\u202e<script>\x00.csv"
    job = hand_in(registry, pair[0], text, name=name)
    work(registry)
    view = look(registry, pair[0], job)
    assert view.line.name == "<script>.csv"
    assert view.reading is not None
    assert identity not in str(view.reading.columns)
    importing.check_import(registry, pair[0], job, Reading({}))
    work(registry)
    [row] = refused_rows(registry, pair[0], job)
    assert identity not in str(row)
    assert row["<b>x</b>"].startswith("'=")


@pytest.mark.once
def test_a_workbook_is_opened_in_the_background(
    registry: Registry, pair: tuple[Actor, Actor], tmp_path: object
) -> None:
    path = tmp_path / "a.xlsx"  # type: ignore[operator]
    write_xlsx(path, ["approval_no", "name_zh"], [["CNCA-R-2099-001", "甲"], ["CNCA-R-2099-002", "乙"]])
    view = run(registry, pair, path.read_bytes())
    assert counts(view) == (2, 0, 0, 0)


def killed_after(registry: Registry, turns: int) -> None:
    """Work for some turns, as a process that is killed then: nothing is closed, nothing is told."""
    imports = ImportWork(registry)
    for _turn in range(turns):
        imports.turn()


def test_killed_at_any_point_nothing_is_lost_or_done_twice(
    registry: Registry, pair: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "CHUNK_SIZE", 2)
    five = HEADER + "".join(
        ROW.format(each, each) for each in (1, 2, 3, 4, 1)
    )  # the last row is the first again
    job = hand_in(registry, pair[0], five)
    killed_after(registry, 1)
    importing.check_import(registry, pair[0], job, Reading({}))
    killed_after(registry, 2)
    assert look(registry, pair[0], job).line.counts.done == 4
    killed_after(registry, 1)  # the check begins again
    assert look(registry, pair[0], job).line.counts.done == 2
    killed_after(registry, 4)
    assert (counts(look(registry, pair[0], job)), numbers(registry)) == ((4, 0, 1, 0), [])
    importing.run_import(registry, pair[1], job)  # killed between check and run
    killed_after(registry, 1)
    assert len(numbers(registry)) == 2
    killed_after(registry, 1)  # the run goes on
    assert len(numbers(registry)) == 4
    work(registry)
    view = look(registry, pair[0], job)
    assert (view.line.state, counts(view)) == ("done", (4, 0, 1, 0))
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Entry)).scalar() == 4


def test_an_import_that_is_cancelled_in_its_run_keeps_what_is_public(
    registry: Registry, pair: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "CHUNK_SIZE", 2)
    job = checked(registry, pair[0], THREE)
    importing.run_import(registry, pair[1], job)
    killed_after(registry, 1)
    importing.cancel_import(registry, pair[0], job)
    work(registry)
    view = look(registry, pair[0], job)
    assert (view.line.state, counts(view), len(numbers(registry))) == ("cancelled", (2, 0, 0, 0), 2)
    with pytest.raises(Conflict):
        importing.cancel_import(registry, pair[0], job)
    with pytest.raises(Forbidden):
        importing.cancel_import(registry, staff(registry, "registrar"), job)


@pytest.mark.once
def test_limits_and_sources(
    registry: Registry, pair: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = pair
    for source, date, field in (
        ("  ", "", "source"),
        ("x" * 201, "", "source"),
        ("x", "soon", "source_date"),
    ):
        upload = ImportUpload("bodies", "a.csv", io.BytesIO(THREE.encode()), source, date)
        with pytest.raises(Invalid) as refused:
            importing.hand_in_import(registry, one, upload)
        assert [each.field for each in refused.value.issues] == [field]
    monkeypatch.setattr(import_work, "MAX_SHEET_ROWS", 2)
    assert look(registry, one, checked(registry, one, THREE)).line.state == "failed"
    monkeypatch.setattr(sheet_uploads, "MAX_SHEET_BYTES", 10)
    with pytest.raises(Invalid):
        hand_in(registry, one, THREE)
    monkeypatch.undo()
    monkeypatch.setattr(desk_imports, "MAX_WAITING", 1)
    job = hand_in(registry, one, THREE)
    with pytest.raises(Invalid) as refused:
        hand_in(registry, one, THREE)
    assert [each.code for each in refused.value.issues] == ["too_many_imports"]
    importing.cancel_import(registry, one, job)
    assert hand_in(registry, one, THREE) > job


@pytest.mark.once
def test_old_imports_are_deleted_and_what_they_published_stays(
    registry: Registry, pair: tuple[Actor, Actor]
) -> None:
    view = run(registry, pair, THREE)
    waiting = checked(registry, pair[0], THREE)
    now = clock.now()
    with clock.frozen_at(now + dt.timedelta(days=89)):
        assert desk_imports.purge_old_imports(registry) == 0
    with clock.frozen_at(now + dt.timedelta(days=91)):
        assert desk_imports.purge_old_imports(registry) == 2
        sheet_uploads.purge_old_sheets(registry)
    for job in (view.line.id, waiting):
        with pytest.raises(NotFound):
            look(registry, pair[0], job)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(DeskImportRow)).scalar() == 0
    assert len(numbers(registry)) == 3


@pytest.fixture(autouse=True)
def _nothing_as_system(registry: Registry) -> Iterator[None]:
    """What the background does is done for persons: no entry of the log is of the system."""
    yield
    with read_transaction(registry.engine) as connection:
        acts = connection.execute(select(AuditEntry.actor_role).where(AuditEntry.action.like("import_%")))
        assert SYSTEM.role not in set(acts.scalars())
