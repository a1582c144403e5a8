"""An order to correct: it stands first in the workspace, and form, sheet and program answer it by an amendment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.app import create_app
from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.errors import Conflict, Invalid
from registry.services.bootstrap import Registry
from registry.services.filing import drafts, filed_records
from registry.services.filing.amendment_reasons import Amendment
from registry.services.filing.drafts import NewDraft
from registry.services.filing.pending_tasks import list_pending_tasks
from registry.services.people import tokens
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from registry.services.records.views import RecordView
from tests.api.test_filing_api import DOCUMENT, Program
from tests.services.filers import (
    DECLARATIONS,
    NOW,
    OWN_STANDARD,
    STRICTER_INDICATORS,
    amend_declaration,
    at,
    decide,
    file_declaration,
    firm,
)
from tests.services.filing_sheets import get_job, hand_in_and_run, to_cells
from tests.services.members import SLUG, sign_up_owner
from tests.services.people import PASSWORD, read_mails

__all__ = ["firm"]
DEADLINE = dt.date(2026, 6, 5)
ORDER = {
    "decided_on": "2026-05-04",
    "ordered_by": "杭州市市场监督管理局",
    "correct_until": DEADLINE.isoformat(),
    "status_reason": "甲醛释放量的试验方法有误。",
}
Submit = Callable[[Registry, UserSession, str], Any]


def shown(registry: Registry, number: str) -> RecordView:
    pointer = reading.locate_record(registry, ANONYMOUS, DECLARATIONS, number)
    return reading.get_record(registry, ANONYMOUS, pointer, "en")


def order(registry: Registry, tmp_path: Path, number: str, status: str = "correction_ordered") -> None:
    decide(registry, tmp_path, number, "under_check")
    decide(registry, tmp_path, number, "correction_ordered", **ORDER)
    if status != "correction_ordered":
        decide(registry, tmp_path, number, status)


def by_form(registry: Registry, user: UserSession, number: str) -> None:
    amend_declaration(
        registry, user, number, {"indicators": STRICTER_INDICATORS}, Amendment(note="更正试验方法。")
    )


def by_sheet(registry: Registry, user: UserSession, number: str, reason: str = "") -> Any:
    typed = {**OWN_STANDARD, "indicators": STRICTER_INDICATORS}
    row = to_cells(typed) | {"number": number, "amended_because": reason}
    return get_job(registry, user, hand_in_and_run(registry, user, [row]))


def by_program(registry: Registry, user: UserSession, number: str, **more: str) -> Any:
    key = tokens.create_token(registry, user.actor, PASSWORD, tokens.TokenRequest("ERP", "declare", 30, SLUG))
    body = {"document": {**DOCUMENT, "indicators": STRICTER_INDICATORS}, "signer": "王强", **more}
    program = Program(create_app(registry=registry), key)
    return program.send("PUT", f"/api/v1/registers/declarations/records/{number}", body, If_Match="*")


@pytest.mark.parametrize("status", ["correction_ordered", "publicised"])
@pytest.mark.parametrize("submit", [by_form, by_sheet, by_program])
def test_every_door_submits_the_correction(
    firm: Registry, tmp_path: Path, submit: Submit, status: str
) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        order(firm, tmp_path, number, status)
    with clock.frozen_at(NOW + dt.timedelta(days=3)):
        submit(firm, mei, number)
        view = shown(firm, number)
        assert (view.status.code, view.history[0].reason) == (status, "Correction submitted")
        assert view.document["correction_submitted_on"] == "2026-05-07"
        assert view.plate.params["submitted"] == "7 May 2026"
        decide(firm, tmp_path, number, "active")
        view = shown(firm, number)
        assert (view.status.code, view.history[0].reason, view.warnings) == ("active", "Corrected", ())
        assert "Corrected" not in view.plate.sentence
        assert "corrected on the order of the authority" in view.plate.sentence


@pytest.mark.parametrize(("days", "left"), [(0, 32), (31, 1), (32, 0), (33, -1), (32 + 365, -365)])
def test_the_order_stands_in_the_workspace(firm: Registry, tmp_path: Path, days: int, left: int) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        order(firm, tmp_path, number)
    with clock.frozen_at(NOW + dt.timedelta(days=days)):
        [task] = list_pending_tasks(firm, mei.actor)[SLUG].orders
        assert (task.number, task.order.days_left, task.order.submitted) == (number, left, "")
        assert (task.order.authority, task.order.order) == (ORDER["ordered_by"], ORDER["status_reason"])
        sentence = shown(firm, number).plate.sentence
        assert ("That day has passed" in sentence) is (left < 0)


def test_an_answered_order_stands_after_those_that_wait(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        first = file_declaration(firm, mei, OWN_STANDARD)
        second = file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "实木书桌"})
        order(firm, tmp_path, first)
        order(firm, tmp_path, second)
        by_form(firm, mei, first)
        waiting = list_pending_tasks(firm, mei.actor)[SLUG]
        assert [(task.number, bool(task.order.submitted)) for task in waiting.orders] == [
            (second, False),
            (first, True),
        ]
        assert waiting.order_count == 2


def test_a_new_order_is_not_answered_by_an_earlier_correction(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        order(firm, tmp_path, number)
        by_form(firm, mei, number)
        decide(firm, tmp_path, number, "active")
        decide(firm, tmp_path, number, "under_check")
        decide(
            firm, tmp_path, number, "correction_ordered", decided_on="2026-05-05", correct_until="2026-07-01"
        )
        [task] = list_pending_tasks(firm, mei.actor)[SLUG].orders
        assert (task.order.submitted, task.order.deadline) == ("", "2026-07-01")


def test_a_correction_that_changes_nothing_answers_nothing(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, {**OWN_STANDARD, "indicators": STRICTER_INDICATORS})
        order(firm, tmp_path, number)
        with pytest.raises(Invalid) as refused:
            by_form(firm, mei, number)
        assert [issue.code for issue in refused.value.issues] == ["nothing_changed"]
        assert by_sheet(firm, mei, number).refused == 1
        answer = by_program(firm, mei, number)
        assert (answer.status_code, answer.get_json()["issues"][0]["code"]) == (422, "nothing_changed")
        assert "correction_submitted_on" not in shown(firm, number).document


def test_an_answered_order_takes_the_same_answer_again(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        order(firm, tmp_path, number)
        assert by_sheet(firm, mei, number).updated == 1
        assert by_sheet(firm, mei, number).unchanged == 1
        assert by_program(firm, mei, number).status_code == 200


@pytest.mark.parametrize("reason", ["amended_models", "nonsense"])
def test_a_correction_has_no_other_reason(firm: Registry, tmp_path: Path, reason: str) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        order(firm, tmp_path, number)
        answer = by_program(firm, mei, number, amended_because=reason)
        assert [(each["code"], each["field"]) for each in answer.get_json()["issues"]] == [
            ("corrects_an_order", "amended_because")
        ]
        assert by_sheet(firm, mei, number, reason).refused == 1
        assert by_program(firm, mei, number, amended_because="amended_on_request").status_code == 200


@pytest.mark.parametrize("status", ["under_check", "correction_ordered", "publicised"])
def test_what_the_authority_has_in_hand_is_not_withdrawn_or_confirmed(
    firm: Registry, tmp_path: Path, status: str
) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        if status == "under_check":
            decide(firm, tmp_path, number, "under_check")
        else:
            order(firm, tmp_path, number, status)
        with pytest.raises(Conflict):
            filed_records.withdraw_record(firm, mei.actor, at(number), "停产")
        state = filed_records.get_filed_record_state(firm, mei.actor, at(number))
        assert (state.amendable, state.correctable) == (False, status != "under_check")
        assert state.closed_hint


def test_what_is_checked_stays_as_it_is(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        decide(firm, tmp_path, number, "under_check")
        with pytest.raises(Conflict):
            drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
        assert by_sheet(firm, mei, number).refused == 1
        assert by_program(firm, mei, number).status_code == 422


def test_a_passed_check_is_told(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        assert "Not checked" in shown(firm, number).plate.sentence
        decide(firm, tmp_path, number, "under_check")
        assert "Nothing has been concluded" in shown(firm, number).plate.sentence
    with clock.frozen_at(NOW + dt.timedelta(days=2)):
        decide(firm, tmp_path, number, "active")
        plate = shown(firm, number).plate
        assert ("found no problem" in plate.sentence, plate.params["checked"]) == (True, "6 May 2026")
    with clock.frozen_at(NOW + dt.timedelta(days=9)):  # a second check has a day of its own
        decide(firm, tmp_path, number, "under_check")
        decide(firm, tmp_path, number, "active")
        assert shown(firm, number).plate.params["checked"] == "13 May 2026"


def test_letters_tell_what_was_filed(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        amend_declaration(firm, mei, number, {"spec": "两件装"})
        order(firm, tmp_path, number)
        by_form(firm, mei, number)
        file_declaration(
            firm, mei, {**OWN_STANDARD, "product_name_zh": "书桌", "effective_from": "2026-09-01"}
        )
        letters = [mail.get_content() for mail in read_mails(firm)][-4:]
    assert ["within 24 hours" in text for text in letters] == [True, False, False, False]
    assert "has amended a declaration" in letters[1]
    assert "until the authority confirms" in letters[2]
    assert "before it comes into use" in letters[3]


def test_the_banner_of_an_order_reads_english_as_far_as_its_words_are_known(
    firm: Registry, tmp_path: Path
) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        order(firm, tmp_path, number)
    facts = {fact.label: fact.pieces for fact in shown(firm, number).plate.facts}
    (authority,) = facts["Decided by"]
    assert authority.text == "Administration for Market Regulation of Hangzhou, Zhejiang"
    assert (authority.lang, authority.source) == ("", "platform")
    (reason,) = facts["Reason"]  # a sentence: it stays Chinese, and says so
    assert (reason.text, reason.lang, reason.source) == (ORDER["status_reason"], "zh-Hans", "missing")
