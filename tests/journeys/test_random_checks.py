"""A random check in the browser: announced in Chinese without a script, drawn in English on a phone, a problem made public, and that it was not corrected."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from registry import clock
from tests.journeys.busy_portal import a_day_passes
from tests.journeys.conftest import NARROW, WIDE, follow
from tests.journeys.test_accessible import check_narrow
from tests.journeys.test_deciding import EVIDENCE, from_outside, sign_in_reviewer

pytestmark = pytest.mark.browser
FINDINGS = "试验方法有误（演示）。"
ARTICLE = "《标准化法》第三十八条"


def download(server: str, path: str, folder: Path) -> bytes:
    with urllib.request.urlopen(f"{server}{path}") as answer:
        content: bytes = answer.read()
    (folder / path.rpartition("/")[2]).write_bytes(content)
    return content


def look_at_announcement(page: Page, server: str, lang: str) -> None:
    """Fill in the announcement of a check of declarations, and see what it would say."""
    page.goto(f"{server}/{lang}/desk/checks/new?register=declarations")
    tomorrow, later = (clock.today() + dt.timedelta(days=days) for days in (1, 90))
    for name, text in {
        "title_zh": "企业标准声明抽查（演示）",
        "size": "1",
        "names": "周敏\n吴刚",
        "figure_zh": "上证综合指数收盘点位",
        "source": "https://www.sse.com.cn/",
        "seed_on": tomorrow.isoformat(),
        "results_until": later.isoformat(),
    }.items():
        page.fill(f"#{name}", text)
    follow(page, "#questions button[value=check]")


def announce(page: Page, server: str) -> tuple[str, str]:
    """Announce a check in Chinese; return its id at the desk and its number."""
    look_at_announcement(page, server, "zh")
    assert "将要公告的内容" in page.inner_text("main")
    follow(page, "#questions button[value=announce]")
    assert "由另一人在数字公布日抽取" in page.inner_text("main")
    return page.url.partition("?")[0].rpartition("/")[2], page.locator("main .pz-n").first.inner_text()


def recompute(server: str, number: str, folder: Path) -> str:
    """Recompute the draw from what anybody may download, and again with a changed byte; return the path of the drawn record."""
    for name in (f"{number}/check.json", f"{number}/population.json", "recompute_draw.py"):
        download(server, f"/checks/{name}", folder)
    program = [sys.executable, "-I", "recompute_draw.py", "check.json", "population.json"]
    assert subprocess.run(program, cwd=folder, check=False).returncode == 0
    population = json.loads((folder / "population.json").read_text("utf-8"))
    population["numbers"][0] = population["numbers"][0][:-1] + "?"
    (folder / "population.json").write_text(json.dumps(population), encoding="utf-8")
    assert subprocess.run(program, cwd=folder, check=False, capture_output=True).returncode == 1
    [drawn] = json.loads((folder / "check.json").read_text("utf-8"))["draw"]["sample"]
    return f"/declarations/{drawn['number']}"


def record_problem(page: Page, address: str) -> None:
    """Record in Chinese that a problem was found."""
    page.goto(address)
    page.select_option("#result", "failed")
    page.fill("#done_on", clock.today().isoformat())
    page.fill("#findings", FINDINGS)
    page.fill("#article", ARTICLE)
    follow(page, "button[value=record]")
    assert "结果已记录" in page.inner_text("main")
    assert page.locator("button[value=publish]").count() == 0


def test_a_check_from_its_announcement_to_what_was_not_corrected(
    server: str, demonstrated: Path, browser: Browser, tmp_path: Path
) -> None:
    plain = browser.new_context(viewport=WIDE, java_script_enabled=False)
    scripted = browser.new_context(viewport=NARROW, bypass_csp=True)
    wang, lin = plain.new_page(), scripted.new_page()
    sign_in_reviewer(wang, server, demonstrated, "zh")
    sign_in_reviewer(lin, server, demonstrated, "en")
    lin.goto(f"{server}/en/desk/checks/new")
    check_narrow(lin, "choose")
    look_at_announcement(lin, server, "en")
    check_narrow(lin, "preview")
    check, number = announce(wang, server)
    assert "已公告，尚未抽取" in from_outside(server, f"/checks/{number}", "zh")
    lin.goto(f"{server}/en/desk/checks/{check}")
    assert "the check is not drawn before that day" in lin.inner_text("main")
    a_day_passes(demonstrated)
    lin.goto(f"{server}/en/desk/checks")
    check_narrow(lin, "desk")
    follow(lin, f"a[href='/en/desk/checks/{check}']")
    check_narrow(lin, "draw")
    lin.fill("#figure", "3,105.60")
    follow(lin, "button[value=draw]")
    assert "The check is drawn" in lin.inner_text("main")
    check_narrow(lin, "drawn")
    path = recompute(server, number, tmp_path)
    assert "尚无结果" in from_outside(server, path, "zh")
    # a problem is found, recorded in Chinese and published in English
    record_problem(wang, f"{server}/zh/desk/checks/{check}/1")
    lin.goto(f"{server}/en/desk/checks/{check}/1")
    check_narrow(lin, "result")
    follow(lin, "button[value=publish]")
    assert "The result is published" in lin.inner_text("main")
    check_narrow(lin, "published")
    for lang, words in (
        ("zh", ("发现问题", "责令限期改正")),
        ("en", ("Problem found", "Correction ordered")),
    ):
        for page in (path, f"/checks/{number}"):
            shown = from_outside(server, page, lang)
            assert FINDINGS in shown
            assert all(each in shown for each in words)
    # it is not corrected in time, which two people at the desk make public
    wang.goto(f"{server}/zh/desk{path}/publicised")
    wang.fill("#evidence", EVIDENCE)
    follow(wang, "#questions button[value=check]")
    follow(wang, "#questions button[value=prepare]")
    lin.goto(wang.url.replace("/zh/", "/en/"))
    follow(lin, "button[value=taken]")
    for page in (path, f"/checks/{number}"):
        assert "Not corrected in time" in from_outside(server, page, "en")
    for lang in ("zh", "en"):
        for name, page in (("checks", "/checks"), ("check", f"/checks/{number}"), ("record", path)):
            lin.goto(f"{server}/{lang}{page}")
            check_narrow(lin, f"{name}-{lang}")
    plain.close()
    scripted.close()
