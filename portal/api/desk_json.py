"""The views of the desk as JSON. Labels come in both languages; sentences about a request in the language that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry.i18n import LOCALES, gettext
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import filing
from registry.services.applying import (
    ApplicationLine,
    ApplicationView,
    EvidenceKindView,
    StepFormView,
    StepView,
)
from registry.services.deciding import (
    DecisionFieldView,
    DecisionFileView,
    DecisionFormView,
    DecisionLineView,
    DecisionPreview,
    DecisionView,
    DeskCaseView,
    DeskRegisterView,
    EffectView,
    EntryFormView,
    EntryLineView,
    EntryPreview,
    EntryView,
    MoveView,
    RefusedCaseView,
    TitledRecordView,
)
from registry.services.decision_sheets import RefusedRow
from registry.services.issue_messages import issue_message, issues_as_json, message_of_code
from registry.services.records import LabelledText, StatusView, Words

Json = dict[str, Any]


def in_both(message: str) -> Json:
    """A message in both languages."""
    return {lang: gettext(message, lang) for lang in LOCALES}


def words(each: Words) -> Json:
    """A name in both languages."""
    return {"zh": each.zh, "en": each.en}


def status(view: StatusView) -> Json:
    """A state of a life cycle."""
    return {"code": view.code, "zh": view.zh, "en": view.en, "standing": view.standing}


def record_line(record: TitledRecordView) -> Json:
    """A record as a line."""
    return {
        "register": record.register.slug,
        "number": record.number,
        "title": words(record.title),
        "status": status(record.status),
        "version": record.version,
    }


def case_line(case: DeskCaseView) -> Json:
    """A record that waits, with its clock in working days."""
    return {
        **record_line(case.record),
        "kind": case.kind,
        "mark": words(case.mark) if case.mark else None,
        "due": case.due or None,
        "working_days": case.working_days,
        "since": case.since,
        "decision": case.decision,
    }


def transition(move: MoveView) -> Json:
    """A transition of a life cycle, without what it asks for."""
    return {
        "key": move.key,
        "name": words(move.name),
        "after": status(move.after),
        "roles": [in_both(role) for role in move.roles],
        "mine": move.mine,
        "evidence": [in_both(each) for each in move.evidence],
        "public_notice": in_both(move.public_notice) if move.public_notice else None,
        "within_hours": move.hours,
    }


def transition_with_fields(move: MoveView, register: str, fields: Sequence[DecisionFieldView]) -> Json:
    """A transition with the fields that it may state: those required, closed lists with their codes, what the record says now."""
    return {**transition(move), "fields": [_field(register, each) for each in fields]}


def decision_form(form: DecisionFormView) -> Json:
    """A transition that the reader may prepare."""
    return transition_with_fields(form.move, form.register.slug, form.fields)


def desk_register(view: DeskRegisterView) -> Json:
    """A register with the transitions of the reader's role."""
    return {
        "register": view.register.slug,
        "label": in_both(view.register.label),
        "transitions": [transition(move) for move in view.moves],
    }


def decision_line(line: DecisionLineView) -> Json:
    """A decision in a list; `number` and `title` of its first record."""
    return {
        "id": line.id,
        "register": line.register.slug,
        "transition": transition(line.move),
        "state": line.state,
        "number": line.record.number,
        "title": words(line.record.title),
        "records": line.total,
        "prepared_by": line.prepared_by,
        "prepared_at": line.prepared_at.isoformat(),
        "claimed_by": line.claimed_by or None,
        "reply": line.reply,
    }


def decision(view: DecisionView, files: Sequence[DecisionFileView], lang: str) -> Json:
    """A decision with what it would do now."""
    return {
        "id": view.id,
        "register": view.register.slug,
        "transition": transition(view.move),
        "state": view.state,
        "stated": [labelled(each) for each in view.stated],
        "evidence": view.evidence,
        "files": [
            {"id": each.id, "name": each.name, "size": each.size, "sha256": each.sha256} for each in files
        ],
        "note": view.note,
        "reply": view.reply,
        "records": [record_line(each) for each in view.records],
        "total": view.total,
        "left_out": list(view.left_out),
        "effects": [_effect(each) for each in view.effects],
        "refused": [refused(each, lang) for each in view.refused],
        "prepared_by": view.prepared_by,
        "prepared_at": view.prepared_at.isoformat(),
        "claimed_by": view.claimed_by or None,
        "settled_by": view.settled_by or None,
        "settled_at": view.settled_at.isoformat() if view.settled_at else None,
        "own": view.own,
        "obstacle": _obstacle(view.obstacle, view.obstacle_params, lang),
    }


def preview(view: DecisionPreview, lang: str) -> Json:
    """What a decision would do."""
    return {
        "would": "prepare",
        "transition": transition(view.move),
        "possible": view.possible,
        "effects": [_effect(each) for each in view.effects],
        "refused": [refused(each, lang) for each in view.refused],
    }


def entry_form(form: EntryFormView) -> Json:
    """A register in which the reader enters new records, with the fields of its form."""
    return {
        "register": form.register.slug,
        "transition": transition_with_fields(form.move, form.register.slug, form.fields),
    }


def entry_line(line: EntryLineView) -> Json:
    """A new record that waits, in a list."""
    return {
        "id": line.id,
        "register": line.register.slug,
        "title": words(line.title),
        "named": line.named,
        "state": line.state,
        "prepared_by": line.prepared_by,
        "prepared_at": line.prepared_at.isoformat(),
        "reply": line.reply,
    }


def entry_preview(view: EntryPreview, register: str, lang: str) -> Json:
    """What a new record would say."""
    return {
        "would": "prepare",
        "transition": transition(view.move),
        "stated": [labelled(each) for each in view.stated],
        "sentences": dict(view.sentences),
        "warnings": issues_as_json(view.warnings, catalogue()[register], lang),
    }


def entry(view: EntryView, lang: str) -> Json:
    """A new record with what it would say now."""
    file = view.file
    return {
        **entry_line(view.line),
        "transition": transition(view.move),
        "stated": [labelled(each) for each in view.stated],
        "evidence": view.evidence,
        "note": view.note,
        "file": {"name": file.name, "size": file.size, "sha256": file.sha256} if file else None,
        "sentences": dict(view.sentences),
        "issues": issues_as_json(view.issues, catalogue()[view.line.register.slug], lang),
        "settled_by": view.settled_by or None,
        "settled_at": view.settled_at.isoformat() if view.settled_at else None,
        "number": view.record_number or None,
        "own": view.own,
        "obstacle": _obstacle(view.obstacle, view.obstacle_params, lang),
    }


def refused(each: RefusedCaseView, lang: str) -> Json:
    """A record on which a decision is not possible, and why."""
    definition = catalogue()[each.record.register.slug] if each.record else None
    return {"number": each.number, "issues": issues_as_json(each.issues, definition, lang)}


def refused_issues(cases: Sequence[RefusedCaseView], lang: str) -> list[Json]:
    """What stands against a decision as the issues of a problem document, each with the number of its record."""
    return [{**issue, "number": each.number} for each in cases for issue in refused(each, lang)["issues"]]


def refused_rows(rows: Sequence[RefusedRow], lang: str) -> list[Json]:
    """What stands against rows as the issues of a problem document, each with its row (from 1, 0 where it is not asked) and number."""
    return [
        {**issue, "row": each.row, "number": each.number}
        for each in rows
        for issue in issues_as_json(each.issues, lang=lang)
    ]


def obstacle(issue: Issue | None, lang: str) -> Json | None:
    """Why the reader does nothing here, None where they may."""
    return {"code": issue.code, "message": issue_message(issue, lang)} if issue else None


def application_line(line: ApplicationLine) -> Json:
    """An application in a list."""
    return {
        "id": line.id,
        "register": line.register.slug,
        "title": line.title.zh or line.title.en,
        "organisation": words(line.organisation),
        "status": status(line.status),
        "submitted_at": line.submitted_at.isoformat(),
        "since": line.since.isoformat(),
        "working_days": line.working_days,
        "step": line.step,
    }


def application(view: ApplicationView, forms: Sequence[StepFormView], lang: str) -> Json:
    """An application with its answers, files and steps, and the steps that the reader may take."""
    register = view.line.register.slug
    return {
        **application_line(view.line),
        "organisation_number": view.organisation_number,
        "revision": view.revision,
        "answers": dict(view.typed),
        "answers_in_words": {name: answer.text for name, answer in view.words.items()},
        "answers_before": dict(view.before),
        "signer": view.signer,
        "files": [evidence_kind(each) for each in view.evidence],
        "steps": [_step(each) for each in view.steps],
        "transitions": [_step_form(each) for each in forms],
        "others": [transition(move) for move in view.others],
        "pending": _step(view.pending) if view.pending else None,
        "pending_obstacle": obstacle(view.pending_obstacle, lang),
        "obstacle": obstacle(view.obstacle, lang),
        "sentences": dict(view.sentences),
        "issues": [
            {**issue.as_json(), "message": filing.describe_issue(issue, register, lang)}
            for issue in view.publication_issues
        ],
    }


def _step_form(form: StepFormView) -> Json:
    return {
        **transition_with_fields(form.move, form.application.line.register.slug, form.fields),
        "asks_reasons": form.asks_reasons,
        "opinion_required": form.opinion_required,
        "second_person": form.second_person,
    }


def _step(step: StepView) -> Json:
    return {
        "id": step.id,
        "name": words(step.name),
        "after": status(step.after),
        "state": step.state,
        "role": in_both(step.role),
        "opinion": step.opinion,
        "reasons": [labelled(each) for each in step.reasons],
        "papers": [labelled(each) for each in step.papers],
        "stated": [labelled(each) for each in step.stated],
        "prepared_by": step.prepared_by,
        "prepared_at": step.prepared_at.isoformat(),
        "settled_by": step.settled_by or None,
        "settled_at": step.settled_at.isoformat() if step.settled_at else None,
        "reply": step.reply,
    }


def evidence_kind(kind: EvidenceKindView) -> Json:
    """A kind of evidence with its files."""
    files = [
        {"id": file.id, "name": file.name, "size": file.size, "sha256": file.sha256, "public": file.public}
        for file in kind.files
    ]
    return {"kind": kind.code, **words(kind.words), "required": kind.required, "files": files}


def _field(register: str, view: DecisionFieldView) -> Json:
    [question] = filing.list_questions(register, (view.name,))
    return {
        "name": view.name,
        "label": in_both(question.label),
        "kind": question.kind,
        "required": view.required,
        "now": view.now,
        "suggested": view.suggested,
        "codes": [{"code": code, **words(name)} for code, name in question.choices if code],
    }


def _effect(effect: EffectView) -> Json:
    return {
        **record_line(effect.record),
        "after": status(effect.after),
        "changes": [
            {"label": in_both(change.label), "before": change.before, "after": change.after}
            for change in effect.changes
        ],
        "sentences": dict(effect.sentences),
        **({"merged_into": effect.merged_into} if effect.merged_into else {}),
    }


def labelled(each: LabelledText) -> Json:
    """A text with its label in both languages."""
    return {"label": in_both(each.label), "text": each.text}


def _obstacle(code: str, params: Mapping[str, object], lang: str) -> Json | None:
    return {"code": code, "message": message_of_code(code, lang, params)} if code else None
