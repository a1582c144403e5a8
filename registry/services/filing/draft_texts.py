"""The full text that belongs to a record while it is being drafted, and for its own enterprise afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from registry.accounts.policy import Action, Actor, require
from registry.errors import BeingExamined, Forbidden, Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.confidential.looks import Look, LookReason, record_look
from registry.services.filing import drafts
from registry.services.filing.filed_records import FiledRecordAddress
from registry.services.filing.submission import filing_of
from registry.services.people import attachments, deciding_rights, examinations
from registry.services.people.attachments import AttachmentView, Stream
from registry.services.people.memberships import FilerAddress, require_filer, require_membership
from registry.services.records import full_texts
from registry.services.records.full_texts import TextView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it was sent: its name and its bytes."""

    name: str
    stream: Stream


def attach_full_text(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int, *, file: UploadedFile
) -> None:
    """Store a PDF with a draft; its hash becomes an answer.

    One that takes longer to examine is stored later, by `settle_full_text`. Raises `Invalid` (the field of the hash), `NotFound` (also where the register takes no full text), `Forbidden`
    (viewers), `Unavailable` (the scanner).
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        field = _hash_field(drafts.require_draft(connection, mine.id, draft_id))
    try:
        stored = attachments.upload_attachment(registry, actor, file.name, file.stream, required_kind="pdf")
    except Invalid as refused:
        raise _of_field(refused, field) from refused
    except BeingExamined as examined:
        examinations.remember(registry, _subject(draft_id), examined.token)
        return
    examinations.forget(registry, _subject(draft_id))
    _set_text(registry, actor, org, draft_id, text=stored)


def settle_full_text(registry: Registry, actor: Actor, org: FilerAddress, draft_id: int) -> str:
    """Store a text that has been examined meanwhile with its draft; returns the name of one that still is, else "".

    Raises `Invalid` (the field of the hash) with what is wrong with it, once; `NotFound`.
    """
    require(actor, Action.ACT_FOR)
    token = examinations.remembered(registry, _subject(draft_id))
    if not token:
        return ""
    with read_transaction(registry.engine) as connection:
        try:
            mine = require_membership(connection, actor, org, "editor")
        except Forbidden:  # a viewer, for whom nothing is stored
            return ""
        field = _hash_field(drafts.require_draft(connection, mine.id, draft_id))
    try:
        stored = attachments.collect_for_others(registry, token)
    except BeingExamined as examined:
        return examined.name
    except Invalid as refused:
        examinations.forget(registry, _subject(draft_id))
        raise _of_field(refused, field) from refused
    _set_text(registry, actor, org, draft_id, text=stored)
    examinations.forget(registry, _subject(draft_id))
    return ""


def has_unsettled_text(registry: Registry, actor: Actor, draft_id: int) -> bool:
    """True while a file of a draft is being examined, or what is wrong with it was not told yet."""
    require(actor, Action.ACT_FOR)
    return bool(examinations.remembered(registry, _subject(draft_id)))


def _of_field(refused: Invalid, field: str) -> Invalid:
    return Invalid(tuple(Issue(issue.code, field, issue.params) for issue in refused.issues))


def _subject(draft_id: int) -> str:
    return f"draft-{draft_id}"


def remove_full_text(registry: Registry, actor: Actor, org: FilerAddress, draft_id: int) -> None:
    """Take the text and its hash out of a draft. Raises `NotFound`, `Forbidden` (viewers)."""
    require(actor, Action.ACT_FOR)
    examinations.forget(registry, _subject(draft_id))
    _set_text(registry, actor, org, draft_id, text=None)


def get_own_full_text(registry: Registry, actor: Actor, address: FiledRecordAddress) -> TextView:
    """Return the text of a record, public or not, to members of its organisation. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[address.register]
    with read_transaction(registry.engine) as connection:
        mine = require_filer(connection, actor, address.organisation, address.register)
        record = drafts.require_filed_record(connection, mine.id, definition, address.number)
        row = full_texts.find_filed_text(connection, definition, record.id, json.loads(record.document))
    if row is None:
        raise NotFound("text", address.number[:120])
    return full_texts.make_text_view(registry, row)


def has_private_text(registry: Registry, actor: Actor, record_id: int) -> bool:
    """Return True if a record has a full text that is not public and that the actor may open for a reason. Raises `NotFound`."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        return _private_text(connection, actor, record_id) is not None


def open_private_text(registry: Registry, actor: Actor, record_id: int, *, reason: LookReason) -> TextView:
    """Return the full text of a record that is not public, to those who may decide on the record or read everything.

    The look and its reason stand in the audit log. Raises `NotFound`, and `Invalid` as `record_look`.
    """
    require(actor, Action.SEE_DESK)
    with unit_of_work(registry.engine) as connection:
        number = connection.execute(select(Record.number).where(Record.id == record_id)).scalar()
        row = _private_text(connection, actor, record_id)
        if row is None or number is None:
            raise NotFound("text", str(record_id))
        record_look(connection, actor, Look("private_text", number, row.sha256), reason)
    return full_texts.make_text_view(registry, row)


def _private_text(connection: Connection, actor: Actor, record_id: int) -> FetchedRow | None:
    """Return the text that was filed with a record and is not public, None where there is none for the actor."""
    require(actor, Action.SEE_DESK)
    record = connection.execute(
        select(Record.register, Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.id == record_id)
    ).one_or_none()
    if record is None:
        raise NotFound("record", str(record_id))
    definition, document = catalogue()[record.register], json.loads(record.document)
    if full_texts.disclosed_hash(definition, document):
        return None
    row = full_texts.find_filed_text(connection, definition, record_id, document)
    return row if row is not None and deciding_rights.may_read(connection, actor, record_id) else None


def _set_text(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int, *, text: AttachmentView | None
) -> None:
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = drafts.require_draft(connection, mine.id, draft_id, lock=True)
        typed = {**json.loads(row.typed), _hash_field(row): text.sha256 if text else ""}
        drafts.write_revision(connection, actor.user_id, row, typed, text_id=text.id if text else None)


def _hash_field(draft: FetchedRow) -> str:
    """The field of the full text's hash. Raises `NotFound` where the register takes no full text."""
    full_text = filing_of(catalogue()[draft.register]).full_text
    if full_text is None:
        raise NotFound("text", str(draft.id))
    return full_text.hash_field
