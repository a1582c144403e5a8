"""The pages of random checks: announced, drawn and published through forms, refused by role, seen from outside and recomputed from its files."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from registry import clock
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from tests.databases import Template
from tests.portal.people import Person
from tests.services import samples

NOW = dt.datetime.now(dt.UTC)  # as the entries of the samples
DRAW_DAY, CHECK_DAY, UNTIL = (
    (NOW + dt.timedelta(days=days)).astimezone(clock.SHANGHAI).date().isoformat() for days in (2, 3, 60)
)
FORM = {
    "register": "green-products",
    "title_zh": "证书抽查（演示）",
    "title_en": "Check of certificates (demo)",
    "size": "1",
    "names": "周敏\n吴刚",
    "figure_zh": "上证综合指数收盘点位",
    "figure_en": "Closing value of the SSE Composite Index",
    "figure_count": "1",
    "source": "https://www.sse.com.cn/",
    "seed_on": DRAW_DAY,
    "results_until": UNTIL,
}


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path_factory.mktemp("check_pages")) as registry:
        yield registry


@pytest.fixture(scope="module")
def app(store: Registry) -> Flask:
    return create_app(registry=store)


@pytest.fixture(scope="module")
def people(app: Flask, store: Registry) -> dict[str, Person]:
    found = {}
    for name, role in (
        ("wang", "reviewer_national"),
        ("lin", "reviewer_national"),
        ("zhao", "auditor"),
        ("sun", "inspector"),
        ("body", "body"),
    ):
        found[name] = Person(app)
        found[name].appointed(store, f"{name}@example.com", role)
    return found


def test_each_role_is_shown_what_it_may_do(people: dict[str, Person]) -> None:
    assert "desk/checks/new" in people["wang"].text("desk/checks")
    for name in ("zhao", "sun"):
        assert "desk/checks/new" not in people[name].text("desk/checks")
        assert people[name].open("desk/checks/new").status_code == 404
    assert str(people["sun"].open("desk").location).endswith("/en/desk/checks")
    for page in ("desk/checks", "desk/checks/new", "desk/checks/1", "desk/checks/1/1"):
        assert people["body"].open(page).status_code == 404


def _recomputed(outside: Person, number: str, folder: Path) -> str:
    """Recompute a draw from what anybody may download; return the number of the one drawn record."""
    check = outside.browser.get(f"/checks/{number}/check.json")
    files = {
        "check.json": check,
        "population.json": outside.browser.get(f"/checks/{number}/population.json"),
        "recompute_draw.py": outside.browser.get("/checks/recompute_draw.py"),
    }
    for name, response in files.items():
        (folder / name).write_bytes(response.data)
    run = [sys.executable, "-I", "recompute_draw.py", "check.json", "population.json"]
    assert subprocess.run(run, cwd=folder, check=False).returncode == 0
    [drawn] = check.get_json()["draw"]["sample"]
    return str(drawn["number"])


def test_from_the_announcement_to_the_published_result(
    people: dict[str, Person], app: Flask, store: Registry, tmp_path: Path
) -> None:
    wang, outside = people["wang"], Person(app)
    shown = wang.send("desk/checks/new", go="check", **FORM)
    assert (shown.status_code, "Announce it" in shown.text) == (200, True)
    assert "register=green-products" in wang.text("desk/checks/new")
    assert "record" in wang.text("desk/checks/new?register=green-products")
    wrong = wang.send("desk/checks/new", go="check", **FORM | {"seed_on": "2020-01-01", "title_zh": ""})
    assert (wrong.status_code, "Choose a day after today" in wrong.text) == (400, True)
    assert "Title in Chinese: This is missing." in wrong.text
    assert "No check has been announced yet." in outside.text("checks")
    announced = wang.send("desk/checks/new", go="announce", **FORM)
    page = str(announced.location).partition("?")[0]
    relay.run_relay_once(store)
    assert "The check is announced." in wang.text(f"{page}?done=announced")
    listed = outside.browser.get("/checks.json").get_json()["checks"]
    number = listed[0]["number"]
    assert "Announced, not drawn yet" in outside.text(f"checks/{number}")
    assert str(outside.open(f"checks/{number.lower()}").location).endswith(f"/checks/{number}")
    assert f"/checks/{number}" in outside.browser.get("/sitemap.xml").text
    assert outside.open("checks/RC-2020-000001-0").status_code == 404
    with clock.frozen_at(NOW + dt.timedelta(days=3)):
        wang, lin, zhao, sun = (Person(app) for _each in range(4))  # sessions end meanwhile
        for person, role in (
            (wang, "reviewer_national"),
            (lin, "reviewer_national"),
            (zhao, "auditor"),
            (sun, "inspector"),
        ):
            person.appointed(store, f"{role}-{id(person)}@example.com", role)
        bad = lin.send(page, act="draw", figure="soon")
        assert (bad.status_code, "Write the figure as numbers" in bad.text) == (400, True)
        assert lin.send(page, act="draw", figure="3,105.60").status_code == 303
        assert lin.send(page, act="draw", figure="3,105.60").status_code == 409
        relay.run_relay_once(store)
        of_record = f"green-products/{_recomputed(outside, number, tmp_path)}"
        assert "No result yet" in outside.text(of_record)
        form = f"{page}/1"
        empty = wang.send(form, act="record", result="failed", done_on=CHECK_DAY)
        assert (empty.status_code, "What was found, in Chinese: This is missing." in empty.text) == (
            400,
            True,
        )
        typed = {"findings": "标签有误（演示）。", "article": "《认证认可条例》第二十五条"}
        sent = wang.send(form, act="record", result="failed", done_on=CHECK_DAY, **typed)
        assert sent.status_code == 303
        assert "标签有误" not in outside.text(f"checks/{number}")
        assert wang.send(form, act="publish").status_code == 403
        assert lin.send(form, act="return", reply="").status_code == 400
        assert "Publish the result" in lin.text(form)
        assert "Your role reads everything" in zhao.text(form)
        assert "You were not drawn as inspector" in sun.text(form)
        assert lin.send(form, act="publish").status_code == 303
        relay.run_relay_once(store)
        for lang, words in (("en", "Problem found"), ("zh", "发现问题")):
            outside.lang = lang
            assert words in outside.text(f"checks/{number}")
            assert words in outside.text(of_record)


def test_a_check_is_cancelled_with_its_reason(app: Flask, store: Registry) -> None:
    wang = Person(app)
    wang.appointed(store, "zhou@example.com", "reviewer_national")
    announced = wang.send("desk/checks/new", go="announce", **FORM)
    page = str(announced.location).partition("?")[0]
    assert wang.send(page, act="cancel", reason=" ").status_code == 400
    assert wang.send(page, act="cancel", reason="当日休市（演示）").status_code == 303
    relay.run_relay_once(store)
    newest = Person(app).browser.get("/checks.json").get_json()["checks"][0]
    assert (newest["state"], newest["drawn"]) == ("cancelled", 0)
    assert "当日休市（演示）" in Person(app, "zh").text(f"checks/{newest['number']}")
