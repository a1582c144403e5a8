"""Applications handed in, corrected and withdrawn by programs of their holders (the API): by the rules of the form, safe to repeat with a key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from registry.accounts.model import User, name_or_address
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound, Stale
from registry.kit.application_case import ApplicationFile
from registry.kit.definition import RegisterDefinition
from registry.kit.draft import Draft
from registry.kit.issues import Issue, first_issues
from registry.kit.kinds import Many
from registry.kit.schema import EMPTY_VALUES
from registry.registers import applied_registers, catalogue, organisation_register
from registry.services.applying import cases, evidence, moves, submission
from registry.services.applying.submission import Answers
from registry.services.bootstrap import Registry
from registry.services.filing import by_program as filed_by_program
from registry.services.filing import draft_views, drafts, filing_of
from registry.services.filing import submission as filing_submission
from registry.services.people import attachments
from registry.services.people.memberships import Represented, is_without_credit_code, require_filer
from registry.services.people.tokens import (
    KeyedRequest,
    ProgramAnswer,
    TokenBearer,
    answer_once,
    find_answer,
    require_filing_scope,
)
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

FILES = "files"  # the field of a request that names the files
HASH_LENGTH = 64
MAX_QUOTED = 60  # characters
CREATED, UPDATED = 201, 200


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was uploaded, or handed in with the application before. `public`: published with the record, if there will be one."""

    kind: str
    sha256: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class SentApplication:
    """What a program hands in.

    `document`, `files`: None where a correction leaves the answers, or the files, as they were submitted; `application`: the one that
    is corrected; `revisions`: those that it may be at, None for any.
    """

    register: str
    signer: str
    document: Mapping[str, Any] | None = None
    files: tuple[SentFile, ...] | None = None
    application: int | None = None
    revisions: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class ApplicationAddress:
    """An application as an address names it: the slug of the register, and its id."""

    register: str
    application: int


@dataclass(frozen=True, slots=True)
class _Checked:
    """An application against which nothing stands: who hands it in, answers as they are kept and as they are read, its files."""

    mine: FetchedRow
    answers: Answers
    values: Mapping[str, Any]
    files: Sequence[Mapping[str, Any]]
    notices: tuple[Issue, ...] = field(default=())


def require_applied(register: str) -> RegisterDefinition:
    """Return the definition by which holders apply in a register. Raises `NotFound`, also where nothing is applied for."""
    if register not in catalogue():
        raise NotFound("register", register[:MAX_QUOTED], code="register_unknown")
    found = next((each for each in applied_registers() if each.published_in == register), None)
    if found is None:
        raise NotFound("register", register, code="nothing_applied_for", params={"register": register})
    return found


def check_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, sent: SentApplication
) -> tuple[Issue, ...]:
    """Return what should be looked at again in an application against which nothing stands; nothing is kept. Raises as `hand_in_by_program`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=False)
    with read_transaction(registry.engine) as connection:
        return _check(registry, connection, actor, bearer, sent=sent).notices


def hand_in_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, sent: SentApplication, *, request: KeyedRequest
) -> ProgramAnswer:
    """Hand in an application, or the correction of one that was returned. The answer is kept with the key of the request.

    Raises `Invalid` with everything that stands against it, by field; `Forbidden` (scope, an organisation that the token does not act
    for), `NotFound`, `Stale` (another revision), `Conflict` (not to be corrected now).
    """
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=True)
    with read_transaction(registry.engine) as connection:  # what is refused never holds up those who write
        if known := find_answer(connection, request):
            return known
        _check(registry, connection, actor, bearer, sent=sent)

    def submit(connection: Connection) -> ProgramAnswer:
        checked = _check(registry, connection, actor, bearer, sent=sent)
        made = submission.write_submission(
            connection, actor, checked.mine, checked.answers, values=checked.values, signer=sent.signer
        )
        if checked.files:
            rows = [{**file, "step_id": made.step_id} for file in checked.files]
            connection.execute(insert(ApplicationFile), rows)
        return _answer(connection, made.application_id, UPDATED if sent.application else CREATED)

    return answer_once(registry, actor, request, submit)


def withdraw_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    address: ApplicationAddress,
    *,
    request: KeyedRequest,
) -> ProgramAnswer:
    """Take an application back before anything of it is public. Raises `NotFound`, `Forbidden`, `Conflict`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=True)

    def withdraw(connection: Connection) -> ProgramAnswer:
        case = require_own(connection, actor, bearer, address, acts=True)
        submission.withdraw_in_transaction(connection, actor, case.row)
        return _answer(connection, case.row.id, UPDATED)

    return answer_once(registry, actor, request, withdraw)


@dataclass(frozen=True, slots=True)
class OwnCase:
    """An application, and the organisation of it for which the bearer of a token acts."""

    row: FetchedRow
    mine: FetchedRow


def require_own(
    connection: Connection,
    actor: Actor,
    bearer: TokenBearer,
    address: ApplicationAddress,
    *,
    acts: bool = False,
) -> OwnCase:
    """Return an application of an organisation that the token acts for. `acts`: for more than reading.

    Raises `NotFound`, for those of others as for none; `Forbidden` (viewers, where they would act).
    """
    require(actor, Action.ACT_FOR)
    definition = require_applied(address.register)
    row = cases.load_application(connection, address.application)
    where = bearer.filer or Represented(organisation_register().slug, row.org_slug)
    minimum = "editor" if acts else "viewer"
    try:
        mine = require_filer(connection, actor, where, definition.slug, minimum_role=minimum)
    except NotFound:
        raise NotFound("application", str(address.application)) from None
    if row.register != definition.slug:
        raise NotFound("application", str(address.application))
    return OwnCase(cases.load_own(connection, mine, row.id, lock=acts), mine)


def _check(
    registry: Registry, connection: Connection, actor: Actor, bearer: TokenBearer, *, sent: SentApplication
) -> _Checked:
    """Everything that is asked of an application, checked; nothing is written."""
    require(actor, Action.ACT_FOR)
    definition = require_applied(sent.register)
    row: FetchedRow | None = None
    if sent.application is None:
        document = sent.document or {}
        mine = filed_by_program.require_filer_of_token(
            connection, actor, bearer, definition.slug, document=document
        )
    else:
        address = ApplicationAddress(sent.register, sent.application)
        case = require_own(connection, actor, bearer, address, acts=True)
        row, mine = case.row, case.mine
        _require_correctable(connection, definition, row, sent)
    if is_without_credit_code(mine.register, mine.number):
        raise Invalid((Issue("credit_code_needed", "", {"number": mine.number}),))
    organisation = filing_submission.find_record_document(connection, mine.register, mine.slug)
    assert organisation is not None
    typed, unread = _answers_sent(definition, sent, row)
    raw = draft_views.typed_as_raw(definition, typed) if sent.document is None else sent.document
    validator = filing_submission.open_validator(
        connection, actor, definition.slug, organisation, shows_derived=sent.document is None
    )
    checked = filing_submission.check_filing(validator, raw)
    files, file_issues = _files_sent(registry, connection, actor, definition, sent=sent)
    values = submission.load_readable(definition, checked.values)
    answers = Answers(definition.slug, drafts.serialise_answers(typed), sent.application)
    issues = (
        *filed_by_program.unknown_field_issues(definition, raw),
        *unread,
        *checked.issues,
        *file_issues,
        *submission.list_bars(connection, mine, answers, values),
        *filing_submission.signer_issues(sent.signer),
    )
    if issues:
        raise Invalid(first_issues(issues))
    return _Checked(mine, answers, values, files, first_issues(checked.notices))


def _require_correctable(
    connection: Connection, definition: RegisterDefinition, row: FetchedRow, sent: SentApplication
) -> None:
    """Raise `Stale` for another revision, and `Conflict` where an application cannot be corrected now."""
    if sent.revisions is not None and row.revision not in sent.revisions:
        raise Stale("application_moved")
    if moves.submission_from(definition, row.status) is None:
        raise Conflict("application_not_open")
    begun = select(name_or_address().label("editor")).join(Draft, Draft.changed_by == User.id)
    if (
        editor := connection.execute(begun.where(Draft.application_id == row.id).limit(1)).scalar()
    ) is not None:
        raise Conflict("correction_begun", name=editor)


def _answers_sent(
    definition: RegisterDefinition, sent: SentApplication, row: FetchedRow | None
) -> tuple[dict[str, Any], tuple[Issue, ...]]:
    """The answers as a draft would keep them, and what could not be kept so; those of the application where none are sent."""
    if sent.document is None:
        return (json.loads(row.typed) if row is not None else {}), ()
    if too_large := tuple(definition.schema.size_issues(sent.document)):
        raise Invalid(first_issues(too_large))
    asked = filing_of(definition).fields()
    given = {
        name: value for name, value in sent.document.items() if name in asked and value not in EMPTY_VALUES
    }
    loaded = submission.load_readable(definition, given)
    typed = drafts.document_as_typed(definition, loaded)
    return typed, tuple(_divided_items(definition, loaded, typed))


def _divided_items(
    definition: RegisterDefinition, loaded: Mapping[str, Any], typed: Mapping[str, Any]
) -> Iterator[Issue]:
    """Items of lists that would be read as several, for a form has one line for each."""
    read = submission.load_readable(definition, draft_views.typed_as_raw(definition, typed))
    for name, kind in definition.schema.register_fields().items():
        if isinstance(kind, Many) and name in loaded and loaded[name] != read.get(name):
            item = next((each for each in loaded[name] if each not in (read.get(name) or ())), "")
            yield Issue("separator_in_item", name, {"value": str(item)[:MAX_QUOTED]})


def _files_sent(
    registry: Registry,
    connection: Connection,
    actor: Actor,
    definition: RegisterDefinition,
    *,
    sent: SentApplication,
) -> tuple[list[dict[str, Any]], tuple[Issue, ...]]:
    """The files that go with an application, as rows without their step; and what stands against them."""
    require(actor, Action.ACT_FOR)
    before: Sequence[FetchedRow] = ()
    if sent.application is not None:
        last = cases.submissions(cases.steps_of(connection, sent.application))[-1]
        before = evidence.files_of_step(connection, last.id)
    issues: list[Issue] = []
    if sent.files is None:
        files = [
            {"kind": row.kind, "attachment_id": row.attachment_id, "public": row.public} for row in before
        ]
    else:
        if len(sent.files) > evidence.MAX_FILES:
            raise Invalid((Issue("too_much_evidence", FILES, {"at_most": evidence.MAX_FILES}),))
        hashes = {file.sha256 for file in sent.files}
        root = registry.settings.attachments_dir
        found = {
            row.sha256: row.id
            for row in attachments.find_uploaded(connection, actor, hashes, root=root).values()
        }
        found = {row.sha256: row.attachment_id for row in before} | found
        known = moves.applications_of(definition.slug).evidence
        for place, file in enumerate(sent.files, start=1):
            if file.kind not in known:
                kinds = ", ".join(code.code for code in known)
                told: dict[str, object] = {"value": file.kind[:MAX_QUOTED], "known": kinds}
                issues.append(Issue("unknown_value", f"{FILES}[{place}].kind", told))
            if file.sha256 not in found:
                named = file.sha256[:HASH_LENGTH]
                issues.append(Issue("file_not_uploaded", f"{FILES}[{place}].sha256", {"value": named}))
        files = [
            {"kind": file.kind, "attachment_id": found.get(file.sha256), "public": file.public}
            for file in sent.files
        ]
    issues += [
        Issue("evidence_missing", evidence.reason_key(code.code), {"kind": code.zh, "kind_en": code.en})
        for code in evidence.missing_kinds(definition.slug, {str(file["kind"]) for file in files})
    ]
    return files, tuple(issues)


def _answer(connection: Connection, application_id: int, status: int) -> ProgramAnswer:
    row = cases.load_application(connection, application_id)
    definition = catalogue()[row.register]
    told = {
        "application": row.id,
        "register": definition.published_in,
        "status": row.status,
        "revision": row.revision,
    }
    return ProgramAnswer.of(status, told)
