"""What entries say of their records, in columns: one row for each entry and for each change that a date brings to it."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from registry import clock
from registry.kit.definition import KeyMissing, RegisterDefinition
from registry.ledger.model import ACTS
from registry.registers import catalogue
from registry.search.analysis.document import ORIGIN_FACET
from registry.search.embedded.columns import Facet
from registry.services.publication import record_columns
from registry.services.publication.transitions import MERGED_AWAY
from registry.services.records.facets import facet_values
from registry.store.base import FetchedRow

Numbers = NDArray[Any]
NO_SET: tuple[str, ...] = ()  # the first of the sets of each facet: of rows without a value
PLAIN_COLUMNS: Mapping[str, Any] = {
    "records": np.int64,
    "entries": np.int64,
    "days": np.int32,
    "own_keys": np.uint64,
    "holder_keys": np.uint64,
}
SETS = "sets"  # in a file of columns: the sets of values of all facets, as JSON
MERGED_FACET = "merged"  # of rows since which their record is part of another one
FACET = "facet_"  # before the name of a facet there


@dataclass(frozen=True)
class EntryColumns:
    """Rows in the order of their entries; those of one entry in the order of their days.

    `days`: from which on a row holds (proleptic ordinals, in Shanghai), until a later row of its record does;
    `own_keys`, `holder_keys`: hashes of register and natural key of the record and of its holder, 0 for none. The facet
    `region` has what the document of the record itself says.
    """

    records: Numbers
    entries: Numbers
    days: Numbers
    own_keys: Numbers
    holder_keys: Numbers
    facets: Mapping[str, Facet]

    def __len__(self) -> int:
        return len(self.records)

    def rows_on(self, day: dt.date) -> Numbers:
        """Return the row of each record that was on record by the end of a day: the last that holds by then."""
        rows = np.flatnonzero(self.days <= day.toordinal())
        if not len(rows):
            return rows
        last = np.full(int(self.records.max()) + 1, -1, np.int64)
        last[self.records[rows]] = rows  # of several rows of a record the last one stays
        return last[last >= 0]

    def facet(self, name: str) -> Facet:
        """Return a facet; one without values where no entry has any."""
        return self.facets.get(name) or Facet((NO_SET,), np.zeros(len(self), np.uint8))


def columns_of(entries: Iterable[FetchedRow]) -> EntryColumns:
    """Return the columns of entries in the order of their ids.

    They have `id`, `record_id`, `register`, `status`, `reason`, `recorded_at` and `document`.
    """
    plain: dict[str, list[int]] = {name: [] for name in PLAIN_COLUMNS}
    facets = _FacetsBuilder()
    for entry in entries:
        if entry.register in ACTS:  # no record
            continue
        definition = catalogue()[entry.register]
        values = orjson.loads(entry.document)
        constant = _facets_of(definition, values)
        own_key, holder_key = _own_key(definition, values), _holder_key(definition, values)
        for day, status in _statuses(definition, values, entry):
            state = definition.life_cycle.state(status)
            row = (entry.record_id, entry.id, day.toordinal(), own_key, holder_key)
            for column, number in zip(plain.values(), row, strict=True):
                column.append(number)
            facets.add(constant | {"status": (state.code,), "standing": (state.standing,)} | _merged(entry))
    arrays = {name: np.array(plain[name], dtype) for name, dtype in PLAIN_COLUMNS.items()}
    return EntryColumns(**arrays, facets=facets.build())


def concatenate(parts: Sequence[EntryColumns]) -> EntryColumns:
    """Return the rows of several columns, one after another."""
    if len(parts) == 1:
        return parts[0]
    names = sorted({name for part in parts for name in part.facets})
    arrays = {
        name: np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in parts)]).astype(dtype)
        for name, dtype in PLAIN_COLUMNS.items()
    }
    return EntryColumns(**arrays, facets={name: _joined(name, parts) for name in names})


def write_columns(columns: EntryColumns) -> bytes:
    """Return columns as the bytes of a compressed NumPy archive."""
    sets = {name: facet.sets for name, facet in columns.facets.items()}
    arrays: dict[str, Any] = {
        **{name: getattr(columns, name) for name in PLAIN_COLUMNS},
        **{FACET + name: facet.codes for name, facet in columns.facets.items()},
        SETS: np.frombuffer(orjson.dumps(sets), np.uint8),
    }
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def read_columns(archive: bytes) -> EntryColumns:
    """Return the columns that were written as an archive. Raises `ValueError` for anything else."""
    with np.load(io.BytesIO(archive), allow_pickle=False) as file:
        sets = orjson.loads(file[SETS].tobytes())
        return EntryColumns(
            **{name: file[name] for name in PLAIN_COLUMNS},
            facets={
                name: Facet(tuple(map(tuple, of_facet)), file[FACET + name])
                for name, of_facet in sets.items()
            },
        )


def _facets_of(definition: RegisterDefinition, values: Mapping[str, Any]) -> facet_values.Facets:
    """Return what the document alone says; the region of its holder is looked up on the day that is counted."""
    region = str(values.get(definition.region) or "")
    facets = facet_values.facets_of(
        definition, values, region=region, date=facet_values.date_of(definition, values)
    )
    if not region:
        facets.pop("region", None)
    issuer = str(values.get(definition.issuer.key) or "") if definition.issuer else ""
    origin = facet_values.origin_of(demo=bool(values.get("demo")), issuer_number=issuer)
    return facets | {"register": (definition.slug,), ORIGIN_FACET: (origin,)}


def _merged(entry: FetchedRow) -> facet_values.Facets:
    """Mark the last entry of a record that was merged: it is counted no longer, and still tells the region of what names it."""
    return {MERGED_FACET: (MERGED_AWAY,)} if entry.reason == MERGED_AWAY else {}


def _statuses(
    definition: RegisterDefinition, values: Mapping[str, Any], entry: FetchedRow
) -> Iterator[tuple[dt.date, str]]:
    """Yield the day of an entry with the status on it, then each day that changes the status with what it becomes."""
    life_cycle, day = definition.life_cycle, entry.recorded_at.astimezone(clock.SHANGHAI).date()
    status = entry.status
    for _step in range(len(life_cycle.states)):
        change = life_cycle.next_date_change(status, values)
        if change is None:
            break
        if change[0] > day:
            yield day, status
            day = change[0]
        status = change[1].after
    yield day, status


class _FacetsBuilder:
    """Collects the facets of rows, one row after another."""

    def __init__(self) -> None:
        self._rows = 0
        self._sets: dict[str, dict[tuple[str, ...], int]] = {}
        self._codes: dict[str, list[int]] = {}

    def add(self, facets: facet_values.Facets) -> None:
        for name, values in facets.items():
            known = self._sets.setdefault(name, {NO_SET: 0})
            codes = self._codes.setdefault(name, [])
            codes.extend([0] * (self._rows - len(codes)))
            codes.append(known.setdefault(values, len(known)))
        self._rows += 1

    def build(self) -> dict[str, Facet]:
        for codes in self._codes.values():
            codes.extend([0] * (self._rows - len(codes)))
        return {
            name: Facet.from_codes(tuple(self._sets[name]), np.array(codes, np.int64))
            for name, codes in self._codes.items()
        }


def _joined(name: str, parts: Sequence[EntryColumns]) -> Facet:
    known: dict[tuple[str, ...], int] = {NO_SET: 0}
    codes: list[Numbers] = []
    for part in parts:
        facet = part.facet(name)
        new_codes = np.array([known.setdefault(values, len(known)) for values in facet.sets], np.int64)
        codes.append(new_codes[facet.codes])
    return Facet.from_codes(tuple(known), np.concatenate(codes))


@functools.cache
def _holder_registers() -> frozenset[str]:
    return frozenset(each.holder.register for each in catalogue().values() if each.holder)


def _own_key(definition: RegisterDefinition, values: Mapping[str, Any]) -> int:
    if definition.slug not in _holder_registers():
        return 0
    try:
        return _key_hash(definition.slug, definition.key.compute(values))
    except KeyMissing:
        return 0


def _holder_key(definition: RegisterDefinition, values: Mapping[str, Any]) -> int:
    holder = definition.holder
    text = str(values.get(holder.key) or "") if holder else ""
    return (
        _key_hash(holder.register, record_columns.target_key(holder.register, text)) if holder and text else 0
    )


@functools.lru_cache(1 << 14)
def _key_hash(register: str, key: str) -> int:
    digest = hashlib.blake2b(key[:200].encode(), digest_size=8, person=register.encode()[:16]).digest()
    return int.from_bytes(digest, "little")
