"""Late forms lose nothing that was typed: after another sign-in, after the session ended, with a file that is too large."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from registry import clock
from registry.i18n import LOCALES
from registry.services.bootstrap import Registry
from tests.portal.pages import parse_page
from tests.portal.people import Person
from tests.portal.test_account_pages import app, code_of, opened
from tests.services.people import PASSWORD

__all__ = ["app", "opened"]
pytestmark = pytest.mark.once
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
LATER = dt.timedelta(hours=13)  # an unused session has ended
OURS = {"Sec-Fetch-Site": "same-origin"}


def hidden(answer: TestResponse) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in HIDDEN.findall(answer.get_data(as_text=True))}


@pytest.mark.parametrize("lang", LOCALES)
def test_a_form_from_before_another_sign_in_can_be_sent_again(
    app: Flask, opened: Registry, lang: str
) -> None:
    mei = Person(app, lang)
    old = mei.token()
    mei.sign_up(opened, "mei@example.com")
    typed = {"form": old, "name": "李 & 梅", "lang": lang, "password": "never shown"}
    late = mei.browser.post(f"/{lang}/account/name", data=typed, headers=OURS)
    page = parse_page(late.get_data(as_text=True))
    assert (late.status_code, page.unclosed, page.problems, len(page.all("h1"))) == (400, [], [], 1)
    assert "never shown" not in late.get_data(as_text=True)
    kept = hidden(late)
    assert kept["form"] != old
    assert (kept["name"], kept["lang"]) == ("李 & 梅", lang)
    [form] = [each for each in page.all("form") if each["action"] == f"/{lang}/account/name"]
    assert form["method"] == "post"
    assert mei.browser.post(f"/{lang}/account/name", data=kept, headers=OURS).status_code == 303
    assert "李 &amp; 梅" in mei.text("account/overview")


@pytest.mark.parametrize("said", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_a_form_of_another_site_cannot_be_sent_again(
    app: Flask, opened: Registry, said: dict[str, str]
) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    answer = mei.browser.post("/en/account/name", data={"form": "x", "name": "Evil"}, headers=said)
    assert (answer.status_code, "Evil" in answer.get_data(as_text=True)) == (400, False)
    ours = mei.browser.post(
        "/en/account/name", data={"form": "x", "name": "Mine"}, headers={"Origin": "http://localhost"}
    )
    assert (ours.status_code, "Mine" in ours.get_data(as_text=True)) == (400, True)


@pytest.mark.parametrize("factor", [False, True])
def test_typed_text_survives_the_end_of_the_session(app: Flask, opened: Registry, factor: bool) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    if factor:
        mei.text("account/set-up-factor")
        mei.send("account/set-up-factor", code=code_of(opened, "mei@example.com"))
    token = mei.token()
    with clock.frozen_at(clock.now() + LATER):
        typed = {"form": token, "name": "长 name, typed at length", "lang": "zh"}
        ended = mei.browser.post("/en/account/name", data=typed, headers=OURS)
        assert (ended.status_code, ended.location) == (307, "/en/account/sign-in?resume=/en/account/name")
        shown = mei.browser.post(ended.location, data=typed, headers=OURS)  # as a browser does by itself
        assert shown.status_code == 200
        assert "Your session has ended" in shown.get_data(as_text=True)
        given = hidden(shown) | {"email": "mei@example.com"}
        wrong = mei.browser.post("/en/account/sign-in", data=given | {"password": "wrong"})
        given = hidden(wrong) | {"email": "mei@example.com"}
        in_again = mei.browser.post("/en/account/sign-in", data=given | {"password": PASSWORD})
        if factor:
            code = code_of(opened, "mei@example.com")
            in_again = mei.browser.post("/en/account/second-factor", data=hidden(in_again) | {"code": code})
        assert in_again.status_code == 200
        assert 'action="/en/account/name"' in in_again.get_data(as_text=True)
        kept = hidden(in_again)
        assert kept["name"] == typed["name"]
        assert mei.browser.post("/en/account/name", data=kept).status_code == 303
        assert "长 name, typed at length" in mei.text("account/overview")


def test_an_action_after_the_session_ended_redirects_to_its_page(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    token = mei.token()
    with clock.frozen_at(clock.now() + LATER):
        for referer, leads in (
            ("http://localhost/en/account/overview", "?next=/en/account/overview"),
            ("https://evil.example/en/account/overview", ""),
            ("", ""),
        ):
            ended = mei.browser.post(
                "/en/account/end-session",
                data={"form": token, "session": "others"},
                headers={"Referer": referer},
            )
            assert (ended.status_code, ended.location) == (303, f"/en/account/sign-in{leads}")


@pytest.mark.parametrize("carried", ["[[", '{"a": 1}', "[1]", '[["a"]]', '"text"'])
def test_malformed_pending_forms_are_ignored(app: Flask, opened: Registry, carried: str) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    mei.send("account/sign-out")
    done = mei.send("account/sign-in", email="mei@example.com", password=PASSWORD, carried=carried)
    assert (done.status_code, done.location) == (303, "/en/workspace/home")


def test_pending_forms_are_never_sent_to_another_site(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    mei.send("account/sign-out")
    carried = {"carried": '[["name", "x"]]', "next": "https://evil.example/"}
    done = mei.send("account/sign-in", email="mei@example.com", password=PASSWORD, **carried)
    assert "evil.example" not in done.get_data(as_text=True)


def test_a_file_over_the_limit_leaves_the_form_as_it_was(app: Flask, opened: Registry) -> None:
    mei = Person(app)
    mei.sign_up(opened, "mei@example.com")
    fields = {"form": mei.token(), "number": "91330100MAWY010175", "post": "质量经理"}
    parts = [f'--cut\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    parts.append(
        '--cut\r\nContent-Disposition: form-data; name="file"; filename="licence.pdf"\r\n\r\n%PDF-1.7\n'
    )
    body = "".join(parts).encode() + bytes(21_500_000) + b"\r\n--cut--\r\n"
    response = mei.browser.post(
        "/en/workspace/claim", data=body, content_type="multipart/form-data; boundary=cut"
    )
    page = response.get_data(as_text=True)
    assert response.status_code == 400
    assert "at most 20 MB" in page
    assert 'value="91330100MAWY010175"' in page
    assert 'value="质量经理"' in page
