"""What the API gives and takes, as schemas: the source of its description (`/api/v1/openapi.json`).

Keys may be added; none is changed or removed. A key that is not required is left out where it says nothing.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields as f


def _nullable(field: type[f.Field[Any]], **more: Any) -> Any:
    return field(required=True, allow_none=True, **more)


def _text() -> f.String:
    return f.String(required=True)


def _many(schema: type[ma.Schema], *, required: bool = True) -> Any:
    return f.List(f.Nested(schema), required=required)


class BilingualSchema(ma.Schema):
    """A text in both languages; null where there is none."""

    zh = _nullable(f.String)
    en = _nullable(f.String)


class JsonSchemaSchema(ma.Schema):
    """A JSON Schema; `x-titles` and `x-labels` have the words of both languages."""

    dialect = f.String(required=True, data_key="$schema")
    identity = f.Url(required=True, data_key="$id")
    title = _text()
    titles = f.Nested(BilingualSchema, required=True, data_key="x-titles")
    description = _text()
    version = f.Integer(required=True, data_key="x-schema-version")
    type = _text()
    properties = f.Dict(required=True)
    required_fields = f.List(f.String(), required=True, data_key="required")


class TitleSchema(BilingualSchema):
    """The bare name of a record, and where its English comes from."""

    en_source = _nullable(
        f.String, validate=ma.validate.OneOf(["official", "enterprise", "platform", "romanised"])
    )


class RegionSchema(BilingualSchema):
    """A region of China by its code (GB/T 2260)."""

    code = _text()


class PartySchema(ma.Schema):
    """An organisation: its number where it is in the register, and its name."""

    number = _nullable(f.String)
    name = f.Nested(BilingualSchema, required=True)


class PictureSchema(ma.Schema):
    """A logo or picture of the product, supplied by the holder; what it shows is not checked. Served by the register."""

    url = f.Url(required=True)
    width = f.Integer(required=True)
    height = f.Integer(required=True)
    alt = f.Nested(BilingualSchema, required=True)


class LinkSchema(ma.Schema):
    """A link to another record; `number` as the source wrote it where that record is not here."""

    relation = _text()
    register = _text()
    number = _text()
    title = f.Nested(TitleSchema, required=True)


class IssueSchema(ma.Schema):
    """What is wrong or doubtful: a code that does not change, the field, and a sentence."""

    code = _text()
    field = _text()
    params = f.Dict(required=True)
    message = _text()
    possible = f.List(
        f.String(), metadata={"description": "Codes of a closed list, one of which was expected."}
    )
    of_source = f.Boolean()


class CautionSchema(ma.Schema):
    """What stands beside the status of a record. Do not repeat a qualified status without it."""

    code = _text()
    mark = f.Nested(BilingualSchema, required=True)
    message = _text()
    message_zh = _text()
    status_qualified = f.Boolean(required=True)
    learned_later = f.Boolean(required=True)


class EntrySchema(ma.Schema):
    """The newest entry of a record in the log; `index` is null until it is sealed."""

    index = _nullable(f.Integer)
    recorded_at = f.DateTime(required=True)
    hash = f.String(required=True, metadata={"description": "SHA-256 of the document as canonical JSON."})


class RecordInListSchema(ma.Schema):
    """A record without its document."""

    register = _text()
    number = _text()
    version = f.Integer(required=True)
    status = _text()
    standing = f.String(
        required=True, validate=ma.validate.OneOf(["in_force", "restricted", "pending", "ended"])
    )
    status_since = f.Date(required=True)
    status_since_is = f.String(required=True, validate=ma.validate.OneOf(["decision", "first_shown"]))
    title = f.Nested(TitleSchema, required=True)
    region = f.Nested(RegionSchema, required=True, allow_none=True)
    identifiers = f.Dict(required=True)
    holder = f.Nested(PartySchema, required=True, allow_none=True)
    valid_from = _nullable(
        f.String, metadata={"description": "A day, a month or a year: 2024-04-01, 2024-04, 1903."}
    )
    valid_to = _nullable(f.String)
    en_sources = f.Dict(required=True)
    links = _many(LinkSchema)
    warnings = _many(IssueSchema)
    cautions = _many(CautionSchema)
    demo = f.Boolean(required=True, metadata={"description": "An invented record, for demonstration."})
    entry = f.Nested(EntrySchema, required=True)
    permalink = f.Url(required=True)
    picture = f.Nested(PictureSchema)
    former_numbers = f.List(
        f.String(),
        metadata={
            "description": "Other numbers that lead to it: of doubles that were merged into it, or stated wrongly before."
        },
    )


class RecordSchema(RecordInListSchema):
    """A record with its document as published."""

    document = f.Dict(required=True)
    at = f.Date(metadata={"description": "The past day that was asked for."})
    permalink_at = f.Url()


class FoundRecordSchema(RecordInListSchema):
    """A record that a search found."""

    highlights = f.Dict(required=True)
    near_text = f.String(allow_none=True)
    full_text = f.Dict()
    explanation = f.Dict()


class RecordListSchema(ma.Schema):
    """A page of a list; `next` is the token of the next one."""

    items = _many(RecordSchema)
    next = _nullable(f.String)


class CountsSchema(ma.Schema):
    """A number of records, and by standing."""

    total = f.Integer(required=True)
    standings = f.Dict(keys=f.String(), values=f.Integer(), required=True)


class RegisterSchema(CountsSchema):
    """A register with its numbers: `own`, `abroad` and `demo` add up to `total`."""

    register = _text()
    kind = f.String(required=True, validate=ma.validate.OneOf(["core", "reference"]))
    label = f.Nested(BilingualSchema, required=True)
    about = f.Nested(BilingualSchema, required=True)
    own = f.Nested(CountsSchema, required=True)
    abroad = f.Nested(CountsSchema, required=True)
    demo = f.Nested(CountsSchema, required=True)


class StateSchema(BilingualSchema):
    """A state of a register's records."""

    code = _text()
    standing = _text()


class FieldSchema(ma.Schema):
    """A field of a register's documents."""

    name = _text()
    kind = _text()
    required = f.Boolean(required=True)
    label = f.Nested(BilingualSchema, required=True)


class RegisterInFullSchema(RegisterSchema):
    """A register with its states, fields and facets."""

    natural_key = f.List(f.String(), required=True)
    states = _many(StateSchema)
    fields_ = f.List(f.Nested(FieldSchema), required=True, data_key="fields")
    facets = f.List(f.String(), required=True)


class RegisterListSchema(ma.Schema):
    """All registers."""

    items = _many(RegisterSchema)
    next = _nullable(f.String)


class FacetValueSchema(ma.Schema):
    """A value of a facet with the number of records found that have it; `demo` of them are invented."""

    value = _text()
    label = f.Nested(BilingualSchema, required=True)
    count = f.Integer(required=True)
    demo = f.Integer(required=True)


class FilterSchema(ma.Schema):
    """A filter that was applied; `words` where it was read from the words of the search."""

    name = _text()
    value = _text()
    label = f.Nested(BilingualSchema, required=True)
    words = f.String()


class FamilySchema(ma.Schema):
    """The kind of a number that is not kept here: who keeps it, and where it can be looked up."""

    code = _text()
    name = f.Nested(BilingualSchema, required=True)
    keeper = f.Nested(BilingualSchema, required=True)
    look_up = _nullable(f.String)


class NearRecordSchema(ma.Schema):
    """A record whose number is easily confused with the one asked for."""

    register = _text()
    number = _text()
    title = f.Nested(TitleSchema, required=True)


class NumberSchema(ma.Schema):
    """The answer to a number, which is a standing or says which kind of not found."""

    answer = f.String(
        required=True,
        validate=ma.validate.OneOf(
            [
                "in_force",
                "restricted",
                "pending",
                "ended",
                "near",
                "check_digit",
                "never_registered",
                "not_covered",
            ]
        ),
    )
    read_as = _nullable(f.String)
    parts_not_held = f.List(f.String(), required=True)
    family = f.Nested(FamilySchema, required=True, allow_none=True)
    near = _many(NearRecordSchema)


class CheckedNumberSchema(NumberSchema):
    """The answer to one number of a check, with the records that it names."""

    number = _text()
    records = _many(RecordSchema)


class CheckSchema(ma.Schema):
    """The answers of a check, in the order asked."""

    items = _many(CheckedNumberSchema)


class NumbersSchema(ma.Schema):
    """The numbers to be checked."""

    numbers = f.List(f.String(), required=True, validate=ma.validate.Length(1, 1000))


class SearchSchema(ma.Schema):
    """A page of results, with the facets of all of them."""

    total = f.Integer(required=True)
    demo_total = f.Integer(required=True)
    stage = _text()
    items = _many(FoundRecordSchema)
    facets = f.Dict(keys=f.String(), values=f.List(f.Nested(FacetValueSchema)), required=True)
    filters_understood = _many(FilterSchema)
    did_you_mean = f.List(f.String(), required=True)
    next = _nullable(f.String)
    explanation = f.Dict()
    places_not_held = f.List(f.Nested(BilingualSchema))
    number = f.Nested(NumberSchema)


class SuggestionSchema(ma.Schema):
    """What may be meant by what was typed so far: a record, or several of one name."""

    register = _text()
    register_label = f.Nested(BilingualSchema, required=True)
    number = _text()
    title = f.Nested(TitleSchema, required=True)
    region = f.Nested(BilingualSchema, required=True, allow_none=True)
    status = f.Nested(BilingualSchema, required=True)
    standing = _text()
    demo = f.Boolean(required=True)
    holder = f.Nested(BilingualSchema, required=True, allow_none=True)
    told_apart_by = f.Nested(BilingualSchema, required=True, allow_none=True)
    records = f.Integer(required=True)
    demo_records = f.Integer(required=True)
    address = _text()


class SuggestionListSchema(ma.Schema):
    """At most eight suggestions."""

    items = _many(SuggestionSchema)


class CountSchema(ma.Schema):
    """A number of records; `list` is the path of the list behind it, null where there is none."""

    value = _text()
    label = f.Nested(BilingualSchema, required=True)
    count = f.Integer(required=True)
    list = _nullable(f.String)


class ChartSchema(ma.Schema):
    """Numbers by one property. `unknown`: how many do not say; `overlaps`: a record may count more than once."""

    name = _text()
    title = f.Nested(BilingualSchema, required=True)
    total = f.Integer(required=True)
    unknown_ = f.Integer(required=True, data_key="unknown")
    unknown_list = _nullable(f.String)
    overlaps = f.Boolean(required=True)
    values = _many(CountSchema)


class ShareSchema(ma.Schema):
    """A part of a whole."""

    name = _text()
    title = f.Nested(BilingualSchema, required=True)
    part = f.Integer(required=True)
    whole = f.Integer(required=True)
    percent = _nullable(f.Float)
    list = _nullable(f.String)
    whole_list = _nullable(f.String)


class CountedUpToSchema(ma.Schema):
    """The entry of the log up to which was counted."""

    index = _nullable(f.Integer)
    recorded_at = _nullable(f.DateTime)


class StatisticsSchema(ma.Schema):
    """Numbers of records of one register, or of all."""

    register = _nullable(f.String)
    origin = _text()
    origins = f.Dict(keys=f.String(), values=f.Integer(), required=True)
    day = f.Date(required=True)
    entry = f.Nested(CountedUpToSchema, required=True)
    total = f.Integer(required=True)
    standings = _many(CountSchema)
    charts = _many(ChartSchema)
    shares = _many(ShareSchema)


class FilingSchema(ma.Schema):
    """A filing. To withdraw, send `status` with its reason instead of a document."""

    document = f.Dict()
    signer = f.String(metadata={"description": "Name of the person who commits; kept, never published."})
    amended_because = f.String()
    amended_note = f.String()
    status = f.String()
    status_reason = f.String()
    legal_basis = f.String()


class DryRunSchema(ma.Schema):
    """What a filing would do."""

    would = _text()
    issues = _many(IssueSchema)
    notices = _many(IssueSchema)


class ProblemSchema(ma.Schema):
    """A problem document (RFC 9457)."""

    type = _text()
    title = _text()
    status = f.Integer(required=True)
    code = _text()
    detail = _text()
    issues = _many(IssueSchema)
    error_id = f.String()
