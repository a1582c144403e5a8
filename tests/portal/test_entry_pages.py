"""New records at the desk in the browser: form, check, file, second person; errors beside their fields; refused for the rest."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from registry.services.bootstrap import Registry
from tests.portal.people import Person
from tests.portal.workspaces import app, opened
from tests.services.people import ONE_PIXEL_PNG

__all__ = ["app", "opened"]
TYPED = {
    "f-notice_no": "演示部公告2026年第7号",
    "f-title_zh": "关于名单的公告",
    "f-authority_zh": "演示部",
    "f-issued_on": "2026-11-20",
    "f-text_zh": "第一行\n第二行",
    "evidence": "签发稿，存档案室",
}


@pytest.fixture
def people(app: Flask, opened: Registry) -> Iterator[tuple[Person, Person]]:
    first, second = Person(app), Person(app)
    first.appointed(opened, "wang@example.com", "publisher")
    second.appointed(opened, "mei@example.com", "registrar")
    return first, second


def test_a_notice_is_entered_checked_and_published_by_another(
    app: Flask, people: tuple[Person, Person]
) -> None:
    first, second = people
    assert "desk/new/notices" in first.open("desk").text
    form = first.open("desk/new/notices")
    assert 'name="f-text_zh"' in form.text
    wrong = first.send("desk/new/notices", **{**TYPED, "f-title_zh": "", "evidence": ""}, go="check")
    assert (
        wrong.status_code,
        'id="f-title_zh-error"' in wrong.text,
        'id="evidence-error"' in wrong.text,
    ) == (
        400,
        True,
        True,
    )
    check = first.send("desk/new/notices", **TYPED, go="check")
    assert "演示部公告2026年第7号" in check.text
    assert "第二行" in check.text
    changed = first.send("desk/new/notices", **TYPED, go="change", stage="checked")
    assert 'value="演示部公告2026年第7号"' in changed.text
    prepared = first.send("desk/new/notices", **TYPED, go="prepare", stage="checked")
    path = prepared.headers["Location"].partition("/en/")[2].partition("?")[0]
    assert re.fullmatch(r"desk/entries/\d+", path)
    empty = first.send(path, act="file")
    assert (empty.status_code, 'id="file-error"' in empty.text) == (400, True)
    sent = first.send(path, act="file", file=(io.BytesIO(ONE_PIXEL_PNG), "gonggao.png"))
    assert sent.status_code == 303
    assert first.send(path, act="taken").status_code == 403
    assert path in second.open("desk").text
    page = second.open(path)
    assert "gonggao.png" in page.text
    assert second.send(f"{path}/file").status_code == 400  # without a reason
    assert second.send(f"{path}/file", reason="deciding").data[:4] == ONE_PIXEL_PNG[:4]
    assert second.send(path, act="returned", reply="").status_code == 400
    done = second.send(path, act="taken")
    assert done.status_code == 303
    link = re.search(r'href="/en/(notices/NT-2026-\d{5}-\w)"', second.open(path).text)
    assert link
    public = Person(app).open(link[1])
    assert (public.status_code, "gonggao.png" in public.text, "第二行" in public.text) == (200, True, True)
    assert second.send(path, act="taken").status_code == 409


def test_who_enters_none_is_refused(app: Flask, opened: Registry, people: tuple[Person, Person]) -> None:
    auditor = Person(app)
    auditor.appointed(opened, "zhou@example.com", "auditor")
    assert auditor.open("desk/new/notices").status_code == 404
    assert people[0].open("desk/new/brands").status_code == 404
    assert people[0].open("desk/entries/999").status_code == 404


def test_an_entry_that_was_taken_back_is_prepared_again_with_what_it_stated(
    people: tuple[Person, Person],
) -> None:
    first, second = people
    typed = {**TYPED, "f-notice_no": "演示部公告2026年第8号"}
    prepared = first.send("desk/new/notices", **typed, go="prepare", stage="checked")
    path = prepared.headers["Location"].partition("/en/")[2].partition("?")[0]
    assert second.send(path, act="back").status_code == 403
    assert first.send(path, act="back").status_code == 303
    entry = path.rpartition("/")[2]
    assert 'value="演示部公告2026年第8号"' in first.text(f"desk/new/notices?from={entry}")
    assert second.open(f"desk/new/notices?from={entry}").status_code in (403, 404)
    assert 'value="演示部公告2026年第8号"' not in first.text("desk/new/notices?from=x")
