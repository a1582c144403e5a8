"""Every page of the desk, by the role that it is for: no finding of axe-core, no horizontal scrolling, no error in the console.

The pages are found by their links, as staff find them; a page of the desk that none of them leads to fails the test.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from portal.desk import ROUTES
from tests.journeys.conftest import Busy
from tests.journeys.crawling import Crawl, sign_in, window

pytestmark = pytest.mark.browser
# Files, and what leads on to another page.
NO_PAGES = {
    *(
        "application_file",
        "audit_file",
        "audit_day",
        "import_rows",
        "proof",
        "report_file",
        "watch_file",
        "export",
    ),
    *("decision_sheet_rows", "empty_decision_sheet", "decision_file", "entry_file"),
    *(
        "private_text",
        "figures",
    ),  # asked for and shown as names and addresses are: claimant, signer, reporter, audit_account
    "find",
}
# Reached by a form, not by a link.
BY_FORMS = (
    "/desk/batch/brands/suspended",
    "/desk/accounts/find",
    "/desk/checks/new?register=declarations",
    "/desk/audit?role=enterprise",  # whose accounts are masked
)
# The least first: a page that several roles see is looked at as the first of them sees it.
ROLES = ("inspector", "auditor", "reviewer_national", "registrar", "admin")
PAGES = [
    ("/desk", "start"),
    *(
        (f"/desk/{rule}", endpoint)
        for rule, endpoint, _view, methods in ROUTES
        if "GET" in methods and endpoint not in NO_PAGES
    ),
]


def test_every_page_of_the_desk_is_accessible(busy: Busy, browser: Browser) -> None:
    crawl = Crawl(busy.address, PAGES)
    for role in ROLES:
        with window(browser) as opened:
            sign_in(opened.page, busy.address, busy.accounts[role])
            starts = (
                "/desk",
                *BY_FORMS,
                *own_files(opened.page, busy.address),
                *senders(opened.page, busy.address),
            )
            opened.complaints.clear()  # of a list that is not for this role
            crawl.walk(opened, role, starts)
    assert {endpoint for _rule, endpoint in PAGES} - crawl.endpoints == set()


def own_files(page: Page, address: str) -> list[str]:
    """The page of the files of a decision that this person has prepared: another one sees the files on the decision itself."""
    page.goto(f"{address}/zh/desk")
    links = page.locator("section:has(#h-prepared) tbody th a").all()[:1]
    return [f"{str(link.get_attribute('href')).removeprefix('/zh')}/files" for link in links]


def senders(page: Page, address: str) -> list[str]:
    """The address of a reporter who gave one: most reports of the list have none."""
    page.goto(f"{address}/zh/desk/reports")
    links = [
        str(link.get_attribute("href")) for link in page.locator("tbody a[href*='/desk/reports/']").all()
    ]
    for link in links:
        page.goto(f"{address}{link}")
        if page.locator("a[href$='/sender']").count():
            return [f"{link.removeprefix('/zh')}/sender"]
    return []
