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
from registry.services.people.memberships import DECLARATIONS, acting
from registry.services.records import full_texts
from registry.services.records.full_texts import TextView
from registry.store.unit_of_work import reading, unit_of_work


def attach(registry: Registry, actor: Actor, org: str, draft_id: int, name: str, stream: Stream) -> None:
    """Keep a PDF with a draft; its hash becomes an answer.

    Raises `Invalid` (the field of the hash), `NotFound`, `Forbidden` (viewers), `Unavailable` (the scanner).
    """
    require(actor, Action.ACT_FOR)
    with reading(registry.engine) as connection:
        drafts.found(connection, acting(connection, actor, org, "editor").id, draft_id)
    field = filing_of(catalogue()[DECLARATIONS]).hashed
    try:
        taken = attachments.attach(registry, actor, name, stream, only="pdf")
    except Invalid as refused:
        raise Invalid(tuple(Issue(each.code, field, each.params) for each in refused.issues)) from refused
    _answer(registry, actor, org, draft_id, taken.sha256, taken.id)


def remove(registry: Registry, actor: Actor, org: str, draft_id: int) -> None:
    """The draft goes without a text and its hash. Raises `NotFound`, `Forbidden` (viewers)."""
    require(actor, Action.ACT_FOR)
    _answer(registry, actor, org, draft_id, "", None)


def own(registry: Registry, actor: Actor, org: str, number: str) -> TextView:
    """The text of a declaration, public or not, for who acts for its organisation. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with reading(registry.engine) as connection:
        record = drafts.declared(connection, acting(connection, actor, org).id, number)
        found = full_texts.of_record(connection, record.id, json.loads(record.document))
    if found is None:
        raise NotFound("text", number[:120])
    return full_texts.view(registry, found)


def _answer(
    registry: Registry, actor: Actor, org: str, draft_id: int, sha256: str, text_id: int | None
) -> None:
    field = filing_of(catalogue()[DECLARATIONS]).hashed
    with unit_of_work(registry.engine) as connection:
        row = drafts.found(connection, acting(connection, actor, org, "editor").id, draft_id, lock=True)
        drafts.write(
            connection, actor.user_id, row, {**json.loads(row.typed), field: sha256}, text_id=text_id
        )
