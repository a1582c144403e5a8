"""Preparing a decision: looked at before, checked record by record, kept until a second person takes it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, literal, select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.decision import PREPARED, RETURNED, TAKEN_BACK, DecidedRecord, Decision, DecisionFile
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, merging, moves, persons, previews
from registry.services.deciding.cases import NamedCases
from registry.services.deciding.checking import CheckedCase, StatedDecision, check_case
from registry.services.deciding.views import DecisionPreview, RefusedCaseView
from registry.services.publication import publishing, validation
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_RECORDS = 1_000  # of one decision
BATCH_SIZE = 500  # records of one statement
MAX_EFFECTS = 20  # records whose changes are shown
MAX_EVIDENCE_LENGTH, MAX_NOTE_LENGTH = 2_000, 500  # characters
EVIDENCE, NOTE, NUMBERS = "evidence", "note", "numbers"


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """A decision as it is typed. `key`: of its transition; `numbers`: of the records, in any spelling; `stated`: field → text.

    `version`: of the record as it was looked at, where it is one; None for many. `files`: SHA-256 of files that a program has
    uploaded before; a page adds them afterwards.
    """

    register: str
    key: str
    numbers: tuple[str, ...]
    stated: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    note: str = ""
    version: int | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedDecision:
    """A decision as it was kept: its id, on how many records, and on which it is not possible. `id`: None where nothing was kept."""

    id: int | None
    records: int
    refused: tuple[RefusedCaseView, ...]


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A draft with each of its records checked, by reading alone. `published`: what was public then, to be compared later."""

    decision: StatedDecision
    found: NamedCases
    checked: tuple[CheckedCase, ...]
    published: tuple[int, dt.date]


def preview_decision(registry: Registry, actor: Actor, draft: DecisionDraft, lang: str) -> DecisionPreview:
    """Return what a decision would do, and on which records it is not possible. Nothing is kept.

    Raises `NotFound` (no such transition), `Forbidden` (another role's) and `Invalid` (what is typed as a whole).
    """
    require(actor, Action.TAKE_DECISIONS)
    draft_as_read = check_draft(registry, actor, draft)
    decision, checked = draft_as_read.decision, draft_as_read.checked
    possible = [case for case in checked if case.document is not None]
    return DecisionPreview(
        move=previews.move_view(decision.definition, decision.moves[0], actor.role),
        effects=tuple(previews.effect_of(decision, case, lang) for case in possible[:MAX_EFFECTS]),
        possible=len(possible),
        refused=_refused(draft_as_read.found, checked),
    )


def check_draft(registry: Registry, actor: Actor, draft: DecisionDraft) -> CheckedDraft:
    """Check a draft without keeping others from writing. Raises as `preview_decision`."""
    require(actor, Action.TAKE_DECISIONS)
    decision = stated_decision(draft)
    _require_role(decision, actor)
    with read_transaction(registry.engine) as connection:
        persons.require_person(connection, actor)
        published = publishing.published_state(connection)
        found, checked = _check_draft(connection, actor, decision, draft)
    return CheckedDraft(merging.with_number(decision, found), found, tuple(checked), published)


def prepare_decision(registry: Registry, actor: Actor, draft: DecisionDraft) -> int:
    """Keep a decision for a second person, on those records on which it is possible. Returns its id.

    Raises as `preview_decision`; `Invalid` also where it is possible on none, or the one record has changed since.
    """
    require(actor, Action.TAKE_DECISIONS)
    as_read = check_draft(registry, actor, draft)
    with unit_of_work(registry.engine) as connection:
        prepared = prepare_in_transaction(connection, actor, draft, as_read=as_read)
    assert prepared.id is not None
    return prepared.id


def prepare_in_transaction(
    connection: Connection,
    actor: Actor,
    draft: DecisionDraft,
    *,
    leave_out: bool = True,
    as_read: CheckedDraft | None = None,
) -> PreparedDecision:
    """Keep a decision in the caller's transaction, which holds the publish lock from here on. Raises as `prepare_decision`.

    Without `leave_out` nothing is kept where it is not possible on a record. `as_read`: the draft as it was checked before;
    its records are checked again only if something was published since. Whose they are, and what waits for them, is asked again.
    """
    require(actor, Action.TAKE_DECISIONS)
    decision = stated_decision(draft)
    _require_role(decision, actor)
    publishing.acquire_publish_lock(connection)  # of two people who prepare for one record, one is told
    person = persons.require_person(connection, actor)
    if as_read is not None and as_read.published == publishing.published_state(connection):
        found = as_read.found
        checked = without_hindered(connection, actor, as_read.checked)
    else:
        found, checked = _check_draft(connection, actor, decision, draft)
    decision = merging.with_number(decision, found)
    possible = [case for case in checked if case.document is not None]
    refused = _refused(found, checked)
    if refused and decision.merges:  # both or none
        raise Invalid(refused[0].issues)
    if refused and not leave_out:
        return PreparedDecision(None, 0, refused)
    if not possible:
        raise Invalid(checked[0].issues if checked else (Issue("no_record_named", NUMBERS),))
    if draft.version is not None and possible[0].record.version != draft.version:
        raise Invalid((_changed(possible[0].record),))
    [kept] = keep_decisions(connection, actor, [(draft, decision, possible)], prepared_by=person)
    numbers = [case.record.number for case in possible]
    audit_log.record_all(connection, actor, "decision_prepared", numbers, details=f"{decision.key} {kept}")
    return PreparedDecision(kept, len(possible), refused)


def keep_decisions(
    connection: Connection,
    actor: Actor,
    drafts: Sequence[tuple[DecisionDraft, StatedDecision, Sequence[CheckedCase]]],
    *,
    prepared_by: int,
) -> list[int]:
    """Write checked decisions, each with its records; return their ids. The caller holds the publish lock and writes the audit log."""
    require(actor, Action.TAKE_DECISIONS)
    now = clock.now()
    values = [
        {
            "register": draft.register,
            "transition": decision.moves[0].name,
            "after": decision.after,
            "stated": json.dumps(dict(decision.stated), ensure_ascii=False),
            "evidence": draft.evidence.strip(),
            "note": draft.note.strip(),
            "state": PREPARED,
            "prepared_by": prepared_by,
            "prepared_at": now,
        }
        for draft, decision, _possible in drafts
    ]
    statement = insert(Decision).returning(Decision.id, sort_by_parameter_order=True)
    ids = [int(found) for found in connection.execute(statement, values).scalars()]
    connection.execute(
        insert(DecidedRecord),
        [
            {
                "decision_id": decision_id,
                "record_id": case.record.id,
                "version": case.record.version,
                "status": case.record.status,
                "outcome": "",
            }
            for decision_id, (_draft, _decision, possible) in zip(ids, drafts, strict=True)
            for case in possible
        ],
    )
    told = _records_with_files(connection, actor, drafts)
    for decision_id, written, (_draft, _decision, possible) in zip(ids, values, drafts, strict=True):
        if possible[0].record.id in told:
            _take_over_files(connection, decision_id, written, possible[0].record)
    return ids


def _records_with_files(
    connection: Connection,
    actor: Actor,
    drafts: Sequence[tuple[DecisionDraft, StatedDecision, Sequence[CheckedCase]]],
) -> set[int]:
    """The first records of decisions for which the actor has prepared one with files before."""
    require(actor, Action.TAKE_DECISIONS)
    found: set[int] = set()
    for part in batches([possible[0].record.id for _draft, _decision, possible in drafts], BATCH_SIZE):
        rows = connection.execute(
            select(DecidedRecord.record_id)
            .join(Decision, Decision.id == DecidedRecord.decision_id)
            .join(DecisionFile, DecisionFile.decision_id == Decision.id)
            .where(DecidedRecord.record_id.in_(part), Decision.prepared_by == actor.user_id)
        )
        found.update(rows.scalars())
    return found


def _take_over_files(
    connection: Connection, decision_id: int, values: Mapping[str, object], record: FetchedRow
) -> None:
    """Give a decision that is prepared again the files of the one before, which was returned or taken back."""
    same = (
        getattr(Decision, name) == values[name] for name in ("register", "transition", "after", "prepared_by")
    )
    before = connection.execute(
        select(Decision.id)
        .join(DecidedRecord, DecidedRecord.decision_id == Decision.id)
        .where(*same, Decision.state.in_((RETURNED, TAKEN_BACK)), DecidedRecord.record_id == record.id)
        .order_by(Decision.id.desc())
        .limit(1)
    ).scalar()
    if before is not None:
        files = select(literal(decision_id), DecisionFile.attachment_id).where(
            DecisionFile.decision_id == before
        )
        connection.execute(
            insert(DecisionFile).from_select(
                ["decision_id", "attachment_id"], files.order_by(DecisionFile.id)
            )
        )


def stated_decision(draft: DecisionDraft) -> StatedDecision:
    """Return what a draft states. Raises `NotFound` for a register or a transition that there is not."""
    definition = catalogue().get(draft.register)
    if definition is None:
        raise NotFound("register", draft.register, code="register_unknown")
    decision = StatedDecision(definition, draft.key, _stated(draft))
    if not decision.moves:
        raise NotFound("transition", draft.key)
    return decision


def check_records(
    connection: Connection, actor: Actor, decision: StatedDecision, records: Sequence[FetchedRow]
) -> list[CheckedCase]:
    """Check a decision on each of these records, as they are in this transaction.

    Not on records out of the actor's bounds, nor on those whose holder they act for.
    """
    require(actor, Action.TAKE_DECISIONS)
    if decision.merges:
        return _check_merge(connection, actor, decision, records)
    return check_pairs(connection, actor, [(decision, record) for record in records])


def _check_merge(
    connection: Connection, actor: Actor, decision: StatedDecision, records: Sequence[FetchedRow]
) -> list[CheckedCase]:
    """Check a merge on both of its records."""
    require(actor, Action.TAKE_DECISIONS)
    hindrances = persons.find_hindrances(connection, actor, records)
    context = validation.rule_context(connection)
    pairs = [(decision, case) for case in merging.check_merge(decision, records, context, actor.role)]
    return [
        CheckedCase(case.record, None, (hindrances[case.record.id],))
        if case.record.id in hindrances
        else case
        for case in merging.without_taken_keys(connection, pairs)
    ]


def check_pairs(
    connection: Connection, actor: Actor, pairs: Sequence[tuple[StatedDecision, FetchedRow]]
) -> list[CheckedCase]:
    """Check decisions, each on its record; as `check_records`. What waits for another decision already is not asked."""
    require(actor, Action.TAKE_DECISIONS)
    hindrances = persons.find_hindrances(connection, actor, [record for _decision, record in pairs])
    limited = [
        record.id
        for decision, record in pairs
        if any(move.within_hours is not None for move in decision.moves)
    ]
    entered = cases.first_entries(connection, limited) if limited else {}
    objections = cases.open_objections(
        connection, [record.id for decision, record in pairs if _ends_publicity(decision, record)]
    )
    context = validation.rule_context(connection)
    checked = []
    for row, (decision, record) in enumerate(pairs, start=1):
        if record.id in hindrances:
            checked.append(CheckedCase(record, None, (hindrances[record.id],)))
        elif record.id in objections:
            issue = Issue("objections_open", "", {"count": objections[record.id]})
            checked.append(CheckedCase(record, None, (issue,)))
        else:
            checked.append(
                check_case(
                    decision,
                    record,
                    context,
                    role=actor.role,
                    first_entry=entered.get(record.id),
                    row=row,
                )
            )
    decisions = [decision for decision, _record in pairs]
    return merging.without_taken_keys(connection, list(zip(decisions, checked, strict=True)))


def _ends_publicity(decision: StatedDecision, record: FetchedRow) -> bool:
    """True for a decision that brings this record into force after it was announced for objections."""
    move = moves.move_from(decision.moves, record.status)
    return move is not None and moves.ends_publicity(decision.definition, move)


def refused_views(checked: Sequence[CheckedCase]) -> tuple[RefusedCaseView, ...]:
    """Return the records on which a decision is not possible."""
    return tuple(
        RefusedCaseView(case.record.number, previews.titled(case.record), case.issues)
        for case in checked
        if case.document is None
    )


def _refused(found: NamedCases, checked: Sequence[CheckedCase]) -> tuple[RefusedCaseView, ...]:
    """What a draft names and cannot be decided on: numbers of no record, and records."""
    unknown = (RefusedCaseView(number, None, (found.why_not(number),)) for number in found.unknown)
    return (*unknown, *refused_views(checked))


def _check_draft(
    connection: Connection, actor: Actor, decision: StatedDecision, draft: DecisionDraft
) -> tuple[NamedCases, list[CheckedCase]]:
    """The records that a draft names, each checked; one that waits for another decision is refused.

    Of a single record everything that is wrong is told together.
    """
    problems = _problems(decision, draft)
    if problems and len(draft.numbers) != 1:
        raise Invalid(problems)
    found = cases.find_cases(connection, decision.definition, draft.numbers)
    if not found.records:
        named = found.why_not(found.unknown[0], NUMBERS) if found.unknown else None
        raise Invalid((*problems, named or Issue("no_record_named", NUMBERS)))
    decision = merging.with_number(decision, found)
    checked = check_records(connection, actor, decision, found.records)
    if problems:
        raise Invalid((*problems, *checked[0].issues))
    return found, without_waiting(connection, checked)


def without_waiting(connection: Connection, checked: Sequence[CheckedCase]) -> list[CheckedCase]:
    """Return checked records, those refused for which another decision waits."""
    waiting = cases.open_decisions(connection, [case.record.id for case in checked])
    return [
        CheckedCase(case.record, None, (Issue("decision_waits", "", {"decision": waiting[case.record.id]}),))
        if case.record.id in waiting
        else case
        for case in checked
    ]


def without_hindered(
    connection: Connection, actor: Actor, checked: Sequence[CheckedCase]
) -> list[CheckedCase]:
    """Return records that were checked before, those refused that are out of the actor's bounds by now or wait for a decision."""
    require(actor, Action.TAKE_DECISIONS)
    hindrances = persons.find_hindrances(connection, actor, [case.record for case in checked])
    return without_waiting(
        connection,
        [
            CheckedCase(case.record, None, (hindrances[case.record.id],))
            if case.record.id in hindrances
            else case
            for case in checked
        ],
    )


def _problems(decision: StatedDecision, draft: DecisionDraft) -> tuple[Issue, ...]:
    """What is wrong with a draft whatever record it is about."""
    issues = []
    if len(draft.numbers) > MAX_RECORDS:
        issues.append(
            Issue("too_many_records", NUMBERS, {"count": len(draft.numbers), "at_most": MAX_RECORDS})
        )
    if decision.corrects and len(draft.numbers) > 1:
        issues.append(Issue("too_many_records", NUMBERS, {"count": len(draft.numbers), "at_most": 1}))
    if decision.has_public_words and not draft.note.strip():
        issues.append(Issue("correction_words_wanted", NOTE))
    if decision.moves[0].evidence and not draft.evidence.strip():
        issues.append(Issue("evidence_wanted", EVIDENCE))
    for name, text, at_most in (
        (EVIDENCE, draft.evidence, MAX_EVIDENCE_LENGTH),
        (NOTE, draft.note, MAX_NOTE_LENGTH),
    ):
        if len(text.strip()) > at_most:
            issues.append(Issue("too_long", name, {"length": len(text.strip()), "at_most": at_most}))
    return tuple(issues)


def _require_role(decision: StatedDecision, actor: Actor) -> None:
    """Raise `Forbidden` unless the table gives the transition to the actor's role."""
    require(actor, Action.TAKE_DECISIONS)
    if not any(actor.role in move.roles for move in decision.moves):
        raise Forbidden("transition_of_others", role=actor.role, transition=decision.key)


def _stated(draft: DecisionDraft) -> dict[str, str]:
    return {name: text.strip() for name, text in draft.stated.items() if text.strip()}


def _changed(record: FetchedRow) -> Issue:
    return Issue("record_changed", "", {"number": record.number, "version": record.version})
