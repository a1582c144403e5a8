"""Claims and memberships: who may act for an organisation, and that nobody else touches it."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, SYSTEM
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from registry.services.people import attachments, claims, invitations, memberships, own_account
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from tests.services import people
from tests.services.members import (
    FIRM_NUMBER,
    LIN,
    MEI,
    SLUG,
    UNREGISTERED_NUMBER,
    WEI,
    firm,
    issue_codes,
    sign_in_registrar,
    sign_up_member,
    sign_up_owner,
    submit_claim,
    upload_proof,
)
from tests.services.people import read_mails

__all__ = ["firm"]


def test_a_claim_is_confirmed_and_its_maker_is_owner(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    number = submit_claim(firm, user, " 91330100mawy010175 ")
    [case] = claims.list_claims(firm, wang.actor)
    assert case.name.en.startswith("Hangzhou ")
    assert (case.id, case.number, case.name.zh, case.registered, case.owned, case.own) == (
        number,
        FIRM_NUMBER,
        "杭州青屿家具有限公司（演示）",
        True,
        False,
        False,
    )
    name, path = claims.open_claim_proof(firm, wang.actor, number)
    assert (name, path.read_bytes()) == ("营业执照.png", people.ONE_PIXEL_PNG)
    claims.decide_claim(firm, wang.actor, number, confirmed=True)
    home = memberships.get_workspace_home(firm, user.actor)
    assert [(each.slug, each.role, each.people) for each in home.organisations] == [(SLUG, "owner", 1)]
    assert [each.status for each in home.claims] == ["confirmed"]
    assert read_mails(firm)[-1]["Subject"].startswith("You may act for")
    with pytest.raises(Conflict):
        claims.decide_claim(firm, wang.actor, number, confirmed=False, reason="too late")


def test_a_proof_is_deleted_90_days_after_the_decision_and_its_hash_stays(firm: Registry) -> None:
    """Not one that waits, not a file that another claim still shows, which has the same bytes."""
    now = clock.now()
    mei, wei, wang = (
        people.sign_up(firm, MEI),
        people.sign_up(firm, "wei@example.com"),
        sign_in_registrar(firm),
    )
    with clock.frozen_at(now):
        first = submit_claim(firm, mei)
        waits = submit_claim(firm, wei)
        claims.decide_claim(firm, wang.actor, first, confirmed=False, reason="执照已过期")
    path = claims.open_claim_proof(firm, wang.actor, first)[1]
    with clock.frozen_at(now + attachments.PROOF_RETENTION + dt.timedelta(days=1)):
        relay.run_relay_once(firm)
        assert path.is_file()
        claims.withdraw_claim(firm, wei.actor, waits)
        relay.run_relay_once(firm)
        assert not path.exists()
        seen = claims.get_claim(firm, wang.actor, first)
        assert (seen.file_gone, seen.sha256) == (True, hashlib.sha256(people.ONE_PIXEL_PNG).hexdigest())
        with pytest.raises(NotFound):
            claims.open_claim_proof(firm, wang.actor, first)
        assert not claims.get_claim(
            firm, wang.actor, submit_claim(firm, mei)
        ).file_gone  # shown again, kept again


def test_a_proof_that_was_decided_yesterday_is_kept(firm: Registry) -> None:
    mei, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    now = clock.now()
    with clock.frozen_at(now):
        first = submit_claim(firm, mei)
    with clock.frozen_at(now + dt.timedelta(days=100)):
        claims.decide_claim(firm, SYSTEM, first, confirmed=True)
    with clock.frozen_at(now + dt.timedelta(days=189)):
        attachments.purge_attachments(firm)
        assert claims.open_claim_proof(firm, wang.actor, first)[1].is_file()


def test_a_claim_is_refused_with_a_reason(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    number = submit_claim(firm, user)
    with pytest.raises(Invalid) as silent:
        claims.decide_claim(firm, wang.actor, number, confirmed=False, reason=" ")
    assert issue_codes(silent) == [("reason_wanted", "reason")]
    claims.decide_claim(firm, wang.actor, number, confirmed=False, reason="执照已过期")
    [seen] = memberships.get_workspace_home(firm, user.actor).claims
    assert (seen.status, seen.reason) == ("refused", "执照已过期")
    assert "执照已过期" in read_mails(firm)[-1].get_content()
    assert submit_claim(firm, user)  # and once more


def test_an_organisation_that_is_new_enters_the_register_with_the_decision(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    with pytest.raises(Invalid) as nameless:
        submit_claim(firm, user, UNREGISTERED_NUMBER)
    assert issue_codes(nameless) == [("required", "name_zh")]
    number = submit_claim(firm, user, UNREGISTERED_NUMBER, "中国北京同仁堂（集团）有限责任公司")
    with pytest.raises(NotFound):
        reading.locate_record(firm, ANONYMOUS, "organisations", UNREGISTERED_NUMBER)
    claims.decide_claim(firm, wang.actor, number, confirmed=True)
    pointer = reading.locate_record(firm, ANONYMOUS, "organisations", UNREGISTERED_NUMBER)
    view = reading.get_record(firm, ANONYMOUS, pointer, "en")
    assert (view.title.zh, view.number) == ("中国北京同仁堂（集团）有限责任公司", UNREGISTERED_NUMBER)
    assert [step.reason for step in view.history] == ["Entered"]
    assert [each.slug for each in memberships.get_workspace_home(firm, user.actor).organisations] == [
        UNREGISTERED_NUMBER
    ]


def test_a_foreign_organisation_is_claimed_by_its_registration_number(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    number = submit_claim(firm, user, "f-de-HRB12345", "演示有限责任公司")
    claims.decide_claim(firm, wang.actor, number, confirmed=True)
    assert memberships.get_workspace_home(firm, user.actor).organisations[0].number == "F-DE-HRB12345"


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("", "required"),
        ("91330100MAWY010176", "credit_code_check_digit"),
        ("9133", "credit_code_length"),
        ("F-XX-1", "country_unknown"),
        ("F-DE-", "foreign_number_form"),
        ("F-CN-1", "foreign_number_form"),
        ("F-DE-../x", "foreign_number_form"),
    ],
)
def test_a_wrong_number_is_told(firm: Registry, number: str, wanted: str) -> None:
    user = people.sign_up(firm, MEI)
    with pytest.raises(Invalid) as refused:
        submit_claim(firm, user, number, "某某有限公司")
    assert (wanted, "number") in issue_codes(refused)


def test_foreign_numbers_that_read_alike_are_not_one_organisation(firm: Registry) -> None:
    """Keys drop the signs between letters and digits: F-DE-1-23 would be F-DE-12-3."""
    mei, wei = people.sign_up(firm, MEI), people.sign_up(firm, WEI)
    claims.decide_claim(firm, SYSTEM, submit_claim(firm, mei, "F-DE-1-23", "甲有限公司"), confirmed=True)
    with pytest.raises(Invalid) as alike:
        submit_claim(firm, wei, "F-DE-12-3", "乙有限公司")
    assert issue_codes(alike) == [("foreign_number_alike", "number")]
    assert submit_claim(firm, wei, "f-de-1-23")


def test_an_agent_is_never_owner_by_another_way(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    sign_up_member(firm, mei, LIN, "editor", agent=True)
    agent = next(each for each in memberships.list_members(firm, mei.actor, SLUG).members if each.agent)
    with pytest.raises(Invalid) as refused:
        memberships.change_role(firm, mei.actor, SLUG, agent.id, role="owner")
    assert issue_codes(refused) == [("agent_no_owner", "role")]


def test_two_owners_who_leave_at_one_moment_leave_one_behind(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wei = sign_up_member(firm, mei, WEI, "owner")
    start = threading.Barrier(2)

    def go(user: UserSession) -> bool:
        start.wait()
        try:
            memberships.leave_organisation(firm, user.actor, SLUG)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, (mei, wei))) == [False, True]


def test_everything_wrong_with_a_claim_is_said_at_once(firm: Registry) -> None:
    user = people.sign_up(firm, MEI)
    with pytest.raises(Invalid) as refused:
        claims.submit_claim(firm, user.actor, claims.ClaimForm("", "", "", " ", 0))
    assert issue_codes(refused) == [("required", "number"), ("required", "post"), ("required", "file")]


def test_the_proof_of_another_is_no_proof(firm: Registry) -> None:
    mei, wei = people.sign_up(firm, MEI), people.sign_up(firm, WEI)
    with pytest.raises(Invalid) as refused:
        submit_claim(firm, wei, file=upload_proof(firm, mei))
    assert issue_codes(refused) == [("required", "file")]


def test_claims_that_make_no_sense_are_refused(firm: Registry) -> None:
    user = people.sign_up(firm, MEI)
    first = submit_claim(firm, user)
    with pytest.raises(Invalid) as twice:
        submit_claim(firm, user)
    assert issue_codes(twice) == [("claim_waits", "number")]
    claims.withdraw_claim(firm, user.actor, first)
    claims.decide_claim(firm, SYSTEM, submit_claim(firm, user), confirmed=True)
    with pytest.raises(Invalid) as member:
        submit_claim(firm, user)
    assert issue_codes(member) == [("member_already", "number")]
    for place in range(claims.MAX_WAITING_CLAIMS):
        submit_claim(firm, user, f"F-DE-{place}", "某某有限公司")
    with pytest.raises(Invalid) as many:
        submit_claim(firm, user, "F-DE-99", "某某有限公司")
    assert issue_codes(many) == [("too_many_claims", "number")]


def test_owners_hear_of_a_claim_to_their_organisation(firm: Registry) -> None:
    sign_up_owner(firm)
    submit_claim(firm, people.sign_up(firm, WEI, "Wei"))
    told = read_mails(firm)[-1]
    assert told["To"] == MEI
    assert "Wei claims to act for" in told.get_content()


def test_nobody_decides_over_his_own_claim(firm: Registry) -> None:
    wang = sign_in_registrar(firm)
    number = submit_claim(firm, wang)
    assert claims.get_claim(firm, wang.actor, number).own
    with pytest.raises(Forbidden):
        claims.decide_claim(firm, wang.actor, number, confirmed=True)
    claims.decide_claim(firm, sign_in_registrar(firm, "zhao@example.com").actor, number, confirmed=True)


def test_an_organisation_keeps_an_owner_of_its_own(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    agent = sign_up_member(firm, mei, LIN, "editor", agent=True)
    [own, outside] = memberships.list_members(firm, mei.actor, SLUG).members
    for act in (
        lambda: memberships.leave_organisation(firm, mei.actor, SLUG),
        lambda: memberships.remove_member(firm, mei.actor, SLUG, own.id),
        lambda: memberships.change_role(firm, mei.actor, SLUG, own.id, role="editor"),
    ):
        with pytest.raises(Invalid) as last:
            act()
        assert issue_codes(last) == [("last_owner", "")]
    wei = sign_up_member(firm, mei, WEI, "editor")
    member = next(
        each for each in memberships.list_members(firm, mei.actor, SLUG).members if each.email == WEI
    )
    memberships.change_role(firm, mei.actor, SLUG, member.id, role="owner")
    memberships.leave_organisation(firm, mei.actor, SLUG)  # handed over
    with pytest.raises(NotFound):
        memberships.list_members(firm, mei.actor, SLUG)
    memberships.remove_member(firm, wei.actor, SLUG, outside.id)
    assert read_mails(firm)[-1]["To"] == LIN
    with pytest.raises(NotFound):
        memberships.list_members(firm, agent.actor, SLUG)


Act = Callable[[Registry, UserSession], Any]
OF_OWNERS: dict[str, Act] = {
    "invite": lambda registry, user: invitations.invite_member(
        registry, user.actor, SLUG, email="new@example.com", role="viewer", agent=False
    ),
    "withdraw": lambda registry, user: invitations.withdraw_invitation(registry, user.actor, SLUG, 1),
    "change_role": lambda registry, user: memberships.change_role(
        registry, user.actor, SLUG, 1, role="viewer"
    ),
    "remove": lambda registry, user: memberships.remove_member(registry, user.actor, SLUG, 1),
}


@pytest.mark.parametrize("act", OF_OWNERS)
def test_only_owners_decide_over_people_and_strangers_find_nothing(firm: Registry, act: str) -> None:
    mei = sign_up_owner(firm)
    editor, viewer = sign_up_member(firm, mei, WEI, "editor"), sign_up_member(firm, mei, LIN, "viewer")
    stranger = people.sign_up(firm, "stranger@example.com")
    for user in (editor, viewer):
        with pytest.raises(Forbidden):
            OF_OWNERS[act](firm, user)
    with pytest.raises(NotFound):
        OF_OWNERS[act](firm, stranger)
    with pytest.raises(NotFound):
        memberships.list_members(firm, stranger.actor, SLUG)


def test_the_members_of_one_organisation_cannot_be_reached_from_another(firm: Registry) -> None:
    sign_up_owner(firm)
    wei = people.sign_up(firm, WEI)
    claims.decide_claim(
        firm,
        SYSTEM,
        submit_claim(firm, wei, UNREGISTERED_NUMBER, "中国北京同仁堂（集团）有限责任公司"),
        confirmed=True,
    )
    for act in (memberships.remove_member, lambda *given: memberships.change_role(*given, role="viewer")):
        with pytest.raises(NotFound):
            act(firm, wei.actor, UNREGISTERED_NUMBER, 1)


AT_THE_DESK: dict[str, Act] = {
    "cases": lambda registry, user: claims.list_claims(registry, user.actor),
    "case": lambda registry, user: claims.get_claim(registry, user.actor, 1),
    "proof": lambda registry, user: claims.open_claim_proof(registry, user.actor, 1),
    "decide": lambda registry, user: claims.decide_claim(registry, user.actor, 1, confirmed=True),
}


@pytest.mark.parametrize("act", AT_THE_DESK)
def test_the_desk_is_for_staff(firm: Registry, act: str) -> None:
    mei = sign_up_owner(firm)
    for user in (mei, replace(mei, actor=ANONYMOUS)):
        with pytest.raises(Forbidden):
            AT_THE_DESK[act](firm, user)
    with pytest.raises(Forbidden):
        memberships.get_workspace_home(firm, ANONYMOUS)
    with pytest.raises(NotFound):
        claims.get_claim(firm, SYSTEM, 99)


def test_every_step_stands_in_the_trail(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    acts = own_account.get_account(firm, mei.actor, mei.session_id).audit_events
    assert [(act.words, act.subject) for act in acts[:2]] == [
        ("A claim was confirmed by the registrar", FIRM_NUMBER),
        ("An organisation was claimed", FIRM_NUMBER),
    ]
