"""Pages that gather much: comparisons, products, holders of many records, past statistics, checked numbers, the open menu."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import NARROW, SMALL, WIDE, follow
from tests.journeys.test_accessible import AXE, LANGS, RUN, check_both_widths, check_page

MOST_PIXELS = 4_000  # of the page of an organisation with many records, on a phone
COMPARED = ("green-products", "grades", "declarations")
NUMBERS = (
    "TB-2006-00001-B\nDEMO-CGP-2026-000001\n91440300192203821\n6901234567892\nGB/T 35607-2024\n乱写的编号"
)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_context(viewport=NARROW, bypass_csp=True)  # only axe is put in past the policy
    yield made.new_page()
    made.close()


def listed(server: str, slug: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{server}/api/v1/registers/{slug}/records?ended=1&limit=100") as answer:
        items: list[dict[str, Any]] = json.load(answer)["items"]
        return items


@pytest.fixture(scope="module")
def paths(server: str) -> dict[str, str]:
    """What is looked at: name → path without the language."""
    found = {
        "past statistics": "/statistics?at=2026-11-01",
        "of a register": "/statistics/grades?at=2026-11-01&origin=demonstration",
    }
    holders: Counter[str] = Counter()
    standards: Counter[str] = Counter()
    for slug in COMPARED:
        items = listed(server, slug)
        holders.update(item["holder"]["number"] for item in items if item.get("holder"))
        standards.update(
            link["number"].replace("/", "-").replace(" ", "-")
            for item in items
            for link in item["links"]
            if link["register"] == "standards" and link.get("number")
        )
        found[f"four {slug}"] = "/compare?" + urlencode([("n", item["number"]) for item in items[:4]])
        found[f"one of {slug}"] = "/compare?" + urlencode({"n": items[0]["number"]})
        made = next((item for item in items if item.get("holder") and item["document"].get("models")), None)
        if made:
            asked = {"maker": made["holder"]["number"], "model": made["document"]["models"][0]}
            found[f"product of {slug}"] = f"/products?{urlencode(asked)}"
    found["organisation"] = f"/organisations/{holders.most_common(1)[0][0]}"
    found["standard"] = f"/standards/{standards.most_common(1)[0][0]}"
    found["body"] = f"/bodies/{listed(server, 'bodies')[0]['number']}"
    return found


@pytest.mark.parametrize("lang", LANGS)
def test_pages_that_gather_records_are_accessible(
    server: str, page: Page, paths: dict[str, str], lang: str
) -> None:
    assert sum(name.startswith("product") for name in paths) >= 1
    for name, path in paths.items():
        answer = page.goto(f"{server}/{lang}{path}")
        assert answer is not None
        assert answer.status == 200, name
        assert page.locator("h1").count() == 1, name
        check_page(page, lang, name)


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_of_an_organisation_is_short_on_a_phone(
    server: str, page: Page, paths: dict[str, str], lang: str
) -> None:
    page.set_viewport_size(NARROW)
    page.goto(f"{server}/{lang}{paths['organisation']}")
    assert page.evaluate("document.documentElement.scrollHeight") < MOST_PIXELS


@pytest.mark.parametrize("lang", LANGS)
def test_checked_numbers_are_accessible(server: str, page: Page, lang: str) -> None:
    page.goto(f"{server}/{lang}/verify")
    page.fill("#numbers", NUMBERS)
    follow(page, "#check-form .govuk-button")
    assert page.locator(".pz-answers tbody tr").count() == len(NUMBERS.splitlines())
    check_both_widths(page)


@pytest.mark.parametrize("lang", LANGS)
def test_the_open_menu_and_the_open_footer_are_accessible(server: str, page: Page, lang: str) -> None:
    page.set_viewport_size(SMALL)
    page.goto(f"{server}/{lang}/about")
    page.click(".pz-nav summary")
    for summary in page.locator(".pz-footer summary").all():
        summary.click()
    assert page.locator(".pz-nav__more details[open]").count() == 1
    assert page.locator(".pz-footer a:visible").count() > 15
    page.evaluate(AXE)
    assert page.evaluate(RUN) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size(WIDE)
    assert page.locator(".pz-footer summary:visible").count() == 0
    assert page.locator(".pz-footer a:visible").count() > 15
    assert page.evaluate(RUN) == []
