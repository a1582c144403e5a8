"""What programs meet at the edges: values that do not exist, orders, pages of lists that change, questions of browsers."""

from __future__ import annotations

from urllib.parse import quote, quote_from_bytes
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from registry.accounts.policy import ANONYMOUS
from registry.services.bootstrap import Registry
from registry.services.finding import SearchRequest
from registry.services.finding.results import result_pages
from registry.services.finding.subscriptions import following

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/registers/brands/records"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "nonsense"), ("region", "999999"), ("standing", "good"), ("caution", "nonsense")],
)
def test_a_value_that_does_not_exist_is_refused(
    client: FlaskClient, path: str, name: str, value: str
) -> None:
    answer = client.get(f"{path}?{name}={value}")
    assert answer.status_code == 400
    assert [issue["field"] for issue in answer.get_json()["issues"]] == [name]


def test_values_that_exist_but_find_nothing_are_no_mistake(client: FlaskClient) -> None:
    assert client.get("/api/v1/search?status=scheduled&region=540000").status_code == 200
    assert client.get("/api/v1/registers/green-products/records?scheme=nonsense").status_code == 400


def test_records_of_a_register_can_be_sorted(client: FlaskClient) -> None:
    def dates(sort: str) -> list[str]:
        answer = client.get(f"/api/v1/registers/standards/records?ended=1&limit=100&sort={sort}")
        assert answer.status_code == 200
        return [
            str(item["document"].get("in_force_on") or item["valid_from"] or "")
            for item in answer.get_json()["items"]
        ]

    assert sorted(dates("date")) == sorted(dates("-date"))
    assert client.get("/api/v1/registers/standards/records?sort=nonsense").status_code == 400
    first = client.get("/api/v1/registers/standards/records?ended=1&limit=1&sort=name").get_json()
    if first["next"]:
        second = client.get(
            f"/api/v1/registers/standards/records?ended=1&limit=1&sort=name&next={first['next']}"
        ).get_json()
        assert first["items"][0]["number"] != second["items"][0]["number"]


def pages_of(lists: list[list[int]], limit: int) -> list[int]:
    """What a reader sees who turns one page for each state of a list."""
    seen: list[int] = []
    position = result_pages.ResultPosition()
    for ids in lists:
        window = ids[position.window_offset :][: position.window_limit(limit)]
        start = position.start_in(window) if position.offset else 0
        shown = window[start : start + limit]
        seen += shown
        position = result_pages.read_position(
            position.after(shown, position.window_offset + start + len(shown)).token()
        )
    return seen


@pytest.mark.parametrize(
    "second",
    [
        list(range(100, 60, -1)),
        [203, 202, 201, *range(100, 60, -1)],  # three inserted before
        [each for each in range(100, 60, -1) if each not in (100, 95, 90)],  # three removed that were shown
        [each for each in range(100, 60, -1) if each not in (81, 82, 83)],  # the last ones shown
        [203, 202, 201, *(each for each in range(100, 60, -1) if each not in (99, 82, 81))],
        [each for each in range(100, 60, -1) if each not in (80, 79, 78)],  # three to come
    ],
)
def test_no_result_is_shown_twice_or_lost_while_records_come_and_go(second: list[int]) -> None:
    first = list(range(100, 60, -1))
    seen = pages_of([first, second], 20)
    assert len(seen) == len(set(seen))
    staying = [each for each in first if each in second]
    after_first = [each for each in staying if each not in first[:20]]
    assert seen[20:] == after_first[:20]


def test_pages_of_a_search_hold_every_record_once(client: FlaskClient, filled: Registry) -> None:
    def numbers(limit: int) -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            page = client.get(f"/api/v1/search?ended=1&limit={limit}{token}").get_json()
            found += [f"{item['register']}/{item['number']}" for item in page["items"]]
            if page["next"] is None:
                return found
            token = f"&next={page['next']}"

    assert numbers(3) == numbers(100)
    assert client.get("/api/v1/search?next=AAAA").status_code == 400


def test_a_browser_may_ask_before_it_checks_from_another_site(client: FlaskClient) -> None:
    asked = client.options(
        "/api/v1/check",
        headers={
            "Origin": "https://example.org",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert asked.status_code in (200, 204)
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert asked.headers["Access-Control-Allow-Headers"] == "Content-Type"
    refused = client.post("/api/v1/check", json={"numbers": []})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (400, "*")
    filing = client.options("/api/v1/registers/declarations/records")
    assert "POST" not in filing.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    "query",
    [
        quote_from_bytes("冰箱".encode("gbk")),
        quote("冰箱"),
        "冰箱".encode().decode("latin-1"),
        "冰箱".encode("gbk").decode("latin-1"),
    ],
)
def test_a_query_in_any_encoding_is_read(client: FlaskClient, query: str) -> None:
    answer = client.get("/zh/search", environ_overrides={"QUERY_STRING": f"q={query}"})
    assert answer.status_code == 200
    assert 'value="冰箱"' in answer.get_data(as_text=True)


def test_well_known_addresses(client: FlaskClient) -> None:
    text = client.get("/.well-known/security.txt")
    assert text.mimetype == "text/plain"
    lines = dict(line.split(": ", 1) for line in text.get_data(as_text=True).splitlines())
    assert {"Contact", "Expires", "Canonical", "Preferred-Languages"} <= set(lines)
    changed = client.get("/.well-known/change-password", headers={"Accept-Language": "en"})
    assert (changed.status_code, changed.location) == (302, "/en/account/password")


def feed_entries(client: FlaskClient, path: str) -> tuple[list[str], str]:
    """The ids of a feed's entries, and the address of its next page, "" for none."""
    root = ET.fromstring(client.get(path).get_data())
    links = {link.get("rel"): link.get("href", "") for link in root.findall(f"{ATOM}link")}
    return [str(entry.findtext(f"{ATOM}id")) for entry in root.findall(f"{ATOM}entry")], links.get("next", "")


def test_every_entry_of_a_feed_is_reached_by_its_next_pages(
    client: FlaskClient, filled: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = following.list_search_news(filled, ANONYMOUS, SearchRequest(), "en", limit=1000)
    monkeypatch.setattr("portal.feeds.PAGE_LENGTH", 4)
    reached: list[str] = []
    path = "/en/feeds/search.atom"
    while path:
        ids, following_page = feed_entries(client, path)
        reached += ids
        path = (
            following_page.partition("127.0.0.1:8000")[2]
            or following_page.partition("//")[2].partition("/")[2]
        )
        path = f"/{path.lstrip('/')}" if path else ""
    assert len(reached) == len(set(reached)) == len(whole)
