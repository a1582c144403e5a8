"""The logs of the test process are as they were after code that configures them."""

from __future__ import annotations

import atexit
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from registry.observing.log_lines import log_repeats
from registry.observing.repeats import REPEATS


@contextmanager
def kept_logging() -> Iterator[None]:
    """Handlers, level, factory of lines and hooks of uncaught errors are put back; no trouble is remembered."""
    root = logging.getLogger()
    handlers, level, factory = root.handlers[:], root.level, logging.getLogRecordFactory()
    hooks = sys.excepthook, threading.excepthook
    REPEATS.take_ended(everything=True)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.setLogRecordFactory(factory)
        sys.excepthook, threading.excepthook = hooks
        atexit.unregister(log_repeats)
        REPEATS.take_ended(everything=True)
