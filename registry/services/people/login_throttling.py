"""Limits on guessing passwords that lock out who guesses, not whose account it is (ASVS 2.2.1; NIST SP 800-63B, 3.2.2).

Ten wrong ones close one account to one network. All networks together only slow an account down, and not where its
owner has signed in from before. One network has a limit over all accounts. Accounts that do not exist have the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from registry.accounts import rate_limits
from registry.accounts.rate_limits import RateLimit
from registry.errors import TooManyAttempts

QUARTER_HOUR, HOUR = dt.timedelta(minutes=15), dt.timedelta(hours=1)
ACCOUNT_AND_NETWORK_LIMIT = RateLimit("sign_in", 10, QUARTER_HOUR)
NETWORK_LIMIT = RateLimit("sign_in_from", 100, QUARTER_HOUR)
ACCOUNT_LIMIT = RateLimit("sign_in_to", 100, HOUR, pause=dt.timedelta(minutes=5))
KNOWN_NETWORK = RateLimit("signed_in_from", 0, dt.timedelta(days=30))
REAUTHENTICATION_LIMIT = RateLimit("asked_again", 10, QUARTER_HOUR)  # of who is signed in


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """One attempt to sign in. `password_hash`: of the account, or "": another password is another door, not yet tried."""

    server_secret: str
    email: str
    password_hash: str
    network: str

    def check(self, connection: Connection) -> None:
        """Raises `TooOften` where no password is looked at for a while."""
        keys = [self._account_and_network_key, self._network_key]
        if not rate_limits.seen_within(connection, self._known_network_key, KNOWN_NETWORK.window):
            keys.append(self._account_key)
        until = rate_limits.blocked_until(connection, keys)
        if until is not None:
            raise TooManyAttempts(until)

    def record_failure(self, connection: Connection) -> None:
        for limit, key in (
            (ACCOUNT_AND_NETWORK_LIMIT, self._account_and_network_key),
            (NETWORK_LIMIT, self._network_key),
            (ACCOUNT_LIMIT, self._account_key),
        ):
            rate_limits.record_attempt(connection, limit, key)

    def reset(self, connection: Connection) -> None:
        """What this network has tried before is no matter any more, and it is known from now on."""
        rate_limits.clear(connection, [self._account_and_network_key])
        rate_limits.mark_seen(connection, self._known_network_key)

    @property
    def _account_and_network_key(self) -> str:
        return ACCOUNT_AND_NETWORK_LIMIT.key(self.server_secret, self.email, self.password_hash, self.network)

    @property
    def _account_key(self) -> str:
        return ACCOUNT_LIMIT.key(self.server_secret, self.email, self.password_hash)

    @property
    def _network_key(self) -> str:
        return NETWORK_LIMIT.key(self.server_secret, self.network)

    @property
    def _known_network_key(self) -> str:
        return KNOWN_NETWORK.key(self.server_secret, self.email, self.network)
