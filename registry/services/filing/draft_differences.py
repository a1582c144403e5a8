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
from registry.services.people.memberships import DECLARATIONS, require_membership
from registry.services.records import versions
from registry.services.records.views import ChangeView
from registry.store.unit_of_work import read_transaction, unit_of_work


@dataclass(frozen=True, slots=True)
class DifferencesView:
    """`version`: of the record, as it is shown here; `changes`: what publication would change in it.

    `meanwhile`: what changed in the record since the draft was begun, and publication would undo in part.
    """

    version: int
    record_changed: bool
    changes: tuple[ChangeView, ...]
    record_changes: tuple[ChangeView, ...]


def compare_draft_with_record(
    registry: Registry, actor: Actor, org: str, draft_id: int, lang: str
) -> DifferencesView | None:
    """The differences of a draft that amends; None for one that declares anew. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[DECLARATIONS]
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        row = drafts.require_draft(connection, mine.id, draft_id)
        record = (
            submission.find_record_document(connection, DECLARATIONS, row.amends_slug)
            if row.amends_slug
            else None
        )
        if record is None:
            return None
        values = draft_views.check_draft(connection, mine, row).values
        begun = _document_at(connection, record.id, row.amends_version)
    present = json.loads(record.document)
    return DifferencesView(
        record.version,
        row.amends_version != record.version,
        versions.document_differences(
            definition, present, _published_document(definition, present, values), lang
        ),
        versions.document_differences(definition, begun, present, lang) if begun is not None else (),
    )


def rebase_draft(registry: Registry, actor: Actor, org: str, draft_id: int) -> None:
    """Take over what changed in the record since the draft was begun; what was typed otherwise stays.

    A field that both have changed takes the record's text: the filer sees it on the check page. Raises `NotFound` and
    `Forbidden` (viewers).
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = drafts.require_draft(connection, mine.id, draft_id, lock=True)
        record = (
            submission.find_record_document(connection, DECLARATIONS, row.amends_slug)
            if row.amends_slug
            else None
        )
        if record is None or row.amends_version == record.version:
            return
        begun = _document_at(connection, record.id, row.amends_version) or {}
        before, now = (drafts.document_as_typed(each) for each in (begun, json.loads(record.document)))
        moved = {name for name in {*before, *now} if before.get(name) != now.get(name)}
        typed = json.loads(row.typed) | {name: now.get(name, "") for name in moved}
        drafts.write_revision(connection, actor.user_id, row, typed, amends_version=record.version)


def _document_at(connection: Connection, record_id: int, version: int | None) -> Mapping[str, Any] | None:
    found = connection.execute(
        select(Item.document)
        .join(Entry, Entry.document_hash == Item.hash)
        .where(Entry.record_id == record_id, Entry.version == version)
    ).scalar()
    return None if found is None else dict(json.loads(found))


def _published_document(
    definition: RegisterDefinition, present: Mapping[str, Any], raw: Mapping[str, Any]
) -> dict[str, Any]:
    """The document that publication would make, as far as what was typed can be read."""
    asked = filing_of(definition)
    loaded = definition.schema.load_values(raw, complete=False)
    unread = {name: present[name] for name in loaded.refused_fields if name in present}
    kept = {
        name: value
        for name, value in present.items()
        if name not in (*asked.fields(), *asked.organisation_fields, asked.note_field)
    }
    return {**kept, **loaded.values, **unread}
