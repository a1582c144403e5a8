"""Limits on guessing passwords that lock out who guesses, not whose account it is (ASVS 2.2.1; NIST SP 800-63B, 3.2.2).

Ten wrong ones close one account to one network. All networks together only slow an account down, and not where its
owner has signed in from before. One network has a limit over all accounts. Accounts that do not exist have the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from registry.accounts import rate_limits
from registry.accounts.rate_limits import Limit
from registry.errors import TooOften

QUARTER, HOUR = dt.timedelta(minutes=15), dt.timedelta(hours=1)
BY_PAIR = Limit("sign_in", 10, QUARTER)
BY_NETWORK = Limit("sign_in_from", 100, QUARTER)
BY_ACCOUNT = Limit("sign_in_to", 100, HOUR, pause=dt.timedelta(minutes=5))
KNOWN = Limit("signed_in_from", 0, dt.timedelta(days=30))
ASKED_AGAIN = Limit("asked_again", 10, QUARTER)  # of who is signed in


@dataclass(frozen=True, slots=True)
class Guess:
    """One attempt to sign in. `password_hash`: of the account, or "": another password is another door, not yet tried."""

    server_secret: str
    address: str
    password_hash: str
    network: str

    def look(self, connection: Connection) -> None:
        """Raises `TooOften` where no password is looked at for a while."""
        keys = [self._pair, self._network]
        if not rate_limits.remembered(connection, self._known, KNOWN.window):
            keys.append(self._account)
        until = rate_limits.blocked_until(connection, keys)
        if until is not None:
            raise TooOften(until)

    def failed(self, connection: Connection) -> None:
        for limit, key in ((BY_PAIR, self._pair), (BY_NETWORK, self._network), (BY_ACCOUNT, self._account)):
            rate_limits.count(connection, limit, key)

    def right(self, connection: Connection) -> None:
        """What this network has tried before is no matter any more, and it is known from now on."""
        rate_limits.forget(connection, [self._pair])
        rate_limits.remember(connection, self._known)

    @property
    def _pair(self) -> str:
        return BY_PAIR.key(self.server_secret, self.address, self.password_hash, self.network)

    @property
    def _account(self) -> str:
        return BY_ACCOUNT.key(self.server_secret, self.address, self.password_hash)

    @property
    def _network(self) -> str:
        return BY_NETWORK.key(self.server_secret, self.network)

    @property
    def _known(self) -> str:
        return KNOWN.key(self.server_secret, self.address, self.network)
