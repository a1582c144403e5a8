"""Responses: security headers, hosts, strong ETags, compression, cached pages, errors."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.web.responses import accepts_gzip
from portal.web.security import hostname
from portal.web.templating import highlight
from registry.accounts.policy import REGISTRAR
from registry.errors import ConcurrentWrite, Conflict, DatabaseUnavailable, Forbidden, Refusal, Stale
from registry.services.bootstrap import Registry
from registry.services.exchange import importer
from registry.services.issue_messages import refusal_message
from tests.portal.conftest import SHEETS, TONGRENTANG
from tests.portal.pages import parse_page
from tests.statements import asked

pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases

PAGE = f"/en/brands/{TONGRENTANG}"
EVERYWHERE = (
    "/",
    "/en/",
    "/en/nothing",
    PAGE,
    "/static/pinzheng.css",
    "/robots.txt",
    "/api/v1/registers",
    "/healthz",
)


@pytest.mark.parametrize(
    ("lang", "regions", "words"),
    [
        ("zh", ("北京", "天津"), ("在册", "移出名录")),
        ("en", ("Beijing", "Tianjin"), ("Listed", "Removed from the list")),
    ],
)
def test_records_of_one_name_are_distinguished_by_region_holder_and_status(
    client: FlaskClient, lang: str, regions: tuple[str, str], words: tuple[str, str]
) -> None:
    """The exact name finds the ended one too; each result line says which of the two it is."""
    page = client.get(f"/{lang}/search", query_string={"q": "同名坊"}).text
    lines = {
        status: re.sub(r"<[^>]+>", "", line)
        for line in re.findall(r"<li class=\"pz-result.*?</li>", page, re.DOTALL)
        for status in re.findall(r'data-status="(\w+)"', line)
    }
    assert set(lines) == {"listed", "removed"}
    holders = (
        ("北京同名坊有限公司", "天津同名坊有限公司")
        if lang == "zh"
        else ("Beijing Tongmingfang", "Tianjin Tongmingfang")
    )
    for status, region, word, holder in zip(("listed", "removed"), regions, words, holders, strict=True):
        for text in (region, word, holder):
            assert text in lines[status]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_response_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert "Strict-Transport-Security" not in headers


def test_only_the_own_host_is_served(client: FlaskClient, in_production: FlaskClient) -> None:
    for host in ("127.0.0.1", "localhost:9999", "[::1]:8000", "LOCALHOST"):
        assert client.get("/en/", headers={"Host": host}).status_code == 200
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost@evil", "", "[::1", "localhost:80:80"):
        assert client.get("/en/", headers={"Host": host}).status_code == 421
    served = in_production.get("/en/", headers={"Host": "pinzheng.example"})
    assert served.status_code == 200
    assert "max-age" in served.headers["Strict-Transport-Security"]
    assert 'rel="canonical" href="https://pinzheng.example/en/"' in served.text
    assert in_production.get("/en/", headers={"Host": "127.0.0.1"}).status_code == 421


def test_a_forwarded_host_changes_nothing(client: FlaskClient) -> None:
    plain = client.get("/en/").data
    assert (
        client.get("/en/", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil"}).data
        == plain
    )


def test_host_names() -> None:
    assert hostname("A.b:80") == "a.b"
    assert hostname("[::1]") == hostname("[::1]:8000") == "::1"
    assert hostname("a:b") == hostname("[::1") == ""


@pytest.mark.parametrize(
    "path", ["/en/", "/en/search?q=同仁堂", PAGE, f"{PAGE}/history", "/static/pinzheng.css"]
)
def test_a_page_the_client_has_is_answered_with_304(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]+"', tag)
    for known in (tag, f'W/{tag}, "x"', f'"x", {tag}', f'{tag[:-1]}-gzip"', "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert client.get(path, headers={"If-None-Match": '"x"'}).status_code == 200
    assert client.head(path).headers["Content-Length"] == str(len(first.data))


def test_compressed_only_when_asked(client: FlaskClient) -> None:
    plain = client.get(PAGE)
    packed = client.get(PAGE, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Length"] == str(len(packed.data))
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [("", False), ("gzip", True), ("GZIP;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.000", False), ("*", True),
     ("*;q=0", False), ("identity", False), ("br;q=1, gzip;q=0.1", True), ("gzip;q=0, *", False),
     ("x-gzip", True), ("deflate, br", False)],
)  # fmt: skip
def test_which_accept_encodings_accept_gzip(accepted: str, taken: bool) -> None:
    assert accepts_gzip(accepted) is taken


def test_a_static_file_lasts_when_its_version_is_named(client: FlaskClient) -> None:
    sheet = parse_page(client.get("/en/").text).all("link", rel="stylesheet")[0]["href"]
    assert "immutable" in client.get(sheet).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/pinzheng.css?v=0").headers["Cache-Control"]
    fonts = re.findall(r"url\(\"?(fonts/[^)\"]+)", client.get(sheet).text)
    assert fonts
    for font in fonts:
        response = client.get(f"/static/{font}")
        assert (response.status_code, response.content_type) == (200, "font/woff2")
    for path in ("/static/", "/static/nothing.css", "/static/../app.py", "/static/%2e%2e/app.py"):
        assert client.get(path).status_code == 404
    assert client.get("/favicon.ico").content_type == "image/svg+xml"


def test_a_cached_page_costs_one_statement(filled: Registry) -> None:
    client = create_app(registry=filled).test_client()
    with asked(filled.engine) as statements:
        client.get(PAGE)
        fresh = len(statements)
        statements.clear()
        client.get(PAGE)
        client.get(PAGE, headers={"If-None-Match": client.get(PAGE).headers["ETag"]})
    assert 3 <= fresh <= 6
    others = [each for each in statements if "record.slug = " not in each]
    assert len(statements) - len(others) == 3
    assert len(others) <= 1  # whether there is demonstration data is asked every two seconds


def test_a_cached_page_is_replaced_when_its_record_changes(registry: Registry, tmp_path: Path) -> None:
    sheet = tmp_path / "brands.csv"
    sheet.write_text(SHEETS["brands"], "utf-8")
    importer.import_files(registry, REGISTRAR, "brands", [sheet])
    client = create_app(registry=registry).test_client()
    before = client.get(PAGE)
    sheet.write_text(SHEETS["brands"].replace("以古训炮制中成药", "创于清康熙八年"), "utf-8")
    importer.import_files(registry, REGISTRAR, "brands", [sheet])
    after = client.get(PAGE, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "创于清康熙八年" in after.text
    assert len(parse_page(client.get(f"{PAGE}/history").text).all("table", **{"class": "pz-diff"})) >= 1


def test_an_error_is_a_page_in_both_languages(filled: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(registry=filled)

    def fail(*_given: object, **_named: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(app.view_functions, "public.record", fail)
    response = app.test_client().get(PAGE)
    assert response.status_code == 500
    page = parse_page(response.text)
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("div", lang="zh-Hans")
    assert "secret detail" not in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert app.test_client().get("/en/about").status_code == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Conflict("claim_decided"), 409),
        (Stale("draft_saved_meanwhile", name="Mei"), 409),
        (ConcurrentWrite(), 409),
        (Forbidden("own_claim"), 404),
        (DatabaseUnavailable("secret detail"), 503),
    ],
)
def test_a_refusal_is_explained_in_the_readers_language(
    filled: Registry, monkeypatch: pytest.MonkeyPatch, error: Refusal, status: int
) -> None:
    app = create_app(registry=filled)

    def refuse(*_given: object, **_named: object) -> None:
        raise error

    monkeypatch.setitem(app.view_functions, "public.record", refuse)
    monkeypatch.setitem(app.view_functions, "api.record", refuse)
    client = app.test_client()
    in_words = {lang: refusal_message(error, lang) for lang in ("zh", "en")}
    assert in_words["zh"] != in_words["en"]
    page = client.get(PAGE)
    assert page.status_code == status
    # What is forbidden is not there for this reader; why the register is away concerns its operator.
    assert all((words in page.text) is (status == 409) for words in in_words.values())
    for lang, words in in_words.items():
        answer = client.get(
            f"/api/v1/registers/brands/records/{TONGRENTANG}", headers={"Accept-Language": lang}
        )
        document = answer.get_json()
        assert (answer.status_code, document["code"], document["detail"]) == (status, error.code, words)
        assert document["issues"] == [
            {"code": error.reason, "field": "", "params": error.params, "message": words}
        ]
        assert "secret detail" not in answer.text


def test_the_api_tells_programs_what_is_wrong(client: FlaskClient) -> None:
    response = client.get("/api/v1/nothing")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.get_json()["status"] == 404
    assert client.delete("/api/v1/registers").content_type == "application/problem+json"


def test_a_body_that_is_too_long_is_refused(app: Flask) -> None:
    response = app.test_client().post(
        "/api/v1/check", data=b"[" + b" " * 1_100_000, content_type="application/json"
    )
    assert response.status_code == 413


def test_terms_are_marked_and_text_is_escaped() -> None:
    assert (
        highlight("<b>Tongrentang & co", ("tongrentang", "tong"))
        == "&lt;b&gt;<mark>Tongrentang</mark> &amp; co"
    )
    assert highlight("同仁堂", ("仁",)) == "同<mark>仁</mark>堂"
    assert highlight("a.c abc", ("a.c", "")) == "<mark>a.c</mark> abc"
    assert highlight("<", ("",)) == highlight("<", ()) == "&lt;"


def test_settings_may_name_another_address(filled: Registry) -> None:
    moved = replace(filled, settings=replace(filled.settings, base_url="http://localhost:8001"))
    assert "http://localhost:8001/r/" in create_app(registry=moved).test_client().get(PAGE).text
