"""The reading half of the API, as the public contract promises it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from registry import clock, i18n
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from tests.services import samples

RECORD_KEYS = {
    "register", "number", "version", "status", "standing", "status_since", "status_since_is", "title", "region", "identifiers", "holder",
    "valid_from", "valid_to", "document", "links", "warnings", "demo", "entry", "permalink", "cautions", "en_sources",
}  # fmt: skip
LINK_KEYS = {"relation", "register", "number", "title"}
REGION_KEYS = {"code", "zh", "en"}
IDENTIFIERS = {
    "organisations": ("uscc",),
    "standards": ("number",),
    "bodies": ("approval_no",),
    "brands": ("plaque_no",),
    "green-products": ("cert_no", "body_approval_no"),
    "grades": ("result_no",),
    "declarations": ("org_uscc", "std_no"),
    "green-manufacturing": (),
    "notices": ("notice_no",),
}
PROBLEM = "application/problem+json"


def test_registers(client: FlaskClient) -> None:
    items = client.get("/api/v1/registers").get_json()["items"]
    assert [item["register"] for item in items] == list(catalogue())
    assert items[0]["label"] == {"zh": "老字号", "en": "Time-honoured brands"}
    one = client.get("/api/v1/registers/brands").get_json()
    assert "scheme" in [field["name"] for field in one["fields"]]


@pytest.mark.parametrize("slug", list(catalogue()))
def test_a_record_has_the_promised_keys(client: FlaskClient, filled: Registry, slug: str) -> None:
    listed = client.get(f"/api/v1/registers/{slug}/records?ended=1&limit=100").get_json()
    assert listed["next"] is None
    assert len(listed["items"]) == len(catalogue()[slug].samples)
    number = samples.number_of(filled, slug)
    record = client.get(f"/api/v1/registers/{slug}/records/{number}").get_json()
    assert set(record) == RECORD_KEYS
    assert set(record["title"]) == {"zh", "en", "en_source"}
    assert set(record["entry"]) == {"index", "recorded_at", "hash"}
    assert set(record["links"][0] if record["links"] else LINK_KEYS) == LINK_KEYS
    for link in record["links"]:
        assert set(link["title"]) == {"zh", "en", "en_source"}
    assert set(record["region"] or REGION_KEYS) == REGION_KEYS
    assert set(record["holder"] or {"number", "name"}) == {"number", "name"}
    assert set(record["identifiers"]) <= set(IDENTIFIERS[slug])
    assert dt.date.fromisoformat(record["status_since"]) <= clock.today()
    assert record in listed["items"]
    assert client.get(f"/r/{number}").status_code == 303


def test_lists_page_to_the_end(client: FlaskClient) -> None:
    seen, token = [], ""
    while token is not None:
        address = "/api/v1/registers/brands/records?ended=1&limit=1" + (f"&next={token}" if token else "")
        response = client.get(address)
        body = response.get_json()
        seen += [item["number"] for item in body["items"]]
        assert ("Link" in response.headers) == (body["next"] is not None)
        token = body["next"]
    assert len(seen) == len(set(seen)) == len(catalogue()["brands"].samples)


def test_filters_of_the_register_and_their_ended_records(client: FlaskClient) -> None:
    def numbers(query: str) -> set[str]:
        return {
            item["status"]
            for item in client.get(f"/api/v1/registers/brands/records?{query}").get_json()["items"]
        }

    assert numbers("scheme=national") == {"listed"}
    assert numbers("region=330000") == set()
    assert numbers("region=330000&ended=1") == {"removed"}
    assert numbers("status=listed&status=removed") == {"listed", "removed"}


def test_search(client: FlaskClient) -> None:
    body = client.get("/api/v1/search?q=dining+table&lang=en&ended=1").get_json()
    assert set(body) == {
        "total",
        "items",
        "facets",
        "filters_understood",
        "did_you_mean",
        "next",
        "demo_total",
        "stage",
    }
    assert body["total"] == sum(each["count"] for each in body["facets"]["register"])
    assert "document" not in body["items"][0]
    assert body["items"][0]["highlights"]["en"]
    counts = {each["value"]: each["count"] for each in body["facets"]["register"]}
    assert counts.items() >= {"green-products": 1, "grades": 1, "declarations": 1}.items()
    assert body["facets"]["register"][0]["label"]["zh"]


def test_check(client: FlaskClient, filled: Registry) -> None:
    number = samples.number_of(filled, "green-products")
    numbers = [number.lower(), "91110000101461180X", "914403001922038217", "GP-2026-999999-9", "?"]
    body = client.post("/api/v1/check", json={"numbers": numbers}).get_json()
    assert [item["number"] for item in body["items"]] == numbers
    answers = [item["answer"] for item in body["items"]]
    assert answers[:3] == ["in_force", "in_force", "check_digit"]
    assert answers[4] == "not_covered"
    assert body["items"][0]["records"] == [
        client.get(f"/api/v1/registers/green-products/records/{number}").get_json()
    ]
    assert body["items"][0]["records"][0]["links"]


def test_near_numbers_of_a_check(client: FlaskClient) -> None:
    body = {"numbers": ["91110000101461180Y"]}
    [item] = client.post("/api/v1/check", json=body).get_json()["items"]
    assert (item["answer"], item["records"]) == ("check_digit", [])
    assert item["near"][0]["number"] == "91110000101461180X"
    assert set(item["near"][0]["title"]) == {"zh", "en", "en_source"}


def test_a_number_with_a_character_too_many_is_never_registered_and_has_near_numbers(
    client: FlaskClient, filled: Registry
) -> None:
    number = samples.number_of(filled, "green-products")
    typed = f"{number[:-2]}X{number[-2:]}"
    asked = {"numbers": [typed, "XX-1", "CNCA-R-2099-009"]}
    items = client.post("/api/v1/check", json=asked).get_json()["items"]
    assert [item["answer"] for item in items] == ["never_registered", "not_covered", "not_covered"]
    assert [each["number"] for each in items[0]["near"]] == [number]
    page = client.get(f"/en/search?q={typed}").get_data(as_text=True)
    assert "Registered numbers that differ little" in page
    assert f"/en/green-products/{number}" in page


def test_a_standard_without_its_year_names_its_editions(client: FlaskClient) -> None:
    """The answer is that of the edition in force, though an older one has ended."""
    [item] = client.post("/api/v1/check", json={"numbers": ["gb/t35607"]}).get_json()["items"]
    assert [record["number"] for record in item["records"]] == ["GB/T 35607-2024", "GB/T 35607-2017"]
    assert item["answer"] == "in_force"
    response = client.get("/api/v1/registers/standards/records/GB-T-35607")
    assert (response.status_code, response.get_json()["code"]) == (404, "edition_missing")
    [issue] = response.get_json()["issues"]
    assert [each["number"] for each in issue["params"]["near"]] == ["GB/T 35607-2024", "GB/T 35607-2017"]
    [other] = client.post("/api/v1/check", json={"numbers": ["GB/T 3560"]}).get_json()["items"]
    assert (other["answer"], other["records"]) == ("not_covered", [])


def test_several_registers_are_searched_at_once(client: FlaskClient) -> None:
    def found(query: str) -> Any:
        return client.get(f"/api/v1/search?ended=1&limit=100&{query}").get_json()

    both = found("register=brands&register=grades")
    assert {item["register"] for item in both["items"]} == {"brands", "grades"}
    assert both["total"] == found("register=brands")["total"] + found("register=grades")["total"]
    assert [(each["name"], each["value"]) for each in both["filters_understood"]] == [
        ("register", "brands"),
        ("register", "grades"),
    ]
    one = found("register=brands&scheme=national")
    assert [each["name"] for each in one["filters_understood"]] == ["register", "scheme"]
    assert "scheme" in one["facets"]


def test_a_truncated_query_is_reported(client: FlaskClient) -> None:
    body = client.get("/api/v1/search", query_string={"q": "茶" * 501}).get_json()
    [cut] = body["filters_understood"]
    assert (cut["name"], cut["value"]) == ("q", "茶" * 500)
    assert "500" in cut["label"]["zh"]
    assert client.get("/api/v1/search", query_string={"q": "茶" * 500}).get_json()["filters_understood"] == []


def test_search_pages_to_the_end(client: FlaskClient) -> None:
    whole = client.get("/api/v1/search?ended=1&limit=100").get_json()
    seen, address = [], "/api/v1/search?ended=1&limit=4"
    while address:
        response = client.get(address)
        seen += [item["number"] for item in response.get_json()["items"]]
        address = response.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == [item["number"] for item in whole["items"]]
    assert len(seen) == whole["total"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("TB-2006-00001-B", "check_digit"),
        ("hello", "number_shape"),
        ("91110000101461180X", "other_register"),
        ("TB-2006-99999-V", "check_digit"),
        ("GB/T 1-1999", "not_covered"),
    ],
)
def test_not_found_says_which_kind(client: FlaskClient, number: str, code: str) -> None:
    response = client.get(f"/api/v1/registers/brands/records/{quote(number)}")
    assert (response.status_code, response.content_type) == (404, PROBLEM)
    body = response.get_json()
    assert body["code"] == code
    [issue] = body["issues"]
    assert (issue["code"], issue["field"]) == (code, "number")
    assert issue["message"]
    if code == "other_register":
        assert issue["params"]["elsewhere"] == [{"register": "organisations", "number": number}]


def test_a_day_before_the_first_entry_names_it_and_the_sources_dates(
    client: FlaskClient, filled: Registry
) -> None:
    number = samples.number_of(filled, "green-products")
    address = f"/api/v1/registers/green-products/records/{number}"
    document = client.get(address).get_json()["document"]
    response = client.get(f"{address}?at=2001-01-01")
    assert (response.status_code, response.get_json()["code"]) == (404, "before_first_entry")
    params = response.get_json()["issues"][0]["params"]
    assert params["first"] == clock.today().isoformat()
    assert params["source_dates"]["issued_on"] == document["issued_on"]
    page = client.get(f"/en/green-products/{number}?at=2001-01-01")
    assert page.status_code == 404
    for day in (params["first"], document["issued_on"]):
        assert i18n.format_day(day, "en") in page.text


def test_a_record_today_is_that_of_its_last_entry(client: FlaskClient, filled: Registry) -> None:
    for slug in catalogue():
        address = f"/api/v1/registers/{slug}/records/{samples.number_of(filled, slug)}"
        today = client.get(f"{address}?at={clock.today().isoformat()}").get_json()
        assert today == client.get(address).get_json()


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/api/v1/registers/brands/records?limit=101", "limit"),
        ("/api/v1/registers/brands/records?limit=0", "limit"),
        ("/api/v1/registers/brands/records?limit=1.0", "limit"),
        ("/api/v1/registers/brands/records?limit=%2B5", "limit"),
        ("/api/v1/registers/brands/records?limit=٣", "limit"),
        ("/api/v1/search?limit=101", "limit"),
        ("/api/v1/registers/brands/records?limit=x", "limit"),
        ("/api/v1/registers/brands/records?limit=00000000500000", "limit"),
        ("/api/v1/registers/brands/records?limit=" + "0" * 9 + "1" * 5000, "limit"),
        ("/api/v1/registers/brands/records?limit=-1", "limit"),
        ("/api/v1/registers/brands/records?limit=", "limit"),
        ("/api/v1/registers/brands/records?next=!!", "next"),
        ("/api/v1/registers/brands/records?next=", "next"),
        ("/api/v1/registers/brands/records?next=LTU", "next"),  # -5
        ("/api/v1/search?next=LTU", "next"),
        ("/api/v1/search?next=MDU", "next"),  # 05
        ("/api/v1/registers/brands/records?next=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "next"),  # beyond 2**63
        ("/api/v1/registers/brands/records?next=" + "x" * 5000, "next"),
        ("/api/v1/registers/brands/records?register=brands", "register"),
        ("/api/v1/search?register=nothing", "register"),
        ("/api/v1/search?register=brands&register=nothing", "register"),
        ("/api/v1/registers/brands/records/x?at=2026-02-30", "at"),
        ("/api/v1/registers/brands/records/x?at=20260203", "at"),
        ("/api/v1/registers/brands/records/x?at=2026-W06-2", "at"),
        ("/api/v1/registers/brands/records/x?at=9999-12-31", "at"),
        ("/api/v1/registers/brands/records/x?at=", "at"),
        ("/api/v1/registers/brands/records?colour=red", "colour"),
        ("/api/v1/registers/brands/records?ended=yes", "ended"),
        ("/api/v1/search?q=x&sort=magic", "sort"),
        ("/api/v1/search?lang=fr", "lang"),
        ("/api/v1/registers?x=1", "x"),
    ],
)
def test_bad_parameters_are_named(client: FlaskClient, address: str, field: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.content_type) == (400, PROBLEM)
    issue = response.get_json()["issues"][0]
    assert issue["field"] == field
    assert issue["message"]


@pytest.mark.parametrize(("limit", "expected"), [("1", 1), ("001", 1), ("99", 99), ("100", 100)])
def test_a_list_has_at_most_as_many_items_as_its_limit(
    client: FlaskClient, limit: str, expected: int
) -> None:
    for address in ("/api/v1/registers/organisations/records", "/api/v1/search"):
        answer = client.get(f"{address}?ended=1&limit={limit}").get_json()
        assert len(answer["items"]) <= expected
        assert (len(answer["items"]) == expected) or answer["next"] is None


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 200), (1000, 200), (1001, 400)])
def test_from_one_to_a_thousand_numbers_are_checked(client: FlaskClient, count: int, status: int) -> None:
    assert client.post("/api/v1/check", json={"numbers": ["x"] * count}).status_code == status


@pytest.mark.parametrize(("length", "status"), [(200, 200), (201, 400)])
def test_a_number_to_check_has_at_most_200_characters(client: FlaskClient, length: int, status: int) -> None:
    assert client.post("/api/v1/check", json={"numbers": ["x" * length]}).status_code == status


def test_the_last_day_of_at_is_today(client: FlaskClient, filled: Registry) -> None:
    address = f"/api/v1/registers/brands/records/{samples.number_of(filled, 'brands')}"
    today = clock.today()
    assert client.get(f"{address}?at={today.isoformat()}").status_code == 200
    assert client.get(f"{address}?at={(today + dt.timedelta(days=1)).isoformat()}").status_code == 400


@pytest.mark.parametrize("value", ["\0", "\ud7ff\uffff", "' OR 1=1 --", "%", "\u202e", "x" * 3000])
def test_no_value_breaks_the_database(client: FlaskClient, value: str) -> None:
    for name in ("status", "standing", "region", "linked", "year"):
        for address in ("/api/v1/registers/brands/records?ended=1", "/api/v1/search?ended=1"):
            response = client.get(f"{address}&{name}={quote(value)}")
            answer = response.get_json()
            if name in ("linked", "year"):
                assert (response.status_code, answer["items"]) == (200, [])
            else:  # values of closed lists
                assert (response.status_code, answer["issues"][0]["field"]) == (400, name)
    assert client.get(f"/api/v1/search?q={quote(value)}").status_code == 200
    missing = 400 if value == "\0" else 404  # a control character in a path is malformed
    assert client.get(f"/api/v1/registers/{quote(value, safe='')}").status_code == missing
    assert client.get(f"/api/v1/registers/brands/records/{quote(value, safe='')}").status_code == missing
    checked = client.post("/api/v1/check", json={"numbers": [value[:200]]}).get_json()
    assert checked["items"][0]["records"] == []


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/problem+json", 200),
        (None, 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_only_json_is_checked(client: FlaskClient, content_type: str | None, status: int) -> None:
    response = client.post("/api/v1/check", data=b'{"numbers": ["x"]}', content_type=content_type)
    assert response.status_code == status
    if status == 415:
        assert response.content_type == PROBLEM
        assert "application/json" in response.get_json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"numbers": ["\\ud800"]}',
        b'{"numbers": ["\xff"]}',
        b'{"numbers": NaN}',
        b"[]",
        b"{",
        b'{"numbers": "x"}',
        b'{"numbers": []}',
        b'{"numbers": [1]}',
        b'{"numbers": ["' + b"x" * 300 + b'"]}',
    ],
)
def test_bad_bodies_are_refused(client: FlaskClient, body: bytes) -> None:
    response = client.post("/api/v1/check", data=body, content_type="application/json")
    assert (response.status_code, response.content_type) == (400, PROBLEM)


def test_too_many_numbers(client: FlaskClient) -> None:
    response = client.post("/api/v1/check", json={"numbers": ["x"] * 1001})
    assert response.get_json()["issues"][0]["code"] == "too_many_numbers"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/registers/nothing", 404),
        ("/api/v1/registers/brands/records/none", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/check", 405),
    ],
)
def test_problems_are_problem_details(client: FlaskClient, address: str, status: int) -> None:
    response = client.get(address)
    assert (response.status_code, response.content_type) == (status, PROBLEM)
    assert response.get_json()["status"] == status


def test_unchanged_responses_are_answered_with_304(client: FlaskClient) -> None:
    first = client.get("/api/v1/registers/brands/records")
    again = client.get("/api/v1/registers/brands/records", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Access-Control-Allow-Origin"] == "*"


def test_suggestions_distinguish_records_of_one_name(client: FlaskClient, filled: Registry) -> None:
    answer = client.get("/api/v1/suggest?q=gbt356&lang=en")
    item = answer.get_json()["items"][0]
    assert set(item) == {
        "register", "register_label", "number", "title", "region", "status", "standing", "address",
        "demo", "holder", "told_apart_by", "records", "demo_records",
    }  # fmt: skip
    assert item["register"] == "standards"
    assert client.get(item["address"]).status_code == 200
    assert client.get("/api/v1/suggest?q=&lang=zh").get_json() == {"items": []}
    assert client.get("/api/v1/suggest?q=a&other=1").status_code == 400
