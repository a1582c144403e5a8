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

    def count(self, connection: Connection) -> None:
        """Count an attempt against the limits, before its password is looked at.

        Raises `TooManyAttempts` if no password is verified for now, neither a wrong nor the right one; the caller's
        transaction then counts nothing.
        """
        blocks = [
            rate_limits.count_attempt(connection, ACCOUNT_AND_NETWORK_LIMIT, self._account_and_network_key),
            rate_limits.count_attempt(connection, NETWORK_LIMIT, self._network_key),
        ]
        if not self._is_from_known_network(connection):
            blocks.append(rate_limits.count_attempt(connection, ACCOUNT_LIMIT, self._account_key))
        until = max((each for each in blocks if each), default=None)
        if until is not None:
            raise TooManyAttempts(until)

    def reset(self, connection: Connection) -> None:
        """Take a successful sign-in out of the counts, forget the failures of this network at this account, and know it."""
        rate_limits.clear(connection, [self._account_and_network_key])
        rate_limits.give_back(connection, NETWORK_LIMIT, self._network_key)
        if not self._is_from_known_network(connection):
            rate_limits.give_back(connection, ACCOUNT_LIMIT, self._account_key)
        rate_limits.mark_seen(connection, self._known_network_key)

    def _is_from_known_network(self, connection: Connection) -> bool:
        """Whether the owner has signed in from this network: attempts from there do not count for the whole account."""
        return rate_limits.seen_within(connection, self._known_network_key, KNOWN_NETWORK.window)

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
