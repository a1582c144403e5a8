"""Lists as the keyboard, a screen reader and a reader of either language meet them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from tests.portal.pages import VOID, parse_page

MAX_STOPS = 12


class TabStops(HTMLParser):
    """Counts what the keyboard stops at before the first result; what a closed `details` hides is no stop."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[str] = []
        self.reached = False
        self._open: list[tuple[str, bool]] = []  # (tag, hides what is in it)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.reached = self.reached or "pz-result" in given.get("class", "").split()
        in_summary = any(name == "summary" for name, _closed in self._open[-1:])
        hidden = any(closed for _name, closed in self._open) and not in_summary and tag != "summary"
        enclosing = [closed for name, closed in self._open if name == "details"]
        hidden = hidden or (tag == "summary" and any(enclosing[:-1]))
        stop = (
            (tag == "a" and "href" in given)
            or tag in ("button", "select", "textarea", "summary")
            or (tag == "input" and given.get("type") != "hidden")
            or given.get("tabindex") == "0"
        )
        if stop and not hidden and not self.reached:
            self.stops.append(f"{tag} {given}")
        if tag not in VOID:
            self._open.append((tag, tag == "details" and "open" not in given))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._open.pop()


def stops_of(html: str) -> TabStops:
    page = TabStops()
    page.feed(html)
    return page


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    ["/brands", "/green-products", "/organisations", "/standards", "/bodies", "/search", "/search?q=家具"],
)
def test_few_stops_lead_to_the_first_result(client: FlaskClient, lang: str, path: str) -> None:
    page = stops_of(client.get(f"/{lang}{path}").text)
    assert page.reached
    assert len(page.stops) <= MAX_STOPS, page.stops


def test_the_first_stop_leads_to_the_results_where_there_are_some(client: FlaskClient) -> None:
    page = parse_page(client.get("/en/brands").text)
    assert page.all("a")[0]["href"] == "#results"
    assert page.all("section", id="results")
    assert parse_page(client.get("/en/search?q=zzzzzz").text).all("a")[0]["href"] == "#main-content"


def test_a_heading_is_the_name_and_the_region_stands_outside_it(client: FlaskClient) -> None:
    text = client.get("/en/brands?q=同仁堂").text
    [heading] = re.findall(r"<h3>(.*?)</h3>", text, re.DOTALL)
    assert parse_page(heading).words == "Tongrentang"
    assert re.search(r'</h3>\s*<span class="pz-region">Beijing', text)


@pytest.mark.parametrize(("lang", "told"), [("zh", False), ("en", True)])
def test_where_english_comes_from_is_told_on_english_pages(
    client: FlaskClient, lang: str, told: bool
) -> None:
    assert ("pz-src" in client.get(f"/{lang}/brands").text) is told


def test_words_of_filters_that_are_set_can_be_taken_off(client: FlaskClient) -> None:
    text = client.get("/en/brands?region=110000&from=2000&ended=1").text
    chips = re.findall(r'<a class="pz-chip" href="([^"]*)"', text)
    assert len(chips) == 3
    assert all(client.get(chip.replace("&amp;", "&")).status_code == 200 for chip in chips)
    assert re.search(r'<li><a class="govuk-link" href="/en/brands">Clear all</a></li>', text)


def test_values_that_are_looked_for_are_kept_by_the_language_switch(client: FlaskClient) -> None:
    [switch] = parse_page(client.get("/zh/brands?region.find=bei").text).all("a", hreflang="en", lang="en")
    assert switch["href"] == "/en/brands?region.find=bei"


def test_the_page_of_registers_leads_to_all_of_them(client: FlaskClient) -> None:
    page = parse_page(client.get("/en/registers").text)
    reached = {each["href"] for each in page.all("a")}
    assert {f"/en/{slug}" for slug in ("brands", "grades", "declarations", "bodies")} <= reached


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("status=vallid", "Status", "vallid"),
        ("origin=invented", "", "invented"),
        ("region=999999", "Region", "999999"),
        ("standing=in_force&standing=dead", "", "dead"),
    ],
)
def test_a_value_that_a_filter_does_not_have_is_named_and_can_be_removed(
    client: FlaskClient, query: str, name: str, value: str
) -> None:
    page = client.get(f"/en/brands?{query}").text
    assert f"has no value “{value}”: no record matches it." in page
    assert not name or f"The filter “{name}”" in page
    kept = query.replace(f"standing={value}", "").replace("&", "") if "&" in query else ""
    assert f'href="/en/brands{"?" if kept else ""}{kept}">Remove this filter</a>' in page
    refused = client.get(f"/api/v1/registers/brands/records?{query}")
    assert (refused.status_code, refused.get_json()["issues"][0]["params"]["value"]) == (400, value)
    assert "has no value" not in client.get("/en/brands?status=listed").text
