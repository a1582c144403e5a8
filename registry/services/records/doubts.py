"""Gaps and doubts that stand with a record, as its page says them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from registry.i18n import _
from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.kit.kinds import RegisterField
from registry.kit.list_cells import split_cell
from registry.services.publication.sources import MAX_QUOTED, SOURCES_DIFFER
from registry.services.records.presentation import value_text
from registry.services.records.views import IssueView

COLUMN_LABELS = {"status": _("Status"), "number": _("Number")}
SHOWN_AS_WRITTEN = ("text", "long")  # kinds of fields


def warning_views(definition: RegisterDefinition, warnings: str, lang: str) -> tuple[IssueView, ...]:
    """Return the doubts of a record for its page. `warnings`: as the record's column holds them, JSON."""
    fields = definition.schema.register_fields()
    return tuple(
        IssueView(
            code=issue["code"],
            field=issue["field"],
            field_label=column_label(fields, issue["field"]),
            params=_shown_params(fields.get(issue["field"]), issue, lang),
            severity="warns",
            message=definition.message_for(issue["code"]),
        )
        for issue in json.loads(warnings)
    )


def column_label(fields: Mapping[str, RegisterField], name: str) -> str:
    """Message id of the label of a field, or of a column that every sheet has; "" for neither."""
    return fields[name].info.label if name in fields else COLUMN_LABELS.get(name, "")


def _shown_params(field: RegisterField | None, issue: Mapping[str, Any], lang: str) -> Mapping[str, Any]:
    params: Mapping[str, Any] = issue["params"]
    if field is None or issue["code"] != SOURCES_DIFFER:
        return params  # others quote what somebody wrote
    return {**params, "value": shown_value(issue["field"], field, str(params["value"]), lang)}


def shown_value(name: str, field: RegisterField, quoted: str, lang: str) -> str:
    """Return a value that a doubt quotes as the page shows such values: a day in words, a code by its name, a barcode as printed.

    `quoted`: as a sheet holds it, cut to `MAX_QUOTED` characters. What cannot be read back stays as it is.
    """
    is_cut = len(quoted) >= MAX_QUOTED
    if isinstance(field, kinds.Many):
        parts = split_cell(quoted)
        whole = parts[:-1] if is_cut else parts
        shown = [shown_value(name, field.inner, part, lang) for part in whole]
        return ("、" if lang == "zh" else ", ").join([*shown, *(["…"] if is_cut else [])])
    if is_cut or field.kind in SHOWN_AS_WRITTEN:
        return quoted
    try:
        return value_text(name, field, field.deserialize(quoted), lang)
    except ma.ValidationError:
        return quoted
