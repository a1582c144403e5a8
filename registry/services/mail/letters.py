"""Letters: queued in the transaction of the act that they tell of, composed in the reader's language when they are sent.

A letter is composed from what is true when it is sent: one whose link was used or has expired meanwhile is not sent.
"""

from __future__ import annotations

import datetime as dt
import json
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts import tokens_and_hashes
from registry.accounts.model import Letter
from registry.i18n import _, gettext, ngettext
from registry.outbox.model import MAIL_TOPIC, enqueue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, report_links
from registry.services.mail.letter_texts import letter_text
from registry.store.base import FetchedRow

HOURS_IN_WORDS = 24  # a longer time is told in days


def enqueue_letter(
    connection: Connection,
    kind: str,
    lang: str,
    recipient: str,
    *,
    link_id: int | None = None,
    **details: str,
) -> None:
    """Queue a letter; the relay composes and sends it.

    `kind`: one that `letter_texts.letter_text` knows, of this room or of a register; `link_id`: of the e-mail link that it carries; `details`: further placeholders.
    """
    queued = (
        insert(Letter)
        .values(
            kind=kind,
            lang=lang,
            recipient=recipient,
            ticket_id=link_id,
            details=json.dumps(details, ensure_ascii=False),
            created_at=clock.now(),
        )
        .returning(Letter.id)
    )
    enqueue(connection, MAIL_TOPIC, [connection.execute(queued).scalar_one()])


def compose_letter(registry: Registry, connection: Connection, letter_id: int) -> EmailMessage | None:
    """Return the mail of a queued letter, or None if the letter is gone or its link is not valid any more.

    Raises KeyError or ValueError for a kind without text, or a text whose placeholders were not given.
    """
    letter = connection.execute(select(*Letter.__table__.columns).where(Letter.id == letter_id)).one_or_none()
    if letter is None:
        return None
    base = registry.settings.base_url
    account = f"{base}/{letter.lang}/account"
    params: dict[str, object] = {
        "path": "home",
        "ended": "0",
        "stop": "",
        "appeal": "",
        "page": "",
        "role_given": "",
        **json.loads(letter.details),
        "sign_in": f"{account}/sign-in",
        "forgotten": f"{account}/forgotten",
        "base": base,
        "site": f"{base}/{letter.lang}",
        "door": f"{base}/{letter.lang}/workspace",
        "workspace": f"{base}/{letter.lang}/workspace/home",
        "organisations_page": f"{base}/{letter.lang}/workspace/organisations",
    }
    link = None
    if letter.ticket_id is not None:
        link = email_links.find_link(connection, letter.ticket_id)
        if link is None or link.used_at is not None or link.expires_at <= clock.now():
            return None
        hours = round((link.expires_at - link.created_at) / dt.timedelta(hours=1))
        url = base + email_links.link_path(registry, link, letter.lang)
        params |= {"link": url, "lifetime": _lifetime(hours, letter.lang), "days": hours // 24}
    if nonce := str(params.pop("report_nonce", "")):
        params["report_page"] = base + report_links.report_path(
            registry, str(params["report"]), nonce, letter.lang
        )
    text = letter_text(letter.kind, str(params.get("register") or ""))
    written = (gettext(paragraph, letter.lang, **params) for paragraph in text.paragraphs)
    paragraphs = [paragraph for paragraph in written if paragraph]
    mail = EmailMessage()
    # A line break in a name must not begin another header (header injection).
    mail["Subject"] = " ".join(gettext(text.subject, letter.lang, **params).split())
    mail["From"] = registry.settings.mail_from
    mail["To"] = letter.recipient
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{_message_id(registry, letter)}@{urlsplit(base).hostname}>"
    if link is not None and link.purpose == email_links.FOLLOW_LINK:
        mail["List-Unsubscribe"] = f"<{params['link']}>"  # RFC 2369
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: asks for no automatic replies
    signature = gettext(_("Pinzheng, the public register of quality: %(base)s"), letter.lang, base=base)
    mail.set_content("\n\n".join([*paragraphs, f"-- \n{signature}"]) + "\n")
    mail["Content-Language"] = letter.lang
    return mail


def _message_id(registry: Registry, letter: FetchedRow) -> str:
    """What stands before the @ of a `Message-ID`: the same whenever this letter is sent, and of no other letter.

    Numbers of letters come again once they are deleted; their second and their reader do not.
    """
    identity = (str(letter.id), letter.created_at.isoformat(), letter.recipient, letter.kind)
    secret = tokens_and_hashes.derive_secret(registry.settings.secret_key, "letter", *identity)
    return tokens_and_hashes.base64url(secret[:18])


def _lifetime(hours: int, lang: str) -> str:
    """How long a link works, in words: `1 hour`, `24 hours`, `7 days`."""
    if hours > HOURS_IN_WORDS and hours % 24 == 0:
        return ngettext("%(count)s day", "%(count)s days", hours // 24, lang)
    return ngettext("%(count)s hour", "%(count)s hours", hours, lang)
