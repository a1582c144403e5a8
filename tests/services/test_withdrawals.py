"""Declarations are withdrawn by sheet as by form: with a public reason, by their own enterprise, in the same states."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.filing import receipts
from registry.services.filing.by_sheet import sheet_results, sheet_views
from registry.services.filing.by_sheet.sheet_results import ResultsRequest
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from tests.services.filers import at, firm
from tests.services.filing_sheets import counts, get_job, hand_in_and_run, results, table_row
from tests.services.members import SLUG, sign_up_owner

__all__ = ["firm"]


@pytest.fixture
def mei(firm: Registry) -> UserSession:
    return sign_up_owner(firm)


@pytest.fixture
def number(firm: Registry, mei: UserSession) -> str:
    [row] = results(firm, mei, hand_in_and_run(firm, mei, [table_row("甲")]))
    return row["number"]


def view(registry: Registry, number: str) -> Any:
    pointer = reading.locate_record(registry, ANONYMOUS, "declarations", number)
    return reading.get_record(registry, ANONYMOUS, pointer, "en")


def state(registry: Registry, number: str) -> tuple[str, dict[str, Any]]:
    found = {
        name: (status, values) for name, status, values in export.iterate_documents(registry, "declarations")
    }
    return found[number]


def test_a_number_a_status_and_a_reason_withdraw(firm: Registry, mei: UserSession, number: str) -> None:
    _status, before = state(firm, number)
    row = {"编号": number, "status": "withdrawn", "status_reason": "产品停产"}
    checked = hand_in_and_run(firm, mei, [row], dry_run=True)
    assert counts(get_job(firm, mei, checked)) == (0, 1, 0, 0)
    assert state(firm, number)[0] == "active"
    job = hand_in_and_run(firm, mei, [row])
    status, values = state(firm, number)
    assert (status, values["status_reason"]) == ("withdrawn", "产品停产")
    assert {name: value for name, value in values.items() if name in before} == before
    history = view(firm, number).history
    assert "第二十七条" in history[0].legal_basis
    [told] = results(firm, mei, job)
    assert (told["result"], told["code"]) == ("updated", "")
    for words in ("Status: In force → Withdrawn", "Product discontinued"):
        assert words in told["message"]
    shown = sheet_views.get_sheet(firm, mei.actor, SLUG, checked)
    [changed] = shown.changed
    changes = sheet_views.describe_row_changes(changed.changes, "declarations", "zh")
    assert (changes[0].before, changes[0].after) == ("现行有效", "废止")
    receipt = receipts.get_receipt(firm, mei.actor, at(number))
    assert (receipt.version, receipt.heading) == (2, "The declaration is withdrawn")
    again = hand_in_and_run(firm, mei, [row])
    assert counts(get_job(firm, mei, again)) == (0, 0, 1, 0)
    assert state(firm, number) == (status, values)


def test_the_results_sheet_with_a_status_and_a_reason_withdraws(
    firm: Registry, mei: UserSession, number: str
) -> None:
    [row] = results(firm, mei, hand_in_and_run(firm, mei, [table_row("甲")]))
    whole = {
        **row,
        "状态": "停止执行",
        "status_reason": "产品停产",
        "legal_basis": "企业标准化促进办法第十四条",
    }
    hand_in_and_run(firm, mei, [whole])
    status, values = state(firm, number)
    assert (status, values["legal_basis"]) == ("withdrawn", "企业标准化促进办法第十四条")
    assert view(firm, number).history[0].legal_basis == "企业标准化促进办法第十四条"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"status_reason": ""}, "reason_public", "status_reason"),
        ({"status_reason": "停" * 301}, "too_long", "status_reason"),
        ({"编号": ""}, "withdraws_nothing", "status"),
        ({"编号": "SD-2026-999999-0"}, "number_not_yours", "number"),
        ({"status": "abolished"}, "status_not_filed", "status"),
        ({"status": "睡眠"}, "status_unknown", "status"),
        ({"withdrawn_on": "2020-01-01"}, "filled_in", "withdrawn_on"),
        ({"category": "0704"}, "withdrawal_changes_facts", "category"),
        ({"amended_because": "amended_mistake"}, "amends_nothing", "amended_because"),
    ],
)
def test_a_withdrawal_that_is_refused(
    firm: Registry, mei: UserSession, number: str, *, change: dict[str, str], code: str, field: str
) -> None:
    row = {"编号": number, "status": "withdrawn", "status_reason": "停产", **change}
    [told] = results(firm, mei, hand_in_and_run(firm, mei, [row]))
    assert told["result"] == "refused"
    assert code in told["code"].split(" | ")
    assert field in told["field"].split(" | ")
    assert state(firm, number)[0] == "active"


def test_a_row_marks_a_record_as_filed_by_mistake_within_a_day(
    firm: Registry, mei: UserSession, number: str
) -> None:
    row = {"编号": number, "状态": "公开有误"}
    assert counts(get_job(firm, mei, hand_in_and_run(firm, mei, [row], dry_run=True))) == (0, 1, 0, 0)
    with clock.frozen_at(clock.now() + dt.timedelta(hours=24)):
        [told] = results(firm, mei, hand_in_and_run(firm, mei, [row]))
    assert (told["result"], told["code"], told["field"]) == ("refused", "retraction_too_late", "status")
    [told] = results(firm, mei, hand_in_and_run(firm, mei, [{**row, "产品分类": "0799"}]))
    assert told["code"] == "withdrawal_changes_facts"
    assert state(firm, number)[0] == "active"
    assert counts(get_job(firm, mei, hand_in_and_run(firm, mei, [row]))) == (0, 1, 0, 0)
    assert state(firm, number)[0] == "misfiled"
    assert counts(get_job(firm, mei, hand_in_and_run(firm, mei, [row]))) == (0, 0, 1, 0)


def test_a_status_that_the_record_has_says_nothing(firm: Registry, mei: UserSession, number: str) -> None:
    same = {"编号": number, "状态": "现行有效", "产品分类": "0704"}
    assert counts(get_job(firm, mei, hand_in_and_run(firm, mei, [same]))) == (0, 1, 0, 0)
    new = {**table_row("乙"), "状态": "现行有效"}
    assert counts(get_job(firm, mei, hand_in_and_run(firm, mei, [new]))) == (1, 0, 0, 0)


def test_what_has_ended_or_is_checked_is_not_withdrawn(firm: Registry, mei: UserSession, number: str) -> None:
    row = {"编号": number, "status": "withdrawn", "status_reason": "停产"}
    hand_in_and_run(firm, mei, [row])
    [told] = results(firm, mei, hand_in_and_run(firm, mei, [{**row, "status_reason": "另一原因"}]))
    assert (told["result"], told["code"]) == ("refused", "not_open")


def test_old_and_new_values_stand_in_the_results_of_both_languages(
    firm: Registry, mei: UserSession, number: str
) -> None:
    row = {"编号": number, "产品分类": "0704", "指标 1：数值": "0.03"}
    job = hand_in_and_run(firm, mei, [row])
    for lang in ("zh", "en"):
        chunks = sheet_results.export_sheet_results(
            firm, mei.actor, SLUG, job, request=ResultsRequest("csv", lang)
        )
        text = b"".join(chunks).decode("utf-8-sig")
        assert "→" in text
        assert "0.03" in text
        assert ("产品分类：" if lang == "zh" else "Product category: ") in text
    [changed] = sheet_views.get_sheet(firm, mei.actor, SLUG, job).changed
    assert {change.field for change in changed.changes} == {"category", "indicators"}
