"""A brand from its application to the notice in the browser, another from its recognition to its removal, seen from outside in each state.

The holder works in Chinese without a script, the authority in English on a phone.
"""

from __future__ import annotations

import datetime as dt
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import REGISTRAR, SYSTEM
from registry.kit.record import Record
from registry.services.bootstrap import open_registry
from registry.services.exchange.importer import import_files
from registry.services.people import staff_accounts
from registry.store.unit_of_work import read_transaction
from tests.databases import settings
from tests.journeys.conftest import NARROW, WIDE, follow
from tests.journeys.test_accessible import check_narrow
from tests.journeys.test_signing_up import PASSWORD, send
from tests.services import samples
from tests.services.members import FIRM_NUMBER, SLUG, sign_up_owner
from tests.services.people import ONE_PIXEL_PNG, totp_code

pytestmark = pytest.mark.browser
BRAND, STORY = "霁蓝阁", "秘色瓷样章"
PAPER = "演示评审纪要〔2026〕1号，存档案室"
BASIS = "《中华老字号示范创建管理办法》"
TITLE = {"scheme": "中华老字号", "brand_name_zh": BRAND, "products": "青瓷茶具", "industry_code": "C2110"}
ORIGIN = {"founded_year": "1903", "founded_place": "杭州", "business_since": "1951", "story_zh": STORY}
ANNOUNCED = {  # a brand for whose notice the time for objections is over
    "scheme": "national",
    "brand_name_zh": "霁青坊",
    "holder_name_zh": "杭州青屿家具有限公司（演示）",
    "holder_uscc": FIRM_NUMBER,
    "region_code": "330100",
    "founded_year": "1903",
    "category": "工艺美术",
    "industry_code": "C2110",
    "products": "青瓷",
    "batch": "4",
    "status": "publicity",
    "notice_date": "2026-11-02",
    "objections_until": "2026-11-23",
}
TRADEMARK = {"number": "171188", "nice_class": "21", "owner": "杭州青屿", "valid_to": "2090-01-01"}
LISTED = f"/brands?q={urllib.parse.quote(BRAND)}&ended=1"
FILES = ("licence", "trademark", "founding", "figures")


def prepare(folder: Path, tmp_path: Path) -> tuple[str, dict[str, str], str]:
    """A holder with an account, links to the first passwords of three people of the authority, and a brand announced long ago."""
    registry = open_registry(settings(folder))
    row = {
        "uscc": FIRM_NUMBER,
        "name_zh": "杭州青屿家具有限公司（演示）",
        "status": "active",
        "region_code": "330100",
    }
    sheet = samples.write_sheet(tmp_path / "firm.csv", "organisations", [row])
    import_files(registry, REGISTRAR, "organisations", [sheet])
    sheet = samples.write_sheet(tmp_path / "brand.csv", "brands", [ANNOUNCED])
    assert import_files(registry, REGISTRAR, "brands", [sheet]).refused == 0
    with read_transaction(registry.engine) as connection:
        announced = Record.title_zh == ANNOUNCED["brand_name_zh"]
        slug: str = connection.execute(select(Record.slug).where(announced)).scalar_one()
    holder = sign_up_owner(registry, f"{uuid.uuid4().hex[:8]}@example.com").email
    links = {}
    for name, role in (
        ("registrar", "registrar"),
        ("wang", "reviewer_national"),
        ("lin", "reviewer_national"),
    ):
        address = f"{uuid.uuid4().hex[:8]}@example.com"
        links[name] = staff_accounts.assign_account_role(registry, SYSTEM, address, role, lang="en")
    registry.search.close()
    registry.engine.dispose()
    return holder, links, f"/brands/{slug}"


def sign_in(page: Page, server: str, link: str) -> None:
    page.goto(server + link)
    send(page, password=PASSWORD)
    page.goto(f"{server}/en/account/set-up-factor")
    secret = page.inner_text("span.pz-mono").replace(" ", "")
    send(page, code=totp_code(secret, clock.now()))


def outside(server: str, path: str, lang: str = "en") -> str:
    """What anybody sees at an address, "" where there is nothing."""
    try:
        with urllib.request.urlopen(f"{server}/{lang}{path}") as answer:
            page: str = answer.read().decode()
            return page
    except urllib.error.HTTPError as refused:
        return f"{refused.code}"


def answer(page: Page, answers: dict[str, str]) -> None:
    for name, text in answers.items():
        page.fill(f"#{name}", text)
    follow(page, ".pz-button-row button[value=next]")


def fill_in(page: Page, server: str) -> None:
    """The questions and files of an application, without a script."""
    page.goto(f"{server}/zh/workspace/home")
    follow(page, f"form[action$='/organisations/{SLUG}/brands/begin'] button")
    follow(page, "a[href$='/title']")
    page.select_option("#category", "crafts")
    answer(page, TITLE)
    answer(page, ORIGIN)
    page.check("#right_basis-trademark_owned")
    page.fill("#holder_from", "2001-05-01")
    answer(page, {f"trademarks-0-{column}": text for column, text in TRADEMARK.items()})
    page.goto(page.url.partition("/check")[0] + "/evidence")
    for kind in FILES:
        page.select_option("#kind", kind)
        page.set_input_files(
            "#file", {"name": f"{kind}.png", "mimeType": "image/png", "buffer": ONE_PIXEL_PNG}
        )
        if kind == "licence":
            page.check("#public")
        follow(page, "section button.govuk-button:not(.pz-button--small)")
        while page.locator("[name=examined]").count():  # on a busy machine: sent again, the file is kept
            follow(page, "section button.govuk-button:not(.pz-button--small)")


def step(page: Page, server: str, case: str, key: str, **typed: str) -> None:
    """A step of the authority, with whatever papers it asks for."""
    page.goto(f"{server}/en/desk/applications/{case}/{key}")
    check_narrow(page, key)
    for paper in page.locator("textarea[name^=paper-]").all():
        paper.fill(PAPER)
    for name, text in typed.items():
        page.fill(f"[name='{name.replace('__', '-')}']", text)
    follow(page, "#questions .pz-button-row button:not([value=find])")


def decide(pages: tuple[Page, Page], server: str, path: str, key: str, **typed: str) -> None:
    """A decision on the published record, prepared by one and taken by the other."""
    one, two = pages
    one.goto(f"{server}/en/desk{path}/{key}")
    check_narrow(one, key)
    one.fill("#evidence", PAPER)
    for name, text in typed.items():
        field = one.locator(f"[name='f-{name.replace('__', '.')}']")
        if field.first.evaluate("each => each.tagName") == "SELECT":
            field.first.select_option(text)
        else:
            field.first.fill(text)
    follow(one, "#questions button[value=check]")
    follow(one, "#questions button[value=prepare]")
    two.goto(one.url)
    follow(two, "button[value=taken]")


def apply_and_correct(mei: Page, registrar: Page, server: str) -> str:
    """Submit an application, have it returned, and submit it again; returns its address."""
    fill_in(mei, server)
    mei.goto(mei.url.replace("/evidence", "/check"))
    mei.fill("#signer", "王强")
    follow(mei, "button.pz-button--seal")
    own = mei.url
    assert "已申报" in mei.inner_text("main")
    assert STORY not in outside(server, LISTED)
    step(registrar, server, own.rpartition("/")[2], "returned", **{"reason-founded_year": "请注明方志页码"})
    check_narrow(registrar, "application at the desk")
    mei.goto(own)
    assert "请注明方志页码" in mei.inner_text("main")
    follow(mei, "form[action$='/correct'] button")
    draft = mei.url
    mei.goto(f"{draft}/origin")
    assert "请注明方志页码" in mei.inner_text("main")
    answer(mei, {"founded_year": "1902"})
    mei.goto(f"{draft}/check")
    mei.fill("#signer", "王强")
    follow(mei, "button.pz-button--seal")
    assert mei.url == own
    return own


def end_title(pair: tuple[Page, Page], server: str, path: str) -> None:
    """Reviews, suspension, restoring and removal of a title, each looked at from outside."""
    condition = {"status_reason": "经营下滑（演示）", "rectify_until": "2027-05-30", "review__year": "2026"}
    decide(pair, server, path, "review_conditional", **condition)
    assert "put things right by 30 May 2027" in outside(server, path)
    decide(pair, server, path, "condition_met", review__year="2026")
    assert "passed with conditions" in outside(server, path).lower()
    decide(pair, server, path, "suspended", status_reason="停业（演示）", legal_basis=BASIS)
    assert "The mark must not be used" in outside(server, path)
    decide(pair, server, path, "restored")
    decide(pair, server, path, "removed", removed_reason="closed", legal_basis=BASIS)
    assert "was removed from the list" in outside(server, path)
    assert "移出名录" in outside(server, path, "zh")


def test_a_brand_to_its_notice_and_one_to_its_removal(
    server: str, demonstrated: Path, browser: Browser, tmp_path: Path
) -> None:
    holder, links, announced = prepare(demonstrated, tmp_path)
    plain = browser.new_context(viewport=WIDE, java_script_enabled=False)
    phones = [browser.new_context(viewport=NARROW, bypass_csp=True) for _name in links]
    mei = plain.new_page()
    registrar, wang, lin = (context.new_page() for context in phones)
    for page, link in zip((registrar, wang, lin), links.values(), strict=True):
        sign_in(page, server, link)
    mei.goto(f"{server}/zh/account/sign-in")
    send(mei, email=holder, password=PASSWORD)
    own = apply_and_correct(mei, registrar, server)
    case = own.rpartition("/")[2]
    step(registrar, server, case, "passed_locally")
    step(wang, server, case, "passed_experts")
    assert STORY not in outside(server, LISTED)
    until = clock.today() + dt.timedelta(days=40)  # 15 working days, with the longest holidays among them
    notice = {
        "f-notice_date": clock.today().isoformat(),
        "f-objections_until": until.isoformat(),
        "f-batch": "4",
    }
    step(wang, server, case, "announced", **notice)
    lin.goto(f"{server}/en/desk/applications/{case}")
    check_narrow(lin, "decision on an application")
    follow(lin, "button[value=taken]")
    mei.goto(own)
    path = str(mei.get_attribute(".pz-note a", "href")).removeprefix("/zh")
    check_narrow(lin, "application that was published")
    proposed = outside(server, path)
    assert all(words in proposed for words in ("Proposed", "licence.png"))
    assert "founding.png" not in proposed
    listed = {"recognised_on": "2026-11-30", "plaque_no": "DEMO-330-0042"}
    decide((wang, lin), server, announced, "listed", **listed)
    assert "its holder may use the mark" in outside(server, announced)
    end_title((wang, lin), server, announced)
    for context in (plain, *phones):
        context.close()
