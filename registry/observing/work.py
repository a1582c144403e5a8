"""The work at hand: one request of the web or one turn of a companion process, and what it has spent so far."""

from __future__ import annotations

import contextvars
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, ParamSpec, TypeVar

NO_PATH = "none"  # no route has this address
UserKind = Literal["anonymous", "enterprise", "staff", "program"]
Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class Work:
    """One request. `path`: the pattern of its address. Seconds are of the wall clock; `error_id`: of the error that it met, "" if there was none."""

    request_id: str
    path: str = NO_PATH
    user: UserKind = "anonymous"
    database_seconds: float = 0.0
    statements: int = 0
    index_seconds: float = 0.0
    error_id: str = ""


_at_hand: contextvars.ContextVar[Work | None] = contextvars.ContextVar("work at hand", default=None)


def work_at_hand() -> Work | None:
    """Return the work of this thread, None where it has none."""
    return _at_hand.get()


def begin_work(request_id: str) -> Work:
    """Make a new work the one at hand in this thread."""
    work = Work(request_id)
    _at_hand.set(work)
    return work


def end_work() -> None:
    """Leave this thread without work at hand."""
    _at_hand.set(None)


def note_user(user: UserKind) -> None:
    """Note who has sent the request at hand."""
    work = work_at_hand()
    if work is not None:
        work.user = user


def add_statement(seconds: float) -> None:
    """Count a statement of the database towards the work at hand."""
    work = work_at_hand()
    if work is not None:
        work.database_seconds += seconds
        work.statements += 1


def spends_index_time(method: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Return the method of a search engine, with its time counted towards the work at hand."""

    @functools.wraps(method)
    def timed(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        work = work_at_hand()
        if work is None:
            return method(*args, **kwargs)
        begun = time.perf_counter()
        try:
            return method(*args, **kwargs)
        finally:
            work.index_seconds += time.perf_counter() - begun

    return timed
