"""Where the secrets of second factors are kept: encrypted, under keys of their own, which a command renews.

The keys lie in the store, wrapped by the server's secrets (`PINZHENG_SECRET_KEY`), of which the first wraps and all open. A factor that was
set up before secrets were kept is derived from one of the server's secrets, and kept from its next use on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registry import clock
from registry.accounts import audit_log, sealed_secrets, second_factor, tokens_and_hashes
from registry.accounts.model import User
from registry.accounts.policy import SYSTEM, Action, require
from registry.accounts.sealed_secrets import KeyRing
from registry.config import Settings
from registry.services.bootstrap import Registry
from registry.store.base import FetchedRow, SelectStatement
from registry.store.state import StateValue, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work

STATE_NAME = "keys of second factors"
NO_FACTOR = {
    "factor_nonce": "",
    "factor_secret": "",
    "factor_since": None,
    "factor_step": 0,
}  # columns of an account


class FactorKeys(NamedTuple):
    """How the secrets of second factors are kept.

    `factors`: all, also those being set up; `present`: encrypted under the newest key; `derived`: not kept yet; `unreadable`: no secret of the
    server opens them; `wrapped_by_first`: no key needs a secret after the first.
    """

    factors: int
    present: int
    derived: int
    unreadable: int
    wrapped_by_first: bool

    @property
    def first_suffices(self) -> bool:
        """True if the server's former secrets are not needed for any second factor."""
        return self.wrapped_by_first and self.derived == 0


def begin_secret(registry: Registry, connection: Connection, user: FetchedRow) -> str:
    """Return the secret that a user is setting up: the one that was begun, else a new one."""
    ring = _writing_ring(registry.settings, connection)
    known = ring.open(str(user.id), user.factor_secret) if user.factor_nonce else None
    if known:
        return known
    nonce = user.factor_nonce or tokens_and_hashes.generate_nonce()
    secret = second_factor.totp_secret(registry.settings.secret_key, user.id, nonce)
    sealed = ring.seal(str(user.id), secret)
    connection.execute(
        update(User).where(User.id == user.id).values(factor_nonce=nonce, factor_secret=sealed)
    )
    return secret


def match_code(
    registry: Registry,
    connection: Connection,
    row: FetchedRow,
    matches: Callable[[str], int | None],
    *,
    user_id: int,
) -> int | None:
    """Return the time step of a code, as `matches` finds it for a secret; None for a wrong one.

    `row`: has the nonce and the sealed secret. A secret that was derived so far is kept from now on.
    """
    if row.factor_secret:
        secret = _ring(registry.settings, _read_wrapped(connection)).open(str(user_id), row.factor_secret)
        return matches(secret) if secret else None
    for server_secret in registry.settings.secret_keys:
        secret = second_factor.totp_secret(server_secret, user_id, row.factor_nonce)
        step = matches(secret)
        if step is not None:
            _seal(connection, _writing_ring(registry.settings, connection), user_id, secret)
            return step
    return None


def accept_app_code(
    registry: Registry, connection: Connection, row: FetchedRow, code: str, *, user_id: int
) -> bool | None:
    """Consume a code of the authenticator app. Returns None for a wrong or an older one, False where another request was first.

    `row`: has nonce, sealed secret and the time step of the last code.
    """
    step = match_code(
        registry,
        connection,
        row,
        lambda secret: second_factor.matching_step(secret, code, clock.now(), row.factor_step),
        user_id=user_id,
    )
    if step is None:
        return None
    newer = (User.id == user_id) & (User.factor_step < step)
    return bool(connection.execute(update(User).where(newer).values(factor_step=step)).rowcount)


def seal_derived(registry: Registry) -> int:
    """Keep the secrets that are derived so far, where it is certain from what: there is one secret of the server. Returns how many."""
    require(SYSTEM, Action.RELAY)
    if len(registry.settings.secret_keys) != 1:
        return 0
    with unit_of_work(registry.engine) as connection:
        rows = connection.execute(_select_factors().where(User.factor_secret == "")).all()
        if rows:
            ring = _writing_ring(registry.settings, connection)
            for row in rows:
                secret = second_factor.totp_secret(registry.settings.secret_key, row.id, row.factor_nonce)
                _seal(connection, ring, row.id, secret)
    return len(rows)


def report_keys(registry: Registry) -> FactorKeys:
    """Say how the secrets of second factors are kept."""
    require(SYSTEM, Action.MANAGE_ACCOUNTS)
    with read_transaction(registry.engine) as connection:
        return _report(registry.settings, connection)


def rotate_keys(registry: Registry) -> FactorKeys:
    """Make a new key, wrapped by the first secret of the server, and encrypt every secret of a second factor under it.

    Keys that nothing needs any more are deleted; those that no secret opens stay as long as something is encrypted under them.
    """
    require(SYSTEM, Action.MANAGE_ACCOUNTS)
    settings = registry.settings
    with unit_of_work(registry.engine) as connection:
        wrapped = _lock_wrapped(settings, connection)
        ring = _ring(settings, wrapped)
        newest = sealed_secrets.make_wrapped_key(settings.secret_key)
        new_ring = _ring(settings, [newest])
        unreadable = 0
        for row in connection.execute(_select_factors()).all():
            secret = _secret_of(settings, ring, row)
            if secret:
                _seal(connection, new_ring, row.id, secret)
            elif row.factor_secret:
                unreadable += 1
        unopened = [each for each in wrapped if not _ring(settings, [each])]
        write_state(connection, STATE_NAME, json.dumps([newest, *(unopened if unreadable else ())]))
        audit_log.record(connection, SYSTEM, "factor_keys_rotated")
        return _report(settings, connection)


def _secret_of(settings: Settings, ring: KeyRing, row: FetchedRow) -> str | None:
    """The secret of a factor; None if no key opens it, or it is not kept and several secrets of the server may have made it."""
    if row.factor_secret:
        return ring.open(str(row.id), row.factor_secret)
    if len(settings.secret_keys) == 1:
        return second_factor.totp_secret(settings.secret_key, row.id, row.factor_nonce)
    return None


def _report(settings: Settings, connection: Connection) -> FactorKeys:
    wrapped = _read_wrapped(connection)
    newest, ring = _ring(settings, wrapped[:1]), _ring(settings, wrapped)
    rows = connection.execute(_select_factors()).all()
    sealed = [row for row in rows if row.factor_secret]
    return FactorKeys(
        factors=len(rows),
        present=sum(newest.open(str(row.id), row.factor_secret) is not None for row in sealed),
        derived=len(rows) - len(sealed),
        unreadable=sum(ring.open(str(row.id), row.factor_secret) is None for row in sealed),
        wrapped_by_first=all(sealed_secrets.is_wrapped_by(settings.secret_key, each) for each in wrapped),
    )


def _select_factors() -> SelectStatement:
    return select(User.id, User.factor_nonce, User.factor_secret).where(User.factor_nonce != "")


def _seal(connection: Connection, ring: KeyRing, user_id: int, secret: str) -> None:
    sealed = ring.seal(str(user_id), secret)
    connection.execute(update(User).where(User.id == user_id).values(factor_secret=sealed))


def _ring(settings: Settings, wrapped: list[str]) -> KeyRing:
    return KeyRing(wrapped, settings.secret_keys)


def _read_wrapped(connection: Connection, *, share: bool = False, alone: bool = False) -> list[str]:
    """The wrapped keys. `share`: no rotation until this transaction ends; `alone`: nothing is encrypted until then either."""
    statement = select(StateValue.value).where(StateValue.name == STATE_NAME)
    if share or alone:
        statement = statement.with_for_update(read=share)
    written: list[str] = json.loads(connection.execute(statement).scalar() or "[]")
    return written


def _lock_wrapped(settings: Settings, connection: Connection) -> list[str]:
    """The wrapped keys, for this transaction alone; the first is made where there is none."""
    _ensure_key(settings, connection)
    return _read_wrapped(connection, alone=True)


def _writing_ring(settings: Settings, connection: Connection) -> KeyRing:
    """The keys for one who encrypts: a first one is made where there is none that opens."""
    _ensure_key(settings, connection)
    wrapped = _read_wrapped(connection, share=True)
    if not _ring(settings, wrapped[:1]):
        wrapped = [
            sealed_secrets.make_wrapped_key(settings.secret_key),
            *_read_wrapped(connection, alone=True),
        ]
        write_state(connection, STATE_NAME, json.dumps(wrapped))
    return _ring(settings, wrapped)


def _ensure_key(settings: Settings, connection: Connection) -> None:
    """Write the first key, if no other process has done so."""
    if _read_wrapped(connection):
        return
    made = json.dumps([sealed_secrets.make_wrapped_key(settings.secret_key)])
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(StateValue).values(name=STATE_NAME, value=made).on_conflict_do_nothing())
