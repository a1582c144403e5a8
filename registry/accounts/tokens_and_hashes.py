"""Random keys, their hashes, and secrets derived from the server's own secret. None of them is stored in the clear."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

KEY_BYTES = 32
NONCE_BYTES = 16


def generate_key() -> str:
    """Return a random key of 256 bits, base64url without padding, for a cookie or an API token."""
    return secrets.token_urlsafe(KEY_BYTES)


def generate_nonce() -> str:
    """Return 128 random bits as 32 hexadecimal characters."""
    return secrets.token_hex(NONCE_BYTES)


def hash_key(key: str) -> str:
    """Return the SHA-256 of a random key or code in hexadecimal; keys are too random to need a slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def derive_secret(server_secret: str, *parts: str) -> bytes:
    """Return the HMAC-SHA-256 of the parts under the server's secret: 32 bytes. Raises ValueError without a secret."""
    if not server_secret:
        raise ValueError(
            "no server secret: PINZHENG_SECRET_KEY is not set and `pinzheng init` has not been run"
        )
    return hmac.digest(server_secret.encode(), "\x1f".join(parts).encode(), "sha256")


def base64url(secret: bytes) -> str:
    """Encode bytes for use in a URL: base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def constant_time_equal(left: str, right: str) -> bool:
    """Compare two strings in a time that does not depend on where they differ."""
    return hmac.compare_digest(left.encode(), right.encode())
