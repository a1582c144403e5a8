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

MIN_LENGTH, MAX_LENGTH = 12, 128  # characters
MAX_SCORED_LENGTH = 72  # characters, zxcvbn's most: its time grows with the square
MIN_SCORE = 3  # of zxcvbn's 0 to 4: from 10^8 guesses
HASHER = PasswordHasher()  # RFC 9106, second recommended option: 64 MiB, three passes
HASH_CONCURRENCY = threading.BoundedSemaphore(2)  # each takes 64 MiB


def hash_password(password: str) -> str:
    """The Argon2id hash with its salt and parameters (PHC string)."""
    with HASH_CONCURRENCY:
        return HASHER.hash(_normalise(password))


def verify(password_hash: str, password: str) -> bool:
    """True where the password is the one that was hashed; `password_hash` "" is nobody's and takes as long."""
    if len(password) > MAX_LENGTH:
        return False
    try:
        with HASH_CONCURRENCY:
            return HASHER.verify(password_hash or _dummy_hash(), _normalise(password)) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _dummy_hash() -> str:
    """Checked for accounts that are not there, so that the time of an answer does not tell."""
    return HASHER.hash("the password of nobody at all")


def needs_rehash(password_hash: str) -> bool:
    """True where the parameters have grown since."""
    return HASHER.check_needs_rehash(password_hash)


def rejection_code(password: str, related_texts: Iterable[str] = ()) -> str | None:
    """What stands against a new password, as the code of an issue; None when nothing does.

    `beside`: e-mail address, name and the like, which an attacker tries first.
    """
    if len(password) < MIN_LENGTH:
        return "password_short"
    if len(password) > MAX_LENGTH:
        return "password_long"
    known = [
        part
        for text in (*related_texts, "pinzheng", "品证")
        for part in (text, *text.split("@"), *text.split())
    ]
    if zxcvbn(_normalise(password)[:MAX_SCORED_LENGTH], user_inputs=known)["score"] < MIN_SCORE:
        return "password_guessable"
    return None


def _normalise(password: str) -> str:
    """The same password from every keyboard (NIST SP 800-63B: NFKC before hashing)."""
    return unicodedata.normalize("NFKC", password)
