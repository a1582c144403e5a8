"""Tallies: how many records pass some filters, and how many of them have each value. Of today by the index, of a past day by the entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from registry.registers import catalogue
from registry.search.analysis.document import UNSTATED
from registry.search.embedded.columns import Facet
from registry.search.port import Query, SearchPort
from registry.services.publication.transitions import MERGED_AWAY
from registry.services.records.facets.facet_names import stated_facets
from registry.services.statistics.entry_columns import MERGED_FACET, EntryColumns

REGION = "region"
Filters = Mapping[str, tuple[str, ...]]


class Tally(NamedTuple):
    """How many records there are, and facet → value → how many of them have it."""

    total: int
    facets: Mapping[str, Mapping[str, int]]


class Tallies(Protocol):
    """Counts records."""

    def count(self, filters: Filters, facets: Sequence[str] = ()) -> Tally:
        """Return the tally of the records that pass every filter, ended ones included."""


@dataclass(frozen=True, slots=True)
class TalliesOfToday:
    """Counts what the lists of today show, by the columns of the search index. Every method may raise `Unavailable`."""

    search: SearchPort

    def count(self, filters: Filters, facets: Sequence[str] = ()) -> Tally:
        result = self.search.find(
            Query(filters=filters, include_ended=True, facets=tuple(facets), sort="-date", limit=1)
        )
        # A facet that is filtered by is counted as if it were not; here its values are those of the records counted.
        return Tally(
            result.total,
            {
                name: {
                    value: number
                    for value, number in result.facets.get(name, ())
                    if name not in filters or value in filters[name]
                }
                for name in facets
            },
        )


@dataclass(frozen=True, slots=True)
class TalliesOfPastDay:
    """Counts the records of a past day. `rows`: the row of each of them in the columns; `region`: the facet of that day."""

    columns: EntryColumns
    rows: NDArray[np.int64]
    region: Facet

    @property
    def last_entry(self) -> int:
        """The id of the last entry by the end of the day, 0 before the first."""
        return int(self.columns.entries[self.rows].max(initial=0))

    def count(self, filters: Filters, facets: Sequence[str] = ()) -> Tally:
        """Return the tally of the records that pass every filter."""
        rows = self.rows
        for name, values in filters.items():
            rows = rows[self._facet(name).documents_with(values)[rows]]
        return Tally(len(rows), {name: _counts(self._facet(name), rows) for name in facets})

    def _facet(self, name: str) -> Facet:
        return self.region if name == REGION else self.columns.facet(name)


def _counts(facet: Facet, rows: NDArray[np.int64]) -> dict[str, int]:
    return dict(facet.counts(np.bincount(facet.codes[rows], minlength=len(facet.sets))))


def tallies_of_past_day(columns: EntryColumns, day: dt.date) -> TalliesOfPastDay:
    """Return what counts the records that were on record by the end of a past day, each as it stood then.

    A record without a region of its own is in that of its holder on that day. One that was merged by then is none.
    """
    rows = columns.rows_on(day)
    merged = columns.facet(MERGED_FACET).documents_with((MERGED_AWAY,))[rows]
    return TalliesOfPastDay(columns, rows[~merged], _region_on_day(columns, rows))


def _region_on_day(columns: EntryColumns, rows: NDArray[np.int64]) -> Facet:
    stated = columns.facet(REGION)
    sets = (*stated.sets, (UNSTATED,))
    codes = stated.codes.astype(np.int64)
    holders = rows[columns.own_keys[rows] != 0]
    without = rows[codes[rows] == 0]
    held = without[columns.holder_keys[without] != 0]
    if len(holders) and len(held):
        holders = holders[np.argsort(columns.own_keys[holders], kind="stable")]
        keys, wanted = columns.own_keys[holders], columns.holder_keys[held]
        places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = keys[places] == wanted
        codes[held[found]] = stated.codes[holders[places[found]]]
    silent = without[codes[without] == 0]
    asked = [slug for slug in catalogue() if REGION in stated_facets(slug)]
    codes[silent[columns.facet("register").documents_with(asked)[silent]]] = len(sets) - 1
    return Facet(sets, codes)
