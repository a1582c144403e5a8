"""Filing by programs (the API): one declaration a request, checked and published as from the form; repeated safely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts.api_tokens import KeptAnswer
from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden, Invalid, NotFound, Stale
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import amendment_reasons, submission
from registry.services.people.memberships import ORGANISATIONS, acting
from registry.services.people.tokens import Bearer
from registry.services.publication import publishing
from registry.services.publication.record_columns import slug_of, target_key
from registry.services.records import projections
from registry.store.base import Fetched
from registry.store.unit_of_work import unit_of_work

CREATED, DONE = 201, 200
CREATE, AMEND = "create", "amend"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a program sends. `number`: of the record to amend; `versions`: those that it may be at, None: any;
    `reason`, `note`: why; `key`: of the request, which may come again; `request_hash`: what must be the same then."""

    register: str
    document: Mapping[str, Any]
    signer: str
    number: str = ""
    versions: frozenset[int] | None = None
    key: str = ""
    request_hash: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The record as it was published, as JSON; `replayed`: by an earlier request with the same key."""

    status: int
    body: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What filing would do, and what the filer should look at once more."""

    would: str
    notices: tuple[Issue, ...]


def check(registry: Registry, actor: Actor, bearer: Bearer, sent: Sent) -> Foreseen:
    """What `file` would do; nothing is kept. Raises as `file`."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine, keep=False) as connection:
        _filer, checked = _checked(connection, actor, bearer, sent)
    return Foreseen(AMEND if sent.number else CREATE, checked.notices)


def file(registry: Registry, actor: Actor, bearer: Bearer, sent: Sent) -> Answer:
    """Publish what was sent. The answer is kept with the key in the same transaction: the same request gives it again.

    Raises `Invalid` with everything that stands against it, `Forbidden` (scope; an organisation that the token does not
    file for), `NotFound` (a record of others), `Stale` (another version), all of them without a trace in the register.
    """
    require(actor, Action.ACT_FOR)
    if bearer.scope != "declare":
        raise Forbidden("this token may only check: send dry_run=1, or make one that may declare")
    with unit_of_work(registry.engine) as connection:
        publishing.wait_for_others(connection)
        if kept := _kept(connection, bearer, sent):
            return kept
        organisation, checked = _checked(connection, actor, bearer, sent)
        if issues := submission.signer_issues(sent.signer):
            raise Invalid(issues)
        assert checked.prepared is not None
        signed = " ".join(sent.signer.split())
        number = submission.publish(connection, actor, sent.register, organisation, checked.prepared, signed)
        same = (Record.register == sent.register) & (Record.number == number)
        record_id = connection.execute(select(Record.id).where(same)).scalar_one()
        body = orjson.dumps(projections.record_within(registry, connection, record_id))
        answer = Answer(DONE if sent.number else CREATED, body)
        if sent.key:
            values = {"token_id": bearer.token_id, "key": sent.key, "request_hash": sent.request_hash}
            values |= {"status": answer.status, "body": body.decode(), "made_at": clock.now()}
            connection.execute(insert(KeptAnswer).values(**values))
    return answer


def _kept(connection: Connection, bearer: Bearer, sent: Sent) -> Answer | None:
    """The answer that was given under this key. Raises `Invalid` when that was to another request."""
    if not sent.key:
        return None
    found = (KeptAnswer.token_id == bearer.token_id) & (KeptAnswer.key == sent.key)
    row = connection.execute(
        select(KeptAnswer.request_hash, KeptAnswer.status, KeptAnswer.body).where(found)
    ).one_or_none()
    if row is None:
        return None
    if row.request_hash != sent.request_hash:
        raise Invalid((Issue("idempotency_key_reused"),))
    return Answer(row.status, row.body.encode(), replayed=True)


def _checked(
    connection: Connection, actor: Actor, bearer: Bearer, sent: Sent
) -> tuple[Fetched, submission.Checked]:
    definition = _definition(sent.register)
    mine = _organisation(connection, actor, bearer, sent, definition)
    organisation = submission.document_of(connection, ORGANISATIONS, mine.slug)
    assert organisation is not None
    amends = _amended(connection, sent, mine) if sent.number else None
    checked = submission.check(connection, sent.register, organisation, sent.document, amends=amends)
    given = amendment_reasons.understood(definition, sent.reason, sent.note)
    of_reason = (
        amendment_reasons.issues(definition, given, wanted=False)
        if amends
        else amendment_reasons.misplaced(given)
    )
    if issues := (*_unknown(definition, sent.document), *checked.issues, *of_reason):
        raise Invalid(issues)
    if amends and checked.prepared:
        prepared = amendment_reasons.applied(definition, amends, checked.prepared, given) or checked.prepared
        checked = replace(checked, prepared=prepared)
    return organisation, checked


def _definition(slug: str) -> RegisterDefinition:
    """Raises `NotFound` for no register, `Forbidden` for one that nobody files to himself."""
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug[:60], code="register_unknown")
    if definition.filing is None:
        raise Forbidden(f"{slug} are not filed by enterprises themselves")
    return definition


def _organisation(
    connection: Connection, actor: Actor, bearer: Bearer, sent: Sent, definition: RegisterDefinition
) -> Fetched:
    """The organisation of the token, else the one that the document names. Raises `Invalid`, `Forbidden`."""
    holder = definition.holder
    assert holder is not None
    slug = bearer.organisation
    if not slug:
        written = str(sent.document.get(holder.key) or "").strip()
        if not written:
            raise Invalid((Issue("required", holder.key),))
        slug = slug_of(target_key(holder.register, written[:120]))
    try:
        return acting(connection, actor, slug, "editor")
    except NotFound as missing:
        raise Forbidden("this token does not file for that organisation") from missing


def _amended(connection: Connection, sent: Sent, mine: Fetched) -> Fetched:
    record = submission.document_of(connection, sent.register, slug_of(sent.number))
    if record is None or record.holder_id != mine.id:
        raise NotFound("record", sent.number[:120])
    if sent.versions is not None and record.version not in sent.versions:
        raise Stale(f"{record.number} is at version {record.version}")
    return record


def _unknown(definition: RegisterDefinition, document: Mapping[str, Any]) -> Iterator[Issue]:
    known = definition.schema.kept()
    for name, given in document.items():
        if name not in known and given not in (None, "", []):
            yield Issue("unknown_field", str(name)[:60], {"name": str(name)[:60]})
