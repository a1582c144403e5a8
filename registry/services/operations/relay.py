"""The relay: one process that seals entries, takes messages to the index, and lets dates take effect.

Everything it does can be done again: a relay killed at any point costs nothing but the repetition.
"""

from __future__ import annotations

import logging
import threading

from sqlalchemy import delete, func, select, update

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.errors import Conflict, Unavailable
from registry.kit.record import Record
from registry.ledger.model import ENTRY_ID_COUNTER as ENTRY_COUNTER
from registry.ledger.model import Entry, Item
from registry.ledger.sealing import seal
from registry.outbox.model import RECORD_TOPIC, Message
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import annual_confirmation, sheet_uploads
from registry.services.finding import saved_searches, synonym_admin
from registry.services.mail import letters as mailing
from registry.services.operations import indexing
from registry.services.people import attachments, memberships, sessions
from registry.services.publication import cascades, publishing
from registry.services.publication.publishing import Authority
from registry.services.publication.record_queries import document_of
from registry.store import counters
from registry.store.locks import Lock, hold_lock
from registry.store.unit_of_work import read_transaction, unit_of_work

SEAL_BATCH = 1000
INDEX_BATCH = 2000
IDLE_SECONDS = 0.5
MAIL_STOP_SECONDS = 3.0  # for the mail at hand, when the relay is told to stop
RELAY_LOCK = Lock("relay", 7_226_318)
log = logging.getLogger(__name__)


def drain(registry: Registry) -> int:
    """Seal and deliver until nothing waits; returns the number of messages delivered. The lock must be held."""
    require(SYSTEM, Action.RELAY)
    delivered = 0
    while True:
        sealed, taken = seal_pending(registry), deliver_to_index(registry)
        delivered += taken
        if not sealed and not taken:
            return delivered


def run_relay_once(registry: Registry, stop: threading.Event | None = None) -> int:
    """Let dates take effect, then seal and deliver everything that waits.

    Raises `Conflict` when another relay is at work (with `stop`: waits for it).
    """
    with hold_lock(RELAY_LOCK, registry.settings.data_dir, registry.engine, stop):
        ensure_index(registry)
        run_daily_jobs(registry)
        delivered = drain(registry)
        saved_searches.write_search_letters(registry)
        while sent := mailing.deliver_letters(registry):
            delivered += sent
        return delivered


def run_relay(registry: Registry, stop: threading.Event) -> None:
    """Work until `stop` is set; at each midnight in Shanghai dates take effect."""
    try:
        with hold_lock(RELAY_LOCK, registry.settings.data_dir, registry.engine, stop):
            letters = threading.Thread(
                target=mailing.run_delivery, args=(registry, stop), name="letters", daemon=True
            )
            letters.start()
            _connection(registry, stop)
            letters.join(MAIL_STOP_SECONDS)
    except Conflict:
        if not stop.is_set():
            raise


def _connection(registry: Registry, stop: threading.Event) -> None:
    expired_on = told_on = None
    while not stop.is_set():
        try:
            ensure_index(registry)  # each time: it may be lost or damaged under our hands
            if expired_on != clock.today():
                run_daily_jobs(registry)
                expired_on = clock.today()
            busy = drain(registry)
            if told_on != clock.today():  # all that was sealed is in the index now
                saved_searches.write_search_letters(registry)
                told_on = clock.today()
        except Unavailable as problem:
            log.warning("index not writable, will try again: %s", problem)
            busy = 0
        if not busy:
            stop.wait(IDLE_SECONDS)


def run_daily_jobs(registry: Registry) -> None:
    """What a new day brings: dates take effect, what is past is tidied away, enterprises are asked."""
    apply_due_changes(registry)
    sessions.purge_expired(registry)
    attachments.purge_attachments(registry)
    sheet_uploads.purge_old_sheets(registry)
    annual_confirmation.send_confirmation_reminders(registry)
    synonym_admin.purge_zero_results(registry)


def ensure_index(registry: Registry) -> None:
    """Build the index anew when it is lost, of an older form, or damaged; what waited till then is in it."""
    status = registry.search.status()
    if status.documents is not None and (not status.suspect or registry.search.verify()):
        return
    with read_transaction(registry.engine) as connection:
        last = connection.execute(select(func.max(Message.id)).where(Message.topic == RECORD_TOPIC)).scalar()
    indexing.rebuild_index(registry)
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(Message).where(Message.topic == RECORD_TOPIC, Message.id <= (last or 0)))


def seal_pending(registry: Registry) -> int:
    """Seal one batch; the pages of the sealed records change with it."""
    with unit_of_work(registry.engine) as connection:
        counters.lock(connection, ENTRY_COUNTER)
        record_ids = sorted(set(seal(connection, SEAL_BATCH)))
        for start in range(0, len(record_ids), 500):
            connection.execute(
                update(Record)
                .where(Record.id.in_(record_ids[start : start + 500]))
                .values(page_version=Record.page_version + 1)
            )
    return len(record_ids)


def deliver_to_index(registry: Registry) -> int:
    """Take one batch of messages to the index: re-read the records, write, then forget the messages."""
    with read_transaction(registry.engine) as connection:
        waiting = connection.execute(
            select(Message.id, Message.subject)
            .where(Message.topic == RECORD_TOPIC, Message.next_try_at <= clock.now())
            .order_by(Message.id)
            .limit(INDEX_BATCH)
        ).all()
        subjects = list(dict.fromkeys(row.subject for row in waiting))
        found = [
            document
            for start in range(0, len(subjects), 500)
            for document in indexing.build_documents(connection, subjects[start : start + 500])
        ]
    if not waiting:
        return 0
    gone = set(subjects) - {document.id for document in found}
    registry.search.write(found, gone)
    ids = [row.id for row in waiting]
    with unit_of_work(registry.engine) as connection:
        for start in range(0, len(ids), 500):
            connection.execute(delete(Message).where(Message.id.in_(ids[start : start + 500])))
    return len(waiting)


def apply_due_changes(registry: Registry) -> int:
    """Let dates that have come take effect, then what follows from them: one entry for each change."""
    require(SYSTEM, Action.RELAY)
    changed = 0
    while True:
        with unit_of_work(registry.engine) as connection:
            counters.lock(connection, ENTRY_COUNTER)
            today = clock.today()
            due = connection.execute(
                publishing.EXISTING_RECORDS.add_columns(Record.register, Item.document)
                .join(Item, Item.hash == Record.document_hash)
                .where(Record.due_on <= today)
                .order_by(Record.due_on, Record.id)
                .limit(SEAL_BATCH // 5)
            ).all()
            for row in due:
                definition = catalogue()[row.register]
                values = document_of(row)
                change = definition.life_cycle.next_date_change(row.status, values)
                if change is None or change[0] > today:
                    connection.execute(
                        update(Record).where(Record.id == row.id).values(due_on=change[0] if change else None)
                    )
                    continue
                rule = change[1]
                publishing.change_status(
                    connection, definition, row, values, rule.after, rule.transition, Authority(SYSTEM.role)
                )
                changed += 1
        if not due:
            return changed + cascades.apply_cascades(registry, memberships.notify_holder)


def count_pending(registry: Registry) -> int:
    """Messages to the index and unsealed entries that wait."""
    with read_transaction(registry.engine) as connection:
        messages = connection.execute(select(func.count()).where(Message.topic == RECORD_TOPIC)).scalar_one()
        entries = connection.execute(
            select(func.count()).select_from(Entry).where(Entry.index.is_(None))
        ).scalar_one()
    return int(messages) + int(entries)


def lag_seconds(registry: Registry) -> float:
    """Seconds that the oldest entry or message to the index has waited for the relay; 0 when nothing waits."""
    with read_transaction(registry.engine) as connection:
        unsealed = connection.execute(
            select(Entry.recorded_at).where(Entry.index.is_(None)).order_by(Entry.id).limit(1)
        ).scalar()
        message = connection.execute(
            select(Message.next_try_at).where(Message.topic == RECORD_TOPIC).order_by(Message.id).limit(1)
        ).scalar()
    since = [moment for moment in (unsealed, message) if moment is not None]
    return max(0.0, (clock.now() - min(since)).total_seconds()) if since else 0.0
