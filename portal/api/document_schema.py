"""The document of a register as JSON Schema (2020-12): what a filing must be, with titles in both languages."""

from __future__ import annotations

from typing import Any

from registry.i18n import LOCALES, gettext
from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.kit.kinds import RegisterField

Json = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SPARSE_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"  # a source may state a year, or a year and a month, only
ABOUT = (
    "What a complete filing must be. A published document obeys it too, but for what the warnings of its record name: "
    "there it is as its source wrote it. Fields may be added."
)


def document_schema(definition: RegisterDefinition, address: str) -> Json:
    """Return the schema of a register's documents. `address`: where it is published, absolute.

    Titles are English; `x-titles` and `x-labels` (the values of a closed list) have both languages. Rules over several
    fields are not in it.
    """
    fields = definition.schema.register_fields()
    return {
        "$schema": DIALECT,
        "$id": address,
        **_titles(definition.label),
        "description": ABOUT,
        "x-schema-version": definition.schema.version,
        "type": "object",
        "properties": {name: field_schema(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.is_required],
    }


def field_schema(field: RegisterField) -> Json:
    """Return all that is asked of a field, or of a column of a table."""
    described = {**_titles(field.info.label), **shape(field), **_constraints(field)}
    if field.info.help:
        described["description"] = gettext(field.info.help, "en")
    return described


def shape(field: RegisterField) -> Json:
    """Return the type of a field and the most entries that it takes: what every published value obeys."""
    if isinstance(field, kinds.Rows):
        columns = {name: {**shape(each), **_title(each)} for name, each in field.columns.items()}
        return {
            "type": "array",
            "maxItems": field.max_rows,
            "items": {"type": "object", "properties": columns},
        }
    if isinstance(field, kinds.Many):
        return {"type": "array", "maxItems": field.max_items, "items": shape(field.inner)}
    if isinstance(field, kinds.Integer):
        return {"type": "number"}
    return {"type": {"flag": "boolean", "map": "object"}.get(field.kind, "string")}


def _constraints(field: RegisterField) -> Json:
    if isinstance(field, kinds.Rows):
        columns = {name: field_schema(each) for name, each in field.columns.items()}
        required = [name for name, each in field.columns.items() if each.is_required]
        return {"items": {"type": "object", "properties": columns, "required": required}}
    if isinstance(field, kinds.Many):
        return {"uniqueItems": True, "items": {**shape(field.inner), **_constraints(field.inner)}}
    if isinstance(field, kinds.Day):
        return {"pattern": SPARSE_DATE}
    if isinstance(field, kinds.Integer):
        bounds = {"minimum": field.minimum, "maximum": field.maximum}
        whole = {} if isinstance(field, kinds.Number) else {"type": "integer"}
        return whole | {name: bound for name, bound in bounds.items() if bound is not None}
    if isinstance(field, kinds.Choice):
        labels = {code.code: {"zh": code.zh, "en": code.en} for code in field.codes}
        return {("examples" if field.open_list else "enum"): list(labels), "x-labels": labels}
    return _text_constraints(field) if isinstance(field, kinds.Text) else {}


def _text_constraints(field: kinds.Text) -> Json:
    described: Json = {"maxLength": field.max_length}
    if field.min_length:
        described["minLength"] = field.min_length
    if field.pattern:
        described["pattern"] = f"^(?:{field.pattern.pattern})$"
    if field.kind == "url":
        described["format"] = "uri"
    return described | ({"examples": [field.example]} if field.example else {})


def _titles(label: str) -> Json:
    return {"title": gettext(label, "en"), "x-titles": {lang: gettext(label, lang) for lang in LOCALES}}


def _title(field: RegisterField) -> Json:
    return {"title": gettext(field.info.label, "en")}
