"""Files that people hand in: taken by content, checked before they are kept, private unless published (ASVS 12).

Nothing of a file that was refused stays behind. Doors send a file as a download, never inline from our own origin.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Select, func, insert, or_, select

from registry import clock
from registry.accounts.membership import WAITING, Claim
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.attachments import file_names, file_store, sandbox, virus_scanner
from registry.attachments.file_store import IncomingFile
from registry.attachments.kinds import MEGABYTE, Kind, recognise, size_limit
from registry.attachments.model import Attachment
from registry.attachments.rejection import RejectedFile
from registry.errors import Invalid, NotFound
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

FILE_FIELD = "file"
CHUNK_BYTES = 65_536
HEAD_BYTES = 16  # bytes by which a picture is known
MAX_FILES, MAX_TOTAL_BYTES = 500, 1024 * MEGABYTE  # of one account (ASVS 12.1.3)
# Whom somebody acts for can be asked again and gone to law about for so long; then a licence or a letter with names
# and seals is nobody's business any more (Personal Information Protection Law, Article 19).
PROOF_RETENTION = dt.timedelta(days=90)  # after the decision; the claim form says so
STALE_UPLOAD_AFTER = dt.timedelta(days=1)  # an upload that is older than this is none any more


class Stream(Protocol):
    """What a file is read from: the body of a request, a file that is open."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file that is kept. `size` in bytes; `kind`: pdf, jpeg, png or ofd; `name` only to be read."""

    id: int
    sha256: str
    size: int
    kind: str
    name: str
    created_at: dt.datetime
    published: bool


def upload_attachment(
    registry: Registry, actor: Actor, name: str, stream: Stream, *, required_kind: Kind | None = None
) -> AttachmentView:
    """Keep a file for its uploader, private. `name`: as his machine calls it; `only`: the one kind that is wanted.

    Raises `Invalid` with one issue of the field `file` (codes under `# attachments`), and `Unavailable` when the virus
    scanner that is set up does not answer: nothing is taken unseen.
    """
    require(actor, Action.ATTACH)
    _require_quota(registry, actor)
    root = registry.settings.attachments_dir
    with file_store.receive_file(root) as incoming:
        try:
            _receive(stream, incoming)
            sha256 = incoming.finish()
            kind = _check_file(registry, incoming.path, required_kind)
        except RejectedFile as refused:
            raise Invalid((Issue(refused.code, FILE_FIELD, refused.params),)) from refused
        values = {
            "sha256": sha256,
            "size": incoming.size,
            "kind": kind,
            "name": file_names.sanitise_file_name(name, kind),
        }
        with file_store.lock_store(root):
            incoming.move_into_store()
            with unit_of_work(registry.engine) as connection:
                return _insert_attachment(connection, {**values, "uploaded_by": actor.user_id})


def open_attachment(registry: Registry, actor: Actor, attachment_id: int) -> tuple[AttachmentView, Path]:
    """A file and where its bytes lie: for its uploader, and for anyone once it is published.

    Raises `NotFound` for all others, who cannot tell whether there is such a file.
    """
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        row = connection.execute(select(*_COLUMNS).where(Attachment.id == attachment_id)).one_or_none()
    own = row is not None and actor.user_id is not None and row.uploaded_by == actor.user_id
    if row is None or not (own or row.published):
        raise NotFound("attachment", str(attachment_id))
    return _view(row), file_store.path_of(registry.settings.attachments_dir, row.sha256)


def purge_attachments(registry: Registry) -> int:
    """Remove files that no row names, proofs whose time is over, and uploads that a crash cut off. Returns how many.

    Of a proof the row stays, with the hash of what was shown.
    """
    require(SYSTEM, Action.RELAY)
    root = registry.settings.attachments_dir
    removed = file_store.purge_incoming(root, (clock.now() - STALE_UPLOAD_AFTER).timestamp())
    for shelf, paths in file_store.list_files(root):
        with file_store.lock_store(root, exclusive=True):
            with read_transaction(registry.engine) as connection:
                wanted = Attachment.sha256.startswith(shelf) & Attachment.id.not_in(_expired_proofs())
                named = connection.execute(select(Attachment.sha256).where(wanted))
                known = set(named.scalars())
            lost = [path for path in paths if path.name not in known]
            for path in lost:
                path.unlink(missing_ok=True)
            removed += len(lost)
    return removed


def _expired_proofs() -> Select[int]:
    """Ids of files that were shown with claims alone, all of which were decided or withdrawn long enough ago."""
    ended = func.coalesce(Claim.decided_at, Claim.created_at) < clock.now() - PROOF_RETENTION
    shown = select(Claim.attachment_id)
    still = shown.where(or_(Claim.status == WAITING, ~ended))
    return select(Attachment.id).where(
        Attachment.published.is_(False), Attachment.id.in_(shown), Attachment.id.not_in(still)
    )


def _require_quota(registry: Registry, actor: Actor) -> None:
    """Raises `Invalid` (file_quota) when this account has handed in as much as one may."""
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
    """Write the stream down, and stop as soon as it is longer than its kind may be."""
    head = b""
    while piece := stream.read(CHUNK_BYTES):
        head = (head + piece[:HEAD_BYTES])[:HEAD_BYTES]  # a first piece may be of a few bytes only
        limit = size_limit(head)
        if incoming.size + len(piece) > limit:
            raise RejectedFile("file_too_large", at_most=limit // MEGABYTE)
        incoming.write(piece)


def _check_file(registry: Registry, path: Path, required_kind: Kind | None) -> Kind:
    """What the file is. Raises `Refused` for whatever stands against it, `Unavailable` without the scanner's word."""
    kind = recognise(path.read_bytes())
    if required_kind and kind != required_kind:
        raise RejectedFile("file_of_another_kind", wanted=required_kind.upper())
    if kind == "pdf":
        sandbox.check_pdf(path)
    address = registry.settings.clamav
    if address and (signature := virus_scanner.scan_file(address, path)):
        raise RejectedFile("file_infected", name=signature)
    return kind


_COLUMNS = tuple(Attachment.__table__.columns)


def _insert_attachment(connection: Connection, values: dict[str, object]) -> AttachmentView:
    added = insert(Attachment).values(**values, created_at=clock.now()).returning(*_COLUMNS)
    return _view(connection.execute(added).one())


def _view(row: FetchedRow) -> AttachmentView:
    return AttachmentView(row.id, row.sha256, row.size, row.kind, row.name, row.created_at, row.published)
