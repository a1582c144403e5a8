"""What goes wrong again and again is logged when it comes first in an interval, and counted from then on."""

from __future__ import annotations

import logging
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Hashable
from dataclasses import dataclass

INTERVAL = 60.0  # seconds
MAX_KINDS = 500  # of trouble that is remembered
ERROR_ID_BYTES = 5
INNERMOST = 3  # frames by which errors are told apart


@dataclass(slots=True)
class Trouble:
    """One kind of trouble in its present interval. `again`: how often it came after the line that told it."""

    error_id: str
    ends_at: float  # monotonic seconds
    again: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """Trouble that has come. `is_told`: a line of this interval has told it; `before`: not told in the interval before."""

    error_id: str
    is_told: bool
    before: int = 0


class Repeats:
    """The kinds of trouble of one process."""

    def __init__(self, interval: float = INTERVAL, now: Callable[[], float] = time.monotonic) -> None:
        self._interval, self._now = interval, now
        self._kinds: dict[Hashable, Trouble] = {}
        self._lock = threading.Lock()

    def see(self, kind: Hashable) -> Sighting:
        """Note that this kind of trouble has come; all that come in one interval share the id of the first."""
        with self._lock:
            now = self._now()
            known = self._kinds.get(kind)
            if known is not None and now < known.ends_at:
                known.again += 1
                return Sighting(known.error_id, is_told=True)
            self._kinds.pop(kind, None)
            if len(self._kinds) >= MAX_KINDS:
                del self._kinds[next(iter(self._kinds))]
            new = Trouble(secrets.token_hex(ERROR_ID_BYTES), now + self._interval)
            self._kinds[kind] = new
            return Sighting(new.error_id, is_told=False, before=known.again if known else 0)

    def take_ended(self, *, everything: bool = False) -> list[tuple[str, int]]:
        """Return id and number of what came again in intervals that have ended, and forget those."""
        with self._lock:
            now = self._now()
            ended = [kind for kind, each in self._kinds.items() if everything or now >= each.ends_at]
            troubles = [self._kinds.pop(kind) for kind in ended]
        return [(each.error_id, each.again) for each in troubles if each.again]


REPEATS = Repeats()


def kind_of(error: BaseException) -> tuple[Hashable, ...]:
    """Return what makes two errors the same: type and the innermost lines of the code that raised them."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return (type(error).__qualname__, *frames[-INNERMOST:])


def report_error(log: logging.Logger, message: str, error: BaseException) -> str:
    """Log an error with its traceback, unless one of the same kind has been in this interval; returns the id of that line."""
    seen = REPEATS.see(kind_of(error))
    if not seen.is_told:
        more = {"error_id": seen.error_id, **({"repeated": seen.before} if seen.before else {})}
        log.error("%s: %s", message, type(error).__name__, exc_info=error, extra=more)
    return seen.error_id


class RepeatFilter(logging.Filter):
    """Lets each warning and error pass when it comes first in an interval; lines that have an `error_id` always pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or hasattr(record, "error_id"):
            return True
        error = record.exc_info[1] if record.exc_info else None
        seen = REPEATS.see((record.name, record.msg, str(record.args), error and kind_of(error)))
        if seen.is_told:
            return False
        record.error_id = seen.error_id
        if seen.before:
            record.repeated = seen.before
        return True
