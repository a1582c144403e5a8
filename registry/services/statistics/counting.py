"""Statistics of a register or of all: counted by the search index, or for a past day from the entries of the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.search.analysis.document import ABROAD, INVENTED, ORIGIN_FACET, REAL
from registry.services.bootstrap import Registry
from registry.services.finding.facets import facet_value_words
from registry.services.finding.scope import search_scope
from registry.services.records import titles
from registry.services.records.reading import get_definition
from registry.services.statistics.charts import (
    Counting,
    charts_of,
    counted_facets,
    shares_of,
    standing_counts,
)
from registry.services.statistics.entry_blocks import read_history
from registry.services.statistics.tallies import Tallies, TalliesOfToday, tallies_of_past_day
from registry.services.statistics.views import OriginView, StatisticsView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

ORIGINS = (REAL, INVENTED, ABROAD)


def last_entry(registry: Registry, actor: Actor) -> int:
    """Return the id of the last entry, sealed or not; 0 without any. Statistics change with it."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        return int(connection.execute(select(func.max(Entry.id))).scalar() or 0)


def read_statistics(
    registry: Registry, actor: Actor, slug: str = "", *, origin: str = REAL, day: dt.date | None = None
) -> StatisticsView:
    """Return the statistics of a register, or of all (""), of the records of one origin, as of today or a past day.

    Raises `NotFound` for an unknown register, `Invalid` for an unknown origin, `Unavailable` without a search index, or where
    the log has not been read yet for past days.
    """
    require(actor, Action.READ)
    definition = get_definition(slug) if slug else None
    if origin not in ORIGINS:
        known = ", ".join(ORIGINS)
        raise Invalid((Issue("unknown_value", ORIGIN_FACET, {"value": origin[:40], "known": known}),))
    if day is None or day >= clock.today():
        return _count(registry, definition, origin, None)
    key = (slug, origin, day, last_entry(registry, actor))
    view: StatisticsView = registry.past_statistics.get_or_make(
        key, lambda: _count(registry, definition, origin, day)
    )
    return view


def _count(
    registry: Registry, definition: RegisterDefinition | None, origin: str, day: dt.date | None
) -> StatisticsView:
    """Count the records of one origin as of a past day, or as of today (None)."""
    is_past, shown_day = day is not None, day or clock.today()
    with read_transaction(registry.engine) as connection:

        def issuer_names(numbers: Sequence[str]) -> Mapping[str, Words]:
            return _issuer_names(connection, definition, numbers)

        tallies: Tallies
        if day is None:
            tallies, newest = TalliesOfToday(registry.search), _newest_entry(connection)
        else:
            tallies = tallies_of_past_day(read_history(registry, connection, clock.end_of_day(day)), day)
            newest = _newest_entry(connection, tallies.last_entry)
        counting = Counting(tallies, definition, origin, shown_day, not is_past, issuer_names)
        tally = counting.count({}, counted_facets(definition))
        return StatisticsView(
            register=titles.register_view(definition) if definition else None,
            registers=tuple(titles.register_view(each) for each in catalogue().values()),
            origin=origin,
            origins=_origin_views(tallies, definition, origin),
            day=shown_day,
            is_past=is_past,
            entry=newest.entry_index if newest else None,
            recorded_at=newest.recorded_at if newest else None,
            total=tally.total,
            standings=standing_counts(counting, tally),
            charts=charts_of(counting, tally),
            shares=shares_of(counting),
            note=definition.statistics.note if definition else "",
        )


def _newest_entry(connection: Connection, entry_id: int | None = None) -> FetchedRow | None:
    """Return the entry of this id, or the last one; None without any."""
    newest = select(Entry.index.label("entry_index"), Entry.recorded_at).order_by(Entry.id.desc()).limit(1)
    if entry_id is not None:
        newest = newest.where(Entry.id == entry_id)
    return connection.execute(newest).first()


def _origin_views(
    tallies: Tallies, definition: RegisterDefinition | None, shown: str
) -> tuple[OriginView, ...]:
    own = {"register": (definition.slug,)} if definition else {}
    numbers = tallies.count(own, (ORIGIN_FACET,)).facets[ORIGIN_FACET]
    scope = search_scope(definition.slug if definition else "")
    return tuple(
        OriginView(
            origin, facet_value_words(scope, ORIGIN_FACET, origin), numbers.get(origin, 0), origin == shown
        )
        for origin in ORIGINS
        if numbers.get(origin) or origin in (REAL, shown)
    )


def _issuer_names(
    connection: Connection, definition: RegisterDefinition | None, numbers: Sequence[str]
) -> dict[str, Words]:
    """Return the names of these issuers, those that are on record."""
    if definition is None or definition.issuer is None or not numbers:
        return {}
    register = definition.issuer.register
    rows = connection.execute(
        select(Record.number, Record.title_zh, Record.title_en, Record.en_source).where(
            Record.register == register, Record.number.in_(list(numbers))
        )
    )
    return {row.number: titles.title_of(catalogue()[register], row) for row in rows}
