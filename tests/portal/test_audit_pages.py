"""The audit log at the desk: auditors search and export it, others have no such page; its last day's hash is public."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from flask import Flask

from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.services import auditing
from registry.services.auditing import days
from registry.services.bootstrap import Registry
from tests.portal.people import Person
from tests.portal.workspaces import app, opened

__all__ = ["app", "opened"]


@pytest.fixture
def auditor(app: Flask, opened: Registry) -> Person:
    person = Person(app)
    person.appointed(opened, "zhou@example.com", "auditor")
    return person


def test_an_auditor_searches_and_exports(app: Flask, opened: Registry, auditor: Person) -> None:
    page = auditor.text("desk/audit")
    assert "Signed in" in page
    assert "zhou@example.com" in page
    found = auditor.text("desk/audit?account=zhou@example.com&action=factor_set&door=page")
    assert "Second factor set up" in found.partition("<tbody")[2].partition("</tbody>")[0]
    assert "Signed in" not in found.partition("<tbody")[2].partition("</tbody>")[0]
    assert "No entry answers this question." in auditor.text("desk/audit?subject=none")
    file = auditor.open("desk/audit/entries.csv?action=factor_set")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="pinzheng-audit-')
    assert file.headers["Cache-Control"] == "no-store"
    assert "Second factor set up" in file.text
    assert "Entries of the audit log were exported" in auditor.text("desk/audit")


@pytest.mark.parametrize("path", ["desk/audit", "desk/audit/entries.csv"])
def test_a_question_that_cannot_be_answered_is_told_at_its_field(
    app: Flask, opened: Registry, auditor: Person, path: str
) -> None:
    wrong = auditor.open(f"{path}?since=<b>&before=x")
    assert wrong.status_code == 400
    assert "“&lt;b&gt;” is not a date" in wrong.text
    assert 'id="since-error"' in wrong.text
    assert "<title>Error" in wrong.text


def test_older_entries_keep_the_question(
    app: Flask, opened: Registry, auditor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing.trail, "PAGE_SIZE", 1)
    page = auditor.text("desk/audit?role=auditor")
    assert "/en/desk/audit?role=auditor&amp;before=" in page


@pytest.mark.parametrize("role", ["registrar", "admin", "publisher"])
def test_others_have_no_audit_log(app: Flask, opened: Registry, role: str) -> None:
    person = Person(app)
    person.appointed(opened, "mei@example.com", role)
    for path in ("desk/audit", "desk/audit/entries.csv", "desk/audit/2026-03-02.jsonl"):
        assert person.open(path).status_code in (403, 404)
    assert "/desk/audit" not in person.text("account/overview")


def test_a_finished_day_is_downloaded_and_its_hash_is_public(
    app: Flask, opened: Registry, auditor: Person
) -> None:
    assert "No day has a hash yet" in auditor.text("desk/audit")
    with clock.frozen_at(clock.now() + dt.timedelta(days=2)):
        days.close_days(opened)
    day = auditing.list_days(opened, ANONYMOUS)[-1]
    assert day.hash in auditor.text("desk/audit")
    file = auditor.open(f"desk/audit/{day.day.isoformat()}.jsonl")
    assert hashlib.sha256(file.data).hexdigest() == day.hash
    assert auditing.list_days(opened, ANONYMOUS)[0].hash in app.test_client().get("/en/status").text
    for wrong in ("2001-01-01", "x"):
        assert auditor.open(f"desk/audit/{wrong}.jsonl").status_code == 404
