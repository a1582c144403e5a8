"""The pages of imports: a sheet by form from its columns to its report, in both languages; what is told of mistakes; other roles."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.app import create_app
from portal.desk import imports
from registry.accounts.policy import Actor
from registry.services import importing
from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet import sheet_jobs, sheet_results
from tests.databases import Template
from tests.portal.pages import parse_page
from tests.portal.people import Person
from tests.services import samples

pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases
SHEET = (
    "approval_no,name_zh,kind,valid_from,valid_to,status,备注\n"
    "CNCA-R-2099-001,甲认证,认证,2020-01-01,2099-12-31,valid,<b>&\n"
    "CNCA-R-2099-002,乙认证,认证,2020-01-01,2099-12-31,valid,\n"
    ",丙认证,认证,,,valid,\n"
)
UPLOAD = {"register": "bodies", "source": "认监委公告", "source_date": "2026-03-31"}


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path_factory.mktemp("import_pages")) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(store: Registry) -> Flask:
    return create_app(registry=store)


@pytest.fixture(scope="module")
def pair(app: Flask, store: Registry) -> tuple[Person, Person]:
    """Two registrars, one in each language."""
    wang, lin = Person(app, "zh"), Person(app, "en")
    wang.appointed(store, "wang@example.com", "registrar")
    lin.appointed(store, "lin@example.com", "registrar")
    return wang, lin


def work(store: Registry) -> None:
    turns = importing.ImportWork(store)
    sheet_jobs.run_sheet_jobs_once(store, besides=turns.turn)
    turns.end()


def hand_in(person: Person, text: str = SHEET, name: str = "机构.csv") -> str:
    sent = person.send("desk/imports", file=(io.BytesIO(text.encode()), name), **UPLOAD)
    assert sent.status_code == 303, sent.get_data(as_text=True)
    return f"desk/imports/{str(sent.location).rpartition('/')[2]}"


def read_page(person: Person, page: str, lang: str) -> str:
    """A page that is well formed, in its language, and not cached."""
    opened = person.open(f"/{lang}/{page}")
    text = opened.get_data(as_text=True)
    assert (opened.status_code, opened.headers["Cache-Control"]) == (200, "no-store")
    assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}"' in text
    parsed = parse_page(text)
    assert (len(parsed.all("h1")), parsed.problems, parsed.unclosed) == (1, [], [])
    return text


def test_imports_are_shown_page_by_page(store: Registry, pair: tuple[Person, Person]) -> None:
    wang, _lin = pair
    pages = [hand_in(wang) for _each in range(2)]
    actor = Actor("auditor", 1)
    newest = importing.list_imports(store, actor, limit=1)
    assert newest.following
    oldest = importing.list_imports(store, actor, newest.following, limit=1)
    assert [f"desk/imports/{line.id}" for view in (newest, oldest) for line in view.imports] == pages[::-1]
    whole = importing.list_imports(store, actor, limit=len(pages) + 100)
    assert whole.following is None
    assert whole.imports[:2] == newest.imports + oldest.imports
    text = read_page(wang, f"desk/imports?next={newest.following}", "en")
    assert [f'"/en/{page}"' in text for page in pages] == [True, False]
    assert "First page" in text
    assert wang.open("desk/imports?next=x").status_code == 400


def test_a_sheet_goes_through_the_pages_in_both_languages(
    store: Registry, pair: tuple[Person, Person]
) -> None:
    wang, lin = pair
    page = hand_in(wang)
    assert wang.open(page).headers["Refresh"] == str(imports.LOOK_AGAIN_SECONDS)
    work(store)
    for lang, word in (("zh", "各列的读取方式"), ("en", "How the columns are read")):
        text = read_page(wang, page, lang)
        assert word in text
        assert 'value="approval_no" selected' in text
        assert "&lt;b&gt;&amp;" in text
    wrong = wang.send(page, act="check", c_1="approval_no", **{"c-1": "approval_no"})
    assert wrong.status_code == 400
    assert 'href="#c-1"' in wrong.get_data(as_text=True)
    assert wang.send(page, act="check", save_as="月报").status_code == 303
    work(store)
    for lang, words in (
        ("zh", ("由另一位有导入权限的人员", "未通过")),
        ("en", ("another person", "Refused")),
    ):
        text = read_page(wang, page, lang)
        assert all(word in text for word in words)
        assert 'value="run"' not in text
    assert wang.send(page, act="run").status_code == 403
    assert "waits for a second person" in lin.text("desk")
    assert 'value="run"' in read_page(lin, page, "en")
    assert lin.send(page, act="check").status_code == 403
    assert lin.send(page, act="run").status_code == 303
    assert lin.send(page, act="run").status_code == 409
    work(store)
    for lang, word in (("zh", "各行的结果"), ("en", "What became of the rows")):
        assert word in read_page(lin, page, lang)
        created = read_page(lin, f"{page}?show=created", lang)
        assert re.search(rf'href="/{lang}/bodies/CNCA-R-2099-001/history"', created)
        assert wang.open(f"/{lang}/bodies/CNCA-R-2099-001").status_code == 200
    rows = lin.open(f"{page}/rows.csv?only=refused")
    assert rows.content_type == "text/csv; charset=utf-8"
    assert rows.get_data(as_text=True).count("\n") == 2
    assert lin.open(f"{page}/rows.xlsx").get_data()[:2] == b"PK"
    assert lin.open(f"{page}/rows.pdf").status_code == 404
    again = hand_in(lin)
    work(store)
    assert lin.send(again, act="check").status_code == 303
    work(store)
    text = read_page(lin, again, "en")
    assert "The same file was imported on" in text
    assert "The sheet would change nothing." in text
    assert lin.send(again, act="cancel").status_code == 303
    assert lin.send(again, act="cancel").status_code == 409
    listed = read_page(wang, "desk/imports", "zh")
    assert "已导入" in listed
    assert "已取消" in listed


def test_a_sheet_is_read_in_another_way(store: Registry, pair: tuple[Person, Person]) -> None:
    wang, _lin = pair
    page = hand_in(wang, "批准号,字号\nCNCA-R-2099-009,壬\n")
    work(store)
    wrong = wang.send(page, act="read", header_row="x")
    assert (wrong.status_code, 'href="#header_row"' in wrong.get_data(as_text=True)) == (400, True)
    chosen = {"c-0": "approval_no", "c-1": "name_zh"}
    assert wang.send(page, act="check", save_as="两列", **chosen).status_code == 303
    work(store)
    assert "saved:两列" in wang.text(page)
    assert wang.send(page, act="read", mapping="saved:两列").status_code == 303
    work(store)
    assert wang.send(page, act="forget", mapping="saved:两列").status_code == 303
    assert "saved:两列" not in wang.text(page)
    assert wang.send(page, act="forget", mapping="saved:两列").status_code == 404
    switched = wang.send(f"/en/{page}", switch="1", **{"c-1": "name_en"})
    assert 'value="name_en" selected' in switched.get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "anchor"),
    [({"file": ""}, "file"), ({"source": ""}, "source"), ({"source_date": "x"}, "source_date")],
)
def test_a_mistake_is_told_at_its_field(
    pair: tuple[Person, Person], typed: dict[str, str], anchor: str
) -> None:
    sent = {**UPLOAD, "file": (io.BytesIO(SHEET.encode()), "a.csv"), **typed}
    answer = pair[0].send("desk/imports", **sent)
    assert (answer.status_code, f'href="#{anchor}"' in answer.get_data(as_text=True)) == (400, True)


def test_results_that_take_longer_are_asked_for_again(
    store: Registry, pair: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    wang, _lin = pair
    page = hand_in(wang)
    work(store)
    wang.send(page, act="check")
    work(store)
    monkeypatch.setattr(sheet_results, "WAIT_SECONDS", 0.0)
    with sheet_results.hold_file_lock(sheet_results.SHEETS_LOCK, store.settings.data_dir):
        answer = wang.open(f"{page}/rows.csv")
        assert (answer.status_code, "rows.csv" in answer.headers["Refresh"]) == (202, True)
    work(store)
    assert wang.open(f"{page}/rows.csv").status_code == 200


def test_other_roles_have_no_imports_and_auditors_read_them(
    app: Flask, store: Registry, pair: tuple[Person, Person]
) -> None:
    page = hand_in(pair[0])
    work(store)
    for name, role in (("zhao", "publisher"), ("qian", "admin"), ("sun", "reviewer_national")):
        person = Person(app)
        person.appointed(store, f"{name}@example.com", role)
        for address in ("desk/imports", page, f"{page}/rows.csv"):
            assert person.open(address).status_code == 404
        assert "desk/imports" not in person.text("desk/role")
    auditor = Person(app)
    auditor.appointed(store, "li@example.com", "auditor")
    assert 'id="file"' not in read_page(auditor, "desk/imports", "en")
    assert 'id="c-0"' not in read_page(auditor, page, "en")
    assert auditor.send("desk/imports", file=(io.BytesIO(b"a,b"), "a.csv"), **UPLOAD).status_code == 404
    assert auditor.send(page, act="cancel").status_code == 403
