"""The second factor: six digits of an authenticator app (TOTP, RFC 6238), or a recovery code."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import unicodedata

import pyotp

from registry.accounts.tokens_and_hashes import derive_secret

ISSUER = "Pinzheng 品证"
STEP_SECONDS = 30
TOTP_WINDOW_STEPS = 1  # steps accepted before and after the present one, because clocks differ
RECOVERY_CODE_COUNT = 10
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
MAX_TYPED_LENGTH = 200  # characters of a code that are looked at
CODE_GROUP_COUNT, CODE_GROUP_LENGTH = 4, 4  # 16 characters, about 78 bits


def totp_secret(server_secret: str, user_id: int, nonce: str) -> str:
    """Return an account's TOTP secret: 160 bits in base32 (RFC 4226, 4, R6)."""
    return base64.b32encode(derive_secret(server_secret, "factor", str(user_id), nonce)[:20]).decode()


def provisioning_uri(secret: str, email: str) -> str:
    """Return the `otpauth://` URI that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def matching_step(secret: str, code: str, now: dt.datetime, last_used_step: int) -> int | None:
    """Return the time step to which the code belongs, or None if the code is wrong.

    Codes of steps up to `last_used_step` are refused: each code is accepted once. Full-width figures count as figures.
    """
    digits = "".join(unicodedata.normalize("NFKC", code[:MAX_TYPED_LENGTH]).split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    current_step = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(current_step - TOTP_WINDOW_STEPS, current_step + TOTP_WINDOW_STEPS + 1):
        if step > last_used_step and secrets.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def present_code(secret: str, now: dt.datetime) -> str:
    """Return the six digits that an authenticator app shows now: for accounts whose owner is not there yet."""
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // STEP_SECONDS)


def generate_recovery_codes() -> list[str]:
    """Return ten new codes for the user to print, such as `K7QM-2XPD-9RTV-HW3C`."""
    return [
        "-".join(
            "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_GROUP_LENGTH))
            for _ in range(CODE_GROUP_COUNT)
        )
        for _ in range(RECOVERY_CODE_COUNT)
    ]


def _plain(typed: str) -> str:
    """The code in capitals, full-width characters as plain ones."""
    return unicodedata.normalize("NFKC", typed[:MAX_TYPED_LENGTH]).upper()


def normalise_recovery_code(typed: str) -> str:
    """Return a recovery code as it was printed, from any way of typing it (case, spaces, hyphens)."""
    characters = "".join(character for character in _plain(typed) if character in CODE_ALPHABET)
    starts = range(0, len(characters), CODE_GROUP_LENGTH)
    return "-".join(characters[start : start + CODE_GROUP_LENGTH] for start in starts)
