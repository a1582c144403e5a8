"""Changes of status that dates made by mistake, taken back by an entry that says so."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.kit.definition import RegisterDefinition
from registry.kit.life_cycle import DateChange, LinkedChange
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import cascades, publishing
from registry.services.publication.batch_writer import Authority
from registry.services.publication.publishing import StatusChange
from registry.services.publication.record_queries import document_of
from registry.services.publication.transitions import CHANGE_UNDONE
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work


class _EarlierStatus(NamedTuple):
    """The status before the one of today, with the day since which it had been shown."""

    status: str
    since: dt.date


def undo_wrong_changes(registry: Registry, actor: Actor) -> list[str]:
    """Take back what dates brought about that have not come, and what followed from it; returns the numbers concerned.

    One entry for each record leads back to the status before and names the reason `CHANGE_UNDONE`: a clock had been wrong,
    or a date was corrected afterwards. What a person has decided since then is left alone.
    """
    require(actor, Action.IMPORT)
    undone: list[str] = []
    while more := [number for each in catalogue().values() for number in _undo(registry, each, actor)]:
        undone += more  # each may have brought others along
    return undone


def _undo(registry: Registry, definition: RegisterDefinition, actor: Actor) -> list[str]:
    life_cycle = definition.life_cycle
    reached = {change.after for change in life_cycle.date_changes}
    reached |= {change.after for change in life_cycle.linked_changes}
    if not reached:
        return []
    undone = []
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        rows = connection.execute(
            publishing.EXISTING_RECORDS.add_columns(Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(Record.register == definition.slug, Record.status.in_(reached))
            .order_by(Record.id)
        ).all()
        for row in rows:
            values = document_of(row)
            earlier = _status_before_mistake(connection, definition, row, values)
            if earlier is not None:
                to = StatusChange(
                    definition,
                    values,
                    earlier.status,
                    CHANGE_UNDONE,
                    Authority(actor.role),
                    since=earlier.since,
                )
                publishing.change_status(connection, row, to)
                undone.append(row.number)
    return undone


def _status_before_mistake(
    connection: Connection, definition: RegisterDefinition, row: FetchedRow, values: Mapping[str, Any]
) -> _EarlierStatus | None:
    """The status to go back to, None where the present one is right or was not brought about by the register itself."""
    rules = _possible_mistakes(definition, row.status, values)
    if not rules:
        return None
    entries = connection.execute(
        select(Entry.status, Entry.reason, Entry.actor_role, Entry.recorded_at)
        .where(Entry.record_id == row.id)
        .order_by(Entry.version.desc())
    ).all()
    runs = [list(entries_of) for _status, entries_of in itertools.groupby(entries, lambda each: each.status)]
    if len(runs) < 2:
        return None
    begun, earlier = runs[0][-1], runs[1]
    rule = next((each for each in rules if each.transition == begun.reason), None)
    if rule is None or begun.actor_role != SYSTEM.role or earlier[0].status not in rule.before:
        return None
    if isinstance(rule, LinkedChange) and cascades.has_cause(connection, rule, row.id):
        return None
    return _EarlierStatus(earlier[0].status, earlier[-1].recorded_at.astimezone(clock.SHANGHAI).date())


def _possible_mistakes(
    definition: RegisterDefinition, status: str, values: Mapping[str, Any]
) -> Sequence[DateChange | LinkedChange]:
    """The rules that lead to the status: of dates only those whose day is still ahead."""
    today = clock.today()
    dates = [
        change
        for change in definition.life_cycle.date_changes
        if change.after == status and (day := change.effective_on(values)) is not None and day > today
    ]
    return [*dates, *(change for change in definition.life_cycle.linked_changes if change.after == status)]
