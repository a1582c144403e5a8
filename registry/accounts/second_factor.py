"""The second factor: six digits of an authenticator app (TOTP, RFC 6238), or a recovery code."""

from __future__ import annotations

import base64
import datetime as dt
import secrets

import pyotp

from registry.accounts.tokens_and_hashes import derive_secret

ISSUER = "Pinzheng 品证"
STEP_SECONDS = 30
TOTP_WINDOW_STEPS = 1  # steps before and after: clocks differ
RECOVERY_CODE_COUNT = 10
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_GROUP_COUNT, CODE_GROUP_LENGTH = 4, 4  # 16 characters, some 78 bits


def totp_secret(server_secret: str, user_id: int, nonce: str) -> str:
    """An account's TOTP secret, base32, 160 bits (RFC 4226, 4, R6)."""
    return base64.b32encode(derive_secret(server_secret, "factor", str(user_id), nonce)[:20]).decode()


def provisioning_uri(secret: str, email: str) -> str:
    """The `otpauth://` address that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def matching_step(secret: str, code: str, now: dt.datetime, last_used_step: int) -> int | None:
    """The time step whose code this is; None for a wrong code and for one of a step up to `after` (used already)."""
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdecimal()):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(present - TOTP_WINDOW_STEPS, present + TOTP_WINDOW_STEPS + 1):
        if step > last_used_step and secrets.compare_digest(totp.generate_otp(step), typed):
            return step
    return None


def current_code(secret: str, now: dt.datetime) -> str:
    """What an authenticator app shows at this moment."""
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // STEP_SECONDS)


def generate_recovery_codes() -> list[str]:
    """Ten codes to print and keep, such as `K7QM-2XPD-9RTV-HW3C`."""
    return [
        "-".join(
            "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_GROUP_LENGTH))
            for _ in range(CODE_GROUP_COUNT)
        )
        for _ in range(RECOVERY_CODE_COUNT)
    ]


def normalise_recovery_code(typed: str) -> str:
    """A recovery code as it was printed, from any spelling of it."""
    signs = "".join(sign for sign in typed.upper() if sign in CODE_ALPHABET)
    return "-".join(signs[at : at + CODE_GROUP_LENGTH] for at in range(0, len(signs), CODE_GROUP_LENGTH))
