"""What a screen reader hears on ten pages: headings in order, the status right after the title, names that tell links apart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import SMALL, WIDE
from tests.journeys.test_accessible import AXE, RUN

pytestmark = pytest.mark.browser
LANGS = ("zh", "en")
SUSPENDED = {"zh": "暂停", "en": "Suspended"}
VAGUE = {"here", "click here", "link", "download", "read more", "这里", "点击", "点击这里", "下载"}
RUN_TOGETHER = re.compile(
    r"[a-z]{2}[A-Z][a-z]|[a-z][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Z][a-z]+[\u4e00-\u9fff]"
)
READ = """() => ({
    headings: [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")].filter(each => each.checkVisibility())
        .map(each => [Number(each.tagName[1]), each.textContent.trim()]),
    links: [...document.querySelectorAll("main a[href]")].filter(each => each.checkVisibility())
        .map(each => (each.getAttribute("aria-label") || each.textContent).trim()),
    landmarks: [...document.querySelectorAll("nav")].map(each => each.getAttribute("aria-label")
        || document.getElementById(each.getAttribute("aria-labelledby"))?.textContent || ""),
})"""
PLAIN = ("/", "/search?q=%E8%8C%B6", "/statistics", "/verify", "/open-data", "/registers", "/quality", "/display", "/glossary")  # fmt: skip
LOOKS = ("largest", "large.simple", "largest.simple")


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_context(viewport=WIDE)
    yield made.new_page()
    made.close()


def check_headings(headings: list[tuple[int, str]], path: str) -> None:
    levels = [level for level, _words in headings]
    assert levels[0] == 1, path
    assert levels.count(1) == 1, path
    assert [pair for pair in itertools.pairwise(levels) if pair[1] > pair[0] + 1] == [], path
    assert all(words for _level, words in headings), path


@pytest.mark.parametrize("lang", LANGS)
def test_ten_pages_are_heard_in_order(server: str, page: Page, numbers: dict[str, str], lang: str) -> None:
    record = numbers["green-products/suspended"]
    for path in (*PLAIN, record):
        page.goto(f"{server}/{lang}{path}")
        read = page.evaluate(READ)
        check_headings(read["headings"], path)
        assert [name for name in read["links"] if not name or name.casefold() in VAGUE] == [], path
        assert "" not in read["landmarks"], path
        assert len(set(read["landmarks"])) == len(read["landmarks"]), path
    assert SUSPENDED[lang].casefold() in page.title().casefold()
    titles = [words for _level, words in read["headings"]]
    assert titles[1].startswith(SUSPENDED[lang]), "the status is not the first heading after the title"
    assert not RUN_TOGETHER.search(titles[1])
    heard = page.locator("main").aria_snapshot()
    assert heard.index("heading") < heard.index(SUSPENDED[lang]) < heard.index("[level=2]") + 200


def test_no_page_is_wider_than_the_window_and_all_is_accessible_in_any_look(
    server: str, browser: Browser, numbers: dict[str, str]
) -> None:
    made = browser.new_context(viewport=SMALL, bypass_csp=True)  # only axe is put in past the policy
    page = made.new_page()
    for look in LOOKS:
        made.add_cookies([{"name": "look", "value": look, "url": server}])
        for path in ("/zh/", "/en/", "/en/green-products", f"/en{numbers['green-products/suspended']}"):
            page.goto(f"{server}{path}")
            assert page.evaluate("document.documentElement.className").endswith(look.replace(".", " pz-"))
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (look, path)
        page.evaluate(AXE)
        assert page.evaluate(RUN) == [], look
    made.close()


def test_forced_colours_leave_one_bar_in_the_navigation(server: str, browser: Browser) -> None:
    made = browser.new_context(viewport=WIDE, forced_colors="active")
    page = made.new_page()
    page.goto(f"{server}/en/statistics")
    bars = page.locator(".pz-nav a, .pz-nav summary").evaluate_all(
        "all => all.map(each => getComputedStyle(each).borderBottomColor)"
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len([bar for bar in bars if bar != ground]) == 1, bars
    chosen, other = (
        page.locator(f".pz-lang > {which}").evaluate("each => getComputedStyle(each).backgroundColor")
        for which in ("[aria-current]", ":not([aria-current])")
    )
    assert chosen != other
    made.close()
