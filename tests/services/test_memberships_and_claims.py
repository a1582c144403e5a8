"""Claims and memberships: who may act for an organisation, who decides on it, and that others are refused."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from registry import clock
from registry.accounts.model import User
from registry.accounts.policy import ANONYMOUS, SYSTEM
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from registry.services.people import attachments, claims, invitations, memberships, own_account
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from registry.store.unit_of_work import unit_of_work
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
from tests.services.people import DECIDING, read_mails

__all__ = ["firm"]


def test_a_confirmed_claim_makes_the_claimant_an_owner(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    number = submit_claim(firm, user, " 91330100mawy010175 ")
    [claim] = claims.list_claims(firm, wang.actor)
    assert claim.name.en.startswith("Hangzhou ")
    assert (claim.id, claim.number, claim.name.zh, claim.registered, claim.owned, claim.own) == (
        number,
        FIRM_NUMBER,
        "杭州青屿家具有限公司（演示）",
        True,
        False,
        False,
    )
    proof = claims.open_claim_proof(firm, wang.actor, number, reason=DECIDING)
    assert (proof.name, proof.path.read_bytes()) == ("营业执照.png", people.ONE_PIXEL_PNG)
    claims.decide_claim(firm, wang.actor, number, confirmed=True)
    home = memberships.get_workspace_home(firm, user.actor)
    assert [(view.slug, view.role, view.people) for view in home.organisations] == [(SLUG, "owner", 1)]
    assert [claim.status for claim in home.claims] == ["confirmed"]
    assert read_mails(firm)[-1]["Subject"].startswith("You may act for")
    with pytest.raises(Conflict):
        claims.decide_claim(firm, wang.actor, number, confirmed=False, reason="too late")


def test_a_proof_is_deleted_90_days_after_the_decision_and_its_hash_stays(firm: Registry) -> None:
    """Unless another claim that is waiting still uses the same file."""
    now = clock.now()
    mei, wei, wang = (
        people.sign_up(firm, MEI),
        people.sign_up(firm, "wei@example.com"),
        sign_in_registrar(firm),
    )
    with clock.frozen_at(now):
        first = submit_claim(firm, mei)
        waiting = submit_claim(firm, wei)
        claims.decide_claim(firm, wang.actor, first, confirmed=False, reason="执照已过期")
    path = claims.open_claim_proof(firm, wang.actor, first, reason=DECIDING).path
    with clock.frozen_at(now + attachments.PROOF_RETENTION + dt.timedelta(days=1)):
        relay.run_relay_once(firm)
        assert path.is_file()
        claims.withdraw_claim(firm, wei.actor, waiting)
        relay.run_relay_once(firm)
        assert not path.exists()
        claim = claims.get_claim(firm, wang.actor, first)
        assert (claim.file_gone, claim.sha256) == (True, hashlib.sha256(people.ONE_PIXEL_PNG).hexdigest())
        with pytest.raises(NotFound):
            claims.open_claim_proof(firm, wang.actor, first, reason=DECIDING)
        again = submit_claim(firm, mei)  # uploads and stores the file again
        assert not claims.get_claim(firm, wang.actor, again).file_gone


def test_a_proof_is_kept_until_the_last_second_of_its_retention(firm: Registry) -> None:
    mei, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    now = clock.now()
    with clock.frozen_at(now):
        first = submit_claim(firm, mei)
    with clock.frozen_at(now + dt.timedelta(days=100)):
        claims.decide_claim(firm, SYSTEM, first, confirmed=True)
    end = now + dt.timedelta(days=100) + attachments.PROOF_RETENTION  # counted from the decision
    with clock.frozen_at(end):
        attachments.purge_attachments(firm)
        assert claims.open_claim_proof(firm, wang.actor, first, reason=DECIDING).path.is_file()
    with clock.frozen_at(end + dt.timedelta(seconds=1)):
        assert attachments.purge_attachments(firm) == 1


def test_a_claim_is_refused_with_a_reason(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    number = submit_claim(firm, user)
    with pytest.raises(Invalid) as refused:
        claims.decide_claim(firm, wang.actor, number, confirmed=False, reason=" ")
    assert issue_codes(refused) == [("reason_wanted", "reason")]
    claims.decide_claim(firm, wang.actor, number, confirmed=False, reason="执照已过期")
    [claim] = memberships.get_workspace_home(firm, user.actor).claims
    assert (claim.status, claim.reason) == ("refused", "执照已过期")
    assert "执照已过期" in read_mails(firm)[-1].get_content()
    assert submit_claim(firm, user)  # a new claim is possible


def test_an_unregistered_organisation_is_published_with_the_decision(firm: Registry) -> None:
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
    assert [view.slug for view in memberships.get_workspace_home(firm, user.actor).organisations] == [
        UNREGISTERED_NUMBER
    ]


def test_a_foreign_organisation_is_claimed_by_its_registration_number(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    number = submit_claim(firm, user, "f-de-HRB12345", "演示有限责任公司")
    claims.decide_claim(firm, wang.actor, number, confirmed=True)
    assert memberships.get_workspace_home(firm, user.actor).organisations[0].number == "F-DE-HRB12345"


def test_a_foreign_organisation_needs_no_chinese_name(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    with pytest.raises(Invalid) as nameless:
        submit_claim(firm, user, "F-DE-HRB12345", "")
    assert issue_codes(nameless) == [("required", "name_en")]
    number = submit_claim(firm, user, "F-DE-HRB12345", "", name_en="Demo Holzwerke GmbH")
    claims.decide_claim(firm, wang.actor, number, confirmed=True)
    (organisation,) = memberships.get_workspace_home(firm, user.actor).organisations
    assert organisation.name.en == "Demo Holzwerke GmbH"


@pytest.mark.parametrize(
    ("number", "code"),
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
def test_an_invalid_number_is_refused(firm: Registry, number: str, code: str) -> None:
    user = people.sign_up(firm, MEI)
    with pytest.raises(Invalid) as refused:
        submit_claim(firm, user, number, "某某有限公司")
    assert (code, "number") in issue_codes(refused)


def test_foreign_numbers_with_the_same_key_are_told_apart(firm: Registry) -> None:
    """Keys drop the punctuation: F-DE-1-23 would be F-DE-12-3."""
    mei, wei = people.sign_up(firm, MEI), people.sign_up(firm, WEI)
    claims.decide_claim(firm, SYSTEM, submit_claim(firm, mei, "F-DE-1-23", "甲有限公司"), confirmed=True)
    with pytest.raises(Invalid) as alike:
        submit_claim(firm, wei, "F-DE-12-3", "乙有限公司")
    assert issue_codes(alike) == [("foreign_number_alike", "number")]
    assert submit_claim(firm, wei, "f-de-1-23")


def test_an_agent_cannot_be_made_an_owner(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    sign_up_member(firm, mei, LIN, "editor", agent=True)
    agent = next(member for member in memberships.list_members(firm, mei.actor, SLUG).members if member.agent)
    with pytest.raises(Invalid) as refused:
        memberships.change_member_role(firm, mei.actor, SLUG, agent.id, role="owner")
    assert issue_codes(refused) == [("agent_no_owner", "role")]


def test_of_two_owners_who_leave_concurrently_one_stays(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wei = sign_up_member(firm, mei, WEI, "owner")
    start = threading.Barrier(2)

    def leave(user: UserSession) -> bool:
        start.wait()
        try:
            memberships.leave_organisation(firm, user.actor, SLUG)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, (mei, wei))) == [False, True]


def test_all_issues_of_a_claim_are_reported_together(firm: Registry) -> None:
    user = people.sign_up(firm, MEI)
    with pytest.raises(Invalid) as refused:
        claims.submit_claim(firm, user.actor, claims.ClaimForm("", "", "", " ", 0))
    assert issue_codes(refused) == [("required", "number"), ("required", "post"), ("required", "file")]


def test_a_file_of_another_user_is_no_proof(firm: Registry) -> None:
    mei, wei = people.sign_up(firm, MEI), people.sign_up(firm, WEI)
    with pytest.raises(Invalid) as refused:
        submit_claim(firm, wei, file=upload_proof(firm, mei))
    assert issue_codes(refused) == [("required", "file")]


def test_repeated_and_too_many_claims_are_refused(firm: Registry) -> None:
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
    for number in range(claims.MAX_WAITING_CLAIMS):
        submit_claim(firm, user, f"F-DE-{number}", "某某有限公司")
    with pytest.raises(Invalid) as many:
        submit_claim(firm, user, "F-DE-99", "某某有限公司")
    assert issue_codes(many) == [("too_many_claims", "number")]


def test_owners_are_notified_of_a_claim_to_their_organisation(firm: Registry) -> None:
    sign_up_owner(firm)
    submit_claim(firm, people.sign_up(firm, WEI, "Wei"))
    mail = read_mails(firm)[-1]
    assert mail["To"] == MEI
    assert "“Wei” (wei@example.com)" in mail.get_content()


BORROWED_VOICE = "【品证安全中心】您的企业账户异常，请立即登录 https://pinzheng-verify.example/login 核验"


@pytest.mark.parametrize("name", [BORROWED_VOICE, "", "x" * 41])
def test_a_name_of_an_earlier_time_does_not_speak_in_a_letter_to_owners(firm: Registry, name: str) -> None:
    mei, wei = sign_up_owner(firm), people.sign_up(firm, WEI, "Wei")
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(User).where(User.id.in_((mei.user_id, wei.user_id))).values(name=name))
    submit_claim(firm, wei)
    claimed = read_mails(firm)[-1]
    invitations.invite_member(firm, mei.actor, SLUG, email="lin@example.com", role="editor", agent=False)
    invited = read_mails(firm)[-1]
    for mail, address in ((claimed, WEI), (invited, MEI)):
        assert address in mail.get_content().splitlines()
        assert "品证安全中心" not in mail.get_content() + mail["Subject"]
        assert "evil" not in mail.get_content()


def test_staff_cannot_decide_on_their_own_claim(firm: Registry) -> None:
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
        lambda: memberships.change_member_role(firm, mei.actor, SLUG, own.id, role="editor"),
    ):
        with pytest.raises(Invalid) as last:
            act()
        assert issue_codes(last) == [("last_owner", "")]
    wei = sign_up_member(firm, mei, WEI, "editor")
    member = next(
        member for member in memberships.list_members(firm, mei.actor, SLUG).members if member.email == WEI
    )
    memberships.change_member_role(firm, mei.actor, SLUG, member.id, role="owner")
    memberships.leave_organisation(firm, mei.actor, SLUG)  # handed over
    with pytest.raises(NotFound):
        memberships.list_members(firm, mei.actor, SLUG)
    memberships.remove_member(firm, wei.actor, SLUG, outside.id)
    assert read_mails(firm)[-1]["To"] == LIN
    with pytest.raises(NotFound):
        memberships.list_members(firm, agent.actor, SLUG)


Act = Callable[[Registry, UserSession], Any]
OWNER_ACTIONS: dict[str, Act] = {
    "invite": lambda registry, user: invitations.invite_member(
        registry, user.actor, SLUG, email="new@example.com", role="viewer", agent=False
    ),
    "withdraw": lambda registry, user: invitations.withdraw_invitation(registry, user.actor, SLUG, 1),
    "change_role": lambda registry, user: memberships.change_member_role(
        registry, user.actor, SLUG, 1, role="viewer"
    ),
    "remove": lambda registry, user: memberships.remove_member(registry, user.actor, SLUG, 1),
}


@pytest.mark.parametrize("act", OWNER_ACTIONS)
def test_only_owners_manage_members_and_strangers_find_nothing(firm: Registry, act: str) -> None:
    mei = sign_up_owner(firm)
    editor, viewer = sign_up_member(firm, mei, WEI, "editor"), sign_up_member(firm, mei, LIN, "viewer")
    stranger = people.sign_up(firm, "stranger@example.com")
    for user in (editor, viewer):
        with pytest.raises(Forbidden):
            OWNER_ACTIONS[act](firm, user)
    with pytest.raises(NotFound):
        OWNER_ACTIONS[act](firm, stranger)
    with pytest.raises(NotFound):
        memberships.list_members(firm, stranger.actor, SLUG)


def test_members_cannot_be_changed_through_another_organisation(firm: Registry) -> None:
    sign_up_owner(firm)
    wei = people.sign_up(firm, WEI)
    claims.decide_claim(
        firm,
        SYSTEM,
        submit_claim(firm, wei, UNREGISTERED_NUMBER, "中国北京同仁堂（集团）有限责任公司"),
        confirmed=True,
    )
    for act in (
        memberships.remove_member,
        lambda *args: memberships.change_member_role(*args, role="viewer"),
    ):
        with pytest.raises(NotFound):
            act(firm, wei.actor, UNREGISTERED_NUMBER, 1)


DESK_ACTIONS: dict[str, Act] = {
    "cases": lambda registry, user: claims.list_claims(registry, user.actor),
    "case": lambda registry, user: claims.get_claim(registry, user.actor, 1),
    "proof": lambda registry, user: claims.open_claim_proof(registry, user.actor, 1, reason=DECIDING),
    "decide": lambda registry, user: claims.decide_claim(registry, user.actor, 1, confirmed=True),
}


@pytest.mark.parametrize("act", DESK_ACTIONS)
def test_the_desk_is_for_staff(firm: Registry, act: str) -> None:
    mei = sign_up_owner(firm)
    for user in (mei, replace(mei, actor=ANONYMOUS)):
        with pytest.raises(Forbidden):
            DESK_ACTIONS[act](firm, user)
    with pytest.raises(Forbidden):
        memberships.get_workspace_home(firm, ANONYMOUS)
    with pytest.raises(NotFound):
        claims.get_claim(firm, SYSTEM, 99)


def test_every_step_is_recorded_in_the_audit_log(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    events = own_account.get_account(firm, mei.actor, mei.session_id).audit_events
    assert [(event.words, event.subject) for event in events[:2]] == [
        ("A claim was confirmed by the registrar", FIRM_NUMBER),
        ("An organisation was claimed", FIRM_NUMBER),
    ]


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        ("x" * claims.MAX_POST_LENGTH, []),
        ("x" * (claims.MAX_POST_LENGTH + 1), [("too_long", "post")]),
        ("see evil.example/login", [("link_in_name", "post")]),
    ],
)
def test_the_length_of_a_post_is_limited(firm: Registry, post: str, expected: list[tuple[str, str]]) -> None:
    user = people.sign_up(firm, MEI)
    form = claims.ClaimForm(FIRM_NUMBER, "", "", post, upload_proof(firm, user))
    if expected:
        with pytest.raises(Invalid) as refused:
            claims.submit_claim(firm, user.actor, form)
        assert issue_codes(refused) == expected
    else:
        assert claims.submit_claim(firm, user.actor, form)


def test_the_length_of_a_reason_is_limited(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    claim_id, longest = submit_claim(firm, user), "x" * claims.MAX_REASON_LENGTH
    with pytest.raises(Invalid) as refused:
        claims.decide_claim(firm, wang.actor, claim_id, confirmed=False, reason=longest + "x")
    assert issue_codes(refused) == [("too_long", "reason")]
    claims.decide_claim(firm, wang.actor, claim_id, confirmed=False, reason=longest)
    assert claims.get_claim(firm, wang.actor, claim_id).reason == longest


def test_an_existing_member_gets_the_higher_of_both_roles(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wei = sign_up_member(firm, mei, WEI, "editor")
    for role, expected in (("viewer", "editor"), ("editor", "editor"), ("owner", "owner")):
        with unit_of_work(firm.engine) as connection:
            organisation = memberships.find_organisation(connection, FIRM_NUMBER)
            assert organisation is not None
            memberships.add_member(connection, organisation.id, wei.user_id, role, agent=False)
        [view] = memberships.get_workspace_home(firm, wei.actor).organisations
        assert view.role == expected


def test_an_owner_who_removes_themselves_is_not_notified(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    sign_up_member(firm, mei, WEI, "owner")
    own = next(member for member in memberships.list_members(firm, mei.actor, SLUG).members if member.is_self)
    before = len(read_mails(firm))
    memberships.remove_member(firm, mei.actor, SLUG, own.id)
    assert len(read_mails(firm)) == before
