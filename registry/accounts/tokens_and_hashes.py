"""Secrets that are made, never kept: random keys, their hashes, and what the server's own secret makes of a nonce."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

KEY_BYTES = 32
NONCE_BYTES = 16


def generate_key() -> str:
    """A random key of 256 bits, as text for a cookie."""
    return secrets.token_urlsafe(KEY_BYTES)


def generate_nonce() -> str:
    """32 hexadecimal characters that no other row has."""
    return secrets.token_hex(NONCE_BYTES)


def hash_key(key: str) -> str:
    """SHA-256 of a random key or code: too many possible ones to need a slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def derive_secret(server_secret: str, *parts: str) -> bytes:
    """HMAC-SHA-256 of the parts under the server's secret; 32 bytes. Raises ValueError without a secret."""
    if not server_secret:
        raise ValueError(
            "no server secret: PINZHENG_SECRET_KEY is not set and `pinzheng init` has not been run"
        )
    return hmac.digest(server_secret.encode(), "\x1f".join(parts).encode(), "sha256")


def base64url(secret: bytes) -> str:
    """Bytes for an address: base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def constant_time_equal(left: str, right: str) -> bool:
    """Equal, told in a time that does not depend on where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())
