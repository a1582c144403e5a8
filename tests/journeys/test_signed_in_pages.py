"""Every page of the desk, by the role that it is for: no finding of axe-core, no horizontal scrolling, no error in the console.

The pages are found by their links, as staff find them; a page of the desk that none of them leads to fails the test.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.desk import ROUTES
from registry import clock
from registry.demonstration.training_desk import TrainingAccount, open_training_desk
from registry.services import random_checks
from registry.services.bootstrap import Registry, open_registry
from registry.services.operations import relay
from tests.databases import settings
from tests.journeys.conftest import NARROW, follow, started
from tests.journeys.test_accessible import check_narrow
from tests.journeys.test_declaring import FIRM
from tests.journeys.test_random_checks import a_day_passes
from tests.services import people
from tests.services.checks import DRAFT, FIGURE
from tests.services.deciders import staff
from tests.services.members import submit_claim

pytestmark = pytest.mark.browser
LANGS = ("zh", "en")
# Files, and what leads on to another page.
NO_PAGES = {"application_file", "audit_file", "audit_day", "import_rows", "proof", "report_file", "find"}
# Reached by a form, not by a link.
BY_FORMS = ("/desk/batch/brands/suspended", "/desk/accounts/find", "/desk/checks/new?register=declarations")
# The least first: a page that several roles see is looked at as the first of them sees it.
ROLES = ("inspector", "auditor", "reviewer_national", "registrar", "admin")
KINDS = sorted(
    ((endpoint, re.compile("/desk/" + re.sub("<[^>]+>", "[^/]+", rule))) for rule, endpoint, _view, methods in ROUTES if "GET" in methods),
    key=lambda kind: kind[1].pattern.count("[^/]+"),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(demonstrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with something in every queue, apart from that of other tests."""
    return Path(shutil.copytree(demonstrated, tmp_path_factory.mktemp("desk") / "data"))


@pytest.fixture(scope="module")
def accounts(folder: Path) -> dict[str, TrainingAccount]:
    registry = open_registry(settings(folder))
    made = {account.role: account for account in open_training_desk(registry)}
    submit_claim(registry, people.sign_up(registry, "mei@example.com"), FIRM["zh"])
    draw_check(registry, folder)
    registry.search.close()
    registry.engine.dispose()
    return made


def draw_check(registry: Registry, folder: Path) -> None:
    today = clock.today()
    draft = replace(
        DRAFT,
        seed_on=(today + dt.timedelta(days=1)).isoformat(),
        results_until=(today + dt.timedelta(days=90)).isoformat(),
    )
    check = random_checks.announce_check(registry, staff(registry, "reviewer_national"), draft)
    relay.run_relay_once(registry)
    a_day_passes(folder)
    random_checks.draw_check(registry, staff(registry, "reviewer_national"), check, FIGURE)
    relay.run_relay_once(registry)


@pytest.fixture(scope="module")
def desk(folder: Path, accounts: dict[str, TrainingAccount]) -> Iterator[str]:
    with started(folder, 20000 + os.getpid() % 2000) as address:
        yield address


def kind_of(path: str) -> str:
    """The endpoint of a page of the desk; "" for any other page."""
    if path == "/desk":
        return "start"
    return next((endpoint for endpoint, rule in KINDS if rule.fullmatch(path)), "")


def sign_in(page: Page, server: str, account: TrainingAccount) -> None:
    page.goto(f"{server}/zh/account/sign-in")
    page.fill("#email", account.email)
    page.fill("#password", account.password)
    follow(page, "#questions button")
    page.fill("#code", account.codes[0])
    follow(page, "#questions button")
    assert "/second-factor" not in page.url


def links_of(page: Page) -> list[str]:
    """Addresses of pages of the desk that the page leads to, without language and fragment."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("a[href]")].map(each => each.getAttribute("href"))"""
    )
    return [each[3:].partition("#")[0] for each in found if re.match("/(zh|en)/desk", each)]


def test_every_page_of_the_desk_is_accessible(
    desk: str, browser: Browser, accounts: dict[str, TrainingAccount]
) -> None:
    looked_at: set[str] = set()
    problems: list[str] = []
    for role in ROLES:
        context = browser.new_context(viewport=NARROW, bypass_csp=True)  # only axe is put in past the policy
        page = context.new_page()
        page.on(
            "console", lambda said: problems.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        sign_in(page, desk, accounts[role])
        waiting, seen = deque(["/desk", *BY_FORMS]), set(NO_PAGES) | {""}
        while waiting:
            address = waiting.popleft()
            kind = kind_of(address.partition("?")[0])
            if kind in seen:
                continue
            for lang in LANGS[:1] if kind in looked_at else LANGS:  # for its links alone, or all of it
                answer = page.goto(f"{desk}/{lang}{address}")
                assert answer is not None
                if answer.status == 404:  # not for this role
                    problems.clear()
                    break
                assert answer.status == 200, (role, address)
                waiting.extend(links_of(page))
                if kind not in looked_at:
                    assert page.locator("h1").count() == 1, address
                    check_narrow(page, f"{role} {lang} {address}", colours=lang == LANGS[0])
            else:
                looked_at.add(kind)
                seen.add(kind)
            assert problems == [], (role, address)
        context.close()
    pages = {endpoint for endpoint, _rule in KINDS} | {"start"}
    assert pages - looked_at == NO_PAGES
