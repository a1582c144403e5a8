"""The description of the API: every route is in it, and every answer is as it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from portal.api import description
from registry.i18n import LOCALES, gettext
from registry.registers import catalogue
from tests.portal.pages import parse_page

DESCRIBED_ELSEWHERE = {"/openapi.json", "/docs"}  # the description itself
NAMES = {
    "slug": "register",
    "path:number": "number",
    "token": "token",
    "int:asked": "request",
    **{
        f"int:{name}": name
        for name in ("decision", "sheet", "entry", "application", "step", "file", "challenge")
    },
}
CHECKED = {
    "numbers": [
        "TB-2006-00001-A",
        "GB/T 35607",
        "GP-2023-999999-B",
        "hello",
        "SC10144030500001",
        "TB-2006-00001-B",
    ]
}
ADDRESSES = (
    ("/registers", "/registers"),
    ("/registers/{register}", "/registers/brands"),
    ("/registers/{register}/schema.json", "/registers/brands/schema.json"),
    ("/registers/{register}/records", "/registers/brands/records?limit=100&ended=1"),
    (description.RECORD_PATH, "/registers/brands/records/TB-2006-00001-A"),
    ("/search", "/search?q=同仁堂&explain=1"),
    ("/search", "/search?q=GP-2023-999999-B"),
    ("/search", "/search?q=&ended=1&limit=100"),
    ("/suggest", "/suggest?q=tong"),
    ("/statistics", "/statistics"),
    ("/statistics/{register}", "/statistics/green-products"),
    ("/quality", "/quality"),
)


@pytest.fixture(scope="module")
def described(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.mimetype == "application/openapi+json"
    document: dict[str, Any] = answer.get_json(force=True)
    return document


def problems(described: dict[str, Any], schema: dict[str, Any], answer: Any) -> list[str]:
    """Where an answer is not as its schema says."""
    whole = {**schema, "components": described["components"]}
    return [
        f"{each.json_path}: {each.message[:200]}" for each in Draft202012Validator(whole).iter_errors(answer)
    ]


def schema_of(described: dict[str, Any], path: str, method: str = "get", status: int = 200) -> dict[str, Any]:
    content = described["paths"][path][method]["responses"][str(status)]["content"]
    (schema,) = (each["schema"] for each in content.values())
    return dict(schema)


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    for name, schema in described["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", name
    referred = set(re.findall(r"#/components/schemas/(\w+)", str(described)))
    assert referred <= set(described["components"]["schemas"])
    identities = [
        one["operationId"]
        for path in described["paths"].values()
        for name, one in path.items()
        if name != "parameters"
    ]
    assert len(identities) == len(set(identities)) == len(description.OPERATIONS)


def test_every_route_is_described(client: FlaskClient, described: dict[str, Any]) -> None:
    routes = {
        (
            re.sub(r"<([^>]+)>", lambda found: f"{{{NAMES[found[1]]}}}", rule.rule.removeprefix("/api/v1")),
            method.lower(),
        )
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    found = {
        (path, method)
        for path, operations in described["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert {route for route in routes if route[0] not in DESCRIBED_ELSEWHERE} == found


@pytest.mark.parametrize(("path", "address"), ADDRESSES)
def test_answers_are_as_described(
    client: FlaskClient, described: dict[str, Any], path: str, address: str
) -> None:
    answer = client.get(f"/api/v1{address}")
    assert answer.status_code == 200
    body = answer.get_json(force=True)
    assert problems(described, schema_of(described, path), body) == []
    name = schema_of(described, path)["$ref"].rpartition("/")[2]
    assert set(body) <= set(described["components"]["schemas"][name]["properties"])


def test_every_key_of_a_record_is_described(client: FlaskClient, described: dict[str, Any]) -> None:
    known = described["components"]["schemas"]["Record"]["properties"]
    for slug in catalogue():
        for record in client.get(f"/api/v1/registers/{slug}/records?limit=100&ended=1").get_json()["items"]:
            assert set(record) <= set(known)
            schema = {"$ref": f"#/components/schemas/{description.document_name(slug)}"}
            assert problems(described, schema, record["document"]) == []
            assert set(record["document"]) <= set(
                described["components"]["schemas"][description.document_name(slug)]["properties"]
            )


@pytest.mark.parametrize("slug", catalogue())
def test_documents_obey_the_schema_of_their_register_but_for_their_warnings(
    client: FlaskClient, slug: str
) -> None:
    answer = client.get(f"/api/v1/registers/{slug}/schema.json")
    assert answer.mimetype == "application/schema+json"
    schema = answer.get_json(force=True)
    assert schema["$id"] == f"http://127.0.0.1:8000/api/v1/registers/{slug}/schema.json"
    Draft202012Validator.check_schema(schema)
    for name, field in catalogue()[slug].schema.register_fields().items():
        assert schema["properties"][name]["x-titles"] == {
            lang: gettext(field.info.label, lang) for lang in LOCALES
        }
    for record in client.get(f"/api/v1/registers/{slug}/records?limit=100&ended=1").get_json()["items"]:
        doubted = {each["field"] for each in record["warnings"]}
        for problem in Draft202012Validator(schema).iter_errors(record["document"]):
            named = (
                problem.path[0] if problem.path else re.findall("'(.+)' is a required", problem.message)[0]
            )
            assert named in doubted, (record["number"], problem.message)


def test_checks_and_problems_are_as_described(client: FlaskClient, described: dict[str, Any]) -> None:
    checked = client.post("/api/v1/check", json=CHECKED)
    assert problems(described, schema_of(described, "/check", "post"), checked.get_json()) == []
    for path, method, answer in (
        ("/check", "post", client.post("/api/v1/check", json={})),
        ("/search", "get", client.get("/api/v1/search?nonsense=1")),
        (description.RECORD_PATH, "get", client.get("/api/v1/registers/brands/records/hello")),
        (description.RECORD_PATH, "put", client.put("/api/v1/registers/declarations/records/X", json={})),
        (
            "/registers/{register}/records",
            "post",
            client.post("/api/v1/registers/declarations/records", json={}),
        ),
    ):
        assert (
            problems(described, schema_of(described, path, method, answer.status_code), answer.get_json())
            == []
        )


@pytest.mark.parametrize("lang", LOCALES)
def test_the_page_names_every_operation_in_both_languages(client: FlaskClient, lang: str) -> None:
    answer = client.get(f"/api/v1/docs?lang={lang}")
    page = parse_page(answer.text)
    assert (answer.status_code, page.unclosed, page.problems, len(page.all("h1"))) == (200, [], [], 1)
    assert page.all("html")[0]["lang"] == {"zh": "zh-Hans", "en": "en"}[lang]
    for each in description.OPERATIONS:
        assert gettext(each.summary, lang) in answer.text
        assert f'id="{each.operation_id}"' in answer.text
    other = {"zh": "en", "en": "zh"}[lang]
    assert f'href="/api/v1/docs?lang={other}"' in answer.text
    assert f'rel="canonical" href="http://127.0.0.1:8000/api/v1/docs?lang={lang}"' in answer.text


def test_the_page_is_in_the_language_of_the_reader(client: FlaskClient) -> None:
    answer = client.get("/api/v1/docs", headers={"Accept-Language": "en"})
    assert 'lang="en"' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
