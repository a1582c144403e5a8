"""Pages as a phone gets them: what each weighs, how long it is, how many stops of the Tab key there are before the first result, what the
browser complains of, and when the first page is ready over a slow line.

python -m tests.bench.pages [--address http://127.0.0.1:8000] [--only PART]

Without an address a server is started over demonstration data. Weights are bytes as transferred (HTML, style sheet, scripts,
pictures; fonts apart) and, in brackets, unpacked; heights are pixels at a width of 360. Lines are slowed down by Chromium:
“Fast 3G” as Lighthouse means it (150 ms a round trip, 1.6 Mbit/s) and as the developer tools do (562.5 ms until each answer begins,
1.44 Mbit/s, since called “Slow 4G”). What a line that is not slowed down takes is the browser's and the server's own time.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import statistics
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from playwright.sync_api import Browser, CDPSession, ViewportSize, sync_playwright

from registry import clock
from registry.config import Settings
from registry.demonstration.load import load_demonstration
from registry.services.bootstrap import open_registry
from registry.services.operations import maintenance, relay
from tests.bench.__main__ import SECRET, served
from tests.conftest import find_chromium

PHONE: ViewportSize = {"width": 360, "height": 640}
MAX_WEIGHT = 150_000  # bytes without fonts
LINES = {  # milliseconds until an answer begins, bytes a second down and up
    "not slowed down": (0.0, -1.0, -1.0),
    "150 ms, 1.6 Mbit/s": (150.0, 1_638_400 / 8, 750_000 / 8),
    "562 ms, 1.44 Mbit/s": (562.5, 1_474_560 / 8, 675_000 / 8),
}
READY_ROUNDS = 5
PAGES = (
    "/", "/search", "/search?q=%E5%AE%B6%E5%85%B7&ended=1", "/registers", "/brands", "/green-products", "/grades", "/declarations",
    "/green-manufacturing", "/organisations", "/standards", "/bodies", "/statistics", "/statistics/brands",
    "/statistics/green-products?origin=demonstration", "/statistics/declarations?origin=demonstration", "/statistics?at=2026-11-01", "/quality", "/glossary",
    "/verify", "/verify?n=TB-2006-00001-B&n=6901234567892", "/products", "/open-data", "/searches", "/about", "/contact", "/privacy",
    "/accessibility", "/terms", "/licence", "/security", "/display", "/status", "/checks", "/report/error", "/report/fake", "/report/objection",
    "/grades/schemes", "/account/sign-in", "/account/sign-up", "/account/save-search?search=q%3D%E8%8C%B6",
)  # fmt: skip
RECORDS_OF = (
    "brands",
    "green-products",
    "grades",
    "declarations",
    "green-manufacturing",
    "organisations",
    "standards",
    "bodies",
)
# Stops of the Tab key before the first result of a list, with what is folded left out; -1 where there is no list.
TAB_STOPS = """() => {
  const first = document.querySelector("[data-number] a[href], [data-number] input");
  if (!first) return -1;
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  return stops.filter(each => each.type !== "hidden" && each.tabIndex >= 0 && each.checkVisibility({visibilityProperty: true})
    && (each.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING)).length;
}"""
READY = """() => new Promise(done => {
  const shown = performance.getEntriesByType("paint").find(each => each.name === "first-contentful-paint");
  const gone = performance.getEntriesByType("navigation")[0];
  new PerformanceObserver(list => {
    const largest = list.getEntries().at(-1);
    done([gone.domContentLoadedEventEnd, shown ? shown.startTime : 0, largest.startTime, gone.loadEventEnd]);
  }).observe({type: "largest-contentful-paint", buffered: true});
})"""


@dataclass
class Weight:
    """Bytes by type of resource: as transferred, and unpacked."""

    packed: Counter[str] = field(default_factory=Counter)
    unpacked: Counter[str] = field(default_factory=Counter)
    requests: int = 0

    def total(self, part: Counter[str]) -> int:
        return sum(size for kind, size in part.items() if kind != "Font")


class Listener:
    """Counts what a page fetches."""

    def __init__(self, session: CDPSession) -> None:
        self.weight = Weight()
        self._kinds: dict[str, str] = {}
        session.on("Network.responseReceived", self._received)
        session.on("Network.dataReceived", self._data)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _received(self, event: Any) -> None:
        self._kinds[event["requestId"]] = event["type"]

    def _data(self, event: Any) -> None:
        self.weight.unpacked[self._kinds.get(event["requestId"], "Other")] += event["dataLength"]

    def _finished(self, event: Any) -> None:
        self.weight.requests += 1
        self.weight.packed[self._kinds.get(event["requestId"], "Other")] += int(event["encodedDataLength"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages")
    parser.add_argument("--address", default="")
    parser.add_argument("--only", choices=("ready", "weights"), default="")
    chosen = parser.parse_args()
    with address_of(chosen.address) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        if chosen.only != "weights":
            measure_ready(browser, address)
        if chosen.only != "ready":
            measure_pages(browser, address)
        browser.close()
    return 0


@contextlib.contextmanager
def address_of(given: str) -> Iterator[str]:
    """The address given, or that of a server started over demonstration data."""
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="pinzheng-pages-") as folder:
        settings = Settings(
            Path(folder), f"sqlite:///{folder}/pinzheng.sqlite3", SECRET, "http://127.0.0.1:8000"
        )
        maintenance.initialise(settings)
        registry = open_registry(settings)
        load_demonstration(registry)
        relay.run_relay_once(registry)
        registry.search.close()
        with served(settings, "portal.app:create_app()") as port:
            yield f"http://127.0.0.1:{port}"


def measure_ready(browser: Browser, address: str) -> None:
    """When the first page is there over a slow line: of a first visit, and of a second one with what the browser kept."""
    print(f"first page over a slow line, milliseconds, median of {READY_ROUNDS}")
    print(f"{'':44}{'DOM ready':>11}{'first paint':>13}{'largest':>9}{'all loaded':>12}")
    for line, (latency, down, up) in LINES.items():
        for lang in ("zh", "en"):
            rounds: dict[str, list[list[float]]] = {"first visit": [], "second visit": []}
            for _round in range(READY_ROUNDS):
                context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True)
                page = context.new_page()
                session = context.new_cdp_session(page)
                session.send("Network.enable")
                conditions = {"latency": latency, "downloadThroughput": down, "uploadThroughput": up}
                session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
                for visit, measured in rounds.items():
                    page.goto("about:blank" if visit else "")
                    page.goto(f"{address}/{lang}/", wait_until="load")
                    page.wait_for_timeout(300)
                    measured.append(page.evaluate(READY))
                context.close()
            for visit, times in rounds.items():
                middle = [statistics.median(each) for each in zip(*times, strict=True)]
                print(
                    f"{line:22}{lang:4}{visit:18}{middle[0]:11,.0f}{middle[1]:13,.0f}{middle[2]:9,.0f}{middle[3]:12,.0f}"
                )


def measure_pages(browser: Browser, address: str) -> None:
    """What each page weighs and how long it is on a phone."""
    print(
        f"\npages at {PHONE['width']} pixels: kB transferred without fonts (unpacked); heaviest and longest of both languages"
    )
    print(f"{'':52}{'HTML':>14}{'all':>16}{'fonts':>7}{'requests':>10}{'height':>8}{'stops':>7}{'wide':>6}")
    for path in (*PAGES, *records_of(address)):
        rows = [measure_page(browser, f"{address}/{lang}{path}") for lang in ("zh", "en")]
        weight = max((row[0] for row in rows), key=lambda each: each.total(each.packed))
        height, stops, is_wide = (
            max(row[1] for row in rows),
            max(row[2] for row in rows),
            any(row[3] for row in rows),
        )
        complaints = sorted({said for row in rows for said in row[4]})
        html, all_of = weight.packed["Document"], weight.total(weight.packed)
        flag = "  TOO HEAVY" if all_of > MAX_WEIGHT else ""
        print(
            f"{path[:51]:52}{html / 1000:6.1f} ({weight.unpacked['Document'] / 1000:5.0f}){all_of / 1000:8.1f}"
            f" ({weight.total(weight.unpacked) / 1000:5.0f}){weight.packed['Font'] / 1000:7.0f}{weight.requests:10}{height:8,}"
            f"{stops if stops >= 0 else '–':>7}{'yes' if is_wide else 'no':>6}{flag}"
        )
        for said in complaints:
            print(f"    the browser says: {said}")


def measure_page(browser: Browser, url: str) -> tuple[Weight, int, int, bool, list[str]]:
    """Weight, height, stops of the Tab key before the first result, whether it moves sideways at 320 pixels, and errors and warnings."""
    context = browser.new_context(viewport=PHONE)  # nothing kept of other pages
    page = context.new_page()
    listener = Listener(context.new_cdp_session(page))
    complaints: list[str] = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url, wait_until="networkidle")
    height, stops = page.evaluate("document.documentElement.scrollHeight"), page.evaluate(TAB_STOPS)
    page.set_viewport_size({"width": 320, "height": 640})
    is_wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    context.close()
    return listener.weight, height, stops, is_wide, complaints


def records_of(address: str) -> list[str]:
    """Pages around records: the first record of each register, its history and a past day of it; the organisation, the body and the
    standard with the most records among those looked at; a comparison of two to four records; and the page of a product."""
    found: list[str] = []
    gathering: Counter[str] = Counter()
    for slug in RECORDS_OF:
        with urllib.request.urlopen(f"{address}/api/v1/registers/{slug}/records?ended=1&limit=100") as answer:
            items = json.load(answer)["items"]
        for item in items:
            for party, register in (("holder", "organisations"), ("issuer", "bodies")):
                if item.get(party) and item[party]["number"]:
                    gathering[f"/{register}/{path_of(item[party]['number'])}"] += 1
            for number in ((item.get("identifiers") or {}).get("std_no") or "").split(","):
                gathering[f"/standards/{path_of(number)}"] += bool(number)
        if items:
            first = f"/{slug}/{path_of(items[0]['number'])}"
            found += [first, f"{first}/history", f"{first}?at={clock.today() - dt.timedelta(1)}"]
        if len(items) > 1:
            found.append("/compare?" + "&".join(f"n={quote(item['number'])}" for item in items[:4]))
        made = next((item for item in items if item.get("holder") and item["document"].get("models")), None)
        if made:
            asked = {"maker": made["holder"]["number"], "model": made["document"]["models"][0]}
            found.append(f"/products?{urlencode(asked)}")
    for register in ("organisations", "bodies", "standards"):
        pages = [path for path, _number in gathering.most_common() if path.startswith(f"/{register}/")]
        found += pages[:1]
    return found


def path_of(number: str) -> str:
    """A number as it stands in an address."""
    return quote(number.strip().replace("/", "-").replace(" ", "-"))


if __name__ == "__main__":
    sys.exit(main())
