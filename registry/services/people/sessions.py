"""Signing in and out: password, second factor, and the session that a cookie stands for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, insert, or_, select, update

from registry import clock
from registry.accounts import api_tokens, audit_log, passwords, rate_limits, second_factor, tokens_and_hashes
from registry.accounts.model import Attempts, RecoveryCode, Session, User
from registry.accounts.policy import STAFF, SYSTEM, Action, Actor, may, require
from registry.accounts.rate_limits import Limit
from registry.errors import Forbidden, Invalid, TooOften
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links
from registry.services.people.login_throttling import Guess
from registry.services.people.registration import by_address
from registry.store.base import Fetched
from registry.store.unit_of_work import reading, unit_of_work

Stage = Literal[
    "factor", "set_up", "complete"
]  # the second factor is wanted, or must be set up first, or all is done
DORMANT_AFTER = dt.timedelta(days=365)
SEEN_EVERY = dt.timedelta(minutes=1)
KEPT_FOR = dt.timedelta(days=30)  # links and attempts, after they ended
ANSWERS_FOR = dt.timedelta(days=7)  # to programs, under the key of a request
BY_FACTOR = Limit("factor", 5, dt.timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session holds without use, and at most."""

    idle: dt.timedelta
    whole: dt.timedelta


OF_STAFF = Lifetime(dt.timedelta(hours=1), dt.timedelta(hours=12))
OF_OTHERS = Lifetime(dt.timedelta(hours=12), dt.timedelta(days=14))
UNFINISHED = Lifetime(dt.timedelta(minutes=15), dt.timedelta(minutes=15))  # between the factors


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose session a key stands for. Until `stage` is "complete" the actor has no rights but, with "set_up", those
    over his own account."""

    actor: Actor
    user_id: int
    session_id: int
    name: str
    email: str
    lang: str
    stage: Stage
    ends_at: dt.datetime  # unless it is used before

    @property
    def left(self) -> int:
        """Seconds until it ends."""
        return max(0, int((self.ends_at - clock.now()).total_seconds()))

    @property
    def decides(self) -> bool:
        """True for who sits at the desk."""
        return may(self.actor, Action.DECIDE)


def sign_in(registry: Registry, actor: Actor, email: str, password: str, agent: str, network: str) -> str:
    """A key for a new session, incomplete while a second factor is wanted; the cookie carries it.

    Raises `Invalid` (`sign_in_wrong`, the same for a wrong address and a wrong password; `dormant` after a year
    without sign-in: a link to set a new password is on its way) and `TooOften`.
    """
    require(actor, Action.ENTER)
    with reading(registry.engine) as connection:
        user = by_address(connection, email.strip())
        hashed = user.password_hash if user else ""
        guess = Guess(registry.settings.secret_key, email.strip(), hashed, network)
        guess.look(connection)
    right = passwords.fits(hashed, password)  # slow: outside any transaction
    if user is None or not right:
        with unit_of_work(registry.engine) as connection:
            guess.failed(connection)
            # Whether there is such an account or not: the same work, the same time.
            audit_log.note(connection, actor.role, "sign_in_failed", user.id if user else None)
        raise Invalid((Issue("sign_in_wrong", "email"),))
    return _enter(registry, user, password, agent, guess)


def _enter(registry: Registry, user: Fetched, password: str, agent: str, guess: Guess) -> str:
    renewed = passwords.hash_password(password) if passwords.outdated(user.password_hash) else ""
    now = clock.now()
    with unit_of_work(registry.engine) as connection:
        guess.right(connection)
        if now - user.seen_at > DORMANT_AFTER:
            ticket = email_links.make(connection, email_links.PASSWORD, user.email, user.id)
            email_links.post(connection, "dormant", user.lang, user.email, ticket)
            audit_log.note(connection, user.role, "dormant", user.id)
            key = ""
        else:
            changes = {"seen_at": now, **({"password_hash": renewed} if renewed else {})}
            connection.execute(update(User).where(User.id == user.id).values(**changes))
            complete = user.factor_since is None and user.role not in STAFF
            key = tokens_and_hashes.new_key()
            session = {"key_hash": tokens_and_hashes.hashed(key), "user_id": user.id, "complete": complete}
            connection.execute(
                insert(Session).values(**session, agent=agent[:200], created_at=now, seen_at=now)
            )
            audit_log.note(connection, user.role, "signed_in" if complete else "password_given", user.id)
    if not key:
        raise Invalid((Issue("dormant", "email"),))
    return key


def holder(registry: Registry, actor: Actor, key: str) -> Signed | None:
    """Whose session a key is; None for a key that is none, or none any more."""
    require(actor, Action.ENTER)
    with reading(registry.engine) as connection:
        row = _session(connection, key)
    if row is None:
        return None
    now, seen = clock.now(), row.seen_at
    if now - seen > SEEN_EVERY:
        seen = now
        with unit_of_work(registry.engine) as connection:
            connection.execute(update(Session).where(Session.id == row.id).values(seen_at=now))
    if row.complete:
        stage: Stage = "complete"
    else:
        stage = "factor" if row.factor_since is not None else "set_up"
    whose = {
        "complete": Actor(row.role, row.user_id),
        "set_up": Actor("enterprise", row.user_id),
        "factor": actor,
    }[stage]
    holds = lifetime(row.role, row.complete)
    ends_at = min(seen + holds.idle, row.created_at + holds.whole)
    return Signed(whose, row.user_id, row.id, row.name, row.email, row.lang, stage, ends_at)


def give_factor(registry: Registry, actor: Actor, key: str, code: str) -> str:
    """Complete a session with a code of the authenticator app or a recovery code; returns its new key.

    Raises `Invalid` (`factor_wrong`), `TooOften`, and `Forbidden` where no such session waits for one.
    """
    require(actor, Action.ENTER)
    with unit_of_work(registry.engine) as connection:
        row = _session(connection, key)
        if row is None or row.complete or row.factor_since is None:
            raise Forbidden("no session waits for a second factor")
        # One code at a time: neither may two sessions use the same one, nor many guesses pass the limit together.
        connection.execute(select(User.id).where(User.id == row.user_id).with_for_update())
        limit = BY_FACTOR.key(registry.settings.secret_key, str(row.user_id))
        until = rate_limits.blocked_until(connection, [limit])
        if until is not None:
            raise TooOften(until)
        passed = _passes(registry, connection, row, code)
        if passed:
            rate_limits.forget(connection, [limit])
            key = complete(connection, row.id)
            audit_log.note(connection, row.role, "signed_in", row.user_id, details=passed)
        else:
            rate_limits.count(connection, BY_FACTOR, limit)
            audit_log.note(connection, row.role, "factor_failed", row.user_id)
    if not passed:
        raise Invalid((Issue("factor_wrong", "code"),))
    return key


def _passes(registry: Registry, connection: Connection, row: Fetched, code: str) -> str:
    """How a code passes, `app` or `recovery_code`, and then never again; "" when it does not."""
    secret = second_factor.secret_of(registry.settings.secret_key, row.user_id, row.factor_nonce)
    step = second_factor.step_of(secret, code, clock.now(), row.factor_step)
    if step is not None:
        newer = (User.id == row.user_id) & (User.factor_step < step)
        return (
            "app" if connection.execute(update(User).where(newer).values(factor_step=step)).rowcount else ""
        )
    typed = tokens_and_hashes.hashed(second_factor.recovery_code(code))
    unused = (RecoveryCode.user_id == row.user_id) & RecoveryCode.used_at.is_(None)
    used = connection.execute(
        update(RecoveryCode).where(unused, RecoveryCode.code_hash == typed).values(used_at=clock.now())
    )
    return "recovery_code" if used.rowcount else ""


def complete(connection: Connection, session_id: int) -> str:
    """Every factor was given: the session goes on under a new key, which is returned (ASVS 3.2.1)."""
    key = tokens_and_hashes.new_key()
    values = {"complete": True, "key_hash": tokens_and_hashes.hashed(key), "seen_at": clock.now()}
    connection.execute(update(Session).where(Session.id == session_id).values(**values))
    return key


def sign_out(registry: Registry, actor: Actor, key: str) -> None:
    """End the session of a key, if it is one."""
    require(actor, Action.ENTER)
    with unit_of_work(registry.engine) as connection:
        row = _session(connection, key)
        if row is not None:
            connection.execute(delete(Session).where(Session.id == row.id))
            audit_log.note(connection, row.role, "signed_out", row.user_id)


def lifetime(role: str, whole: bool) -> Lifetime:
    """How long a session of this role holds; `whole`: with every factor."""
    if not whole:
        return UNFINISHED
    return OF_STAFF if role in STAFF else OF_OTHERS


def sweep(registry: Registry) -> None:
    """Forget sessions, links, attempts and kept answers that have ended."""
    require(SYSTEM, Action.RELAY)
    now = clock.now()
    with unit_of_work(registry.engine) as connection:
        unused = Session.seen_at < now - OF_OTHERS.idle
        connection.execute(delete(Session).where(or_(unused, Session.created_at < now - OF_OTHERS.whole)))
        connection.execute(delete(Attempts).where(Attempts.since < now - KEPT_FOR))
        email_links.sweep(connection, KEPT_FOR)
        api_tokens.forget_answers(connection, now - ANSWERS_FOR)


def _session(connection: Connection, key: str) -> Fetched | None:
    """The session of a key with its account, while it holds."""
    row = connection.execute(
        select(
            *(column for column in Session.__table__.columns if column.name != "key_hash"),
            User.role,
            User.name,
            User.email,
            User.lang,
            User.factor_since,
            User.factor_nonce,
            User.factor_step,
        )
        .join(User, User.id == Session.user_id)
        .where(Session.key_hash == tokens_and_hashes.hashed(key))
    ).one_or_none()
    if row is None:
        return None
    holds, now = lifetime(row.role, row.complete), clock.now()
    fresh = now - row.seen_at <= holds.idle and now - row.created_at <= holds.whole
    return row if fresh else None
