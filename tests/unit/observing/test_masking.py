"""No log repeats the number of a person's identity card."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from registry.observing.masking import mask_logs, mask_text

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


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("mail to li.wei+1@example.com.cn refused", "mail to ***@*** refused"),
        ("postgresql+psycopg://pinzheng:s3cret@db/x", "postgresql+psycopg://pinzheng:***@db/x"),
        ("key 3Hk9_aB-xQz7TnVw2LpRsYc5DfGjMu8EoKi4Zt1NbAq gone", "key *** gone"),
        (
            "/zh/account/finish?k=17.3Hk9_aB-xQz7TnVw2LpRsYc5DfGjMu8EoKi4Zt1NbAq",
            "/zh/account/finish?k=17.***",
        ),
        ("document 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",) * 2,
        ("registry/services/people/own_account.py line 12",) * 2,
        ("",) * 2,
    ],
)
def test_addresses_passwords_and_keys_are_masked(written: str, kept: str) -> None:
    assert mask_text(written) == kept
