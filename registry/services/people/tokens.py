"""API tokens: keys with which programs file for a person, or work at the desk. A token never allows more than the person may do then.

Also the answers to requests of programs that may come again (`Idempotency-Key`), kept in the transaction of the act.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson
from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from registry import clock
from registry.accounts import audit_log, rate_limits, tokens_and_hashes
from registry.accounts.api_tokens import ApiToken, IdempotentResponse
from registry.accounts.membership import Membership
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.errors import Forbidden, Invalid, NotFound, TooManyAttempts
from registry.i18n import _, gettext
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.services.bootstrap import Registry
from registry.services.mail import letters
from registry.services.people.memberships import (
    FilerAddress,
    OrganisationView,
    Represented,
    get_workspace_home,
    require_membership,
)
from registry.services.people.own_account import require_app_code, require_password
from registry.services.people.registration import borrowed_word_issues
from registry.services.publication import publishing
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

TokenScope = Literal["declare", "check", "decide", "see_desk"]
TOKEN_SCOPES: tuple[TokenScope, ...] = get_args(TokenScope)
SCOPE_LABELS: dict[str, str] = {
    "declare": _("Declare and amend"),
    "check": _("Only check, publish nothing"),
    "decide": _("Work at the desk, decisions included"),
    "see_desk": _("Only read what the desk shows"),
}
FILING_SCOPES: tuple[TokenScope, ...] = ("declare", "check")
DESK_SCOPES: tuple[TokenScope, ...] = ("decide", "see_desk")
NEEDED_FOR_SCOPE = {"decide": Action.TAKE_DECISIONS, "see_desk": Action.SEE_DESK}
TOKEN_LIFETIMES = (30, 90, 365)  # days for which a token can be valid
DESK_TOKEN_LIFETIMES = (30, 90)  # of one that decides for others, or sees what is not public
KEY_PREFIX = "pz_"  # so that secret scanners recognise a leaked key
MAX_TOKENS = 20  # valid ones, of one person
MAX_TOKEN_NAME_LENGTH = 80
LAST_USED_RESOLUTION = dt.timedelta(minutes=1)
REQUESTS_PER_TOKEN = RateLimit("api", 600, dt.timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class TokenBearer:
    """The owner of a token. `filer`: the only organisation or body that it files for, None for all of its owner's."""

    actor: Actor
    token_id: int
    filer: Represented | None
    scope: TokenScope


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as its person, or an owner of its organisation, sees it. `organisation`: None for all of the person's, and for one of the desk."""

    id: int
    name: str
    person: str
    organisation: Words | None
    scope: str  # message id
    created_at: dt.datetime
    expires_at: dt.datetime
    last_used_at: dt.datetime | None
    own: bool
    of_desk: bool


@dataclass(frozen=True, slots=True)
class TokensView:
    """Valid tokens, and the organisations and bodies for which a new one can be made."""

    tokens: tuple[TokenView, ...]
    organisations: tuple[OrganisationView, ...]


def list_tokens(registry: Registry, actor: Actor) -> TokensView:
    """Return the actor's valid tokens, and those of others for organisations of which the actor is an owner."""
    require(actor, Action.ACT_FOR)
    home = get_workspace_home(registry, actor)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(*ApiToken.__table__.columns, User.name.label("person"), User.email)
            .add_columns(Record.register, Record.title_zh, Record.title_en, Record.en_source)
            .join(User, User.id == ApiToken.user_id)
            .outerjoin(Record, Record.id == ApiToken.organisation_id)
            .where(_is_visible_to(actor), _is_active())
            .order_by(ApiToken.id.desc())
        ).all()
    return TokensView(
        tuple(_view(row, actor) for row in rows),
        tuple(each for each in (*home.organisations, *home.bodies) if each.role != "viewer"),
    )


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a new token is for. `days`: its validity; `organisation`: who files, "" for all for whom the person does."""

    name: str
    scope: str
    days: int
    organisation: FilerAddress = ""

    @property
    def is_of_desk(self) -> bool:
        """True for a token that does not file, but works at the desk."""
        return self.scope in DESK_SCOPES


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request of a program. `key`: with which it may come again, "" for none; `fingerprint`: what must be the same then."""

    token_id: int
    key: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class ProgramAnswer:
    """The answer to a request that has done something, as JSON. `replayed`: it was done by an earlier request with the same key."""

    status: int
    body: bytes
    replayed: bool = False

    @classmethod
    def of(cls, status: int, told: Mapping[str, Any]) -> ProgramAnswer:
        """An answer that tells these values."""
        return cls(status, orjson.dumps(told))


def create_token(
    registry: Registry, actor: Actor, password: str, request: TokenRequest, *, code: str = ""
) -> str:
    """Create a token and return its key, which is shown once and not stored.

    `code`: of the authenticator app, for a token of the desk. Raises `Invalid` (password, code, name, too many),
    `TooManyAttempts`, `NotFound` and `Forbidden` (an organisation for which the actor does not file, a desk that they do
    not see or where they decide nothing).
    """
    require(actor, Action.ACT_FOR)
    if request.is_of_desk:
        require(actor, NEEDED_FOR_SCOPE[request.scope])
    name = " ".join(request.name.split())
    issues = [Issue("required", "name")] if not name else []
    if len(name) > MAX_TOKEN_NAME_LENGTH:
        issues.append(Issue("too_long", "name", {"length": len(name), "at_most": MAX_TOKEN_NAME_LENGTH}))
    issues += borrowed_word_issues(name, "name")
    for field, value, known in (
        ("scope", request.scope, TOKEN_SCOPES),
        ("days", request.days, DESK_TOKEN_LIFETIMES if request.is_of_desk else TOKEN_LIFETIMES),
    ):
        if value not in known:
            words = ", ".join(map(str, known))
            issues.append(Issue("unknown_value", field, {"value": str(value)[:20], "known": words}))
    if request.is_of_desk and request.organisation:
        issues.append(Issue("desk_token_for_no_organisation", "organisation"))
    if issues:
        raise Invalid(tuple(issues))
    user = require_password(registry, actor, password)
    if request.is_of_desk:
        require_app_code(registry, actor, code)
    key, now = KEY_PREFIX + tokens_and_hashes.generate_key(), clock.now()
    with unit_of_work(registry.engine) as connection:
        organisation = (
            require_membership(connection, actor, request.organisation, "editor")
            if request.organisation
            else None
        )
        own = (ApiToken.user_id == actor.user_id) & _is_active()
        if len(connection.execute(select(ApiToken.id).where(own)).all()) >= MAX_TOKENS:
            raise Invalid((Issue("too_many_tokens", "name", {"at_most": MAX_TOKENS}),))
        row = {
            "key_hash": tokens_and_hashes.hash_key(key),
            "user_id": actor.user_id,
            "name": name,
            "scope": request.scope,
        }
        row |= {"organisation_id": organisation.id if organisation else None}
        times = {"created_at": now, "expires_at": now + dt.timedelta(days=request.days)}
        connection.execute(insert(ApiToken).values(**row, **times))
        letters.enqueue_letter(
            connection,
            "token_made",
            user.lang,
            user.email,
            name=name,
            scope=gettext(SCOPE_LABELS[request.scope], user.lang),
            until=times["expires_at"].astimezone(clock.SHANGHAI).date().isoformat(),
        )
        audit_log.record(
            connection,
            actor,
            "token_made",
            subject=organisation.number if organisation else "",
            details=name,
        )
    return key


def revoke_token(registry: Registry, actor: Actor, token_id: int) -> None:
    """Revoke a token of the actor or of an organisation that they own. Raises `NotFound` for any other."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        visible = (ApiToken.id == token_id) & _is_visible_to(actor) & _is_active()
        revoked = update(ApiToken).where(visible).values(revoked_at=clock.now()).returning(ApiToken.user_id)
        user_id = connection.execute(revoked).scalar()
        if user_id is None:
            raise NotFound("token", str(token_id))
        audit_log.record(connection, actor, "token_revoked", user_id, details=str(token_id))


def authenticate_token(registry: Registry, actor: Actor, key: str) -> TokenBearer | None:
    """Return the owner of a token, or None if its key is unknown, revoked or expired. Counts the request.

    Raises `TooManyAttempts` after 600 requests in a minute.
    """
    require(actor, Action.SIGN_IN)
    now = clock.now()
    with unit_of_work(registry.engine) as connection:
        row = connection.execute(
            select(ApiToken.id, ApiToken.user_id, ApiToken.scope, ApiToken.last_used_at, User.role)
            .add_columns(Record.register, Record.slug)
            .join(User, User.id == ApiToken.user_id)
            .outerjoin(Record, Record.id == ApiToken.organisation_id)
            .where(ApiToken.key_hash == tokens_and_hashes.hash_key(key), _is_active())
            .where(User.suspended_at.is_(None))
            .where(or_(ApiToken.scope.not_in(DESK_SCOPES), User.factor_since.is_not(None)))
        ).one_or_none()
        if row is None:
            return None
        limit_key = REQUESTS_PER_TOKEN.key(registry.settings.secret_key, str(row.id))
        until = rate_limits.count_attempt(connection, REQUESTS_PER_TOKEN, limit_key)
        unnoted = row.last_used_at is None or now - row.last_used_at > LAST_USED_RESOLUTION
        if until is None and unnoted:
            connection.execute(update(ApiToken).where(ApiToken.id == row.id).values(last_used_at=now))
    if until is not None:
        raise TooManyAttempts(until)
    scope: TokenScope = next((each for each in TOKEN_SCOPES if each == row.scope), "check")
    filer = Represented(row.register, row.slug) if row.slug else None
    return TokenBearer(Actor(row.role, row.user_id), row.id, filer, scope)


def require_desk_scope(bearer: TokenBearer, *, acts: bool) -> None:
    """Raise `Forbidden` unless a token was made for the desk. `acts`: for doing something there, not for reading only."""
    if bearer.scope not in DESK_SCOPES:
        raise Forbidden("token_not_of_desk")
    if acts and bearer.scope != "decide":
        raise Forbidden("token_only_reads")


def require_filing_scope(bearer: TokenBearer, *, publishes: bool) -> None:
    """Raise `Forbidden` unless a token was made for filing. `publishes`: for more than checking what would be filed."""
    if bearer.scope not in FILING_SCOPES:
        raise Forbidden("token_does_not_file")
    if publishes and bearer.scope != "declare":
        raise Forbidden("token_only_checks")


def require_uploading_scope(bearer: TokenBearer) -> None:
    """Raise `Forbidden` unless a token may do more than check or read: only then a file is of use."""
    if bearer.scope == "check":
        raise Forbidden("token_only_checks")
    if bearer.scope == "see_desk":
        raise Forbidden("token_only_reads")


def find_answer(connection: Connection, request: KeyedRequest) -> ProgramAnswer | None:
    """Return the answer that was given under the key of a request, None for none. Raises `Invalid` when that was to another request."""
    if not request.key:
        return None
    same_key = (IdempotentResponse.token_id == request.token_id) & (IdempotentResponse.key == request.key)
    row = connection.execute(
        select(IdempotentResponse.request_hash, IdempotentResponse.status, IdempotentResponse.body).where(
            same_key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.request_hash != request.fingerprint:
        raise Invalid((Issue("idempotency_key_reused"),))
    return ProgramAnswer(row.status, row.body.encode(), replayed=True)


def keep_answer(connection: Connection, request: KeyedRequest, answer: ProgramAnswer) -> None:
    """Keep the answer to a request with a key, in the transaction of what it has done."""
    if not request.key:
        return
    values = {"token_id": request.token_id, "key": request.key, "request_hash": request.fingerprint}
    values |= {"status": answer.status, "body": answer.body.decode(), "made_at": clock.now()}
    connection.execute(insert(IdempotentResponse).values(**values))


def answer_once(
    registry: Registry, actor: Actor, request: KeyedRequest, act: Callable[[Connection], ProgramAnswer]
) -> ProgramAnswer:
    """Return the answer that is kept under the key of a request, else do what it asks for and keep the answer, in one transaction.

    `act`: does it while the publish lock is held. Raises what it raises, and `Invalid` as `find_answer`.
    """
    require(actor, Action.SIGN_IN)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        if known := find_answer(connection, request):
            return known
        answer = act(connection)
        keep_answer(connection, request, answer)
    return answer


def find_token(registry: Registry, actor: Actor, key: str) -> int | None:
    """Return the id of a valid token, or None. Nothing is written or counted: it is not used."""
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        known = select(ApiToken.id).where(ApiToken.key_hash == tokens_and_hashes.hash_key(key), _is_active())
        return connection.execute(known).scalar()


def _is_active() -> ColumnElement[bool]:
    return ApiToken.revoked_at.is_(None) & (ApiToken.expires_at > clock.now())


def _is_visible_to(actor: Actor) -> ColumnElement[bool]:
    owned = select(Membership.record_id).where(
        Membership.user_id == actor.user_id, Membership.role == "owner"
    )
    return or_(ApiToken.user_id == actor.user_id, ApiToken.organisation_id.in_(owned))


def _view(row: FetchedRow, actor: Actor) -> TokenView:
    organisation = None
    if row.organisation_id is not None:
        organisation = titles.linked_title(row.register, row.title_zh, row.title_en, row.en_source)
    return TokenView(
        row.id,
        row.name,
        row.person or row.email,
        organisation,
        SCOPE_LABELS[row.scope],
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.user_id == actor.user_id,
        row.scope in DESK_SCOPES,
    )
