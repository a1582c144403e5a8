"""Follows the links of a part of the portal, and examines each kind of page once."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl

from playwright.sync_api import Browser, Page, ViewportSize
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from portal.web.converters import CONVERTERS
from registry.demonstration.training_desk import TrainingAccount
from tests.journeys.conftest import NARROW, SMALL, WIDE, follow
from tests.journeys.test_accessible import UNFOLD, both_widths, check_narrow

LANGS = ("zh", "en")
LINKS = """() => [...document.querySelectorAll("a[href]")].map(each => each.getAttribute("href"))"""
LINK = re.compile(r"""<a\s[^>]*?\bhref="([^"]*)\"""")


@dataclass(frozen=True)
class Window:
    """A page of a browser, and what its console has said since."""

    page: Page
    complaints: list[str]


@contextmanager
def window(browser: Browser) -> Iterator[Window]:
    """A window on a phone that keeps what the console says."""
    context = browser.new_context(viewport=NARROW, bypass_csp=True)  # only axe is put in past the policy
    opened = Window(context.new_page(), [])
    opened.page.on(
        "console",
        lambda said: opened.complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    context.close()


def own_addresses(links: Iterable[str]) -> list[str]:
    """Those of some links that lead to a page of the portal, without the language and the place on the page."""
    return [each[3:].partition("#")[0] for each in links if each[:4] in ("/zh/", "/en/")]


@dataclass
class Crawl:
    """Pages by the rules of their addresses, without the language: `rules` are (rule, endpoint).

    `kind_parts`: placeholders and parameters whose values make a page of another kind, such as a page of questions or a tab.
    `in_both`: the kinds that axe looks at in both languages, the others in one of them, by turns. `follow_each`: placeholders
    of which each value is followed, such as the organisation, since not all of them have all pages.
    """

    server: str
    rules: Iterable[tuple[str, str]]
    kind_parts: Collection[str] = ()
    in_both: Callable[[str], bool] = bool
    follow_each: Collection[str] = ()
    looked_at: set[str] = field(default_factory=set)  # kinds
    turns: int = 0

    def __post_init__(self) -> None:
        rules = [Rule(rule, endpoint=endpoint) for rule, endpoint in self.rules]
        self._addresses = Map(rules, converters=CONVERTERS).bind("127.0.0.1")

    @property
    def endpoints(self) -> set[str]:
        """The endpoints of the pages that were looked at."""
        return {kind.partition(" ")[0] for kind in self.looked_at}

    def kind_of(self, address: str) -> tuple[str, tuple[str, ...]]:
        """The kind of a page and the values of `follow_each`; "" for what none of the rules is for."""
        path, _mark, query = address.partition("?")
        try:
            endpoint, parts = self._addresses.match(path)
        except HTTPException:
            return "", ()
        known = dict(parse_qsl(query)) | parts
        kind = " ".join([endpoint, *(str(known[name]) for name in self.kind_parts if name in known)])
        return kind, tuple(str(known.get(name, "")) for name in self.follow_each)

    def walk(self, window: Window, who: str, starts: Iterable[str]) -> None:
        """Look at each kind of page that is reached from `starts`; one that was looked at before is asked for its links alone."""
        waiting, followed = deque(starts), set()
        while waiting:
            address = waiting.popleft()
            kind, of = self.kind_of(address)
            if not kind or (kind, of) in followed:
                continue
            reach = self._ask if kind in self.looked_at else self._look
            links = reach(window, f"{who} {address}", address)
            if links is not None:
                followed.add((kind, of))
                waiting.extend(links)

    def _ask(self, window: Window, what: str, address: str) -> list[str] | None:
        """Where a page leads to, None if it is not for this person: it is asked for as they are signed in, and not shown."""
        answer = window.page.request.get(f"{self.server}/{LANGS[0]}{address}")
        if answer.status == 404:
            return None
        assert answer.status in (200, 400), (what, answer.status)
        return own_addresses(unescape(each) for each in LINK.findall(answer.text()))

    def _look(self, window: Window, what: str, address: str) -> list[str] | None:
        """Look at a page in both languages; where it leads to, None if it is not for this person."""
        kind, links = self.kind_of(address)[0], list[str]()
        examined = self._languages_for_axe(kind)
        for lang in LANGS:
            answer = window.page.goto(f"{self.server}/{lang}{address}")
            assert answer is not None
            if answer.status == 404:
                window.complaints.clear()
                return None
            if answer.status == 400:  # questions with what is wrong: the console has a line for the status
                window.complaints.clear()
            assert answer.status in (200, 400), (what, answer.status)
            links += own_addresses(window.page.evaluate(LINKS))
            assert window.page.locator("h1").count() == 1, what
            widths = both_widths(window.page)
            if lang in examined:
                check_narrow(window.page, f"{lang} {what}", colours=lang == examined[0], widths=widths)
            else:
                check_widths(window.page, f"{lang} {what}", widths)
        assert window.complaints == [], what
        self.looked_at.add(kind)
        return links

    def _languages_for_axe(self, kind: str) -> tuple[str, ...]:
        if self.in_both(kind):
            return LANGS
        self.turns += 1
        return (LANGS[self.turns % len(LANGS)],)


def check_widths(page: Page, what: str, widths: Sequence[ViewportSize] = (WIDE, SMALL)) -> None:
    """No sideways scrolling at either width."""
    page.evaluate(UNFOLD)
    for width in widths:
        page.set_viewport_size(width)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (what, width)


def sign_in(page: Page, server: str, account: TrainingAccount) -> None:
    """Sign in with password, and with a recovery code where the role needs a second factor."""
    page.goto(f"{server}/zh/account/sign-in")
    page.fill("#email", account.email)
    page.fill("#password", account.password)
    follow(page, "#questions button")
    if account.codes:
        check_narrow(page, "second factor")
        page.set_viewport_size(NARROW)
        page.fill("#code", account.codes[0])
        follow(page, "#questions button")
    assert "/account/" not in page.url
