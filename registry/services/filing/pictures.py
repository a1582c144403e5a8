"""The logo or product picture of a record, which the organisation supplies that the record is about or that holds it.

It is public when it has been examined and redrawn, stands beside the record with the words "supplied by the holder", and is
no part of its document: entries and hashes stay as they are. Staff take down what does not belong there.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, or_, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.attachments import file_store, pictures
from registry.attachments.model import Attachment, Picture
from registry.errors import Invalid, NotFound
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.reference.identifiers import personal
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.people.memberships import (
    FilerAddress,
    OrganisationView,
    organisation_view,
    require_membership,
)
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.services.records.numbers import lookup
from registry.services.records.pictures import PICTURE_KINDS
from registry.services.records.views import PictureView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_ALT_LENGTH = 120
MAX_LISTED = 200  # pictures of one organisation
MAX_PICTURES = 200
MAX_REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class PictureForm:
    """What is said of a picture. `number`: of its record, "" for the organisation itself; `file_id`: 0 for none."""

    number: str
    alt_zh: str
    alt_en: str
    has_rights: bool
    file_id: int = 0


@dataclass(frozen=True, slots=True)
class SuppliedPicture:
    """A picture that an organisation has supplied, with the record that it belongs to."""

    record_id: int
    number: str
    path: str
    title: Words
    picture: PictureView
    given_at: dt.datetime


@dataclass(frozen=True, slots=True)
class SuppliedPictures:
    """The pictures of an organisation, the newest first."""

    organisation: OrganisationView
    pictures: tuple[SuppliedPicture, ...]


def list_pictures(registry: Registry, actor: Actor, org: FilerAddress) -> SuppliedPictures:
    """Return the pictures that an organisation has supplied. Raises `NotFound` for who is no member."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        supplied = select(Picture).where(Picture.organisation_id == mine.id).subquery()
        rows = connection.execute(
            select(supplied, *record_queries.TITLE_COLUMNS)
            .join(Record, Record.id == supplied.c.record_id)
            .order_by(supplied.c.given_at.desc(), supplied.c.record_id)
            .limit(MAX_LISTED)
        ).all()
    return SuppliedPictures(organisation_view(mine), tuple(_supplied(row) for row in rows))


def _supplied(row: FetchedRow) -> SuppliedPicture:
    return SuppliedPicture(
        record_id=row.record_id,
        number=row.number,
        path=titles.record_path(row.register, row.slug),
        title=titles.title_of(catalogue()[row.register], row),
        picture=PictureView(row.sha256, row.width, row.height, Words(row.alt_zh, row.alt_en)),
        given_at=row.given_at,
    )


def check_picture_form(registry: Registry, actor: Actor, org: FilerAddress, form: PictureForm) -> None:
    """Look at all that is said of a picture, before its file is examined.

    Raises `Invalid`: `number` (no record of this organisation), `alt_zh`, `alt_en`, `rights`, `file` (none); `NotFound`,
    `Forbidden` (viewers).
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        issues = _text_issues(form)
        try:
            _record_of(connection, mine.id, form.number)
        except Invalid as refused:
            issues = [*refused.issues, *issues]
    if issues:
        raise Invalid(tuple(issues))


def supply_picture(registry: Registry, actor: Actor, org: FilerAddress, form: PictureForm) -> str:
    """Show a picture that was examined beside a record, in place of an earlier one; returns the path of the record.

    The file is one that the actor has uploaded as a picture. Raises as `check_picture_form` does, and `Invalid` (`file`).
    """
    require(actor, Action.ACT_FOR)
    check_picture_form(registry, actor, org, form)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        record = _record_of(connection, mine.id, form.number)
        file = _uploaded_picture(connection, actor, form.file_id)
        _delete_picture(connection, record.id)
        supplied = connection.execute(
            select(Picture.record_id).where(Picture.organisation_id == mine.id).limit(MAX_PICTURES)
        ).all()
        if len(supplied) >= MAX_PICTURES:
            raise Invalid((Issue("too_many_pictures", "file", {"at_most": MAX_PICTURES}),))
        data = file_store.path_of(registry.settings.attachments_dir, file.sha256).read_bytes()
        width, height = pictures.dimensions(data)
        connection.execute(
            insert(Picture).values(
                record_id=record.id,
                organisation_id=mine.id,
                attachment_id=file.id,
                sha256=file.sha256,
                width=width,
                height=height,
                alt_zh=_folded(form.alt_zh),
                alt_en=_folded(form.alt_en),
                given_at=clock.now(),
            )
        )
        connection.execute(update(Attachment).where(Attachment.id == file.id).values(published=True))
        _show_anew(connection, record.id)
        audit_log.record(
            connection,
            actor,
            "picture_supplied",
            subject=record.number,
            details=file.sha256,
        )
    return titles.record_path(record.register, record.slug)


def remove_picture(registry: Registry, actor: Actor, org: FilerAddress, record_id: int) -> None:
    """Take a picture away that the organisation has supplied. Raises `NotFound`, `Forbidden` (viewers)."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = connection.execute(
            select(Picture.sha256, Record.number)
            .join(Record, Record.id == Picture.record_id)
            .where(Picture.record_id == record_id, Picture.organisation_id == mine.id)
        ).one_or_none()
        if row is None:
            raise NotFound("picture", str(record_id))
        _delete_picture(connection, record_id)
        _show_anew(connection, record_id)
        audit_log.record(connection, actor, "picture_removed", subject=row.number, details=row.sha256)


def take_down_picture(registry: Registry, actor: Actor, number: str, reason: str) -> str:
    """Take a picture away as staff; returns the number of its record. `reason` is kept in the audit log.

    Raises `NotFound` where no record of this number shows one, `Invalid` (`reason`).
    """
    require(actor, Action.DECIDE)
    reason = _folded(reason)
    if not reason:
        raise Invalid((Issue("required", "reason"),))
    with unit_of_work(registry.engine) as connection:
        [answer] = lookup.answer_numbers(connection, [number])
        row = connection.execute(
            select(Record.id, Record.number, Picture.sha256)
            .join(Picture, Picture.record_id == Record.id)
            .where(Record.id.in_([each.id for each in answer.records]))
            .order_by(Record.id)
            .limit(1)
        ).one_or_none()
        if row is None:
            raise NotFound("picture", number[:120])
        _delete_picture(connection, row.id)
        _show_anew(connection, row.id)
        details = f"{row.sha256} {reason[:MAX_REASON_LENGTH]}"
        audit_log.record(connection, actor, "picture_taken_down", subject=row.number, details=details)
    return str(row.number)


def _text_issues(form: PictureForm) -> list[Issue]:
    issues: list[Issue] = []
    for field, typed in (("alt_zh", form.alt_zh), ("alt_en", form.alt_en)):
        text = _folded(typed)
        if not text:
            issues.append(Issue("required", field))
        elif len(text) > MAX_ALT_LENGTH:
            issues.append(Issue("too_long", field, {"length": len(text), "at_most": MAX_ALT_LENGTH}))
        elif resident := personal.find_resident_id(text):
            issues.append(Issue("personal_number", field, {"value": resident}))
    if not form.has_rights:
        issues.append(Issue("picture_rights", "rights"))
    if not form.file_id:
        issues.append(Issue("required", "file"))
    return issues


def _folded(text: str) -> str:
    return " ".join(text.split())


def _record_of(connection: Connection, organisation_id: int, number: str) -> FetchedRow:
    """Return the record that a picture is for: the organisation itself, or one that it holds. Raises `Invalid` (`number`)."""
    ids = [organisation_id]
    if number.strip():
        [answer] = lookup.answer_numbers(connection, [number[:120]])
        ids = [each.id for each in answer.records]
    row: FetchedRow | None = connection.execute(
        select(Record.id, Record.register, Record.number, Record.slug)
        .where(
            Record.id.in_(ids),
            or_(Record.id == organisation_id, Record.holder_id == organisation_id),
        )
        .order_by(Record.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        raise Invalid((Issue("record_not_yours", "number", {"value": number[:60]}),))
    return row


def _uploaded_picture(connection: Connection, actor: Actor, file_id: int) -> FetchedRow:
    """Return the row of a picture that the actor has uploaded and that is shown nowhere. Raises `Invalid` (`file`)."""
    row: FetchedRow | None = connection.execute(
        select(Attachment.id, Attachment.sha256, Attachment.kind).where(
            Attachment.id == file_id,
            Attachment.uploaded_by == actor.user_id,
            Attachment.published.is_(False),
            Attachment.kind.in_(PICTURE_KINDS),
        )
    ).one_or_none()
    if row is None:
        raise Invalid((Issue("file_lost", "file"),))
    return row


def _delete_picture(connection: Connection, record_id: int) -> None:
    """Delete the picture of a record with the row of its file; the bytes go with the next clearing of the store."""
    file_id = connection.execute(
        delete(Picture).where(Picture.record_id == record_id).returning(Picture.attachment_id)
    ).scalar_one_or_none()
    if file_id is not None:
        connection.execute(delete(Attachment).where(Attachment.id == file_id))


def _show_anew(connection: Connection, record_id: int) -> None:
    """Let no cache keep the page of a record as it was."""
    connection.execute(
        update(Record).where(Record.id == record_id).values(page_version=Record.page_version + 1)
    )
