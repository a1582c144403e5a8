"""Every page of the workspace, of accounts and of what letters lead to: no finding of axe-core, no horizontal scrolling, no error in the console.

The pages are found by their links, as people find them; a page that none of them leads to fails the test.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from portal import account, workspace
from tests.journeys.conftest import Busy
from tests.journeys.crawling import Crawl, sign_in, window

pytestmark = pytest.mark.browser
# Files, answers for a script, what leads on to another page, and a form for those who may do without the second factor they have.
NO_PAGES = {
    *(
        "application_file",
        "artwork_file",
        "own_data",
        "receipt_file",
        "sheet_results",
        "sheet_template",
        "text",
        "watch_file",
    ),
    *("/my-data", "/session", "/remove-factor"),
}
WORKSPACE = [
    (f"/workspace/{rule}", endpoint)
    for rule, endpoint, _view, methods in workspace.ROUTES
    if "GET" in methods and endpoint not in NO_PAGES
]
ACCOUNT = [
    (f"/account/{rule}", f"/{rule}")
    for rule, _view, methods in account.ROUTES
    if "GET" in methods and f"/{rule}" not in NO_PAGES
]
REPORTS = [("/report/<kind>", "report"), ("/reports/<number>/<token>", "own_report")]
# Reached by a form, not by a link.
OWN_BY_FORMS = ("/account/save-search?q=%E8%8C%B6",)
ACCOUNT_BY_FORMS = ("/account/sent", "/account/deleted", "/account/follow-search?q=%E8%8C%B6")


def in_both_languages(kind: str) -> bool:
    """Whether axe looks at a page in both languages: one template makes both, so by turns is enough but for the first page."""
    return kind == "home"


def test_every_page_of_the_workspace_and_of_accounts_is_accessible(busy: Busy, browser: Browser) -> None:
    parts = ("register", "key", "tab")
    own = Crawl(busy.address, [*WORKSPACE, *ACCOUNT], parts, in_both_languages, follow_each=("org", "draft"))
    challenged = [address for address in busy.letters if address.startswith("/workspace/")]
    for role in ("enterprise", "body"):
        with window(browser) as opened:
            sign_in(opened.page, busy.address, busy.accounts[role])
            own.walk(opened, role, (*challenged, "/workspace/home", "/account/overview", *OWN_BY_FORMS))
    assert {endpoint for _rule, endpoint in WORKSPACE} - own.endpoints == set()
    reader = Crawl(busy.address, [*ACCOUNT, *REPORTS], ("kind",), in_both_languages)
    with window(browser) as opened:
        reader.walk(opened, "reader", ("/account/sign-in", *busy.letters, *ACCOUNT_BY_FORMS, "/about"))
    seen_on_the_way = {"/second-factor"}  # by `sign_in`
    accounts = {endpoint for _rule, endpoint in ACCOUNT} - seen_on_the_way
    assert accounts - own.endpoints - reader.endpoints == set()
    assert {"report", "own_report"} <= reader.endpoints
