"""Statements of an engine are counted, and timed, towards the request in which they run."""

from __future__ import annotations

import functools
import time

from sqlalchemy import Connection, Engine, event

from registry.observing.work import add_statement, work_at_hand

BEGUN = "pinzheng statement begun"  # key in the info of a connection


@functools.cache
def time_statements(engine: Engine) -> Engine:
    """Return the engine, its statements timed until their first row; prepared statements are timed where they run."""

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: Connection, *_statement: object) -> None:
        if work_at_hand() is not None:
            connection.info[BEGUN] = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def end(connection: Connection, *_statement: object) -> None:
        begun = connection.info.pop(BEGUN, None)
        if begun is not None:
            add_statement(time.perf_counter() - begun)

    return engine
