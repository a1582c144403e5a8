"""The first publication of what was applied for: the answers as they were submitted, and what the authority states with it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.application_case import TAKEN
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.kit.record import Record
from registry.reference.text import sparse_dates
from registry.registers import catalogue, organisation_register
from registry.services.applying import cases, evidence, moves
from registry.services.deciding import moves as decision_moves
from registry.services.deciding import previews
from registry.services.deciding.views import DecisionFieldView
from registry.services.filing import draft_views, filing_of, submission
from registry.services.filing.submission import CheckedFiling, FilingValidator
from registry.services.publication import publishing, validation
from registry.services.publication.batch_writer import Authority
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.validation import RefusedRow
from registry.services.records import published_files
from registry.store.base import FetchedRow


def asked_fields(
    connection: Connection, actor: Actor, row: FetchedRow, move: Transition
) -> tuple[DecisionFieldView, ...]:
    """Return what the form of a publication asks for, with what the register suggests."""
    require(actor, Action.TAKE_DECISIONS)
    definition = catalogue()[row.register]
    answers = _filed(connection, actor, row).values
    loaded = definition.schema.load_values(answers, complete=False).values
    suggested = moves.applications_of(row.register).suggest(loaded, clock.today())
    unstated = _check(connection, row, move, answers)
    required = {*move.needs, *_wanted(definition, unstated)}
    return tuple(
        DecisionFieldView(name, "", name in required, suggested.get(name, ""))
        for name in _asked(definition, move, unstated)
    )


def prepare(
    connection: Connection,
    actor: Actor,
    row: FetchedRow,
    move: Transition,
    *,
    stated: Mapping[str, str],
) -> PreparedDocument | tuple[Issue, ...]:
    """Return the document that a publication would make, or everything that stands against it."""
    require(actor, Action.SEE_DESK)
    definition = catalogue()[row.register]
    filed = _filed(connection, actor, row)
    answers = filed.values
    issues = [each for each in filed.issues if each.code == "organisation_ended"]
    issues += [Issue("required", name) for name in move.needs if not stated.get(name)]
    if foreign := set(stated) - set(decision_moves.form_fields(definition, move)):
        foreign -= set(_asked(definition, move, _check(connection, row, move, answers)))
        issues += [Issue("field_not_of_decision", "", {"name": name[:60]}) for name in sorted(foreign)]
    issues += _later_than_today(definition, move, stated)
    given = {name: text for name, text in stated.items() if text}
    if day := decision_moves.day_field(definition, move):  # left open: the day on which it is published
        given.setdefault(day, clock.today().isoformat())
    checked = _check(connection, row, move, {**answers, **given})
    if isinstance(checked, RefusedRow):
        told = {issue.field for issue in issues}
        issues += [each for each in checked.issues if each.severity == "blocks" and each.field not in told]
    if issues or isinstance(checked, RefusedRow):
        return tuple(issues)
    issues += _passed_already(definition, move, checked)
    return tuple(issues) or checked


def publish(
    connection: Connection, row: FetchedRow, move: Transition, document: PreparedDocument, *, role: str
) -> int:
    """Publish an application as a record of its register, in the caller's transaction; return the record's id. Raises `Invalid`."""
    definition = catalogue()[catalogue()[row.register].published_in]
    basis = str(document.values.get(decision_moves.LEGAL_BASIS) or "")
    [outcome] = publishing.publish(
        connection, definition, [document], Authority(role, basis), reason=move.name
    )
    if outcome.issue is not None:
        raise Invalid((outcome.issue,))
    same = (Record.register == definition.slug) & (Record.natural_key == document.key)
    return int(connection.execute(select(Record.id).where(same)).scalar_one())


def said_first(
    definition: RegisterDefinition, move: Transition, document: PreparedDocument
) -> dict[str, str]:
    """Return what the page of the record will say first, by language."""
    return previews.first_sentences(definition, move.after, document.values, clock.today())


def _asked(
    definition: RegisterDefinition, move: Transition, unstated: PreparedDocument | RefusedRow
) -> tuple[str, ...]:
    """What a publication may state: what the life cycle names, and what the rules want that the holder was not asked."""
    named = decision_moves.form_fields(definition, move)
    return tuple(dict.fromkeys((*named, *_wanted(definition, unstated))))


def notices(connection: Connection, actor: Actor, row: FetchedRow) -> tuple[Issue, ...]:
    """Return what should be looked at in the answers, such as the arithmetic of a level."""
    require(actor, Action.SEE_DESK)
    return _filed(connection, actor, row).notices


def _wanted(definition: RegisterDefinition, unstated: PreparedDocument | RefusedRow) -> Iterator[str]:
    """The fields that the rules want of a publication and that the holder was not asked."""
    fields = definition.schema.register_fields()
    not_asked = {
        *filing_of(definition).fields(),
        *filing_of(definition).organisation_fields,
        *decision_moves.NOT_ASKED,
    }
    for issue in unstated.issues if isinstance(unstated, RefusedRow) else ():
        open_still = issue.code == "required" and issue.field in fields and issue.field not in not_asked
        if open_still and fields[issue.field].kind != "rows":
            yield issue.field


def _check(
    connection: Connection, row: FetchedRow, move: Transition, values: Mapping[str, Any]
) -> PreparedDocument | RefusedRow:
    """The record that an application would become, with its public files, checked by every rule."""
    definition = catalogue()[row.register]
    raw = {**values, "status": move.after}
    notice = filing_of(definition).notice
    if notice and move.after != definition.life_cycle.first_publication():  # published without a notice
        raw.pop(notice.field, None)
    if field := moves.applications_of(row.register).evidence_field:
        raw[field] = _public_files(connection, row)
    context = validation.rule_context(connection)
    return validation.validate_row(definition, 1, raw, context, registrar=False)


def _filed(connection: Connection, actor: Actor, row: FetchedRow) -> CheckedFiling:
    """The answers as they were submitted, with what follows today from the organisation and other records."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[row.register]
    organisation = submission.find_record_document(connection, organisation_register().slug, row.org_slug)
    assert organisation is not None
    raw = draft_views.typed_as_raw(definition, json.loads(row.typed))
    validator = FilingValidator(connection, row.register, organisation, shows_derived=True)
    checked = submission.check_filing(validator, raw)
    stated = stated_before(cases.steps_of(connection, row.id))
    return replace(checked, values={**checked.values, **stated}) if stated else checked


def stated_before(steps: Sequence[FetchedRow]) -> dict[str, str]:
    """Return what steps that publish nothing have stated since the last submission, such as the day on which a body has graded."""
    stated: dict[str, str] = {}
    for step in steps:
        stated = (
            {} if step.typed else {**stated, **json.loads(step.stated)} if step.state == TAKEN else stated
        )
    return stated


def stated_fields(move: Transition) -> tuple[str, ...]:
    """Return what a step that publishes nothing states: what the life cycle names."""
    return tuple(dict.fromkeys((*move.needs, *move.fields)))


def stated_problems(
    connection: Connection, actor: Actor, row: FetchedRow, move: Transition, *, stated: Mapping[str, str]
) -> tuple[Issue, ...]:
    """Return what stands against what a step states that publishes nothing: what is missing, and what would stand against it when it is public."""
    require(actor, Action.TAKE_DECISIONS)
    definition = catalogue()[row.register]
    names = stated_fields(move)
    given = {name: text for name, text in stated.items() if text.strip()}
    issues = [Issue("required", name) for name in move.needs if not given.get(name)]
    if not names or issues:
        return tuple(issues)
    public = replace(move, after=definition.life_cycle.first_publication())
    answers = _filed(connection, actor, row).values
    checked = _check(connection, row, public, {**answers, **given})
    if isinstance(checked, RefusedRow):
        known = {*names, *filing_of(definition).fields(), *filing_of(definition).organisation_fields}
        issues += [each for each in checked.issues if each.severity == "blocks" and each.field in known]
    return tuple(issues)


def _public_files(connection: Connection, row: FetchedRow) -> list[dict[str, str]]:
    last = cases.submissions(cases.steps_of(connection, row.id))[-1]
    return [
        {
            "kind": file.kind,
            "name": published_files.public_name(file.name, file.file_kind),
            "sha256": file.sha256,
        }
        for file in evidence.files_of_step(connection, last.id)
        if file.public
    ]


def _passed_already(
    definition: RegisterDefinition, move: Transition, document: PreparedDocument
) -> Iterator[Issue]:
    """Times of the first public state, such as that for objections, that have ended before it is published."""
    for each in definition.life_cycle.overdue(move.after, document.values, clock.today()):
        yield Issue("time_passed_already", each.deadline.field, {"due": each.due.isoformat()})


def _later_than_today(
    definition: RegisterDefinition, move: Transition, stated: Mapping[str, str]
) -> list[Issue]:
    """The day of the publication may not lie ahead."""
    name = decision_moves.day_field(definition, move)
    loaded = (
        definition.schema.load_values({name: stated.get(name, "")}, complete=False).values if name else {}
    )
    if name not in loaded:
        return []
    day: dt.date = sparse_dates.first_day(str(loaded[name]))
    return [Issue("after_today", name, {"value": loaded[name]})] if day > clock.today() else []
