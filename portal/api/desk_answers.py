"""What the desk of the API gives and takes, as schemas: the source of its description. Keys may be added; none is changed or removed."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields as f

from portal.api.answers import BilingualSchema, IssueSchema, StateSchema


def _nullable(field: type[f.Field[Any]], **more: Any) -> Any:
    return field(required=True, allow_none=True, **more)


def _text() -> f.String:
    return f.String(required=True)


def _many(schema: type[ma.Schema]) -> Any:
    return f.List(f.Nested(schema), required=True)


def _both(*, nullable: bool = False) -> Any:
    return f.Nested(BilingualSchema, required=True, allow_none=nullable)


class CodeOfFieldSchema(BilingualSchema):
    """A code of a closed list."""

    code = _text()


class FieldOfTransitionSchema(ma.Schema):
    """A field that a transition may state. `now`: what the record says, in words; `suggested`: what is meant where it is left out of a form."""

    name = _text()
    label = _both()
    kind = _text()
    required = f.Boolean(required=True)
    now = _text()
    suggested = _text()
    codes = _many(CodeOfFieldSchema)


class TransitionSchema(ma.Schema):
    """A transition of a life cycle: who may make it, what it is based on, what the public sees of it."""

    key = _text()
    name = _both()
    after = f.Nested(StateSchema, required=True)
    roles = _many(BilingualSchema)
    mine = f.Boolean(required=True)
    evidence = _many(BilingualSchema)
    public_notice = _both(nullable=True)
    within_hours = _nullable(f.Integer)


class TransitionWithFieldsSchema(TransitionSchema):
    """A transition that the reader may prepare, with what it states."""

    fields_ = f.List(f.Nested(FieldOfTransitionSchema), required=True, data_key="fields")


class StepOfTransitionSchema(TransitionWithFieldsSchema):
    """A step on an application: whether it asks for reasons by question, for an opinion, and for a second person."""

    asks_reasons = f.Boolean(required=True)
    opinion_required = f.Boolean(required=True)
    second_person = f.Boolean(required=True)


class DeskRegisterSchema(ma.Schema):
    """A register with the transitions of the reader's role."""

    register = _text()
    label = _both()
    transitions = _many(TransitionSchema)


class DeskRegisterListSchema(ma.Schema):
    """The registers in which the reader's role decides."""

    items = _many(DeskRegisterSchema)


class DeskRecordSchema(ma.Schema):
    """A record as a line."""

    register = _text()
    number = _text()
    title = _both()
    status = f.Nested(StateSchema, required=True)
    version = f.Integer(required=True)


class WaitingRecordSchema(DeskRecordSchema):
    """A record that waits: a deadline has passed or ends soon, or only a decision ends its state. `decision`: one that is prepared already."""

    kind = f.String(required=True, validate=ma.validate.OneOf(["overdue", "soon", "waiting"]))
    mark = _both(nullable=True)
    due = _nullable(f.Date)
    working_days = f.Integer(required=True)
    since = f.Date(required=True)
    decision = _nullable(f.Integer)


class WaitingListSchema(ma.Schema):
    """A page of the records that wait. `complete`: false where more wait than were looked at."""

    items = _many(WaitingRecordSchema)
    counts = f.Dict(keys=f.String(), values=f.Integer(), required=True)
    total = f.Integer(required=True)
    complete = f.Boolean(required=True)
    next = _nullable(f.String)


class DecisionLineSchema(ma.Schema):
    """A decision in a list; number and title of its first record, and how many it has."""

    id = f.Integer(required=True)
    register = _text()
    transition = f.Nested(TransitionSchema, required=True)
    state = _text()
    number = _text()
    title = _both()
    records = f.Integer(required=True)
    prepared_by = _text()
    prepared_at = f.DateTime(required=True)
    claimed_by = _nullable(f.String)
    reply = _text()


class DecisionListSchema(ma.Schema):
    """A page of decisions."""

    items = _many(DecisionLineSchema)
    next = _nullable(f.String)


class ObstacleSchema(ma.Schema):
    """Why the reader may not do this."""

    code = _text()
    message = _text()


class CaseSchema(ma.Schema):
    """A record at the desk: as it is published, the transitions that lead on, and the decisions that wait."""

    record = f.Dict(required=True, metadata={"description": "The record as the API gives it to everybody."})
    transitions = _many(TransitionWithFieldsSchema)
    others = _many(TransitionSchema)
    decisions = _many(DecisionLineSchema)
    obstacle = f.Nested(ObstacleSchema, required=True, allow_none=True)


class ChangeSchema(ma.Schema):
    """What a field says before and after, in the language of the request."""

    label = _both()
    before = _text()
    after = _text()


class EffectSchema(DeskRecordSchema):
    """What a decision does to a record; `sentences`: what its page then says first, by language."""

    after = f.Nested(StateSchema, required=True)
    changes = _many(ChangeSchema)
    sentences = f.Nested(BilingualSchema, required=True)
    merged_into = f.String(metadata={"description": "The number to which its number leads afterwards."})


class RefusedRecordSchema(ma.Schema):
    """A record on which a decision is not possible, and why."""

    number = _text()
    issues = _many(IssueSchema)


class LabelledSchema(ma.Schema):
    """A fact with its label."""

    label = _both()
    text = _text()


class DecisionFileSchema(ma.Schema):
    """A file that a decision is based on."""

    id = f.Integer(required=True)
    name = _text()
    size = f.Integer(required=True)
    sha256 = _text()


class DecisionFilesSchema(ma.Schema):
    """The files of a decision after one was added or taken out."""

    decision = f.Integer(required=True)
    files = _many(DecisionFileSchema)


class AddedFilesSchema(ma.Schema):
    """Files for a decision."""

    files = f.List(
        f.String(),
        required=True,
        validate=ma.validate.Length(1, 20),
        metadata={"description": "SHA-256 of files that were uploaded before. They are not public."},
    )


class DecisionSchema(ma.Schema):
    """A decision: of at most the first hundred records; what it would do now, while it is prepared, to the first twenty."""

    id = f.Integer(required=True)
    register = _text()
    transition = f.Nested(TransitionSchema, required=True)
    state = f.String(
        required=True, validate=ma.validate.OneOf(["prepared", "returned", "taken", "taken_back"])
    )
    stated = _many(LabelledSchema)
    evidence = _text()
    files = _many(DecisionFileSchema)
    note = _text()
    reply = _text()
    records = _many(DeskRecordSchema)
    total = f.Integer(required=True)
    left_out = f.List(f.String(), required=True)
    effects = _many(EffectSchema)
    refused = _many(RefusedRecordSchema)
    prepared_by = _text()
    prepared_at = f.DateTime(required=True)
    claimed_by = _nullable(f.String)
    settled_by = _nullable(f.String)
    settled_at = _nullable(f.DateTime)
    own = f.Boolean(required=True)
    obstacle = f.Nested(ObstacleSchema, required=True, allow_none=True)


class DecisionPreviewSchema(ma.Schema):
    """What a decision would do."""

    would = _text()
    transition = f.Nested(TransitionSchema, required=True)
    possible = f.Integer(required=True)
    effects = _many(EffectSchema)
    refused = _many(RefusedRecordSchema)


class DecisionDraftSchema(ma.Schema):
    """A decision to be prepared, on one record or up to 1,000."""

    register = f.String()
    transition = f.String(metadata={"description": "The key of the transition."})
    numbers = f.List(f.String(), validate=ma.validate.Length(1, 1000))
    stated = f.Dict(metadata={"description": "Name of a field → its value as text, or as a number."})
    evidence = f.String(metadata={"description": "What it is based on: papers with number, date and place."})
    note = f.String()
    version = f.Integer(metadata={"description": "Of the one record, as it was looked at."})
    files = f.List(
        f.String(),
        validate=ma.validate.Length(0, 20),
        metadata={"description": "SHA-256 of files that were uploaded before. They are not public."},
    )
    leave_out = f.Boolean(
        metadata={"description": "True to do without the records on which it is not possible."}
    )


class PreparedDecisionSchema(ma.Schema):
    """A decision that waits for a second person."""

    decision = f.Integer(required=True)
    state = _text()
    records = f.Integer(required=True)
    left_out = f.List(f.String(), required=True)


class SettledDecisionSchema(ma.Schema):
    """What has become of a decision."""

    decision = f.Integer(required=True)
    state = _text()
    left_out = f.List(f.String(), required=True)


class EntryDraftSchema(ma.Schema):
    """A new record, such as a notice. `sha256`: of a file that was uploaded before and becomes public with it."""

    register = f.String()
    stated = f.Dict(metadata={"description": "Name of a field → its value as text, or as a number."})
    evidence = f.String()
    note = f.String()
    sha256 = f.String()


class PreparedEntrySchema(ma.Schema):
    """A new record and what has become of it. `number`: once it is published."""

    entry = f.Integer(required=True)
    state = _text()
    number = _nullable(f.String)


class EntryPreviewSchema(ma.Schema):
    """What a new record would say."""

    would = _text()
    transition = f.Nested(TransitionSchema, required=True)
    stated = _many(LabelledSchema)
    sentences = f.Dict(required=True)
    warnings = _many(IssueSchema)


class EntryFormSchema(ma.Schema):
    """A register in which you enter new records, with what its form asks for."""

    register = _text()
    transition = f.Nested(TransitionWithFieldsSchema, required=True)


class EntryLineSchema(ma.Schema):
    """A new record that waits, in a list. `named`: what tells it apart, such as its number."""

    id = f.Integer(required=True)
    register = _text()
    title = _both()
    named = _text()
    state = _text()
    prepared_by = _text()
    prepared_at = f.DateTime(required=True)
    reply = _text()


class EntryListSchema(ma.Schema):
    """New records that wait, the oldest first, and the registers in which you enter them."""

    registers = _many(EntryFormSchema)
    items = _many(EntryLineSchema)


class EntryFileSchema(ma.Schema):
    """The file of a new record."""

    name = _text()
    size = f.Integer(required=True)
    sha256 = _text()


class DeskEntrySchema(EntryLineSchema):
    """A new record with what it would say now."""

    transition = f.Nested(TransitionSchema, required=True)
    stated = _many(LabelledSchema)
    evidence = _text()
    note = _text()
    file = f.Nested(EntryFileSchema, required=True, allow_none=True)
    sentences = f.Dict(required=True)
    issues = _many(IssueSchema)
    settled_by = _nullable(f.String)
    settled_at = _nullable(f.DateTime)
    number = _nullable(f.String)
    own = f.Boolean(required=True)
    obstacle = f.Nested(ObstacleSchema, required=True, allow_none=True)


class SheetRowSchema(ma.Schema):
    """A decision on one record, with grounds of its own."""

    number = f.String()
    transition = f.String(metadata={"description": "The key of the transition, or its name."})
    stated = f.Dict(metadata={"description": "Name of a field → its value as text, or as a number."})
    evidence = f.String()
    note = f.String()


class SheetDraftSchema(ma.Schema):
    """Decisions on up to 1,000 records of a register; `transition`, `stated` and `evidence` count for rows that leave them empty."""

    register = f.String()
    transition = f.String()
    stated = f.Dict()
    evidence = f.String()
    rows = f.List(f.Nested(SheetRowSchema), validate=ma.validate.Length(1, 1000))
    leave_out = f.Boolean(metadata={"description": "True to do without the rows that are refused."})


class PreparedSheetSchema(ma.Schema):
    """A sheet whose decisions wait for a second person. `left_out`: numbers of the rows that were refused."""

    sheet = f.Integer(required=True)
    decisions = f.Integer(required=True)
    left_out = f.List(f.String(), required=True)


class SettledSheetSchema(ma.Schema):
    """What has become of the decisions of a sheet: how many are in which state."""

    sheet = f.Integer(required=True)
    states = f.Dict(keys=f.String(), values=f.Integer(), required=True)
    left_out = f.List(f.String(), required=True)


class TakeSchema(ma.Schema):
    """How a decision is taken."""

    leave_out = f.Boolean(metadata={"description": "True to do without the records that have changed since."})


class ReplySchema(ma.Schema):
    """Why something is returned: the person who prepared it reads this."""

    reply = f.String()


class NothingSchema(ma.Schema):
    """An empty body."""


class ApplicationLineSchema(ma.Schema):
    """An application in a list. `step`: one that waits for a second person."""

    id = f.Integer(required=True)
    register = _text()
    title = _text()
    organisation = _both()
    status = f.Nested(StateSchema, required=True)
    submitted_at = f.DateTime(required=True)
    since = f.DateTime(required=True)
    working_days = f.Integer(required=True)
    step = _nullable(f.Integer)


class ApplicationListSchema(ma.Schema):
    """A page of applications."""

    items = _many(ApplicationLineSchema)
    next = _nullable(f.String)


class EvidenceFileSchema(ma.Schema):
    """A file of an application. `public`: published with the record, if there will be one."""

    id = f.Integer(required=True)
    name = _text()
    size = f.Integer(required=True)
    sha256 = _text()
    public = f.Boolean(required=True)


class EvidenceKindSchema(BilingualSchema):
    """The files of one kind."""

    kind = _text()
    required = f.Boolean(required=True)
    files = _many(EvidenceFileSchema)


class StepSchema(ma.Schema):
    """A step of an application, with who acted."""

    id = f.Integer(required=True)
    name = _both()
    after = f.Nested(StateSchema, required=True)
    state = _text()
    role = _both()
    opinion = _text()
    reasons = _many(LabelledSchema)
    papers = _many(LabelledSchema)
    stated = _many(LabelledSchema)
    prepared_by = _text()
    prepared_at = f.DateTime(required=True)
    settled_by = _nullable(f.String)
    settled_at = _nullable(f.DateTime)
    reply = _text()


class ApplicationSchema(ApplicationLineSchema):
    """An application with its answers, files and steps, and the steps that the reader may take.

    `revision` goes back with a step; `issues`: what stands against publishing what is prepared.
    """

    organisation_number = _text()
    revision = f.Integer(required=True)
    answers = f.Dict(required=True)
    answers_in_words = f.Dict(
        keys=f.String(),
        values=f.String(),
        required=True,
        metadata={"description": "What coded answers mean."},
    )
    answers_before = f.Dict(required=True)
    signer = _text()
    files = _many(EvidenceKindSchema)
    steps = _many(StepSchema)
    transitions = _many(StepOfTransitionSchema)
    others = _many(TransitionSchema)
    pending = f.Nested(StepSchema, required=True, allow_none=True)
    pending_obstacle = f.Nested(ObstacleSchema, required=True, allow_none=True)
    obstacle = f.Nested(ObstacleSchema, required=True, allow_none=True)
    sentences = f.Dict(required=True)
    issues = _many(IssueSchema)


class StepDraftSchema(ma.Schema):
    """A step on an application."""

    transition = f.String()
    revision = f.Integer(metadata={"description": "Of the application as it was looked at."})
    opinion = f.String(metadata={"description": "For the holder."})
    reasons = f.Dict(
        metadata={"description": "Name of a question, or evidence.<kind>, → what is to be corrected."}
    )
    papers = f.List(
        f.String(),
        metadata={"description": "Which paper, for each of the transition's evidence in its order."},
    )
    stated = f.Dict(metadata={"description": "Name of a field → its value as text, or as a number."})


class MadeStepSchema(ma.Schema):
    """A step as it was made."""

    application = f.Integer(required=True)
    step = f.Integer(required=True)
    state = _text()
