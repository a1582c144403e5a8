"""A side of a connection that says nothing any more is taken for gone, by the database and by its client."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from registry.store.engine import engine_for


class _Looked(Exception):
    pass


def test_both_sides_ask_one_that_is_silent_whether_it_is_still_there() -> None:
    """A machine that had disappeared in the middle of a write kept the counter locked for a minute, a relay's for two hours."""
    engine = engine_for("postgresql+psycopg://reader@127.0.0.1/none")
    given: dict[str, Any] = {}

    @event.listens_for(engine, "do_connect")
    def look(dialect: object, record: object, arguments: object, parameters: dict[str, Any]) -> None:
        del dialect, record, arguments
        given.update(parameters)
        raise _Looked

    with pytest.raises(_Looked):
        engine.connect()
    options = dict(each.split("=") for each in given["options"].split("-c ") if each)
    server = (int(options[f"tcp_keepalives_{name}"]) for name in ("idle", "interval", "count"))
    idle, interval, count = server
    assert idle + interval * count < 15
    assert 0 < int(options["tcp_user_timeout"]) < 15_000
    assert given["keepalives_idle"] + given["keepalives_interval"] * given["keepalives_count"] <= 20
