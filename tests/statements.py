"""What a block of code asks the database: SQLAlchemy's own statements and the prepared ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event

from registry.store.prepared import PreparedSelect


@contextmanager
def asked(engine: Engine) -> Iterator[list[str]]:
    """The statements run meanwhile, in order."""
    seen: list[str] = []
    run = PreparedSelect._run

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    def noted(self: PreparedSelect, *given: Any) -> Any:
        seen.append(str(self._statement))
        return run(self, *given)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with mock.patch.object(PreparedSelect, "_run", noted):
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
