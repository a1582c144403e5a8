"""A system that has no descriptor or space left is no fault of the program: 503, and said so."""

from __future__ import annotations

import errno
import os

import pytest
from flask import Flask

from portal.app import create_app
from registry.observing.recent_trouble import forget_troubles, recent_troubles
from registry.services import operations
from registry.services.bootstrap import Registry


@pytest.fixture
def app(registry: Registry) -> Flask:
    return create_app(registry=registry)


@pytest.mark.parametrize(
    ("number", "status", "told"),
    [
        (errno.EMFILE, 503, {"descriptors_used_up"}),
        (errno.ENOSPC, 503, {"writes_refused"}),
        (errno.EROFS, 503, {"writes_refused"}),
        (errno.ENOENT, 500, set()),
    ],
)
def test_what_the_system_lacks_is_answered_with_503(
    app: Flask, monkeypatch: pytest.MonkeyPatch, number: int, status: int, told: set[str]
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise OSError(number, os.strerror(number), "file")

    forget_troubles()
    monkeypatch.setattr(operations, "check_readiness", fail)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, "Retry-After" in answer.headers) == (status, status == 503)
    assert recent_troubles() == told
    forget_troubles()
