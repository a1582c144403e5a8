"""E-mail addresses: checked, normalised and compared."""

from __future__ import annotations

import unicodedata

from registry.late_imports import LateModule

email_validator = LateModule("email_validator")
MAX_LENGTH = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets


def normalise_email(typed: str) -> str | None:
    """Return the address in its normal form (domain in lower case, NFC), or None if it is not one.

    Full-width signs of a Chinese keyboard (＠, ．) are read as plain ones. Only the form is checked; no name server is asked.
    """
    plain = unicodedata.normalize("NFKC", typed[: MAX_LENGTH * 2]).strip().replace("。", ".")
    try:
        address = email_validator.validate_email(
            plain[: MAX_LENGTH + 1],
            check_deliverability=False,
            test_environment=True,
            allow_smtputf8=False,  # few servers take names beyond ASCII; domains are written in ASCII (RFC 5890)
        )
    except email_validator.EmailNotValidError:
        return None
    normal: str = address.ascii_email or address.normalized
    return normal


def email_key(address: str) -> str:
    """Return the key that is unique per account: the address without case, which in practice no provider tells apart."""
    return address.casefold()
