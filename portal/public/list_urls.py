"""Addresses of lists: the current one with parameters added or removed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import urlencode

SINGLE_VALUED = frozenset({"q", "sort", "page", "ended", "from", "to"})  # adding one of these replaces it
Pair = tuple[str, str]


class ListUrl:
    """The address of a list, which templates change. `pairs`: the current query without `page`."""

    __slots__ = ("_action", "pairs")

    def __init__(self, action: str, pairs: Sequence[Pair]) -> None:
        self._action = action
        self.pairs = tuple(pairs)

    def __call__(
        self,
        add: Sequence[tuple[str, object]] = (),
        drop: Sequence[tuple[str, str | None]] = (),
        only: Collection[str] | None = None,
    ) -> str:
        """Return the address with pairs added and dropped (`None` drops every value), or with only the names in `only`.

        It is that of the first page unless `page` is added.
        """
        replaced = {name for name, _value in add if name in SINGLE_VALUED}
        remaining: list[tuple[str, object]] = [
            (name, value)
            for name, value in self.pairs
            if (only is None or name in only)
            and name not in replaced
            and (name, value) not in drop
            and (name, None) not in drop
        ]
        pairs = [*remaining, *add]
        return f"{self._action}?{urlencode(pairs)}" if pairs else self._action
