"""An account ends: what is personal goes, what proves filings stays, and no organisation is left without an owner by it."""

from __future__ import annotations

import pytest
from sqlalchemy import String, func, or_, select

from registry import clock
from registry.accounts.membership import Claim, Membership
from registry.accounts.model import AuditEntry, EmailLink, Letter, User
from registry.accounts.policy import ANONYMOUS, SYSTEM, Actor
from registry.attachments.model import Attachment
from registry.errors import Forbidden, Invalid, TooManyAttempts
from registry.kit.draft import Draft, Receipt
from registry.search.words.model import SavedSearch, SearchFollower
from registry.services.bootstrap import Registry
from registry.services.finding.requests import SearchRequest
from registry.services.finding.subscriptions import followers, saved_searches
from registry.services.finding.subscriptions.followers import FollowRequest
from registry.services.people import (
    account_deletion,
    attachments,
    memberships,
    own_account,
    personal_data_export,
    sessions,
    tokens,
)
from registry.services.people.account_deletion import delete_account, delete_account_of, preview_deletion
from registry.services.people.sessions import UserSession
from registry.store.base import Base
from registry.store.unit_of_work import read_transaction
from tests.services import filers, people
from tests.services.filers import OWN_STANDARD, firm
from tests.services.members import (
    LIN,
    MEI,
    SLUG,
    WEI,
    issue_codes,
    sign_up_member,
    sign_up_owner,
    submit_claim,
    upload_proof,
)
from tests.services.people import PASSWORD, read_mails
from tests.services.test_tokens import create_token

__all__ = ["firm"]


def count(registry: Registry, model: type[Base]) -> int:
    with read_transaction(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(model)).scalar_one())


def places_of(registry: Registry, text: str) -> set[str]:
    """Every table.column of the store that still holds a text."""
    found = set()
    with read_transaction(registry.engine) as connection:
        for table in Base.metadata.tables.values():
            columns = [column for column in table.columns if isinstance(column.type, String)]
            conditions = [column.ilike(f"%{text}%") for column in columns]
            if conditions and connection.execute(select(func.count()).where(or_(*conditions))).scalar():
                found.add(table.name)
    return found


def everything(registry: Registry) -> UserSession:
    """The owner of an organisation who has used all that an account offers."""
    mei = sign_up_owner(registry)
    filers.file_declaration(registry, mei, OWN_STANDARD)
    filers.save_draft(registry, mei, OWN_STANDARD)
    upload_proof(registry, mei)  # and never sent
    create_token(registry, mei, SLUG)
    saved_searches.save_search(registry, mei.actor, SearchRequest("家具"), name="x", mail="daily")
    followers.request_following(
        registry, ANONYMOUS, FollowRequest(SearchRequest("家具"), MEI, "daily", "en", "192.0.2.0")
    )
    people.set_up_second_factor(registry, mei)
    read_mails(registry)
    return mei


def test_nothing_personal_is_left(firm: Registry) -> None:
    mei = everything(firm)
    before = places_of(firm, MEI)
    assert {"user", "ticket"} <= before
    preview = preview_deletion(firm, mei.actor)
    assert (preview.is_possible, [each.slug for each in preview.left_alone]) == (True, [SLUG])
    delete_account(firm, mei.actor, PASSWORD)
    letter = read_mails(firm)[-1]
    assert (letter["To"], letter["Subject"]) == (
        MEI,
        "您的账户已注销" if mei.lang == "zh" else letter["Subject"],
    )
    assert places_of(firm, MEI) == set()
    assert places_of(firm, mei.name) == set()
    for model in (SavedSearch, SearchFollower, Draft, Membership, EmailLink, Letter):
        assert count(firm, model) == 0, model
    assert count(firm, Receipt) == 1  # it proves who filed
    with read_transaction(firm.engine) as connection:
        user = connection.execute(select(User).where(User.id == mei.user_id)).one()
        files = connection.execute(select(Attachment.id)).scalars().all()
        proofs = connection.execute(select(Claim.attachment_id)).scalars().all()
        acts = connection.execute(select(AuditEntry.action).order_by(AuditEntry.id.desc())).scalars().all()
    assert user.role == "visitor"
    assert set(files) == set(proofs)  # the proof of the claim stays its 90 days
    assert acts[:2] == ["account_deleted", "left"]
    with clock.frozen_at(clock.now() + attachments.PROOF_RETENTION + attachments.UNUSED_AFTER):
        attachments.purge_attachments(firm)


def test_no_way_in_is_left(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    token, browser = create_token(firm, mei, SLUG), people.sign_in(firm, MEI)
    delete_account(firm, mei.actor, PASSWORD)
    assert tokens.authenticate_token(firm, ANONYMOUS, token) is None
    assert sessions.resolve_session(firm, ANONYMOUS, browser) is None
    with pytest.raises(Invalid) as refused:
        people.sign_in(firm, MEI)
    assert people.issue_of(refused) == ("sign_in_wrong", "email")
    again = people.sign_up(firm, MEI)  # the address is free, and nothing of before is there
    assert again.user_id != mei.user_id
    assert memberships.get_workspace_home(firm, again.actor) == memberships.WorkspaceHome((), ())
    exported = b"".join(personal_data_export.export_personal_data(firm, again.actor)).decode()
    assert "account_deleted" not in exported


def test_the_only_owner_of_an_organisation_of_several_hands_it_over_first(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wei = sign_up_member(firm, mei, WEI, "editor")
    filers.save_draft(firm, wei, OWN_STANDARD)
    preview = preview_deletion(firm, mei.actor)
    assert ([each.slug for each in preview.to_hand_over], preview.left_alone) == ([SLUG], ())
    assert not preview.is_possible
    with pytest.raises(Invalid) as refused:
        delete_account(firm, mei.actor, PASSWORD)
    assert issue_codes(refused) == [("only_owner", "password")]
    assert count(firm, Membership) == 2
    member = next(
        each for each in memberships.list_members(firm, mei.actor, SLUG).members if not each.is_self
    )
    memberships.change_member_role(firm, mei.actor, SLUG, member.id, role="owner")
    assert preview_deletion(firm, mei.actor).is_possible
    delete_account(firm, mei.actor, PASSWORD)
    assert [each.email for each in memberships.list_members(firm, wei.actor, SLUG).members] == [WEI]
    assert count(firm, Draft) == 1  # it belongs to the organisation
    assert preview_deletion(firm, wei.actor).left_alone != ()


def test_an_agent_does_not_stand_in_for_an_owner(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    lin = sign_up_member(firm, mei, LIN, "editor", agent=True)
    assert not preview_deletion(firm, mei.actor).is_possible
    assert preview_deletion(firm, lin.actor).is_possible
    delete_account(firm, lin.actor, PASSWORD)
    assert preview_deletion(firm, mei.actor).is_possible


def test_who_has_only_claimed_may_go(firm: Registry) -> None:
    wei = people.sign_up(firm, WEI)
    submit_claim(firm, wei)
    delete_account(firm, wei.actor, PASSWORD)
    with read_transaction(firm.engine) as connection:
        assert connection.execute(select(Claim.status, Claim.post)).all() == [("withdrawn", "")]


def test_a_wrong_password_ends_nothing_and_guesses_are_counted(firm: Registry) -> None:
    mei = people.sign_up(firm, MEI)
    for _attempt in range(own_account.REAUTHENTICATION_LIMIT.max_attempts):
        with pytest.raises(Invalid) as refused:
            delete_account(firm, mei.actor, "wrong")
        assert people.issue_of(refused) == ("password_wrong", "password")
    with pytest.raises(TooManyAttempts):
        delete_account(firm, mei.actor, PASSWORD)
    assert places_of(firm, MEI) != set()


def test_the_operator_ends_accounts_of_staff(registry: Registry) -> None:
    people.create_staff_account(registry, "wang@example.com", "registrar")
    wang = people.sign_in_staff(registry, "wang@example.com")
    assert preview_deletion(registry, wang.actor).staff
    with pytest.raises(Invalid) as refused:
        delete_account(registry, wang.actor, PASSWORD)
    assert people.issue_of(refused) == ("staff_account", "password")
    with pytest.raises(Forbidden):
        account_deletion.delete_account_of(registry, Actor("registrar", wang.user_id), "wang@example.com")
    delete_account_of(registry, SYSTEM, "Wang@Example.com")
    read_mails(registry)
    assert places_of(registry, "wang@") == set()
    with pytest.raises(Invalid) as refused:
        delete_account_of(registry, SYSTEM, "wang@example.com")
    assert people.issue_of(refused) == ("account_unknown", "email")
