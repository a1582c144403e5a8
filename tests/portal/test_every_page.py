"""What holds for every page: language, title, one heading, alternates in the other language, labels, no foreign scripts."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.portal.conftest import TONGRENTANG
from tests.portal.pages import parse_page

PATHS = (
    "/",
    "/search",
    "/search?q=同仁堂",
    "/search?q=nothing+of+the+kind+anywhere",
    "/search?status=listed&status=removed&ended=1",
    "/brands",
    "/brands?sort=name&region=310000",
    "/green-products",
    "/grades",
    "/declarations",
    "/organisations",
    "/standards",
    "/bodies",
    f"/brands/{TONGRENTANG}",
    f"/brands/{TONGRENTANG}/history",
    "/standards/GB-T-35607-2024",
    "/organisations/91110000101461180X",
    "/bodies/CNCA-R-2099-101",
    "/grades/schemes",
    "/grades/schemes/elderly-care",
    "/grades/schemes/air-conditioner-efficiency",
    "/registers",
    "/statistics",
    "/statistics/brands",
    "/open-data",
    "/checks",
    "/quality",
    "/glossary",
    "/about",
    "/verify",
    "/display",
    "/verify?n=GP-2023-999999-B&n=SC10144030500001",
)
MISSING = (
    "/brands/TB-2006-00001-B",
    "/brands/nothing",
    "/brands/schemes",
    "/grades/schemes/nothing",
    "/nothing",
    "/r",
    f"/brands/{TONGRENTANG}?at=2001-01-01",
)
FORMAT = re.compile(r"CSV|XLSX|JSON(?:L| Lines)?|PDF|SVG|PNG|RIS|BibTeX|Atom", re.IGNORECASE)
OWN_SCRIPT = re.compile(r"/static/[a-z]+\.js\?v=[0-9a-f]+")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_well_formed(client: FlaskClient, lang: str, path: str) -> None:
    response = client.get(f"/{lang}{path}")
    assert response.status_code == 200
    page = parse_page(response.text)
    assert (page.unclosed, page.problems) == ([], [])
    assert page.all("html")[0]["lang"] == {"zh": "zh-Hans", "en": "en"}[lang]
    assert len(page.all("h1")) == 1
    assert re.search(r"<title>[^<]+ – [^<]+</title>", response.text)
    assert {each["hreflang"] for each in page.all("link", rel="alternate") if "hreflang" in each} == {
        "zh-Hans",
        "en",
        "x-default",
    }
    [canonical] = page.all("link", rel="canonical")
    assert canonical["href"].startswith(f"http://127.0.0.1:8000/{lang}/")
    assert "?" not in canonical["href"]
    labelled = {each["for"] for each in page.all("label")}
    typed = [each for tag in ("input", "select") for each in page.all(tag) if each.get("type") != "hidden"]
    assert {each["id"] for each in typed} <= labelled
    named = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert sorted(named) == sorted(set(named))
    assert all(OWN_SCRIPT.fullmatch(each["src"]) and "defer" in each for each in page.all("script"))
    assert not any(
        name == "style" or name.startswith("on") for _tag, attributes in page.elements for name in attributes
    )
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", MISSING)
def test_not_found_is_said_in_the_readers_language(client: FlaskClient, lang: str, path: str) -> None:
    response = client.get(f"/{lang}{path}")
    assert response.status_code == 404
    page = parse_page(response.text)
    assert (page.unclosed, page.problems, len(page.all("h1"))) == ([], [], 1)
    assert page.all("html")[0]["lang"] == {"zh": "zh-Hans", "en": "en"}[lang]


@pytest.mark.parametrize("path", PATHS)
def test_the_language_switch_keeps_page_and_query(client: FlaskClient, path: str) -> None:
    page = parse_page(client.get(f"/zh{path}").text)
    [switch] = page.all("a", lang="en", hreflang="en")
    there = client.get(switch["href"])
    assert there.status_code == 200
    [back] = parse_page(there.text).all("a", lang="zh-Hans", hreflang="zh-Hans")
    assert client.get(back["href"]).text == client.get(f"/zh{path}").text


@pytest.mark.parametrize("path", PATHS)
def test_no_internal_link_is_broken(client: FlaskClient, path: str) -> None:
    page = parse_page(client.get(f"/en{path}").text)
    addresses = {each["href"].partition("#")[0] for each in [*page.all("a"), *page.all("link")]}
    inside = {each for each in addresses if each.startswith("/")}
    assert inside
    assert {
        each: status for each in inside if (status := client.get(each).status_code) not in (200, 303)
    } == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_a_link_to_a_file_says_what_the_file_holds(client: FlaskClient, lang: str, path: str) -> None:
    """Read out in a list of links, “CSV” alone says nothing (WCAG 2.2, 2.4.9); what is seen is part of it (2.5.3)."""
    for attributes, content in re.findall(
        r"<a\b([^>]*)>(.*?)</a>", client.get(f"/{lang}{path}").text, re.DOTALL
    ):
        seen = html.unescape(re.sub(r"<[^>]+>", "", content)).strip()
        named = re.search(r'aria-label="([^"]+)"', attributes)
        heard = html.unescape(named[1]) if named else seen
        assert not FORMAT.fullmatch(heard), attributes
        assert not FORMAT.fullmatch(seen) or f" {seen} " in f" {heard} ", attributes  # as a word of its own


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_what_only_a_screen_reader_says_does_not_run_into_the_words_before(
    client: FlaskClient, lang: str, path: str
) -> None:
    text = client.get(f"/{lang}{path}").text
    for tag, content in re.findall(r"<(a|button|summary)\b[^>]*>(.*?)</\1>", text, re.DOTALL):
        before, hidden, after = content.partition('<span class="govuk-visually-hidden">')
        words = [html.unescape(re.sub(r"<[^>]+>", "", part)) for part in (before, after)]
        assert not hidden or not (words[0][-1:].isalnum() and words[1][:1].isalnum()), (tag, words)


def test_text_from_sheets_never_becomes_mark_up(client: FlaskClient) -> None:
    shown = client.get("/en/brands").text + client.get("/zh/brands").text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    number = re.findall(r'data-number="(TB-2006-00002-.)"', shown)[0]
    for suffix in ("", "/history"):
        page = parse_page(client.get(f"/en/brands/{number}{suffix}").text)
        assert all(OWN_SCRIPT.fullmatch(each["src"]) for each in page.all("script"))
        assert page.all("img") == []


@pytest.mark.parametrize(
    "typed", ['"><script>alert(1)</script>', "{{ 7*7 }}", "%(x)s %s", "\u202e\u0000", "'\";--"]
)
def test_search_text_is_shown_as_typed(client: FlaskClient, typed: str) -> None:
    for address in ("/en/search", "/zh/brands"):
        response = client.get(
            address, query_string={"q": typed, "status": typed, "sort": typed, "page": typed}
        )
        assert response.status_code == 200
        page = parse_page(response.text)
        scripts = page.all("script")
        assert len(scripts) == response.text.count("<script")
        assert all(OWN_SCRIPT.fullmatch(each.get("src", "")) for each in scripts)
        assert (page.unclosed, page.problems) == ([], [])
    expected = 400 if "\0" in typed else 404  # a control character in a path is malformed
    assert client.get(f"/en/brands/{typed}").status_code in (301, expected)
    assert client.get(f"/r/{typed}").status_code == expected
