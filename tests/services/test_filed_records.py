"""Life after filing: withdrawn, marked as misfiled, confirmed, told of an ended standard, found again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, SYSTEM
from registry.errors import Conflict, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import (
    annual_confirmation,
    drafts,
    filed_lists,
    filed_records,
    receipts,
    withdrawals,
)
from registry.services.filing.drafts import DraftSubmission, NewDraft
from registry.services.operations import relay
from registry.services.people import claims
from registry.services.records import projections, reading
from registry.services.records.numbers import lookup
from tests.services import people, samples
from tests.services.filers import (
    CATALOGUE,
    DECLARATIONS,
    NATIONAL_STANDARD,
    NOW,
    OTHER_FIRM_NUMBER,
    OWN_STANDARD,
    at,
    file_declaration,
    firm,
    save_draft,
)
from tests.services.members import FIRM_NUMBER, LIN, SLUG, WEI, sign_up_member, sign_up_owner, submit_claim
from tests.services.people import read_mails

__all__ = ["firm"]


def test_a_declaration_is_withdrawn_with_a_reason_and_stays(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    with pytest.raises(Invalid):
        filed_records.withdraw_record(firm, mei.actor, at(number), " ")
    amendment = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    filed_records.withdraw_record(firm, mei.actor, at(number), "产品停产")
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
    view = reading.get_record(firm, ANONYMOUS, pointer, "zh")
    assert view.status.code == "withdrawn"
    shown = projections.record_json(firm, ANONYMOUS, pointer)["document"]
    assert (shown["status_reason"], shown["withdrawn_on"]) == ("产品停产", clock.today().isoformat())
    for act in (
        lambda: filed_records.withdraw_record(firm, mei.actor, at(number), "again"),
        lambda: annual_confirmation.confirm_records(firm, mei.actor, SLUG, (number,)),
        lambda: filed_records.retract_record(firm, mei.actor, at(number)),
        lambda: drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number)),
    ):
        with pytest.raises(Conflict):
            act()
    assert {issue.code for issue in drafts.get_draft(firm, mei.actor, SLUG, amendment).issues} == {"not_open"}
    row = filed_lists.list_filed_records(firm, mei.actor, SLUG, DECLARATIONS).rows[0]
    assert (row.number, row.status.code, row.amendable) == (number, "withdrawn", False)


def test_a_mistake_is_marked_within_a_day_and_no_longer(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        early, late = (
            file_declaration(firm, mei, OWN_STANDARD),
            file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "书柜"}),
        )
    with clock.frozen_at(NOW + dt.timedelta(hours=23)):
        filed_records.retract_record(firm, mei.actor, at(early))
        pointer = reading.locate_record(firm, ANONYMOUS, "declarations", early)
        assert reading.get_record(firm, ANONYMOUS, pointer, "en").status.code == "misfiled"
    with clock.frozen_at(NOW + dt.timedelta(hours=24)), pytest.raises(Conflict):
        filed_records.retract_record(firm, mei.actor, at(late))


def test_the_period_for_a_mistake_ends_after_exactly_one_day(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
    for later, retractable in (
        (dt.timedelta(days=1, microseconds=-1), True),
        (dt.timedelta(days=1), False),
    ):
        with clock.frozen_at(NOW + later):
            state = filed_records.get_filed_record_state(firm, mei.actor, at(number))
            assert state.retractable is retractable


def test_a_reason_has_at_most_three_hundred_characters(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    longest = "停" * withdrawals.MAX_REASON_LENGTH
    with pytest.raises(Invalid):
        filed_records.withdraw_record(firm, mei.actor, at(number), f"{longest}产")
    filed_records.withdraw_record(firm, mei.actor, at(number), longest)
    assert filed_records.get_filed_record_state(firm, mei.actor, at(number)).reason == longest


def test_a_declaration_is_confirmed_as_still_true(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    annual_confirmation.confirm_records(firm, mei.actor, SLUG, (number,))
    document = projections.record_json(
        firm, ANONYMOUS, reading.locate_record(firm, ANONYMOUS, "declarations", number)
    )
    assert (document["version"], document["document"]["still_true_on"]) == (2, clock.today().isoformat())


def test_holders_get_a_letter_when_their_standard_ends(firm: Registry, tmp_path: Path) -> None:
    mei = sign_up_owner(firm)
    sign_up_member(firm, mei, LIN, "viewer")
    number = file_declaration(firm, mei, NATIONAL_STANDARD)
    relay.run_relay_once(firm)
    end = {"status": "withdrawn", "withdrawn_on": clock.today().isoformat()}
    sheet = samples.write_sheet(tmp_path / "ended.csv", "standards", [{**CATALOGUE[0], **end}])
    import_files(firm, REGISTRAR, "standards", [sheet])
    relay.run_relay_once(firm)
    told = [mail for mail in read_mails(firm) if "has ended" in mail["Subject"]]
    assert [mail["To"] for mail in told] == [mei.email]  # who only looks on need not act
    assert number in told[0].get_content()
    [row] = filed_lists.list_filed_records(firm, mei.actor, SLUG, DECLARATIONS).rows
    assert (row.status.code, row.amendable) == ("standard_ended", True)
    relay.run_relay_once(firm)
    assert len([mail for mail in read_mails(firm) if "has ended" in mail["Subject"]]) == 1


def test_declarations_of_other_organisations_are_not_found(firm: Registry) -> None:
    """An owner of one enterprise names the numbers and drafts of another."""
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    draft = save_draft(firm, mei, {**OWN_STANDARD, "product_name_zh": "书柜"})
    wei = people.sign_up(firm, WEI)
    claims.decide_claim(firm, SYSTEM, submit_claim(firm, wei, OTHER_FIRM_NUMBER), confirmed=True)
    for act in (
        lambda: drafts.get_draft(firm, wei.actor, OTHER_FIRM_NUMBER, draft),
        lambda: drafts.save_draft(firm, wei.actor, OTHER_FIRM_NUMBER, draft, revision=2, typed={}),
        lambda: drafts.file_draft(
            firm, wei.actor, OTHER_FIRM_NUMBER, draft, submitted=DraftSubmission(2, "x")
        ),
        lambda: drafts.discard_draft(firm, wei.actor, OTHER_FIRM_NUMBER, draft),
        lambda: drafts.open_draft(firm, wei.actor, OTHER_FIRM_NUMBER, NewDraft(DECLARATIONS, copy=number)),
        lambda: drafts.open_draft(firm, wei.actor, OTHER_FIRM_NUMBER, NewDraft(DECLARATIONS, amend=number)),
        lambda: filed_records.withdraw_record(firm, wei.actor, at(number, OTHER_FIRM_NUMBER), "x"),
        lambda: receipts.get_receipt(firm, wei.actor, at(number, OTHER_FIRM_NUMBER)),
    ):
        with pytest.raises(NotFound):
            act()
    assert filed_lists.list_filed_records(firm, wei.actor, OTHER_FIRM_NUMBER, DECLARATIONS).total == 0


def test_a_filed_number_is_found_by_look_up(firm: Registry) -> None:
    number = file_declaration(firm, sign_up_owner(firm), OWN_STANDARD)
    [answer] = lookup.check_numbers(firm, ANONYMOUS, [number.lower()])
    assert answer.answer == "in_force"


def test_receipts_are_found_again(firm: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        [line] = receipts.list_recent_receipts(firm, mei.actor)
        assert (line.number, line.path) == (
            number,
            f"/workspace/organisations/{SLUG}/declarations/{number}/receipt",
        )
        assert line.path in read_mails(firm)[-1].get_content()
        [row] = filed_lists.list_filed_records(firm, mei.actor, SLUG, DECLARATIONS).rows
        assert (row.has_receipt, row.retractable) == (True, True)
        assert receipts.list_recent_receipts(firm, people.sign_up(firm, "stranger@example.com").actor) == ()
    with clock.frozen_at(NOW + dt.timedelta(hours=25)):
        [row] = filed_lists.list_filed_records(firm, mei.actor, SLUG, DECLARATIONS).rows
        assert (row.has_receipt, row.retractable) == (True, False)
    with clock.frozen_at(NOW + dt.timedelta(days=8)):
        assert receipts.list_recent_receipts(firm, mei.actor) == ()
    entered = {
        "org_uscc": FIRM_NUMBER,
        **{k: v for k, v in NATIONAL_STANDARD.items() if v},
        "models": "A",
        "declared_on": "2026-01-01",
    }
    sheet = samples.write_sheet(tmp_path / "entered.csv", "declarations", [entered])
    import_files(firm, REGISTRAR, "declarations", [sheet])
    assert sorted(
        row.has_receipt for row in filed_lists.list_filed_records(firm, mei.actor, SLUG, DECLARATIONS).rows
    ) == [False, True]


def test_the_state_of_a_record_says_what_is_possible(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, OWN_STANDARD)
        state = filed_records.get_filed_record_state(firm, mei.actor, at(number))
        assert (state.amendable, state.retractable, state.status.code) == (True, True, "active")
        filed_records.withdraw_record(firm, mei.actor, at(number), "产品停产")
        state = filed_records.get_filed_record_state(firm, mei.actor, at(number))
        assert (state.amendable, state.retractable, state.reason, state.since) == (
            False,
            False,
            "产品停产",
            "2026-05-04",
        )
        with pytest.raises(NotFound):
            filed_records.get_filed_record_state(firm, mei.actor, at("SD-2026-999999-X"))
