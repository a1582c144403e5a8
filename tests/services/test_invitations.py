"""Invitations: who may accept them, how long they are valid, and what ends them."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.accounts.membership import Invitation
from registry.accounts.policy import ANONYMOUS
from registry.errors import Forbidden, Invalid, NotFound, TooManyAttempts
from registry.services.bootstrap import Registry
from registry.services.mail import email_links
from registry.services.operations import relay
from registry.services.people import invitations, memberships
from registry.services.people.memberships import Represented
from registry.services.people.registration import NewAccount
from registry.store.unit_of_work import unit_of_work
from tests.services import people
from tests.services.members import (
    LIN,
    MEI,
    SLUG,
    WEI,
    firm,
    issue_codes,
    sign_up_member,
    sign_up_owner,
)
from tests.services.people import PASSWORD, read_mails, token_of

__all__ = ["firm"]


def test_an_invitation_is_purged_with_its_link(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    invitations.invite_member(firm, mei.actor, SLUG, email=LIN, role="editor", agent=False)
    relay.run_relay_once(firm)  # sends the letter
    with clock.frozen_at(clock.now() + dt.timedelta(days=100)):
        relay.run_relay_once(firm, confirmed=True)  # a long pause
    with unit_of_work(firm.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Invitation)).scalar() == 0


def test_an_invitation_ends_when_its_sender_is_no_owner_any_more(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wei = sign_up_member(firm, mei, WEI, "owner")
    invitations.invite_member(firm, wei.actor, SLUG, email=LIN, role="owner", agent=False)
    token = token_of(read_mails(firm)[-1])
    member = next(
        member for member in memberships.list_members(firm, mei.actor, SLUG).members if member.email == WEI
    )
    memberships.change_member_role(firm, mei.actor, SLUG, member.id, role="viewer")
    with pytest.raises(NotFound):
        invitations.view_invitation(firm, ANONYMOUS, token)


def test_only_the_account_of_the_invited_address_may_accept(firm: Registry) -> None:
    mei, wei, lin = sign_up_owner(firm), people.sign_up(firm, WEI), people.sign_up(firm, LIN)
    invitations.invite_member(firm, mei.actor, SLUG, email="WEI@example.com", role="editor", agent=False)
    token = token_of(read_mails(firm)[-1])
    offer = invitations.view_invitation(firm, ANONYMOUS, token)
    assert (offer.has_account, offer.agent, offer.slug) == (True, False, SLUG)
    with pytest.raises(Forbidden):
        invitations.accept_invitation(firm, lin.actor, token)
    with pytest.raises(NotFound):
        invitations.accept_invitation_with_new_account(
            firm, ANONYMOUS, token, NewAccount("Wei", PASSWORD, "en")
        )
    assert invitations.accept_invitation(firm, wei.actor, token) == Represented("organisations", SLUG)
    with pytest.raises(NotFound):
        invitations.accept_invitation(firm, wei.actor, token)
    view = memberships.list_members(firm, wei.actor, SLUG)
    assert [(member.email, member.role, member.is_self) for member in view.members] == [
        (MEI, "owner", False),
        (WEI, "editor", True),
    ]
    assert view.invited == ()


def test_a_person_without_an_account_creates_one_with_the_invitation(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    invitations.invite_member(firm, mei.actor, SLUG, email=WEI, role="viewer", agent=True)
    token = token_of(read_mails(firm)[-1])
    with pytest.raises(Invalid):
        invitations.accept_invitation_with_new_account(firm, ANONYMOUS, token, NewAccount("", "short", "en"))
    with pytest.raises(Invalid) as borrowed:
        invitations.accept_invitation_with_new_account(
            firm, ANONYMOUS, token, NewAccount("【品证】", PASSWORD, "en")
        )
    assert people.issue_of(borrowed) == ("foreign_signs_in_name", "name")
    assert (
        invitations.accept_invitation_with_new_account(
            firm, ANONYMOUS, token, NewAccount("Wei", PASSWORD, "zh")
        )
        == WEI
    )
    user = people.session_of(firm, people.sign_in(firm, WEI))
    [organisation] = memberships.get_workspace_home(firm, user.actor).organisations
    assert (organisation.role, organisation.agent, organisation.people) == ("viewer", True, 2)


def test_invitations_are_withdrawn_replaced_and_limited(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    for _turn in range(2):
        invitations.invite_member(firm, mei.actor, SLUG, email=WEI, role="viewer", agent=False)
    tokens = [token_of(mail) for mail in read_mails(firm) if mail["To"] == WEI]
    [invited] = memberships.list_members(firm, mei.actor, SLUG).invited
    assert invitations.view_invitation(firm, ANONYMOUS, tokens[-1]).email == WEI
    invitations.withdraw_invitation(firm, mei.actor, SLUG, invited.id)
    for token in tokens:
        with pytest.raises(NotFound):
            invitations.view_invitation(firm, ANONYMOUS, token)
    with pytest.raises(NotFound):
        invitations.withdraw_invitation(firm, mei.actor, SLUG, invited.id)
    for number in range(invitations.INVITATIONS_PER_USER.max_attempts - 2):
        invitations.invite_member(
            firm, mei.actor, SLUG, email=f"p{number}@example.com", role="viewer", agent=False
        )
    with pytest.raises(TooManyAttempts):
        invitations.invite_member(
            firm, mei.actor, SLUG, email="one.more@example.com", role="viewer", agent=False
        )


@pytest.mark.parametrize(
    ("email", "role", "agent", "expected"),
    [
        ("nobody", "editor", False, ("email_form", "email")),
        ("", "editor", False, ("required", "email")),
        (WEI, "emperor", False, ("unknown_value", "role")),
        (WEI, "owner", True, ("agent_no_owner", "role")),
        (MEI, "viewer", False, ("member_already_there", "email")),
    ],
)
def test_invalid_invitations_are_refused(
    firm: Registry, email: str, role: str, agent: bool, expected: tuple[str, str]
) -> None:
    mei = sign_up_owner(firm)
    with pytest.raises(Invalid) as refused:
        invitations.invite_member(firm, mei.actor, SLUG, email=email, role=role, agent=agent)
    assert issue_codes(refused) == [expected]


def test_an_invitation_is_valid_until_its_last_second(firm: Registry) -> None:
    now = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
    with clock.frozen_at(now):
        mei = sign_up_owner(firm)
        invitations.invite_member(firm, mei.actor, SLUG, email=WEI, role="viewer", agent=False)
        token = token_of(read_mails(firm)[-1])
    expiry = now + email_links.LINK_LIFETIMES[email_links.INVITATION_LINK]
    account = NewAccount("Wei", PASSWORD, "en")
    with clock.frozen_at(expiry), pytest.raises(NotFound):
        invitations.accept_invitation_with_new_account(firm, ANONYMOUS, token, account)
    with clock.frozen_at(expiry - dt.timedelta(seconds=1)):
        assert invitations.accept_invitation_with_new_account(firm, ANONYMOUS, token, account) == WEI
