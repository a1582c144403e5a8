"""A draft as its organisation sees it: what was typed, what is filled in, and what still stands against it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from registry.kit.comparison import Comparison, compare
from registry.kit.issues import Issue
from registry.kit.kinds import Many, Rows
from registry.registers import catalogue
from registry.services.filing import submission, translation_suggestions
from registry.services.filing.submission import CheckedFiling, filing_of
from registry.services.filing.translation_suggestions import Suggestion
from registry.services.people.memberships import (
    DECLARATIONS,
    ORGANISATIONS,
    OrganisationView,
    organisation_view,
)
from registry.store.base import FetchedRow

LIST_SEPARATORS = re.compile(
    r"[\n，、；;]"
)  # what people write between the items of a list; a comma may be part of a model


@dataclass(frozen=True, slots=True)
class StepView:
    """One page of questions. `state`: empty, begun, done, optional, wrong. `title`, `hint`: message ids."""

    key: str
    title: str
    hint: str
    fields: tuple[str, ...]
    state: str
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as its organisation sees it. `filled`: what is filled in where nothing was typed; `copied`: answers that
    other records give, and nobody types."""

    id: int
    organisation: OrganisationView
    revision: int
    typed: Mapping[str, Any]
    defaults: Mapping[str, Any]
    derived: Mapping[str, Any]
    title: str  # of the product, as typed
    subject: str  # number of the standard, as typed
    amends: str  # number of the record to be changed, or ""
    changed_at: dt.datetime
    changed_by: str
    saved_by_reader: bool  # the last one, of who asks
    steps: tuple[StepView, ...]
    issues: tuple[Issue, ...]
    notices: tuple[Issue, ...]  # what should be looked at once more
    suggestions: Mapping[str, Suggestion]  # English that could be taken, by the id of its input
    comparisons: tuple[Comparison, ...]  # of the tables that the register compares

    @property
    def ready(self) -> bool:
        return not self.issues

    def answer(self, name: str) -> Any:
        """What will be published under this name, as far as it is known."""
        return self.derived.get(name) or self.typed.get(name) or self.defaults.get(name) or ""


def build_draft_view(
    connection: Connection, organisation: FetchedRow, row: FetchedRow, reader_id: int
) -> DraftView:
    """`row`: as `drafts.found` gives it; `reader_id`: whose own saves are named so."""
    typed = json.loads(row.typed)
    judged = check_draft(connection, organisation, row)
    steps = []
    asked = filing_of(catalogue()[DECLARATIONS])
    known = asked.fields()
    for step in asked.steps:
        issues = tuple(issue for issue in judged.issues if issue.field in step.fields)
        begun = any(typed.get(name) for name in step.fields)
        untouched = row.revision == 1 and not row.amends_slug  # a copy in which nobody has typed
        wrong = not untouched and any(issue.code != "required" for issue in issues)
        state = "wrong" if wrong and begun else "begun" if begun and issues else "empty" if issues else "done"
        if state == "done" and not begun:
            state = "optional"
        steps.append(StepView(step.key, step.title, step.hint, step.fields, state, issues))
    title, subject = draft_title(typed)
    copied = {name: value for name, value in judged.derived.items() if name in known}
    filled = {name: value for name, value in judged.values.items() if not typed.get(name)}
    return DraftView(
        row.id,
        organisation_view(organisation),
        row.revision,
        typed,
        filled,
        copied,
        title,
        subject,
        row.amends or "",
        row.changed_at,
        row.editor,
        row.changed_by == reader_id,
        tuple(steps),
        judged.issues,
        judged.notices,
        translation_suggestions.suggest_translations(
            connection, DECLARATIONS, organisation.id, {**typed, **copied}
        ),
        _indicator_comparisons(typed),
    )


def check_draft(connection: Connection, mine: FetchedRow, row: FetchedRow) -> CheckedFiling:
    """What stands against a draft (`row`: as `drafts.found` gives it), and what it would publish."""
    organisation = submission.find_record_document(connection, ORGANISATIONS, mine.slug)
    assert organisation is not None
    amends = (
        submission.find_record_document(connection, DECLARATIONS, row.amends_slug)
        if row.amends_slug
        else None
    )
    return submission.check_filing(
        connection, DECLARATIONS, organisation, typed_as_raw(json.loads(row.typed)), amends=amends
    )


def typed_as_raw(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as a sheet would have it: lists in one cell, rows without their empty cells."""
    kept = catalogue()[DECLARATIONS].schema.register_fields()
    raw: dict[str, Any] = {}
    for name, value in typed.items():
        field = kept.get(name)
        if isinstance(field, Rows):
            rows = [{column: cell for column, cell in row.items() if cell} for row in value]
            raw[name] = [row for row in rows if row]
        elif isinstance(field, Many):
            raw[name] = [
                line for line in (part.strip() for part in LIST_SEPARATORS.split(str(value))) if line
            ]
        else:
            raw[name] = value
    return raw


def _indicator_comparisons(typed: Mapping[str, Any]) -> tuple[Comparison, ...]:
    """What the numbers typed so far say of each other, as far as they can be read."""
    definition = catalogue()[DECLARATIONS]
    names = definition.layout.comparison
    if names is None or not typed.get(names.benchmarks):
        return ()
    raw = typed_as_raw({name: typed.get(name) or () for name in (names.own, names.benchmarks)})
    loaded = definition.schema.load_values(raw, complete=False)
    values = {**loaded.partial_tables, **loaded.values}
    return tuple(compare(values.get(names.own) or (), values.get(names.benchmarks) or ()))


def draft_title(typed: Mapping[str, Any]) -> tuple[str, str]:
    return str(typed.get("product_name_zh") or typed.get("product_name_en") or ""), str(
        typed.get("std_no") or ""
    )
