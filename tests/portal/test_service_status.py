"""The page on which the service measures itself, reports on the content policy, and the contact for weaknesses."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.public import csp_reports
from portal.public.csp_reports import HourlyAllowance
from portal.public.service_status import KINDS
from portal.web.observed_requests import pattern_of_rule
from registry.observing.metrics import CSP_REPORTS, SECONDS_NAME, collect_counted
from registry.services import operations
from registry.services.bootstrap import Registry
from registry.services.operations import backup_state
from registry.store.cached_value import CachedValue

pytestmark = pytest.mark.once
OLD_FORM = {
    "csp-report": {"violated-directive": "script-src-elem x", "blocked-uri": "https://evil.example/a?k"}
}
NEW_FORM = [
    {"type": "csp-violation", "body": {"effectiveDirective": "img-src", "blockedURL": "inline"}},
    {"type": "csp-violation", "body": {"effectiveDirective": "no directive\n", "blockedURL": 7}},
]


@pytest.fixture
def browser(registry: Registry) -> FlaskClient:
    fresh = replace(registry, operation_report=CachedValue(0.0), index_comparison=CachedValue(0.0))
    return create_app(registry=fresh).test_client()


def test_the_page_tells_what_is_known_and_what_never_was(browser: FlaskClient, registry: Registry) -> None:
    browser.get("/en/about")
    page = browser.get("/en/status").text
    assert "Part of the service is not available" in page  # there is no index yet
    assert page.count("not made yet") == 2
    assert "Other pages" in page
    backup_state.note_backup(registry)
    chinese = browser.get("/zh/status").text
    assert chinese.count("尚未进行") == 1
    assert 'href="/zh/status"' in browser.get("/zh/about").text


@pytest.mark.parametrize(
    ("silent", "told"),
    [
        ("relay", "new ones are found later than usual"),
        ("sheets", "sheets and files that are sent are worked off later than usual"),
        ("", "Everything works."),
    ],
)
def test_a_process_that_is_silent_is_told(
    browser: FlaskClient, registry: Registry, monkeypatch: pytest.MonkeyPatch, silent: str, told: str
) -> None:
    ready = operations.check_readiness(registry)
    monkeypatch.setattr(operations, "check_readiness", lambda _registry: replace(ready, index=True))
    report = operations.report_operation(registry)
    heard = {name: None if name == silent else 0.0 for name in report.seconds_since}
    report = replace(report, seconds_since=heard, writable=True, lag_seconds=0.0, up_seconds=1000.0)
    monkeypatch.setattr(operations, "report_operation", lambda _registry: report)
    assert told in browser.get("/en/status").text


def test_every_page_is_of_one_kind(app: Flask) -> None:
    pages = [
        pattern
        for rule in app.url_map.iter_rules()
        if (pattern := pattern_of_rule(rule.rule)).startswith("/<lang>/")
    ]
    assert all(any(pattern.fullmatch(page) for _label, pattern in KINDS) for page in pages)


def test_durations_are_counted_under_the_name_that_is_read() -> None:
    assert SECONDS_NAME in {metric.name for metric in collect_counted()}


def counted(directive: str) -> float:
    return CSP_REPORTS.labels(directive)._value.get()


@pytest.mark.parametrize(
    ("given", "directives"), [(OLD_FORM, ["script-src-elem"]), (NEW_FORM, ["img-src", "other"])]
)
def test_reports_are_counted_by_directive(
    client: FlaskClient, given: object, directives: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    csp_reports.ALLOWANCE._ends_at = 0.0
    before = {each: counted(each) for each in directives}
    caplog.set_level("INFO", csp_reports.__name__)
    assert client.post("/csp-reports", data=orjson.dumps(given)).status_code == 204
    assert {each: counted(each) for each in directives} == {each: n + 1 for each, n in before.items()}
    told = [vars(record) for record in caplog.records if record.name == csp_reports.__name__]
    assert [each["directive"] for each in told] == directives
    assert {each["blocked"] for each in told} <= {"evil.example", "inline", "other"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"a": 1}', 400),
        (b'[7, null, "x"]', 400),
        (b" " * 16_001, 413),
    ],
)
def test_what_is_no_report_is_refused(client: FlaskClient, body: bytes, status: int) -> None:
    assert client.post("/csp-reports", data=body).status_code == status


def test_reports_have_so_many_lines_an_hour() -> None:
    seconds = [0.0]
    allowance = HourlyAllowance(20, lambda: seconds[0])
    assert [allowance.take() for _ in range(50)].count(True) == 20
    seconds[0] = 3600.0
    assert allowance.take()


def test_every_page_names_where_reports_go(client: FlaskClient) -> None:
    headers = client.get("/zh/").headers
    assert headers["Content-Security-Policy"].endswith("; report-uri /csp-reports; report-to csp")
    assert headers["Reporting-Endpoints"] == 'csp="/csp-reports"'
