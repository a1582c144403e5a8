"""Drafts of filings: begun, saved step by step, resumed on another machine, copied, filed.

What was typed is kept as it was typed, right or wrong. Each save names the revision that it began from: who is behind
another editor loses nothing and overwrites nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from registry import clock
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound, Stale
from registry.kit.draft import Draft, Receipt
from registry.kit.issues import Issue
from registry.kit.kinds import Many, Rows
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import amendment_reasons, draft_views, submission
from registry.services.filing.amendment_reasons import Amendment
from registry.services.filing.draft_views import DraftView
from registry.services.filing.submission import filing_of
from registry.services.mail import letters
from registry.services.people.memberships import (
    DECLARATIONS,
    FOREIGN_NUMBER_PREFIX,
    ORGANISATIONS,
    organisation_name,
    require_membership,
)
from registry.services.publication import publishing
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_DRAFTS = 200  # of one organisation
MAX_DRAFT_LENGTH = 400_000  # characters


@dataclass(frozen=True, slots=True)
class DraftLine:
    id: int
    title: str
    subject: str
    amends: str
    changed_at: dt.datetime
    changed_by: str


def list_drafts(registry: Registry, actor: Actor, org: str) -> tuple[DraftLine, ...]:
    """The drafts of an organisation, last changed first. Raises `NotFound` for who does not act for it."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        rows = connection.execute(
            _drafts()
            .where(Draft.organisation_id == mine.id)
            .order_by(Draft.changed_at.desc())
            .limit(MAX_DRAFTS)
        ).all()
    return tuple(
        DraftLine(
            row.id,
            *draft_views.draft_title(json.loads(row.typed)),
            row.amends or "",
            row.changed_at,
            row.editor,
        )
        for row in rows
    )


def open_draft(
    registry: Registry, actor: Actor, org: str, *, copy: str = "", amend: str = "", new_edition: str = ""
) -> int:
    """A new draft, empty, copied from a declaration of the organisation (`copy`), to change one (`amend`), or to declare
    a new edition of its standard for the same product (`new_edition`).

    All are numbers as in addresses. Of one record there is one amendment at a time: the one begun already is given.
    Raises `NotFound`, `Forbidden` (viewers), `Invalid` (too many drafts, no credit code), `Conflict` for what cannot be
    amended now.
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        count = select(func.count()).select_from(Draft).where(Draft.organisation_id == mine.id)
        if mine.number.startswith(FOREIGN_NUMBER_PREFIX):
            raise Invalid((Issue("credit_code_needed", "", {"number": mine.number}),))
        if connection.execute(count).scalar_one() >= MAX_DRAFTS:
            raise Invalid((Issue("too_many_drafts", "", {"at_most": MAX_DRAFTS}),))
        typed: dict[str, Any] = {}
        amended: dict[str, int | None] = {}
        if copy or amend or new_edition:
            record = require_filed_record(connection, mine.id, copy or amend or new_edition)
            if not copy and record.status not in filing_of(catalogue()[DECLARATIONS]).amendable_states:
                raise Conflict("not_open", number=record.number)
            amended = {"amends_id": record.id, "amends_version": record.version} if amend else {}
            typed = document_as_typed(json.loads(record.document), for_copy=bool(copy))
            typed = _for_new_edition(typed) if new_edition else typed
            if amend and (other := _existing_amendment(connection, record.id)) is not None:
                return other
        now = clock.now()
        values: dict[str, Any] = {"register": DECLARATIONS, "organisation_id": mine.id, "revision": 1}
        values |= {**amended, **_unused_id(connection)}
        values |= {"typed": json.dumps(typed, ensure_ascii=False), "made_at": now, "changed_at": now}
        values |= {"made_by": actor.user_id, "changed_by": actor.user_id}
        return int(connection.execute(insert(Draft).values(**values).returning(Draft.id)).scalar_one())


def get_draft(registry: Registry, actor: Actor, org: str, draft_id: int) -> DraftView:
    """A draft with what stands against it. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        return draft_views.build_draft_view(
            connection, mine, require_draft(connection, mine.id, draft_id), actor.user_id or 0
        )


def get_published_number(registry: Registry, actor: Actor, org: str, draft_id: int) -> str:
    """The number of the record that a draft has become, "" for any other. Raises `NotFound` for who does not act for it."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        return _published_number(connection, require_membership(connection, actor, org).id, draft_id)


def save_draft(
    registry: Registry, actor: Actor, org: str, draft_id: int, revision: int, typed: Mapping[str, Any]
) -> int:
    """Keep what was typed into some fields, right or wrong; returns the new revision.

    Raises `Stale` when somebody else has saved since `revision` and any of these fields has another text now; `NotFound`,
    `Forbidden` (viewers), `Invalid` (more than a draft can hold).
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = require_draft(connection, mine.id, draft_id, lock=True)
        present = json.loads(row.typed)
        if row.revision != revision and any(
            present.get(name) not in (None, "", [], value) for name, value in typed.items()
        ):
            raise Stale("draft_saved_meanwhile", name=row.editor)
        known = filing_of(catalogue()[DECLARATIONS]).fields()
        present |= {name: value for name, value in typed.items() if name in known}
        kept = _serialise(present)
        if len(kept) > MAX_DRAFT_LENGTH:
            raise Invalid((Issue("draft_too_long", "", {"at_most": MAX_DRAFT_LENGTH}),))
        if kept == row.typed:
            return int(row.revision)
        return write_revision(connection, actor.user_id, row, present)


def write_revision(
    connection: Connection,
    editor_id: int | None,
    row: FetchedRow,
    typed: Mapping[str, Any],
    **more: int | None,
) -> int:
    """The next revision of a draft that the caller holds (`row`: as `found` gives it with `lock`); returns its number.

    `more`: further columns.
    """
    revision = int(row.revision) + 1
    changed = {"typed": _serialise(typed), "revision": revision, "changed_by": editor_id, **more}
    connection.execute(update(Draft).where(Draft.id == row.id).values(**changed, changed_at=clock.now()))
    return revision


def _serialise(typed: Mapping[str, Any]) -> str:
    return json.dumps({name: value for name, value in typed.items() if value}, ensure_ascii=False)


def discard_draft(registry: Registry, actor: Actor, org: str, draft_id: int) -> None:
    """Throw a draft away; nothing public changes. Raises `NotFound` and `Forbidden`."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = require_draft(connection, mine.id, draft_id)
        connection.execute(delete(Draft).where(Draft.id == row.id))


def file_draft(
    registry: Registry,
    actor: Actor,
    org: str,
    draft_id: int,
    revision: int,
    signer: str,
    amendment: Amendment | None = None,
) -> str:
    """Publish a draft; it is gone then, and the record's number is returned. `signer`: never published.

    A second press of the button gives the number that the first one made. Raises `Invalid` with everything that stands
    against it, `Stale` when it changed since `revision` was shown, `NotFound`, `Forbidden` (viewers).
    """
    require(actor, Action.ACT_FOR)
    definition = catalogue()[DECLARATIONS]
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)  # two drafts may be about the same product
        mine = require_membership(connection, actor, org, "editor")
        if number := _published_number(connection, mine.id, draft_id):
            return number
        row = require_draft(connection, mine.id, draft_id, lock=True)
        if row.revision != revision:
            raise Stale("draft_saved_meanwhile", name=row.editor)
        ready = draft_views.check_draft(connection, mine, row)
        issues = (*ready.issues, *submission.signer_issues(signer))
        prepared = ready.prepared
        if row.amends_slug:
            record = require_filed_record(connection, mine.id, row.amends_slug)
            given = amendment or Amendment()
            issues += (
                *amendment_reasons.amendment_issues(definition, given, required=True),
                *amendment_reasons.stale_amendment_issues(record, given),
            )
            if prepared is not None:
                prepared = amendment_reasons.apply_amendment(definition, record, prepared, given)
                issues += () if prepared else (Issue("nothing_changed", "", {"number": record.number}),)
        if issues or prepared is None:
            raise Invalid(issues)
        organisation = submission.find_record_document(connection, ORGANISATIONS, mine.slug)
        assert organisation is not None
        signed = " ".join(signer.split())
        number = submission.publish_filing(connection, actor, DECLARATIONS, organisation, prepared, signed)
        _close_draft(connection, row, number)
        who = connection.execute(select(User.email, User.lang).where(User.id == actor.user_id)).one()
        name = organisation_name(mine, who.lang)
        path = f"organisations/{mine.slug}/declarations/{number}/receipt"
        letters.enqueue_mail(
            connection, "receipt", who.lang, who.email, number=number, organisation=name, path=path
        )
    return number


def _for_new_edition(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What stays when the standard gets a new edition: the product, and the number that it takes the place of."""
    asked = filing_of(catalogue()[DECLARATIONS])
    return {name: value for name, value in typed.items() if name not in asked.edition_specific_fields} | {
        asked.previous_edition_field: typed.get(asked.edition_field, "")
    }


def require_filed_record(connection: Connection, organisation_id: int, number: str) -> FetchedRow:
    """A declaration of this organisation. Raises `NotFound` for any other record."""
    record = submission.find_record_document(connection, DECLARATIONS, number)
    if record is None or record.holder_id != organisation_id:
        raise NotFound("declaration", number[:120])
    return record


def document_as_typed(document: Mapping[str, Any], *, for_copy: bool = False) -> dict[str, Any]:
    """A published document as if it had been typed. `renewed`: without what a copy leaves open."""
    definition = catalogue()[DECLARATIONS]
    asked, kept = filing_of(definition), definition.schema.register_fields()
    typed: dict[str, Any] = {}
    for name in asked.fields():
        if name in document and not (for_copy and name in asked.not_copied):
            value, field = document[name], kept[name]
            if isinstance(field, Rows):
                typed[name] = [
                    {column: str(field.columns[column].to_cell(cell)) for column, cell in row.items()}
                    for row in value
                ]
            elif isinstance(field, Many):
                typed[name] = "\n".join(str(field.inner.to_cell(each)) for each in value)
            else:
                typed[name] = str(field.to_cell(value))
    return typed


def _drafts() -> Any:
    return (
        select(*Draft.__table__.columns, User.name.label("editor"))
        .add_columns(Record.number.label("amends"), Record.slug.label("amends_slug"))
        .join(User, User.id == Draft.changed_by)
        .outerjoin(Record, Record.id == Draft.amends_id)
    )


def require_draft(
    connection: Connection, organisation_id: int, draft_id: int, *, lock: bool = False
) -> FetchedRow:
    """A draft of an organisation with its editor and the record that it amends. Raises `NotFound`."""
    mine = (Draft.id == draft_id) & (Draft.organisation_id == organisation_id)
    if lock:  # two saves at one moment: the second waits and then sees the first
        connection.execute(select(Draft.id).where(mine).with_for_update())
    row: FetchedRow | None = connection.execute(_drafts().where(mine)).one_or_none()
    if row is None:
        raise NotFound("draft", str(draft_id))
    return row


def _existing_amendment(connection: Connection, record_id: int) -> int | None:
    return connection.execute(select(Draft.id).where(Draft.amends_id == record_id).limit(1)).scalar()


def _close_draft(connection: Connection, row: FetchedRow, number: str) -> None:
    """The draft is gone; its receipt remembers it, for who presses the button twice, and names its full text."""
    mine = (Record.register == DECLARATIONS) & (Record.number == number)
    newest = select(func.max(Receipt.id)).join(Record, Record.id == Receipt.record_id).where(mine)
    receipt = Receipt.id == newest.scalar_subquery()
    connection.execute(update(Receipt).where(receipt).values(draft_id=row.id, text_id=row.text_id))
    connection.execute(delete(Draft).where(Draft.id == row.id))


def _published_number(connection: Connection, organisation_id: int, draft_id: int) -> str:
    """The number of what was published from a draft, "" where it was not."""
    from_it = (Receipt.draft_id == draft_id) & (Receipt.organisation_id == organisation_id)
    number = connection.execute(
        select(Record.number).join(Receipt, Receipt.record_id == Record.id).where(from_it).limit(1)
    ).scalar()
    return str(number or "")


def _unused_id(connection: Connection) -> dict[str, int]:
    """An id that no published draft had: SQLite would give the last one again, and old pages lead to it."""
    if connection.dialect.name != "sqlite":
        return {}
    last = connection.execute(select(func.max(Draft.id))).scalar() or 0
    published = connection.execute(select(func.max(Receipt.draft_id))).scalar() or 0
    return {"id": published + 1} if published > last else {}
