"""Login throttling: limits that lock out the attacker, not the owner (ASVS 2.2.1; NIST SP 800-63B, 3.2.2).

Ten wrong passwords block one account for one network. Attempts from all networks together only slow an account down,
and not for networks from which its owner has signed in before. One network has a limit over all accounts. The limits
of accounts that do not exist are the same, so that they tell nothing.
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
REAUTHENTICATION_LIMIT = RateLimit("asked_again", 10, QUARTER_HOUR)  # of a signed-in user, per account


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """The limits of one attempt to sign in.

    `password_hash`: of the account, or "". It is part of the keys, so that a new password starts with no failures.
    """

    server_secret: str
    email: str
    password_hash: str
    network: str

    def check(self, connection: Connection) -> None:
        """Raise `TooManyAttempts` if no password is verified for now, neither a wrong nor the right one."""
        keys = [self._account_and_network_key, self._network_key]
        if not rate_limits.seen_within(connection, self._known_network_key, KNOWN_NETWORK.window):
            keys.append(self._account_key)
        until = rate_limits.blocked_until(connection, keys)
        if until is not None:
            raise TooManyAttempts(until)

    def record_failure(self, connection: Connection) -> None:
        """Count a wrong password against all three limits."""
        for limit, key in (
            (ACCOUNT_AND_NETWORK_LIMIT, self._account_and_network_key),
            (NETWORK_LIMIT, self._network_key),
            (ACCOUNT_LIMIT, self._account_key),
        ):
            rate_limits.record_attempt(connection, limit, key)

    def reset(self, connection: Connection) -> None:
        """Forget the failures of this network at this account after a successful sign-in, and remember it as known."""
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
