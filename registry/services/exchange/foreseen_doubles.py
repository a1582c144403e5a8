"""Near doubles among the rows of one dry run: what a row would meet if the rows before it were on record by now.

A dry run leaves nothing in the store, so that rows of earlier chunks and files are remembered here, by the keys under
which records meet that may be one thing. They are kept in a temporary file: memory stays flat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, NamedTuple, Self

import orjson

from registry.i18n import _, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.services.publication.near_doubles import MAX_GROUP, compare
from registry.services.publication.record_columns import near_double_keys

DOUBLE_IN_FILE = _("Row %(row)s of %(file)s may be the same thing. If both are one, keep one of the rows.")


class Place(NamedTuple):
    """Where a row stands: the name of its file, and its number as the sender finds it."""

    file: str
    row: str | int


class ForeseenRow(NamedTuple):
    """A row as a dry run would leave its record. `key`: natural key; `number`: "" for a record that would be new."""

    place: Place
    key: str
    number: str
    status: str
    values: Mapping[str, Any]


class ForeseenDoubles:
    """The rows of one dry run so far. A full disk raises `OSError`."""

    def __init__(self, definition: RegisterDefinition) -> None:
        self._definition = definition

    def __enter__(self) -> Self:
        self._file = sqlite3.connect("")  # a private file, gone when closed
        self._file.execute("PRAGMA journal_mode=OFF")
        self._file.execute("CREATE TABLE met (key TEXT, record TEXT, row TEXT, PRIMARY KEY (key, record))")
        self._file.execute("CREATE INDEX met_record ON met (record)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def tell(self, row: ForeseenRow) -> tuple[Issue, ...]:
        """The doubts about a row and the ones before it; it is remembered for those after it."""
        keys = near_double_keys(self._definition, row.values)
        try:
            self._file.execute("DELETE FROM met WHERE record = ?", (row.key,))
            others = {other.key: other for key in sorted(keys) for other in self._find(key)}
            content = orjson.dumps([tuple(row.place), *row[1:]]).decode() if keys else ""
            self._file.executemany(
                "INSERT INTO met VALUES (?, ?, ?)", [(key, row.key, content) for key in keys]
            )
        except sqlite3.Error as problem:
            raise OSError(f"temporary file: {problem}") from problem
        return tuple(self._doubts(row, others.values()))

    def _find(self, key: str) -> Iterator[ForeseenRow]:
        """The earlier rows under a key, unless there are too many to be a sign of anything."""
        rows = self._file.execute("SELECT row FROM met WHERE key = ? LIMIT ?", (key, MAX_GROUP)).fetchall()
        if len(rows) < MAX_GROUP:
            for (content,) in rows:
                place, *rest = orjson.loads(content)
                yield ForeseenRow(Place(*place), *rest)

    def _doubts(self, row: ForeseenRow, others: Iterable[ForeseenRow]) -> Iterator[Issue]:
        for kind, other in compare(self._definition, row, others):
            named: dict[str, object] = {"number": other.number} if other.number else other.place._asdict()
            yield Issue(kind.code, kind.field, named, "warns")


def name_place(issue: Issue, places: Mapping[str, Place]) -> Issue:
    """The issue with the place of a row where it names a record that the dry run has only foreseen. `places`: by number."""
    place = places.get(str(issue.params.get("number") or ""))
    return issue if place is None else replace(issue, params=dict(place._asdict()))


def describe_double(issue: Issue, lang: str) -> str | None:
    """A doubt that names a row of the dry run, in words; None for any other issue."""
    if not {"file", "row"} <= issue.params.keys():
        return None
    return gettext(DOUBLE_IN_FILE, lang, **issue.params)
