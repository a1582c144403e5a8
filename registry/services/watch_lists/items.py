"""What stands on the watch lists for a record: from its dates, the records that it links to, its cautions, contradictions and doubles."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from registry.kit.display import Words
from registry.kit.watch_lists import CONTRADICTION, DOUBLE, Due, earliest, own_dues
from registry.registers import catalogue
from registry.services.publication import conflicts, near_doubles, record_queries
from registry.services.records import cautions
from registry.services.records.cautions import LinkForCautions
from registry.store.base import FetchedRow


def items_of_rows(
    rows: Iterable[FetchedRow], links: Mapping[int, Sequence[LinkForCautions]], today: dt.date
) -> dict[int, tuple[Due, ...]]:
    """Return what stands on the lists for records, by id; nothing for those of which nothing does.

    `rows`: as `record_queries.select_records` gives them; `links`: as `cautions.fetch_links_for_cautions` does.
    """
    return {row.id: tuple(_items(row, links.get(row.id, ()), today)) for row in rows}


def _items(row: FetchedRow, links: Sequence[LinkForCautions], today: dt.date) -> Iterator[Due]:
    definition = catalogue()[row.register]
    life_cycle = definition.life_cycle
    values = record_queries.document_of(row)
    status = life_cycle.status_on(row.status, values, today)
    found = earliest(
        itertools.chain(
            own_dues(life_cycle, definition.due_dates, status, values),
            _linked_dues(row.register, status, links, today),
            _cautions(row, status, values, links=links, today=today),
            (
                Due(DOUBLE, issue.code, None)
                for issue in near_doubles.standing(definition, row.warnings)
                if life_cycle.state(status).standing != "ended"
            ),
        )
    )
    yield from found.values()


def _linked_dues(
    register: str, status: str, links: Iterable[LinkForCautions], today: dt.date
) -> Iterator[Due]:
    declared = [each for each in catalogue()[register].linked_due_dates if status in each.states]
    for each in declared:
        for link in links:
            if link.relation == each.relation:
                linked = cautions.linked_facts(link, today)
                if linked.is_known and each.concerns(linked.status, linked.values):
                    yield Due(each.watch, each.code, each.due(linked.values))


def _cautions(
    row: FetchedRow,
    status: str,
    values: Mapping[str, Any],
    *,
    links: Sequence[LinkForCautions],
    today: dt.date,
) -> Iterator[Due]:
    kinds, sides = cautions.caution_kinds(), conflicts.conflict_sides()
    definition = catalogue()[row.register]
    if not definition.cautions and not links:
        return
    own = {kind.code: kind for rule in definition.cautions for kind in rule.kinds}
    for each in cautions.cautions_of(definition, status, values, links=links, day=today):
        watch = CONTRADICTION if each.code in sides else own.get(each.code, kinds[each.code]).watch
        if watch:
            yield Due(watch, each.code, None)


@functools.cache
def marks_of_register(register: str) -> Mapping[str, Words]:
    """Return the words of what can stand on the lists for records of a register, by code: as of a day that has passed.

    Of what its list says already there are none.
    """
    definition = catalogue()[register]
    own = {kind.code: Words(kind.zh, kind.en) for rule in definition.cautions for kind in rule.kinds}
    due = {each.code: Words(each.zh, each.en) for each in definition.declared_dues()}
    copied = definition.copied_text
    alike = {copied.code: Words(copied.zh, copied.en)} if copied else {}
    return {**cautions.caution_words(), **own, **due, **alike}
