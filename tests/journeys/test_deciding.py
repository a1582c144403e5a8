"""A brand is suspended and restored by two people in the browser, without a script and with one, and looked at from outside."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import NARROW, WIDE, follow
from tests.journeys.persons import EVIDENCE, Person, sign_in_staff
from tests.journeys.test_accessible import check_narrow

pytestmark = pytest.mark.browser
REASON = "侵犯他人商标权（演示）"
BASIS = "《中华老字号示范创建管理办法》第二十二条"


def sign_in_reviewer(page: Page, server: str, folder: Path, lang: str) -> None:
    """Choose a password and set up a second factor, as an account begins that the operator has made."""
    sign_in_staff(Person(page, server, lang, scripted=False), folder, "reviewer_national")


def from_outside(server: str, path: str, lang: str) -> str:
    with urllib.request.urlopen(f"{server}/{lang}{path}") as answer:
        page: str = answer.read().decode()
        return page


def test_a_brand_is_suspended_and_restored(
    server: str, demonstrated: Path, browser: Browser, numbers: dict[str, str]
) -> None:
    path = numbers["brands/listed"]
    plain = browser.new_context(viewport=WIDE, java_script_enabled=False)
    scripted = browser.new_context(viewport=NARROW, bypass_csp=True)
    wang, lin = plain.new_page(), scripted.new_page()
    sign_in_reviewer(wang, server, demonstrated, "zh")
    sign_in_reviewer(lin, server, demonstrated, "en")
    # prepared in Chinese, without a script
    wang.goto(f"{server}/zh/desk")
    wang.fill("#number", path.rpartition("/")[2].lower())
    follow(wang, "form[action$='/desk/find'] button")
    follow(wang, f"a[href='/zh/desk{path}/suspended']")
    follow(wang, "#questions button[value=check]")
    assert "有问题" in wang.inner_text(".govuk-error-summary") or wang.locator(".govuk-error-summary").count()
    wang.fill("#f-status_reason", REASON)
    wang.fill("#f-legal_basis", BASIS)
    wang.fill("#evidence", EVIDENCE)
    follow(wang, "#questions button[value=check]")
    assert "The title is suspended." in wang.inner_text("blockquote")
    follow(wang, "#questions button[value=prepare]")
    decision = wang.url.partition("?")[0].rpartition("/")[2]
    assert wang.locator("button[value=taken]").count() == 0
    assert REASON not in from_outside(server, path, "zh")
    # taken in English, with one, on a phone
    lin.goto(f"{server}/en/desk")
    check_narrow(lin, "desk")
    follow(lin, f"a[href='/en/desk/decisions/{decision}']")
    check_narrow(lin, "decision")
    follow(lin, "button[value=taken]")
    assert "is taken and published" in lin.inner_text("main")
    assert "暂停" in from_outside(server, path, "zh")
    suspended = from_outside(server, path, "en")
    assert REASON in suspended
    assert "must not be used" in suspended
    # restored: the other way round
    lin.goto(f"{server}/en/desk{path}")
    check_narrow(lin, "record at the desk")
    follow(lin, f"a[href='/en/desk{path}/restored']")
    check_narrow(lin, "form of a decision")
    lin.fill("#evidence", EVIDENCE)
    follow(lin, "#questions button[value=check]")
    check_narrow(lin, "check of a decision")
    follow(lin, "#questions button[value=prepare]")
    wang.goto(lin.url.replace("/en/", "/zh/"))
    follow(wang, "button[value=taken]")
    restored = from_outside(server, path, "en")
    assert "Restored" in restored
    assert "is on the list" in restored
    for page in ("batch", f"batch{path.rpartition('/')[0]}/removed"):
        lin.goto(f"{server}/en/desk/{page}")
        check_narrow(lin, page)
    plain.close()
    scripted.close()
