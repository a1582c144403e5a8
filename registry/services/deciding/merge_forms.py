"""The form of a merge: the other record, near doubles that it may be, and the facts in which both differ, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden, NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import Identifier, Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, moves, previews
from registry.services.deciding.checking import StatedDecision
from registry.services.deciding.merging import FROM_MERGED, different_facts
from registry.services.deciding.views import MoveView, TitledRecordView
from registry.services.publication.record_columns import near_double_keys
from registry.services.publication.transitions import MERGED_HERE
from registry.services.records import reading, titles
from registry.services.records.views import RegisterView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class MergeFactView:
    """A field in which both records differ, as a message id and values in words. `from_merged`: taken from the other record."""

    name: str
    label: str
    remaining: str
    merged: str
    from_merged: bool


@dataclass(frozen=True, slots=True)
class MergeFormView:
    """The form of a merge. `merged`: the record that becomes part of `record`, None as long as none is named.

    `candidates`: records that may be the same thing; `problem`: why the one that is named cannot be; `same`: in how many facts
    both agree.
    """

    register: RegisterView
    record: TitledRecordView
    move: MoveView
    candidates: tuple[TitledRecordView, ...]
    merged: TitledRecordView | None = None
    problem: Issue | None = None
    facts: tuple[MergeFactView, ...] = ()
    same: int = 0


def get_merge_form(
    registry: Registry,
    actor: Actor,
    named: tuple[str, str],
    other: str,
    *,
    stated: Mapping[str, str],
    lang: str,
) -> MergeFormView:
    """Return the form of a merge into a record. `named`: its register and number; `other`: number of the other one, "" for none yet.

    `stated`: choices that were made. Raises `NotFound` (no such record) and `Forbidden` (another role's).
    """
    require(actor, Action.TAKE_DECISIONS)
    slug, number = named
    pointer = reading.locate_record(registry, actor, slug, number)
    definition = catalogue()[slug]
    with read_transaction(registry.engine) as connection:
        [row] = cases.fetch_cases(connection, [pointer.record_id])
        move = moves.move_from(moves.merges(definition), row.status)
        if move is None:
            raise NotFound("transition", MERGED_HERE)
        if actor.role not in move.roles:
            raise Forbidden("transition_of_others", role=actor.role, transition=MERGED_HERE)
        form = MergeFormView(
            register=titles.register_view(definition),
            record=previews.titled(row),
            move=previews.move_view(definition, move, actor.role),
            candidates=_candidates(connection, definition, row),
        )
        if not other.strip():
            return form
        found = cases.find_cases(connection, definition, [other])
    if not found.records:
        return replace(form, problem=Issue("number_unknown_here", "other", {"value": other[:60]}))
    [merged] = found.records
    if merged.id == row.id:
        return replace(form, problem=Issue("two_records_wanted", "other"))
    decision = StatedDecision(definition, MERGED_HERE, stated)
    own, others = json.loads(row.document), json.loads(merged.document)
    facts = _fact_views(decision, own, others, lang)
    return replace(
        form, merged=previews.titled(merged), facts=facts, same=_agreeing(move.fields, own, others)
    )


def _fact_views(
    decision: StatedDecision, own: Mapping[str, Any], others: Mapping[str, Any], lang: str
) -> tuple[MergeFactView, ...]:
    fields = decision.definition.schema.register_fields()
    return tuple(
        MergeFactView(
            fact.name,
            fields[fact.name].info.label,
            previews.value_text(fact.name, fields[fact.name], own, lang),
            previews.value_text(fact.name, fields[fact.name], others, lang),
            fact.choice == FROM_MERGED,
        )
        for fact in different_facts(decision, own, others)
    )


def _agreeing(names: Iterable[str], own: Mapping[str, Any], others: Mapping[str, Any]) -> int:
    return sum(1 for name in names if own.get(name) and own.get(name) == others.get(name))


def _candidates(
    connection: Connection, definition: RegisterDefinition, row: FetchedRow
) -> tuple[TitledRecordView, ...]:
    """The records that may be the same thing: near doubles, then those of the same name."""
    keys = near_double_keys(definition, json.loads(row.document))
    near = select(Identifier.record_id).where(Identifier.key.in_(keys), Identifier.record_id != row.id)
    same_name = select(Record.id).where(
        Record.register == definition.slug, Record.title_zh == row.title_zh, Record.id != row.id
    )
    ids: dict[int, None] = {}
    if keys:
        ids |= dict.fromkeys(connection.execute(near.limit(MAX_CANDIDATES)).scalars())
    if row.title_zh:
        ids |= dict.fromkeys(
            connection.execute(same_name.order_by(Record.id).limit(MAX_CANDIDATES)).scalars()
        )
    chosen = list(ids)[:MAX_CANDIDATES]
    by_id = {each.id: each for each in cases.fetch_cases(connection, chosen)}
    return tuple(previews.titled(by_id[each]) for each in chosen)
