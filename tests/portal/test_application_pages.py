"""The pages of an application: for its holder, at the desk, and for the public, who sees nothing before the notice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

from portal.app import create_app
from portal.desk import applications as desk_applications
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from tests.portal.applications import (
    BASE,
    CANARY,
    ORIGIN,
    RIGHTS,
    ROMANISED,
    STORY,
    TITLE,
    answer,
    apply_for,
    begin,
    content,
    hand_in,
    hidden,
    submit,
)
from tests.portal.pages import parse_page
from tests.portal.people import Person
from tests.services import deciders
from tests.services.applicants import EVIDENCE, monday
from tests.services.deciders import EVIDENCE as PAPERS
from tests.services.members import SLUG, firm, sign_up_owner
from tests.services.people import PASSWORD, read_mails
from tests.services.transition_tables import application_in

__all__ = ["firm", "monday"]
pytestmark = pytest.mark.once
NOTICE = {
    "f-legal_basis": "商流通规发〔2023〕6号",
    "f-notice_date": "2026-11-30",
    "f-objections_until": "2026-12-21",
    "f-batch": "4",
}
SEARCHED = (quote(CANARY), quote(STORY), "171188", "Jilan")
PUBLIC_DOORS = (
    "/{lang}/",
    "/{lang}/brands",
    "/{lang}/brands?status=publicity",
    "/{lang}/brands?status=submitted",
    "/{lang}/statistics",
    "/{lang}/statistics/brands",
    "/{lang}/statistics/brands/status.csv",
    "/{lang}/feeds/brands.atom",
    "/{lang}/quality",
    "/{lang}/searches",
    "/{lang}/registers",
    "/{lang}/organisations/" + SLUG,
    "/{lang}/organisations/" + SLUG + "/history",
    "/{lang}/feeds/organisations/" + SLUG + ".atom",
    "/api/v1/registers",
    "/api/v1/registers/brands",
    "/api/v1/registers/brands/records",
    "/api/v1/registers/brands/records?status=submitted",
    "/api/v1/statistics",
    "/api/v1/statistics/brands",
    "/exports/brands.csv",
    "/exports/brands.jsonl",
    "/exports/brands.xlsx",
    "/exports/all.jsonl.gz",
    "/sitemap.xml",
    "/sitemap-1.xml",
    "/metrics",
)
SEARCHES = (
    "/{lang}/search?q={words}",
    "/{lang}/brands?q={words}&ended=1",
    "/{lang}/verify?n={words}",
    "/{lang}/feeds/search.atom?q={words}",
    "/api/v1/search?q={words}",
    "/api/v1/suggest?q={words}",
    "/exports/search.csv?q={words}",
)


@pytest.fixture
def app(firm: Registry) -> Flask:
    return create_app(registry=firm)


@pytest.fixture
def mei(app: Flask, firm: Registry) -> Person:
    email = sign_up_owner(firm).email
    person = Person(app)
    person.send("account/sign-in", email=email, password=PASSWORD)
    return person


@pytest.fixture
def desk(app: Flask, firm: Registry) -> dict[str, Person]:
    """Two registrars of the national level, one of whom gives the opinion of a province, and an auditor."""
    found = {}
    for name, role in (
        ("province", "registrar"),
        ("wang", "reviewer_national"),
        ("lin", "reviewer_national"),
        ("zhao", "auditor"),
    ):
        found[name] = Person(app)
        found[name].appointed(firm, f"{name}@example.com", role)
    return found


def papers(person: Person, page: str) -> dict[str, str]:
    """The papers that a form asks for, and the revision that it was made from."""
    form = person.text(page)
    asked = re.findall(r'<textarea[^>]* name="(paper-\d)"', form)
    return {**dict.fromkeys(asked, PAPERS), "revision": hidden("revision", form)}


def step(person: Person, number: str, key: str, **typed: str) -> None:
    page = f"desk/applications/{number}/{key}"
    sent = person.send(page, **papers(person, page), **typed)
    assert sent.status_code == 303, sent.text


def take(person: Person, number: str) -> None:
    page = f"desk/applications/{number}"
    pending = re.findall(r'name="step" value="(\d+)"', person.text(page))[0]
    assert person.send(page, act="taken", step=pending).status_code == 303


def public_doors() -> Iterator[str]:
    for lang in ("zh", "en"):
        for door in PUBLIC_DOORS:
            yield door.format(lang=lang)
        for door in SEARCHES:
            yield from (door.format(lang=lang, words=words) for words in SEARCHED)


def told_in_public(app: Flask, folder: Path) -> list[str]:
    """The public doors that say something of the application, beyond the words of a search itself."""
    visitor = Person(app)
    telling = []
    for door in public_doors():
        answered = visitor.open(door)
        assert answered.status_code < 500, door
        text = (
            answered.get_data(as_text=True)
            if answered.mimetype.startswith(("text", "application/json"))
            else ""
        )
        searched = "q=" in door or "n=" in door
        words = ("TB-20", STORY) if searched and quote(STORY) not in door else ("TB-20", CANARY, STORY)
        if any(word in text for word in words if not (searched and quote(word) in door)):
            telling.append(door)
    for lang, page in (
        ("en", f"{BASE}/brands/applications/1"),
        ("en", "desk/applications/1"),
        ("en", f"{BASE}/files/1"),
    ):
        refused = visitor.open(f"/{lang}/{page}")
        if refused.status_code == 200 or CANARY in refused.text:
            telling.append(page)
    return telling


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_application_through_its_pages(
    app: Flask, firm: Registry, mei: Person, desk: dict[str, Person], tmp_path: Path, lang: str
) -> None:
    mei.lang = lang
    relay.run_relay_once(firm)
    draft = begin(mei)
    tasks = mei.text(draft)
    assert ("缺少 4 份材料" if lang == "zh" else "4 files are missing") in tasks
    assert ("提交" if lang == "zh" else "Submit") in tasks
    check = mei.open(f"{draft}/check")
    assert ("缺少材料：营业执照" if lang == "zh" else "A file is missing: Business licence") in check.text
    for kind in EVIDENCE:
        hand_in(mei, draft, kind, **({"public": "yes"} if kind == "licence" else {}))
    page = mei.text(f"{draft}/evidence")
    assert page.count("pz-hash") == 4
    own = submit(mei, draft)
    number = own.rpartition("/")[2]
    assert str(mei.open(draft).location) == own  # the draft leads to what it has become
    assert CANARY in mei.text(own)
    assert told_in_public(app, tmp_path) == []
    step(desk["province"], number, "returned", **{"reason-founded_year": "页码不清"})
    returned = mei.text(own)
    assert "页码不清" in returned
    assert "province@example.com" not in returned
    assert f'href="{own}"' in mei.text("workspace/home")
    again = str(mei.send(f"{own}/correct").location)
    assert "页码不清" in mei.text(f"{again}/origin")
    answer(mei, again, origin={**ORIGIN, "founded_year": "1902"})
    assert submit(mei, again) == own
    assert f'href="{own}"' not in mei.text("workspace/home")
    assert "1903" in desk["province"].text(f"desk/applications/{number}")
    step(desk["province"], number, "passed_locally")
    step(desk["wang"], number, "passed_experts")
    assert told_in_public(app, tmp_path) == []
    step(desk["wang"], number, "announced", **NOTICE)
    prepared = desk["lin"].text(f"desk/applications/{number}")
    assert "Objections are taken until 21 December 2026" in prepared
    assert told_in_public(app, tmp_path) == []
    take(desk["lin"], number)
    relay.run_relay_once(firm)
    [address] = re.findall(r'href="/\w+(/brands/TB-[^"]+)"', mei.text(own))
    seen = Person(app, lang).text(f"/{lang}{address}")
    assert CANARY in seen
    assert ("还有15个工作日" if lang == "zh" else "15 working days left") in seen
    assert "licence.png" in seen
    assert "founding.png" not in seen
    assert "TB-20" in Person(app).text("/en/brands")
    letters = [
        mail
        for mail in read_mails(firm)
        if {CANARY, ROMANISED} & set(re.findall(r"\w+", str(mail["Subject"])))
    ]
    assert len(letters) == 6
    desk_page = desk["zhao"].text(f"desk/applications/{number}")
    assert "You see everything here" in desk["zhao"].text("desk")
    helped = [
        f'href="/{who.lang}/desk/applications"' in who.text("desk/role")
        for who in (desk["wang"], desk["zhao"])
    ]
    assert helped == [True, False]
    assert 'name="act"' not in desk_page


def test_files_marked_as_public_can_be_had_from_the_notice_on(
    app: Flask, firm: Registry, mei: Person, desk: dict[str, Person]
) -> None:
    visitor = Person(app)
    public, private = (
        f"/texts/{hashlib.sha256(content(kind)).hexdigest()}" for kind in ("licence", "founding")
    )
    draft = begin(mei)
    for kind in EVIDENCE:
        hand_in(mei, draft, kind, **({"public": "yes"} if kind == "licence" else {}))
    own = submit(mei, draft)
    number = own.rpartition("/")[2]
    step(desk["province"], number, "passed_locally")
    step(desk["wang"], number, "passed_experts")
    page = f"desk/applications/{number}/announced"
    assert 'name="find"' in desk["wang"].text(page)
    typed = {**papers(desk["wang"], page), **NOTICE}
    for looking in (
        {"use": "f-legal_basis:演示部公告2026年第81号"},
        {"go": "find"},
        {"find": "公告", "found": ""},
    ):
        shown = desk["wang"].send(
            page, **typed, **looking
        )  # to name a notice makes no step, nor does Enter there
        assert (shown.status_code, "2026-12-21" in shown.text or 'value="21"' in shown.text) == (200, True)
    chosen = desk["wang"].send(page, **typed, use="f-legal_basis:演示部公告2026年第81号").text
    assert f"{NOTICE['f-legal_basis']}；演示部公告2026年第81号" in chosen
    step(desk["wang"], number, "announced", **NOTICE)
    assert [visitor.open(file).status_code for file in (public, private)] == [404, 404]
    take(desk["lin"], number)
    relay.run_relay_once(firm)
    [address] = re.findall(r'href="/\w+(/brands/TB-[^"]+)"', mei.text(own))
    assert [f'href="{file}"' in visitor.text(f"/en{address}") for file in (public, private)] == [True, False]
    sent = visitor.open(public)
    assert (sent.status_code, sent.get_data()) == (200, content("licence"))
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert visitor.open(private).status_code == 404


def test_the_desk_is_told_of_a_table_that_a_correction_has_emptied(
    mei: Person, desk: dict[str, Person]
) -> None:
    draft = str(mei.send(f"{BASE}/brands/begin").location)
    heritage = {"ich-0-name_zh": "青瓷烧制技艺", "ich-0-level": "city"}
    answer(mei, draft, title=TITLE, origin=ORIGIN, rights={**RIGHTS, **heritage})
    for kind in EVIDENCE:
        hand_in(mei, draft, kind)
    own = submit(mei, draft)
    number = own.rpartition("/")[2]
    case = f"desk/applications/{number}"
    assert "青瓷烧制技艺" in desk["province"].text(case)
    step(desk["province"], number, "returned", opinion="非遗项目请核实")
    again = str(mei.send(f"{own}/correct").location)
    answer(mei, again, rights={**RIGHTS, "ich-0-name_zh": "", "ich-0-level": ""})
    submit(mei, again)
    corrected = desk["province"].text(case)
    assert "青瓷烧制技艺" not in corrected
    assert "Changed since the submission before." in corrected


def test_the_buttons_beside_a_file_mark_it_and_take_it_out(mei: Person) -> None:
    draft = begin(mei)
    hand_in(mei, draft, "licence")
    page = f"{draft}/evidence"
    [file] = re.findall(r'value="public-(\d+)"', mei.text(page))
    mei.send(page, change=f"public-{file}")
    assert f'value="private-{file}"' in mei.text(page)
    mei.send(page, change=f"anything-{file}")
    assert f'value="private-{file}"' in mei.text(page)
    mei.send(page, change=f"private-{file}")
    assert f'value="public-{file}"' in mei.text(page)
    mei.send(page, change=f"remove-{file}")
    assert "licence.png" not in mei.text(page)


def test_every_page_of_an_application_is_well_formed(mei: Person, desk: dict[str, Person]) -> None:
    draft = begin(mei)
    for kind in EVIDENCE:
        hand_in(mei, draft, kind)
    pages = [(mei, page) for page in (draft, f"{draft}/evidence", f"{draft}/check", f"{BASE}/brands")]
    for person, page in pages:
        assert_well_formed(person, page)
    own = submit(mei, draft)
    number = own.rpartition("/")[2]
    for person, page in (
        (mei, own),
        (mei, f"{own}/withdraw"),
        (mei, f"{BASE}/brands"),
        (mei, "workspace/home"),
        (desk["province"], "desk"),
        (desk["province"], "desk/applications"),
        (desk["province"], f"desk/applications/{number}"),
        (desk["province"], f"desk/applications/{number}/returned"),
        (desk["province"], f"desk/applications/{number}/passed_locally"),
    ):
        assert_well_formed(person, page)


def assert_well_formed(person: Person, address: str) -> None:
    for lang in ("en", "zh"):
        person.lang = lang
        path = re.sub(r"^/(en|zh)/", f"/{lang}/", address)
        answered = person.open(path)
        assert answered.status_code == 200, path
        page = parse_page(answered.text)
        assert (page.unclosed, page.problems) == ([], []), path
        labelled = {each["for"] for each in page.all("label")}
        typed = [each for tag in ("input", "select", "textarea") for each in page.all(tag)]
        assert {
            each["id"] for each in typed if each.get("type") not in ("hidden", "radio") and "id" in each
        } <= labelled, path
        named = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
        assert sorted(named) == sorted(set(named)), path


def test_what_is_wrong_with_a_step_is_said_beside_it(mei: Person, desk: dict[str, Person]) -> None:
    number = apply_for(mei).rpartition("/")[2]
    page = f"desk/applications/{number}/returned"
    bare = desk["province"].send(page, revision="1")
    assert bare.status_code == 400
    assert 'href="#paper-0"' in bare.text
    assert 'href="#opinion"' in bare.text
    assert desk["zhao"].open(page).status_code == 404
    assert mei.open(f"desk/applications/{number}").status_code in (403, 404)
    old = desk["province"].send(page, **{**papers(desk["province"], page), "revision": "7"}, opinion="旧")
    assert old.status_code == 409
    gone = mei.send(f"{BASE}/brands/applications/{number}/withdraw")
    assert gone.status_code == 303
    assert desk["province"].open(page).status_code == 404


def test_an_answer_that_is_a_code_is_told_in_words(mei: Person, desk: dict[str, Person]) -> None:
    number = apply_for(mei).rpartition("/")[2]
    page = f"desk/applications/{number}"
    desk["province"].lang = "zh"
    shown = desk["province"].text(page)
    assert "C2110" in shown
    assert "木质家具制造" in shown


def test_an_english_reader_gets_the_english_title_and_the_chinese_beside_it(
    mei: Person, desk: dict[str, Person]
) -> None:
    draft = begin(mei)
    assert f"<b>{ROMANISED}</b>" in mei.text(f"{BASE}/brands")
    for kind in EVIDENCE:
        hand_in(mei, draft, kind)
    own = submit(mei, draft)
    number = own.rpartition("/")[2]
    for page in (mei.text(own), desk["province"].text(f"desk/applications/{number}")):
        assert (
            f'<h1 class="pz-h1">{ROMANISED}</h1>\n<p class="pz-quiet"><span lang="zh-Hans">{CANARY}</span>'
            in page
        )
        assert f"<title>{ROMANISED}, Application {number}" in page
    for lists in (mei.text(f"{BASE}/brands"), desk["province"].text("desk/applications")):
        assert ROMANISED in lists
    mei.lang = "zh"
    assert f'<h1 class="pz-h1">{CANARY}</h1>' in mei.text(f"/zh{own.removeprefix('/en')}")


def test_applications_are_shown_page_by_page(
    firm: Registry, desk: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_applications, "APPLICATIONS_ON_PAGE", 2)
    holder = deciders.staff(firm, "enterprise")
    ids = [application_in(firm, "brands", "submitted", holder) for _each in range(3)]
    first = desk["province"].text("desk/applications")
    assert [f"/desk/applications/{each}" in first for each in ids] == [True, True, False]
    [following] = re.findall(r'href="(/en/desk/applications\?next=[^"]+)"', first)
    second = desk["province"].text(following)
    assert [f"/desk/applications/{each}" in second for each in ids] == [False, False, True]
    assert ("First page" in second, "Next page" in second) == (True, False)
    assert desk["province"].open("desk/applications?next=x").status_code == 400
