"""The second factor: six digits of an authenticator app (TOTP, RFC 6238), or a recovery code."""

from __future__ import annotations

import base64
import datetime as dt
import secrets

import pyotp

from registry.accounts.tokens_and_hashes import derived

ISSUER = "Pinzheng 品证"
STEP_SECONDS = 30
LENIENCE = 1  # steps before and after: clocks differ
RECOVERY_CODES = 10
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_GROUPS, GROUP = 4, 4  # 16 characters, some 78 bits


def secret_of(server_secret: str, user_id: int, nonce: str) -> str:
    """An account's TOTP secret, base32, 160 bits (RFC 4226, 4, R6)."""
    return base64.b32encode(derived(server_secret, "factor", str(user_id), nonce)[:20]).decode()


def address_of(secret: str, email: str) -> str:
    """The `otpauth://` address that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: dt.datetime, after: int) -> int | None:
    """The time step whose code this is; None for a wrong code and for one of a step up to `after` (used already)."""
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdecimal()):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(present - LENIENCE, present + LENIENCE + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step), typed):
            return step
    return None


def code_now(secret: str, now: dt.datetime) -> str:
    """What an authenticator app shows at this moment."""
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // STEP_SECONDS)


def new_recovery_codes() -> list[str]:
    """Ten codes to print and keep, such as `K7QM-2XPD-9RTV-HW3C`."""
    return [
        "-".join("".join(secrets.choice(CODE_ALPHABET) for _ in range(GROUP)) for _ in range(CODE_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_code(typed: str) -> str:
    """A recovery code as it was printed, from any spelling of it."""
    signs = "".join(sign for sign in typed.upper() if sign in CODE_ALPHABET)
    return "-".join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))
