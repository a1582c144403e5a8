"""Delivery: sends queued letters, at least once, and retries with exponential back-off.

A letter is deleted from the queue only after the server has accepted it.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading

from sqlalchemy import delete, select, update

from registry import clock
from registry.accounts.model import Letter
from registry.accounts.policy import SYSTEM, Action, require
from registry.outbox.model import MAIL_TOPIC, Message
from registry.services.bootstrap import Registry
from registry.services.mail.letters import compose_letter
from registry.services.mail.transport import MailDeferred, MailRejected, SendMail, open_transport
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 20
IDLE_SECONDS = 1.0
ERROR_PAUSE_SECONDS = 10.0
INITIAL_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 5.0, 3600.0
MAX_ATTEMPTS = 40  # with these pauses, a day and a half
log = logging.getLogger(__name__)


def deliver_letters(registry: Registry) -> int:
    """Send one batch of the letters that are due; return how many were handled, 0 if none was due.

    A letter that the server does not accept now is retried after pauses that double up to `MAX_BACKOFF_SECONDS`.
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
    remaining = list(due)
    try:
        with open_transport(registry.settings) as send:
            while remaining:
                _send_letter(registry, send, remaining[0])
                del remaining[0]
    except OSError as error:  # includes the errors of smtplib
        for message in remaining:
            _schedule_retry(registry, message, type(error).__name__)
    return len(due)


def run_delivery(registry: Registry, stop: threading.Event) -> None:
    """Send letters until `stop` is set. Runs in a thread of its own, so that a slow mail server delays nothing else."""
    while not stop.is_set():
        try:
            pause = 0.0 if deliver_letters(registry) else IDLE_SECONDS
        except Exception as error:
            log.warning("delivery of letters failed: %s", type(error).__name__, exc_info=error)
            pause = ERROR_PAUSE_SECONDS
        stop.wait(pause)


def _send_letter(registry: Registry, send: SendMail, message: FetchedRow) -> None:
    """Send one letter. Raises OSError if the server cannot be reached."""
    try:
        with read_transaction(registry.engine) as connection:
            mail = compose_letter(registry, connection, message.subject)
    except (KeyError, ValueError):  # an error of ours: it must not hold up other letters
        log.exception("letter %s cannot be composed", message.subject)
        _delete_letter(registry, message)
        return
    try:
        if mail is not None:
            send(mail)
    except MailRejected as rejection:  # permanently: there is no such address
        log.warning("letter %s was rejected: %s", message.subject, rejection)
    except MailDeferred as deferral:
        _schedule_retry(registry, message, str(deferral))
        return
    _delete_letter(registry, message)


def _delete_letter(registry: Registry, message: FetchedRow) -> None:
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(Message).where(Message.id == message.id))
        connection.execute(delete(Letter).where(Letter.id == message.subject))


def _schedule_retry(registry: Registry, message: FetchedRow, error: str) -> None:
    """Schedule the next attempt, with exponential back-off; after `MAX_ATTEMPTS` the letter is given up."""
    if message.attempts + 1 >= MAX_ATTEMPTS:
        log.error("letter %s was given up after %s attempts: %s", message.subject, MAX_ATTEMPTS, error)
        _delete_letter(registry, message)
        return
    pause = dt.timedelta(seconds=min(INITIAL_BACKOFF_SECONDS * 2.0**message.attempts, MAX_BACKOFF_SECONDS))
    values = {"attempts": message.attempts + 1, "next_try_at": clock.now() + pause, "last_error": error}
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Message).where(Message.id == message.id).values(**values))
