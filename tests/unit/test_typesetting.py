"""Typesetting has an end, and only so many documents are made at the same time."""

from __future__ import annotations

import subprocess
import threading

import pytest

from registry.errors import Unavailable
from registry.printing import typesetting


def test_a_template_that_does_not_exist_or_a_text_that_is_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Unavailable, match="typesetting_failed"):
        typesetting.typeset("nothing", {})
    monkeypatch.setattr(typesetting, "MAX_INPUT_BYTES", 10)
    with pytest.raises(Unavailable, match="document_too_long"):
        typesetting.typeset("record", {"title": "x" * 10})


def test_a_document_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_ends(*_arguments: object, timeout: float, **_options: object) -> None:
        raise subprocess.TimeoutExpired("typeset", timeout)

    monkeypatch.setattr(subprocess, "run", never_ends)
    for _each in range(typesetting.MAX_AT_ONCE + 1):  # a place that was taken is free again
        with pytest.raises(Unavailable, match="typesetting_failed"):
            typesetting.typeset("record", {})


def test_a_third_document_waits_for_some_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "_places", threading.BoundedSemaphore(1))
    monkeypatch.setattr(typesetting, "MAX_WAIT_SECONDS", 0.0)
    with typesetting._places, pytest.raises(Unavailable, match="typesetting_busy"):
        typesetting.typeset("record", {})
