"""The yearly confirmation: who is asked, when again, and what an answer does."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.errors import Conflict, Invalid, NotFound
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import annual_confirmation, filed_records
from registry.services.filing.pending_tasks import PendingTasks, RegisterTasks, list_pending_tasks
from registry.services.filing.submission import filing_of
from registry.services.operations import relay
from registry.services.records import projections, reading
from tests.services import people
from tests.services.filers import (
    DECLARATIONS,
    NOW,
    OWN_STANDARD,
    STRICTER_INDICATORS,
    amend_declaration,
    at,
    file_declaration,
    firm,
)
from tests.services.members import LIN, SLUG, WEI, sign_up_member, sign_up_owner
from tests.services.people import read_mails

__all__ = ["firm"]
CONFIRMATION = filing_of(catalogue()[DECLARATIONS]).confirmation
assert CONFIRMATION
YEAR = CONFIRMATION.interval


def letters(registry: Registry) -> list[EmailMessage]:
    return [mail for mail in read_mails(registry) if "still hold" in mail["Subject"]]


def test_editors_are_reminded_after_a_year_and_twice_more(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        sign_up_member(firm, mei, LIN, "viewer")
        first, second = (
            file_declaration(firm, mei, OWN_STANDARD),
            file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "书柜"}),
        )
    asked = []
    for days in (364, 366, 367, 390, 397, 428, 470, 600):
        with clock.frozen_at(NOW + dt.timedelta(days=days)):
            relay.run_relay_once(firm, confirmed=True)
            asked.append(len(letters(firm)))
    assert asked == [0, 1, 1, 1, 2, 3, 3, 3]
    letter = letters(firm)[0]
    assert letter["To"] == mei.email  # who only looks on need not act
    assert f"/workspace/organisations/{SLUG}/confirm" in letter.get_content()
    assert "for over a year: 2." in letter.get_content()
    with clock.frozen_at(NOW + dt.timedelta(days=601)):
        assert list_pending_tasks(firm, mei.actor) == {
            SLUG: PendingTasks((RegisterTasks(DECLARATIONS, CONFIRMATION.waiting, 2, confirms=True),))
        }
        view = annual_confirmation.list_due_confirmations(firm, mei.actor, SLUG)
        assert ({row.number for row in view.rows}, view.total) == ({first, second}, 2)
        assert {row.since for row in view.rows} == {NOW}
        annual_confirmation.confirm_records(firm, mei.actor, SLUG, [row.slug for row in view.rows])
        assert list_pending_tasks(firm, mei.actor) == {}
    with clock.frozen_at(NOW + dt.timedelta(days=601) + YEAR - dt.timedelta(days=1)):
        relay.run_relay_once(firm, confirmed=True)
        assert len(letters(firm)) == 3
    with clock.frozen_at(NOW + dt.timedelta(days=602) + YEAR):
        relay.run_relay_once(firm, confirmed=True)
        assert len(letters(firm)) == 4


def test_no_reminder_for_amended_withdrawn_or_memberless_records(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        kept = file_declaration(firm, mei, OWN_STANDARD)
        gone = file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "书柜"})
    with clock.frozen_at(NOW + dt.timedelta(days=200)):
        amend_declaration(firm, mei, kept, {"indicators": STRICTER_INDICATORS})
        filed_records.withdraw_record(firm, mei.actor, at(gone), "停产")
    with clock.frozen_at(NOW + dt.timedelta(days=400)):
        relay.run_relay_once(firm, confirmed=True)
        assert letters(firm) == []
        assert annual_confirmation.list_due_confirmations(firm, mei.actor, SLUG).total == 0
    with clock.frozen_at(NOW + dt.timedelta(days=570)):
        relay.run_relay_once(firm, confirmed=True)
        assert "for over a year: 1." in letters(firm)[0].get_content()


def test_several_records_are_confirmed_together_or_not_at_all(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    kept, gone = (
        file_declaration(firm, mei, OWN_STANDARD),
        file_declaration(firm, mei, {**OWN_STANDARD, "product_name_zh": "书柜"}),
    )
    filed_records.withdraw_record(firm, mei.actor, at(gone), "停产")
    for numbers, error in (((kept, gone), Conflict), ((kept, "SD-2026-999999-9"), NotFound), ((), Invalid)):
        with pytest.raises(error):
            annual_confirmation.confirm_records(firm, mei.actor, SLUG, numbers)
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", kept)
    assert projections.record_json(firm, ANONYMOUS, pointer)["version"] == 1
    annual_confirmation.confirm_records(firm, mei.actor, SLUG, (kept, kept))
    shown = projections.record_json(firm, ANONYMOUS, pointer)
    assert (shown["version"], shown["document"]["still_true_on"]) == (2, clock.today().isoformat())


def test_due_confirmations_are_visible_to_members_only(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        file_declaration(firm, mei, OWN_STANDARD)
    wei = people.sign_up(firm, WEI)
    with clock.frozen_at(NOW + dt.timedelta(days=400)):
        assert list_pending_tasks(firm, wei.actor) == {}
        with pytest.raises(NotFound):
            annual_confirmation.list_due_confirmations(firm, wei.actor, SLUG)
