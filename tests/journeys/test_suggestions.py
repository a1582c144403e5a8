"""Suggestions while a search is typed: by mouse, by keyboard, as assistive technology is told of them, and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import NARROW
from tests.journeys.test_accessible import check_narrow

pytestmark = pytest.mark.browser


@pytest.fixture
def scripted(browser: Browser) -> Iterator[Page]:
    made = browser.new_context(viewport=NARROW)
    yield made.new_page()
    made.close()


def test_a_record_can_be_reached_by_keyboard(server: str, scripted: Page) -> None:
    scripted.goto(f"{server}/en/search")
    box = scripted.get_by_role("combobox", name="Type a number, a name or pinyin")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("gbt35607")
    options = scripted.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.first).to_contain_text("Furniture")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(scripted.get_by_role("status").first).to_contain_text("Suggestions: ")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    box.press("ArrowUp")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    scripted.wait_for_url(re.compile(r"/en/standards/GB-T-35607-"))


def test_the_open_list_is_accessible(server: str, browser: Browser) -> None:
    made = browser.new_context(viewport=NARROW, bypass_csp=True)  # only axe is put in past the policy
    page = made.new_page()
    page.goto(f"{server}/en/search")
    page.get_by_role("combobox", name="Type a number, a name or pinyin").press_sequentially("furniture")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    page.keyboard.press("ArrowDown")
    check_narrow(page, "suggestions")
    made.close()


def test_escape_closes_the_list_and_keeps_what_was_typed(server: str, scripted: Page) -> None:
    scripted.goto(f"{server}/zh/search")
    box = scripted.get_by_role("combobox", name="输入编号、名称或拼音")
    box.press_sequentially("jiaju")
    expect(scripted.get_by_role("listbox", name="建议")).to_be_visible()
    box.press("Escape")
    expect(scripted.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("jiaju")
    box.press("Enter")  # without a choice it searches as ever
    scripted.wait_for_url(re.compile(r"/zh/search\?.*q=jiaju"))


def test_a_suggestion_can_be_clicked(server: str, scripted: Page) -> None:
    scripted.goto(f"{server}/en/")
    scripted.get_by_role("combobox").press_sequentially("green product assess")
    chosen = scripted.get_by_role("option").first
    expect(chosen).to_contain_text("Standard")
    chosen.click()
    scripted.wait_for_url(re.compile(r"/en/standards/"))


def test_without_script_the_box_is_a_form(server: str, page: Page) -> None:
    page.goto(f"{server}/en/search")
    expect(page.get_by_role("searchbox")).to_be_visible()
    expect(page.get_by_role("listbox")).to_have_count(0)
