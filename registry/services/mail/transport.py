"""Transport: mails go to an SMTP server (RFC 5321, 8314) or, if none is configured, to files in the data directory."""

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

TIMEOUT_SECONDS = 10.0  # for each reply of the server
DEFAULT_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
PERMANENT_FAILURES = range(500, 600)  # RFC 5321, 4.2.1: permanent negative completion

SendMail = Callable[[EmailMessage], None]


class MailRejected(Exception):
    """The server will never accept this mail."""


class MailDeferred(Exception):
    """The server does not accept this mail at the moment; it may accept others."""


@contextlib.contextmanager
def open_transport(settings: Settings) -> Iterator[SendMail]:
    """Yield a function that sends mails over one connection. Raises OSError if the server cannot be reached."""
    if not settings.mail_url:
        yield lambda mail: _write_to_file(settings, mail)
        return
    address = urlsplit(settings.mail_url)
    port = address.port or DEFAULT_PORTS[address.scheme]
    host = address.hostname or "localhost"
    # Our name for HELO; smtplib would otherwise ask the name server for it, which can be slow.
    local_hostname = urlsplit(settings.base_url).hostname
    if address.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, local_hostname, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(host, port, local_hostname, timeout=TIMEOUT_SECONDS)
    with server:
        if address.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        yield lambda mail: _send_to_server(server, mail)


def _send_to_server(server: smtplib.SMTP, mail: EmailMessage) -> None:
    """Raise `MailRejected` or `MailDeferred` for this mail, or SMTPException (an OSError) for the server."""
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reason in error.recipients.values()]
        permanent = all(code in PERMANENT_FAILURES for code in codes)
        raise (MailRejected if permanent else MailDeferred)(", ".join(map(str, codes))) from error
    except smtplib.SMTPNotSupportedError as error:  # an address beyond ASCII
        raise MailRejected(type(error).__name__) from error
    except smtplib.SMTPResponseException as error:  # this mail or its sender, not the server
        raise MailDeferred(str(error.smtp_code)) from error


def _write_to_file(settings: Settings, mail: EmailMessage) -> None:
    """Write the mail to a file that mail programs can open and only the owner of the directory may read."""
    settings.mail_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{clock.now().astimezone(clock.SHANGHAI):%Y%m%d-%H%M%S}-{generate_nonce()[:8]}.eml"
    path = settings.mail_dir / name
    path.touch(mode=0o600)
    path.write_bytes(mail.as_bytes(policy=SMTP))
