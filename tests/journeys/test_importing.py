"""A sheet is brought in at the desk by two registrars: handed in and read in English on a phone, examined and run in Chinese without a script."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from registry import clock
from tests.journeys.persons import PATIENCE, Person, Public, bring_in, readers, sign_in_staff, window

pytestmark = pytest.mark.browser
SOURCE = "演示公告2026年第9号"
HEADER = "批准号,机构全称,英文名称,类别,有效期起,有效期止,状态,页码\n"
OLD_ENGLISH, ENGLISH = "Jade Stream Testing (demo)", "Jade Creek Inspection (demo)"


def hand_in(person: Person, register: str, sheet: str) -> str:
    """Hand in a sheet; returns the address of its import, whose columns are read."""
    person.open("/desk/imports")
    person.fill({"register": register, "source": SOURCE, "source_date": clock.today().isoformat()})
    name = f"{uuid.uuid4().hex[:8]}.csv"
    person.page.set_input_files(
        "#file", {"name": name, "mimeType": "text/csv", "buffer": sheet.encode("utf-8")}
    )
    person.press("#questions button.govuk-button")
    wait_for(person, person.address, "#h-columns")
    return person.address


def wait_for(person: Person, path: str, shown: str) -> None:
    """Open a page again and again until something is on it: the work is done beside the portal."""
    until = time.monotonic() + PATIENCE
    while not person.page.locator(shown).count():
        assert time.monotonic() < until, person.page.inner_text("main")
        time.sleep(0.1)
        person.page.goto(f"{person.server}/{person.lang}{path}")


def check(person: Person, path: str, **chosen: str) -> None:
    """Say how columns are read, by their inputs, and have the rows checked."""
    person.fill(chosen)
    person.press("#questions button[value=check]")
    wait_for(person, path, "#h-run")


def run(person: Person, path: str) -> None:
    """Publish the rows of an import that somebody else has handed in."""
    person.page.goto(f"{person.server}/{person.lang}{path}")
    person.press("button[value=run]")
    wait_for(person, path, "main:not(:has(progress, button[value=run]))")


def bodies_of(mark: str) -> str:
    """A new body, one that has another English name since, and a row without a number."""
    rest = "认证,2020-01-01,2099-12-31,valid"
    return HEADER + (
        f"CNCA-R-2098-{mark}1,甲{mark}认证（演示）,,{rest},1\n"
        f"CNCA-R-2098-{mark}2,玉溪{mark}检测（演示）,{ENGLISH},{rest},2\n"
        f",丙{mark}认证（演示）,,{rest},3\n"
    )


def test_a_sheet_of_two_registrars(server: str, demonstrated: Path, browser: Browser, tmp_path: Path) -> None:
    mark = "10"
    new, changed = (f"CNCA-R-2098-{mark}{place}" for place in (1, 2))
    row = {"approval_no": changed, "name_zh": f"玉溪{mark}检测（演示）", "name_en": OLD_ENGLISH}
    bring_in(demonstrated, tmp_path, {"bodies": {**row, "kind": "认证", "status": "valid"}})
    with (
        window(browser, server, "en", scripted=True) as lin,
        window(browser, server, "zh", scripted=False) as wang,
        readers(browser, server) as both,
    ):
        sign_in_staff(lin, demonstrated, "registrar")
        sign_in_staff(wang, demonstrated, "registrar")
        path = hand_in(lin, "bodies", bodies_of(mark))
        lin.look("How the columns are read", f"甲{mark}认证（演示）")
        lin.in_language("zh").open(path, "各列的读取方式")
        wang.open(path, "由提交表格的人员")
        column = lin.page.locator("#questions tr:has(th:text-is('机构全称')) select").get_attribute("name")
        assert column
        check(lin, path, **{column: "name_zh", "save_as": f"机构{mark}"})
        lin.look("another person")
        assert lin.page.locator("button[value=run]").count() == 0
        wang.open("/desk", "等待第二人")
        wang.open(path)
        for shown, words in (
            ("updated", (OLD_ENGLISH, ENGLISH)),
            ("created", ("新增",)),
            ("refused", ("批准号",)),
        ):
            wang.page.goto(f"{server}/zh{path}?show={shown}")
            wang.look(*words)
        lin.open(f"{path}?show=updated", OLD_ENGLISH)
        for reader in both:
            answer = reader.page.goto(f"{server}/{reader.lang}/bodies/{new}")
            assert answer is not None
            assert answer.status == 404
            reader.look()
        run(wang, path)
        wang.look("各行的结果")
        lin.open(path, "What became of the rows")
        rows_back = wang.page.context.request.get(f"{server}/zh{path}/rows.csv?only=refused")
        assert f"丙{mark}认证（演示）" in rows_back.text()
        for number, words in ((new, (f"甲{mark}认证",)), (changed, (ENGLISH,))):
            Public(both, f"/bodies/{number}", number).see("valid", words, words, ("有效", "Valid"))
