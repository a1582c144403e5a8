"""What a room of the services declares to be done once a day; the relay runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from registry.services.bootstrap import Registry


@dataclass(frozen=True, slots=True)
class DailyJob:
    """A job of each new day in Shanghai. It must be idempotent: a relay that was killed runs it again.

    `after_indexing`: only when everything sealed so far is in the search index.
    """

    name: str
    run: Callable[[Registry], object]
    after_indexing: bool = False
