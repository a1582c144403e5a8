"""Tallies: how many records pass some filters, and how many of them have each value. Of today by the index, of a past day by the entries."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import orjson
from sqlalchemy import Connection, and_, func, select
from sqlalchemy.orm import aliased

from registry import clock
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.search.analysis.document import ORIGIN_FACET
from registry.search.analysis.ranges import parse_range
from registry.search.port import Query, SearchPort
from registry.services.records import facet_values
from registry.services.records.facet_values import Facets

Filters = Mapping[str, tuple[str, ...]]
Holder = aliased(Record, name="holder")
Issuer = aliased(Record, name="issuer")


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
    """Counts the records of a past day, each by its last entry of that day."""

    records: Sequence[Facets]

    def count(self, filters: Filters, facets: Sequence[str] = ()) -> Tally:
        counted: dict[str, Counter[str]] = {name: Counter() for name in facets}
        total = 0
        for record in self.records:
            if all(_has_any(record.get(name, ()), values) for name, values in filters.items()):
                total += 1
                for name, counter in counted.items():
                    counter.update(record.get(name, ()))
        return Tally(total, counted)


def _has_any(values: Sequence[str], wanted: Sequence[str]) -> bool:
    if any(value in wanted for value in values):
        return True
    ranges = [within for each in wanted if (within := parse_range(each)) is not None]
    return any(within.holds(value) for within in ranges for value in values)


def read_past_day(connection: Connection, register: str, day: dt.date) -> TalliesOfPastDay:
    """Read the records of one register, or of all (""), as their last entries by the end of a past day have them.

    Holders and issuers are those of today. One statement; a document is read for each record.
    """
    return TalliesOfPastDay(tuple(_records_on(connection, register, day)))


def _records_on(connection: Connection, register: str, day: dt.date) -> Iterator[Facets]:
    last = select(Entry.record_id, func.max(Entry.version).label("version")).where(
        Entry.recorded_at < clock.end_of_day(day)
    )
    if register:
        last = last.where(Entry.register == register)
    newest = last.group_by(Entry.record_id).subquery("newest")
    rows = connection.execute(
        select(
            Entry.register,
            Entry.status,
            Item.document,
            Record.demo,
            Holder.region_code.label("holder_region"),
            Issuer.number.label("issuer_number"),
        )
        .join(newest, and_(newest.c.record_id == Entry.record_id, newest.c.version == Entry.version))
        .join(Item, Item.hash == Entry.document_hash)
        .join(Record, Record.id == Entry.record_id)
        .outerjoin(Holder, Holder.id == Record.holder_id)
        .outerjoin(Issuer, Issuer.id == Record.issuer_id)
    )
    for row in rows:
        definition = catalogue()[row.register]
        values = orjson.loads(row.document)
        state = definition.life_cycle.state(definition.life_cycle.status_on(row.status, values, day))
        region = str(values.get(definition.region) or row.holder_region or "")
        facets = facet_values.facets_of(
            definition, values, region=region, date=facet_values.date_of(definition, values)
        )
        yield facets | {
            "register": (row.register,),
            "status": (state.code,),
            "standing": (state.standing,),
            ORIGIN_FACET: (facet_values.origin_of(demo=row.demo, issuer_number=row.issuer_number),),
        }
