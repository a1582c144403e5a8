"""Lines of the log: one record a line, nothing in it that could pass for another, trouble told once."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.config import read_log_choice
from registry.errors import Misconfigured
from registry.observing.log_lines import FORMATTERS, LogChoice
from registry.observing.repeats import REPEATS, RepeatFilter, Repeats, kind_of, report_error
from registry.observing.work import begin_work, end_work

log = logging.getLogger("tests.lines")


@pytest.fixture(params=["keyvalue", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[tuple[str, io.StringIO]]:
    REPEATS.take_ended(everything=True)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FORMATTERS[request.param]("relay"))
    log.handlers[:], log.propagate = [handler], False
    log.setLevel(logging.INFO)
    yield request.param, stream
    log.handlers.clear()


def test_a_line_has_its_fields_in_one_order(written: tuple[str, io.StringIO]) -> None:
    form, stream = written
    begin_work("abcdefgh")
    log.info("answered", extra={"path": "/<lang>/<slug>", "ms": 1.5, "mail": "a@b.example"})
    end_work()
    line = stream.getvalue()
    names = ["time", "level", "process", "pid", "from", "request", "message", "path", "ms", "mail"]
    if form == "json":
        fields = json.loads(line)
        assert list(fields) == names
        assert (fields["ms"], fields["request"], fields["mail"]) == (1.5, "abcdefgh", "***@***")
    else:
        assert [part.partition("=")[0] for part in line.split()] == names
        assert " path=/<lang>/<slug> ms=1.5 mail=***@***\n" in line


def test_what_is_logged_cannot_pass_for_a_line(written: tuple[str, io.StringIO]) -> None:
    form, stream = written
    try:
        int("x\ntime=2026-01-01T00:00:00.000Z level=info \x1b[2J\u2028y")
    except ValueError as problem:
        log.warning("a\nb=c %s", problem, exc_info=problem, extra={"error_id": "1"})
    lines = stream.getvalue().split("\n")[:-1]
    assert "\x1b" not in stream.getvalue()
    if form == "json":
        assert len(lines) == 1
        assert "ValueError" in json.loads(lines[0])["traceback"]
    else:
        assert all(line.startswith("    | ") for line in lines[1:])
        assert len(stream.getvalue().splitlines()) == len(lines)


def test_a_storm_is_told_once_and_counted() -> None:
    seconds = [0.0]
    repeats = Repeats(60.0, lambda: seconds[0])
    first = repeats.see("storm")
    assert not first.is_told
    for _ in range(25_781):
        assert repeats.see("storm").error_id == first.error_id
    assert not repeats.see("something else").is_told
    assert repeats.take_ended() == []
    seconds[0] = 60.0
    again = repeats.see("storm")
    assert (again.is_told, again.before) == (False, 25_781)
    assert again.error_id != first.error_id
    repeats.see("storm")
    seconds[0] = 120.0
    assert repeats.take_ended() == [(again.error_id, 1)]
    assert repeats.take_ended(everything=True) == []


def test_kinds_that_are_remembered_have_an_end() -> None:
    repeats = Repeats()
    for number in range(2_000):
        repeats.see(number)
    assert len(repeats._kinds) == 500


def fail(message: str) -> BaseException:
    try:
        Path("/nothing", message).read_text("utf-8")
    except OSError as problem:
        return problem
    raise AssertionError


def test_errors_of_one_place_are_one_kind_whatever_they_say(written: tuple[str, io.StringIO]) -> None:
    _form, stream = written
    assert kind_of(fail("a")) == kind_of(fail("b"))
    assert kind_of(fail("a")) != kind_of(KeyError("a"))
    ids = {report_error(log, "unexpected", fail(str(number))) for number in range(50)}
    assert len(ids) == 1
    assert stream.getvalue().count("unexpected") == 1
    assert ids.pop() in stream.getvalue()


def test_warnings_of_a_loop_are_told_once(written: tuple[str, io.StringIO]) -> None:
    _form, stream = written
    log.handlers[0].addFilter(RepeatFilter())
    for _ in range(100):
        log.warning("index not writable, will try again: %s", "disk full (tests)")
        log.info("worked")
    assert stream.getvalue().count("not writable") == 1
    assert stream.getvalue().count("worked") == 100


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PINZHENG_LOG_LEVEL", "loud"),
        ("PINZHENG_LOG_FORMAT", "xml"),
        ("PINZHENG_ACCESS_LOG", "yes"),
        ("PINZHENG_SLOW_REQUEST_MS", "-1"),
    ],
)
def test_a_choice_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured) as stopped:
        read_log_choice({name: value})
    assert stopped.value.setting == name
    assert read_log_choice({}) == LogChoice()
