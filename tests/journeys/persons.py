"""People who use the portal in a browser, each in a window of their own, and what anybody sees of what they do.

One works without a script on a wide screen, another with one on a phone; each page on the way is looked at.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

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
from tests.journeys.crawling import check_widths
from tests.journeys.test_accessible import check_narrow
from tests.journeys.test_signing_up import PASSWORD, send
from tests.services import samples
from tests.services.members import FIRM_NUMBER
from tests.services.people import totp_code

BODY = "CNCA-R-2099-101"  # of the demonstration: certifies and grades
FIRM = {
    "uscc": FIRM_NUMBER,
    "name_zh": "杭州青屿家具有限公司（演示）",
    "status": "active",
    "region_code": "330100",
}
EVIDENCE = "演示决定书〔2026〕1号，存档案室"
PATIENCE = 20.0  # seconds until what was published is in the lists


@dataclass(frozen=True)
class Person:
    """Somebody with a window. `scripted`: on a phone, with scripts; else on a wide screen, without."""

    page: Page
    server: str
    lang: str
    scripted: bool

    def open(self, path: str, *words: str) -> str:
        """Go to a page, an address without the language, and look at it; returns its text, which has the words."""
        self.page.goto(f"{self.server}/{self.lang}{path}")
        return self.look(*words)

    def look(self, *words: str) -> str:
        """Look at the page as it is now: its width, and with scripts all that axe finds; returns its text, which has the words."""
        what = self.address
        if self.scripted:
            check_narrow(self.page, what)
        else:
            check_widths(self.page, what)
        self.page.set_viewport_size(NARROW if self.scripted else WIDE)
        return self.read(*words)

    def read(self, *words: str) -> str:
        """The text of the page as it is now, which has the words."""
        text = self.page.inner_text("main")
        assert [each for each in words if each not in text] == [], (self.address, text)
        return text

    @property
    def address(self) -> str:
        """Where they are, without the language."""
        return self.page.url.removeprefix(f"{self.server}/{self.lang}").partition("?")[0]

    def in_language(self, lang: str) -> Person:
        """The same person and window in a language."""
        return replace(self, lang=lang)

    def press(self, button: str) -> None:
        """Press a button or link that leads to another page."""
        follow(self.page, button)

    def fill(self, answers: Mapping[str, str | list[str]]) -> None:
        """Answer questions by the names of their inputs, whatever kind they are of; several answers to one are a line each, or boxes."""
        for name, answer in answers.items():
            inputs = self.page.locator(f"#questions [name='{name}']")
            kind = inputs.first.evaluate("each => each.type")
            if kind == "checkbox":
                for value in answer:
                    self.page.check(f"#questions [name='{name}'][value='{value}']")
            elif kind == "radio":
                self.page.check(f"#questions [name='{name}'][value='{answer}']", force=True)
            elif kind == "select-one":
                inputs.select_option(answer)
            else:
                inputs.fill(answer if isinstance(answer, str) else "\n".join(answer))


@contextmanager
def window(browser: Browser, server: str, lang: str, *, scripted: bool) -> Iterator[Person]:
    """A person with a window of their own, who is not signed in."""
    context = browser.new_context(
        viewport=NARROW if scripted else WIDE, java_script_enabled=scripted, bypass_csp=True
    )
    yield Person(context.new_page(), server, lang, scripted)
    context.close()


def day(days: int) -> str:
    """A day so many days from today, ISO."""
    return (clock.today() + dt.timedelta(days=days)).isoformat()


def bring_in(folder: Path, sheets: Path, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Enter a record in each of some registers before the people come; returns their paths by register. `sheets`: a folder for them."""
    registry = open_registry(settings(folder))
    paths = {}
    for slug, row in rows.items():
        sheet = samples.write_sheet(sheets / f"{slug}.csv", slug, [dict(row)])
        assert import_files(registry, REGISTRAR, slug, [sheet]).refused == 0
        names = [row[name] for name in ("product_name_zh", "name_zh") if name in row]
        with read_transaction(registry.engine) as connection:
            found = select(Record.slug).where(Record.register == slug, Record.title_zh == names[0])
            newest = connection.execute(found.order_by(Record.id.desc())).scalars().first()
            paths[slug] = f"/{slug}/{newest}"
    registry.search.close()
    registry.engine.dispose()
    return paths


def sign_in_staff(person: Person, folder: Path, role: str, organisation: str = "") -> None:
    """Choose a password and set up a second factor, as an account begins that the operator has made."""
    registry = open_registry(settings(folder))
    address = f"{uuid.uuid4().hex[:8]}@example.com"
    link = staff_accounts.assign_account_role(
        registry, SYSTEM, address, role, lang=person.lang, organisation=organisation
    )
    registry.search.close()
    registry.engine.dispose()
    page = person.page
    page.goto(person.server + link)
    send(page, password=PASSWORD)
    page.goto(f"{person.server}/{person.lang}/account/set-up-factor")
    secret = page.inner_text("span.pz-mono").replace(" ", "")
    send(page, code=totp_code(secret, clock.now()))


def decide(one: Person, two: Person, path: str, key: str, stated: Mapping[str, str] | None = None) -> None:
    """A decision on a published record, prepared by one and taken by another; `stated`: by fields of the register."""
    one.open(f"/desk{path}/{key}")
    one.fill({"evidence": EVIDENCE, **{f"f-{name}": text for name, text in (stated or {}).items()}})
    one.press("#questions button[value=check]")
    one.look()
    one.press("#questions button[value=prepare]")
    one.look()
    assert one.page.locator("button[value=taken]").count() == 0
    two.open(one.address)
    two.press("button[value=taken]")
    two.look()
    assert two.page.locator("button[value=taken]").count() == 0, two.read()


@dataclass(frozen=True)
class Public:
    """Readers without an account, one in each language, who look at one record. `register`, `asked`: what they ask for it by."""

    readers: tuple[Person, Person]
    path: str
    asked: str

    def see(self, status: str, zh: tuple[str, ...], en: tuple[str, ...], badges: tuple[str, str]) -> None:
        """Its page has the status and the words, in both languages; the check of its number and the list show the state."""
        for reader, words, badge in zip(self.readers, (zh, en), badges, strict=True):
            reader.open(self.path, *words)
            assert reader.page.locator("article.pz-rec").get_attribute("data-status") == status
            reader.open(f"/verify?n={quote(self.asked)}", badge)
            self.see_in_list(reader, badge)

    def see_in_list(self, reader: Person, badge: str) -> None:
        """The list of the register shows the state, soon."""
        address = f"{self.path.rpartition('/')[0]}?q={quote(self.asked)}&ended=1"
        line = reader.page.locator(f"[data-number='{self.path.rpartition('/')[2]}']")
        until = time.monotonic() + PATIENCE
        while True:
            reader.page.goto(f"{reader.server}/{reader.lang}{address}")
            if line.count() and badge in line.first.inner_text():
                break
            assert time.monotonic() < until, reader.page.inner_text("main")
            time.sleep(0.1)
        reader.look()


@contextmanager
def readers(browser: Browser, server: str) -> Iterator[tuple[Person, Person]]:
    """Two readers without an account: in Chinese on a phone, in English on a wide screen without a script."""
    with (
        window(browser, server, "zh", scripted=True) as phone,
        window(browser, server, "en", scripted=False) as plain,
    ):
        yield phone, plain
