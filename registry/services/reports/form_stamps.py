"""Stamps of forms: when a form was opened, signed, so that what is sent too soon or long after is known.

A stamp also says which form it was: the same form sent twice hands one report in.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from registry import clock
from registry.accounts import tokens_and_hashes
from registry.services.bootstrap import Registry

LEAST_SECONDS = 4  # that a person needs to write a sentence
LASTS = dt.timedelta(days=1)
STAMP = re.compile(r"(\d{9,11})\.([0-9a-f]{32})\.([\w-]{43})")


class Stamp(NamedTuple):
    """A genuine stamp: when its form was opened, and which it was."""

    opened_at: dt.datetime
    nonce: str

    @property
    def is_too_quick(self) -> bool:
        """True if too little time has passed since the form was opened for a person to have filled it in."""
        return clock.now() - self.opened_at < dt.timedelta(seconds=LEAST_SECONDS)

    @property
    def is_old(self) -> bool:
        """True if the form was opened too long ago to be taken."""
        return clock.now() - self.opened_at > LASTS


def make_stamp(registry: Registry) -> str:
    """Return the stamp of a form that is opened now."""
    opened, nonce = str(int(clock.now().timestamp())), tokens_and_hashes.generate_nonce()
    return f"{opened}.{nonce}.{_sign(registry.settings.secret_key, opened, nonce)}"


def read_stamp(registry: Registry, written: str) -> Stamp | None:
    """Return a stamp that this server has made, None for any other text."""
    found = STAMP.fullmatch(written)
    if found is None:
        return None
    opened, nonce, signature = found.groups()
    genuine = any(
        tokens_and_hashes.constant_time_equal(_sign(secret, opened, nonce), signature)
        for secret in registry.settings.secret_keys
        if secret
    )
    return Stamp(dt.datetime.fromtimestamp(int(opened), dt.UTC), nonce) if genuine else None


def _sign(secret: str, opened: str, nonce: str) -> str:
    return tokens_and_hashes.base64url(tokens_and_hashes.derive_secret(secret, "report-form", opened, nonce))
