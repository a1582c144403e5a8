"""How many mails may be asked for: to one address, from one network. Every room that mails on request counts here."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection

from registry.accounts import rate_limits
from registry.accounts.rate_limits import RateLimit
from registry.errors import TooManyAttempts
from registry.services.bootstrap import Registry

HOUR = dt.timedelta(hours=1)
MAILS_PER_RECIPIENT = RateLimit("letters_to", 5, HOUR)
WISHES_PER_RECIPIENT = RateLimit(
    "wishes_to", 10, dt.timedelta(days=1)
)  # to follow searches, confirmed or not
MAILS_PER_NETWORK = RateLimit("letters_from", 30, HOUR)


def enforce_limits(
    registry: Registry, connection: Connection, usages: tuple[tuple[RateLimit, str], ...]
) -> None:
    """Count one act against each (limit, subject). Raises `TooManyAttempts` if one is exceeded: the caller's transaction, which that ends, then counts nothing."""
    secret = registry.settings.secret_key
    blocks = [
        rate_limits.count_attempt(connection, limit, limit.key(secret, subject)) for limit, subject in usages
    ]
    until = max((each for each in blocks if each), default=None)
    if until is not None:
        raise TooManyAttempts(until)
