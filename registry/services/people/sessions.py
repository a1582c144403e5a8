"""Sessions: sign in by password and second factor, sign out, and the session that a cookie stands for."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from registry import clock
from registry.accounts import api_tokens, audit_log, passwords, rate_limits, second_factor, tokens_and_hashes
from registry.accounts.email_addresses import normalise_email
from registry.accounts.model import AttemptCounter, RecoveryCode, Session, User
from registry.accounts.policy import STAFF, SYSTEM, Action, Actor, may, require
from registry.accounts.rate_limits import RateLimit
from registry.errors import DatabaseUnavailable, Forbidden, Invalid, TooManyAttempts
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.people import factor_secrets
from registry.services.people.login_throttling import LoginThrottle
from registry.services.people.registration import find_user
from registry.store.base import FetchedRow
from registry.store.patience import Urgency
from registry.store.unit_of_work import read_transaction, unit_of_work

# The second factor is required, or must be set up first, or every factor was given.
SessionStage = Literal["factor", "set_up", "complete"]
DORMANT_AFTER = dt.timedelta(days=365)
LAST_SEEN_RESOLUTION = dt.timedelta(minutes=1)
EXPIRED_RETENTION = dt.timedelta(days=30)  # of expired links and attempts
IDEMPOTENCY_RETENTION = dt.timedelta(days=7)  # of responses stored under an `Idempotency-Key`
RECOVERY_CODE = "recovery_code"  # a kind of second factor, in the audit log
SECOND_FACTOR_LIMIT = RateLimit("factor", 5, dt.timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class SessionLifetime:
    """How long a session lasts without use, and at most (ASVS 3.3.1, 3.3.2)."""

    idle_timeout: dt.timedelta
    absolute_timeout: dt.timedelta


STAFF_LIFETIME = SessionLifetime(dt.timedelta(hours=1), dt.timedelta(hours=12))
USER_LIFETIME = SessionLifetime(dt.timedelta(hours=12), dt.timedelta(days=14))
INCOMPLETE_LIFETIME = SessionLifetime(
    dt.timedelta(minutes=15), dt.timedelta(minutes=15)
)  # between the factors


@dataclass(frozen=True, slots=True)
class UserSession:
    """The session of a key and its user.

    Until `stage` is "complete" the actor has no rights except, with "set_up", those over their own account.
    """

    actor: Actor
    user_id: int
    session_id: int
    name: str
    email: str
    lang: str
    stage: SessionStage
    ends_at: dt.datetime  # if it is not used before

    @property
    def seconds_left(self) -> int:
        """Seconds until the session ends."""
        return max(0, int((self.ends_at - clock.now()).total_seconds()))

    @property
    def may_decide(self) -> bool:
        """True if the user may decide on claims and filings of others."""
        return may(self.actor, Action.DECIDE)

    @property
    def sees_desk(self) -> bool:
        """True if the user sees what waits for a decision on records."""
        return may(self.actor, Action.SEE_DESK)

    @property
    def takes_decisions(self) -> bool:
        """True if the user prepares and takes decisions on records."""
        return may(self.actor, Action.TAKE_DECISIONS)

    @property
    def sees_reports(self) -> bool:
        """True if the user sees what was reported, and objections."""
        return may(self.actor, Action.SEE_REPORTS)

    @property
    def sees_checks(self) -> bool:
        """True if the user sees what random checks have drawn before its results are public."""
        return may(self.actor, Action.SEE_CHECKS)

    @property
    def announces_checks(self) -> bool:
        """True if the user may announce random checks and draw them."""
        return may(self.actor, Action.ANNOUNCE_CHECKS)

    @property
    def reads_audit(self) -> bool:
        """True if the user searches the audit log."""
        return may(self.actor, Action.READ_AUDIT)

    @property
    def sees_imports(self) -> bool:
        """True if the user sees sheets that are imported."""
        return may(self.actor, Action.SEE_IMPORTS)

    @property
    def may_manage_accounts(self) -> bool:
        """True if the user may make accounts for others and assign roles."""
        return may(self.actor, Action.MANAGE_ACCOUNTS)


def sign_in(
    registry: Registry, actor: Actor, email: str, password: str, *, user_agent: str, network: str
) -> str:
    """Return the key of a new session, for the cookie; the session is incomplete while a second factor is required.

    `network`: of the client. Raises `Invalid` (`sign_in_wrong`, the same for a wrong address and a wrong password;
    `account_suspended`; `dormant` after a year without sign-in: a link to set a new password is mailed) and
    `TooManyAttempts`.
    """
    require(actor, Action.SIGN_IN)
    address = normalise_email(email) or email.strip()  # one account, one limit, in whatever width it is typed
    with read_transaction(registry.engine) as connection:
        user = find_user(connection, address)
        password_hash = user.password_hash if user else ""
        throttle = LoginThrottle(registry.settings.secret_key, address, password_hash, network)
    with unit_of_work(
        registry.engine
    ) as connection:  # before the password is looked at, also when many come together
        throttle.count(connection)
    correct = passwords.verify(password_hash, password)  # slow: outside any transaction
    if user is None or not correct:
        with unit_of_work(registry.engine) as connection:
            # Written whether the account exists or not, so that both cases take the same time.
            audit_log.record(connection, actor, "sign_in_failed", user.id if user else None)
        raise Invalid((Issue("sign_in_wrong", "email"),))
    if user.suspended_at is not None:  # said to one who knows the password
        raise Invalid((Issue("account_suspended", "email"),))
    return _start_session(registry, user, password, user_agent=user_agent, throttle=throttle)


def _start_session(
    registry: Registry, user: FetchedRow, password: str, *, user_agent: str, throttle: LoginThrottle
) -> str:
    new_hash = passwords.hash_password(password) if passwords.needs_rehash(user.password_hash) else ""
    now = clock.now()
    with unit_of_work(registry.engine) as connection:
        throttle.reset(connection)
        if now - user.seen_at > DORMANT_AFTER:
            link_id = email_links.create_link(
                connection, email_links.PASSWORD_LINK, user.email, user_id=user.id
            )
            letters.enqueue_letter(connection, "dormant", user.lang, user.email, link_id=link_id)
            audit_log.record(connection, Actor(user.role, user.id), "dormant")
            key = ""
        else:
            changes = {"seen_at": now, **({"password_hash": new_hash} if new_hash else {})}
            connection.execute(update(User).where(User.id == user.id).values(**changes))
            complete = user.factor_since is None and user.role not in STAFF
            key = tokens_and_hashes.generate_key()
            session = {"key_hash": tokens_and_hashes.hash_key(key), "user_id": user.id, "complete": complete}
            connection.execute(
                insert(Session).values(**session, agent=user_agent[:200], created_at=now, seen_at=now)
            )
            audit_log.record(
                connection, Actor(user.role, user.id), "signed_in" if complete else "password_given"
            )
    if not key:
        raise Invalid((Issue("dormant", "email"),))
    return key


def resolve_session(registry: Registry, actor: Actor, key: str) -> UserSession | None:
    """Return the session of a key, or None if there is none or it has expired.

    Writes the time of use, at most once per `LAST_SEEN_RESOLUTION`.
    """
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        row = _load_session(connection, key)
    if row is None:
        return None
    now, last_seen = clock.now(), row.seen_at
    if now - last_seen > LAST_SEEN_RESOLUTION:
        with (
            contextlib.suppress(DatabaseUnavailable),  # who reads need not wait for those who write
            unit_of_work(registry.engine, urgency=Urgency.HURRIED) as connection,
        ):
            connection.execute(update(Session).where(Session.id == row.id).values(seen_at=now))
            last_seen = now
    if row.complete:
        stage: SessionStage = "complete"
    else:
        stage = "factor" if row.factor_since is not None else "set_up"
    acting_as = {
        "complete": Actor(row.role, row.user_id),
        "set_up": Actor("enterprise", row.user_id),
        "factor": actor,
    }[stage]
    lifetime = session_lifetime(row.role, row.complete)
    ends_at = min(last_seen + lifetime.idle_timeout, row.created_at + lifetime.absolute_timeout)
    return UserSession(acting_as, row.user_id, row.id, row.name, row.email, row.lang, stage, ends_at)


def find_reader(registry: Registry, actor: Actor, key: str) -> int | None:
    """Return the id of the user whose session this is, None if it is no session. Nothing is written: it is not used."""
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        row = _load_session(connection, key)
    return row.user_id if row else None


def verify_second_factor(registry: Registry, actor: Actor, key: str, code: str) -> str:
    """Complete a session with a code of the authenticator app or a recovery code. Returns the session's new key.

    Raises `Invalid` (`factor_wrong`), `TooManyAttempts`, and `Forbidden` if the session does not require a code.
    """
    require(actor, Action.SIGN_IN)
    with unit_of_work(registry.engine) as connection:
        row = _load_session(connection, key)
        if row is None or row.complete or row.factor_since is None:
            raise Forbidden("no_session_waits_for_factor")
        # One code at a time: two sessions cannot use the same code, nor concurrent guesses exceed the limit.
        connection.execute(select(User.id).where(User.id == row.user_id).with_for_update())
        limit_key = SECOND_FACTOR_LIMIT.key(registry.settings.secret_key, str(row.user_id))
        until = rate_limits.count_attempt(connection, SECOND_FACTOR_LIMIT, limit_key)
        if until is not None:
            raise TooManyAttempts(until)
        method = _accept_code(registry, connection, row, code)
        if method:
            rate_limits.clear(connection, [limit_key])
            key = complete_session(connection, row.id)
            audit_log.record(connection, Actor(row.role, row.user_id), "signed_in", details=method)
            if method == RECOVERY_CODE:
                unused = (RecoveryCode.user_id == row.user_id) & RecoveryCode.used_at.is_(None)
                left = connection.execute(select(func.count()).select_from(RecoveryCode).where(unused))
                letters.enqueue_letter(
                    connection, "recovery_code_used", row.lang, row.email, left=str(left.scalar_one())
                )
        else:
            audit_log.record(connection, Actor(row.role, row.user_id), "factor_failed")
    if not method:
        raise Invalid((Issue("factor_wrong", "code"),))
    return key


def _accept_code(registry: Registry, connection: Connection, row: FetchedRow, code: str) -> str:
    """Consume a code; return its kind, `app` or `recovery_code`, or "" if it is wrong or was used before."""
    accepted = factor_secrets.accept_app_code(registry, connection, row, code, user_id=row.user_id)
    if accepted is not None:
        return "app" if accepted else ""
    code_hash = tokens_and_hashes.hash_key(second_factor.normalise_recovery_code(code))
    unused = (RecoveryCode.user_id == row.user_id) & RecoveryCode.used_at.is_(None)
    used = connection.execute(
        update(RecoveryCode).where(unused, RecoveryCode.code_hash == code_hash).values(used_at=clock.now())
    )
    return RECOVERY_CODE if used.rowcount else ""


def complete_session(connection: Connection, session_id: int) -> str:
    """Mark a session as complete and give it a new key, which is returned (ASVS 3.2.1)."""
    key = tokens_and_hashes.generate_key()
    values = {"complete": True, "key_hash": tokens_and_hashes.hash_key(key), "seen_at": clock.now()}
    connection.execute(update(Session).where(Session.id == session_id).values(**values))
    return key


def sign_out(registry: Registry, actor: Actor, key: str) -> None:
    """End the session of a key, if there is one."""
    require(actor, Action.SIGN_IN)
    with unit_of_work(registry.engine) as connection:
        row = _load_session(connection, key)
        if row is not None:
            connection.execute(delete(Session).where(Session.id == row.id))
            audit_log.record(connection, Actor(row.role, row.user_id), "signed_out")


def session_lifetime(role: str, complete: bool) -> SessionLifetime:
    """Return how long a session of this role lasts. `complete`: every factor was given."""
    if not complete:
        return INCOMPLETE_LIFETIME
    return STAFF_LIFETIME if role in STAFF else USER_LIFETIME


def purge_expired(registry: Registry) -> None:
    """Delete expired sessions, links, attempt counters and stored responses."""
    require(SYSTEM, Action.RELAY)
    now = clock.now()
    with unit_of_work(registry.engine) as connection:
        unused = Session.seen_at < now - USER_LIFETIME.idle_timeout
        connection.execute(
            delete(Session).where(or_(unused, Session.created_at < now - USER_LIFETIME.absolute_timeout))
        )
        connection.execute(delete(AttemptCounter).where(AttemptCounter.since < now - EXPIRED_RETENTION))
        email_links.purge_expired_links(connection, EXPIRED_RETENTION)
        api_tokens.purge_idempotent_responses(connection, now - IDEMPOTENCY_RETENTION)


def _load_session(connection: Connection, key: str) -> FetchedRow | None:
    """Return the session of a key with its account, or None if it has expired."""
    row = connection.execute(
        select(
            *(column for column in Session.__table__.columns if column.name != "key_hash"),
            User.role,
            User.name,
            User.email,
            User.lang,
            User.factor_since,
            User.factor_nonce,
            User.factor_secret,
            User.factor_step,
        )
        .join(User, User.id == Session.user_id)
        .where(Session.key_hash == tokens_and_hashes.hash_key(key), User.suspended_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    lifetime, now = session_lifetime(row.role, row.complete), clock.now()
    valid = now - row.seen_at <= lifetime.idle_timeout and now - row.created_at <= lifetime.absolute_timeout
    return row if valid else None
