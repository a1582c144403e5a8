"""The log of a whole session, at its most talkative: no password, key, link, cookie or address is in it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.app import create_app
from registry.observing import log_lines
from registry.observing.log_lines import LogChoice, configure_logs
from registry.services.bootstrap import open_registry
from registry.services.mail import delivery
from tests.databases import Template
from tests.logging_state import kept_logging
from tests.portal.people import Person
from tests.services.people import PASSWORD, read_mails, token_of

ADDRESS, STAFF = "li.mei@enterprise.example", "reviewer@authority.example"
BEARER = "3Hk9_aB-xQz7TnVw2LpRsYc5DfGjMu8EoKi4Zt1NbAq"
EVERYTHING = LogChoice(level="debug", access=True, slow_ms=1)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr(log_lines._StandardError, "stream", stream)
    with kept_logging():
        configure_logs(EVERYTHING, "web")
        yield stream


def test_a_whole_session_leaves_no_secret(template: Template, tmp_path: Path, lines: io.StringIO) -> None:
    with template.copy(tmp_path / "data") as settings:
        registry = open_registry(replace(settings, log=EVERYTHING))
        app = create_app(registry=registry)

        def fail(secret: str) -> str:
            raise RuntimeError(f"{secret} of {ADDRESS} at postgresql://pinzheng:{PASSWORD}@db/x")

        app.add_url_rule("/zh/fails/<secret>", "fails", fail)
        mei, staff = Person(app, "zh"), Person(app, "en")
        mei.sign_up(registry, ADDRESS)
        link = token_of(read_mails(registry)[-1])
        mei.open("workspace/home")
        cookie = mei.browser.get_cookie("pinzheng")
        mei.send("account/sign-out")
        mei.send("account/sign-in", email=ADDRESS, password="wrong-" + PASSWORD)
        mei.send("account/forgotten", email=ADDRESS)
        delivery.deliver_letters(registry)
        again = token_of(read_mails(registry)[-1])
        mei.send(f"account/new-password/{again}", password=PASSWORD)
        staff.appointed(registry, STAFF, "reviewer_city")
        bearer = {"Authorization": f"Bearer {BEARER}", "Idempotency-Key": BEARER}
        mei.browser.post("/api/v1/registers/declarations/records", json={}, headers=bearer)
        assert mei.open(f"/zh/fails/{BEARER}").status_code == 500
        assert cookie is not None
    written = lines.getvalue()
    secrets = [PASSWORD, link, again, link.partition(".")[2], cookie.value, BEARER, ADDRESS, STAFF]
    assert [secret for secret in secrets if secret and secret in written] == []
    assert written.count("message=answered") > 15
    assert "user=staff" in written
    assert "path=/<lang>/account/finish/<token> status=303" in written
    assert "RuntimeError: *** of ***@*** at postgresql://pinzheng:***@db/x" in written
