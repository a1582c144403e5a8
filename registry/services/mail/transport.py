"""Where mails go: an SMTP server (RFC 5321, 8314), or, without one, files in the data directory."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from registry import clock
from registry.accounts.tokens_and_hashes import generate_nonce
from registry.config import Settings

TIMEOUT_SECONDS = 10.0  # for each answer of the server
DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
PERMANENT_FAILURES = range(500, 600)  # RFC 5321, 4.2.1: permanent negative completion

SendMail = Callable[[EmailMessage], None]


class MailRejected(Exception):
    """The server will never take this mail."""


class MailDeferred(Exception):
    """The server does not take this mail at the moment, but may take others."""


@contextlib.contextmanager
def open_transport(settings: Settings) -> Iterator[SendMail]:
    """A way to send mails, one connection for all of them. Raises OSError when the server cannot be reached."""
    if not settings.mail_url:
        yield lambda mail: _write_to_file(settings, mail)
        return
    address = urlsplit(settings.mail_url)
    port = address.port or DEFAULT_PORTS[address.scheme]
    host = address.hostname or "localhost"
    own = urlsplit(settings.base_url).hostname  # what we say hello with; else it would be looked up, slowly
    if address.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, own, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, own, timeout=TIMEOUT_SECONDS)
    with server:
        if address.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        yield lambda mail: _send_to_server(server, mail)


def _send_to_server(server: smtplib.SMTP, mail: EmailMessage) -> None:
    """Raises `Refused` and `NotNow` over this mail, another SMTPException (an OSError) over the server."""
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as problem:
        codes = [code for code, _reason in problem.recipients.values()]
        kind = MailRejected if all(code in PERMANENT_FAILURES for code in codes) else MailDeferred
        raise kind(", ".join(map(str, codes))) from problem
    except smtplib.SMTPNotSupportedError as problem:  # an address beyond ASCII
        raise MailRejected(type(problem).__name__) from problem
    except smtplib.SMTPResponseException as problem:  # this mail or its sender, not the server
        raise MailDeferred(str(problem.smtp_code)) from problem


def _write_to_file(settings: Settings, mail: EmailMessage) -> None:
    """A file that mail programs open; only the owner of the directory may read it."""
    settings.mail_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{clock.now().astimezone(clock.SHANGHAI):%Y%m%d-%H%M%S}-{generate_nonce()[:8]}.eml"
    path = settings.mail_dir / name
    path.touch(mode=0o600)
    path.write_bytes(mail.as_bytes(policy=SMTP))
