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
from registry.services.people.sessions import Signed
from registry.services.records import reading
from tests.services import people
from tests.services.members import (
    FIRM,
    LIN,
    MEI,
    NEW,
    SLUG,
    WEI,
    claim,
    codes,
    desk,
    firm,
    joined,
    owner,
    proof,
)
from tests.services.people import mails

__all__ = ["firm"]


def test_a_claim_is_confirmed_and_its_maker_is_owner(firm: Registry) -> None:
    who, wang = people.sign_up(firm, MEI), desk(firm)
    number = claim(firm, who, " 91330100mawy010175 ")
    [case] = claims.cases(firm, wang.actor)
    assert case.name.en.startswith("Hangzhou ")
    assert (case.id, case.number, case.name.zh, case.registered, case.owned, case.own) == (
        number,
        FIRM,
        "杭州青屿家具有限公司（演示）",
        True,
        False,
        False,
    )
    name, path = claims.proof(firm, wang.actor, number)
    assert (name, path.read_bytes()) == ("营业执照.png", people.PICTURE)
    claims.decide(firm, wang.actor, number, confirmed=True)
    home = memberships.home(firm, who.actor)
    assert [(each.slug, each.role, each.people) for each in home.organisations] == [(SLUG, "owner", 1)]
    assert [each.status for each in home.claims] == ["confirmed"]
    assert mails(firm)[-1]["Subject"].startswith("You may act for")
    with pytest.raises(Conflict):
        claims.decide(firm, wang.actor, number, confirmed=False, reason="too late")


def test_a_proof_is_deleted_90_days_after_the_decision_and_its_hash_stays(firm: Registry) -> None:
    """Not one that waits, not a file that another claim still shows, which has the same bytes."""
    now = clock.now()
    mei, wei, wang = people.sign_up(firm, MEI), people.sign_up(firm, "wei@example.com"), desk(firm)
    with clock.fixed(now):
        first = claim(firm, mei)
        waits = claim(firm, wei)
        claims.decide(firm, wang.actor, first, confirmed=False, reason="执照已过期")
    path = claims.proof(firm, wang.actor, first)[1]
    with clock.fixed(now + attachments.PROOFS_KEPT_FOR + dt.timedelta(days=1)):
        relay.run_once(firm)
        assert path.is_file()
        claims.withdraw(firm, wei.actor, waits)
        relay.run_once(firm)
        assert not path.exists()
        seen = claims.case(firm, wang.actor, first)
        assert (seen.file_gone, seen.sha256) == (True, hashlib.sha256(people.PICTURE).hexdigest())
        with pytest.raises(NotFound):
            claims.proof(firm, wang.actor, first)
        assert not claims.case(firm, wang.actor, claim(firm, mei)).file_gone  # shown again, kept again


def test_a_proof_that_was_decided_yesterday_is_kept(firm: Registry) -> None:
    mei, wang = people.sign_up(firm, MEI), desk(firm)
    now = clock.now()
    with clock.fixed(now):
        first = claim(firm, mei)
    with clock.fixed(now + dt.timedelta(days=100)):
        claims.decide(firm, SYSTEM, first, confirmed=True)
    with clock.fixed(now + dt.timedelta(days=189)):
        attachments.tidy(firm)
        assert claims.proof(firm, wang.actor, first)[1].is_file()


def test_a_claim_is_refused_with_a_reason(firm: Registry) -> None:
    who, wang = people.sign_up(firm, MEI), desk(firm)
    number = claim(firm, who)
    with pytest.raises(Invalid) as silent:
        claims.decide(firm, wang.actor, number, confirmed=False, reason=" ")
    assert codes(silent) == [("reason_wanted", "reason")]
    claims.decide(firm, wang.actor, number, confirmed=False, reason="执照已过期")
    [seen] = memberships.home(firm, who.actor).claims
    assert (seen.status, seen.reason) == ("refused", "执照已过期")
    assert "执照已过期" in mails(firm)[-1].get_content()
    assert claim(firm, who)  # and once more


def test_an_organisation_that_is_new_enters_the_register_with_the_decision(firm: Registry) -> None:
    who, wang = people.sign_up(firm, MEI), desk(firm)
    with pytest.raises(Invalid) as nameless:
        claim(firm, who, NEW)
    assert codes(nameless) == [("required", "name_zh")]
    number = claim(firm, who, NEW, "中国北京同仁堂（集团）有限责任公司")
    with pytest.raises(NotFound):
        reading.locate(firm, ANONYMOUS, "organisations", NEW)
    claims.decide(firm, wang.actor, number, confirmed=True)
    pointer = reading.locate(firm, ANONYMOUS, "organisations", NEW)
    view = reading.record(firm, ANONYMOUS, pointer, "en")
    assert (view.title.zh, view.number) == ("中国北京同仁堂（集团）有限责任公司", NEW)
    assert [step.reason for step in view.history] == ["Entered"]
    assert [each.slug for each in memberships.home(firm, who.actor).organisations] == [NEW]


def test_a_foreign_organisation_is_claimed_by_its_registration_number(firm: Registry) -> None:
    who, wang = people.sign_up(firm, MEI), desk(firm)
    number = claim(firm, who, "f-de-HRB12345", "演示有限责任公司")
    claims.decide(firm, wang.actor, number, confirmed=True)
    assert memberships.home(firm, who.actor).organisations[0].number == "F-DE-HRB12345"


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
    who = people.sign_up(firm, MEI)
    with pytest.raises(Invalid) as refused:
        claim(firm, who, number, "某某有限公司")
    assert (wanted, "number") in codes(refused)


def test_foreign_numbers_that_read_alike_are_not_one_organisation(firm: Registry) -> None:
    """Keys drop the signs between letters and digits: F-DE-1-23 would be F-DE-12-3."""
    mei, wei = people.sign_up(firm, MEI), people.sign_up(firm, WEI)
    claims.decide(firm, SYSTEM, claim(firm, mei, "F-DE-1-23", "甲有限公司"), confirmed=True)
    with pytest.raises(Invalid) as alike:
        claim(firm, wei, "F-DE-12-3", "乙有限公司")
    assert codes(alike) == [("foreign_number_alike", "number")]
    assert claim(firm, wei, "f-de-1-23")


def test_an_agent_is_never_owner_by_another_way(firm: Registry) -> None:
    mei = owner(firm)
    joined(firm, mei, LIN, "editor", agent=True)
    agent = next(each for each in memberships.people(firm, mei.actor, SLUG).members if each.agent)
    with pytest.raises(Invalid) as refused:
        memberships.change_role(firm, mei.actor, SLUG, agent.id, "owner")
    assert codes(refused) == [("agent_no_owner", "role")]


def test_two_owners_who_leave_at_one_moment_leave_one_behind(firm: Registry) -> None:
    mei = owner(firm)
    wei = joined(firm, mei, WEI, "owner")
    start = threading.Barrier(2)

    def go(who: Signed) -> bool:
        start.wait()
        try:
            memberships.leave(firm, who.actor, SLUG)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, (mei, wei))) == [False, True]


def test_everything_wrong_with_a_claim_is_said_at_once(firm: Registry) -> None:
    who = people.sign_up(firm, MEI)
    with pytest.raises(Invalid) as refused:
        claims.claim(firm, who.actor, "", "", "", " ", 0)
    assert codes(refused) == [("required", "number"), ("required", "post"), ("required", "file")]


def test_the_proof_of_another_is_no_proof(firm: Registry) -> None:
    mei, wei = people.sign_up(firm, MEI), people.sign_up(firm, WEI)
    with pytest.raises(Invalid) as refused:
        claim(firm, wei, file=proof(firm, mei))
    assert codes(refused) == [("required", "file")]


def test_claims_that_make_no_sense_are_refused(firm: Registry) -> None:
    who = people.sign_up(firm, MEI)
    first = claim(firm, who)
    with pytest.raises(Invalid) as twice:
        claim(firm, who)
    assert codes(twice) == [("claim_waits", "number")]
    claims.withdraw(firm, who.actor, first)
    claims.decide(firm, SYSTEM, claim(firm, who), confirmed=True)
    with pytest.raises(Invalid) as member:
        claim(firm, who)
    assert codes(member) == [("member_already", "number")]
    for place in range(claims.MOST_WAITING):
        claim(firm, who, f"F-DE-{place}", "某某有限公司")
    with pytest.raises(Invalid) as many:
        claim(firm, who, "F-DE-99", "某某有限公司")
    assert codes(many) == [("too_many_claims", "number")]


def test_owners_hear_of_a_claim_to_their_organisation(firm: Registry) -> None:
    owner(firm)
    claim(firm, people.sign_up(firm, WEI, "Wei"))
    told = mails(firm)[-1]
    assert told["To"] == MEI
    assert "Wei claims to act for" in told.get_content()


def test_nobody_decides_over_his_own_claim(firm: Registry) -> None:
    wang = desk(firm)
    number = claim(firm, wang)
    assert claims.case(firm, wang.actor, number).own
    with pytest.raises(Forbidden):
        claims.decide(firm, wang.actor, number, confirmed=True)
    claims.decide(firm, desk(firm, "zhao@example.com").actor, number, confirmed=True)


def test_an_organisation_keeps_an_owner_of_its_own(firm: Registry) -> None:
    mei = owner(firm)
    agent = joined(firm, mei, LIN, "editor", agent=True)
    [own, outside] = memberships.people(firm, mei.actor, SLUG).members
    for act in (
        lambda: memberships.leave(firm, mei.actor, SLUG),
        lambda: memberships.remove(firm, mei.actor, SLUG, own.id),
        lambda: memberships.change_role(firm, mei.actor, SLUG, own.id, "editor"),
    ):
        with pytest.raises(Invalid) as last:
            act()
        assert codes(last) == [("last_owner", "")]
    wei = joined(firm, mei, WEI, "editor")
    member = next(each for each in memberships.people(firm, mei.actor, SLUG).members if each.email == WEI)
    memberships.change_role(firm, mei.actor, SLUG, member.id, "owner")
    memberships.leave(firm, mei.actor, SLUG)  # handed over
    with pytest.raises(NotFound):
        memberships.people(firm, mei.actor, SLUG)
    memberships.remove(firm, wei.actor, SLUG, outside.id)
    assert mails(firm)[-1]["To"] == LIN
    with pytest.raises(NotFound):
        memberships.people(firm, agent.actor, SLUG)


Act = Callable[[Registry, Signed], Any]
OF_OWNERS: dict[str, Act] = {
    "invite": lambda registry, who: invitations.invite(
        registry, who.actor, SLUG, "new@example.com", "viewer", agent=False
    ),
    "withdraw": lambda registry, who: invitations.withdraw(registry, who.actor, SLUG, 1),
    "change_role": lambda registry, who: memberships.change_role(registry, who.actor, SLUG, 1, "viewer"),
    "remove": lambda registry, who: memberships.remove(registry, who.actor, SLUG, 1),
}


@pytest.mark.parametrize("act", OF_OWNERS)
def test_only_owners_decide_over_people_and_strangers_find_nothing(firm: Registry, act: str) -> None:
    mei = owner(firm)
    editor, viewer = joined(firm, mei, WEI, "editor"), joined(firm, mei, LIN, "viewer")
    stranger = people.sign_up(firm, "stranger@example.com")
    for who in (editor, viewer):
        with pytest.raises(Forbidden):
            OF_OWNERS[act](firm, who)
    with pytest.raises(NotFound):
        OF_OWNERS[act](firm, stranger)
    with pytest.raises(NotFound):
        memberships.people(firm, stranger.actor, SLUG)


def test_the_members_of_one_organisation_cannot_be_reached_from_another(firm: Registry) -> None:
    owner(firm)
    wei = people.sign_up(firm, WEI)
    claims.decide(firm, SYSTEM, claim(firm, wei, NEW, "中国北京同仁堂（集团）有限责任公司"), confirmed=True)
    for act in (memberships.remove, lambda *given: memberships.change_role(*given, "viewer")):
        with pytest.raises(NotFound):
            act(firm, wei.actor, NEW, 1)


AT_THE_DESK: dict[str, Act] = {
    "cases": lambda registry, who: claims.cases(registry, who.actor),
    "case": lambda registry, who: claims.case(registry, who.actor, 1),
    "proof": lambda registry, who: claims.proof(registry, who.actor, 1),
    "decide": lambda registry, who: claims.decide(registry, who.actor, 1, confirmed=True),
}


@pytest.mark.parametrize("act", AT_THE_DESK)
def test_the_desk_is_for_staff(firm: Registry, act: str) -> None:
    mei = owner(firm)
    for who in (mei, replace(mei, actor=ANONYMOUS)):
        with pytest.raises(Forbidden):
            AT_THE_DESK[act](firm, who)
    with pytest.raises(Forbidden):
        memberships.home(firm, ANONYMOUS)
    with pytest.raises(NotFound):
        claims.case(firm, SYSTEM, 99)


def test_every_step_stands_in_the_trail(firm: Registry) -> None:
    mei = owner(firm)
    acts = own_account.account(firm, mei.actor, mei.session_id).acts
    assert [(act.words, act.subject) for act in acts[:2]] == [
        ("A claim was confirmed by the registrar", FIRM),
        ("An organisation was claimed", FIRM),
    ]
