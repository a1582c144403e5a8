"""Files that a decision is based on: added by the person who prepared it, seen by those who see the decision, never public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.attachments.model import Attachment
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.decision import PREPARED, Decision, DecisionFile
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.confidential.looks import Look, LookReason, record_look
from registry.services.deciding import persons, settling
from registry.services.deciding.desk import decisions_within_bounds
from registry.services.people import attachments
from registry.services.people.attachments import Stream
from registry.services.records import full_texts
from registry.services.records.full_texts import TextView
from registry.store.base import FetchedRow, SelectStatement
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_FILES = 20  # of one decision
FILE, FILES = "file", "files"
MAX_QUOTED = 64  # characters


@dataclass(frozen=True, slots=True)
class DecisionFileUpload:
    """A file on its way to a decision. `token`: of one that was sent before and is being examined; else `name` and `stream`."""

    name: str = ""
    stream: Stream | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class DecisionFileView:
    """A file of a decision. `size`: in bytes."""

    id: int
    name: str
    size: int
    sha256: str


def list_decision_files(registry: Registry, actor: Actor, decision_id: int) -> tuple[DecisionFileView, ...]:
    """Return the files of a decision, in the order they were added. Raises `NotFound`, also outside the reader's bounds."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        _require_seen(connection, actor, decision_id)
        return files_of(connection, decision_id)


def files_of(connection: Connection, decision_id: int) -> tuple[DecisionFileView, ...]:
    """Return the files of a decision, in the order they were added, to a caller who knows that the reader sees it."""
    rows = connection.execute(_select_files().where(DecisionFile.decision_id == decision_id))
    return tuple(DecisionFileView(row.id, row.name, row.size, row.sha256) for row in rows)


def add_decision_file(registry: Registry, actor: Actor, decision_id: int, file: DecisionFileUpload) -> None:
    """Examine a file and keep it with a decision that the actor has prepared and that still waits.

    Raises `Invalid` (of `file`), `BeingExamined` with a token to send again, `NotFound`, `Forbidden` (another person's),
    `Conflict` (ended) and `Unavailable` (the scanner).
    """
    require(actor, Action.TAKE_DECISIONS)
    with read_transaction(registry.engine) as connection:
        _require_own(connection, actor, decision_id, lock=False)
        _require_room(connection, decision_id)
    if file.token:
        stored = attachments.collect_attachment(registry, actor, file.token)
    elif file.stream is not None:
        stored = attachments.upload_attachment(registry, actor, file.name, file.stream)
    else:
        raise Invalid((Issue("required", FILE),))
    with unit_of_work(registry.engine) as connection:
        row = _require_own(connection, actor, decision_id, lock=True)
        _require_room(connection, decision_id)
        connection.execute(insert(DecisionFile).values(decision_id=decision_id, attachment_id=stored.id))
        _audit(connection, actor, "decision_file_added", row=row, sha256=stored.sha256)


def add_uploaded_in_transaction(
    registry: Registry, connection: Connection, actor: Actor, decision_id: int, *, hashes: Sequence[str]
) -> None:
    """Keep files that the actor has uploaded before with a decision of theirs, in the caller's transaction; one that it has already is left as it is.

    Raises as `find_uploaded_files`, `Invalid` where they are too many, and as `add_decision_file` for the decision.
    """
    require(actor, Action.TAKE_DECISIONS)
    row = _require_own(connection, actor, decision_id, lock=True)
    found = find_uploaded_files(registry, connection, actor, hashes)
    kept = {each.sha256 for each in files_of(connection, decision_id)}
    added = {sha256: file for sha256, file in found.items() if sha256 not in kept}
    if len(kept) + len(added) > MAX_FILES:
        raise Invalid((Issue("too_many_decision_files", FILES, {"at_most": MAX_FILES}),))
    for sha256, file in added.items():
        connection.execute(insert(DecisionFile).values(decision_id=decision_id, attachment_id=file))
        _audit(connection, actor, "decision_file_added", row=row, sha256=sha256)


def find_uploaded_files(
    registry: Registry, connection: Connection, actor: Actor, hashes: Sequence[str]
) -> dict[str, int]:
    """Return the files that the actor has uploaded under these SHA-256, by hash in the order given. Raises `Invalid` for each that they have not."""
    require(actor, Action.TAKE_DECISIONS)
    if len(hashes) > MAX_FILES:
        raise Invalid((Issue("too_many_decision_files", FILES, {"at_most": MAX_FILES}),))
    if not hashes:
        return {}
    found = attachments.find_uploaded(connection, actor, hashes, root=registry.settings.attachments_dir)
    if missing := tuple(
        Issue("file_not_uploaded", f"{FILES}[{place}]", {"value": sha256[:MAX_QUOTED]})
        for place, sha256 in enumerate(hashes, start=1)
        if sha256 not in found
    ):
        raise Invalid(missing)
    return {sha256: int(found[sha256].id) for sha256 in hashes}


def remove_decision_file(registry: Registry, actor: Actor, decision_id: int, file_id: int) -> None:
    """Take a file out of a decision that the actor has prepared. Raises `NotFound`, `Forbidden` and `Conflict`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        remove_in_transaction(connection, actor, decision_id, file_id)


def remove_in_transaction(connection: Connection, actor: Actor, decision_id: int, file_id: int) -> None:
    """Take a file out of a decision in the caller's transaction. Raises as `remove_decision_file`."""
    require(actor, Action.TAKE_DECISIONS)
    row = _require_own(connection, actor, decision_id, lock=True)
    file = _load_file(connection, decision_id, file_id)
    connection.execute(delete(DecisionFile).where(DecisionFile.id == file.id))
    _audit(connection, actor, "decision_file_removed", row=row, sha256=file.sha256)


def get_decision_file(
    registry: Registry, actor: Actor, decision_id: int, file_id: int, *, reason: LookReason
) -> TextView:
    """Return a file to those who see the decision; the look and its reason stand in the audit log.

    Raises `NotFound`, and `Invalid` as `record_look`.
    """
    require(actor, Action.SEE_DESK)
    with unit_of_work(registry.engine) as connection:
        row = _require_seen(connection, actor, decision_id)
        file = _load_file(connection, decision_id, file_id)
        details = f"{row.transition} {file.sha256}"
        look = Look("decision_file", f"{row.register} {row.id}", details)
        record_look(connection, actor, look, reason)
    return full_texts.make_text_view(registry, file)


def _require_seen(connection: Connection, actor: Actor, decision_id: int) -> FetchedRow:
    require(actor, Action.SEE_DESK)
    row = settling.load_decision(connection, decision_id, lock=False)
    seen = select(Decision.id).where(Decision.id == decision_id, decisions_within_bounds(connection, actor))
    if connection.execute(seen).first() is None:
        raise NotFound("decision", str(decision_id))
    return row


def _require_own(connection: Connection, actor: Actor, decision_id: int, *, lock: bool) -> FetchedRow:
    require(actor, Action.TAKE_DECISIONS)
    row = settling.load_decision(connection, decision_id, lock=lock)
    persons.require_person(connection, actor)
    if row.prepared_by != actor.user_id:
        raise Forbidden("decision_of_another")
    if row.state != PREPARED:
        raise Conflict("decision_settled")
    return row


def _require_room(connection: Connection, decision_id: int) -> None:
    counted = select(func.count()).select_from(DecisionFile).where(DecisionFile.decision_id == decision_id)
    if connection.execute(counted).scalar_one() >= MAX_FILES:
        raise Invalid((Issue("too_many_decision_files", FILE, {"at_most": MAX_FILES}),))


def _select_files() -> SelectStatement:
    columns = (DecisionFile.id, Attachment.name, Attachment.size, Attachment.sha256)
    return (
        select(*columns)
        .join(Attachment, Attachment.id == DecisionFile.attachment_id)
        .order_by(DecisionFile.id)
    )


def _load_file(connection: Connection, decision_id: int, file_id: int) -> FetchedRow:
    of_decision = (DecisionFile.id == file_id) & (DecisionFile.decision_id == decision_id)
    row: FetchedRow | None = connection.execute(_select_files().where(of_decision)).one_or_none()
    if row is None:
        raise NotFound("file", str(file_id))
    return row


def _audit(connection: Connection, actor: Actor, action: str, *, row: FetchedRow, sha256: str) -> None:
    require(actor, Action.SEE_DESK)
    audit_log.record(
        connection, actor, action, subject=row.register, details=f"{row.transition} {row.id} {sha256}"
    )
