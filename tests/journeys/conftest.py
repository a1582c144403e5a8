"""A real server over demonstration data, and a real browser: both end with the last journey, since a server that waits is at work too."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, ViewportSize, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from registry.demonstration.training_desk import TrainingAccount
from tests.conftest import find_chromium
from tests.databases import SECRET
from tests.demonstrated import demonstrated
from tests.journeys.busy_portal import make_busy
from tests.processes import START_SECONDS

__all__ = ["demonstrated"]

ROOT = Path(__file__).resolve().parents[2]
CLICK_LOST = 10_000  # milliseconds without any request
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 640}
SMALL: ViewportSize = {"width": 320, "height": 640}  # 1280 pixels at 400 % (WCAG 2.2, 1.4.10)


@pytest.fixture(scope="package")
def server(demonstrated: Path) -> Iterator[str]:
    """The address of a portal started with the command."""
    with started(demonstrated, 18000 + os.getpid() % 2000) as address:
        yield address


@dataclass(frozen=True)
class Busy:
    """A running portal in which something waits in every queue. `letters`: the addresses in letters to people, without the language."""

    address: str
    accounts: dict[str, TrainingAccount]
    letters: tuple[str, ...]


@pytest.fixture(scope="package")
def busy(demonstrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    """The demonstration with something in every queue, apart from that of other tests."""
    folder = Path(shutil.copytree(demonstrated, tmp_path_factory.mktemp("busy") / "data"))
    accounts, letters = make_busy(folder)
    with started(folder, 20000 + os.getpid() % 2000) as address:
        yield Busy(address, accounts, letters)


@contextlib.contextmanager
def started(folder: Path, port: int) -> Iterator[str]:
    """The address of a portal over a data directory."""
    environment = {
        **os.environ,
        "PINZHENG_DATA_DIR": str(folder),
        "PINZHENG_SECRET_KEY": SECRET,
        "PINZHENG_SEARCH_MEANING": "off",
    }
    environment.pop("PINZHENG_DATABASE_URL", None)
    command = [sys.executable, "-m", "portal.cli", "serve", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/readyz", process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the address answers; a server that ended by itself is told without a wait."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, f"the server ended with code {process.returncode}"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(address)


def follow(page: Page, pressed: str | Locator) -> None:
    """Press a link or button that leads to another page, and wait until that page has loaded.

    A click alone waits only until the next page has begun to arrive.
    """
    target = page.locator(pressed) if isinstance(pressed, str) else pressed
    with page.expect_navigation():
        try:
            with page.expect_request(Request.is_navigation_request, timeout=CLICK_LOST):
                target.click()
        except PlaywrightTimeout:  # nothing was asked for: on a busy machine the browser lost the click
            target.click()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_context(viewport=WIDE, java_script_enabled=False)
    yield made.new_page()
    made.close()


@pytest.fixture(scope="package")
def numbers(server: str) -> dict[str, str]:
    """One record of each register and state: `register/status` → path."""
    found: dict[str, str] = {}
    for slug in (
        "brands",
        "green-products",
        "grades",
        "declarations",
        "organisations",
        "standards",
        "bodies",
    ):
        with urllib.request.urlopen(f"{server}/en/{slug}?ended=1") as answer:
            listing = answer.read().decode()
        statuses = set(re.findall(r'name="status" value="(\w+)"', listing))
        for status in statuses:
            with urllib.request.urlopen(f"{server}/en/{slug}?ended=1&status={status}") as answer:
                path = re.search(
                    rf'data-number=.*?class="govuk-link" href="/en(/{slug}/[^"]+)"',
                    answer.read().decode(),
                    re.DOTALL,
                )
            assert path, (slug, status)
            found[f"{slug}/{status}"] = path[1]
    return found
