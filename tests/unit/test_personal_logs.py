"""No log repeats the number of a person's identity card."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from registry.personal_logs import mask_logs

RESIDENT = "11010519491231002X"  # the worked example of GB 11643-1999


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    factory = logging.getLogRecordFactory()
    stream = io.StringIO()
    log = logging.getLogger("tests.masked")
    handler = logging.StreamHandler(stream)
    log.addHandler(handler)
    log.propagate = False
    mask_logs()
    yield stream
    logging.setLogRecordFactory(factory)
    log.removeHandler(handler)


def test_lines_and_tracebacks_are_masked(lines: io.StringIO) -> None:
    log = logging.getLogger("tests.masked")
    log.warning("GET /r/%s 404", RESIDENT)
    log.warning("row 3: %r", {"uscc": RESIDENT})
    try:
        int(f"not a credit code: {RESIDENT}")
    except ValueError:
        log.exception("a sheet stopped")
    log.warning("plain %d %%", 7)
    written = lines.getvalue()
    assert RESIDENT not in written
    assert written.count("1101**********002X") >= 3
    assert "ValueError: invalid literal" in written
    assert "plain 7 %" in written
