"""Merging two records that are one thing: the form, which facts the record that remains takes, and what becomes of the other one.

A merge is a decision on both, with what it is based on and words that the public reads. It holds for every register, by its fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import Identifier, Record
from registry.kit.rules import RuleContext
from registry.kit.schema import EMPTY_VALUES
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, moves, previews
from registry.services.deciding.cases import NamedCases, existing_record
from registry.services.deciding.checking import CheckedCase, StatedDecision, check_stated
from registry.services.deciding.views import MoveView, TitledRecordView
from registry.services.publication import existing_records, merges
from registry.services.publication.batch_writer import Authority
from registry.services.publication.existing_records import ExistingRecord
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.record_columns import identifying_texts, near_double_keys
from registry.services.publication.sources import FIELD_SOURCES, source_of_field
from registry.services.publication.transitions import MERGED_HERE
from registry.services.publication.validation import read_row
from registry.services.records import reading, titles
from registry.services.records.views import RegisterView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_CANDIDATES = 10  # records that are offered as the double
MERGED_NUMBER = (
    "merged_number"  # in what a merge states: the number of the record that is merged into the other one
)
FROM_MERGED, FROM_REMAINING = "merged", "remaining"  # of which record a fact is taken
CHOICES = (FROM_MERGED, FROM_REMAINING)


@dataclass(frozen=True, slots=True)
class DifferentFact:
    """A field in which two records differ. `choice`: of which of them its value is taken, one of `CHOICES`."""

    name: str
    remaining: Any
    merged: Any
    choice: str


def stated_facts(decision: StatedDecision) -> Mapping[str, str]:
    """Return what a decision states of facts: of a merge its basis alone, for its choices are none."""
    if not decision.merges:
        return decision.stated
    return {name: text for name, text in decision.stated.items() if name == moves.LEGAL_BASIS}


def different_facts(
    decision: StatedDecision, remaining: Mapping[str, Any], merged: Mapping[str, Any]
) -> tuple[DifferentFact, ...]:
    """Return where two documents differ, in the order of the fields.

    What is not stated is taken from the record that remains, unless only the other one knows it and it is no fact of a state, such
    as the ground of a removal.
    """
    of_states = moves.facts_of_states(decision.definition)
    found = []
    for name in moves.merges(decision.definition)[0].fields:
        own, other = remaining.get(name), merged.get(name)
        if other in EMPTY_VALUES or own == other:
            continue
        known_there_only = own in EMPTY_VALUES and name not in of_states
        usual = FROM_MERGED if known_there_only else FROM_REMAINING
        found.append(DifferentFact(name, own, other, decision.stated.get(name) or usual))
    return tuple(found)


def with_number(decision: StatedDecision, found: NamedCases) -> StatedDecision:
    """Return a merge with the number of the second record that it names; any other decision as it is.

    Raises `Invalid` where a merge does not name two records.
    """
    if not decision.merges or MERGED_NUMBER in decision.stated:
        return decision
    if found.unknown:
        raise Invalid((found.why_not(found.unknown[0], "numbers"),))
    if len(found.records) != 2:
        raise Invalid((Issue("two_records_wanted", "numbers"),))
    return replace(decision, stated={**decision.stated, MERGED_NUMBER: found.records[1].number})


def without_taken_keys(
    connection: Connection, checked: Sequence[tuple[StatedDecision, CheckedCase]]
) -> list[CheckedCase]:
    """Return checked records of one register, those refused whose natural key another record has or was merged with: they may be one thing."""
    rekeyed = {
        case.document.key
        for _decision, case in checked
        if case.document is not None and case.document.key != case.document.former_key
    }
    if not rekeyed:
        return [case for _decision, case in checked]
    definition = checked[0][0].definition
    own = {case.record.number for _decision, case in checked}
    present = existing_records.find_existing_records(connection, definition, rekeyed, ()).by_key
    former = existing_records.find_former_keys(connection, definition.slug, rekeyed)
    others = {key: record.number for key, record in present.items()}
    others |= {key: row.number for key, row in former.items() if not row.former_title}
    others = {key: number for key, number in others.items() if number not in own}
    return [
        CheckedCase(
            case.record,
            None,
            (Issue("key_of_another", definition.key.fields[0], {"number": others[case.document.key]}),),
        )
        if case.document is not None and case.document.key in others
        else case
        for _decision, case in checked
    ]


def in_order(decision: StatedDecision, checked: Sequence[CheckedCase]) -> list[CheckedCase]:
    """Return the records of a merge: the one that remains, then the one that is merged into it."""
    return sorted(checked, key=lambda case: is_merged(decision, case.record))


def is_merged(decision: StatedDecision, record: FetchedRow) -> bool:
    """Return True for the record of a merge that does not remain."""
    return bool(record.number == decision.stated.get(MERGED_NUMBER))


def check_merge(
    decision: StatedDecision, records: Sequence[FetchedRow], context: RuleContext, role: str
) -> list[CheckedCase]:
    """Check a merge of two records as they are; returns them in the order given.

    The case of the record that remains has the document that it will have, that of the other one its last.
    """
    ordered = sorted(records, key=lambda record: is_merged(decision, record))
    if len(ordered) != 2 or ordered[-1].number != decision.stated.get(MERGED_NUMBER):
        return [CheckedCase(record, None, (Issue("two_records_wanted", "numbers"),)) for record in records]
    remaining, merged = ordered
    issues = tuple(_problems(decision, remaining, role))
    before, other = existing_record(remaining), existing_record(merged)
    document = issues or _document(decision, before, other, context)
    if isinstance(document, tuple):
        refused = CheckedCase(remaining, None, document)
        return [refused if record is remaining else CheckedCase(record, None, document) for record in records]
    last = PreparedDocument(
        row=2,
        key=other.natural_key,
        values=merges.merged_values(other.values, remaining.number),
        status=merged.status,
    )
    return [CheckedCase(record, document if record is remaining else last) for record in records]


def retire(
    connection: Connection,
    authority: Authority,
    decision: StatedDecision,
    *,
    merged: CheckedCase,
    remaining: CheckedCase,
) -> None:
    """Take the record that does not remain out of its register; the document of the other one is published afterwards."""
    merges.retire_record(
        connection,
        decision.definition,
        merged.record,
        into=remaining.record,
        authority=authority,
    )


def _problems(decision: StatedDecision, record: FetchedRow, role: str) -> Iterator[Issue]:
    """What stands against what a merge states, whatever the records say."""
    move = moves.move_from(decision.moves, record.status)
    if move is None or role not in move.roles:
        yield Issue("transition_not_allowed", "status", {"after": record.status})
        return
    for name, text in decision.stated.items():
        if name in (moves.LEGAL_BASIS, MERGED_NUMBER):
            continue
        if name not in move.fields:
            yield Issue("field_not_of_decision", "", {"name": name[:60]})
        elif text not in CHOICES:
            yield Issue("merge_choice", name, {"value": text[:60]})
    if not decision.stated.get(moves.LEGAL_BASIS):
        yield Issue("required", moves.LEGAL_BASIS)


def _document(
    decision: StatedDecision, remaining: ExistingRecord, merged: ExistingRecord, context: RuleContext
) -> PreparedDocument | tuple[Issue, ...]:
    """The document of the record that remains, found by the numbers of both; or what it would make wrong."""
    definition = decision.definition
    taken = {
        fact.name: fact.merged
        for fact in different_facts(decision, remaining.values, merged.values)
        if fact.choice == FROM_MERGED
    }
    raw: dict[str, Any] = {**taken, **_sources(remaining, merged, taken)}
    checked = check_stated(definition, read_row(definition, 1, raw), remaining, context)
    if isinstance(checked, tuple):
        return checked
    texts = identifying_texts(definition, merged.number, merged.values)
    values = existing_records.with_former_numbers(definition, checked.values, texts, number=remaining.number)
    return replace(checked, values=values, amendment_reason=decision.moves[0].name, row=1)


def _sources(
    remaining: ExistingRecord, merged: ExistingRecord, names: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, str]]]:
    """Where the facts that are taken come from, as the other record says; nothing where neither names a source."""
    found = {name: source_of_field(merged.values, name).as_json() for name in names}
    kept = remaining.values.get(FIELD_SOURCES) or {}
    if not names or not (any(found.values()) or kept or remaining.values.get("source")):
        return {}
    return {FIELD_SOURCES: {**kept, **found}}


@dataclass(frozen=True, slots=True)
class MergeFactView:
    """A field in which both records differ, as a message id and values in words. `from_merged`: taken from the other record."""

    name: str
    label: str
    remaining: str
    merged: str
    from_merged: bool


@dataclass(frozen=True, slots=True)
class CandidateFact:
    """What tells a candidate from the record: a field by its message id, its value in words, and whether the record says something else."""

    label: str
    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A record that may be the same thing, with what tells both apart, in the order of the register's lists."""

    record: TitledRecordView
    facts: tuple[CandidateFact, ...]


@dataclass(frozen=True, slots=True)
class MergeFormView:
    """The form of a merge. `merged`: the record that becomes part of `record`, None as long as none is named.

    `candidates`: records that may be the same thing; `problem`: why the one that is named cannot be; `same`: in how many facts
    both agree.
    """

    register: RegisterView
    record: TitledRecordView
    move: MoveView
    candidates: tuple[CandidateView, ...]
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
            candidates=_candidates(connection, definition, row, lang),
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
    connection: Connection, definition: RegisterDefinition, row: FetchedRow, lang: str
) -> tuple[CandidateView, ...]:
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
    own = json.loads(row.document)
    return tuple(
        CandidateView(
            previews.titled(by_id[each]),
            _told_apart_by(definition, own, json.loads(by_id[each].document), lang),
        )
        for each in chosen
    )


def _told_apart_by(
    definition: RegisterDefinition, own: Mapping[str, Any], other: Mapping[str, Any], lang: str
) -> tuple[CandidateFact, ...]:
    """Holder, region, and what a line of the register's lists has of a candidate."""
    fields, layout = definition.schema.register_fields(), definition.layout
    party = definition.holder
    names = (
        *((party.zh if other.get(party.zh) else party.key,) if party else ()),
        definition.region,
        layout.kicker,
        *layout.result_fields,
        *definition.identifiers,
    )
    titles_shown = {*definition.title.zh, *definition.title.en}
    return tuple(
        CandidateFact(fields[name].info.label, text, own.get(name) != other.get(name))
        for name in dict.fromkeys(names)
        if name in fields
        and name not in titles_shown
        and (text := previews.value_text(name, fields[name], other, lang))
    )
