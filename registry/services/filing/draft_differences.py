"""How a draft that amends differs from what is public, and what became of the record since the draft was begun."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from registry.accounts.policy import Action, Actor, require
from registry.kit.definition import RegisterDefinition
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import draft_views, drafts, submission
from registry.services.filing.submission import filing_of
from registry.services.people.memberships import FilerAddress, require_membership
from registry.services.records.past import versions
from registry.services.records.views import ChangeView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work


@dataclass(frozen=True, slots=True)
class DifferencesView:
    """How a draft differs from the record that it amends.

    `version`: of the record, as it is shown here; `changes`: what publication would change in it; `record_changes`: what
    changed in the record since the draft was opened, and publication would undo in part.
    """

    version: int
    record_changed: bool
    changes: tuple[ChangeView, ...]
    record_changes: tuple[ChangeView, ...]


def compare_draft_with_record(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int, *, lang: str
) -> DifferencesView | None:
    """Return the differences of a draft that amends; None for a draft of a new record. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        row = drafts.require_draft(connection, mine.id, draft_id)
        record = _amended_record(connection, row)
        if record is None:
            return None
        values = draft_views.check_draft(connection, actor, mine, row).values
        begun = _document_at(connection, record.id, row.amends_version)
    definition = catalogue()[row.register]
    present = json.loads(record.document)
    return DifferencesView(
        record.version,
        row.amends_version != record.version,
        versions.document_differences(
            definition, present, _published_document(definition, present, values), lang
        ),
        versions.document_differences(definition, begun, present, lang) if begun is not None else (),
    )


def rebase_draft(registry: Registry, actor: Actor, org: FilerAddress, draft_id: int) -> None:
    """Take over what changed in the record since the draft was opened; what was typed otherwise stays.

    A field that both have changed takes the record's text: the filer sees it on the check page. Raises `NotFound` and
    `Forbidden` (viewers).
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = drafts.require_draft(connection, mine.id, draft_id, lock=True)
        record = _amended_record(connection, row)
        if record is None or row.amends_version == record.version:
            return
        definition = catalogue()[row.register]
        begun = _document_at(connection, record.id, row.amends_version) or {}
        before, now = (
            drafts.document_as_typed(definition, document)
            for document in (begun, json.loads(record.document))
        )
        changed = {name for name in {*before, *now} if before.get(name) != now.get(name)}
        typed = json.loads(row.typed) | {name: now.get(name, "") for name in changed}
        drafts.write_revision(connection, actor.user_id, row, typed, amends_version=record.version)


def _amended_record(connection: Connection, row: FetchedRow) -> FetchedRow | None:
    """The record that a draft amends, with its document; None for a draft of a new one."""
    if not row.amends_slug:
        return None
    return submission.find_record_document(connection, row.register, row.amends_slug)


def _document_at(connection: Connection, record_id: int, version: int | None) -> Mapping[str, Any] | None:
    document = connection.execute(
        select(Item.document)
        .join(Entry, Entry.document_hash == Item.hash)
        .where(Entry.record_id == record_id, Entry.version == version)
    ).scalar()
    return None if document is None else dict(json.loads(document))


def _published_document(
    definition: RegisterDefinition, present: Mapping[str, Any], raw: Mapping[str, Any]
) -> dict[str, Any]:
    """The document that publication would make, as far as what was typed can be read."""
    filing = filing_of(definition)
    note_field = filing.amendments.note_field if filing.amendments else ""
    loaded = definition.schema.load_values(raw, complete=False)
    unread = {name: present[name] for name in loaded.refused_fields if name in present}
    unasked = {
        name: value
        for name, value in present.items()
        if name not in (*filing.fields(), *filing.organisation_fields, note_field)
    }
    return {**unasked, **loaded.values, **unread}
