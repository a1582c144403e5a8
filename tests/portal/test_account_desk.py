"""The desk for accounts: an administrator makes, suspends and restores an account on pages; others do not see them."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.accounts.policy import SYSTEM
from registry.services.bootstrap import Registry
from registry.services.people import staff_accounts
from tests.portal.people import Person
from tests.portal.workspaces import app, opened
from tests.services.people import PASSWORD, read_mails

__all__ = ["app", "opened"]


@pytest.fixture
def admin(app: Flask, opened: Registry) -> Person:
    person = Person(app)
    person.appointed(opened, "wang@example.com", "admin")
    return person


def test_an_account_is_made_suspended_and_restored(app: Flask, opened: Registry, admin: Person) -> None:
    made = admin.send("desk/accounts", email="mei@example.com", role="publisher", lang="en")
    assert made.status_code == 303
    page = str(made.location).partition("?")[0]
    assert "The account is made." in admin.text(str(made.location))
    assert "Has not chosen a password yet" in admin.text("desk/accounts")
    assert read_mails(opened)[-1]["To"] == "mei@example.com"
    again = admin.send("desk/accounts", email="mei@example.com", role="auditor", lang="en")
    assert (again.status_code, "There is an account of mei@example.com already" in again.text) == (400, True)
    without_reason = admin.send(page, act="suspend", reason=" ", role="publisher")
    assert (without_reason.status_code, "Give the reason" in without_reason.text) == (400, True)
    admin.send(page, act="suspend", reason="离职", role="publisher")
    assert "Suspended since" in admin.text(page)
    assert 'value="role"' not in admin.text(page)
    admin.send(page, act="restore")
    assert "Suspended since" not in admin.text(page)
    admin.send(page, act="role", role="auditor")
    assert "Auditor: reads, changes nothing" in admin.text(page)
    found = admin.send("desk/accounts/find", address="mei@example.com")
    assert found.location == page
    unknown = admin.send("desk/accounts/find", address="nobody@example.com")
    assert (unknown.status_code, "There is no account of nobody@example.com" in unknown.text) == (400, True)


def test_an_own_account_has_no_buttons(app: Flask, opened: Registry, admin: Person) -> None:
    account = staff_accounts.find_account_by_email(opened, SYSTEM, "wang@example.com")
    page = admin.text(f"desk/accounts/{account}")
    assert "another administrator changes it" in page
    assert 'name="act"' not in page
    refused = admin.send(f"desk/accounts/{account}", act="suspend", reason="离职")
    assert refused.status_code == 400
    assert admin.open("desk/accounts").status_code == 200


def test_a_lost_second_factor_is_removed(app: Flask, opened: Registry, admin: Person) -> None:
    mei = Person(app)
    mei.appointed(opened, "mei@example.com", "registrar")
    account = staff_accounts.find_account_by_email(opened, SYSTEM, "mei@example.com")
    assert mei.open("desk/accounts").status_code == 404
    admin.send(f"desk/accounts/{account}", act="factor")
    assert "Not set up" in admin.text(f"desk/accounts/{account}")
    assert mei.open("desk/claims").status_code == 303  # signed out
    mei.send("account/sign-in", email="mei@example.com", password=PASSWORD)
    assert str(mei.open("desk/claims").location).endswith("/account/set-up-factor")
