"""Opening an account in a real browser without JavaScript, in both languages; every page of it accessible."""

from __future__ import annotations

import re
import time
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import NARROW, follow
from tests.journeys.test_accessible import check_narrow
from tests.services import people

pytestmark = pytest.mark.browser
PASSWORD = "seven quiet herons over 钱塘江"
PATIENCE = 15.0  # seconds for a mail
WORDS = {
    "zh": ("请查收邮件", "我的单位", "您的恢复码", "登录"),
    "en": ("Check your inbox", "Your organisations", "Your recovery codes", "Sign in"),
}


def link_to(folder: Path, address: str) -> str:
    """The path in the mail to an address, when it has come."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for mail in people.mails_in_folder(folder / "mail"):
            found = re.search(r"http://[^/]+(/\w\w/account/finish/\S+)", mail.get_content())
            if found and mail["To"] == address:
                return found[1]
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address}")


def send(page: Page, **typed: str) -> None:
    for name, value in typed.items():
        page.fill(f"#{name}", value)
    follow(page, "#questions button")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_account_is_opened_used_and_left(
    server: str, demonstrated: Path, browser: Browser, lang: str
) -> None:
    sent, account, codes, sign_in = WORDS[lang]
    address = f"{uuid.uuid4().hex[:8]}@example.com"
    context = browser.new_context(viewport=NARROW, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/{lang}/")
    follow(page, f'a[href="/{lang}/account/overview"] >> nth=0')
    assert page.inner_text("h1") == sign_in
    follow(page, f'a[href="/{lang}/account/sign-up"]')
    send(page, email="nobody")
    assert page.locator(".govuk-error-summary a").count() == 1
    send(page, email=address)
    assert page.inner_text("h1") == sent
    page.goto(server + link_to(demonstrated, address))
    send(page, name="李梅", password="passwordpassword")
    assert page.locator(".govuk-error-message").count() == 1
    assert page.input_value("#name") == "李梅"
    send(page, password=PASSWORD)
    assert page.inner_text("h1") == account
    follow(page, 'main a[href$="/account/overview"], header a[href$="/account/overview"] >> nth=-1')
    follow(page, 'a[href$="/set-up-factor"]')
    assert page.locator("svg.pz-qr").count() == 1
    page.goto(f"{server}/{lang}/account/overview")
    follow(page, 'form[action$="/sign-out"] button')
    assert page.url == f"{server}/{lang}/"
    page.goto(f"{server}/{lang}/account/sign-in")
    page.fill("#email", address)
    follow(page, ".pz-lang button")  # the other language, nothing lost
    assert page.input_value("#email") == address
    send(page, password=PASSWORD)
    assert page.inner_text("h1") == WORDS["en" if lang == "zh" else "zh"][1]
    assert codes not in page.inner_text("main")
    context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_follows_a_form_of_an_account_is_accessible(
    server: str, demonstrated: Path, browser: Browser, lang: str
) -> None:
    """The pages themselves are those of `test_own_pages`."""
    address = f"{uuid.uuid4().hex[:8]}@example.com"
    context = browser.new_context(viewport=NARROW, bypass_csp=True)  # only axe is put in past the policy
    page = context.new_page()
    page.goto(f"{server}/{lang}/account/sign-up")
    send(page, email="nobody")
    check_narrow(page, "with an error")
    send(page, email=address)
    check_narrow(page, "sent")
    path = link_to(demonstrated, address)
    page.goto(server + path)
    send(page, name="李梅", password=PASSWORD)
    page.goto(server + path)
    check_narrow(page, "void")
    context.close()
