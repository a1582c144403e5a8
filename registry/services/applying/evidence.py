"""The files of an application: handed in with a draft, kept with what was submitted, seen by those who examine it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from registry.accounts.policy import Action, Actor, require
from registry.attachments.model import Attachment
from registry.errors import Invalid, NotFound
from registry.kit.application_case import Application, ApplicationFile, ApplicationStep
from registry.kit.codes import Code
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.applying import cases, moves
from registry.services.applying.views import DraftEvidence, EvidenceFile, EvidenceKindView
from registry.services.bootstrap import Registry
from registry.services.confidential.looks import Look, LookReason, record_look
from registry.services.filing import UploadedFile, drafts
from registry.services.people import attachments, deciding_rights
from registry.services.people.memberships import FilerAddress, require_membership
from registry.services.records import full_texts
from registry.services.records.full_texts import TextView
from registry.store.base import FetchedRow, SelectStatement
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_FILES = 30  # of one application
FILE, KIND = "file", "kind"


@dataclass(frozen=True, slots=True)
class HandedInFile:
    """A file on its way to a draft. `token`: of one that was sent before and is being examined; else `upload`."""

    kind: str
    public: bool
    upload: UploadedFile | None = None
    token: str = ""


def get_draft_evidence(registry: Registry, actor: Actor, org: FilerAddress, draft_id: int) -> DraftEvidence:
    """Return the files of a draft, what is missing, and what was to be corrected. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        draft = drafts.require_draft(connection, mine.id, draft_id)
        applications = moves.applications_of(draft.register)
        files = files_of_draft(connection, draft.id)
        returned = last_return(connection, draft.application_id) if draft.application_id else None
    reasons = json.loads(returned.reasons) if returned else {}
    return DraftEvidence(
        register=draft.register,
        kinds=kind_views(draft.register, files, reasons),
        issues=missing_evidence(draft.register, files),
        opinion=returned.opinion if returned else "",
        reasons=reasons,
        application=draft.application_id,
        commitment=applications.commitment,
        kept_days=registry.settings.retention_days,
    )


def attach_evidence(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int, *, file: HandedInFile
) -> None:
    """Examine a file and keep it with a draft.

    Raises `Invalid` (of `file` or `kind`), `BeingExamined` with a token to send again, `NotFound`, `Forbidden` (viewers),
    `Unavailable` (the scanner).
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        draft = _own_draft(connection, actor, org, draft_id)
        if file.kind not in moves.applications_of(draft.register).evidence:
            raise Invalid((Issue("evidence_kind_unknown", KIND),))
        _require_room(connection, draft_id)
    if file.token:
        stored = attachments.collect_attachment(registry, actor, file.token)
    elif file.upload is not None:
        stored = attachments.upload_attachment(registry, actor, file.upload.name, file.upload.stream)
    else:
        raise Invalid((Issue("required", FILE),))
    with unit_of_work(registry.engine) as connection:
        _own_draft(connection, actor, org, draft_id, lock=True)
        _require_room(connection, draft_id)
        values = {"draft_id": draft_id, "kind": file.kind, "attachment_id": stored.id, "public": file.public}
        connection.execute(insert(ApplicationFile).values(**values))


def change_evidence(
    registry: Registry, actor: Actor, org: FilerAddress, draft_id: int, *, file_id: int, public: bool | None
) -> None:
    """Make a file of a draft public or not; None takes it out. Raises `NotFound`, `Forbidden` (viewers)."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        _own_draft(connection, actor, org, draft_id, lock=True)
        one = (ApplicationFile.id == file_id) & (ApplicationFile.draft_id == draft_id)
        if public is None:
            found = connection.execute(delete(ApplicationFile).where(one)).rowcount
        else:
            found = connection.execute(update(ApplicationFile).where(one).values(public=public)).rowcount
        if not found:
            raise NotFound("file", str(file_id))


def get_own_file(registry: Registry, actor: Actor, org: FilerAddress, file_id: int) -> TextView:
    """Return a file of a draft or an application of an organisation to its members. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        row = _load_file(connection, file_id)
        if row.draft_id is not None:
            drafts.require_draft(connection, mine.id, row.draft_id)
        else:
            cases.load_own(connection, mine, row.application_id)
    return full_texts.make_text_view(registry, row)


def open_file(registry: Registry, connection: Connection, application_id: int, file_id: int) -> TextView:
    """Return a file that was submitted with an application. Raises `NotFound` for any other one."""
    row = _load_file(connection, file_id)
    if row.application_id != application_id:
        raise NotFound("file", str(file_id))
    return full_texts.make_text_view(registry, row)


def get_file_for_desk(
    registry: Registry, actor: Actor, application_id: int, file_id: int, *, reason: LookReason
) -> TextView:
    """Return a file of an application to those who examine it; the look and its reason stand in the audit log.

    Raises `NotFound`, and `Invalid` as `record_look`.
    """
    require(actor, Action.SEE_DESK)
    with unit_of_work(registry.engine) as connection:
        case = cases.load_application(connection, application_id)
        row = _load_file(connection, file_id)
        bounds = deciding_rights.bounds_of(connection, actor)
        if row.application_id != case.id or not cases.may_look(actor, bounds, case):
            raise NotFound("file", str(file_id))
        look = Look("evidence", f"{case.register} {case.id}", f"{file_id} {row.sha256}")
        record_look(connection, actor, look, reason)
    return full_texts.make_text_view(registry, row)


def missing_evidence(register: str, files: Sequence[FetchedRow]) -> tuple[Issue, ...]:
    """Return which kinds of evidence are wanted and were not handed in."""
    missing = missing_kinds(register, {file.kind for file in files})
    return tuple(Issue("evidence_missing", FILE, {"kind": code.zh, "kind_en": code.en}) for code in missing)


def missing_kinds(register: str, given: Collection[str]) -> tuple[Code, ...]:
    """Return the kinds of evidence that are wanted and not among those given."""
    applications = moves.applications_of(register)
    return tuple(
        code for code in applications.evidence if code.code in applications.required.difference(given)
    )


def files_of_draft(connection: Connection, draft_id: int) -> Sequence[FetchedRow]:
    """Return the files of a draft, in the order they were handed in."""
    return connection.execute(_select_files().where(ApplicationFile.draft_id == draft_id)).all()


def files_of_step(connection: Connection, step_id: int | None) -> Sequence[FetchedRow]:
    """Return the files of a submission."""
    return connection.execute(_select_files().where(ApplicationFile.step_id == step_id)).all()


def copy_files(connection: Connection, step_id: int, draft_id: int) -> None:
    """Give the draft that corrects a submission the files of that submission."""
    copied = [
        {"draft_id": draft_id, "kind": row.kind, "attachment_id": row.attachment_id, "public": row.public}
        for row in files_of_step(connection, step_id)
    ]
    if copied:
        connection.execute(insert(ApplicationFile), copied)


def keep_with_step(connection: Connection, draft_id: int, step_id: int) -> None:
    """Make the files of a draft those of what was submitted from it."""
    of_draft = ApplicationFile.draft_id == draft_id
    connection.execute(update(ApplicationFile).where(of_draft).values(draft_id=None, step_id=step_id))


def kind_views(
    register: str, files: Sequence[FetchedRow], reasons: Mapping[str, str]
) -> tuple[EvidenceKindView, ...]:
    """Return the kinds of evidence of a register with their files. `reasons`: kind → what is to be corrected."""
    applications = moves.applications_of(register)
    return tuple(
        EvidenceKindView(
            code.code,
            Words(code.zh, code.en),
            code.code in applications.required,
            tuple(
                EvidenceFile(file.id, file.name, file.size, file.sha256, file.public)
                for file in files
                if file.kind == code.code
            ),
            reasons.get(reason_key(code.code), ""),
        )
        for code in applications.evidence
    )


def reason_key(kind: str) -> str:
    """Return the name under which a step says what is to be corrected about a kind of evidence: no field is called so."""
    return f"evidence.{kind}"


def _select_files() -> SelectStatement:
    columns = (Attachment.sha256, Attachment.size, Attachment.name, Attachment.kind.label("file_kind"))
    return (
        select(*ApplicationFile.__table__.columns, *columns, ApplicationStep.application_id)
        .join(Attachment, Attachment.id == ApplicationFile.attachment_id)
        .outerjoin(ApplicationStep, ApplicationStep.id == ApplicationFile.step_id)
        .order_by(ApplicationFile.id)
    )


def _load_file(connection: Connection, file_id: int) -> FetchedRow:
    row: FetchedRow | None = connection.execute(
        _select_files().where(ApplicationFile.id == file_id)
    ).one_or_none()
    if row is None:
        raise NotFound("file", str(file_id))
    return row


def _own_draft(
    connection: Connection, actor: Actor, org: FilerAddress, draft_id: int, *, lock: bool = False
) -> FetchedRow:
    """A draft of an application that the actor may change. Raises `NotFound`, `Forbidden`."""
    require(actor, Action.ACT_FOR)
    mine = require_membership(connection, actor, org, "editor")
    return drafts.require_draft(connection, mine.id, draft_id, lock=lock)


def _require_room(connection: Connection, draft_id: int) -> None:
    counted = select(func.count()).select_from(ApplicationFile).where(ApplicationFile.draft_id == draft_id)
    if connection.execute(counted).scalar_one() >= MAX_FILES:
        raise Invalid((Issue("too_much_evidence", FILE, {"at_most": MAX_FILES}),))


def last_return(connection: Connection, application_id: int) -> FetchedRow | None:
    """Return the step that has returned an application last, None where it was not returned."""
    row = connection.execute(select(Application.register).where(Application.id == application_id)).one()
    definition = catalogue()[row.register]
    found = [
        step
        for step in cases.steps_of(connection, application_id)
        if not step.typed and moves.submission_from(definition, step.after) is not None
    ]
    return found[-1] if found else None
