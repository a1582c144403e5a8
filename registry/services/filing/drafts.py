"""Drafts of filings: opened, saved step by step, resumed on another machine, copied, filed.

What was typed is stored as it was typed, right or wrong. Each save names the revision that it began from (optimistic
locking): an editor who is behind another one loses nothing and overwrites nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import User, name_or_address
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound, Stale
from registry.kit import english_sources
from registry.kit.application_case import ApplicationFile, ApplicationStep
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.draft import Draft, Receipt
from registry.kit.filing import Filing
from registry.kit.issues import Issue
from registry.kit.kinds import Many, Rows
from registry.kit.record import Record, register_of
from registry.ledger.model import Item
from registry.reference.identifiers import personal
from registry.reference.text.folding import fold_name
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import amendment_reasons, draft_views, submission, translation_suggestions
from registry.services.filing.amendment_reasons import Amendment
from registry.services.filing.draft_views import DraftView
from registry.services.filing.submission import Filer, filing_of
from registry.services.mail import letters
from registry.services.people.memberships import (
    FilerAddress,
    is_without_credit_code,
    organisation_name,
    require_filer,
    require_membership,
)
from registry.services.publication import publishing
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.record_queries import filer_id
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

RECEIPT_LETTER = "receipt"
MAX_DRAFTS = 200  # of one organisation
NOTHING_TYPED = "{}"  # as `_serialise` writes it
MAX_DRAFT_LENGTH = 400_000  # characters


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list. `title`, `subject`: as typed; `amends`: the number of the record to be changed, or ""."""

    id: int
    register: str
    title: Words
    subject: str
    amends: str
    changed_at: dt.datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class NewDraft:
    """What a draft begins with: nothing, a copy of a record, a record to amend, or one that gets a new edition.

    `copy`, `amend`, `new_edition`: a number as in addresses; at most one of them is given.
    """

    register: str
    copy: str = ""
    amend: str = ""
    new_edition: str = ""

    @property
    def source(self) -> str:
        """The number of the record that the draft begins from, or ""."""
        return self.copy or self.amend or self.new_edition


@dataclass(frozen=True, slots=True)
class PublishedDraft:
    """The record that a draft has become, or the application: then its id, and no number."""

    register: str
    number: str
    application: int | None = None


@dataclass(frozen=True, slots=True)
class DraftSubmission:
    """What is sent to publish a draft: the revision that was shown, who signs (never published), why it amends."""

    revision: int
    signer: str
    amendment: Amendment | None = None


def list_drafts(
    registry: Registry, actor: Actor, org: FilerAddress, register: str, *, find: str = ""
) -> tuple[DraftLine, ...]:
    """Return the drafts of an organisation for a register, last changed first.

    `find`: only those whose title, subject or amended record has these words. Raises `NotFound` for an actor who does not act for the organisation.
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_filer(connection, actor, org, register)
        rows = connection.execute(
            _drafts()
            .where(Draft.organisation_id == mine.id, Draft.register == register)
            .order_by(Draft.changed_at.desc())
            .limit(MAX_DRAFTS)
        ).all()
    lines = [
        DraftLine(
            row.id,
            row.register,
            *draft_views.draft_title(catalogue()[row.register], json.loads(row.typed)),
            row.amends or "",
            row.changed_at,
            row.editor,
        )
        for row in rows
    ]
    words = fold_name(find)
    return tuple(
        line
        for line in lines
        if words in fold_name(f"{line.title.zh} {line.title.en} {line.subject} {line.amends}")
    )


def open_draft(registry: Registry, actor: Actor, org: FilerAddress, new: NewDraft) -> int:
    """Open a draft and return its id. Of one record there is one amendment at a time: an open one is returned.

    So is a draft of the same person into which nothing was typed yet: a button pressed twice opens one.

    Raises `NotFound`, `Forbidden` (viewers), `Invalid` (too many drafts, no credit code), `Conflict` for what cannot be
    amended now.
    """
    require(actor, Action.ACT_FOR)
    definition = catalogue()[new.register]
    with unit_of_work(registry.engine) as connection:
        mine = require_filer(connection, actor, org, new.register, minimum_role="editor")
        if not new.source and (blank := _blank_draft(connection, actor, mine.id, new.register)) is not None:
            return blank
        count = select(func.count()).select_from(Draft).where(Draft.organisation_id == mine.id)
        if is_without_credit_code(mine.register, mine.number):
            raise Invalid((Issue("credit_code_needed", "", {"number": mine.number}),))
        if connection.execute(count).scalar_one() >= MAX_DRAFTS:
            raise Invalid((Issue("too_many_drafts", "", {"at_most": MAX_DRAFTS}),))
        typed: dict[str, Any] = {}
        amended: dict[str, int | None] = {}
        if new.source:
            record = require_filed_record(connection, mine.id, definition, new.source)
            if not new.copy and not _is_open(filing_of(definition), record.status, new):
                raise Conflict("not_open", number=record.number)
            typed = document_as_typed(definition, json.loads(record.document), for_copy=bool(new.copy))
            if new.new_edition:
                typed = _for_new_edition(definition, typed)
            if new.amend:
                if (existing := _existing_amendment(connection, record.id)) is not None:
                    return existing
                amended = {"amends_id": record.id, "amends_version": record.version}
        now = clock.now()
        values: dict[str, Any] = {"register": new.register, "organisation_id": mine.id, "revision": 1}
        values |= {**amended, **unused_id(connection)}
        values |= {"typed": json.dumps(typed, ensure_ascii=False), "made_at": now, "changed_at": now}
        draft = insert(Draft).values(**values, made_by=actor.user_id, changed_by=actor.user_id)
        return int(connection.execute(draft.returning(Draft.id)).scalar_one())


def _blank_draft(connection: Connection, actor: Actor, organisation_id: int, register: str) -> int | None:
    """A draft of this person into which nothing was typed yet; None where there is none."""
    blank = (
        select(Draft.id)
        .where(Draft.organisation_id == organisation_id, Draft.register == register)
        .where(Draft.made_by == actor.user_id, Draft.amends_id.is_(None))
        .where(Draft.revision == 1, Draft.typed == NOTHING_TYPED)
        .order_by(Draft.id)
        .limit(1)
    )
    found: int | None = connection.execute(blank).scalar_one_or_none()
    return found


def _is_open(filing: Filing, status: str, new: NewDraft) -> bool:
    """True where a record of this state may be amended, or get a new edition."""
    return filing.takes_amendments(status) if new.amend else status in filing.amendable_states


def get_draft(registry: Registry, actor: Actor, org: FilerAddress, draft_id: int) -> DraftView:
    """Return a draft with what stands against it. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        return draft_views.build_draft_view(
            connection, actor, mine, require_draft(connection, mine.id, draft_id)
        )


def get_draft_register(registry: Registry, actor: Actor, org: FilerAddress, draft_id: int) -> str:
    """Return the register that a draft is for, without checking the draft. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        return str(require_draft(connection, mine.id, draft_id).register)


def accept_suggestions(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int, *, typed: Mapping[str, Any], name: str
) -> dict[str, Any]:
    """Return the answer to the question `name` with the suggested English filled in, and what the draft keeps of it.

    `typed`: what was typed into the page, on top of what the draft holds. Raises `NotFound`.
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        row = require_draft(connection, mine.id, draft_id)
        answers = {**json.loads(row.typed), **typed}
        suggestions = translation_suggestions.suggest_translations(connection, row.register, mine.id, answers)
        return translation_suggestions.accept_suggestions(row.register, answers, suggestions, name)


def find_published_draft(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int
) -> PublishedDraft | None:
    """Return the record that a draft has become, None for any other draft.

    Raises `NotFound` for an actor who does not act for the organisation.
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        return _published_record(connection, require_membership(connection, actor, org).id, draft_id)


def save_draft(
    registry: Registry,
    actor: Actor,
    org: FilerAddress,
    draft_id: int,
    *,
    revision: int,
    typed: Mapping[str, Any],
) -> int:
    """Store what was typed into some fields, right or wrong; return the new revision.

    Raises `Stale` when another editor has saved since `revision` and any of these fields has another text now; `NotFound`,
    `Forbidden` (viewers), `Invalid` (more than a field or a draft can hold).
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = require_draft(connection, mine.id, draft_id, lock=True)
        stored = json.loads(row.typed)
        if row.revision != revision and any(
            stored.get(name) not in (None, "", [], value) for name, value in typed.items()
        ):
            raise Stale("draft_saved_meanwhile", name=row.editor)
        kept = (
            *filing_of(catalogue()[row.register]).fields(),
            english_sources.ACCEPTED_ENGLISH,
        )
        saved = {name: value for name, value in typed.items() if name in kept}
        definition = catalogue()[row.register]
        raw = draft_views.typed_as_raw(definition, saved)
        if too_large := tuple(definition.schema.size_issues(raw)):
            raise Invalid(too_large)
        stored |= saved
        serialised = serialise_answers(stored)
        if serialised == row.typed:
            return int(row.revision)
        return write_revision(connection, actor.user_id, row, stored)


def write_revision(
    connection: Connection,
    editor_id: int | None,
    row: FetchedRow,
    typed: Mapping[str, Any],
    **columns: int | None,
) -> int:
    """Write the next revision of a draft and return its number.

    `row`: as `require_draft` gives it with `lock`; `columns`: further columns of the draft.
    """
    revision = int(row.revision) + 1
    values = {"typed": serialise_answers(typed), "revision": revision, "changed_by": editor_id, **columns}
    connection.execute(update(Draft).where(Draft.id == row.id).values(**values, changed_at=clock.now()))
    return revision


def serialise_answers(typed: Mapping[str, Any]) -> str:
    """Return answers as a draft keeps them: JSON, with numbers of people's identity cards masked. Raises `Invalid` for too many characters."""
    kept = json.dumps({name: value for name, value in typed.items() if value}, ensure_ascii=False)
    masked = personal.mask_resident_ids(kept)
    if len(masked) > MAX_DRAFT_LENGTH:
        raise Invalid((Issue("draft_too_long", "", {"at_most": MAX_DRAFT_LENGTH}),))
    return masked


def discard_draft(registry: Registry, actor: Actor, org: FilerAddress, draft_id: int) -> None:
    """Delete a draft; nothing public changes. Raises `NotFound` and `Forbidden`."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = require_draft(connection, mine.id, draft_id)
        delete_draft(connection, row.id)


def delete_draft(connection: Connection, draft_id: int) -> None:
    """Delete a draft with its evidence, in the caller's transaction."""
    one = Draft.id == draft_id
    connection.execute(
        select(Draft.id).where(one).with_for_update()
    )  # who adds a file at this moment holds it
    connection.execute(delete(ApplicationFile).where(ApplicationFile.draft_id == draft_id))
    connection.execute(delete(Draft).where(one))


def purge_old_drafts(registry: Registry) -> int:
    """Delete drafts that were not changed for longer than `retention_days`, with their files; return how many. Each is an act in the audit log."""
    require(SYSTEM, Action.RELAY)
    old = Draft.changed_at < clock.now() - dt.timedelta(days=registry.settings.retention_days)
    with read_transaction(registry.engine) as connection:
        found = connection.execute(select(Draft.id).where(old)).scalars().all()
    deleted = 0
    for draft_id in found:
        with unit_of_work(registry.engine) as connection:
            row = connection.execute(
                select(Draft.register, Record.number)
                .join(Record, Record.id == Draft.organisation_id)
                .where(Draft.id == draft_id, old)
            ).one_or_none()
            if row is not None:  # not changed or filed meanwhile
                delete_draft(connection, draft_id)
                details = f"{row.register} {draft_id}"
                audit_log.record(connection, SYSTEM, "draft_forgotten", subject=row.number, details=details)
                deleted += 1
    return deleted


def file_draft(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int, *, submitted: DraftSubmission
) -> str:
    """Publish a draft and return the number of its record; the draft is gone then.

    A second press of the button gives the number that the first one made. Raises `Invalid` with everything that stands
    against it, `Stale` when it changed since it was shown, `NotFound`, `Forbidden` (viewers).
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:  # what is refused never holds up those who write
        mine = require_membership(connection, actor, org, "editor")
        if published := _published_record(connection, mine.id, draft_id):
            return published.number
        row = _submitted_draft(connection, mine, draft_id, submitted)
        require_filer(connection, actor, org, row.register, minimum_role="editor")
        prepared = _prepare(connection, actor, mine, row, submitted=submitted)
        state = publishing.published_state(connection)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)  # two drafts may be about the same thing
        mine = require_membership(connection, actor, org, "editor")
        if published := _published_record(connection, mine.id, draft_id):
            return published.number
        row = _submitted_draft(connection, mine, draft_id, submitted, lock=True)
        if publishing.published_state(connection) != state:
            prepared = _prepare(connection, actor, mine, row, submitted=submitted)
        organisation = submission.find_record_document(connection, mine.register, mine.slug)
        assert organisation is not None
        filer = Filer(actor, organisation, " ".join(submitted.signer.split()))
        number = submission.publish_filing(connection, row.register, prepared, filer)
        _close_draft(connection, row, number)
        _send_receipt(connection, actor, mine, register=row.register, number=number)
    return number


def _submitted_draft(
    connection: Connection,
    mine: FetchedRow,
    draft_id: int,
    submitted: DraftSubmission,
    *,
    lock: bool = False,
) -> FetchedRow:
    """The draft, as long as it is what was submitted. Raises `NotFound`, `Stale`."""
    row = require_draft(connection, mine.id, draft_id, lock=lock)
    if row.revision != submitted.revision:
        raise Stale("draft_saved_meanwhile", name=row.editor)
    return row


def _prepare(
    connection: Connection,
    actor: Actor,
    mine: FetchedRow,
    row: FetchedRow,
    *,
    submitted: DraftSubmission,
) -> PreparedDocument:
    """The document that a draft publishes. Raises `Invalid` with everything that stands against it, `Forbidden` for an application."""
    definition = catalogue()[row.register]
    submission.require_published_when_filed(definition)
    checked = draft_views.check_draft(connection, actor, mine, row)
    issues = (*checked.issues, *submission.signer_issues(submitted.signer))
    prepared = checked.prepared
    if row.amends_slug:
        record = require_filed_record(connection, mine.id, definition, row.amends_slug)
        amendment = submitted.amendment or Amendment()
        issues += (
            *amendment_reasons.amendment_issues(definition, record, amendment, required=True),
            *amendment_reasons.stale_amendment_issues(record, amendment),
        )
        if prepared is not None:
            prepared = amendment_reasons.apply_amendment(definition, record, prepared, amendment)
            issues += () if prepared else (Issue("nothing_changed", "", {"number": record.number}),)
    if issues or prepared is None:
        raise Invalid(issues)
    return prepared


def _send_receipt(
    connection: Connection, actor: Actor, mine: FetchedRow, *, register: str, number: str
) -> None:
    """Write to the person who filed where the receipt is."""
    user = connection.execute(select(User.email, User.lang).where(User.id == actor.user_id)).one()
    letters.enqueue_letter(
        connection,
        _receipt_letter(connection, catalogue()[register], number),
        user.lang,
        user.email,
        number=number,
        register=register,
        organisation=organisation_name(mine, user.lang),
        path=f"{mine.register}/{mine.slug}/{register}/{number}/receipt",
    )


def _receipt_letter(connection: Connection, definition: RegisterDefinition, number: str) -> str:
    """The kind of the letter with a receipt, by what has just been filed; a register need not tell them apart."""
    record = connection.execute(
        select(Record.status, Record.version, Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.register == definition.slug, Record.number == number)
    ).one()
    filing = filing_of(definition)
    if filing.takes_corrections(record.status):
        kind = "receipt_corrected"
    elif record.version > 1:
        kind = "receipt_amended"
    elif filing.postponement and record.status == filing.postponement.start.status:
        kind = "receipt_postponed"
    elif filing.disclosure and filing.disclosure.days_late(json.loads(record.document), clock.today()):
        kind = "receipt_late"
    else:
        kind = RECEIPT_LETTER
    return kind if kind in definition.letters else RECEIPT_LETTER


def _for_new_edition(definition: RegisterDefinition, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What stays when the document has a new edition: the product, and the number that the new one takes the place of.

    Raises `Conflict` where the register knows no editions.
    """
    edition = filing_of(definition).new_edition
    if edition is None:
        raise Conflict("no_new_editions")
    return {name: value for name, value in typed.items() if name not in edition.own_fields} | {
        edition.previous_field: typed.get(edition.edition_field, "")
    }


def require_filed_record(
    connection: Connection, organisation_id: int, definition: RegisterDefinition, number: str
) -> FetchedRow:
    """Return a record that this organisation or body files, with its document. Raises `NotFound` for any other record."""
    record = submission.find_record_document(connection, definition.slug, number)
    if record is None or filer_id(definition, record) != organisation_id:
        raise NotFound("record", number[:120])
    return record


def document_as_typed(
    definition: RegisterDefinition, document: Mapping[str, Any], *, for_copy: bool = False
) -> dict[str, Any]:
    """Return a published document as if it had been typed. `for_copy`: without what a copy leaves open."""
    filing, fields = filing_of(definition), definition.schema.register_fields()
    typed: dict[str, Any] = {}
    for name in filing.fields():
        if name in document and not (for_copy and name in filing.not_copied):
            value, field = document[name], fields[name]
            if isinstance(field, Rows):
                typed[name] = [
                    {column: str(field.columns[column].as_printed(cell)) for column, cell in row.items()}
                    for row in value
                ]
            elif isinstance(field, Many):
                typed[name] = "\n".join(str(field.inner.as_printed(item)) for item in value)
            else:
                typed[name] = str(field.as_printed(value))
    if accepted := english_sources.accepted_english_in(document):
        typed[english_sources.ACCEPTED_ENGLISH] = accepted
    return typed


def _drafts() -> Any:
    return (
        select(*Draft.__table__.columns, name_or_address().label("editor"))
        .add_columns(Record.number.label("amends"), Record.slug.label("amends_slug"))
        .join(User, User.id == Draft.changed_by)
        .outerjoin(Record, Record.id == Draft.amends_id)
    )


def require_draft(
    connection: Connection, organisation_id: int, draft_id: int, *, lock: bool = False
) -> FetchedRow:
    """Return a draft of an organisation with its editor and the record that it amends. Raises `NotFound`."""
    own = (Draft.id == draft_id) & (Draft.organisation_id == organisation_id)
    if lock:  # two saves at one moment: the second waits and then sees the first
        connection.execute(select(Draft.id).where(own).with_for_update())
    row: FetchedRow | None = connection.execute(_drafts().where(own)).one_or_none()
    if row is None:
        raise NotFound("draft", str(draft_id))
    return row


def _existing_amendment(connection: Connection, record_id: int) -> int | None:
    return connection.execute(select(Draft.id).where(Draft.amends_id == record_id).limit(1)).scalar()


def _close_draft(connection: Connection, row: FetchedRow, number: str) -> None:
    """Delete a draft that was published; its receipt keeps its id, for a second press of the button, and its full text."""
    published = (Record.register == row.register) & (Record.number == number)
    newest = select(func.max(Receipt.id)).join(Record, Record.id == Receipt.record_id).where(published)
    receipt = Receipt.id == newest.scalar_subquery()
    connection.execute(update(Receipt).where(receipt).values(draft_id=row.id, text_id=row.text_id))
    connection.execute(delete(Draft).where(Draft.id == row.id))


def _published_record(connection: Connection, organisation_id: int, draft_id: int) -> PublishedDraft | None:
    """What was published from a draft, None where it was not."""
    from_it = (Receipt.draft_id == draft_id) & (Receipt.organisation_id == organisation_id)
    row = connection.execute(
        select(Record.register, Record.number)
        .join(Receipt, Receipt.record_id == Record.id)
        .where(from_it)
        .limit(1)
    ).one_or_none()
    return PublishedDraft(register_of(row.register), row.number) if row is not None else None


def unused_id(connection: Connection) -> dict[str, int]:
    """An id that no published draft had: SQLite would give the last one again, and old pages lead to it."""
    if connection.dialect.name != "sqlite":
        return {}
    last = connection.execute(select(func.max(Draft.id))).scalar() or 0
    published = max(
        connection.execute(select(func.max(column))).scalar() or 0
        for column in (Receipt.draft_id, ApplicationStep.draft_id)
    )
    return {"id": published + 1} if published > last else {}
