"""The reading half of the API, as the contract promises it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from registry.registers import catalogue
from registry.services.wiring import Registry
from tests.services import samples

RECORD_KEYS = {
    "register", "number", "version", "status", "standing", "status_since", "title", "region", "identifiers", "holder",
    "valid_from", "valid_to", "document", "links", "warnings", "demo", "entry", "permalink",
}  # fmt: skip
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
    assert set(body) == {"total", "items", "facets", "filters_understood", "did_you_mean", "next"}
    assert body["total"] == sum(each["count"] for each in body["facets"]["register"])
    assert "document" not in body["items"][0]
    assert body["items"][0]["highlights"]["en"]
    counts = {each["value"]: each["count"] for each in body["facets"]["register"]}
    assert counts.items() >= {"green-products": 1, "grades": 1, "declarations": 1}.items()
    assert body["facets"]["register"][0]["label"]["zh"]


def test_check(client: FlaskClient, filled: Registry) -> None:
    number = samples.number_of(filled, "green-products")
    asked = [number.lower(), "91110000101461180X", "914403001922038217", "GP-2026-999999-9", "?"]
    body = client.post("/api/v1/check", json={"numbers": asked}).get_json()
    assert [item["number"] for item in body["items"]] == asked
    answers = [item["answer"] for item in body["items"]]
    assert answers[:3] == ["in_force", "in_force", "check_digit"]
    assert answers[4] == "not_covered"
    assert body["items"][0]["records"][0]["number"] == number


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/api/v1/registers/brands/records?limit=101", "limit"),
        ("/api/v1/registers/brands/records?limit=0", "limit"),
        ("/api/v1/registers/brands/records?limit=x", "limit"),
        ("/api/v1/registers/brands/records?next=!!", "next"),
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


@pytest.mark.parametrize(
    "body",
    [
        b"",
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


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/api/v1/registers/brands/records")
    again = client.get("/api/v1/registers/brands/records", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
