"""Attachments: uploads are recognised by content, checked before they are stored, and private (ASVS 12).

Nothing of a refused file stays behind. Doors send a file as a download, never inline from our own origin. How long the
examination of a file takes, its sender decides: where a process works on them (`examinations`), a request waits for it a
moment only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Select, and_, delete, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import rate_limits
from registry.accounts.membership import WAITING, Claim
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.attachments import file_store
from registry.attachments.file_store import IncomingFile
from registry.attachments.kinds import MEGABYTE, Kind, size_limit
from registry.attachments.model import Attachment
from registry.attachments.rejection import RejectedFile
from registry.errors import Invalid
from registry.kit.draft import Draft, Receipt
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.people import examinations
from registry.services.people.examinations import ReceivedFile
from registry.store.base import Base, FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

FILE_FIELD = "file"
CHUNK_BYTES = 65_536
HEAD_BYTES = 16  # bytes by which the type of a picture is recognised
MAX_FILES, MAX_TOTAL_BYTES = 500, 1024 * MEGABYTE  # of one account (ASVS 12.1.3)
FILES_AN_HOUR = RateLimit("files", 20, dt.timedelta(hours=1))  # of one account, refused ones among them
# During this time a claim can be questioned or appealed; afterwards there is no purpose for which a licence or a letter
# with names and seals may be stored (Personal Information Protection Law, Article 19).
PROOF_RETENTION = dt.timedelta(days=90)  # after the decision; the claim form says so
UNUSED_AFTER = dt.timedelta(days=7)  # a file that nothing names by then was never sent, or replaced
STALE_UPLOAD_AFTER = dt.timedelta(days=1)  # an incoming file of this age was cut off by a crash


class Stream(Protocol):
    """A source of bytes: the body of a request, an open file."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A stored file. `size` in bytes; `kind`: pdf, jpeg, png or ofd; `name`: for display only."""

    id: int
    sha256: str
    size: int
    kind: str
    name: str
    created_at: dt.datetime
    published: bool


def upload_attachment(
    registry: Registry,
    actor: Actor,
    name: str,
    stream: Stream,
    *,
    required_kind: Kind | None = None,
    is_picture: bool = False,
) -> AttachmentView:
    """Check and store a file, private to its uploader. `name`: on their machine; `required_kind`: the only one accepted.

    `is_picture`: a JPEG or PNG is accepted, and stored redrawn: small, without metadata.

    Raises `Invalid` with one issue of the field `file`, `BeingExamined` where that takes longer than a moment, and
    `Unavailable` if a virus scanner is configured and gives no verdict, or too many files are being examined: nothing is
    stored unchecked.
    """
    require(actor, Action.ATTACH)
    _require_quota(registry, actor)
    _spend_file(registry, actor)
    root = registry.settings.attachments_dir
    with file_store.receive_file(root) as incoming:
        try:
            _receive(stream, incoming)
            sha256 = incoming.finish()
        except RejectedFile as rejection:
            raise Invalid((Issue(rejection.code, FILE_FIELD, rejection.params),)) from rejection
        file = ReceivedFile(actor.user_id, name, sha256, incoming.size, required_kind or "", is_picture)
        if not examinations.is_at_work(registry):
            return _view(examinations.examine_received(registry, incoming.path, file))
        token = examinations.hand_over(registry, incoming.path, file)
    return collect_attachment(registry, actor, token)


def collect_attachment(registry: Registry, actor: Actor, token: str, *, wait: bool = True) -> AttachmentView:
    """Return the file behind the token of a `BeingExamined`, once it is examined; with `wait`, after a moment at most.

    Raises as `upload_attachment` does, and `Invalid` (file_lost) for a token that is unknown or of somebody else.
    """
    require(actor, Action.ATTACH)
    return _view(examinations.collect(registry, token, owner=actor.user_id, wait=wait))


def collect_for_others(registry: Registry, token: str) -> AttachmentView:
    """Return the file behind a token that was remembered for something which several people work on. Does not wait."""
    return _view(examinations.collect(registry, token, wait=False))


def find_uploaded(
    connection: Connection, actor: Actor, hashes: Collection[str], *, root: Path
) -> dict[str, FetchedRow]:
    """Return what the actor has uploaded under these SHA-256, the newest of each, where the bytes are in the store at `root`.

    Proofs of claims are left out: they are kept for their own purpose and time.
    """
    require(actor, Action.ATTACH)
    own = (Attachment.uploaded_by == actor.user_id) & Attachment.sha256.in_(hashes)
    rows = connection.execute(
        select(Attachment.id, Attachment.sha256)
        .where(own, Attachment.id.not_in(select(Claim.attachment_id)))
        .order_by(Attachment.id)
    )
    return {row.sha256: row for row in rows if file_store.exists(root, row.sha256)}


def purge_attachments(registry: Registry) -> int:
    """Delete files that nothing names, proofs past their retention, and uploads that a crash cut off. Returns how many.

    The row of a proof stays, with the hash of what was shown; that of a file that nothing names goes too.
    """
    require(SYSTEM, Action.RELAY)
    with unit_of_work(registry.engine) as connection:
        old = Attachment.created_at < clock.now() - UNUSED_AFTER
        connection.execute(delete(Attachment).where(old, is_unused()))
    root = registry.settings.attachments_dir
    removed = file_store.purge_incoming(root, (clock.now() - STALE_UPLOAD_AFTER).timestamp())
    removed += examinations.purge_examinations(registry, (clock.now() - STALE_UPLOAD_AFTER).timestamp())
    for prefix, paths in file_store.list_files(root):
        with file_store.lock_store(root, exclusive=True):
            with read_transaction(registry.engine) as connection:
                required = Attachment.sha256.startswith(prefix) & Attachment.id.not_in(_expired_proofs())
                hashes = set(connection.execute(select(Attachment.sha256).where(required)).scalars())
            orphans = [path for path in paths if path.name not in hashes]
            for path in orphans:
                path.unlink(missing_ok=True)
            removed += len(orphans)
    return removed


def is_unused() -> ColumnElement[bool]:
    """The condition under which a file belongs to nothing: no claim, picture, draft, receipt or report names it."""
    by_people = Attachment.published.is_(False)
    named = (Attachment.id.not_in(select(column).where(column.is_not(None))) for column in naming_columns())
    return and_(by_people, *named)


def naming_columns() -> list[ColumnElement[int]]:
    """The columns of all tables that name an attachment: by a foreign key, or as the full text of a standard."""
    file_id = Attachment.__table__.c.id
    tables = Base.metadata.tables.values()
    by_key = [key.parent for table in tables for key in table.foreign_keys if key.column is file_id]
    return [*by_key, Draft.__table__.c.text_id, Receipt.__table__.c.text_id]


def _expired_proofs() -> Select[int]:
    """Select files used only as proofs of claims that all ended longer than `PROOF_RETENTION` ago."""
    ended = func.coalesce(Claim.decided_at, Claim.created_at) < clock.now() - PROOF_RETENTION
    proofs = select(Claim.attachment_id)
    retained = proofs.where(or_(Claim.status == WAITING, ~ended))
    return select(Attachment.id).where(
        Attachment.published.is_(False), Attachment.id.in_(proofs), Attachment.id.not_in(retained)
    )


def _require_quota(registry: Registry, actor: Actor) -> None:
    """Raise `Invalid` (file_quota) if the account has used up its quota of files or bytes."""
    if actor.user_id is None:
        return
    with read_transaction(registry.engine) as connection:
        files, size = connection.execute(
            select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).where(
                Attachment.uploaded_by == actor.user_id
            )
        ).one()
    if files >= MAX_FILES or size >= MAX_TOTAL_BYTES:
        raise Invalid(
            (Issue("file_quota", FILE_FIELD, {"files": MAX_FILES, "at_most": MAX_TOTAL_BYTES // MEGABYTE}),)
        )


def _receive(stream: Stream, incoming: IncomingFile) -> None:
    """Write the stream to the file; raise `RejectedFile` as soon as it exceeds the limit of its type."""
    head = b""
    while chunk := stream.read(CHUNK_BYTES):
        head = (head + chunk[:HEAD_BYTES])[:HEAD_BYTES]  # the first chunk may have a few bytes only
        limit = size_limit(head)
        if incoming.size + len(chunk) > limit:
            raise RejectedFile("file_too_large", at_most=limit // MEGABYTE)
        incoming.write(chunk)


def _spend_file(registry: Registry, actor: Actor) -> None:
    """Count one more file of an account before anything is done with it. Raises `Invalid` beyond the limit."""
    if actor.user_id is None:
        return
    key = FILES_AN_HOUR.key(registry.settings.secret_key, str(actor.user_id))
    with unit_of_work(registry.engine) as connection:
        if rate_limits.count_attempt(connection, FILES_AN_HOUR, key):
            raise Invalid((Issue("too_many_files", FILE_FIELD, {"at_most": FILES_AN_HOUR.max_attempts}),))


def _view(row: FetchedRow) -> AttachmentView:
    return AttachmentView(row.id, row.sha256, row.size, row.kind, row.name, row.created_at, row.published)
