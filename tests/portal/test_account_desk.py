"""The desk for accounts: an administrator makes, suspends and restores an account on pages; others do not see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from registry.accounts.policy import REGISTRAR, SYSTEM
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.people import staff_accounts
from tests.portal.people import Person
from tests.portal.workspaces import app, opened, proof
from tests.services import samples
from tests.services.filers import FIRM_NUMBER
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


def test_no_role_is_given_that_was_not_chosen(app: Flask, opened: Registry, admin: Person) -> None:
    assert 'name="role"><option value=""' in admin.text("desk/accounts")
    forgotten = admin.send("desk/accounts", email="mei@example.com", role="", lang="en")
    assert (forgotten.status_code, "Role: This is missing" in forgotten.text) == (400, True)
    empty = admin.send("desk/accounts", email=" ", role="auditor", lang="en")
    assert (empty.status_code, "E-mail address: This is missing" in empty.text) == (400, True)


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


def test_bounds_are_set_shown_and_told(app: Flask, opened: Registry, admin: Person) -> None:
    made = admin.send("desk/accounts", email="mei@example.com", role="reviewer_city", lang="en")
    page = str(made.location).partition("?")[0]
    assert "This account has no region yet" in admin.text(page)
    assert "No region or body yet" in admin.text("desk/accounts")
    wrong = admin.send(page, act="region", region="330000", role="reviewer_city")
    assert (wrong.status_code, "not of the level of this role" in wrong.text) == (400, True)
    assert 'name="act" value="substitute"' not in wrong.text
    done = admin.send(page, act="region", region="嘉兴", role="reviewer_city")
    assert "The region is set." in admin.text(str(done.location))
    assert "Jiaxing, Zhejiang" in admin.text("desk/accounts")
    admin.send("desk/accounts", email="wei@example.com", role="reviewer_city", lang="en", region="330100")
    days = {"from_on": "2099-12-01", "until_on": "2099-12-02"}
    admin.send(page, act="substitute", substitute="wei@example.com", **days)
    assert "wei@example.com" in admin.text(page)
    admin.send(page, act="substitute_end-1")
    assert "wei@example.com" not in admin.text(page)
    unknown = admin.send(page, act="body_end-x")
    assert unknown.status_code == 404


def test_a_reviewer_sees_what_they_act_on_and_declares_a_conflict(
    app: Flask, opened: Registry, admin: Person
) -> None:
    wei = Person(app, "zh")
    wei.appointed(opened, "wei@example.com", "reviewer_province")
    for page in ("desk/bounds", "desk"):
        assert "您的账户尚未设定" in wei.text(page)
    account = staff_accounts.find_account_by_email(opened, SYSTEM, "wei@example.com")
    admin.send(f"desk/accounts/{account}", act="region", region="330000")
    assert "浙江省" in wei.text("desk/bounds")
    assert "您的账户尚未设定" not in wei.text("desk")
    refused = wei.send("desk/bounds", number="91330100MA", reason="")
    assert refused.status_code == 400
    done = wei.send("desk/bounds", number=FIRM_NUMBER, reason="家属任职")
    assert done.status_code == 303
    assert "杭州青屿家具有限公司" in wei.text("desk/bounds")
    page = admin.text(f"desk/accounts/{account}")
    assert "家属任职" in page
    ended = admin.send(f"desk/accounts/{account}", act="interest_end-1")
    assert ended.status_code == 303
    assert "家属任职" not in wei.text("desk/bounds")


def test_a_body_is_claimed_and_its_people_invite_others(app: Flask, opened: Registry, tmp_path: Path) -> None:
    row = {"approval_no": "CNCA-R-2099-101", "name_zh": "青衡认证（演示）有限公司", "status": "valid"}
    sheet = samples.write_sheet(tmp_path / "bodies.csv", "bodies", [row])
    import_files(opened, REGISTRAR, "bodies", [sheet])
    mei, wang = Person(app), Person(app)
    mei.sign_up(opened, "mei@example.com")
    assert "/en/workspace/claim?of=bodies" in mei.text("workspace/home")
    assert 'name="of" value="bodies"' in mei.text("workspace/claim?of=bodies")
    named = mei.text("workspace/claim?of=bodies&number=CNCA-R-2099-101")
    assert "Qingheng" in named
    assert 'name="name_zh"' not in named
    unknown = mei.send("workspace/claim", of="bodies", number="CNCA-R-2099-9", post="主任", file=proof())
    assert (unknown.status_code, "holds no body with the number" in unknown.text) == (400, True)
    sent = mei.send("workspace/claim", of="bodies", number="CNCA-R-2099-101", post="主任", file=proof())
    assert sent.status_code == 303
    wang.appointed(opened, "wang@example.com", "registrar")
    assert "/en/bodies/CNCA-R-2099-101" in wang.text("desk/claims/1")
    assert wang.send("desk/claims/1", decision="confirm", reason="", sure="1").status_code == 303
    mei.send("account/sign-in", email="mei@example.com", password=PASSWORD)
    mei.set_up_factor()
    assert "/en/workspace/bodies/CNCA-R-2099-101/people" in mei.text("workspace/home")
    assert "Who acts for the body" in mei.text("workspace/bodies/CNCA-R-2099-101/people")
    invited = mei.send(
        "workspace/bodies/CNCA-R-2099-101/invite", email="wei@example.com", role="editor", agent=""
    )
    assert str(invited.location).endswith("/en/workspace/bodies/CNCA-R-2099-101/people#invited")
    assert mei.open("workspace/organisations/CNCA-R-2099-101/people").status_code == 404
    assert mei.open("workspace/brands/CNCA-R-2099-101/people").status_code == 404
