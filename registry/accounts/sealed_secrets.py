"""Encrypt what must be read again, such as the secrets of second factors: under keys of their own, which the server's
secrets wrap. A stolen table alone, or a stolen secret alone, opens nothing.

Both steps are Fernet (AES-128-CBC and HMAC-SHA-256, with a random start each time).
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from registry.accounts.tokens_and_hashes import derive_secret

SEPARATOR = "\x1f"  # between whose secret it is and the secret


def make_wrapped_key(server_secret: str) -> str:
    """Return a new key, encrypted under the server's secret."""
    return _wrapping(server_secret).encrypt(Fernet.generate_key()).decode()


def is_wrapped_by(server_secret: str, wrapped_key: str) -> bool:
    """Return True if this secret of the server opens the key."""
    try:
        _wrapping(server_secret).decrypt(wrapped_key.encode())
    except InvalidToken:
        return False
    return True


class KeyRing:
    """The keys that one of the server's secrets opens, in their order: the first encrypts, all decrypt."""

    def __init__(self, wrapped_keys: Sequence[str], server_secrets: Sequence[str]) -> None:
        wrapping = MultiFernet([_wrapping(secret) for secret in server_secrets])
        opened = []
        for wrapped in wrapped_keys:
            with contextlib.suppress(InvalidToken):
                opened.append(Fernet(wrapping.decrypt(wrapped.encode())))
        self._keys = opened

    def __bool__(self) -> bool:
        """False if no key can be opened."""
        return bool(self._keys)

    def seal(self, owner: str, secret: str) -> str:
        """Return the secret encrypted, in such a way that only its owner's row gives it back."""
        return MultiFernet(self._keys).encrypt(f"{owner}{SEPARATOR}{secret}".encode()).decode()

    def open(self, owner: str, sealed: str) -> str | None:
        """Return the secret of this owner, None if no key opens it or it is another one's."""
        if not self._keys or not sealed:
            return None
        try:
            found, _separator, secret = (
                MultiFernet(self._keys).decrypt(sealed.encode()).decode().partition(SEPARATOR)
            )
        except InvalidToken:
            return None
        return secret if found == owner else None


def _wrapping(server_secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive_secret(server_secret, "wrapping key")))
