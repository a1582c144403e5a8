"""Mails: letters of the outbox put into words in the reader's language, and sent.

A letter is written when it is sent, from what is true then: a link that was used or has ended meanwhile is not sent.
At least once: a letter goes from the outbox after the server has taken it.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, select, update

from registry import clock
from registry.accounts.model import Letter
from registry.accounts.policy import SYSTEM, Action, require
from registry.i18n import _, gettext
from registry.outbox.model import MAIL_TOPIC, Message
from registry.services.bootstrap import Registry
from registry.services.mail import email_links
from registry.services.mail.transport import MailDeferred, MailRejected, SendMail, open_transport
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 20
IDLE_SECONDS = 1.0
ERROR_PAUSE_SECONDS = 10.0
INITIAL_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 5.0, 3600.0  # seconds between two tries
MAX_ATTEMPTS = 40  # a day and a half
log = logging.getLogger(__name__)

NOT_YOU = _("If you did not ask for this, you need not do anything.")
TELL_US = _("If this was not you, set a new password at once: %(forgotten)s")


@dataclass(frozen=True, slots=True)
class LetterTexts:
    """A kind of letter: its subject and paragraphs, message ids; `%(link)s`, `%(hours)s`, `%(forgotten)s` are filled."""

    subject: str
    paragraphs: tuple[str, ...]


LETTERS: dict[str, LetterTexts] = {
    "sign_up": LetterTexts(
        _("Finish your sign-up with Pinzheng"),
        (
            _(
                "Somebody, probably you, wants to open an account with this address. Open this link to finish:"
            ),
            "%(link)s",
            _("It is good once, for %(hours)s hours."),
            NOT_YOU,
        ),
    ),
    "has_account": LetterTexts(
        _("You have an account with Pinzheng already"),
        (
            _(
                "Somebody, probably you, wants to use this address for an account. There is one already; sign in:"
            ),
            "%(sign_in)s",
            _("A forgotten password can be set anew: %(forgotten)s"),
            NOT_YOU,
        ),
    ),
    "password": LetterTexts(
        _("Set a new password for Pinzheng"),
        (
            _("Open this link to set a new password:"),
            "%(link)s",
            _("It is good once, for %(hours)s hours."),
            NOT_YOU,
        ),
    ),
    "dormant": LetterTexts(
        _("Set a new password for Pinzheng"),
        (
            _("Your account was not used for a year. To sign in again, set a new password:"),
            "%(link)s",
            _("It is good once, for %(hours)s hours."),
            TELL_US,
        ),
    ),
    "appointed": LetterTexts(
        _("Your account with Pinzheng"),
        (
            _("The operator has made an account for you. Open this link to choose a password:"),
            "%(link)s",
            _("It is good once, for %(hours)s hours."),
        ),
    ),
    "password_changed": LetterTexts(
        _("Your password was changed"),
        (_("The password of your account was changed. Every other session was ended."), TELL_US),
    ),
    "confirm_address": LetterTexts(
        _("Confirm your new e-mail address"),
        (
            _("Open this link to use this address for your account from now on:"),
            "%(link)s",
            _("It is good once, for %(hours)s hours."),
            NOT_YOU,
        ),
    ),
    "address_asked": LetterTexts(
        _("Your e-mail address is to be changed"),
        (
            _("Somebody who knows your password has asked to change the e-mail address of your account."),
            TELL_US,
        ),
    ),
    "address_changed": LetterTexts(
        _("Your e-mail address was changed"),
        (_("Your account has another e-mail address from now on. This one is not used any more."), TELL_US),
    ),
    "factor_set": LetterTexts(
        _("Second factor set up"),
        (_("From now on a code of your authenticator app is asked for when you sign in."), TELL_US),
    ),
    "factor_reset": LetterTexts(
        _("Second factor removed"),
        (
            _("The operator has removed the second factor of your account. Every session was ended."),
            _("Sign in with your password and set up a new one: %(sign_in)s"),
            TELL_US,
        ),
    ),
    "member_added": LetterTexts(
        _("You may act for %(organisation)s now"),
        (_("The operator has entered that you act for %(organisation)s. Go on here:"), "%(workspace)s"),
    ),
    "claim_confirmed": LetterTexts(
        _("You may act for %(organisation)s now"),
        (_("The registrar has confirmed that you act for %(organisation)s. Go on here:"), "%(workspace)s"),
    ),
    "claim_refused": LetterTexts(
        _("Your claim to %(organisation)s was refused"),
        (
            _("The registrar could not confirm that you act for %(organisation)s. The reason given:"),
            "%(reason)s",
            _("You can claim again with another proof:"),
            "%(workspace)s",
        ),
    ),
    "claim_made": LetterTexts(
        _("Somebody claims %(organisation)s"),
        (
            _(
                "%(person)s claims to act for %(organisation)s, of which you are an owner. The registrar will decide."
            ),
            _("If you know them, invite them instead; if not, tell the registrar."),
        ),
    ),
    "invitation": LetterTexts(
        _("Invitation to %(organisation)s"),
        (
            _("%(person)s invites you to act for %(organisation)s. Open this link to answer:"),
            "%(link)s",
            _("It is good for %(days)s days."),
            _("If you do not know who invites you, you need not do anything."),
        ),
    ),
    "standard_ended": LetterTexts(
        _("The standard of %(number)s has ended"),
        (
            _(
                "The standard that %(organisation)s declares with %(number)s is not in force any more. The public page says so:"
            ),
            "%(base)s/r/%(number)s",
            _("Amend or withdraw the declaration within 30 days:"),
            "%(workspace)s",
        ),
    ),
    "still_true_due": LetterTexts(
        _("Are the declarations of %(organisation)s still true?"),
        (
            _("%(organisation)s: declarations that nobody has looked after for a year: %(count)s."),
            _("Confirm what still holds, all at once, and amend or withdraw the others:"),
            "%(organisations)s/%(slug)s/confirm",
        ),
    ),
    "sheet_done": LetterTexts(
        _("Your sheet %(file)s has been filed"),
        (
            _("%(organisation)s: %(good)s rows are public, %(refused)s rows were refused."),
            _("What became of each row, and the refused rows as a sheet to mend and hand in again:"),
            "%(organisations)s/%(sheet)s",
        ),
    ),
    "sheet_checked": LetterTexts(
        _("Your sheet %(file)s has been checked"),
        (
            _(
                "%(organisation)s: %(good)s rows can be filed, %(refused)s rows would be refused. Nothing is published yet."
            ),
            _("What stands against each row, and how to publish the others:"),
            "%(organisations)s/%(sheet)s",
        ),
    ),
    "search_news": LetterTexts(
        _("News for your search “%(name)s”"),
        (
            _("What has become of the records that your saved search “%(name)s” finds:"),
            "%(lines)s",
            _("The whole list: %(site)s%(search)s"),
            _("To have these letters less often, or no more: %(site)s/account/searches"),
        ),
    ),
    "receipt": LetterTexts(
        _("Receipt for %(number)s"),
        (
            _("%(organisation)s has declared a standard; the declaration is public:"),
            "%(base)s/r/%(number)s",
            _(
                "The receipt with entry, hash and time, to keep; within 24 hours a mistake can be marked there:"
            ),
            "%(door)s/%(path)s",
        ),
    ),
    "member_removed": LetterTexts(
        _("You do not act for %(organisation)s any more"),
        (_("An owner has ended your access to %(organisation)s."),),
    ),
    "factor_removed": LetterTexts(
        _("Second factor removed"),
        (_("From now on your password alone is asked for when you sign in."), TELL_US),
    ),
}


def deliver_letters(registry: Registry) -> int:
    """Send one batch of letters that wait; returns how many messages were dealt with, 0 when none was due.

    What the mail server does not take now is tried again, after pauses that double up to an hour.
    """
    require(SYSTEM, Action.RELAY)
    with read_transaction(registry.engine) as connection:
        due = connection.execute(
            select(Message.id, Message.subject, Message.attempts)
            .where(Message.topic == MAIL_TOPIC, Message.next_try_at <= clock.now())
            .order_by(Message.id)
            .limit(BATCH_SIZE)
        ).all()
    if not due:
        return 0
    left = list(due)
    try:
        with open_transport(registry.settings) as send:
            while left:
                _send_letter(registry, send, left[0])
                del left[0]
    except OSError as problem:  # smtplib's errors are such too
        for message in left:
            _schedule_retry(registry, message, type(problem).__name__)
    return len(due)


def _send_letter(registry: Registry, send: SendMail, message: FetchedRow) -> None:
    """One letter to the server. Raises OSError when that is away."""
    try:
        with read_transaction(registry.engine) as connection:
            mail = compose_letter(registry, connection, message.subject)
    except (KeyError, ValueError):  # our own mistake: others must not wait for it
        log.exception("letter %s cannot be written", message.subject)
        _delete_letter(registry, message)
        return
    try:
        if mail is not None:
            send(mail)
    except MailRejected as problem:  # for good: there is no such address
        log.warning("letter %s was refused: %s", message.subject, problem)
    except MailDeferred as problem:
        _schedule_retry(registry, message, str(problem))
        return
    _delete_letter(registry, message)


def run_delivery(registry: Registry, stop: threading.Event) -> None:
    """Send letters until `stop` is set, beside the relay's other work: a slow mail server holds nothing else up."""
    while not stop.is_set():
        try:
            pause = 0.0 if deliver_letters(registry) else IDLE_SECONDS
        except Exception as problem:
            log.warning("letters wait: %s", type(problem).__name__, exc_info=problem)
            pause = ERROR_PAUSE_SECONDS
        stop.wait(pause)


def compose_letter(registry: Registry, connection: Connection, letter_id: int) -> EmailMessage | None:
    """A letter in words, as of now; None when it has nothing to say any more."""
    letter = connection.execute(
        select(Letter.kind, Letter.lang, Letter.recipient, Letter.ticket_id, Letter.details).where(
            Letter.id == letter_id
        )
    ).one_or_none()
    if letter is None:
        return None
    base = registry.settings.base_url
    account = f"{base}/{letter.lang}/account"
    params: dict[str, object] = {
        "path": "home",
        **json.loads(letter.details),
        "sign_in": f"{account}/sign-in",
        "forgotten": f"{account}/forgotten",
        "base": base,
        "site": f"{base}/{letter.lang}",
        "door": f"{base}/{letter.lang}/workspace",
        "workspace": f"{base}/{letter.lang}/workspace/home",
        "organisations": f"{base}/{letter.lang}/workspace/organisations",
    }
    if letter.ticket_id is not None:
        ticket = email_links.find_link(connection, letter.ticket_id)
        if ticket is None or ticket.used_at is not None or ticket.expires_at <= clock.now():
            return None
        hours = round((ticket.expires_at - ticket.created_at) / dt.timedelta(hours=1))
        link = base + email_links.link_path(registry, ticket, letter.lang)
        params |= {"link": link, "hours": hours, "days": hours // 24}
    words = LETTERS[letter.kind]
    paragraphs = [gettext(each, letter.lang, **params) for each in words.paragraphs]
    mail = EmailMessage()
    mail["Subject"] = " ".join(gettext(words.subject, letter.lang, **params).split())
    mail["From"] = registry.settings.mail_from
    mail["To"] = letter.recipient
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = make_msgid(domain=urlsplit(base).hostname)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes, please
    signature = gettext(_("Pinzheng, the public register of quality: %(base)s"), letter.lang, base=base)
    mail.set_content("\n\n".join([*paragraphs, f"-- \n{signature}"]) + "\n")
    mail["Content-Language"] = letter.lang
    return mail


def _delete_letter(registry: Registry, message: FetchedRow) -> None:
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(Message).where(Message.id == message.id))
        connection.execute(delete(Letter).where(Letter.id == message.subject))


def _schedule_retry(registry: Registry, message: FetchedRow, error: str) -> None:
    """Try again later; after too many tries a letter is given up."""
    if message.attempts + 1 >= MAX_ATTEMPTS:
        log.error("letter %s was given up after %s tries: %s", message.subject, MAX_ATTEMPTS, error)
        _delete_letter(registry, message)
        return
    pause = dt.timedelta(seconds=min(INITIAL_BACKOFF_SECONDS * 2.0**message.attempts, MAX_BACKOFF_SECONDS))
    values = {"attempts": message.attempts + 1, "next_try_at": clock.now() + pause, "last_error": error}
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Message).where(Message.id == message.id).values(**values))
