"""Fixtures for all tests; deselects what cannot run here, and says why in one line each (never skipped)."""

from __future__ import annotations

import functools
import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
import zxcvbn
from argon2 import PasswordHasher
from jinja2 import Environment
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from registry import clock
from registry.accounts import passwords
from registry.attachments import sandbox
from registry.attachments.kinds import Kind
from registry.config import Settings
from registry.services.bootstrap import Registry, open_registry
from registry.store import engine as store_engine
from tests.databases import POSTGRESQL, Template
from tests.services import samples
from tests.services.people import ONE_PIXEL_PNG
from tests.shared_data import SHARED

# On a build machine the same examples every time; elsewhere new ones, and no deadline on a busy machine.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


def find_chromium() -> str | None:
    """A Chromium on this machine, or None; rather the one without windows, which takes half the time for a page."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)


def find_program(name: str) -> str | None:
    """Where a program of a server lies, or None; accounts other than root have no sbin on their path."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


REASONS = {
    "shared": (SHARED.is_dir, "the developers' real data is not beside this checkout"),
    "browser": (
        find_chromium,
        "no Chromium found: install it (Debian: apt install chromium-headless-shell) or set CHROMIUM to its path",
    ),
    "nginx": (lambda: find_program("nginx"), "no nginx found: install it (Debian: apt install nginx-light)"),
    "caddy": (lambda: find_program("caddy"), "no Caddy found: install it (Debian: apt install caddy)"),
    "postgresql": (lambda: POSTGRESQL, "they compare with an engine that the second run, on PostgreSQL, has"),
    "sqlite": (lambda: not POSTGRESQL, "they fill the disk under SQLite's own file"),
}
STATEMENTS_KEPT = 3000  # four times as many as the tests of a folder use
NOTES: pytest.StashKey[list[str]] = pytest.StashKey()


SLOW_FOLDERS = ("journeys", "kill", "packaging", "faults")  # those that take longest first
# The engines ask for the template when they are made; no signature says so.
DATABASE_FIXTURES = {"template", "filled_template", "empty_engine", "sample_engine"}


def needs_database(item: pytest.Item) -> bool:
    """True if a test takes a fixture that leads to a copy of the template, or is about PostgreSQL."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return not DATABASE_FIXTURES.isdisjoint(fixtures) or item.get_closest_marker("postgresql") is not None


def slow_folders_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the tests so ordered that each process begins with slow folders of its own.

    pytest-xdist gives each process an equal part of the list, and who is done takes some from the end of another part. At the
    end of a run no process waits for slow tests of another one.
    """
    slow: dict[str, list[pytest.Item]] = {name: [] for name in SLOW_FOLDERS}
    others: list[pytest.Item] = []
    for item in items:
        slow.get(item.path.parent.name, others).append(item)
    rest = iter(others)
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        size = (len(items) - len(ordered)) // (workers - worker)
        begins = [item for name in SLOW_FOLDERS[worker::workers] for item in slow[name]]
        ordered += [*begins, *itertools.islice(rest, max(0, size - len(begins)))]
    return [*ordered, *rest]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = slow_folders_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    if POSTGRESQL:
        without = [item for item in items if not needs_database(item)]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if needs_database(item)]
    for marker, (is_there, reason) in REASONS.items():
        left_out = [item for item in items if item.get_closest_marker(marker)] if not is_there() else []
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not item.get_closest_marker(marker)]
            config.stash.setdefault(NOTES, []).append(f"{len(left_out)} tests did not run: {reason}")


@pytest.hookimpl(optionalhook=True)  # the tests of changed code are run without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors, unless the variable of xdist says how many: many tests wait for what they have started."""
    return int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", "0")) or (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """What is imported stays: the collector need not go through its half a million objects again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for note in config.stash.get(NOTES, []):
        terminalreporter.write_line(note)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Argon2id with the least cost, a password judged once: hundreds of tests sign in, and none of them is about the cost."""
    judge = functools.cache(lambda password, inputs: zxcvbn.zxcvbn(password, user_inputs=[*inputs]))
    judging_once = SimpleNamespace(zxcvbn=lambda password, user_inputs: judge(password, tuple(user_inputs)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "zxcvbn", judging_once)
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Nothing that a test writes has to survive a power cut; processes that tests start keep to the real thing."""
    pragmas = tuple(pragma.replace("=FULL", "=OFF") for pragma in store_engine.SQLITE_PRAGMAS)
    assert "PRAGMA synchronous=OFF" in pragmas
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_engine, "SQLITE_PRAGMAS", pragmas)
        patch.setattr(os, "fsync", lambda _file: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _proof_of_claims_examined_once() -> Iterator[None]:
    """The one picture that every claim of a test hands in is examined once a process, in the sandbox; other files each time."""
    examine, proof, known = sandbox.examine, ONE_PIXEL_PNG, dict[str, Kind]()

    def examine_once(path: Path, slots_folder: Path) -> Kind:
        if not path.exists() or path.stat().st_size != len(proof) or path.read_bytes() != proof:
            return examine(path, slots_folder)
        if "kind" not in known:
            known["kind"] = examine(path, slots_folder)
        return known["kind"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "examine", examine_once)
        yield


class _SharedStatements(LRUCache[Any, Any]):
    """Compiled statements by dialect and content. SQLAlchemy asks for them by the dialect of one engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """The databases of one process share what SQLAlchemy compiled: each test has one, and asks it the same."""
    make, shared = store_engine.create_engine, _SharedStatements(STATEMENTS_KEPT)

    def make_sharing(url: str, **options: Any) -> Engine:
        options["execution_options"] = {**options["execution_options"], "compiled_cache": shared}
        return make(url, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_engine, "create_engine", make_sharing)
        yield


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once() -> Iterator[None]:
    """Applications of one process share what Jinja compiled: hundreds of tests make one, from the same files."""
    compile_now, compiled = Environment.compile, {}

    def compile_once(environment: Environment, source: Any, *given: Any, **named: Any) -> Any:
        asset = environment.globals.get("asset")
        if asset is None or not isinstance(source, str):  # none of the portal's
            return compile_now(environment, source, *given, **named)
        versions = tuple(asset.__self__._versions.items())
        key = (environment.globals["lang"], versions, source, given, tuple(named.items()))
        if key not in compiled:
            compiled[key] = compile_now(environment, source, *given, **named)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_once)
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    made = Template(tmp_path_factory.mktemp("template"))
    yield made
    made.drop()


@pytest.fixture(scope="session")
def filled_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A database with every sample of every register, sealed and indexed."""
    made = Template(tmp_path_factory.mktemp("filled_template"), samples.fill)
    yield made
    made.drop()


@pytest.fixture(scope="module")
def noon() -> Iterator[None]:
    """The clock stands still for the tests of a module."""
    with clock.frozen_at(samples.NOON):
        yield


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A register with every sample, shared by the tests of a module: each brings the records that it needs into a state."""
    with samples.opened(filled_template, tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture
def settings(template: Template, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an empty, migrated database of this test's own."""
    with template.copy(tmp_path / "data") as made:
        yield made


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    opened = open_registry(settings)
    yield opened
    opened.search.close()
