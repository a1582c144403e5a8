"""Access to workspace and desk: closed to other users, pages that are not cached, uploads served as downloads."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.web import access
from registry.accounts.model import User
from registry.accounts.policy import Actor
from registry.i18n import LOCALES
from registry.kit.record import Record
from registry.registers import applied_registers, organisation_register
from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet import sheet_jobs
from registry.services.finding import synonym_admin
from registry.store.unit_of_work import unit_of_work
from tests.portal import applications
from tests.portal.pages import parse_page
from tests.portal.people import Person
from tests.portal.workspaces import BASE, app, fill_in_draft, opened, owner, proof, publish_draft
from tests.services import people
from tests.services.filers import FIRM_NUMBER

pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases
ORDERS = re.compile(r"/<lang:lang>/(?:workspace|desk)/")
__all__ = ["app", "opened"]


def test_an_upload_is_limited_in_size_and_needs_a_session(
    app: Flask, opened: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    monkeypatch.setattr(access, "MAX_BUFFERED_BODY", 300_000)

    def sent(person: Person, size: int) -> int:
        picture = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(size))
        return person.send("workspace/claim", file=(picture, "a.png")).status_code

    stranger, mei = Person(app), Person(app)
    mei.sign_up(opened, "mei@example.com")
    assert [sent(stranger, 200_000), sent(mei, 200_000), sent(mei, 400_000)] == [413, 400, 303]
    page = mei.text("workspace/claim?too_large=1")
    assert ("at most 20 MB" in page, 'name="number"' in page) == (True, True)


def test_a_proof_is_served_as_a_download(app: Flask, opened: Registry) -> None:
    mei, wang = Person(app), Person(app)
    mei.sign_up(opened, "mei@example.com")
    mei.send("workspace/claim", number=FIRM_NUMBER, post="质量经理", file=proof())
    wang.appointed(opened, "wang@example.com", "registrar")
    asked = wang.text("desk/claims/1/proof")
    assert "Open a confidential file" in asked
    assert wang.send("desk/claims/1/proof", reason="contact", words="ab").status_code == 400
    first = wang.send("desk/claims/1/proof", reason="deciding")
    sent = wang.open("desk/claims/1/proof")  # the reason holds for an hour
    assert first.get_data() == sent.get_data()
    assert (sent.status_code, sent.get_data(), sent.content_type) == (
        200,
        people.ONE_PIXEL_PNG,
        "application/octet-stream",
    )
    assert sent.headers["Content-Disposition"].startswith('attachment; filename="')
    assert "; filename*=UTF-8''%E8" in sent.headers["Content-Disposition"]
    assert (sent.headers["Cache-Control"], sent.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_workspace_and_desk_are_closed_to_other_users(app: Flask, opened: Registry) -> None:
    """Every route, every method, with numbers that exist: nobody signed in, another's account, a viewer's desk."""
    mei = owner(app, opened)
    number = publish_draft(mei, fill_in_draft(mei))
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    stranger = Person(app)
    stranger.sign_up(opened, "stranger@example.com")
    urls = app.url_map.bind("127.0.0.1")
    known: dict[str, Any] = {
        "lang": "en",
        "org": FIRM_NUMBER,
        "number": number,
        "draft": int(draft.rsplit("/", maxsplit=1)[-1]),
    }
    known |= {
        "register": "declarations",
        "of": "organisations",
        "slug": "declarations",
        "decision": 1,
        "entry": 1,
        "sheet": 1,
        "account": 1,
        "claim": 1,
        "member": 1,
        "invitation": 1,
        "key": "standard",
        "queue": "cases",
        "kind": "csv",
        "name": "medium.svg",
        "day": "2026-07-01",
        "report": 1,
        "asked": 1,
        "check": 1,
        "place": 1,
        "view": 1,
        "file": 1,
        "application": int(applications.apply_for(mei).rpartition("/")[2]),
    }
    sheet = (io.BytesIO("标准编号,产品或服务名称\n,桌\n".encode()), "a.csv")
    known["job"] = int(
        str(mei.send(f"{BASE}/sheets", file=sheet, what="check").location).rsplit("/", maxsplit=1)[-1]
    )
    known["token"] = 999
    with unit_of_work(opened.engine) as connection:
        known["record"] = connection.execute(select(Record.id).where(Record.number == number)).scalar_one()
        registrar = connection.execute(select(User.id).where(User.role == "registrar")).scalar_one()
    known["synonym"] = synonym_admin.add_synonym(
        opened,
        Actor("registrar", registrar),
        synonym_admin.WordsDraft("沙发 = sofa", "Readers search for it."),
    )
    own = {
        f"workspace.{name}" for name in ("home", "claim", "withdraw_claim", "tokens", "watch", "watch_file")
    }
    asked = 0
    for rule in app.url_map.iter_rules():
        if not ORDERS.match(rule.rule) or rule.endpoint in own:
            continue
        named = dict(known)
        if "represented_register:register" in rule.rule:
            named["register"] = organisation_register().slug
        elif "applied_register:register" in rule.rule:
            named["register"] = applied_registers()[0].slug
        address = urls.build(rule.endpoint, {name: named[name] for name in rule.arguments})
        for method in (rule.methods or set()) & {"GET", "POST"}:
            act = stranger.open if method == "GET" else stranger.send
            assert act(address).status_code == 404, (method, address)
            alone = Person(app)
            act = alone.open if method == "GET" else alone.send
            led = act(address)
            assert (led.status_code in (303, 307), "/account/sign-in" in str(led.location)) == (True, True), (
                method,
                address,
            )
            asked += 1
    assert asked >= 28
    assert mei.open(draft).status_code == 200
    assert mei.open(f"declarations/{number}").status_code == 200


@pytest.mark.parametrize("lang", LOCALES)
def test_every_workspace_page_is_well_formed_and_not_cached(app: Flask, opened: Registry, lang: str) -> None:
    mei = owner(app, opened, lang)
    number = publish_draft(mei, fill_in_draft(mei))
    draft = str(mei.send(f"{BASE}/declarations/begin", copy=number).location)
    mei.send(f"{BASE}/invite", email="wei@example.com", role="viewer", agent="1")
    pages = [
        "workspace/home",
        "workspace/claim",
        "workspace/tokens",
        f"{BASE}/people",
        f"{BASE}/invite",
        f"{BASE}/members/1",
    ]
    pages += [f"{BASE}/leave", f"{BASE}/declarations", draft, f"{draft}/check", f"{BASE}/sheets"]
    sheet = (io.BytesIO("标准编号,产品或服务名称,Colour\n,桌,red\n".encode()), "a.csv")
    job = str(mei.send(f"{BASE}/sheets", file=sheet, what="check").location)
    pages.append(job)
    assert "0 %" in mei.open(job).get_data(as_text=True)
    sheet_jobs.run_sheet_jobs_once(opened)
    assert "Colour" in mei.open(job).get_data(as_text=True)
    amendment = str(mei.send(f"{BASE}/declarations/begin", amend=number).location)
    pages += [f"{amendment}/check", f"{draft}/discard"]
    pages += [f"{draft}/{step}" for step in ("standard", "product", "indicators", "comparison", "promise")]
    pages += [
        f"{BASE}/declarations/{number}/{order}" for order in ("receipt", "withdraw", "misfiled", "still-true")
    ]
    for page in pages:
        response = mei.open(page)
        seen = parse_page(response.get_data(as_text=True))
        assert (response.status_code, seen.unclosed, seen.problems) == (200, [], []), page
        assert len(seen.all("h1")) == 1, page
        assert response.headers["Cache-Control"] == "no-store", page
        asked = {
            each["id"]
            for tag in ("input", "select", "textarea")
            for each in seen.all(tag)
            if each.get("type") != "hidden"
        }
        assert asked <= {each["for"] for each in seen.all("label")}, page
