"""Delivery: sends queued letters and retries with exponential back-off.

Before a letter is sent it is claimed for a while, so that it goes out once even where two relays overlap. It is
deleted from the queue only after the server has accepted it. One whose sender died between the two is sent again when the
claim has run out, or when its successor begins, with the same `Message-ID`.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass, field, replace
from email.message import EmailMessage

from sqlalchemy import delete, or_, select, update

from registry import clock
from registry.accounts.model import Letter
from registry.accounts.policy import SYSTEM, Action, require
from registry.errors import DatabaseUnavailable
from registry.observing.recent_trouble import note_system_error
from registry.outbox.model import MAIL_TOPIC, Message
from registry.services.bootstrap import Registry
from registry.services.mail.letters import compose_letter
from registry.services.mail.transport import MailDeferred, MailRejected, SendMail, open_transport
from registry.store.leases import Lease, LeaseLost
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 20
IDLE_SECONDS = 1.0
ERROR_PAUSE_SECONDS = 10.0
INITIAL_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 5.0, 3600.0
FARTHEST = dt.timedelta(hours=2)  # a time beyond that comes from a clock that was wrong: the letter is due
MAX_ATTEMPTS = 40  # with these pauses, a day and a half
CLAIM_SECONDS = 120.0  # four replies of a mail server may take ten each
STALE_SECONDS = 60.0  # a claim that old is not used any more: this process was stopped meanwhile
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _DueLetter:
    """A letter to be sent. `next_try_at`: as it stands in the queue; the process that changes it first sends the letter."""

    id: int  # of the message
    subject: int  # id of the letter
    attempts: int
    next_try_at: dt.datetime


@dataclass(slots=True)
class Delivery:
    """The delivery of one relay. `lease`: that of the relay, None where no other one can be at work."""

    registry: Registry
    lease: Lease | None = None
    _accepted: list[_DueLetter] = field(default_factory=list)  # by the server, but not yet deleted

    def send_batch(self) -> int:
        """Send one batch of the letters that are due; return how many were handled, 0 if none was due.

        A letter that the server does not accept now is retried after pauses that double up to `MAX_BACKOFF_SECONDS`.
        Raises `LeaseLost` before a letter that is another relay's to send.
        """
        require(SYSTEM, Action.RELAY)
        while self._accepted:
            self._delete(self._accepted[-1])
            self._accepted.pop()
        now = clock.now()
        with read_transaction(self.registry.engine) as connection:
            rows = connection.execute(
                select(Message.id, Message.subject, Message.attempts, Message.next_try_at)
                .where(
                    Message.topic == MAIL_TOPIC,
                    or_(Message.next_try_at <= now, Message.next_try_at > now + FARTHEST),
                )
                .order_by(Message.id)
                .limit(BATCH_SIZE)
            ).all()
        remaining = [_DueLetter(*row) for row in rows]
        if not remaining:
            return 0
        try:
            with open_transport(self.registry.settings) as send:
                while remaining:
                    self._send(send, remaining)
                    del remaining[0]
        except OSError as error:  # includes the errors of smtplib
            for due in remaining:
                self._schedule_retry(due, type(error).__name__)
        return len(rows)

    def _send(self, send: SendMail, remaining: list[_DueLetter]) -> None:
        """Claim and send the first letter. Raises OSError if the server cannot be reached."""
        claimed_at = time.monotonic()
        claimed, mail = self._claim(remaining[0])
        if claimed is None:
            return
        remaining[0] = claimed
        try:
            if mail is not None:
                if time.monotonic() - claimed_at > STALE_SECONDS:
                    return
                send(mail)
        except MailRejected as rejection:  # permanently: there is no such address
            log.warning("letter %s was rejected: %s", claimed.subject, rejection)
        except MailDeferred as deferral:
            self._schedule_retry(claimed, str(deferral))
            return
        self._accepted.append(claimed)
        self._delete(claimed)
        self._accepted.pop()

    def _claim(self, due: _DueLetter) -> tuple[_DueLetter | None, EmailMessage | None]:
        """Claim a letter and compose its mail: (None, None) where another relay has it, no mail where none is to be sent."""
        claimed = replace(due, next_try_at=clock.now() + dt.timedelta(seconds=CLAIM_SECONDS))
        with unit_of_work(self.registry.engine) as connection:
            if self.lease:
                self.lease.check(connection)
            as_seen = (Message.id == due.id) & (Message.next_try_at == due.next_try_at)
            claim = update(Message).where(as_seen).values(next_try_at=claimed.next_try_at)
            if not connection.execute(claim).rowcount:
                return None, None
            try:
                return claimed, compose_letter(self.registry, connection, due.subject)
            except (KeyError, ValueError):  # an error of ours: it must not hold up other letters
                log.exception("letter %s cannot be composed", due.subject)
                return claimed, None

    def _delete(self, due: _DueLetter) -> None:
        with unit_of_work(self.registry.engine) as connection:
            as_seen = (Message.id == due.id) & (Message.subject == due.subject)
            if connection.execute(delete(Message).where(as_seen, Message.topic == MAIL_TOPIC)).rowcount:
                connection.execute(delete(Letter).where(Letter.id == due.subject))

    def _schedule_retry(self, due: _DueLetter, error: str) -> None:
        """Schedule the next attempt, with exponential back-off; after `MAX_ATTEMPTS` the letter is given up."""
        if due.attempts + 1 >= MAX_ATTEMPTS:
            log.error("letter %s was given up after %s attempts: %s", due.subject, MAX_ATTEMPTS, error)
            self._delete(due)
            return
        pause = dt.timedelta(seconds=min(INITIAL_BACKOFF_SECONDS * 2.0**due.attempts, MAX_BACKOFF_SECONDS))
        values = {"attempts": due.attempts + 1, "next_try_at": clock.now() + pause, "last_error": error}
        with unit_of_work(self.registry.engine) as connection:
            as_seen = (Message.id == due.id) & (Message.next_try_at == due.next_try_at)
            connection.execute(update(Message).where(as_seen).values(**values))


def release_claims(registry: Registry) -> None:
    """Let letters that a killed process had claimed be sent without waiting for the end of its claims. It must not live any more."""
    require(SYSTEM, Action.RELAY)
    now = clock.now()
    claimed = (Message.topic == MAIL_TOPIC) & (Message.next_try_at > now) & (Message.last_error == "")
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Message).where(claimed).values(next_try_at=now))


def deliver_letters(registry: Registry, lease: Lease | None = None) -> int:
    """Send one batch of the letters that are due; return how many were handled, 0 if none was due."""
    return Delivery(registry, lease).send_batch()


def run_delivery(registry: Registry, lease: Lease, stop: threading.Event) -> None:
    """Send letters until `stop` is set. Runs in a thread of its own, so that a slow mail server delays nothing else."""
    delivery = Delivery(registry, lease)
    while not stop.is_set() and not lease.is_lost:
        try:
            pause = 0.0 if delivery.send_batch() else IDLE_SECONDS
        except LeaseLost:  # said in the log; another relay sends them
            return
        except DatabaseUnavailable as problem:
            log.warning("letters wait, the database cannot be used: %s", problem)
            pause = ERROR_PAUSE_SECONDS
        except Exception as error:
            if note_system_error(error):  # no fault of the program: one line
                log.warning("letters wait, the system has nothing left: %s", error)
            else:
                log.warning("delivery of letters failed: %s", type(error).__name__, exc_info=error)
            pause = ERROR_PAUSE_SECONDS
        stop.wait(pause)
