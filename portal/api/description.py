"""The description of the API: OpenAPI 3.1 made of the schemas of its answers, those of the registers, and its operations."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from typing import Any

import marshmallow as ma
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from portal.api import answers, document_schema, quality
from portal.api.application_operations import APPLICATION_OPERATIONS, APPLICATION_PATH_PARAMETERS
from portal.api.desk_operations import DESK_OPERATIONS, DESK_PATH_PARAMETERS
from portal.api.operations import (
    AT,
    DRY_RUN,
    ENDED,
    FILTERS,
    IDEMPOTENCY,
    IF_MATCH,
    JSON,
    LANG,
    LIMIT,
    NEXT,
    ORIGIN,
    RECORD_PATH,
    SORT,
    Operation,
    Parameter,
)
from portal.api.own_record_operations import OWN_RECORD_OPERATIONS, OWN_RECORD_PATH_PARAMETERS
from registry.i18n import _, gettext
from registry.kit.kinds import RegisterField
from registry.registers import catalogue

Json = dict[str, Any]
SERVER = "/api/v1"
TITLE, VERSION = "Pinzheng", "1"
PROBLEM = "application/problem+json"
FILE = "application/octet-stream"
ACCEPTED = 202
SCHEMA_JSON = "application/schema+json"  # JSON Schema 2020-12, section 14.1


OPERATIONS = (
    Operation("get", "/registers", _("List the registers"), answers.RegisterListSchema),
    Operation("get", "/registers/{register}", _("One register: fields, states, facets"), answers.RegisterInFullSchema),
    Operation(
        "get", "/registers/{register}/schema.json", _("JSON Schema of the documents of a register"), answers.JsonSchemaSchema,
        _("JSON Schema 2020-12 of what a complete filing must be: types, maxima, closed lists, what is required; titles in both languages."),
        others=(400, 404, 429, 503), media_type=SCHEMA_JSON,
    ),
    Operation(
        "get", "/registers/{register}/records", _("List the records of a register"), answers.RecordListSchema,
        _("In order of first publication, or as sort says."), (LIMIT, NEXT, ENDED, SORT, FILTERS), others=(400, 404, 429, 503),
    ),
    Operation(
        "get", RECORD_PATH, _("One record"), answers.RecordSchema,
        _("In the number / and blank become -. The ETag begins with the version; If-None-Match is answered with 304."),
        (AT,), others=(400, 404, 429, 503),
    ),
    Operation(
        "get", "/search", _("Search in all registers"), answers.SearchSchema,
        _("Words, names, pinyin and numbers, as in the search box. What was read as a filter is in filters_understood."),
        (
            Parameter("q", _("What is searched for, at most 500 characters.")), LANG,
            Parameter("register", _("Search in this register only."), is_list=True), FILTERS, SORT, LIMIT, NEXT, ENDED,
            Parameter("from", _("From this day, month or year.")), Parameter("to", _("Up to this day, month or year.")),
            Parameter("as_words", _("Words that are not to be read as a filter."), is_list=True),
            Parameter("explain", _("1 for how the answer came about."), values=("0", "1")),
        ),
    ),
    Operation(
        "get", "/suggest", _("Suggestions while a search is typed"), answers.SuggestionListSchema,
        parameters=(Parameter("q", _("What was typed so far.")), LANG),
    ),
    Operation("get", "/statistics", _("Statistics of all registers"), answers.StatisticsSchema, parameters=(AT, ORIGIN)),
    Operation(
        "get", "/statistics/{register}", _("Statistics of one register"), answers.StatisticsSchema,
        parameters=(AT, ORIGIN), others=(400, 404, 429, 503),
    ),
    Operation(
        "get", "/quality", _("Figures on how the register is kept"), quality.QualitySchema,
        _("Reports and how they were answered, and how often staff have looked at confidential parts, by year, kind and reason. No person is in them."),
    ),
    Operation(
        "post", "/check", _("Check up to 1,000 numbers"), answers.CheckSchema,
        _("One answer for each, in the order asked: a standing, or which kind of not found. Nothing is stored."),
        body=answers.NumbersSchema, others=(400, 415, 429, 503),
    ),
    Operation(
        "post", "/registers/{register}/records", _("File a record"), answers.RecordSchema,
        _("For enterprises, with a token of the workspace. It is public immediately."),
        (DRY_RUN,), answers.FilingSchema, 201, (400, 401, 403, 404, 409, 422, 429, 503), needs_token=True, headers=(IDEMPOTENCY,),
    ),
    Operation(
        "put", RECORD_PATH, _("Amend or withdraw a record"), answers.RecordSchema,
        _("Publishes another version of it; what it said before stays on record."),
        (DRY_RUN,), answers.FilingSchema, 200, (400, 401, 403, 404, 409, 412, 422, 428, 429, 503), needs_token=True,
        headers=(IF_MATCH, IDEMPOTENCY),
    ),
    *APPLICATION_OPERATIONS,
    *OWN_RECORD_OPERATIONS,
    *DESK_OPERATIONS,
)  # fmt: skip
PATH_PARAMETERS = {
    "register": _("Short name of a register."),
    "number": _("Number of a record, in any spelling."),
    **DESK_PATH_PARAMETERS,
    **APPLICATION_PATH_PARAMETERS,
    **OWN_RECORD_PATH_PARAMETERS,
}


@functools.cache
def openapi_json() -> bytes:
    """Return the description as OpenAPI 3.1 in JSON; made once."""
    return json.dumps(openapi(), ensure_ascii=False).encode()


def openapi() -> Json:
    """Return the description as OpenAPI 3.1."""
    plugin = MarshmallowPlugin(schema_name_resolver=component_name)
    spec = APISpec(
        TITLE,
        VERSION,
        "3.1.0",
        plugins=(plugin,),
        info={"description": "The public register of quality: records as JSON. Reading needs no key."},
        servers=[{"url": SERVER}],
        jsonSchemaDialect="https://json-schema.org/draft/2020-12/schema",
    )
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(  # type: ignore[no-untyped-call]
        lambda _converter, field, **_more: _of_register_field(field)
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for slug, definition in catalogue().items():
        spec.components.schema(document_name(slug), schema=definition.schema)
    for path in dict.fromkeys(each.path for each in OPERATIONS):
        described = {each.method: _described(each) for each in OPERATIONS if each.path == path}
        spec.path(path, operations=described, parameters=_path_parameters(path))
    return spec.to_dict()


def component_name(schema: Any) -> str:
    """Return the name of a schema among the components: `RecordSchema` is `Record`."""
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__).removesuffix("Schema")


def document_name(slug: str) -> str:
    """Return the name of the component that describes the documents of a register."""
    return "".join(word.capitalize() for word in slug.split("-")) + "Document"


def _of_register_field(field: ma.fields.Field[Any]) -> Json:
    """Return how a field of a register's document looks in JSON; nothing for fields of answers."""
    if not isinstance(field, RegisterField):
        return {}
    return {**document_schema.shape(field), "title": gettext(field.info.label, "en")}


def _described(operation: Operation) -> Json:
    answer: Json = {
        str(operation.status): {
            "description": gettext(operation.summary, "en"),
            "content": {operation.media_type: {"schema": operation.answer or {}}},
        }
    }
    if any(each.name == DRY_RUN.name for each in operation.parameters):
        checked = {
            "description": "With dry_run=1: what would happen.",
            "content": {JSON: {"schema": operation.dry_run_answer or answers.DryRunSchema}},
        }
        if operation.status == 200:
            content = answer["200"]["content"][JSON]
            content["schema"] = {"anyOf": [operation.answer, answers.DryRunSchema]}
        else:
            answer["200"] = checked
    for status in operation.others:
        if status == ACCEPTED:
            answer[str(status)] = {
                "description": "Not yet: look again at the address in Location.",
                "content": {operation.media_type: {"schema": operation.answer or {}}},
            }
            continue
        answer[str(status)] = {
            "description": "A problem document (RFC 9457).",
            "content": {PROBLEM: {"schema": answers.ProblemSchema}},
        }
    described: Json = {
        "operationId": operation.operation_id,
        "summary": gettext(operation.summary, "en"),
        "parameters": [*map(_parameter, operation.parameters), *_headers(operation.headers)],
        "responses": answer,
    }
    if operation.about:
        described["description"] = gettext(operation.about, "en")
    if operation.body:
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": operation.body}}}
    if operation.takes_file:
        described["requestBody"] = {"required": True, "content": {FILE: {"schema": {}}}}
    if operation.needs_token:
        described["security"] = [{"token": []}]
    return described


def _parameter(parameter: Parameter) -> Json:
    value: Json = {"type": parameter.kind, **({"enum": list(parameter.values)} if parameter.values else {})}
    return {
        "name": parameter.name,
        "in": "query",
        "description": gettext(parameter.about, "en"),
        "schema": {"type": "array", "items": value} if parameter.is_list else value,
    }


def _headers(headers: Iterable[tuple[str, str]]) -> list[Json]:
    return [
        {
            "name": name,
            "in": "header",
            "required": name == IF_MATCH[0],
            "description": gettext(about, "en"),
            "schema": {"type": "string"},
        }
        for name, about in headers
    ]


def _path_parameters(path: str) -> list[Json]:
    known = {"register": {"enum": list(catalogue())}}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": gettext(about, "en"),
            "schema": {"type": "string", **known.get(name, {})},
        }
        for name, about in PATH_PARAMETERS.items()
        if f"{{{name}}}" in path
    ]
