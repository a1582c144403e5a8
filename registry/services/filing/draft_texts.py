"""The full text of an own standard while its declaration is being written, and for its own enterprise afterwards."""

from __future__ import annotations

import json

from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import drafts
from registry.services.filing.submission import filing_of
from registry.services.people import attachments
from registry.services.people.attachments import Stream
from registry.services.people.memberships import DECLARATIONS, require_membership
from registry.services.records import full_texts
from registry.services.records.full_texts import TextView
from registry.store.unit_of_work import read_transaction, unit_of_work


def attach_full_text(
    registry: Registry, actor: Actor, org: str, draft_id: int, name: str, stream: Stream
) -> None:
    """Keep a PDF with a draft; its hash becomes an answer.

    Raises `Invalid` (the field of the hash), `NotFound`, `Forbidden` (viewers), `Unavailable` (the scanner).
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        drafts.require_draft(connection, require_membership(connection, actor, org, "editor").id, draft_id)
    field = filing_of(catalogue()[DECLARATIONS]).text_hash_field
    try:
        taken = attachments.upload_attachment(registry, actor, name, stream, required_kind="pdf")
    except Invalid as refused:
        raise Invalid(tuple(Issue(each.code, field, each.params) for each in refused.issues)) from refused
    _set_text(registry, actor, org, draft_id, taken.sha256, taken.id)


def remove_full_text(registry: Registry, actor: Actor, org: str, draft_id: int) -> None:
    """The draft goes without a text and its hash. Raises `NotFound`, `Forbidden` (viewers)."""
    require(actor, Action.ACT_FOR)
    _set_text(registry, actor, org, draft_id, "", None)


def get_own_full_text(registry: Registry, actor: Actor, org: str, number: str) -> TextView:
    """The text of a declaration, public or not, for who acts for its organisation. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        record = drafts.require_filed_record(
            connection, require_membership(connection, actor, org).id, number
        )
        found = full_texts.find_filed_text(
            connection, catalogue()[DECLARATIONS], record.id, json.loads(record.document)
        )
    if found is None:
        raise NotFound("text", number[:120])
    return full_texts.make_text_view(registry, found)


def _set_text(
    registry: Registry, actor: Actor, org: str, draft_id: int, sha256: str, text_id: int | None
) -> None:
    field = filing_of(catalogue()[DECLARATIONS]).text_hash_field
    with unit_of_work(registry.engine) as connection:
        row = drafts.require_draft(
            connection, require_membership(connection, actor, org, "editor").id, draft_id, lock=True
        )
        drafts.write_revision(
            connection, actor.user_id, row, {**json.loads(row.typed), field: sha256}, text_id=text_id
        )
