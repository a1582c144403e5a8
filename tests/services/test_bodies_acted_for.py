"""People act for bodies as for enterprises: claimed with a proof, invited, in roles; their accounts become accounts of a body."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR, SYSTEM, Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import pending_tasks
from registry.services.people import account_bounds, claims, invitations, memberships, sessions
from registry.services.people.memberships import Represented
from registry.services.people.sessions import UserSession
from tests.services import people, samples
from tests.services.members import (
    FIRM_NUMBER,
    MEI,
    WEI,
    firm,
    issue_codes,
    sign_in_registrar,
    sign_up_owner,
    upload_proof,
)
from tests.services.people import read_mails, token_of

__all__ = ["firm"]
NUMBER = "CNCA-R-2099-101"
BODY = Represented("bodies", NUMBER)
ENDED = "CNCA-R-2099-102"


@pytest.fixture
def with_bodies(firm: Registry, tmp_path: Path) -> Registry:
    row = {"name_zh": "青衡认证（演示）有限公司", "name_en": "Qingheng Certification", "status": "valid"}
    rows = [
        row | {"approval_no": NUMBER},
        row | {"approval_no": ENDED, "name_zh": "旧机构", "status": "revoked"},
        row | {"approval_no": "F-DE-HRB12345", "name_zh": "德国机构"},
    ]
    import_files(firm, REGISTRAR, "bodies", [samples.write_sheet(tmp_path / "bodies.csv", "bodies", rows)])
    return firm


def claim(registry: Registry, user: UserSession, number: str = NUMBER) -> int:
    form = claims.ClaimForm(number, "", "", "技术负责人", upload_proof(registry, user), "bodies")
    return claims.submit_claim(registry, user.actor, form)


def sign_up_body_owner(registry: Registry, address: str = MEI) -> Actor:
    """The actor of a body account whose claim was confirmed."""
    user = people.sign_up(registry, address)
    claims.decide_claim(registry, SYSTEM, claim(registry, user), confirmed=True)
    return Actor("body", user.user_id)


def test_a_confirmed_claim_makes_the_account_one_of_the_body(with_bodies: Registry) -> None:
    user, wang = people.sign_up(with_bodies, MEI), sign_in_registrar(with_bodies)
    key = people.sign_in(with_bodies, MEI)
    found = claims.find_claim_candidate(with_bodies, user.actor, "cnca-r-2099-101", "bodies")
    assert (found.number, found.slug, found.issues) == (NUMBER, NUMBER, ())
    number = claim(with_bodies, user, "cnca-r-2099-101")
    [case] = claims.list_claims(with_bodies, wang.actor)
    assert (case.number, case.address, case.kind, case.registered, case.owned) == (
        NUMBER,
        f"/bodies/{NUMBER}",
        "Certification or testing body",
        True,
        False,
    )
    assert ("Approval number", NUMBER) in case.values
    claims.decide_claim(with_bodies, wang.actor, number, confirmed=True)
    assert sessions.resolve_session(with_bodies, ANONYMOUS, key) is None  # signed out: another role
    again = people.session_of(with_bodies, people.sign_in(with_bodies, MEI))
    assert again.stage == "set_up"  # a second factor is wanted now
    home = memberships.get_workspace_home(with_bodies, Actor("body", user.user_id))
    assert (home.organisations, [each.number for each in home.bodies]) == ((), [NUMBER])
    assert home.bodies[0].path == f"/workspace/bodies/{NUMBER}"
    assert account_bounds.get_own_bounds(with_bodies, Actor("body", user.user_id)).missing == ""
    assert pending_tasks.list_pending_tasks(with_bodies, Actor("body", user.user_id)) == {}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "required"),
        ("CNCA-R-2099-999", "body_unknown"),
        (FIRM_NUMBER, "body_unknown"),
        (ENDED, "body_ended"),
    ],
)
def test_only_a_body_on_record_can_be_claimed(with_bodies: Registry, number: str, code: str) -> None:
    user = people.sign_up(with_bodies, MEI)
    with pytest.raises(Invalid) as refused:
        claim(with_bodies, user, number)
    assert issue_codes(refused) == [(code, "number")]


def test_a_body_abroad_is_no_organisation_abroad(with_bodies: Registry) -> None:
    """Both have numbers that begin with F-: the register that is named decides."""
    user = people.sign_up(with_bodies, MEI)
    claims.decide_claim(with_bodies, SYSTEM, claim(with_bodies, user, "F-DE-HRB12345"), confirmed=True)
    home = memberships.get_workspace_home(with_bodies, Actor("body", user.user_id))
    assert [each.register for each in home.bodies] == ["bodies"]
    assert home.organisations == ()


def test_repeated_claims_are_told(with_bodies: Registry) -> None:
    user = people.sign_up(with_bodies, MEI)
    number = claim(with_bodies, user)
    with pytest.raises(Invalid) as twice:
        claim(with_bodies, user)
    assert issue_codes(twice) == [("claim_waits", "number")]
    claims.decide_claim(with_bodies, SYSTEM, number, confirmed=True)
    with pytest.raises(Invalid) as member:
        claim(with_bodies, user)
    assert issue_codes(member) == [("member_already", "number")]
    claim(with_bodies, people.sign_up(with_bodies, WEI, "Wei"))
    letter = read_mails(with_bodies)[-1]  # the owner is told
    assert (letter["To"], "Qingheng" in letter["Subject"]) == (MEI, True)


def test_an_account_of_staff_keeps_its_role(with_bodies: Registry) -> None:
    wang = sign_in_registrar(with_bodies)
    claims.decide_claim(with_bodies, SYSTEM, claim(with_bodies, wang), confirmed=True)
    assert sessions.resolve_session(with_bodies, ANONYMOUS, people.sign_in(with_bodies, "wang@example.com"))
    assert [each.number for each in memberships.get_workspace_home(with_bodies, wang.actor).bodies] == [
        NUMBER
    ]


def test_owners_invite_and_manage_members(with_bodies: Registry) -> None:
    mei, wei = sign_up_body_owner(with_bodies), people.sign_up(with_bodies, WEI)
    invitations.invite_member(with_bodies, mei, BODY, email=WEI, role="editor", agent=False)
    token = token_of(read_mails(with_bodies)[-1])
    offer = invitations.view_invitation(with_bodies, ANONYMOUS, token)
    assert (offer.register, offer.slug, offer.organisation.en) == ("bodies", NUMBER, "Qingheng Certification")
    assert invitations.accept_invitation(with_bodies, wei.actor, token) == BODY
    colleague = Actor("body", wei.user_id)
    members = memberships.list_members(with_bodies, colleague, BODY)
    assert [each.role for each in members.members] == ["owner", "editor"]
    with pytest.raises(Forbidden):
        memberships.remove_member(with_bodies, colleague, BODY, members.members[0].id)
    memberships.change_member_role(with_bodies, mei, BODY, members.members[1].id, role="owner")
    memberships.leave_organisation(with_bodies, mei, BODY)
    assert account_bounds.get_own_bounds(with_bodies, mei).missing == "bound_body_missing"
    with pytest.raises(Invalid) as last:
        memberships.leave_organisation(with_bodies, colleague, BODY)
    assert issue_codes(last) == [("last_owner", "")]


def test_a_body_files_for_no_organisation(with_bodies: Registry) -> None:
    """What enterprises do in the workspace takes the slug of an organisation: that of a body is none."""
    mei = sign_up_body_owner(with_bodies)
    with pytest.raises(NotFound):
        memberships.list_members(with_bodies, mei, NUMBER)
    owner = sign_up_owner(with_bodies, WEI)
    with pytest.raises(NotFound):
        memberships.list_members(with_bodies, owner.actor, BODY)
    assert memberships.list_members(
        with_bodies, owner.actor, Represented("organisations", FIRM_NUMBER)
    ).members
