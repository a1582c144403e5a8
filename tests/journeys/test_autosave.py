"""Autosave of a step in a real browser: a draft is resumed elsewhere, and a conflict with another editor is shown."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from registry.accounts import passwords
from registry.config import Settings
from registry.kit.record import Record
from registry.services.bootstrap import open_registry
from registry.services.people import memberships, registration
from registry.store.unit_of_work import unit_of_work
from tests.databases import SECRET
from tests.journeys.conftest import NARROW, follow
from tests.journeys.test_signing_up import PASSWORD, send

pytestmark = [pytest.mark.browser, pytest.mark.once]
FIRM = "91310000MAXD000683"


@pytest.fixture
def address(demonstrated: Path) -> Iterator[str]:
    """The account of an editor of one of the enterprises of the demonstration."""
    url = f"sqlite:///{demonstrated / 'pinzheng.sqlite3'}"
    opened = open_registry(Settings(demonstrated, url, SECRET, "http://127.0.0.1:8000"))
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    with unit_of_work(opened.engine) as connection:
        user = registration.create_user(
            connection,
            email,
            name="李梅",
            lang="en",
            role="enterprise",
            password_hash=passwords.hash_password(PASSWORD),
        )
        firm = connection.execute(select(Record.id).where(Record.number == FIRM)).scalar_one()
        memberships.add_member(connection, firm, user, "editor", agent=False)
    yield email
    opened.search.close()


def entered(browser: Browser, server: str, address: str) -> Page:
    page = browser.new_context(viewport=NARROW).new_page()
    page.goto(f"{server}/en/account/sign-in")
    send(page, email=address, password=PASSWORD)
    return page


def test_typed_text_is_saved_without_a_button(server: str, browser: Browser, address: str) -> None:
    first, second = entered(browser, server, address), entered(browser, server, address)
    first.goto(f"{server}/en/workspace/organisations/{FIRM}/declarations")
    follow(first, 'form[action$="/begin"] button >> nth=0')
    draft = first.url
    first.goto(f"{draft}/product")
    first.fill("#product_name_zh", "实木餐桌")
    expect(first.locator("#autosave")).to_have_text(re.compile("Saved at"))
    second.goto(f"{draft}/product")
    assert second.input_value("#product_name_zh") == "实木餐桌"
    second.fill("#product_name_zh", "实木书桌")
    expect(second.locator("#autosave")).to_have_text(re.compile("Saved at"))
    first.fill("#product_name_zh", "实木椅")
    expect(first.locator("#autosave")).to_have_text(re.compile("another window of yours"))
    follow(first, '.pz-button-row button[value="next"]')  # shows both texts
    assert first.input_value("#product_name_zh") == "实木椅"
    assert "实木书桌" in first.inner_text("main")
    first.context.close()
    second.context.close()


def test_a_button_pressed_during_a_save_loses_nothing(server: str, browser: Browser, address: str) -> None:
    page = entered(browser, server, address)
    page.goto(f"{server}/en/workspace/organisations/{FIRM}/declarations")
    follow(page, 'form[action$="/begin"] button >> nth=0')
    draft = page.url
    page.goto(f"{draft}/product")

    def slowly(route: object) -> None:
        page.wait_for_timeout(700)
        route.continue_()  # type: ignore[attr-defined]

    page.route(re.compile(r"/product$"), slowly)
    with page.expect_request(re.compile(r"/product$")):
        page.fill("#product_name_zh", "实木餐桌")
    page.fill("#models", "QY-1")
    follow(page, '.pz-button-row button[value="list"]')
    page.unroute(re.compile(r"/product$"))
    page.goto(f"{draft}/product")
    assert (page.input_value("#product_name_zh"), page.input_value("#models")) == ("实木餐桌", "QY-1")
    page.context.close()
