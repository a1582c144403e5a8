"""What the API gives and takes for records of their parties, as schemas: the source of its description."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields as f

from portal.api.answers import BilingualSchema, StateSchema


class DueSchema(ma.Schema):
    """A thing that is due on a record. `due`: its last day, null for none."""

    label = f.Nested(BilingualSchema, required=True)
    due = f.Date(required=True, allow_none=True)
    days_left = f.Integer(required=True, allow_none=True)


class NamedOwnRecordSchema(ma.Schema):
    """A record of one's own: its public address (`record`), and the one for its parties (`own_record`)."""

    register = f.String(required=True)
    number = f.String(required=True)
    record = f.String(required=True)
    own_record = f.String(required=True)
    title = f.Nested(BilingualSchema, required=True)
    status = f.Nested(StateSchema, required=True)
    due = f.List(f.Nested(DueSchema), required=True)


class OwnRecordLineSchema(NamedOwnRecordSchema):
    """A record in a list. `challenged`: by a report that the authority has found admissible."""

    open_requests = f.Integer(required=True)
    challenged = f.Boolean(required=True)


class OwnRecordListSchema(ma.Schema):
    """A page of records, in the order in which they came into the register."""

    items = f.List(f.Nested(OwnRecordLineSchema), required=True)
    next = f.String(required=True, allow_none=True)


class ActingPartySchema(ma.Schema):
    """For whom the token acts on a record. `acts`: as editor or owner, who may ask and answer; others read."""

    register = f.String(required=True)
    number = f.String(required=True)
    name = f.Nested(BilingualSchema, required=True)
    side = f.String(required=True, validate=ma.validate.OneOf(["holder", "issuer"]))
    acts = f.Boolean(required=True)


class LeadingDecisionSchema(ma.Schema):
    """The decision that has led to the state of today. `role`: who decided, null where no person decided."""

    version = f.Integer(required=True)
    name = f.Nested(BilingualSchema, required=True)
    role = f.Nested(BilingualSchema, required=True, allow_none=True)
    at = f.DateTime(required=True)
    legal_basis = f.String(required=True)
    words = f.String(required=True)


class StatementSchema(ma.Schema):
    """What your side has stated."""

    text = f.String(required=True)
    at = f.DateTime(required=True)


class ChallengeSchema(ma.Schema):
    """A report or an objection that challenges a record; who made it and its words are not told. `put`: what you are asked, "" for nothing in particular."""

    id = f.Integer(required=True)
    number = f.String(required=True)
    kind = f.String(required=True)
    since = f.Date(required=True)
    due = f.Date(required=True)
    put = f.String(required=True)
    statements = f.List(f.Nested(StatementSchema), required=True)


class OwnRequestSchema(ma.Schema):
    """What was asked for. `state`: void where the record has left the state in which it was asked; `reply`: of a refusal."""

    id = f.Integer(required=True)
    name = f.Nested(BilingualSchema, required=True)
    after = f.Nested(StateSchema, required=True)
    text = f.String(required=True)
    state = f.String(
        required=True, validate=ma.validate.OneOf(["open", "granted", "refused", "withdrawn", "void"])
    )
    made_on = f.Date(required=True)
    ended_on = f.Date(required=True, allow_none=True)
    reply = f.String(required=True)


class AskableSchema(ma.Schema):
    """A decision that may be asked for. `evidence`: the papers on which it is based."""

    transition = f.String(required=True)
    name = f.Nested(BilingualSchema, required=True)
    after = f.Nested(StateSchema, required=True)
    evidence = f.List(f.Nested(BilingualSchema), required=True)


class OwnRecordSchema(NamedOwnRecordSchema):
    """A record for one of its parties: the decision behind its state, how to appeal, what is due, asked, and to be answered."""

    party = f.Nested(ActingPartySchema, required=True)
    decision = f.Nested(LeadingDecisionSchema, required=True, allow_none=True)
    appeal = f.Nested(BilingualSchema, required=True, allow_none=True)
    challenges = f.List(f.Nested(ChallengeSchema), required=True)
    requests = f.List(f.Nested(OwnRequestSchema), required=True)
    may_ask_for = f.List(f.Nested(AskableSchema), required=True)


class AskedDecisionSchema(ma.Schema):
    """A decision that is asked for."""

    transition = f.String(required=True, metadata={"description": "As `may_ask_for` of the record has it."})
    text = f.String(
        required=True,
        validate=ma.validate.Length(1, 2000),
        metadata={"description": "What is asked for, why, and from which day. Those who decide read it."},
    )


class AskedSchema(ma.Schema):
    """A request as it stands now."""

    register = f.String(required=True)
    number = f.String(required=True)
    request = f.Integer(required=True)
    state = f.String(required=True)


class SentStatementSchema(ma.Schema):
    """An answer to a challenge."""

    text = f.String(
        required=True,
        validate=ma.validate.Length(1, 4000),
        metadata={
            "description": "Facts and papers that can be checked. Not public; those who decide read it."
        },
    )


class StatedSchema(ma.Schema):
    """A challenge that was answered."""

    register = f.String(required=True)
    number = f.String(required=True)
    challenge = f.Integer(required=True)
