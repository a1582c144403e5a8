"""Two sources that state different things of one field: the later one counts, and a doubt tells of the earlier statement.

Every field has the date of the source that states it: `source` and `source_date` are those of the record, which is the latest
source that brought anything, and `field_sources` names those of the fields that come from others. Sources are ordered by their
dates where both are known, else by the order in which they come in; a field without a source has an empty entry. What an earlier source states fills gaps only, so that
sheets may come in again in any order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.schema import EMPTY_VALUES, ORIGIN_FIELDS, LoadResult
from registry.reference.text import sparse_dates
from registry.reference.text.folding import fold_name
from registry.services.publication.existing_records import ExistingRecord

SOURCES_DIFFER, STATUS_ASSUMED = "sources_differ", "status_assumed"
OTHER_SOURCES, FIELD_SOURCES = "other_sources", "field_sources"
OF_THE_SOURCE = ("source_url", "source_date", "source_status")  # facts about the source of the record itself
STATUS = "status"  # has a source as fields have
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

    def is_confirmed_by(self, other: Source) -> bool:
        """True if the same fact has its date from the other source from now on."""
        return bool(other.date) and (not self.date or self.is_before(other))

    def is_another(self, other: Source) -> bool:
        """True for another publication; a later edition of the same one is none."""
        if self.name and other.name:
            return fold_name(self.name) != fold_name(other.name)
        return self != other

    def as_json(self) -> dict[str, str]:
        parts = {"source": self.name, "source_date": self.date}
        return {part: text for part, text in parts.items() if text}


def source_of(values: Mapping[str, Any]) -> Source:
    return Source(str(values.get("source") or ""), str(values.get("source_date") or ""))


def source_of_field(values: Mapping[str, Any], name: str) -> Source:
    """The source that states a field of a record, or its status: its own one, else that of the record."""
    own = (values.get(FIELD_SOURCES) or {}).get(name)
    return source_of(values if own is None else own)


@dataclasses.dataclass(frozen=True, slots=True)
class Weighed:
    """What counts of a row beside its record. `dropped`: fields of the record that no longer hold.

    `doubts`: statements of one source that another one contradicts. `source`: of the row; `record_source`: of the record
    from now on.
    """

    loaded: LoadResult
    doubts: tuple[Issue, ...]
    dropped: frozenset[str]
    source: Source
    record_source: Source


def counting_status(
    stated: str, cleared: frozenset[str], source: Source, record: ExistingRecord
) -> tuple[str, frozenset[str]]:
    """What counts of the status that a row states and of the fields that it empties: not what a later source has stated."""
    if not source.date:
        return stated, cleared
    earlier = source.is_before(source_of_field(record.values, STATUS))
    of_fields = record.values.get(FIELD_SOURCES) or {}
    # Of a field that is empty and was emptied by no source, the latest source of the record has said nothing.
    unstated = {name for name in cleared if record.values.get(name) in EMPTY_VALUES and name not in of_fields}
    return "" if earlier else stated, frozenset(
        name
        for name in cleared
        if name in unstated or not source.is_before(source_of_field(record.values, name))
    )


def weigh(
    definition: RegisterDefinition, loaded: LoadResult, record: ExistingRecord, *, states_more: bool = False
) -> Weighed:
    """Weigh what a row states against what its record says already.

    `states_more`: the row changes the status or empties a field, besides the facts that it states.
    """
    stated, known = source_of(loaded.values), source_of(record.values)
    doubted = {(each.field, each.params.get("source"), each.params.get("value")) for each in _doubts(record)}
    left_out, doubts, brings = set(), [], states_more
    for name, value in loaded.values.items():
        if name in ORIGIN_FIELDS:
            continue
        of_field, present = source_of_field(record.values, name), record.values.get(name)
        earlier = stated.is_before(of_field)
        if present in EMPTY_VALUES:
            emptied = name in (record.values.get(FIELD_SOURCES) or ())
            if earlier and emptied:  # by a later source
                left_out.add(name)
            brings = brings or name not in left_out
            continue
        if present == value:
            names_it = name in definition.identifiers
            brings = brings or (not names_it and of_field.is_confirmed_by(stated))
            continue
        text = _text(definition, name, value)
        if earlier or (stated.text and (name, stated.text, text) in doubted):
            left_out.add(name)
        brings = brings or name not in left_out
        if stated.is_another(of_field):
            of, other = (stated, value) if name in left_out else (of_field, present)
            if of.text:
                params: dict[str, object] = {"value": _text(definition, name, other), "source": of.text}
                doubts.append(Issue(SOURCES_DIFFER, name, params, "warns", of_source=True))
    is_former = stated.is_before(known) or (not brings and stated in _further_sources(record.values))
    dropped: frozenset[str] = frozenset()
    if is_former:
        of_the_record = ("source", *OF_THE_SOURCE) if known.text else ()
        left_out |= {name for name in ORIGIN_FIELDS if record.values.get(name) not in EMPTY_VALUES}
        left_out.update(of_the_record)
    elif stated.name and stated.is_another(known):
        dropped = frozenset(name for name in OF_THE_SOURCE if name not in loaded.values)
    origin = {name: value for name, value in record.values.items() if name not in dropped}
    record_source = known if is_former or not stated.text else source_of({**origin, **loaded.values})
    return Weighed(_without(loaded, left_out), tuple(doubts), dropped, stated, record_source)


def with_sources(
    definition: RegisterDefinition,
    record: ExistingRecord,
    weighed: Weighed,
    values: Mapping[str, Any],
    *,
    status: str,
    emptied: Collection[str],
) -> dict[str, Any]:
    """The values of a record with the sources of its fields. `status`, `emptied`: what of them the row states and counts.

    A row that names these sources itself has the last word.
    """
    if FIELD_SOURCES in weighed.loaded.values:
        return dict(values)
    tables = (each.table for each in definition.former_values)
    unsourced = {*ORIGIN_FIELDS, *definition.identifiers, *tables}
    found = {name: _source_after(record, weighed, values, name) for name in values if name not in unsourced}
    known = record.values.get(FIELD_SOURCES) or {}
    found |= {name: source_of(known[name]) for name in known if name not in found}
    source = weighed.source
    of_status = source_of_field(record.values, STATUS)
    if source.date and status and (status != record.status or of_status.is_confirmed_by(source)):
        found[STATUS] = source
    elif STATUS in known or not any(issue.code == STATUS_ASSUMED for issue in record.doubts):
        found[STATUS] = of_status
    if source.date:
        found |= dict.fromkeys((name for name in emptied if name not in values), source)
    entries = {
        name: of_field.as_json()
        for name, of_field in sorted(found.items())
        if of_field != weighed.record_source or (name not in values and name != STATUS)
    }  # what a source has emptied is named also where it is the source of the record: nothing else tells of it

    others = list(values.get(OTHER_SOURCES) or ())
    if OTHER_SOURCES not in weighed.loaded.values:
        own = weighed.record_source
        further = dict.fromkeys(map(source_of, entries.values()))
        others += [
            each.text for each in further if each.text and each.is_another(own) and each.text not in others
        ]
        others = [text for text in others if text != own.text]
    merged = {**values, FIELD_SOURCES: entries, OTHER_SOURCES: others}
    fields = definition.schema.register_fields()
    return {name: merged[name] for name in fields if merged.get(name) not in (*EMPTY_VALUES, {})}


def _source_after(record: ExistingRecord, weighed: Weighed, values: Mapping[str, Any], name: str) -> Source:
    """The source that states a field after a row: that of the row where it has changed or confirmed the field.

    A row without a source corrects what is on record, as of the day of that.
    """
    known, source = source_of_field(record.values, name), weighed.source
    if not source.text or name not in weighed.loaded.values:
        return known
    if values[name] != record.values.get(name) or known.is_confirmed_by(source):
        return source
    return known


def _further_sources(values: Mapping[str, Any]) -> set[Source]:
    """The sources of single fields of a record."""
    return {source_of(each) for each in (values.get(FIELD_SOURCES) or {}).values()}


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
    return loaded._replace(
        values={name: value for name, value in loaded.values.items() if name not in names},
        issues=tuple(issue for issue in loaded.issues if issue.field not in names),
    )
