"""Lists in one cell of a sheet: items separated by `|`, with backslashes before a `|` that belongs to an item."""

from __future__ import annotations

import re
from collections.abc import Iterable

SEPARATOR = "|"
# A separator, or a `|` of the text, which has an odd number of backslashes before it.
ESCAPED_SEPARATOR = re.compile(r"(?<!\\)(\\*+)\|")


def join_cell(items: Iterable[str]) -> str:
    """Join items with `|`. A `|` inside an item is written `\\|`, and backslashes before either are doubled."""
    escaped = [ESCAPED_SEPARATOR.sub(r"\1\1\\|", item) for item in items]
    doubled = [item + "\\" * (len(item) - len(item.rstrip("\\"))) for item in escaped[:-1]]
    return SEPARATOR.join([*doubled, *escaped[-1:]])


def split_cell(cell: str) -> list[str]:
    """The items that `join_cell` has joined."""
    if "\\" not in cell:  # most cells
        return cell.split(SEPARATOR)
    items: list[str] = []
    item: list[str] = []
    position = 0
    for match in ESCAPED_SEPARATOR.finditer(cell):
        backslashes = len(match[1])
        item += (cell[position : match.start()], "\\" * (backslashes // 2))
        position = match.end()
        if backslashes % 2:
            item.append(SEPARATOR)
        else:
            items.append("".join(item))
            item = []
    return [*items, "".join((*item, cell[position:]))]
