"""A session that ends while a form is filled in, in a real browser: announced before, and nothing typed is lost."""

from __future__ import annotations

import sqlite3
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import NARROW, follow
from tests.journeys.test_accessible import check_narrow
from tests.journeys.test_signing_up import PASSWORD, link_to, send

pytestmark = pytest.mark.browser
TYPED = "长长的姓名 Li Mei"


def signed_up(page: Page, server: str, folder: Path, lang: str) -> str:
    address = f"{uuid.uuid4().hex[:8]}@example.com"
    page.goto(f"{server}/{lang}/account/sign-up")
    send(page, email=address)
    page.goto(server + link_to(folder, address))
    send(page, name="李梅", password=PASSWORD)
    return address


def end_sessions(folder: Path, address: str) -> None:
    """As the clock does, or the owner elsewhere."""
    with sqlite3.connect(folder / "pinzheng.sqlite3", timeout=30) as database:
        own = "SELECT id FROM user WHERE email = ?"
        assert database.execute(f"DELETE FROM session WHERE user_id = ({own})", (address,)).rowcount == 1
    database.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_typed_text_survives_the_end_of_the_session(
    server: str, demonstrated: Path, browser: Browser, lang: str
) -> None:
    context = browser.new_context(viewport=NARROW, bypass_csp=True)
    page = context.new_page()
    address = signed_up(page, server, demonstrated, lang)
    page.goto(f"{server}/{lang}/account/name")
    page.fill("#name", TYPED)
    end_sessions(demonstrated, address)
    follow(page, "#questions button")
    check_narrow(page, "sign-in with a form that waits")
    send(page, email=address, password=PASSWORD)
    check_narrow(page, "send again")
    follow(page, "main form button")
    assert page.url == f"{server}/{lang}/account/overview"
    assert TYPED in page.inner_text("main dl")
    context.close()


def test_a_session_can_be_prolonged_on_the_page_five_minutes_before_its_end(
    server: str, demonstrated: Path, browser: Browser
) -> None:
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()
    page.clock.install()
    address = signed_up(page, server, demonstrated, "en")
    page.goto(f"{server}/en/account/name")
    page.fill("#name", TYPED)
    said = page.locator("[role=alert]")
    page.clock.fast_forward("11:54:00")
    assert said.inner_text() == ""
    page.clock.fast_forward("00:02:00")
    assert "within five minutes" in said.inner_text()
    said.get_by_text("Stay signed in").click()
    expect(said).to_be_empty()
    page.clock.fast_forward("11:58:00")
    assert "within five minutes" in said.inner_text()
    page.clock.fast_forward("00:10:00")
    assert "You were signed out" in said.inner_text()
    assert page.input_value("#name") == TYPED
    assert address
    context.close()
