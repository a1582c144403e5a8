"""Filing by programs (the API): one record a request, checked and published as from the form; safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden, Invalid, NotFound, Stale
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import MAX_ISSUES, Issue, first_issues
from registry.kit.record import Record
from registry.kit.schema import EMPTY_VALUES, unknown_field
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import amendment_reasons, submission
from registry.services.filing.submission import CheckedFiling, Filer
from registry.services.filing.withdrawals import STATUS, Withdrawing, check_withdrawal, read_withdrawal
from registry.services.people.memberships import Represented, find_only_filer, require_filer
from registry.services.people.tokens import (
    KeyedRequest,
    ProgramAnswer,
    TokenBearer,
    find_answer,
    keep_answer,
    require_filing_scope,
)
from registry.services.publication import publishing, validation
from registry.services.publication.record_columns import number_slug, target_key
from registry.services.publication.record_queries import filer_id
from registry.services.records import projections
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

CREATED, UPDATED = 201, 200
CREATE, AMEND, WITHDRAW, RETRACT = "create", "amend", "withdraw", "retract"


@dataclass(frozen=True, slots=True)
class FilingRequest:
    """What a program sends.

    `number`: of the record to amend, "" for a new one; `versions`: those that it may be at, None: any; `reason`, `note`:
    of the amendment; `status`, with its `grounds` (reason and legal basis by field), where the record is withdrawn;
    `idempotency_key`: of a request that may come again; `request_hash`: what must be the same then.
    """

    register: str
    document: Mapping[str, Any]
    signer: str
    number: str = ""
    versions: frozenset[int] | None = None
    idempotency_key: str = ""
    request_hash: str = ""
    reason: str = ""
    note: str = ""
    status: str = ""
    grounds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """What filing would do ("create", "amend", "withdraw" or "retract": mark as filed by mistake), and what the filer should look at again."""

    operation: str
    notices: tuple[Issue, ...]


def check_request(
    registry: Registry, actor: Actor, bearer: TokenBearer, request: FilingRequest
) -> DryRunResult:
    """Return what `file_request` would do; nothing is stored. Raises as `file_request`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=False)
    with read_transaction(registry.engine) as connection:
        checked = _check(connection, actor, bearer, request)
    return DryRunResult(checked.operation, first_issues(checked.filing.notices))


def file_request(
    registry: Registry, actor: Actor, bearer: TokenBearer, request: FilingRequest
) -> ProgramAnswer:
    """Publish what was sent. The response is stored with its key in the same transaction: the same request gets it again.

    Raises `Invalid` with everything that stands against it, `Forbidden` (scope; an organisation that the token does not
    file for), `NotFound` (a record of others), `Stale` (another version), all of them without a trace in the register.
    """
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=True)
    with read_transaction(registry.engine) as connection:  # what is refused never holds up those who write
        if stored := find_answer(connection, _keyed(bearer, request)):
            return stored
        checked = _check(connection, actor, bearer, request)
        if issues := submission.signer_issues(request.signer):
            raise Invalid(issues)
        state = publishing.published_state(connection)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        if stored := find_answer(connection, _keyed(bearer, request)):
            return stored
        if publishing.published_state(connection) != state:
            checked = _check(connection, actor, bearer, request)
        _organisation(connection, actor, bearer, request)  # the right to file may have ended meanwhile
        assert checked.filing.prepared is not None
        filer = Filer(actor, checked.organisation, " ".join(request.signer.split()))
        retraction = submission.filing_of(_definition(request.register)).retraction
        actions = {WITHDRAW: "withdrawn", RETRACT: retraction.transition if retraction else ""}
        action = actions.get(checked.operation, "")
        number = submission.publish_filing(
            connection, request.register, checked.filing.prepared, filer, action=action
        )
        published = (Record.register == request.register) & (Record.number == number)
        record_id = connection.execute(select(Record.id).where(published)).scalar_one()
        body = orjson.dumps(projections.record_json_in_transaction(registry, connection, record_id))
        response = ProgramAnswer(UPDATED if request.number else CREATED, body)
        keep_answer(connection, _keyed(bearer, request), response)
    return response


def _keyed(bearer: TokenBearer, request: FilingRequest) -> KeyedRequest:
    return KeyedRequest(bearer.token_id, request.idempotency_key, request.request_hash)


class _CheckedRequest(NamedTuple):
    """The record of the organisation that files, the checked filing, and what it does."""

    organisation: FetchedRow
    filing: CheckedFiling
    operation: str


def _check(
    connection: Connection, actor: Actor, bearer: TokenBearer, request: FilingRequest
) -> _CheckedRequest:
    """Everything that a request asks for, checked; nothing is written. Raises what `file_request` raises."""
    definition = _definition(request.register)
    mine = _organisation(connection, actor, bearer, request)
    organisation = submission.find_record_document(connection, mine.register, mine.slug)
    assert organisation is not None
    amends = _amended_record(connection, request, mine) if request.number else None
    typed = {**request.document, **request.grounds}
    if request.status:
        typed[STATUS] = request.status
    withdrawing, status_issues = read_withdrawal(definition, typed, amends)
    if withdrawing and amends is None:
        raise Invalid((Issue("withdraws_nothing", STATUS),))
    if withdrawing and amends:
        checked = _check_withdrawal(connection, request, amends, withdrawing, typed=typed)
        return _CheckedRequest(organisation, checked, RETRACT if withdrawing.retracts else WITHDRAW)
    validator = submission.open_validator(connection, actor, request.register, organisation)
    checked = submission.check_filing(validator, typed, amends=amends)
    amendment = amendment_reasons.read_amendment(definition, request.reason, request.note)
    reason_issues = (
        amendment_reasons.amendment_issues(definition, amends, amendment, required=False)
        if amends
        else amendment_reasons.misplaced_amendment_issues(amendment)
    )
    unknown = unknown_field_issues(definition, typed)
    if issues := first_issues((*unknown, *status_issues, *checked.issues, *reason_issues)):
        raise Invalid(issues)
    if amends and checked.prepared:
        prepared = amendment_reasons.apply_amendment(definition, amends, checked.prepared, amendment)
        if prepared is None and (
            issues := tuple(amendment_reasons.unanswered_order_issues(definition, amends))
        ):
            raise Invalid(issues)
        checked = replace(checked, prepared=prepared or checked.prepared)
    return _CheckedRequest(organisation, checked, AMEND if request.number else CREATE)


def _check_withdrawal(
    connection: Connection,
    request: FilingRequest,
    record: FetchedRow,
    withdrawing: Withdrawing,
    *,
    typed: Mapping[str, Any],
) -> CheckedFiling:
    """The checked withdrawal of a record. `typed`: what is stated besides. Raises `Invalid`."""
    definition = _definition(request.register)
    amendment = amendment_reasons.read_amendment(definition, request.reason, request.note)
    context = validation.rule_context(connection)
    checked = check_withdrawal(connection, record, withdrawing, typed=typed, context=context)
    issues = (
        *unknown_field_issues(definition, typed),
        *amendment_reasons.misplaced_amendment_issues(amendment),
        *(
            issue
            for issue in checked.issues
            if issue.field not in typed or issue.field in definition.schema.register_fields()
        ),
    )
    if issues:
        raise Invalid(first_issues(issues))
    return checked


def _definition(slug: str) -> RegisterDefinition:
    """A register in which what is filed is published when it is filed. Raises `NotFound`, or `Forbidden` for any other register."""
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug[:60], code="register_unknown")
    if definition.filing is not None and definition.filing.application is not None:
        raise Forbidden("applied_for_first", register=slug)
    submission.require_published_when_filed(definition)
    return definition


def _organisation(
    connection: Connection, actor: Actor, bearer: TokenBearer, request: FilingRequest
) -> FetchedRow:
    return require_filer_of_token(connection, actor, bearer, request.register, document=request.document)


def require_filer_of_token(
    connection: Connection, actor: Actor, bearer: TokenBearer, register: str, *, document: Mapping[str, Any]
) -> FetchedRow:
    """Return who files: of the token, else the one that the document names, else the only one that the actor files for.

    Raises `Invalid`, `Forbidden`.
    """
    party = catalogue()[register].filer
    assert party is not None
    where = bearer.filer
    if where is None:
        written = str(document.get(party.key) or "").strip()
        slug = (
            number_slug(target_key(party.register, written[:120]))
            if written
            else find_only_filer(connection, actor.user_id, party.register)
        )
        if not slug:
            raise Invalid((Issue("required", party.key),))
        where = Represented(party.register, slug)
    try:
        return require_filer(connection, actor, where, register, minimum_role="editor")
    except NotFound as missing:
        raise Forbidden("token_of_another_organisation") from missing


def _amended_record(connection: Connection, request: FilingRequest, organisation: FetchedRow) -> FetchedRow:
    record = submission.find_record_document(connection, request.register, number_slug(request.number))
    if record is None or filer_id(catalogue()[request.register], record) != organisation.id:
        raise NotFound("record", request.number[:120])
    if request.versions is not None and record.version not in request.versions:
        raise Stale("version_differs", number=record.number, version=record.version)
    return record


def unknown_field_issues(definition: RegisterDefinition, document: Mapping[str, Any]) -> Iterator[Issue]:
    """Yield an issue for each name of a document that is no field of the register: nothing is dropped silently."""
    known = definition.schema.register_fields()
    unknown = (name for name, given in document.items() if name not in known and given not in EMPTY_VALUES)
    yield from map(unknown_field, islice(unknown, MAX_ISSUES))
