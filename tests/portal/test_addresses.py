"""Addresses: languages, canonical forms, permalinks, days, and what is not served."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Map

from portal.public import robots_sitemap_health
from portal.public.robots_sitemap_health import FIXED_PATHS
from portal.web.converters import MatchedRule
from registry import clock
from registry.i18n import LOCALES
from registry.registers import catalogue
from tests.portal.conftest import TONGRENTANG
from tests.portal.pages import parse_page

pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases

PAGE = f"/en/brands/{TONGRENTANG}"


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("", "zh"),
        ("*", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.3, zh-TW;q=0.7", "zh"),
        ("en, zh", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("fr-FR,fr;q=0.9", "en"),
        ("fr, en;q=0.5, zh;q=0.4", "en"),
        ("zh;q=nonsense, en", "en"),
    ],
)
def test_the_root_redirects_to_the_readers_language(client: FlaskClient, accepted: str, lang: str) -> None:
    response = client.get("/", headers={"Accept-Language": accepted})
    assert (response.status_code, response.location) == (302, f"/{lang}/")
    assert {"Accept-Language", "Cookie"} <= set(response.headers["Vary"].split(", "))


def test_a_cookie_wins_over_the_browser(client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    assert client.get("/", headers={"Accept-Language": "zh"}).location == "/en/"
    assert client.get(f"/r/{TONGRENTANG}").location == PAGE
    client.set_cookie("lang", "xx")
    assert client.get("/", headers={"Accept-Language": "zh"}).location == "/zh/"


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/zh", "/zh/"),
        ("/en/search/", "/en/search"),
        ("/en/search/?q=a%20b&page=2", "/en/search?q=a%20b&page=2"),
        ("/zh/brands/", "/zh/brands"),
        (f"{PAGE}/", PAGE),
        (f"{PAGE}/history/", f"{PAGE}/history"),
        ("/en/brands/tb-2006-00001-a", PAGE),
        ("/en/brands/TB200600001A", PAGE),
        ("/en/brands/ＴＢ－２００６－００００１－Ａ", PAGE),
        ("/en/brands/tb-2006-00001-a/history", f"{PAGE}/history"),
        ("/en/brands/tb-2006-00001-a?at=2026-01-01", f"{PAGE}?at=2026-01-01"),
        ("/zh/standards/GB/T%2035607-2024", "/zh/standards/GB-T-35607-2024"),
        ("/zh/standards/GB%2FT35607-2024", "/zh/standards/GB-T-35607-2024"),
    ],
)
def test_other_spellings_redirect_to_the_canonical_address(
    client: FlaskClient, address: str, canonical: str
) -> None:
    response = client.get(address)
    assert (response.status_code, response.location) == (301, canonical)


@pytest.mark.parametrize(
    "path", ["//evil.example/", "/zh//evil.example/", "/%2Fevil.example/", "/zh/%2F%2Fevil.example/"]
)
def test_no_address_redirects_to_another_site(client: FlaskClient, path: str) -> None:
    response = client.get("/", environ_overrides={"PATH_INFO": path.replace("%2F", "/")})
    assert response.status_code == 404
    assert response.location is None


def test_a_permalink_redirects_to_its_record(client: FlaskClient) -> None:
    for typed in (TONGRENTANG, "tb200600001a"):
        response = client.get(f"/r/{typed}", headers={"Accept-Language": "en"})
        assert (response.status_code, response.location) == (303, PAGE)
        assert "Accept-Language" in response.headers["Vary"]
    missing = client.get("/r/TB-2006-00001-B", headers={"Accept-Language": "en"})
    assert (missing.status_code, parse_page(missing.text).all("html")[0]["lang"]) == (404, "en")
    assert "Accept-Language" in missing.headers["Vary"]


def test_a_record_as_it_stood_on_a_day(client: FlaskClient) -> None:
    entered = clock.today().isoformat()
    with clock.frozen_at(clock.now() + dt.timedelta(days=1)):
        shown = client.get(f"{PAGE}?at={entered}")
    assert shown.status_code == 200
    assert parse_page(shown.text).all("meta", name="robots")
    assert "pz-plate--then" in shown.text
    assert f'href="/zh/brands/{TONGRENTANG}?at={entered}"' in shown.text
    assert f"/api/v1/registers/brands/records/{TONGRENTANG}?at={entered}" in shown.text
    assert f"/r/{TONGRENTANG}?at={entered}</a>" in shown.text  # the permalink of the proof, on paper too
    before = client.get(f"{PAGE}?at=2006-01-01")
    assert before.status_code == 404
    assert "1 January 2006" in before.text


def test_the_day_of_today_shows_the_page_of_today(client: FlaskClient) -> None:
    shown, today = client.get(f"{PAGE}?at={clock.today().isoformat()}"), client.get(PAGE)
    assert (shown.status_code, shown.text, shown.headers["ETag"]) == (200, today.text, today.headers["ETag"])
    assert "?at=" not in shown.text
    assert "pz-plate--then" not in shown.text
    address = f"/api/v1/registers/brands/records/{TONGRENTANG}"
    of_today = client.get(f"{address}?at={clock.today().isoformat()}").get_json()
    assert of_today == client.get(address).get_json()


def test_a_permalink_keeps_its_day(client: FlaskClient) -> None:
    for day in ("2026-01-01", "x"):
        response = client.get(f"/r/{TONGRENTANG}?at={day}", headers={"Accept-Language": "en"})
        assert (response.status_code, response.location) == (303, f"{PAGE}?at={day}")


def test_the_form_of_a_day_redirects_to_its_address(client: FlaskClient) -> None:
    day = clock.today()
    typed = {"at-y": str(day.year), "at-m": str(day.month), "at-d": f" {day.day} "}
    response = client.get(PAGE, query_string=typed)
    assert (response.status_code, response.location) == (303, f"{PAGE}?at={day.isoformat()}")
    full_width = {name: "".join(chr(ord(c) + 0xFEE0) for c in value.strip()) for name, value in typed.items()}
    assert client.get(PAGE, query_string=full_width).location == response.location
    empty = client.get(PAGE, query_string=dict.fromkeys(typed, ""))
    assert (empty.status_code, empty.location) == (303, PAGE)


@pytest.mark.parametrize(
    "query",
    ["at=x", "at=2026-02-30", "at=2026-2-3", "at=", "at=9999-01-01", "at-y=2026&at-m=2&at-d=30", "at-y=26&at-m=1&at-d=1",
     "at-y=2026", "at-y=²⁰²⁶&at-m=x&at-d=1"],
)  # fmt: skip
def test_an_invalid_day_is_explained_beside_the_form(client: FlaskClient, query: str) -> None:
    response = client.get(f"{PAGE}?{query}")
    page = parse_page(response.text)
    assert response.status_code == 400
    assert len(page.all("p", id="at-problem")) == 1
    assert page.all("input", aria_invalid="true")
    assert response.headers["Cache-Control"] == "no-store"


def test_tomorrow_is_not_shown(client: FlaskClient) -> None:
    tomorrow = clock.today() + dt.timedelta(days=1)
    assert client.get(f"{PAGE}?at={tomorrow.isoformat()}").status_code == 400


def test_an_ended_record_keeps_its_page(client: FlaskClient) -> None:
    shown = client.get("/en/search?q=老正兴&ended=1")
    [row] = parse_page(shown.text).all("li", data_status="removed")
    page = client.get(f"/en/brands/{row['data-number']}")
    assert page.status_code == 200
    assert parse_page(page.text).all("article", data_status="removed")


def test_public_pages_accept_only_reading_methods(client: FlaskClient) -> None:
    for method in ("post", "put", "delete", "patch"):
        response = getattr(client, method)(PAGE)
        assert response.status_code == 405
        assert "GET" in response.headers["Allow"]
        assert len(parse_page(response.text).all("h1")) == 1


def test_the_sitemap_lists_every_page(client: FlaskClient) -> None:
    assert b"Sitemap: http://127.0.0.1:8000/sitemap.xml" in client.get("/robots.txt").data
    written = client.get("/sitemap.xml").text
    addresses = [part.partition("</loc>")[0] for part in written.split("<loc>")[1:]]
    slugs = list(catalogue())
    records = sum(
        len(client.get(f"/api/v1/registers/{slug}/records?ended=1").get_json()["items"]) for slug in slugs
    )
    assert records >= len(slugs)
    assert len(addresses) == len(set(addresses)) == len(LOCALES) * (len(FIXED_PATHS) + len(slugs) + records)
    for address in addresses:
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200
    assert client.get("/sitemap-1.xml").text == written
    assert [client.get(f"/sitemap-{part}.xml").status_code for part in (0, 2, 99999)] == [404] * 3


def test_the_parts_of_a_sitemap_are_one_sitemap(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(path: str) -> list[str]:
        return [part.partition("</loc>")[0] for part in client.get(path).text.split("<loc>")[1:]]

    whole = addresses("/sitemap.xml")
    monkeypatch.setattr(robots_sitemap_health, "RECORDS_PER_PART", 3)
    parts = [part.removeprefix("http://127.0.0.1:8000") for part in addresses("/sitemap.xml")]
    assert len(parts) > 2
    assert [each for part in parts for each in addresses(part)] == whole
    assert client.get(f"/sitemap-{len(parts) + 1}.xml").status_code == 404


def test_health(client: FlaskClient, app: Flask) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["ready"]) == (200, True)
    assert app.test_client().get("/healthz", headers={"Host": "10.0.0.9:80"}).status_code == 200


def test_an_address_can_still_be_built_from_a_route() -> None:
    routes = Map([MatchedRule("/<lang>/search", endpoint="search")])
    assert routes.bind("register.example").build("search", {"lang": "en", "q": "tea"}) == "/en/search?q=tea"
