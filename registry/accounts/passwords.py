"""Passwords: Argon2id (RFC 9106), judged by length and by how soon they would be guessed, never by composition.

Rules: NIST SP 800-63B, 3.1.1.2, and OWASP ASVS 2.1: at least 12 characters, all of Unicode, blanks included, no
forced mixture, none from lists of leaked passwords (zxcvbn brings one of 30,000), none made of what stands beside it.
"""

from __future__ import annotations

import functools
import threading
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

LEAST, MOST = 12, 128  # characters
JUDGED = 72  # characters, zxcvbn's most: its time grows with the square
WEAKEST = 3  # of zxcvbn's 0 to 4: from 10^8 guesses
HASHER = PasswordHasher()  # RFC 9106, second recommended option: 64 MiB, three passes
AT_ONCE = threading.BoundedSemaphore(2)  # each takes 64 MiB


def hash_password(password: str) -> str:
    """The Argon2id hash with its salt and parameters (PHC string)."""
    with AT_ONCE:
        return HASHER.hash(_normal(password))


def fits(password_hash: str, password: str) -> bool:
    """True where the password is the one that was hashed; `password_hash` "" is nobody's and takes as long."""
    if len(password) > MOST:
        return False
    try:
        with AT_ONCE:
            return HASHER.verify(password_hash or _nobodys(), _normal(password)) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _nobodys() -> str:
    """Checked for accounts that are not there, so that the time of an answer does not tell."""
    return HASHER.hash("the password of nobody at all")


def outdated(password_hash: str) -> bool:
    """True where the parameters have grown since."""
    return HASHER.check_needs_rehash(password_hash)


def problem(password: str, beside: Iterable[str] = ()) -> str | None:
    """What stands against a new password, as the code of an issue; None when nothing does.

    `beside`: e-mail address, name and the like, which an attacker tries first.
    """
    if len(password) < LEAST:
        return "password_short"
    if len(password) > MOST:
        return "password_long"
    known = [
        part for text in (*beside, "pinzheng", "品证") for part in (text, *text.split("@"), *text.split())
    ]
    if zxcvbn(_normal(password)[:JUDGED], user_inputs=known)["score"] < WEAKEST:
        return "password_guessable"
    return None


def _normal(password: str) -> str:
    """The same password from every keyboard (NIST SP 800-63B: NFKC before hashing)."""
    return unicodedata.normalize("NFKC", password)
