"""Looking something up, as people do it, without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import NARROW, follow

pytestmark = pytest.mark.browser
MAX_STOPS = 12  # of the keyboard, before the first result


@pytest.mark.parametrize(
    ("typed", "number"), [("GB/T 35607", "GB/T 35607-2024"), ("gbt35607—2024", "GB/T 35607-2024")]
)
def test_a_number_in_any_spelling_finds_its_record(server: str, page: Page, typed: str, number: str) -> None:
    page.goto(f"{server}/en/")
    page.get_by_role("searchbox").fill(typed)
    follow(page, page.get_by_role("button", name="Search"))
    first = page.locator(".pz-result").first
    expect(first).to_have_attribute("data-number", number)
    follow(page, first.get_by_role("heading").get_by_role("link"))
    expect(page.locator("h1")).to_contain_text("Furniture")
    expect(page.locator(".pz-plate__word")).to_contain_text("Current")


def test_the_language_switch_keeps_page_and_query(server: str, page: Page) -> None:
    page.goto(f"{server}/zh/search?q=%E5%AE%B6%E5%85%B7&register=standards")
    follow(page, page.get_by_role("link", name="English"))
    assert page.url.endswith("/en/search?q=%E5%AE%B6%E5%85%B7&register=standards")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("searchbox")).to_have_value("家具")


def test_facets_filter_and_can_be_removed(server: str, page: Page) -> None:
    page.goto(f"{server}/en/green-products")
    page.locator("fieldset[data-facet=scheme] .pz-more-values > summary").click()
    page.get_by_label("Energy saving", exact=True).check()
    follow(page, page.get_by_role("button", name="Apply filters"))
    assert "scheme=energy_saving" in page.url
    expect(page.locator(".pz-chip").first).to_contain_text("Energy saving")
    follow(page, page.locator(".pz-chip").first)
    assert "scheme=" not in page.url


@pytest.mark.parametrize("path", ["/en/green-products", "/zh/search", "/zh/search?q=%E5%AE%B6%E5%85%B7"])
def test_the_keyboard_comes_to_the_first_result_soon(server: str, page: Page, path: str) -> None:
    page.goto(f"{server}{path}")
    for _stop in range(MAX_STOPS + 1):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.pz-result') !== null"):
            break
    else:
        pytest.fail(f"more than {MAX_STOPS} stops before the first result of {path}")


def test_counts_are_told_while_filters_change(server: str, browser: Browser) -> None:
    made = browser.new_context(viewport=NARROW)
    page = made.new_page()
    page.goto(f"{server}/en/green-products")
    page.locator("#filters > summary").click()
    page.get_by_label("Suspended", exact=True).check()
    told = page.locator("output[aria-live=polite]")
    expect(told).to_have_text(re.compile(r"records"))
    said = re.findall(r"\d+", told.inner_text())
    follow(page, page.get_by_role("button", name="Apply filters"))
    assert page.url.endswith("/en/green-products?sort=relevance&status=suspended")
    assert re.findall(r"\d+", page.locator(".pz-bar-line").inner_text())[: len(said)] == said
    made.close()


def test_a_certificate_links_to_its_holder_and_back(server: str, page: Page) -> None:
    page.goto(f"{server}/en/search?q=DEMO-CGP-2025-000123&ended=1")
    follow(page, page.locator(".pz-result h3 a").first)
    follow(page, page.locator(".pz-rec__by a").last)
    expect(page.locator("h1")).to_contain_text("Qingheng")
    page.goto(f"{server}/en/standards/GB-T-35607-2024")
    expect(page.get_by_text("Certified to this standard")).to_be_visible()


def test_a_past_day_is_asked_for_by_form(server: str, page: Page) -> None:
    page.goto(f"{server}/en/standards/GB-T-35607-2024")
    for part, value in (("d", "1"), ("m", "1"), ("y", "2020")):
        page.locator(f"#at-{part}").fill(value)
    follow(page, page.get_by_role("button", name="Show that day"))
    assert page.url.endswith("?at=2020-01-01")
    expect(page.locator("h1")).to_contain_text("Nothing was on record")


def test_print_shows_the_answer_and_the_proof(server: str, page: Page) -> None:
    page.goto(f"{server}/en/standards/GB-T-35607-2024")
    page.emulate_media(media="print")
    expect(page.locator(".pz-plate")).to_be_visible()
    expect(page.locator(".pz-proof")).to_be_visible()
    expect(page.locator(".pz-nav")).to_be_hidden()
