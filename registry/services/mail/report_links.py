"""Links to the page on which somebody sees what became of their report: its number, and a signature by the server's secret."""

from __future__ import annotations

from registry.accounts import tokens_and_hashes
from registry.services.bootstrap import Registry

SIGNATURE_BYTES = 18  # 144 bits, 24 characters


def report_path(registry: Registry, number: str, nonce: str, lang: str) -> str:
    """Return the address of a report's page; who has it needs no account. `nonce`: of the report."""
    return f"/{lang}/reports/{number}/{_sign(registry.settings.secret_key, number, nonce)}"


def is_genuine(registry: Registry, number: str, nonce: str, token: str) -> bool:
    """Return True if a token belongs to this report. Links of a secret that was replaced since hold as well."""
    return any(
        tokens_and_hashes.constant_time_equal(_sign(secret, number, nonce), token)
        for secret in registry.settings.secret_keys
        if secret
    )


def _sign(secret: str, number: str, nonce: str) -> str:
    signature = tokens_and_hashes.derive_secret(secret, "report", number, nonce)
    return tokens_and_hashes.base64url(signature[:SIGNATURE_BYTES])
