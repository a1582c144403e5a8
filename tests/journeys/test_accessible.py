"""Every kind of page, in both languages, wide and narrow, its parts unfolded: no finding of axe-core, no horizontal scrolling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.journeys.conftest import NARROW, SMALL, WIDE

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")
# Contrast takes axe as long as all other rules together, and no page has other colours in the other language or wide.
RUN = """async (colours = true) => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
"best-practice"], rules: {"color-contrast": {enabled: colours}}, resultTypes: ["violations"]}))
.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html)])"""
PATHS = (
    "/", "/search", "/search?q=%E5%AE%B6%E5%85%B7", "/search?q=tongrentang", "/search?q=zzzzqqqq",
    "/search?status=suspended&region=330000&ended=1", "/brands", "/green-products?scheme=energy_saving&sort=name",
    "/grades?scheme=%E5%AE%B6%E5%85%B7%E8%B4%A8%E9%87%8F%E5%88%86%E7%BA%A7&sort=rank", "/declarations", "/organisations?page=2", "/standards", "/bodies", "/quality", "/statistics", "/statistics/green-products?origin=demonstration", "/open-data", "/glossary", "/searches", "/about",
    "/search?q=%E8%A5%BF%E8%97%8F+%E7%99%BE%E5%B9%B4+%E8%80%81%E5%AD%97%E5%8F%B7", "/search?from=2024-02-30&to=soon",
    "/brands/TB-2006-00001-B", "/brands/nothing-like-it", "/organisations/914403001922038217", "/nothing/at/all",
    "/registers", "/verify", "/verify?n=TB-2006-00001-B&n=%E4%B9%B1", "/products", "/grades/schemes", "/contact", "/privacy",
    "/accessibility", "/terms", "/licence", "/security", "/status", "/display", "/account/save-search?q=%E8%8C%B6",
)  # fmt: skip

# What a list of links would read out as a format and nothing else.
ONLY_A_FORMAT = """() => [...document.querySelectorAll("a[href]")]
.map(link => (link.getAttribute("aria-label") || link.textContent).trim())
.filter(name => /^(CSV|XLSX|JSON(L| Lines)?|PDF|SVG|PNG|RIS|BibTeX|Atom)$/i.test(name))"""
# A bar that floats over a list covers another control at each position of the page: axe would name the one under it now.
UNFOLD = """() => {
  document.querySelectorAll("main details").forEach(each => { each.open = true })
  document.querySelectorAll(".pz-filters__go").forEach(bar => { bar.style.position = "static" })
}"""
LANGS = ("zh", "en")
pytestmark = pytest.mark.browser


def both_widths(page: Page) -> Sequence[ViewportSize]:
    """The two widths, first the one that the page has: to lay a page out again takes half as long as axe does.

    For pages that are looked at and left: the next one is loaded at the width of the last look.
    """
    return (SMALL, WIDE) if page.viewport_size == SMALL else (WIDE, SMALL)


def check_both_widths(page: Page, what: str = "") -> None:
    assert page.evaluate(ONLY_A_FORMAT) == [], what
    page.evaluate(UNFOLD)
    page.evaluate(AXE)
    for width in both_widths(page):
        page.set_viewport_size(width)
        assert page.evaluate(RUN, width == SMALL) == [], (what, width)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (what, width)


def check_narrow(
    page: Page, what: str = "", *, colours: bool = True, widths: Sequence[ViewportSize] = (WIDE, SMALL)
) -> None:
    """axe where the layout is hardest; no sideways scrolling at either width. `colours`: their contrast too."""
    assert page.evaluate(ONLY_A_FORMAT) == [], what
    page.evaluate(UNFOLD)
    page.evaluate(AXE)
    for width in widths:
        page.set_viewport_size(width)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (what, width)
        if width == SMALL:
            assert page.evaluate(RUN, colours) == [], what


def check_page(page: Page, lang: str, what: str = "") -> None:
    """What differs by language is looked at in both languages, what differs by width at both widths."""
    if lang == "en":
        check_both_widths(page, what)
    else:
        check_narrow(page, what, colours=False, widths=both_widths(page))


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One window for all: no page leaves anything behind."""
    made = browser.new_context(viewport=NARROW, bypass_csp=True)  # only axe is put in past the policy
    yield made.new_page()
    made.close()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_accessible(server: str, page: Page, lang: str, path: str) -> None:
    """One load for both widths: the page is the same, only its layout moves, and that alike in both languages."""
    page.goto(f"{server}/{lang}{path}")
    assert page.locator("h1").count() == 1
    check_page(page, lang)


@pytest.mark.parametrize("lang", LANGS)
def test_every_state_of_every_register_is_accessible(
    server: str, page: Page, numbers: dict[str, str], lang: str
) -> None:
    """What axe looks at is one template for all states: each is shown to it in one language, those of a register in turn."""
    for index, (state, path) in enumerate(numbers.items()):
        page.set_viewport_size(NARROW)
        page.goto(f"{server}/{lang}{path}")
        word = page.locator(".pz-plate__word").bounding_box()
        assert word is not None
        assert word["y"] + word["height"] < 640, f"{state}: the answer is not in the first screen"
        if LANGS[index % 2] == lang:
            page.evaluate(AXE)
            assert page.evaluate(RUN) == [], state
        for width in (WIDE, NARROW):
            page.set_viewport_size(width)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (state, width)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "suffix", ["/history", "?at=2026-11-01", "?at=1999-01-01", "?at-y=2026&at-m=2&at-d=31"]
)
def test_further_pages_of_a_record_are_accessible(
    server: str, page: Page, numbers: dict[str, str], lang: str, suffix: str
) -> None:
    page.goto(f"{server}/{lang}{numbers['green-products/suspended']}{suffix}")
    assert page.locator("h1").count() == 1
    check_both_widths(page)
