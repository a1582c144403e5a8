"""Two sources that state different things of one field: the later one counts, and a doubt tells of the earlier statement.

Sources are ordered by their dates where both are known, else by the order in which they come in. What an earlier source
states fills gaps only, so that sheets may come in again in any order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.schema import EMPTY_VALUES, ORIGIN_FIELDS, LoadResult
from registry.reference.text import sparse_dates
from registry.reference.text.folding import fold_name
from registry.services.publication.existing_records import ExistingRecord

SOURCES_DIFFER = "sources_differ"
OTHER_SOURCES = "other_sources"
MAX_QUOTED = 120  # characters of a value that a doubt repeats


class Source(NamedTuple):
    """Where a statement comes from. `date`: sparse ISO, "" where it is unknown."""

    name: str
    date: str

    @property
    def text(self) -> str:
        return ", ".join(filter(None, self))

    def is_before(self, other: Source) -> bool:
        """True if this source is surely the earlier one."""
        return bool(
            self.date and other.date and sparse_dates.last_day(self.date) < sparse_dates.first_day(other.date)
        )

    def is_another(self, other: Source) -> bool:
        """True for another publication; a later edition of the same one is none."""
        if self.name and other.name:
            return fold_name(self.name) != fold_name(other.name)
        return self != other


def source_of(values: Mapping[str, Any]) -> Source:
    return Source(str(values.get("source") or ""), str(values.get("source_date") or ""))


@dataclasses.dataclass(frozen=True, slots=True)
class Weighed:
    """What counts of a row beside its record. `is_earlier`: its source is earlier than that of the record.

    `doubts`: statements of one source that another one contradicts. `values`: further ones that the document gets.
    """

    loaded: LoadResult
    is_earlier: bool
    doubts: tuple[Issue, ...]
    values: Mapping[str, Any]


def weigh(definition: RegisterDefinition, loaded: LoadResult, record: ExistingRecord) -> Weighed:
    """Weigh what a row states against what its record says already."""
    stated, known = source_of(loaded.values), source_of(record.values)
    differing = [
        name
        for name, value in loaded.values.items()
        if name not in ORIGIN_FIELDS
        and record.values.get(name) not in EMPTY_VALUES
        and record.values[name] != value
    ]
    earlier = stated.is_before(known)
    doubted = {(each.field, each.params.get("source"), each.params.get("value")) for each in _doubts(record)}
    left_out = {
        name
        for name in differing
        if earlier
        or (stated.text and (name, stated.text, _text(definition, name, loaded.values[name])) in doubted)
    }
    doubts = []
    if stated.is_another(known):
        for name in differing:
            of, value = (stated, loaded.values[name]) if name in left_out else (known, record.values[name])
            if of.text:
                params: dict[str, object] = {"value": _text(definition, name, value), "source": of.text}
                doubts.append(Issue(SOURCES_DIFFER, name, params, "warns", of_source=True))
    if earlier:
        left_out |= {name for name in ORIGIN_FIELDS if record.values.get(name) not in EMPTY_VALUES}
    return Weighed(
        _without(loaded, left_out), earlier, tuple(doubts), _other_sources(loaded, record, stated, known)
    )


def standing_doubts(
    definition: RegisterDefinition, record: ExistingRecord, loaded: LoadResult, values: Mapping[str, Any]
) -> list[Issue]:
    """The doubts of a record that stand: the sources have not come to state the same. `loaded`: of the row."""
    stated = source_of(loaded.values)
    return [
        doubt
        for doubt in _doubts(record)
        if _text(definition, doubt.field, values.get(doubt.field)) != doubt.params.get("value")
        and not (
            stated.text == doubt.params.get("source")
            and loaded.values.get(doubt.field) == values.get(doubt.field)
        )
    ]


def _doubts(record: ExistingRecord) -> Iterable[Issue]:
    return (issue for issue in record.doubts if issue.code == SOURCES_DIFFER)


def _text(definition: RegisterDefinition, name: str, value: Any) -> str:
    """A value as a doubt quotes it: as a sheet holds it, cut."""
    field = definition.schema.register_fields().get(name)
    return "" if field is None or value is None else str(field.to_cell(value))[:MAX_QUOTED]


def _without(loaded: LoadResult, names: set[str]) -> LoadResult:
    if not names:
        return loaded
    return dataclasses.replace(
        loaded,
        values={name: value for name, value in loaded.values.items() if name not in names},
        issues=tuple(issue for issue in loaded.issues if issue.field not in names),
    )


def _other_sources(
    loaded: LoadResult, record: ExistingRecord, stated: Source, known: Source
) -> Mapping[str, Any]:
    """The field of further sources, where the facts of the record come from more than one by now."""
    if OTHER_SOURCES in loaded.values or not stated.text or not stated.is_another(known):
        return {}
    facts = {name for name in record.values if name not in ORIGIN_FIELDS}
    earlier = stated.is_before(known)
    further = stated if earlier else known
    adds = set(loaded.values) - facts - set(ORIGIN_FIELDS) if earlier else facts - set(loaded.values)
    listed = list(record.values.get(OTHER_SOURCES) or ())
    if further.text and adds and further.text not in listed:
        listed.append(further.text)
    if not earlier and stated.text in listed:
        listed.remove(stated.text)
    return {OTHER_SOURCES: listed} if listed != (record.values.get(OTHER_SOURCES) or []) else {}
