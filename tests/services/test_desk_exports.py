"""Lists of the desk as files: the lines of the page, for those who see it, without what identifies a person."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from registry.accounts.model import AuditEntry, User
from registry.accounts.policy import ROLES, Actor, may
from registry.errors import Forbidden, NotFound
from registry.i18n import LOCALES
from registry.services import deciding, desk_exports
from registry.services.bootstrap import Registry
from registry.services.desk_exports import QUEUES, exporting
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import members, people, reporters
from tests.services.deciders import draft, filled_in, set_status, staff

SLUG, KEY = "brands", "suspended"
pytestmark = pytest.mark.usefixtures("noon")


def table(chunks: Iterator[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode("utf-8-sig"))))


def export(registry: Registry, actor: Actor, queue: str, **filters: str) -> list[dict[str, str]]:
    return table(desk_exports.export_list(registry, actor, queue, "csv", filters=filters, lang="en"))


def prepared_by(registry: Registry, actor: Actor) -> str:
    """The number of a brand on which an account has prepared a suspension."""
    number = set_status(registry, SLUG, "listed")
    stated = {
        "status_reason": "侵犯他人商标权（演示）",
        "legal_basis": "《中华老字号示范创建管理办法》第二十二条",
        "decided_on": "2026-11-24",
    }
    deciding.prepare_decision(registry, actor, draft(SLUG, KEY, number, stated=stated))
    return number


def test_a_file_has_the_lines_of_the_page_with_who_holds_them(filled: Registry) -> None:
    wang, li = staff(filled, "reviewer_national", "Wang"), staff(filled, "reviewer_national", "Li")
    number = prepared_by(filled, wang)
    [line] = [line for line in export(filled, li, "decisions") if line["Queue"] == "To take"]
    assert (line["Number of the first record"], line["Prepared by"], line["State"]) == (
        number,
        "Wang",
        "Prepared",
    )
    assert [line["Queue"] for line in export(filled, wang, "decisions")] == ["Prepared by you"]
    assert export(filled, li, "decisions", register="green-products") == []
    waiting = deciding.list_cases(filled, li, deciding.ListRequest(limit=100))
    lines = export(filled, li, "cases")
    assert [line["Number"] for line in lines] == [case.record.number for case in waiting.cases]
    assert lines
    kind = waiting.cases[0].kind
    assert len(export(filled, li, "cases", kind=kind)) == waiting.counts[kind]
    assert export(filled, li, "cases", kind="nothing", page="7") == lines


def test_a_case_names_who_has_prepared_its_decision(filled: Registry) -> None:
    wang = staff(filled, "reviewer_national", "Wang")
    case = deciding.list_cases(filled, wang, deciding.ListRequest(register=SLUG, limit=1)).cases[0].record
    move = deciding.get_case_of_record(filled, wang, SLUG, case.number, lang="en").mine[0]
    stated = filled_in(filled, wang, SLUG, case.number, move.key)
    decision = deciding.prepare_decision(filled, wang, draft(SLUG, move.key, case.number, stated=stated))
    [line] = [line for line in export(filled, wang, "cases") if line["Number"] == case.number]
    assert (line["Prepared decision"], line["Prepared by"]) == (str(decision), "Wang")


def test_only_those_whose_queue_it_is_export_it(filled: Registry) -> None:
    for role in ROLES:
        actor = staff(filled, role) if role not in ("visitor", "system") else Actor(role, None)
        for queue, wanted in QUEUES.items():
            if may(actor, wanted.action):
                for lang in LOCALES:
                    chunks = desk_exports.export_list(filled, actor, queue, "csv", filters={}, lang=lang)
                    header = next(csv.reader(io.StringIO(b"".join(chunks).decode("utf-8-sig"))))
                    assert len(header) == len(set(header)) == len(wanted.header)
            else:
                with pytest.raises(Forbidden):
                    desk_exports.export_list(filled, actor, queue, "csv", filters={}, lang="en")
    with pytest.raises(NotFound):
        desk_exports.export_list(filled, staff(filled, "registrar"), "accounts", "csv", filters={}, lang="en")


def test_an_export_is_in_the_audit_log_with_its_filters(filled: Registry) -> None:
    wang = staff(filled, "registrar")
    lines = export(filled, wang, "cases", register=SLUG, page="2")
    with read_transaction(filled.engine) as connection:
        entry = connection.execute(
            select(AuditEntry.subject, AuditEntry.details, AuditEntry.acted_by).where(
                AuditEntry.action == "list_exported"
            )
        ).one()
    assert entry == ("cases", f"register=brands format=csv lines={len(lines)}", wang.user_id)


def test_no_cell_identifies_a_person_or_becomes_a_formula(filled: Registry) -> None:
    wang = staff(filled, "reviewer_national", "Wang")
    number = prepared_by(filled, wang)
    with unit_of_work(filled.engine) as connection:
        connection.execute(
            update(User).where(User.id == wang.user_id).values(name="", email="wang@example.com")
        )
    li = staff(filled, "reviewer_national", "Li")
    [decision] = [
        line.id for line in deciding.list_decisions(filled, li, "to_take", deciding.ListRequest()).decisions
    ]
    reply = "=HYPERLINK(1) 请致电13800138000，身份证110101199003077774"
    deciding.return_decision(filled, li, decision, reply=reply)
    [line] = export(filled, wang, "decisions")
    assert (line["Number of the first record"], line["Queue"]) == (number, "Returned to you")
    assert line["Prepared by"] == "***@***"
    assert line["Note"] == "'=HYPERLINK(1) 请致电138****8000，身份证1101**********7774"


def test_reports_are_exported_by_kind_and_state_over_all_pages(
    filled: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.services.reports.listing.PAGE_SIZE", 2)
    numbers = [reporters.hand_in(filled, "error").number for _each in range(3)]
    reporters.hand_in(filled, "fake")
    wang = staff(filled, "registrar")
    assert {line["Report"] for line in export(filled, wang, "reports", kind="error")} == set(numbers)
    assert len(export(filled, wang, "reports")) == 4
    assert export(filled, wang, "reports", state="answered") == []


def test_a_workbook_holds_the_same_and_files_are_bounded(
    filled: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = staff(filled, "registrar")
    everything = export(filled, wang, "cases")
    assert len(everything) > 1
    book = b"".join(desk_exports.export_list(filled, wang, "cases", "xlsx", filters={}, lang="zh"))
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert all(line["Number"] in sheet for line in everything)
    assert "剩余工作日" in sheet
    monkeypatch.setattr(exporting, "MAX_LINES", 1)
    assert export(filled, wang, "cases") == everything[:1]


def test_a_claim_is_listed_without_the_person_who_claims(filled: Registry) -> None:
    registrar, mei = staff(filled, "registrar"), people.sign_up(filled, "mei@example.com")
    assert export(filled, registrar, "claims") == []
    claim = members.submit_claim(filled, mei, name="演示家具有限公司")
    [line] = export(filled, registrar, "claims")
    assert (line["Claim"], line["Number"]) == (str(claim), members.FIRM_NUMBER)
    assert not any("mei" in text or "质量经理" in text for text in line.values())
    with pytest.raises(Forbidden):
        export(filled, staff(filled, "inspector"), "claims")
