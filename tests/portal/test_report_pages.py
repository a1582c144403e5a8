"""Pages of reports: the form without an account, its receipt, the desk, and what a record and the quality page tell."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.web import access
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.reports import form_stamps
from registry.store.unit_of_work import unit_of_work
from tests.databases import Template
from tests.portal.pages import parse_page
from tests.portal.people import Person
from tests.services import samples
from tests.services.deciders import set_status
from tests.services.people import read_mails
from tests.services.reporters import STATEMENT, record_id, stamp_of
from tests.unit.attachments.files import pdf

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
PRESSED = re.compile(r'href="(/en/report/[^"]+)"')


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path_factory.mktemp("report_pages")) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(store: Registry) -> Flask:
    return create_app(registry=store)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def wang(app: Flask, store: Registry) -> Person:
    person = Person(app)
    person.appointed(store, "wang@example.com", "reviewer_national")
    return person


@pytest.fixture(autouse=True)
def _each_test_from_its_own_network(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(access, "client_network", lambda _site, _request: request.node.name)


def report(browser: FlaskClient, store: Registry, address: str, **typed: object) -> TestResponse:
    """Open a form, write for a minute, and send it."""
    shown = browser.get(address).text
    hidden = dict(HIDDEN.findall(shown))
    data = {**hidden, "opened": stamp_of(store), "statement": STATEMENT, "email": "", "website": "", **typed}
    return browser.post(address.partition("?")[0], data=data)


def test_every_record_page_leads_to_both_forms(browser: FlaskClient, store: Registry) -> None:
    for slug in catalogue():
        number = samples.number_of(store, slug)
        page = browser.get(f"/en/{slug}/{number}", follow_redirects=True).text
        for kind in ("error", "fake"):
            [address] = {each for each in PRESSED.findall(page) if f"/{kind}?" in each}
            form = browser.get(address.replace("&amp;", "&"))
            assert form.status_code == 200
            assert number in form.text


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("/en/brands/TB-2006-99999-9", "TB-2006-99999-9"),
        ("/en/brands/nothing", "nothing"),
        ("/en/nothing", ""),
        ("/en/verify?n=GP-2023-999999-B", "GP-2023-999999-B"),
        ("/en/verify?n=GP-2023-999999-B&n=SC10144030500001", "SC10144030500001"),
        ("/en/search?q=GP-2023-999999-B", "GP-2023-999999-B"),
        ("/en/search?q=qxzvjk", "qxzvjk"),
    ],
)
def test_what_is_not_found_can_be_reported_as_a_fake(browser: FlaskClient, address: str, typed: str) -> None:
    links = [
        each
        for each in PRESSED.findall(browser.get(address).text)
        if ("/fake" in each and "?" in each) or not typed
    ]
    assert any(typed in each for each in links)
    assert browser.get(links[0].replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["error", "fake"])
def test_the_form_is_a_page_without_a_riddle(browser: FlaskClient, lang: str, kind: str) -> None:
    answer = browser.get(f"/{lang}/report/{kind}?n=GP-2023-999999-B")
    page = parse_page(answer.text)
    assert (page.unclosed, page.problems, len(page.all("h1"))) == ([], [], 1)
    assert answer.headers["Cache-Control"] == "no-store"
    [trap] = page.all("input", name="website")
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    labelled = {each["for"] for each in page.all("label")}
    typed = [each for tag in ("input", "textarea") for each in page.all(tag) if each.get("type") != "hidden"]
    assert {each["id"] for each in typed} <= labelled
    assert "captcha" not in answer.text.casefold()


def test_a_report_leads_to_its_page(browser: FlaskClient, store: Registry, app: Flask) -> None:
    number = samples.number_of(store, "brands")
    sent = report(
        browser,
        store,
        f"/en/report/fake?{urlencode({'register': 'brands', 'n': number})}",
        seen_at="A shop in Hangzhou",
        email="reader@example.com",
        file=(io.BytesIO(pdf()), "photo.pdf"),
    )
    assert sent.status_code == 303
    receipt = browser.get(sent.location)
    assert "It has arrived. Thank you." in receipt.text
    assert all(
        each in receipt.text for each in (number, "photo.pdf", "A shop in Hangzhou", "working days left")
    )
    assert "reader@example.com" not in receipt.text
    path = sent.location.partition("?")[0]
    assert path in read_mails(store)[-1].get_content()
    elsewhere = app.test_client().get(path)
    assert (elsewhere.status_code, "It has arrived" in elsewhere.text) == (200, False)
    assert elsewhere.headers["Cache-Control"] == "no-store"
    chinese = app.test_client().get(path.replace("/en/", "/zh/"))
    assert chinese.status_code == 200
    assert app.test_client().get(path[:-1]).status_code == 404
    assert app.test_client().get(f"{path.rpartition('/')[0]}/x").status_code == 404


def test_mistakes_stand_beside_their_questions_and_nothing_is_lost(
    browser: FlaskClient, store: Registry
) -> None:
    answer = report(browser, store, "/en/report/fake?n=X-1", statement="short", seen_at="market", email="no")
    assert answer.status_code == 400
    page = parse_page(answer.text)
    assert {each["id"] for each in page.all("p") if each.get("id", "").endswith("-error")} == {
        "statement-error",
        "email-error",
    }
    assert "market" in answer.text
    photo = (io.BytesIO(pdf()), "photo.pdf")
    lost = report(browser, store, "/en/report/fake?n=X-1", statement="", file=photo)
    assert "“photo.pdf” was not taken" in lost.text
    assert "take it for a fake? This is missing" in lost.text  # a question ends with its own mark
    assert "was not taken" not in answer.text
    hidden = dict(HIDDEN.findall(answer.text))
    assert hidden["n"] == "X-1"
    assert form_stamps.read_stamp(store, hidden["opened"]) is not None


def test_programs_are_told_apart_by_the_field_and_the_time(browser: FlaskClient, store: Registry) -> None:
    filled = report(browser, store, "/en/report/error", website="http://cheap.example")
    assert (filled.status_code, "Leave this field empty" in filled.text) == (400, True)
    quick = report(browser, store, "/en/report/error", opened=stamp_of(store, seconds=0))
    assert (quick.status_code, "sooner than a person can write it" in quick.text) == (400, True)
    hidden = dict(HIDDEN.findall(quick.text))
    assert STATEMENT in quick.text
    again = {**hidden, "opened": stamp_of(store), "statement": STATEMENT, "email": "", "website": ""}
    assert browser.post("/en/report/error", data=again).status_code == 303


def test_a_network_that_reports_too_much_is_told_until_when(browser: FlaskClient, store: Registry) -> None:
    for _each in range(10):
        assert report(browser, store, "/en/report/error").status_code == 303
    refused = report(browser, store, "/en/report/error")
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert STATEMENT in refused.text


def test_the_other_language_keeps_what_is_typed(browser: FlaskClient, store: Registry) -> None:
    shown = report(browser, store, "/zh/report/fake?n=X-1", seen_at="market", switch="zh")
    assert shown.status_code == 200
    assert all(each in shown.text for each in (STATEMENT, "market", 'value="X-1"'))


def test_a_large_file_is_refused_before_it_is_read(
    browser: FlaskClient, store: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(access.MAX_UPLOAD_MEGABYTES, "public.report", -1)  # a limit of no bytes
    answer = report(browser, store, "/en/report/error", file=(io.BytesIO(pdf()), "a.pdf"))
    assert answer.status_code == 303
    assert 'id="file-error"' in browser.get(answer.location).text
    monkeypatch.undo()
    other = report(browser, store, "/en/report/error", file=(io.BytesIO(b"no file"), "a.exe"))
    assert (other.status_code, 'id="file-error"' in other.text) == (400, True)


def test_a_forged_form_is_refused(browser: FlaskClient, store: Registry) -> None:
    typed = {"opened": stamp_of(store), "statement": STATEMENT, "email": "", "website": ""}
    assert browser.post("/en/report/error", data=typed).status_code == 400


def test_unknown_kinds_and_records_out_of_publicity(browser: FlaskClient, store: Registry) -> None:
    assert browser.get("/en/report/praise").status_code == 404
    number = set_status(store, "brands", "listed")
    refused = browser.get(f"/en/report/objection?register=brands&n={number}")
    assert (refused.status_code, "is not open for objections" in refused.text) == (409, True)
    assert browser.get("/en/report/objection").status_code == 409


def test_a_report_from_the_record_to_the_answer(browser: FlaskClient, store: Registry, wang: Person) -> None:
    number = set_status(store, "brands", "listed", index=1)
    with unit_of_work(store.engine) as connection:  # as a page that was kept before
        connection.execute(
            update(Record).where(Record.number == number).values(page_version=Record.page_version + 1)
        )
    public = f"/en/brands/{number}"
    assert "Under challenge" not in browser.get(public).text
    sent = report(browser, store, f"/en/report/error?register=brands&n={number}")
    desk = wang.text("desk/reports")
    case = re.findall(
        rf'href="/en/(desk/reports/\d+)">[^<]*<span class="pz-n">{sent.location.split("/")[3]}', desk
    )[0]
    assert number in wang.text(case)
    assert "Under challenge" not in browser.get(public).text
    assert wang.send(case, act="claimed").status_code == 303
    assert wang.send(case, act="admitted").status_code == 303
    assert "Under challenge since" in browser.get(public).text
    assert "自" in browser.get(public.replace("/en/", "/zh/")).text
    assert "Under examination" in browser.get(sent.location).text
    assert sent.location.split("/")[3] in wang.text(f"desk/brands/{number}")
    bad = wang.send(case, act="answered", outcome="upheld", reply="", public_zh="", public_en="", sent_to="")
    assert (bad.status_code, "public_zh-error" in bad.text) == (400, True)
    answer = {
        "outcome": "upheld",
        "reply": "Checked; put right.",
        "public_zh": "经核对已更正。",
        "public_en": "",
    }
    assert wang.send(case, act="answered", **answer, sent_to="").status_code == 303
    page = browser.get(public).text
    assert ("Under challenge" in page, "经核对已更正。" in page, STATEMENT in page) == (False, True, False)
    receipt = browser.get(sent.location).text
    assert ("Upheld" in receipt, "Checked; put right." in receipt) == (True, True)
    again = wang.send(case, act="answered", **answer, sent_to="")
    assert (again.status_code, "answered or withdrawn meanwhile" in again.text) == (409, True)
    figures = parse_page(browser.get("/en/quality").text)
    assert len(figures.all("tr", **{"data-kind": "error"})) == 1


def test_who_sent_it_withdraws_it(browser: FlaskClient, store: Registry) -> None:
    sent = report(browser, store, "/en/report/error?n=X-2")
    path = sent.location.partition("?")[0]
    hidden = dict(HIDDEN.findall(browser.get(path).text))
    done = browser.post(path, data={**hidden, "do": "withdraw"})
    assert done.status_code == 303
    shown = browser.get(done.location).text
    assert ("It is withdrawn." in shown, STATEMENT in shown) == (True, False)
    assert browser.post(path, data={**hidden, "do": "withdraw"}).status_code == 409


def test_others_of_the_staff_see_what_is_theirs(app: Flask, store: Registry, browser: FlaskClient) -> None:
    sent = report(browser, store, "/en/report/fake?n=X-3", file=(io.BytesIO(pdf(b"/Note (y)")), "照片.pdf"))
    number = sent.location.split("/")[3]
    auditor, body, admin = Person(app), Person(app), Person(app)
    auditor.appointed(store, "auditor@example.com", "auditor")
    body.appointed(store, "body@example.com", "body")
    admin.appointed(store, "admin2@example.com", "admin")
    listed = auditor.text("desk/reports")
    assert ("You see everything here and change nothing." in listed, number in listed) == (True, True)
    case = re.findall(rf'href="/en/(desk/reports/\d+)">[^<]*<span class="pz-n">{number}', listed)[0]
    assert "Answer it" not in auditor.text(case)
    assert auditor.send(case, act="claimed").status_code == 403
    file = auditor.send(f"{case}/file", reason="supervision", words="yearly audit")
    assert (file.status_code, "attachment" in file.headers["Content-Disposition"]) == (200, True)
    for other in (body, admin):
        assert other.open("desk/reports").status_code in (403, 404)
        assert other.open(case).status_code in (403, 404)
        assert 'href="/en/desk/reports"' not in other.text("desk/bounds")


def test_a_record_page_shows_staff_the_way_to_the_desk(
    browser: FlaskClient, wang: Person, store: Registry, app: Flask
) -> None:
    number = samples.number_of(store, "brands")
    assert "<li data-desk hidden>" in browser.get(f"/en/brands/{number}").text
    assert f'href="/en/desk/brands/{number}"' in browser.get(f"/en/brands/{number}").text
    mine, theirs = Person(app), browser
    mine.appointed(store, "marked@example.com", "publisher")
    mine.open("desk")
    assert mine.browser.get_cookie("desk") is not None
    assert "Set-Cookie" not in mine.open(f"brands/{number}").headers
    mine.send("account/sign-out")
    assert mine.browser.get_cookie("desk") is None
    theirs.get("/en/account/sign-in")
    assert theirs.get_cookie("desk") is None
    found = wang.open(f"desk/find?number=http://127.0.0.1:8000/en/brands/{number}")
    assert found.location == f"/en/desk/brands/{number}"
    assert record_id(store, "brands", number)
