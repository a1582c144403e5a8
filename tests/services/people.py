"""Users with accounts, for tests: they sign up and sign in through the services, with links from real mails."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
import zlib
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pyotp
import pytest

from registry import clock
from registry.accounts import second_factor
from registry.accounts.policy import ANONYMOUS, SYSTEM
from registry.errors import Invalid
from registry.services.bootstrap import Registry
from registry.services.confidential import LookReason
from registry.services.mail import delivery
from registry.services.people import own_account, registration, sessions, staff_accounts
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction

PASSWORD = "seven quiet herons over 钱塘江"
LINK = re.compile(r"https?://\S+?/account/[a-z-]+/(\S+)")
NETWORK = "192.0.2.7"
DECIDING = LookReason("deciding")  # the reason of a look that needs no words


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


# One black pixel (ISO/IEC 15948): enough as the proof of a claim.
ONE_PIXEL_PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", bytes((0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0)))
    + _chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    + _chunk(b"IEND", b"")
)


def read_mails(registry: Registry) -> list[EmailMessage]:
    """Every mail in the data directory, oldest first; queued letters are delivered before."""
    while delivery.deliver_letters(registry):
        pass
    return mails_in_folder(registry.settings.mail_dir)


def mails_in_folder(mail_dir: Path) -> list[EmailMessage]:
    """The mails in a folder, oldest first."""
    paths = sorted(mail_dir.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [
        email.message_from_bytes(path.read_bytes(), EmailMessage, policy=email.policy.default)
        for path in paths
    ]


def token_of(mail: EmailMessage) -> str:
    """The token of the link in a mail."""
    match = LINK.search(mail.get_content())
    assert match is not None, mail.get_content()
    return match[1]


def sign_up(registry: Registry, address: str, name: str = "李梅 Li Mei") -> UserSession:
    """A new account, signed in."""
    registration.request_sign_up(registry, ANONYMOUS, address, lang="en", network=NETWORK)
    token = token_of(read_mails(registry)[-1])
    registration.complete_sign_up(registry, ANONYMOUS, token, registration.NewAccount(name, PASSWORD, "en"))
    return session_of(registry, sign_in(registry, address))


def create_staff_account(registry: Registry, address: str, role: str) -> None:
    """An account that the operator created, with a password."""
    link = staff_accounts.assign_account_role(registry, SYSTEM, address, role, lang="zh")
    registration.reset_password(registry, ANONYMOUS, link.rpartition("/")[2], PASSWORD)


def sign_in(registry: Registry, address: str, password: str = PASSWORD, network: str = NETWORK) -> str:
    """The key of a new session."""
    return sessions.sign_in(
        registry, ANONYMOUS, address, password, user_agent="Firefox/140 Windows", network=network
    )


def session_of(registry: Registry, key: str) -> UserSession:
    """The session of a key."""
    session = sessions.resolve_session(registry, ANONYMOUS, key)
    assert session is not None
    return session


def sign_in_staff(registry: Registry, address: str) -> UserSession:
    """The session of a member of staff, who sets up a second factor."""
    user = session_of(registry, sign_in(registry, address))
    return session_of(registry, set_up_second_factor(registry, user).session_key)


def set_up_second_factor(registry: Registry, user: UserSession) -> own_account.SecondFactor:
    """A second factor, set up with the code of an authenticator app."""
    setup = own_account.begin_second_factor(registry, user.actor, user.session_id)
    code = totp_code(setup.secret, clock.now())
    return own_account.confirm_second_factor(registry, user.actor, user.session_id, code)


def totp_code(secret: str, now: dt.datetime) -> str:
    """The code that an authenticator app shows at this moment."""
    return pyotp.TOTP(secret).at(now)


def as_anonymous(user: UserSession) -> UserSession:
    """The same session without its account: a visitor who knows its ids."""
    return replace(user, actor=ANONYMOUS)


def issue_of(invalid: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    [issue] = invalid.value.issues
    return issue.code, issue.field


def secret_of(registry: Registry, email: str) -> str:
    with read_transaction(registry.engine) as connection:
        user = registration.find_user(connection, email)
    assert user is not None
    return second_factor.totp_secret(registry.settings.secret_key, user.id, user.factor_nonce)


def with_second_factor(registry: Registry, email: str) -> list[str]:
    """Set up the second factor of an account; returns its recovery codes."""
    return set_up_second_factor(registry, session_of(registry, sign_in(registry, email))).recovery_codes
