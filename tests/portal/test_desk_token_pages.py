"""The page on which tokens of the desk are made: for whom, with what, and what it says of a mistake."""

from __future__ import annotations

import datetime as dt
import re

from flask import Flask

from portal.app import create_app
from registry import clock
from registry.services.bootstrap import Registry
from tests.portal.people import Person
from tests.services import people
from tests.services.people import PASSWORD

PAGE = "desk/tokens"
KEY = re.compile(r'id="key">(pz_[^<]+)<')


def test_a_token_is_made_with_both_factors_and_shown_once(registry: Registry) -> None:
    app: Flask = create_app(registry=registry)
    wang = Person(app)
    wang.appointed(registry, "wang@example.com", "reviewer_national")
    assert 'href="/en/desk/tokens"' in wang.text("desk/bounds")
    form = wang.text(PAGE)
    assert [name in form for name in ('value="decide"', 'value="see_desk"', 'value="declare"')] == [
        True,
        True,
        False,
    ]
    typed = {"name": "cases", "scope": "decide", "days": "30", "password": PASSWORD}
    bad = wang.send(PAGE, **typed, code="000000")
    assert (bad.status_code, "This code is not right" in bad.text) == (400, True)
    assert wang.send(PAGE, **{**typed, "scope": "declare"}, code="000000").status_code == 400
    with clock.frozen_at(clock.now() + dt.timedelta(minutes=1)):
        code = people.totp_code(people.secret_of(registry, "wang@example.com"), clock.now())
        made = wang.send(PAGE, **typed, code=code)
        match = KEY.search(made.text)
        assert match is not None
        assert match[1] not in wang.text(PAGE)
        assert "Work at the desk, decisions included" in wang.text(PAGE)
        assert "All organisations for which I file" not in wang.text(PAGE)
        answer = app.test_client().get("/api/v1/desk/cases", headers={"Authorization": f"Bearer {match[1]}"})
        assert answer.status_code == 200
        wang.lang = "zh"
        assert "程序办理令牌" in wang.text(PAGE)


def test_who_reads_the_desk_only_makes_no_token_that_decides(registry: Registry) -> None:
    app = create_app(registry=registry)
    zhao, firm = Person(app), Person(app)
    zhao.appointed(registry, "zhao@example.com", "auditor")
    form = zhao.text(PAGE)
    assert ('value="decide"' in form, 'value="see_desk"' in form) == (False, True)
    firm.sign_up(registry, "firm@example.com")
    assert firm.open(PAGE).status_code == 404
    assert 'value="see_desk"' not in firm.text("workspace/tokens")
