"""The wheel: complete, with names of its own, and running in an environment without the repository."""

from __future__ import annotations

import email
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Installation

pytestmark = pytest.mark.once
# Folder of the repository → folder in the wheel. portal/assets has the sources of the style sheet, which is compiled.
PACKAGED = {
    "registry": "registry",
    "portal": "portal",
    "migrations": "registry/migrations",
    "translations": "registry/translations",
}
LEFT_OUT = ("portal/assets/", "translations/babel.cfg")
IMPORT_ALL = """
import importlib, pkgutil, sys, registry, portal
for package in (registry, portal):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.startswith("registry.migrations") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
print(registry.__path__[0])
print([name for name in ("pytest", "ruff", "mypy", "setuptools") if importlib.util.find_spec(name)])
"""


def packaged_files() -> set[str]:
    """Where each file of the repository that the product needs lies in the wheel."""
    files = set()
    for folder, target in PACKAGED.items():
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and path.suffix != ".pyc" and not name.startswith(LEFT_OUT):
                files.add(f"{target}/{path.relative_to(ROOT / folder).as_posix()}")
    return files


def test_the_wheel_has_every_file_of_the_product_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == packaged_files()
    assert {"registry/py.typed", "portal/py.typed"} <= names


def test_the_wheel_states_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = next(name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name)
        metadata = email.message_from_bytes(archive.read(f"{info}/METADATA"))
        assert metadata["License-Expression"] == "Apache-2.0"
        assert archive.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        assert archive.read(f"{info}/licenses/NOTICE") == (ROOT / "NOTICE").read_bytes()
        assert b"SIL OPEN FONT LICENSE" in archive.read(f"{info}/licenses/portal/static/fonts/OFL.txt")


def test_an_installed_wheel_initialises_loads_the_demonstration_and_serves(
    installation: Installation,
) -> None:
    folder, found_for_development = installation.run("python", "-c", IMPORT_ALL).splitlines()
    assert Path(folder) == installation.site_packages / "registry"
    assert found_for_development == "[]"
    version = re.search(r"^version = (.+)$", (ROOT / "setup.cfg").read_text("utf-8"), re.MULTILINE)
    assert version
    assert version[1] in installation.run("pinzheng", "--version")

    installation.run("pinzheng", "init")
    loaded = installation.run("pinzheng", "demo")
    counts = {name: int(count) for name, count in re.findall(r"^([a-z-]+): (\d+)$", loaded, re.MULTILINE)}
    assert counts["green-products"] >= 2900  # the sheets of real data are loaded in full
    assert counts["green-manufacturing"] >= 6200
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = installation.work_dir / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [installation.bin / "pinzheng", "serve", "--port", str(port), "--workers", "1"],
            cwd=installation.work_dir,
            env=installation.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        english = page(f"http://127.0.0.1:{port}/en/standards", server, log)
        chinese = page(f"http://127.0.0.1:{port}/zh/standards", server, log)
        style = re.search(r'href="(/static/[^"]*\.css[^"]*)"', english)
        assert style
        assert "govuk" in page(f"http://127.0.0.1:{port}{style[1]}", server, log)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    assert 'lang="en"' in english
    assert 'lang="zh-Hans"' in chinese
    assert "data-number=" in english
    assert "data-number=" in chinese
    assert "标准" in chinese  # its catalogue is there
    assert (installation.work_dir / "var" / "pinzheng.sqlite3").exists()


def page(address: str, server: subprocess.Popen[bytes], log: Path) -> str:
    """Ask for a page until the server answers, for two minutes."""
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                text: str = answer.read().decode()
                return text
        except (ConnectionError, TimeoutError, urllib.error.URLError):
            assert server.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.2)
