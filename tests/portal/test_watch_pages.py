"""The pages of what is due: at the desk and in the workspace, in both languages, with filters, pages and the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from portal.web.forms import TICKED
from registry import clock
from registry.services.bootstrap import Registry, open_registry
from tests.databases import Template
from tests.portal.people import Person
from tests.portal.workspaces import owner
from tests.services.watched import CERTIFICATES, NOW, certificate, day, load, world


@pytest.fixture
def watched(template: Template, tmp_path: Path) -> Iterator[Registry]:
    with clock.frozen_at(NOW), template.copy(tmp_path / "data") as settings:
        registry = open_registry(settings)
        world(registry, tmp_path)
        rows = [
            certificate("DEMO-CGP-2025-00100", surveillance=[{"due_on": day(-2)}]),
            certificate("DEMO-CGP-2025-00101", valid_to=day(0)),
            certificate("DEMO-CGP-2025-00102", valid_to=day(1), region_code="110000"),
        ]
        load(registry, tmp_path, CERTIFICATES, rows)
        yield registry
        registry.search.close()


@pytest.fixture
def app(watched: Registry) -> Flask:
    return create_app(registry=watched)


def rows_of(page: str) -> list[str]:
    return page.partition("<tbody")[2].partition("</tbody>")[0].split("<tr")[1:]


def test_staff_see_what_is_due_with_what_can_be_done(app: Flask, watched: Registry) -> None:
    registrar = Person(app)
    registrar.appointed(watched, "wang@example.com", "registrar")
    page = registrar.text("desk/watch")
    overdue, today, tomorrow = rows_of(page)
    assert "2 days overdue" in overdue
    assert "Surveillance overdue" in overdue
    assert "Hangzhou" in overdue
    assert "/suspended" in overdue
    assert "Today is the last day" in today
    assert "1 day left" in tomorrow
    assert 'href="/en/desk/watch" aria-current="true"' in page
    assert '<option value="surveillance">Surveillance (1)</option>' in page
    shown = rows_of(registrar.text("desk/watch?watch=ends&region=11&when=soon&register=green-products"))
    assert len(shown) == 1
    assert "Nothing is due here." in registrar.text("desk/watch?watch=review")
    for asked in ("page=x&when=x&region=x&register=x", "page=99999&watch=" + "x" * 100):
        assert registrar.open(f"desk/watch?{asked}").status_code == 200
    file = registrar.open("desk/watch.csv?watch=ends")
    assert file.headers["Content-Disposition"].startswith(
        'attachment; filename="pinzheng-due-2026-11-30.csv"'
    )
    assert len(file.text.splitlines()) == 3


def test_others_have_no_such_page(app: Flask, watched: Registry) -> None:
    person, signed_out = Person(app), Person(app)
    person.sign_up(watched, "lin@example.com")
    for path in ("desk/watch", "desk/watch.csv"):
        assert person.open(path).status_code == 404
        assert signed_out.open(path).status_code == 303
    assert signed_out.open("workspace/watch").status_code == 303
    assert "Nothing is due here." in person.text("workspace/watch")
    assert "/desk/watch" not in person.text("workspace/home")


def test_an_enterprise_sees_its_own_and_ends_the_letters(app: Flask, watched: Registry) -> None:
    mei = owner(app, watched)
    assert "3 things are due on your records" in mei.text("workspace/home")
    assert "1 is overdue" in mei.text("workspace/home")
    page = mei.text("workspace/watch")
    assert len(rows_of(page)) == 3
    assert "/desk" not in rows_of(page)[0]
    assert len(mei.open("workspace/watch.csv").text.splitlines()) == 4
    mei.lang = "zh"
    assert "已逾期 2 天" in mei.text("workspace/watch")
    mei.lang = "en"
    assert 'name="wanted"' in mei.text("account/due-letters")
    assert " checked" in mei.text("account/due-letters")
    assert mei.send("account/due-letters").location == "/en/account/overview"
    assert " checked" not in mei.text("account/due-letters")
    assert mei.send("account/due-letters", wanted=TICKED).status_code == 303
    assert " checked" in mei.text("account/due-letters")
