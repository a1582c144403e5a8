"""Accounts of staff: made, given another role, suspended and restored by administrators, never by those whose they are."""

from __future__ import annotations

import pytest

from registry.accounts.bounds import BOUND_OF, takes_region
from registry.accounts.policy import ANONYMOUS, REGISTRAR, ROLES, STAFF, SYSTEM, Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.people import account_bounds, account_deletion, sessions, staff_accounts, tokens
from registry.services.people.account_bounds import BOUND_LABELS
from registry.services.people.tokens import TokenRequest
from tests.services import people
from tests.services.people import PASSWORD, issue_of, read_mails

ADMIN = Actor("admin", 4711)
MEI = "mei@example.com"
REASON = "离职"


def sign_in(registry: Registry, address: str) -> str:
    return sessions.sign_in(registry, ANONYMOUS, address, PASSWORD, user_agent="", network=people.NETWORK)


def test_an_account_is_made_listed_and_found_by_its_address(registry: Registry) -> None:
    account = staff_accounts.make_staff_account(registry, ADMIN, " Mei@Example.com ", "publisher", lang="en")
    people.sign_up(registry, "wei@example.com")
    (listed,) = staff_accounts.list_staff_accounts(registry, ADMIN)
    assert (listed.id, listed.role, listed.has_password, listed.suspended_at, listed.own) == (
        account,
        "publisher",
        False,
        None,
        False,
    )
    assert staff_accounts.find_account_by_email(registry, ADMIN, "MEI@example.com") == account
    with pytest.raises(Invalid) as refused:
        staff_accounts.find_account_by_email(registry, ADMIN, "nobody@example.com")
    assert issue_of(refused)[0] == "account_unknown"


@pytest.mark.parametrize(
    ("address", "role", "code"),
    [(MEI, "enterprise", "role_unknown"), (MEI, "system", "role_unknown"), ("mei", "auditor", "email_form")],
)
def test_what_is_no_account_of_staff_is_refused(
    registry: Registry, address: str, role: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        staff_accounts.make_staff_account(registry, ADMIN, address, role, lang="zh")
    assert issue_of(refused)[0] == code
    assert staff_accounts.list_staff_accounts(registry, ADMIN) == ()


def test_an_account_that_exists_keeps_its_role_until_that_is_changed(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    with pytest.raises(Invalid) as refused:
        staff_accounts.make_staff_account(registry, ADMIN, MEI, "auditor", lang="zh")
    assert issue_of(refused)[0] == "account_exists"
    assert staff_accounts.get_account_by_id(registry, ADMIN, user.user_id).role == "enterprise"
    key = sign_in(registry, MEI)
    staff_accounts.change_account_role(registry, ADMIN, user.user_id, "enterprise")
    assert sessions.resolve_session(registry, ANONYMOUS, key) is not None  # nothing changed
    staff_accounts.change_account_role(registry, ADMIN, user.user_id, "auditor")
    assert sessions.resolve_session(registry, ANONYMOUS, key) is None
    assert staff_accounts.get_account_by_id(registry, ADMIN, user.user_id).role == "auditor"


@pytest.mark.parametrize("role", staff_accounts.ASSIGNABLE_ROLES)
def test_the_letter_to_a_new_account_names_its_role_and_bounds(registry: Registry, role: str) -> None:
    staff_accounts.assign_account_role(registry, ADMIN, MEI, role, lang="en")
    [mail] = read_mails(registry)
    text = mail.get_content()
    assert f"Role of the account: {staff_accounts.ROLE_LABELS[role]}." in text
    assert f"Bounds: {BOUND_LABELS[BOUND_OF[role]]}." in text
    assert ("Your region is told" in text) == takes_region(role)
    account = staff_accounts.find_account_by_email(registry, ADMIN, MEI)
    assert account_bounds.get_account_bounds(registry, ADMIN, account).bound == BOUND_LABELS[BOUND_OF[role]]


def test_an_account_with_another_role_is_told_so_once(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    before = len(read_mails(registry))
    for _again in range(2):
        staff_accounts.change_account_role(registry, ADMIN, user.user_id, "reviewer_city")
    [mail] = read_mails(registry)[before:]
    assert f"Role of the account: {staff_accounts.ROLE_LABELS['reviewer_city']}." in mail.get_content()


def test_a_suspended_account_lets_nobody_in_until_it_is_restored(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    key = sign_in(registry, MEI)
    token = tokens.create_token(registry, user.actor, PASSWORD, TokenRequest("ERP", "declare", 30))
    assert tokens.authenticate_token(registry, ANONYMOUS, token) is not None
    staff_accounts.suspend_account(registry, ADMIN, user.user_id, REASON)
    staff_accounts.suspend_account(registry, ADMIN, user.user_id, "again")  # changes nothing
    assert sessions.resolve_session(registry, ANONYMOUS, key) is None
    assert tokens.authenticate_token(registry, ANONYMOUS, token) is None
    with pytest.raises(Invalid) as suspended:
        sign_in(registry, MEI)
    assert issue_of(suspended) == ("account_suspended", "email")
    with pytest.raises(Invalid) as wrong:  # what is said to one who does not know the password
        sessions.sign_in(registry, ANONYMOUS, MEI, "another password", user_agent="", network=people.NETWORK)
    assert issue_of(wrong)[0] == "sign_in_wrong"
    with pytest.raises(Invalid) as refused:
        staff_accounts.change_account_role(registry, ADMIN, user.user_id, "auditor")
    assert issue_of(refused)[0] == "account_is_suspended"
    (listed,) = staff_accounts.list_staff_accounts(registry, ADMIN)
    assert listed.suspended_at is not None
    letters = [mail for mail in read_mails(registry) if REASON in mail.get_content()]
    assert len(letters) == 1
    staff_accounts.restore_account(registry, ADMIN, user.user_id)
    staff_accounts.restore_account(registry, ADMIN, user.user_id)
    assert sessions.resolve_session(registry, ANONYMOUS, sign_in(registry, MEI)) is not None
    assert staff_accounts.list_staff_accounts(registry, ADMIN) == ()
    assert len(read_mails(registry)) == 4  # of the sign-up, the token, the suspension, the restoring


@pytest.mark.parametrize(("reason", "code"), [("", "reason_wanted"), ("字" * 501, "too_long")])
def test_a_suspension_gives_its_reason(registry: Registry, reason: str, code: str) -> None:
    user = people.sign_up(registry, MEI)
    with pytest.raises(Invalid) as refused:
        staff_accounts.suspend_account(registry, ADMIN, user.user_id, reason)
    assert issue_of(refused)[0] == code
    staff_accounts.suspend_account(registry, ADMIN, user.user_id, "字" * 500)


def test_nobody_changes_their_own_account_so(registry: Registry) -> None:
    account = staff_accounts.make_staff_account(registry, SYSTEM, MEI, "admin", lang="zh")
    own = Actor("admin", account)
    assert staff_accounts.get_account_by_id(registry, own, account).own
    for change in (
        lambda: staff_accounts.change_account_role(registry, own, account, "registrar"),
        lambda: staff_accounts.suspend_account(registry, own, account, REASON),
    ):
        with pytest.raises(Invalid) as refused:
            change()
        assert issue_of(refused)[0] == "account_is_own"


def test_an_account_that_is_not_there_or_was_deleted_is_not_found(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    account_deletion.delete_account_of(registry, SYSTEM, MEI)
    for account in (user.user_id, user.user_id + 1):
        with pytest.raises(NotFound):
            staff_accounts.get_account_by_id(registry, ADMIN, account)
        with pytest.raises(NotFound):
            staff_accounts.suspend_account(registry, ADMIN, account, REASON)
        with pytest.raises(NotFound):
            staff_accounts.restore_account(registry, ADMIN, account)


@pytest.mark.parametrize("role", sorted(ROLES - {"admin", "system"}))
def test_only_administrators_manage_accounts(registry: Registry, role: str) -> None:
    actor = REGISTRAR if role == "registrar" else Actor(role, 1)
    for call in (
        lambda: staff_accounts.list_staff_accounts(registry, actor),
        lambda: staff_accounts.get_account_by_id(registry, actor, 1),
        lambda: staff_accounts.find_account_by_email(registry, actor, MEI),
        lambda: staff_accounts.make_staff_account(registry, actor, MEI, "auditor", lang="zh"),
        lambda: staff_accounts.change_account_role(registry, actor, 1, "auditor"),
        lambda: staff_accounts.suspend_account(registry, actor, 1, REASON),
        lambda: staff_accounts.restore_account(registry, actor, 1),
    ):
        with pytest.raises(Forbidden):
            call()


def test_every_role_that_can_be_given_has_words() -> None:
    assert set(staff_accounts.ROLE_LABELS) == set(staff_accounts.ASSIGNABLE_ROLES) >= STAFF
