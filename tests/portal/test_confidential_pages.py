"""What is confidential at the doors: no public page, list, file or answer tells it, and staff see it for a reason only."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from registry.accounts.model import User
from registry.accounts.policy import Actor
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from registry.store.unit_of_work import read_transaction
from tests.portal.people import Person
from tests.portal.workspaces import app, fill_in_draft, opened, owner, publish_draft
from tests.services import applicants
from tests.services.reporters import hand_in

__all__ = ["app", "opened"]
CLAIMANT, NAME, SIGNER = "mei@example.com", "李梅", "王强"
REPORTER, SEEN = "whistle@canary.example", "金丝雀路7号门店"
CANARIES = (CLAIMANT, NAME, SIGNER, REPORTER, SEEN, "金丝雀故事", "质量经理")
STARTS = (
    "/zh/",
    "/en/",
    "/en/open-data",
    "/en/quality",
    "/sitemap.xml",
    "/api/v1/registers",
    "/api/v1/log/entries",
)
LINK = re.compile(r"""(?:href|src|action)="([^"#]+)|<loc>([^<]+)|"(?:url|href|next|path)":\s?"([^"]+)""")
MAX_PAGES = 700


@pytest.fixture
def world(app: Flask, opened: Registry) -> str:
    """An owner with a claim, a declaration, an application and a report about it; returns the number of the declaration."""
    mei = owner(app, opened)
    number = publish_draft(mei, fill_in_draft(mei))
    with read_transaction(opened.engine) as connection:
        user = connection.execute(select(User.id).where(User.email == CLAIMANT)).scalar_one()
    with applicants.clock.frozen_at(applicants.MONDAY):
        applicants.apply_for(opened, SimpleNamespace(actor=Actor("enterprise", user)))  # type: ignore[arg-type]
    hand_in(opened, "fake", number, register="declarations", email=REPORTER, seen_at=SEEN)
    relay.run_relay_once(opened)
    return number


def told(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def test_no_public_door_tells_anything_of_a_person(app: Flask, opened: Registry, world: str) -> None:
    browser, waiting, seen = app.test_client(), list(STARTS), set(STARTS)
    waiting += [f"/en/declarations/{world}", f"/api/v1/registers/declarations/records/{world}"]
    pages, wrong = 0, []
    while waiting and pages < MAX_PAGES:
        address = waiting.pop(0)
        answer = browser.get(address)
        pages += 1
        body = answer.get_data().decode("utf-8", "replace")
        found = told(body)
        wrong += [(address, found)] if found else []
        for each in LINK.findall(body):
            target = urlsplit(html.unescape(next(filter(None, each))))
            path = target.path + (f"?{target.query}" if target.query else "")
            own = path.startswith("/") and target.netloc in ("", "127.0.0.1:8000")
            if own and path not in seen and "/static/" not in path and "display" not in path:
                seen.add(path)
                waiting.append(path)
    assert wrong == []
    assert pages > 150
    for asked in (NAME, SIGNER, CLAIMANT):  # it is repeated as a question, and finds nothing
        assert world not in browser.get(f"/en/search?q={asked}").text
    assert any(path.startswith("/en/declarations/") for path in seen)


def test_the_desk_masks_people_until_a_reason_is_given(app: Flask, opened: Registry, world: str) -> None:
    wang, zhou = Person(app), Person(app)
    wang.appointed(opened, "lin@example.com", "registrar")
    zhou.appointed(opened, "zhou@example.com", "auditor")
    for person, path in (
        (wang, "desk/claims"),
        (wang, "desk/claims/1"),
        (wang, "desk/reports/1"),
        (wang, f"desk/declarations/{world}"),
        (zhou, "desk/applications/1"),
        (zhou, "desk/audit"),
        (zhou, "desk/audit/entries.csv"),
    ):
        page = person.open(path)
        assert (
            path,
            page.status_code,
            [each for each in told(page.text) if each in (CLAIMANT, NAME, SIGNER, REPORTER)],
        ) == (
            path,
            200,
            [],
        )
    assert "w***@canary.example" in wang.text("desk/reports/1")
    with read_transaction(opened.engine) as connection:
        account = connection.execute(select(User.id).where(User.email == CLAIMANT)).scalar_one()
    for person, path, expected in (
        (wang, "desk/claims/1/person", CLAIMANT),
        (wang, "desk/reports/1/sender", REPORTER),
        (zhou, "desk/applications/1/signer", SIGNER),
        (zhou, f"desk/audit/accounts/{account}", CLAIMANT),
    ):
        asked = person.open(path)
        assert (asked.status_code, expected in asked.text, "Back to the case" in asked.text) == (
            200,
            False,
            True,
        )
        refused = person.send(path, reason="", words="")
        assert refused.status_code == 400
        assert "Choose why you need to see it." in html.unescape(refused.text)
        assert person.send(path, reason="supervision", words="no").status_code == 400
        shown = person.send(path, reason="supervision", words="Annual audit <b>7</b>")
        assert (shown.status_code, expected in shown.text) == (200, True)
        assert shown.headers["Cache-Control"] == "no-store"
        assert expected in person.text(path)  # for an hour
    page = zhou.text("desk/audit")
    assert "Supervision or audit" in page
    assert "Annual audit &lt;b&gt;7&lt;/b&gt;" in page
    assert 'href="/en/desk/applications/1"' in page
    for lang, words in (("zh", "监督检查或审计"), ("en", "Supervision or audit")):
        figures = app.test_client().get(f"/{lang}/quality").text
        assert words in figures
        assert told(figures) == []


def test_others_are_not_even_asked_for_a_reason(app: Flask, opened: Registry, world: str) -> None:
    paths = (
        "desk/claims/1/person",
        "desk/claims/1/proof",
        "desk/reports/1/sender",
        "desk/applications/1/signer",
        "desk/audit/accounts/1",
        f"desk/declarations/{world}/text",
        "desk/brands/none/figures",
    )
    stranger, county = Person(app), Person(app)
    stranger.sign_up(opened, "stranger@example.com")
    county.appointed(opened, "county@example.com", "reviewer_county")
    for path in paths:
        assert app.test_client().get(f"/en/{path}").status_code in (302, 303)
        for person in (stranger, county):
            for status in (person.open(path).status_code, person.send(path, reason="deciding").status_code):
                assert (path, status) in ((path, 403), (path, 404))
