"""The pages of sheets of decisions: from the empty sheet to the act of the second person, in both languages; what others see."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from portal.app import create_app
from registry.accounts.model import User
from registry.accounts.policy import Actor
from registry.services import decision_sheets
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import read_transaction
from tests.databases import Template
from tests.portal.people import Person
from tests.portal.test_import_pages import read_page
from tests.services import samples
from tests.services.deciders import EVIDENCE, set_status

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("noon")]


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path_factory.mktemp("decision_sheets")) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(store: Registry) -> Flask:
    return create_app(registry=store)


def test_a_sheet_goes_through_the_pages_in_both_languages(app: Flask, store: Registry) -> None:
    wang, lin, auditor = Person(app, "zh"), Person(app, "en"), Person(app, "en")
    wang.appointed(store, "wang@example.com", "registrar")
    lin.appointed(store, "lin@example.com", "registrar")
    auditor.appointed(store, "chen@example.com", "auditor")
    listed, other = set_status(store, "brands", "listed"), set_status(store, "brands", "listed", index=1)
    for lang in ("zh", "en"):
        text = read_page(wang, "desk/sheets", lang)
        assert f'href="/{lang}/desk/sheets/empty/brands/suspended.xlsx"' in text
    empty = wang.open("desk/sheets/empty/brands/suspended.csv").get_data(as_text=True)
    assert "登记编号" in empty
    assert wang.open("desk/sheets/empty/brands/suspended.xlsx").get_data()[:2] == b"PK"
    assert wang.open("desk/sheets/empty/brands/suspended.pdf").status_code == 404
    assert lin.send("desk/sheets").status_code == 400
    lines = f"number,status_reason\n{listed},拒绝整改\n{other},<b>&\nTB-2006-99999-9,x\n"
    sent = wang.send(
        "desk/sheets",
        choice="brands/suspended",
        file=(io.BytesIO(lines.encode()), "决定.csv"),
        legal_basis="演示公告〔2026〕73号",
        decision_papers=EVIDENCE,
    )
    page = f"desk/sheets/{str(sent.location).rpartition('/')[2]}"
    assert wang.open(page).headers["Refresh"] == "2"
    decision_sheets.read_sheets(store)
    for lang, words in (
        ("zh", ("演示公告〔2026〕73号", "提交 2 项决定", "登记编号：")),
        ("en", ("Prepare 2 decisions", "Register number: ", "&lt;b&gt;&amp;")),
    ):
        text = read_page(wang, page, lang)
        assert all(word in text for word in words), lang
    assert "99999" not in read_page(wang, f"{page}?show=possible", "en")
    refused = wang.open(f"/en/{page}/rows.csv?only=refused").get_data(as_text=True)
    assert (refused.count("\n"), "number_unknown_here" in refused) == (2, True)
    assert wang.open(f"{page}/rows.xlsx").get_data()[:2] == b"PK"
    assert wang.open(f"{page}/rows.pdf").status_code == 404
    assert lin.open(page).status_code == 404  # not prepared yet
    assert wang.send(page, act="prepared").status_code == 303
    assert wang.send(page, act="prepared").status_code == 409
    assert wang.send(page, act="taken").status_code == 403
    assert "/desk/sheets/" in read_page(lin, "desk", "en")
    text = read_page(lin, page, "en")
    assert ("2 decisions wait for you" in text, 'value="taken"' in text) == (True, True)
    assert 'value="taken"' not in read_page(auditor, page, "en")
    assert auditor.send(page, act="taken").status_code == 403
    assert lin.send(page, act="returned").status_code == 400
    assert lin.send(page, act="taken").status_code == 303
    assert "Suspended" in read_page(lin, page, "en")
    assert lin.send(page, act="taken").status_code == 409
    assert "登记编号" in wang.open(f"/zh/{page}/rows.csv").get_data(as_text=True)


def test_sheets_are_shown_page_by_page(app: Flask, store: Registry) -> None:
    zhao = Person(app, "en")
    zhao.appointed(store, "zhao@example.com", "registrar")
    number = set_status(store, "brands", "listed")
    pages = []
    for _each in range(2):
        lines = io.BytesIO(f"number,status_reason\n{number},拒绝整改\n".encode())
        sent = zhao.send(
            "desk/sheets",
            choice="brands/suspended",
            file=(lines, "a.csv"),
            legal_basis="演示公告〔2026〕74号",
            decision_papers=EVIDENCE,
        )
        pages.append(f"desk/sheets/{str(sent.location).rpartition('/')[2]}")
    with read_transaction(store.engine) as connection:
        user = connection.execute(select(User.id).where(User.email == "zhao@example.com")).scalar_one()
    actor = Actor("registrar", user)
    newest = decision_sheets.list_decision_sheets(store, actor, limit=1)
    assert newest.following
    oldest = decision_sheets.list_decision_sheets(store, actor, newest.following, limit=1)
    assert [f"desk/sheets/{line.id}" for view in (newest, oldest) for line in view.sheets] == pages[::-1]
    whole = decision_sheets.list_decision_sheets(store, actor, limit=2 + len(pages))
    assert whole.following is None
    assert whole.sheets[:2] == newest.sheets + oldest.sheets
    text = read_page(zhao, f"desk/sheets?next={newest.following}", "en")
    assert [f'"/en/{page}"' in text for page in pages] == [True, False]
    assert "First page" in text
    assert zhao.open("desk/sheets?next=x").status_code == 400
