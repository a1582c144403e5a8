"""What the API gives and takes for applications of holders, as schemas: the source of its description."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields as f

from portal.api.answers import BilingualSchema, StateSchema
from portal.api.desk_answers import EvidenceKindSchema, LabelledSchema


class UploadedFileSchema(ma.Schema):
    """A file as it was taken. `examined`: false while that lasts; look again at the address in `Location`."""

    name = f.String(required=True)
    examined = f.Boolean(required=True)
    sha256 = f.String(metadata={"description": "Names the file in an application. Compare it with your own."})
    size = f.Integer(metadata={"description": "Bytes."})
    kind = f.String(metadata={"description": "As recognised by its content: pdf, ofd, jpeg or png."})


class SentFileSchema(ma.Schema):
    """A file of an application."""

    kind = f.String(
        required=True, metadata={"description": "Of evidence, as `files` of an application has it."}
    )
    sha256 = f.String(
        required=True, metadata={"description": "Of a file that was uploaded, or handed in with it before."}
    )
    public = f.Boolean(metadata={"description": "True to publish it with the record, if there will be one."})


class SentApplicationSchema(ma.Schema):
    """An application, or its correction. Of a correction `document` or `files` may be left out: it stays as it was submitted."""

    document = f.Dict(metadata={"description": "The answers, as the fields of the register."})
    signer = f.String(
        required=True, metadata={"description": "Name of the person who commits; kept, never published."}
    )
    files = f.List(f.Nested(SentFileSchema), validate=ma.validate.Length(0, 30))


class HandedInSchema(ma.Schema):
    """What has become of an application."""

    application = f.Integer(required=True)
    register = f.String(required=True)
    status = f.String(required=True)
    revision = f.Integer(required=True)


class OwnApplicationLineSchema(ma.Schema):
    """An application in a list. `record`: the address of what was published, null before."""

    id = f.Integer(required=True)
    register = f.String(required=True)
    title = f.String(required=True)
    organisation = f.Nested(BilingualSchema, required=True)
    status = f.Nested(StateSchema, required=True)
    submitted_at = f.DateTime(required=True)
    since = f.DateTime(required=True)
    over = f.Boolean(required=True)
    record = f.String(required=True, allow_none=True)


class OwnApplicationListSchema(ma.Schema):
    """A page of applications, newest first."""

    items = f.List(f.Nested(OwnApplicationLineSchema), required=True)
    next = f.String(required=True, allow_none=True)


class OwnStepSchema(ma.Schema):
    """A step of an application as its holder is told of it."""

    name = f.Nested(BilingualSchema, required=True)
    after = f.Nested(StateSchema, required=True)
    role = f.Nested(BilingualSchema, required=True)
    opinion = f.String(required=True)
    reasons = f.List(f.Nested(LabelledSchema), required=True)
    at = f.DateTime(required=True)


class OwnApplicationSchema(OwnApplicationLineSchema):
    """An application: where it stands, what it needs, and what was submitted."""

    revision = f.Integer(required=True)
    correctable = f.Boolean(required=True)
    withdrawable = f.Boolean(required=True)
    opinion = f.String(
        required=True, metadata={"description": "With which it was returned, while it is to be corrected."}
    )
    to_correct = f.Dict(
        keys=f.String(),
        values=f.String(),
        required=True,
        metadata={"description": "Name of a field, or evidence.<kind>, → what is to be corrected."},
    )
    waits_for = f.List(
        f.Nested(BilingualSchema), required=True, metadata={"description": "Whose step is next."}
    )
    appeal = f.Nested(BilingualSchema, required=True, allow_none=True)
    document = f.Dict(required=True)
    signer = f.String(required=True)
    files = f.List(f.Nested(EvidenceKindSchema), required=True)
    steps = f.List(f.Nested(OwnStepSchema), required=True)


class YearReportSchema(ma.Schema):
    """The figures of a year. That it was reported is public, the figures never are."""

    number = f.String(required=True, metadata={"description": "Of the record."})
    year = f.Integer(required=True)
    figures = f.Dict(
        required=True, metadata={"description": "Code of a figure → its number, as text or as a number."}
    )


class ReportedYearSchema(ma.Schema):
    """A year that was reported."""

    register = f.String(required=True)
    number = f.String(required=True)
    year = f.Integer(required=True)
