"""Requests are counted and logged by the pattern of their address; an error names its line; nothing secret is told."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from registry.observing import log_lines
from registry.observing.log_lines import LogChoice, configure_logs
from registry.services.bootstrap import Registry
from tests.logging_state import kept_logging

TOKEN = "0123456789abcdef"
ACCESS = LogChoice(access=True)


@pytest.fixture(scope="module")
def watched(filled: Registry) -> Flask:
    settings = replace(filled.settings, metrics_token=TOKEN, log=ACCESS)
    app = create_app(registry=replace(filled, settings=settings))

    def fail() -> str:
        raise RuntimeError("no page of this name")

    app.add_url_rule("/zh/account/fails", "fails", fail)
    app.add_url_rule("/api/v1/fails", "api_fails", fail)
    return app


@pytest.fixture
def client(watched: Flask) -> FlaskClient:
    return watched.test_client()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr(log_lines._StandardError, "stream", stream)
    with kept_logging():
        configure_logs(ACCESS, "web")
        yield stream


def test_a_line_names_the_pattern_and_never_the_address(client: FlaskClient, lines: io.StringIO) -> None:
    client.get("/zh/search?q=秘密&page=1", headers={"X-Request-ID": "of-the-proxy-1"})
    client.get("/zh/brands/TB-2006-00001-A")
    client.get("/nothing/of/this/name")
    written = lines.getvalue()
    assert "request=of-the-proxy-1 message=answered method=GET path=/<lang>/search status=200 ms=" in written
    assert "path=/<lang>/<slug>/<number> status=200" in written
    assert "path=none status=404" in written
    assert "秘密" not in written
    assert "TB-2006" not in written
    assert "user=anonymous" in written


@pytest.mark.parametrize("given", ["short", "a" * 65, "with blank inside", "new\tline1234", ""])
def test_an_id_that_is_not_well_formed_is_replaced(client: FlaskClient, given: str) -> None:
    made = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)


def test_only_a_trusted_proxy_gives_the_id(client: FlaskClient) -> None:
    given = {"X-Request-ID": "of-the-proxy-1"}
    assert client.get("/healthz", headers=given).headers["X-Request-ID"] == "of-the-proxy-1"
    foreign = client.get("/healthz", headers=given, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert foreign.headers["X-Request-ID"] != "of-the-proxy-1"


def test_an_error_is_told_once_with_the_id_that_page_and_problem_show(
    client: FlaskClient, lines: io.StringIO
) -> None:
    page = client.get("/zh/account/fails")
    problem = client.get("/api/v1/fails")
    again = client.get("/zh/account/fails")
    assert (page.status_code, problem.status_code, again.status_code) == (500, 500, 500)
    written = lines.getvalue()
    assert written.count("RuntimeError: no page of this name") == 1
    told = re.search(r"level=error .* error_id=([0-9a-f]{10})", written)
    assert told is not None
    assert f"<code>{told[1]}</code>" in page.text
    assert f"<code>{told[1]}</code>" in again.text
    assert problem.get_json()["error_id"] == told[1]
    assert written.count(f"error_id={told[1]}") == 4  # the trace, and a line for each request


def test_requests_are_counted_by_pattern(client: FlaskClient) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    client.get("/zh/brands/TB-2006-00001-A")
    shown = client.get("/metrics", headers=bearer)
    assert shown.status_code == 200
    assert re.search(
        r'pinzheng_http_requests_total\{method="GET",path="/<lang>/<slug>/<number>",status="2xx"\} [1-9]',
        shown.text,
    )
    assert 'pinzheng_http_request_seconds_bucket{le="0.005",path="/healthz"}' in shown.text
    client.open("/zh/", method="BREW")
    assert 'method="other",path="none",status="4xx"' in client.get("/metrics", headers=bearer).text


def test_metrics_are_never_open_to_all(client: FlaskClient, filled: Registry) -> None:
    for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        assert client.get("/metrics", headers=given).status_code == 401
    closed = create_app(registry=filled).test_client()
    assert closed.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
