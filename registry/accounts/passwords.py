"""Passwords: hashed with Argon2id (RFC 9106), accepted by length and strength, never by composition rules.

Rules: NIST SP 800-63B, 3.1.1.2, and OWASP ASVS 2.1: at least 12 characters, any Unicode including spaces, no required
mixture of kinds, none from lists of leaked passwords (zxcvbn has 30,000), none built from the user's own data.
"""

from __future__ import annotations

import functools
import threading
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.late_imports import LateModule

zxcvbn = LateModule("zxcvbn")
MIN_LENGTH, MAX_LENGTH = 12, 128  # characters
MAX_SCORED_LENGTH = 72  # characters, the maximum of zxcvbn: its time is quadratic
MIN_SCORE = 3  # on zxcvbn's scale of 0 to 4: at least 10^8 guesses
HASHER = PasswordHasher()  # RFC 9106, second recommended option: 64 MiB, three passes
HASH_CONCURRENCY = threading.BoundedSemaphore(2)  # a hash takes 64 MiB


def hash_password(password: str) -> str:
    """Return the Argon2id hash with its salt and parameters (a PHC string)."""
    with HASH_CONCURRENCY:
        return HASHER.hash(_normalise(password))


def verify(password_hash: str, password: str) -> bool:
    """Return True if the password matches the hash.

    Without a hash ("") the answer is False and takes as long, so that time does not tell whether an account exists.
    """
    if len(password) > MAX_LENGTH:
        return False
    try:
        with HASH_CONCURRENCY:
            return HASHER.verify(password_hash or _dummy_hash(), _normalise(password)) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _dummy_hash() -> str:
    """Return the hash that is verified where there is no account, so that both cases take the same time."""
    return HASHER.hash("the password of no account")


def needs_rehash(password_hash: str) -> bool:
    """Return True if the hash was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


def rejection_code(password: str, related_texts: Iterable[str] = ()) -> str | None:
    """Return the issue code for which a new password is refused, or None if it is accepted.

    `related_texts`: e-mail address, name and the like, which an attacker tries first.
    """
    if len(password) < MIN_LENGTH:
        return "password_short"
    if len(password) > MAX_LENGTH:
        return "password_long"
    guessable_parts = [
        part
        for text in (*related_texts, "pinzheng", "品证")
        for part in (text, *text.split("@"), *text.split())
    ]
    if (
        zxcvbn.zxcvbn(_normalise(password)[:MAX_SCORED_LENGTH], user_inputs=guessable_parts)["score"]
        < MIN_SCORE
    ):
        return "password_guessable"
    return None


def _normalise(password: str) -> str:
    """Return the same text whatever keyboard it was typed on (NIST SP 800-63B: NFKC before hashing)."""
    return unicodedata.normalize("NFKC", password)
