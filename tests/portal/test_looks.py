"""Larger text and the simple view: chosen on a page, kept in a cookie, and shown on every page from one cached body."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal.web import looks
from tests.portal.pages import parse_page

LIST = "/en/brands"


def classes(client: FlaskClient, path: str = LIST) -> str:
    return parse_page(client.get(path).text).all("html")[0]["class"]


def choose(client: FlaskClient, **fields: str) -> str:
    response = client.post("/en/display", data=fields)
    assert response.status_code == 303
    return str(response.headers["Location"])


@pytest.mark.parametrize(
    ("cookie", "chosen"),
    [
        ("", ("", "")), ("large", ("large", "")), ("simple", ("", "simple")), ("largest.simple", ("largest", "simple")),
        ("simple.large", ("large", "simple")), ("huge", ("", "")), ('"><script>', ("", "")), ("large.large", ("large", "")),
        ("x" * 10_000 + ".large", ("", "")),
    ],
)  # fmt: skip
def test_only_known_looks_are_read_from_a_cookie(cookie: str, chosen: tuple[str, str]) -> None:
    assert looks.parse_look(cookie) == chosen


@pytest.mark.parametrize("size", looks.TEXT_SIZES)
@pytest.mark.parametrize("view", looks.VIEWS)
def test_a_look_is_written_as_it_is_read(size: str, view: str) -> None:
    assert looks.parse_look(looks.look_value(size, view)) == (size, view)


def test_a_choice_holds_on_all_pages_until_it_is_taken_back(client: FlaskClient) -> None:
    assert classes(client) == "govuk-template"
    choose(client, size="largest", view="simple")
    for path in (LIST, "/zh/search", "/zh/account/sign-in", "/en/nothing"):
        assert classes(client, path) == "govuk-template pz-largest pz-simple", path
    shown = parse_page(client.get("/zh/display").text)
    assert [each["value"] for each in shown.all("input", type="radio") if "checked" in each] == [
        "largest",
        "simple",
    ]
    choose(client, size="", view="")
    assert classes(client) == "govuk-template"


def test_one_reader_s_look_is_never_shown_to_another(client: FlaskClient) -> None:
    """Caches between keep pages by cookie, and a page kept by the browser is not taken for the page in another look."""
    plain = client.get(LIST)
    assert "Cookie" in plain.headers["Vary"]
    choose(client, size="large", view="")
    large = client.get(LIST, headers={"If-None-Match": plain.headers["ETag"]})
    assert large.status_code == 200
    assert large.headers["Vary"] == plain.headers["Vary"]
    assert large.headers["Cache-Control"] == plain.headers["Cache-Control"]
    assert client.get(LIST, headers={"If-None-Match": large.headers["ETag"]}).status_code == 304
    client.delete_cookie(looks.LOOK_COOKIE)
    assert client.get(LIST).data == plain.data


@pytest.mark.parametrize(
    ("given", "led_to"),
    [
        ("/en/brands?q=tea&page=2", "/en/brands?q=tea&page=2"), ("https://evil.example/en/x", "/en/"),
        ("//evil.example/en/x", "/en/"), ("/en/..//evil.example", "/en/"), ("/zh/search\r\nX: y", "/en/"), ("", "/en/"),
    ],
)  # fmt: skip
def test_a_choice_leads_back_within_the_site(client: FlaskClient, given: str, led_to: str) -> None:
    assert choose(client, next=given, size="large") == led_to


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://127.0.0.1/en/brands?q=tea", "/en/brands?q=tea"),
        ("http://evil.example/en/brands", "/en/"),
        ("http://127.0.0.1//evil.example/en/", "/en/"),
        ("http://127.0.0.1/en/display", "/en/"),
        ("", "/en/"),
    ],
)
def test_the_page_knows_where_the_reader_came_from(client: FlaskClient, referer: str, back: str) -> None:
    shown = client.get("/en/display", base_url="http://127.0.0.1", headers={"Referer": referer})
    page = parse_page(shown.text)
    assert page.all("input", name="next")[0]["value"] == back
    assert shown.headers["Cache-Control"] == "no-store"


def test_a_form_of_another_site_chooses_nothing(client: FlaskClient) -> None:
    sent = client.post("/en/display", data={"size": "large"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code in (400, 403)
    assert "Set-Cookie" not in sent.headers


def test_the_cookie_is_bound_to_this_site(client: FlaskClient, in_production: FlaskClient) -> None:
    def kept(asked: FlaskClient, base_url: str) -> set[str]:
        sent = asked.post("/en/display", data={"view": "simple"}, base_url=base_url)
        return {part.strip() for part in sent.headers["Set-Cookie"].split(";")}

    assert {"look=simple", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"} <= kept(
        client, "http://127.0.0.1"
    )
    assert "Secure" in kept(in_production, "https://pinzheng.example")


def test_a_form_without_a_choice_changes_nothing(client: FlaskClient) -> None:
    choose(client, size="large")
    empty = client.post("/en/display", data={"next": "/en/brands"})
    assert empty.status_code == 400
    assert "Set-Cookie" not in empty.headers
    assert classes(client) == "govuk-template pz-large"
