"""Values whose former ones stay on record: the names of an organisation, the holders of a brand."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.reference.text import sparse_dates
from registry.reference.text.folding import fold_name

LEGAL_FORM = re.compile("股份|集团|有限|责任|公司|总厂|厂$")
SAME_SPELLING = 0.75  # share of characters that two spellings of one name have in common, legal form aside


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerValues:
    """A value of a record that may change, and the table in which its former ones are kept.

    `fields`: what changes together; the first one names the value. `code`: one of them that identifies what is named, so
    that a new name under the same code is no new value, "" where every new name is one. `table`: the field with the former
    values; `columns`: its columns → fields. `replaced_on`: its column for the day on which the record got the new value
    here. `ended`, `began`: its column for the last day, and the field that states the first day of the new value; "" for
    none. `drops_unstated`: what the source does not state of the new value is not that of the old one. `transition`: the
    name of the change, where the life cycle knows one that keeps the status, "" for an amendment. `unless`: a field by which
    a record that states it is named instead.
    """

    fields: tuple[str, ...]
    table: str
    columns: Mapping[str, str]
    replaced_on: str
    code: str = ""
    ended: str = ""
    began: str = ""
    drops_unstated: bool = False
    transition: str = ""
    unless: str = ""
    names: tuple[str, ...] = field(init=False)  # columns with names, by which a former value is known again

    def __post_init__(self) -> None:
        columns = tuple(column for column, name in self.columns.items() if name == self.fields[0])
        object.__setattr__(self, "names", columns)

    def is_former(self, record: Mapping[str, Any], stated: Mapping[str, Any]) -> bool:
        """True if a source states a value that the record had before, and is not later than the change."""
        name = fold_name(str(stated.get(self.fields[0]) or ""))
        if not name or record.get(self.unless) or name == fold_name(str(record.get(self.fields[0]) or "")):
            return False
        rows = [
            row
            for row in record.get(self.table) or ()
            if any(fold_name(str(row.get(column) or "")) == name for column in self.names)
        ]
        dated = str(stated.get("source_date") or "")
        return bool(rows) and not (
            dated
            and all(
                sparse_dates.first_day(dated) > sparse_dates.last_day(str(row[self.replaced_on]))
                for row in rows
                if row.get(self.replaced_on)
            )
        )

    def has_changed(self, record: Mapping[str, Any], stated: Mapping[str, Any]) -> bool:
        """True if a source states another value than the record has, and not another spelling of it."""
        before, after = str(record.get(self.fields[0]) or ""), str(stated.get(self.fields[0]) or "")
        if not before or not after or record.get(self.unless) or fold_name(before) == fold_name(after):
            return False
        if not self.code:
            return True
        old, new = record.get(self.code), stated.get(self.code)
        if old and new:
            return bool(old != new)
        return _likeness(before, after) < SAME_SPELLING

    def replace(
        self, record: Mapping[str, Any], values: Mapping[str, Any], stated: Collection[str], today: dt.date
    ) -> dict[str, Any]:
        """The values of a record with its former value in the table. `values`: as they would be without it."""
        former = {column: record[name] for column, name in self.columns.items() if record.get(name)}
        if self.ended and values.get(self.began) and self.began in stated:
            former.setdefault(self.ended, values[self.began])
        former[self.replaced_on] = today.isoformat()
        dropped = {name for name in self.fields if name not in stated} if self.drops_unstated else set()
        kept = {name: value for name, value in values.items() if name not in dropped}
        return {**kept, self.table: [*(record.get(self.table) or ()), former]}


def _likeness(first: str, second: str) -> float:
    """The share of characters that two names have in common, without those of the legal form."""
    one, other = (LEGAL_FORM.sub("", fold_name(name)) for name in (first, second))
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
