"""E-mail addresses as people type them."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets


def normalise_email(typed: str) -> str | None:
    """The address in one spelling (domain in lower case, NFC), or None where it is none. Nothing is looked up."""
    try:
        found = validate_email(
            typed.strip()[: MAX_LENGTH + 1],
            check_deliverability=False,
            test_environment=True,
            allow_smtputf8=False,  # few servers take names beyond ASCII; domains are written in ASCII (RFC 5890)
        )
    except EmailNotValidError:
        return None
    return found.ascii_email or found.normalized


def email_key(address: str) -> str:
    """What makes two addresses the same account: in practice no provider tells case apart."""
    return address.casefold()
