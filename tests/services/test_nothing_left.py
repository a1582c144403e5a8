"""A relay on a machine that has nothing left for the moment: one line of the log, the index kept, and tried again."""

from __future__ import annotations

import errno
import threading

import pytest

from registry.errors import Unavailable
from registry.services.bootstrap import Registry
from registry.services.mail import delivery
from registry.services.operations import relay, text_reading
from registry.store import locks
from tests.descriptors import no_descriptor_left

pytestmark = pytest.mark.once  # of files and threads


def test_an_index_that_cannot_be_opened_for_the_moment_is_not_built_again(filled: Registry) -> None:
    before = filled.search.status().path
    filled.search.close()
    with no_descriptor_left(), pytest.raises(Unavailable):
        relay.ensure_index(filled)
    relay.ensure_index(filled)
    assert filled.search.status().path == before


@pytest.mark.parametrize(
    ("problem", "has_traceback"),
    [(OSError(errno.EMFILE, "Too many open files"), False), (OSError(errno.EIO, "Input/output error"), True)],
)
@pytest.mark.parametrize("work", ["letters", "full texts"])
def test_what_the_system_has_not_left_is_one_line_of_the_log_and_tried_again(
    registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    work: str,
    problem: OSError,
    has_traceback: bool,
) -> None:
    stop, turns = threading.Event(), list[int]()

    def fail_once(*_given: object) -> int:
        turns.append(1)
        if len(turns) == 1:
            raise problem
        stop.set()
        return 0

    monkeypatch.setattr(delivery.Delivery, "send_batch", fail_once)
    monkeypatch.setattr(text_reading, "read_next_text", fail_once)
    monkeypatch.setattr(delivery, "ERROR_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(text_reading, "ERROR_PAUSE_SECONDS", 0.0)
    if work == "letters":
        with locks.hold_lock(relay.RELAY_LOCK, registry.settings.data_dir, registry.engine) as lease:
            delivery.run_delivery(registry, lease, stop)
    else:
        text_reading.run_text_reading(registry, stop)
    assert len(turns) == 2
    [line] = [each for each in caplog.records if each.levelname == "WARNING"]
    assert bool(line.exc_info) is has_traceback
