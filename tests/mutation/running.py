"""A plugin of pytest that collects once and then runs, for each change, the tests that reach it: in a forked process.

No test runs in the process that is forked: what modules keep is for each change as it is after the imports, and
`functools` caches are empty. Fixtures of the session, such as databases to be copied, are made there first, so that no test
of a change makes them.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import pickle
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any

import hypothesis
import pytest

from tests.mutation.changes import Change, changes_of

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 4 << 30
KILLED, SURVIVED, UNREACHED, AT_IMPORT, TIMED_OUT = "killed", "survived", "no test", "at import", "too slow"
Key = tuple[
    str, str, int, int
]  # of a function's code: file, name, first line, and the column of one without a name


def key_of(code: CodeType) -> Key:
    """Tell functions of a file apart. (Their instructions do not: a module compiled in one has others, that mean the same.)"""
    columns = (place[2] for place in code.co_positions() if place[2]) if code.co_name.startswith("<") else ()
    return code.co_filename, code.co_qualname, code.co_firstlineno, min(columns, default=0)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which changes are tried, and for how long.

    `every`: only each n-th. `boundaries`: only of numbers, comparisons and conditions. `seconds`: of tests for one change
    at most, by their duration without it, the quickest first. `shares_fixtures`: those of the session are made once, before
    anything is tried.
    """

    every: int = 1
    boundaries: bool = False
    seconds: float = 20.0
    shares_fixtures: bool = False


class Trial:
    """Tries the changes of some modules on the collected tests.

    `into`: the file that gets one line of JSON for each change.
    """

    def __init__(self, modules: Sequence[Path], into: Path, choice: Choice) -> None:
        self.modules, self.into, self.choice = modules, into, choice
        self.in_child = False
        self.reached: dict[Key, set[int]] = defaultdict(set)
        self.durations: list[float] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """A failure is enough: no smaller example of it is looked for."""
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile(
            "mutation", derandomize=True, deadline=None, max_examples=20, phases=phases
        )
        hypothesis.settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.in_child and report.failed:
            os._exit(1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Failed(f"{session.testsfailed} errors while collecting")
        self.items = session.items
        if self.choice.shares_fixtures:
            make_session_fixtures(session)
            empty_caches()
        measured = self._in_child(self._measure)
        if not isinstance(measured, tuple):
            raise session.Failed("the tests fail without any change")
        self.durations, self.reached = measured
        empty_caches()  # finds them, once for all
        gc.unfreeze()
        functions = [found for found in gc.get_objects() if isinstance(found, FunctionType)]
        gc.freeze()
        self.into.parent.mkdir(parents=True, exist_ok=True)
        with self.into.open("w", encoding="utf-8") as output:
            for module in self.modules:
                self._try_module(module, functions, output)
        return True

    def _try_module(self, module: Path, functions: list[FunctionType], output: Any) -> None:
        name = str(module.resolve())
        by_code: dict[Key, list[FunctionType]] = defaultdict(list)
        for function in functions:
            if function.__code__.co_filename == name:
                by_code[key_of(function.__code__)].append(function)
        counts: Counter[str] = Counter()
        start = time.monotonic()
        for number, change in enumerate(changes_of(module, name, boundaries=self.choice.boundaries)):
            if number % self.choice.every:
                continue
            status = self._try_change(change, by_code)
            counts[status] += 1
            row = {
                "module": os.path.relpath(module, ROOT), "line": change.line, "status": status,
                "before": change.before, "after": change.after,
            }  # fmt: skip
            output.write(json.dumps(row, ensure_ascii=False) + "\n")
            output.flush()
        told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        print(f"{module}: {told} ({time.monotonic() - start:.0f} s)", flush=True)

    def _try_change(self, change: Change, by_code: dict[Key, list[FunctionType]]) -> str:
        if not any(by_code.get(key_of(before)) for before, _after in change.codes):
            return AT_IMPORT  # no function is left to be given the change
        tests = set().union(*(self.reached.get(key_of(before), ()) for before, _ in change.codes))
        if not tests:
            return UNREACHED
        chosen, total = [], 0.0
        for number in sorted(tests, key=self.durations.__getitem__):
            total += self.durations[number]
            if chosen and total > self.choice.seconds:
                break
            chosen.append(self.items[number])

        def run() -> None:
            for before, after in change.codes:
                for function in by_code[key_of(before)]:
                    function.__code__ = after
            empty_caches()
            self._run(chosen)

        ended = self._in_child(run, seconds=10 + 10 * total)
        return {0: SURVIVED, -signal.SIGPROF: TIMED_OUT}.get(ended, KILLED)

    def _run(self, items: Sequence[pytest.Item]) -> None:
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def _measure(self) -> tuple[list[float], dict[Key, set[int]]]:
        """How long each test takes, and the tests by the functions of the modules that they reach."""
        names = {str(module.resolve()) for module in self.modules}
        durations, reached = [], defaultdict(set)
        for number, item in enumerate(self.items):
            following = self.items[number + 1] if number + 1 < len(self.items) else None
            seen: set[CodeType] = set()

            def note(frame: Any, event: str, _argument: Any, seen: set[CodeType] = seen) -> None:
                if event == "call":
                    seen.add(frame.f_code)

            start = time.process_time()
            sys.setprofile(note)
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            finally:
                sys.setprofile(None)
            durations.append(time.process_time() - start)
            for code in seen:
                if code.co_filename in names:
                    reached[key_of(code)].add(number)
            empty_caches()
        return durations, dict(reached)

    def _in_child(self, work: Callable[[], Any], *, seconds: float = 0.0) -> Any:
        """What `work` returns in a forked process, or the exit code of that process (negative: the signal)."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self.in_child = True
            os.close(reading)
            quiet = os.open(os.devnull, os.O_RDWR)
            if seconds:
                os.dup2(quiet, 1)
                os.dup2(quiet, 2)
                signal.signal(signal.SIGPROF, signal.SIG_DFL)
                signal.setitimer(signal.ITIMER_PROF, seconds)
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            try:
                made = work()
                if made is not None:
                    with os.fdopen(writing, "wb") as pipe:
                        pickle.dump(made, pipe)
            except BaseException:  # noqa: BLE001
                os._exit(3)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(child, 0)
        return pickle.loads(data) if data else os.waitstatus_to_exitcode(status)


def make_session_fixtures(session: pytest.Session) -> None:
    """Make the fixtures of the session that any test takes: prepare tests that take them, without running one."""
    after: Any = SimpleNamespace(
        listchain=lambda: [session]
    )  # an item of another folder: what is the session's stays
    made: set[str] = set()
    session.config.option.setuponly = True
    for item in session.items:
        definitions = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - nothing public tells
        taken = {name for name, found in definitions.items() if found[-1].scope == "session"}
        if not taken <= made:
            item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            made |= taken
    session.config.option.setuponly = False


def empty_caches() -> None:
    """Forget what `functools` keeps for the functions of this repository."""
    for cache in _caches():
        cache.cache_clear()


@functools.cache
def _caches() -> tuple[Any, ...]:
    return tuple(_find_caches())


def _find_caches() -> Iterator[Any]:
    seen = set()
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] not in ("registry", "portal"):
            continue
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear") and id(value) not in seen:
                seen.add(id(value))
                yield value
