"""A draft as its organisation sees it: what was typed, what is filled in, and what still stands against it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.attachments.model import Attachment
from registry.i18n import LOCALES
from registry.kit import list_cells
from registry.kit.comparison import Comparison, compare
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.draft import Receipt
from registry.kit.filing import Correction, FilingStep, FilingWords
from registry.kit.issues import Issue
from registry.kit.kinds import Many, NormalisedText, Rows
from registry.kit.limits import LimitComparison
from registry.reference.text import sparse_dates
from registry.registers import catalogue
from registry.services.filing import submission, translation_suggestions
from registry.services.filing.submission import CheckedFiling, filing_of
from registry.services.filing.translation_suggestions import Suggestion
from registry.services.people.memberships import (
    OrganisationView,
    organisation_view,
)
from registry.services.records import presentation, titles
from registry.store.base import FetchedRow

LIST_SEPARATORS = re.compile(
    r"[\n，、；;]"
)  # what people write between the items of a list; a comma may be part of a model


@dataclass(frozen=True, slots=True)
class StepView:
    """One page of questions. `title`, `hint`: message ids.

    `state`: empty, begun, done, wrong, optional (nothing is needed), or open: other answers decide whether something is.
    """

    key: str
    title: str
    hint: str
    fields: tuple[str, ...]
    state: str
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order of the authority to correct a record. Days: ISO, "" where unknown.

    `days_left`: until the deadline, negative when it has passed, None where it is unknown. `submitted`: the day of the
    answer, "" where there is none. `correction`: how the register calls it.
    """

    order: str
    authority: str
    deadline: str
    days_left: int | None
    submitted: str
    correction: Correction


def order_of_record(
    definition: RegisterDefinition, status: str, document: Mapping[str, Any]
) -> OrderView | None:
    """Return the order to correct that stands against a record, None where there is none."""
    correction = filing_of(definition).correction
    if correction is None or status not in correction.states:
        return None
    order, authority, deadline, decided, submitted = (
        str(document.get(name) or "")
        for name in (
            correction.order_field,
            correction.authority_field,
            correction.deadline_field,
            correction.decided_field,
            correction.submitted_field,
        )
    )
    return OrderView(
        order=order,
        authority=authority,
        deadline=deadline,
        days_left=(sparse_dates.last_day(deadline) - clock.today()).days if deadline else None,
        submitted=submitted if submitted >= decided else "",
        correction=correction,
    )


class DraftFile(NamedTuple):
    """The file that was handed in with a draft, as it was named. `size`: bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as its organisation sees it.

    `defaults`: what is filled in where nothing was typed; `derived`: answers that other records give and that cannot be
    typed; `days`: question → the day that was understood, ISO, or as sparse as it was typed; `understood`: question → what
    a name or code that was typed means, where that says more.
    """

    id: int
    register: str
    words: FilingWords
    organisation: OrganisationView
    revision: int
    typed: Mapping[str, Any]
    defaults: Mapping[str, Any]
    derived: Mapping[str, Any]
    title: Words  # as typed, without text where nothing was
    subject: str  # what it is about beside the title, as typed: the number of a standard
    amends: str  # number of the record to be changed, or ""
    order: OrderView | None  # that the amendment answers
    changed_at: dt.datetime
    changed_by: str
    saved_by_reader: bool
    steps: tuple[StepView, ...]
    issues: tuple[Issue, ...]
    notices: tuple[Issue, ...]  # what should be looked at again
    suggestions: Mapping[str, Suggestion]  # English that could be taken, by the id of its input
    comparisons: tuple[Comparison, ...]  # of the tables that the register compares
    limits: tuple[LimitComparison, ...]  # what is promised, against the limits of standards
    days: Mapping[str, str]
    understood: Mapping[str, Words]
    file: DraftFile | None

    @property
    def ready(self) -> bool:
        return not self.issues

    def answer(self, name: str) -> Any:
        """Return what will be published under this name, as far as it is known."""
        return self.derived.get(name) or self.typed.get(name) or self.defaults.get(name) or ""


def build_draft_view(
    connection: Connection, actor: Actor, organisation: FetchedRow, row: FetchedRow
) -> DraftView:
    """Return the view of a draft.

    `actor`: who looks at it; `organisation`: as `require_membership` gives it; `row`: as `drafts.require_draft` gives it.
    """
    require(actor, Action.ACT_FOR)
    definition = catalogue()[row.register]
    filing = filing_of(definition)
    typed = json.loads(row.typed)
    checked = check_draft(connection, actor, organisation, row)
    title, subject = draft_title(definition, typed)
    derived = {name: value for name, value in checked.derived.items() if name in filing.fields()}
    return DraftView(
        id=row.id,
        register=row.register,
        words=filing.words,
        organisation=organisation_view(organisation),
        revision=row.revision,
        typed=typed,
        defaults={name: value for name, value in checked.values.items() if not typed.get(name)},
        derived=derived,
        title=title,
        subject=subject,
        amends=row.amends or "",
        order=_order_answered(connection, definition, row),
        changed_at=row.changed_at,
        changed_by=row.editor,
        saved_by_reader=row.changed_by == actor.user_id,
        steps=tuple(_step_view(step, row, typed, checked.issues) for step in filing.steps),
        issues=checked.issues,
        notices=checked.notices,
        suggestions=translation_suggestions.suggest_translations(
            connection, row.register, organisation.id, {**typed, **derived}
        ),
        comparisons=_indicator_comparisons(definition, typed),
        limits=checked.limits,
        days=_understood_days(definition, typed),
        understood=understood_answers(definition, typed),
        file=_handed_in_file(connection, definition, row, typed),
    )


def _understood_days(definition: RegisterDefinition, typed: Mapping[str, Any]) -> dict[str, str]:
    """The dates that were typed, as they are understood; those that cannot be read are left out."""
    fields = definition.schema.register_fields()
    dates = {
        name: typed[name]
        for name in filing_of(definition).fields()
        if fields[name].kind == "date" and typed.get(name)
    }
    loaded = definition.schema.load_values(dates, complete=False).values if dates else {}
    return {name: str(loaded[name]) for name in dates if name in loaded}


def understood_answers(definition: RegisterDefinition, typed: Mapping[str, Any]) -> dict[str, Words]:
    """Return by question what a name or a code that was typed means, where that says more: an industry, a region, a title."""
    fields = definition.schema.register_fields()
    asked = {
        name: fields[name]
        for name in filing_of(definition).fields()
        if isinstance(fields[name], NormalisedText) and typed.get(name)
    }
    loaded = definition.schema.load_values({name: typed[name] for name in asked}, complete=False).values
    meant: dict[str, Words] = {}
    for name, field in asked.items():
        if name not in loaded:
            continue
        zh, en = (presentation.field_text(name, field, loaded, lang) for lang in LOCALES)
        if str(typed[name]).strip() not in (zh, en):
            meant[name] = Words(zh, en)
    return meant


def _handed_in_file(
    connection: Connection, definition: RegisterDefinition, row: FetchedRow, typed: Mapping[str, Any]
) -> DraftFile | None:
    """The file of a draft: handed in with it, or with the record that it amends and not replaced since."""
    full_text = filing_of(definition).full_text
    sha256 = str(typed.get(full_text.hash_field) or "") if full_text else ""
    if not sha256:
        return None
    filed = select(Receipt.text_id).where(Receipt.record_id == row.amends_id)
    file = connection.execute(
        select(Attachment.name, Attachment.size)
        .where(Attachment.sha256 == sha256, (Attachment.id == row.text_id) | Attachment.id.in_(filed))
        .order_by(Attachment.id.desc())
        .limit(1)
    ).first()
    return None if file is None else DraftFile(file.name, file.size)


def _order_answered(
    connection: Connection, definition: RegisterDefinition, row: FetchedRow
) -> OrderView | None:
    """The order that a draft answers, if the record that it amends is under one."""
    if not row.amends_slug or filing_of(definition).correction is None:
        return None
    record = submission.find_record_document(connection, row.register, row.amends_slug)
    return order_of_record(definition, record.status, json.loads(record.document)) if record else None


def _step_view(
    step: FilingStep, row: FetchedRow, typed: Mapping[str, Any], issues: Sequence[Issue]
) -> StepView:
    """A page of questions with how far it is."""
    own = tuple(issue for issue in issues if issue.field in step.fields)
    begun = any(typed.get(name) for name in step.fields)
    untouched = row.revision == 1 and not row.amends_slug  # a copy in which nothing has been typed
    wrong = not untouched and any(issue.code != "required" for issue in own)
    undecided = any(not typed.get(name) for name in step.depends_on)
    if not begun:
        state = "empty" if own else "open" if undecided else "optional"
    elif wrong:
        state = "wrong"
    else:
        state = "begun" if own else "done"
    return StepView(step.key, step.title, step.hint, step.fields, state, own)


def check_draft(connection: Connection, actor: Actor, mine: FetchedRow, row: FetchedRow) -> CheckedFiling:
    """Return what stands against a draft (`row`: as `drafts.require_draft` gives it), and what it would publish."""
    require(actor, Action.ACT_FOR)
    organisation = submission.find_record_document(connection, mine.register, mine.slug)
    assert organisation is not None
    amends = (
        submission.find_record_document(connection, row.register, row.amends_slug)
        if row.amends_slug
        else None
    )
    raw = typed_as_raw(catalogue()[row.register], json.loads(row.typed))
    validator = submission.open_validator(connection, actor, row.register, organisation, shows_derived=True)
    return submission.check_filing(validator, raw, amends=amends)


def typed_as_cells(register: str, typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed into the questions of a form, by field, as cells of a sheet: items of lists with `|` between them."""
    fields = catalogue()[register].schema.register_fields()
    return {
        name: list_cells.join_cell(_items(text)) if isinstance(fields.get(name), Many) else text
        for name, text in typed.items()
    }


def cells_as_typed(register: str, cells: Mapping[str, str]) -> dict[str, str]:
    """Return cells of a sheet, by field, as a form shows them: items of lists one a line."""
    fields = catalogue()[register].schema.register_fields()
    return {
        name: "\n".join(list_cells.split_cell(text)) if isinstance(fields.get(name), Many) else text
        for name, text in cells.items()
    }


def _items(typed: str) -> list[str]:
    return [item for item in (part.strip() for part in LIST_SEPARATORS.split(typed)) if item]


def typed_as_raw(definition: RegisterDefinition, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as a sheet would have it: lists as lists, rows of tables without their empty cells."""
    fields = definition.schema.register_fields()
    raw: dict[str, Any] = {}
    for name, value in typed.items():
        field = fields.get(name)
        if isinstance(field, Rows):
            rows = [{column: cell for column, cell in row.items() if cell} for row in value]
            raw[name] = [row for row in rows if row]
        elif isinstance(field, Many):
            raw[name] = _items(str(value))
        else:
            raw[name] = value
    return raw


def _indicator_comparisons(
    definition: RegisterDefinition, typed: Mapping[str, Any]
) -> tuple[Comparison, ...]:
    """What the numbers typed so far say of each other, as far as they can be read."""
    tables = definition.layout.comparison
    if tables is None or not typed.get(tables.benchmarks):
        return ()
    raw = typed_as_raw(definition, {name: typed.get(name) or () for name in (tables.own, tables.benchmarks)})
    loaded = definition.schema.load_values(raw, complete=False)
    values = {**loaded.partial_tables, **loaded.values}
    return tuple(compare(values.get(tables.own) or (), values.get(tables.benchmarks) or ()))


def draft_title(definition: RegisterDefinition, typed: Mapping[str, Any]) -> tuple[Words, str]:
    """Return title and subject of a draft as they were typed, without text for what was not."""
    subject = str(typed.get(filing_of(definition).subject_field) or "")
    return titles.title_of_answers(definition, typed), subject
