"""People with accounts, for tests: who sign up and in as anybody would, with links from real mails."""

from __future__ import annotations

import email
import email.policy
import re
import zlib
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from registry import clock
from registry.accounts import second_factor
from registry.accounts.policy import ANONYMOUS, SYSTEM
from registry.errors import Invalid
from registry.services.bootstrap import Registry
from registry.services.mail import delivery
from registry.services.people import own_account, registration, staff_accounts
from registry.services.people import sessions as signing_in
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction

PASSWORD = "seven quiet herons over 钱塘江"
LINK = re.compile(r"https?://\S+?/account/[a-z-]+/(\S+)")
NETWORK = "192.0.2.7"


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


# One black point: a proof like any other (ISO/IEC 15948).
ONE_PIXEL_PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", bytes((0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0)))
    + _chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    + _chunk(b"IEND", b"")
)


def read_mails(registry: Registry) -> list[EmailMessage]:
    """Every mail that was written to the data directory so far, oldest first; those that wait are sent before."""
    while delivery.deliver_letters(registry):
        pass
    return mails_in_folder(registry.settings.mail_dir)


def mails_in_folder(mail_dir: Path) -> list[EmailMessage]:
    """The mails that lie as files in a folder, oldest first."""
    paths = sorted(mail_dir.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [
        email.message_from_bytes(path.read_bytes(), EmailMessage, policy=email.policy.default)
        for path in paths
    ]


def token_of(mail: EmailMessage) -> str:
    """The token of the link in a mail."""
    found = LINK.search(mail.get_content())
    assert found is not None, mail.get_content()
    return found[1]


def sign_up(registry: Registry, address: str, name: str = "李梅 Li Mei") -> UserSession:
    """A new account, signed in."""
    registration.request_sign_up(registry, ANONYMOUS, address, lang="en", network=NETWORK)
    token = token_of(read_mails(registry)[-1])
    registration.complete_sign_up(registry, ANONYMOUS, token, registration.NewAccount(name, PASSWORD, "en"))
    return session_of(registry, sign_in(registry, address))


def create_staff_account(registry: Registry, address: str, role: str) -> None:
    """An account that the operator made, with a password."""
    link = staff_accounts.assign_role(registry, SYSTEM, address, role, lang="zh")
    registration.reset_password(registry, ANONYMOUS, link.rpartition("/")[2], PASSWORD)


def sign_in(registry: Registry, address: str, password: str = PASSWORD, network: str = NETWORK) -> str:
    """The key of a new session."""
    return signing_in.sign_in(
        registry, ANONYMOUS, address, password, user_agent="Firefox/140 Windows", network=network
    )


def session_of(registry: Registry, key: str) -> UserSession:
    """Who holds the session of a key."""
    found = signing_in.resolve_session(registry, ANONYMOUS, key)
    assert found is not None
    return found


def sign_in_staff(registry: Registry, address: str) -> UserSession:
    """Somebody of the staff signed in with a second factor, which is set up now."""
    who = session_of(registry, sign_in(registry, address))
    secret, _address = own_account.begin_second_factor(registry, who.actor, who.session_id)
    code = second_factor.current_code(secret, clock.now())
    return session_of(
        registry, own_account.confirm_second_factor(registry, who.actor, who.session_id, code)[1]
    )


def as_anonymous(who: UserSession) -> UserSession:
    """The same session without its account: a visitor who knows the numbers."""
    return replace(who, actor=ANONYMOUS)


def issue_of(invalid: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    [issue] = invalid.value.issues
    return issue.code, issue.field


def secret_of(registry: Registry, email: str) -> str:
    with read_transaction(registry.engine) as connection:
        user = registration.find_user(connection, email)
    assert user is not None
    return second_factor.totp_secret(registry.settings.secret_key, user.id, user.factor_nonce)


def with_factor(registry: Registry, email: str) -> list[str]:
    """Set up a second factor; gives the recovery codes."""
    who = session_of(registry, sign_in(registry, email))
    own_account.begin_second_factor(registry, who.actor, who.session_id)
    code = second_factor.current_code(secret_of(registry, email), clock.now())
    return own_account.confirm_second_factor(registry, who.actor, who.session_id, code)[0]
