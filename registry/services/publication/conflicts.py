"""Conflicts between registers, found by the daily run and kept, so that the pages of both records show them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.orm import aliased

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.kit.cautions import CautionKind
from registry.kit.conflicts import ConflictRule
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Conflict, Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication.link_resolution import bump_shown_records
from registry.store.batching import batches
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 500
Here, There = aliased(Record, name="here"), aliased(Record, name="there")
HereItem, ThereItem = aliased(Item, name="here_item"), aliased(Item, name="there_item")


class ConflictSide(NamedTuple):
    """One side of a conflict as a record shows it: the caution, and the states in which either record is in conflict.

    `is_about_same(values here, values opposite)`: whether both are about one thing.
    """

    kind: CautionKind
    register: str
    statuses: tuple[str, ...]
    opposite_register: str
    opposite_statuses: tuple[str, ...]
    is_about_same: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]


class FoundConflict(NamedTuple):
    """A row of the table of conflicts."""

    record_id: int
    code: str
    other_id: int


@functools.cache
def conflict_sides() -> Mapping[str, ConflictSide]:
    """Return both sides of every conflict that registers declare, by the code of the caution."""
    sides = {}
    for definition, rule in _rules():
        here, there = (definition.slug, rule.statuses), (rule.other_register, rule.other_statuses)
        sides[rule.caution.code] = ConflictSide(rule.caution, *here, *there, rule.is_about_same)
        sides[rule.other_caution.code] = ConflictSide(
            rule.other_caution, *there, *here, _seen_from_there(rule.is_about_same)
        )
    return sides


def _seen_from_there(
    is_about_same: Callable[[Mapping[str, Any], Mapping[str, Any]], bool],
) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    return lambda there, here: is_about_same(here, there)


def sides_of(register: str, status: str) -> list[ConflictSide]:
    """Return the sides on which a record of this register and status may be."""
    return [
        side for side in conflict_sides().values() if side.register == register and status in side.statuses
    ]


@functools.cache
def registers_with_conflicts() -> frozenset[str]:
    """Return the slugs of the registers whose records may be in conflict with others."""
    return frozenset(slug for definition, rule in _rules() for slug in (definition.slug, rule.other_register))


def _rules() -> list[tuple[RegisterDefinition, ConflictRule]]:
    return [(definition, rule) for definition in catalogue().values() for rule in definition.conflicts]


def find_conflicts(registry: Registry) -> int:
    """Find the conflicts of today, store them in place of those of yesterday; return how many have come or gone.

    The pages and the search documents of the records concerned are made anew.
    """
    require(SYSTEM, Action.RELAY)
    with read_transaction(registry.engine) as connection:
        found = {row for definition, rule in _rules() for row in _conflicts(connection, definition, rule)}
        stored = {
            FoundConflict(row.record_id, row.code, row.other_id)
            for row in connection.execute(select(Conflict.record_id, Conflict.code, Conflict.other_id))
        }
    changed = sorted(found ^ stored)
    for batch in batches(changed, BATCH_SIZE):
        with unit_of_work(registry.engine) as connection:
            for row in batch:
                connection.execute(
                    delete(Conflict).where(
                        Conflict.record_id == row.record_id,
                        Conflict.code == row.code,
                        Conflict.other_id == row.other_id,
                    )
                )
            new = [{**row._asdict(), "found_on": clock.today()} for row in batch if row in found]
            if new:
                connection.execute(insert(Conflict), new)
            bump_shown_records(connection, {row.record_id for row in batch})
    return len(changed)


def _conflicts(
    connection: Connection, definition: RegisterDefinition, rule: ConflictRule
) -> Iterator[FoundConflict]:
    """Both rows of each pair of records of one holder that contradict each other."""
    pairs = connection.execute(
        select(Here.id, There.id, HereItem.document, ThereItem.document)
        .join(There, There.holder_id == Here.holder_id)
        .join(HereItem, HereItem.hash == Here.document_hash)
        .join(ThereItem, ThereItem.hash == There.document_hash)
        .where(
            Here.register == definition.slug,
            Here.status.in_(rule.statuses),
            There.register == rule.other_register,
            There.status.in_(rule.other_statuses),
        )
    )
    for here, there, values, other_values in pairs:
        if rule.is_about_same(json.loads(values), json.loads(other_values)):
            yield FoundConflict(here, rule.caution.code, there)
            yield FoundConflict(there, rule.other_caution.code, here)
