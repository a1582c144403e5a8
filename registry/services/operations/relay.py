"""The relay: one process that seals entries, delivers messages to the index and letters, and runs the daily jobs.

All steps are idempotent: a relay that was killed at any point repeats them and loses nothing.
"""

from __future__ import annotations

import logging
import math
import threading
import time

from sqlalchemy import Connection, delete, func, select, update

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.errors import DatabaseUnavailable, Unavailable
from registry.kit.record import Record
from registry.ledger.model import ENTRY_ID_COUNTER, Entry
from registry.ledger.sealing import log_size, seal
from registry.observing.recent_trouble import note_system_error, note_trouble
from registry.outbox.model import RECORD_TOPIC, TEXT_TOPIC, Message, enqueue
from registry.search.port import RebuildStopped
from registry.services import watch_lists
from registry.services.bootstrap import Registry
from registry.services.mail import delivery
from registry.services.operations import daily_work, indexing, text_reading
from registry.services.operations.daily_jobs import run_daily_jobs
from registry.services.operations.daily_work import DailyWorkRefused
from registry.services.operations.meanings import MeaningWork, encode_all
from registry.services.statistics import extend_history
from registry.store import counters
from registry.store.batching import batches
from registry.store.heartbeat import Heartbeat
from registry.store.leases import Lease
from registry.store.locks import UNAVAILABLE_SECONDS, Lock, hold_lock, work_in_turn
from registry.store.unit_of_work import read_transaction, unit_of_work

SEAL_BATCH = 1000
INDEX_BATCH = 2000
CHUNK_SIZE = 500  # ids in one statement
IDLE_SECONDS = 0.5
TURN_SECONDS = 5.0  # of sealing and delivering, before the relay looks at the index, the day and its lease
REFUSED_SECONDS = 15.0  # until a day whose work was refused is tried again
HELPER_STOP_SECONDS = 3.0  # for the letter and the text at hand, when the relay is told to stop
RELAY_LOCK = Lock("relay")
log = logging.getLogger(__name__)


def drain(
    registry: Registry,
    lease: Lease | None = None,
    stop: threading.Event | None = None,
    until: float = math.inf,
) -> int:
    """Seal entries and deliver messages until none is left, or `stop` is set; returns how many were delivered. The lock must be held.

    `until`: monotonic seconds after which no batch is begun: others write for as long as they like.
    Raises `LeaseLost` before a batch that is no longer this process's to do.
    """
    require(SYSTEM, Action.RELAY)
    delivered = 0
    while not (stop and stop.is_set()) and time.monotonic() < until:
        sealed, taken = seal_pending(registry, lease), deliver_to_index(registry, lease)
        delivered += taken
        if not sealed and not taken:
            break
    return delivered


def run_relay_once(
    registry: Registry, stop: threading.Event | None = None, *, confirmed: bool = False
) -> int:
    """Run the daily jobs, then seal and deliver everything; returns the number of messages and letters delivered.

    A day that `daily_work` refuses has no daily jobs; the log says so. `confirmed`: the clock has been checked.
    Raises `Conflict` when another relay runs (with `stop`: waits for it).
    """
    with hold_lock(RELAY_LOCK, registry.settings.data_dir, registry.engine, stop) as lease:
        ensure_index(registry, stop)
        permitted = _is_permitted(registry, confirmed=confirmed)
        if permitted:
            run_daily_jobs(registry)
        delivered = drain(registry, lease, stop)
        while text_reading.read_next_text(registry, stop):
            delivered += drain(registry, lease, stop)
        if permitted:
            run_daily_jobs(registry, after_indexing=True)
        while sent := delivery.deliver_letters(registry, lease):
            delivered += sent
        while not (stop and stop.is_set()) and extend_history(registry):
            pass
        encode_all(registry, lambda: stop is None or not stop.is_set())
        return delivered


def run_relay(registry: Registry, stop: threading.Event) -> None:
    """Seal and deliver until `stop` is set, and run the daily jobs after each midnight in Shanghai.

    Waits for its turn while another relay is at work, also after one has taken over from this one.
    """
    turns: list[Lease] = []

    def lead(lease: Lease) -> None:
        if (
            lease.is_inherited and not turns
        ):  # from a process that was killed: nothing sends what it had claimed
            delivery.release_claims(registry)
        turns.append(lease)
        _lead(registry, lease, stop)

    work_in_turn(RELAY_LOCK, registry.settings.data_dir, registry.engine, stop, work=lead)


def _lead(registry: Registry, lease: Lease, stop: threading.Event) -> None:
    """Do the work of the relay until `stop` is set or the lease is lost, letters and full texts in threads of their own."""
    ended = threading.Event()
    helpers = [
        threading.Thread(
            target=delivery.run_delivery, args=(registry, lease, ended), name="letters", daemon=True
        ),
        threading.Thread(
            target=text_reading.run_text_reading, args=(registry, ended), name="full texts", daemon=True
        ),
    ]
    for helper in helpers:
        helper.start()
    try:
        _work_until_stopped(registry, lease, stop)
    finally:
        ended.set()
        for helper in helpers:
            helper.join(HELPER_STOP_SECONDS)


def _work_until_stopped(registry: Registry, lease: Lease, stop: threading.Event) -> None:
    begun_on = ended_on = None  # days on which the daily jobs before and after indexing were run
    asked_on = None  # the day for which it was asked whether they may be
    is_refused = False
    next_try = 0.0  # monotonic seconds
    meanings = MeaningWork()
    heartbeat = Heartbeat(registry.engine, "relay")
    while not stop.is_set() and not lease.is_lost:
        try:
            heartbeat.beat()
            ensure_index(registry, stop)  # each time: it may be lost or damaged under our hands
            today = clock.today()
            is_new = asked_on != today  # also when the clock is set back to a day that has had its work
            if is_new or (time.monotonic() >= next_try if is_refused else begun_on != today):
                is_refused = not _is_permitted(registry)
                asked_on, next_try = today, time.monotonic() + REFUSED_SECONDS
                if not is_refused and begun_on != today:
                    run_daily_jobs(registry)
                    begun_on = today
            turn_ends = time.monotonic() + TURN_SECONDS
            busy = drain(registry, lease, stop, turn_ends)
            if stop.is_set():
                return
            if time.monotonic() >= turn_ends:  # more waits
                continue
            if ended_on != begun_on == clock.today():  # all that was sealed is in the index now
                run_daily_jobs(registry, after_indexing=True)
                ended_on = clock.today()
            # what follows from the log waits until all is sealed and in the index
            busy = busy or extend_history(registry)
            busy = busy or meanings.run_step(registry, lambda: not stop.is_set())
        except DatabaseUnavailable as problem:
            log.warning("the database cannot be used, will try again: %s", problem)
            stop.wait(UNAVAILABLE_SECONDS)
            busy = 0
        except OSError as problem:
            if not note_system_error(problem):
                raise
            log.warning("the system has nothing left, will try again: %s", problem)
            stop.wait(UNAVAILABLE_SECONDS)
            busy = 0
        except RebuildStopped:
            return
        except Unavailable as problem:
            log.warning("index not writable, will try again: %s", problem)
            busy = 0
        if not busy:
            stop.wait(IDLE_SECONDS)


def _is_permitted(registry: Registry, *, confirmed: bool = False) -> bool:
    """True if the day's work may be done; a refusal goes to the log, never further: pages and filing go on."""
    try:
        daily_work.permit_daily_work(registry, confirmed=confirmed)
    except DailyWorkRefused as refusal:
        log.warning("daily work refused (%s): check the clock, then run `pinzheng expire --confirm`", refusal)
        return False
    return True


def ensure_index(registry: Registry, stop: threading.Event | None = None) -> None:
    """Rebuild the index when it is lost, of an older format or damaged; messages from before then are dropped.

    Raises `RebuildStopped` when `stop` is set meanwhile, `Unavailable` where an index cannot be looked at for the moment.
    """
    status = registry.search.status()
    if (status.documents is not None and not status.suspect) or registry.search.verify():
        return
    with read_transaction(registry.engine) as connection:
        last = connection.execute(select(func.max(Message.id)).where(Message.topic == RECORD_TOPIC)).scalar()
        is_first = log_size(connection) == 0
    if is_first:
        log.info("the search index is built for the first time")
    else:
        log.warning("there is no usable search index: it is built from the store")
        note_trouble("index_rebuilt")
    # Asked without a sign of life: processes that build and hang are no work that goes on.
    documents = indexing.rebuild_index(
        registry, stopped=lambda: stop is not None and threading.Event.is_set(stop)
    )
    log.info("the search index is built", extra={"documents": documents})
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(Message).where(Message.topic == RECORD_TOPIC, Message.id <= (last or 0)))


def seal_pending(registry: Registry, lease: Lease | None = None) -> int:
    """Seal one batch of entries, and bump the versions of their records' pages; returns the number of records."""
    with unit_of_work(registry.engine) as connection:
        if lease:
            lease.check(connection)
        counters.lock(connection, ENTRY_ID_COUNTER)
        record_ids = sorted(set(seal(connection, SEAL_BATCH)))
        for chunk in batches(record_ids, CHUNK_SIZE):
            connection.execute(
                update(Record).where(Record.id.in_(chunk)).values(page_version=Record.page_version + 1)
            )
    return len(record_ids)


def deliver_to_index(registry: Registry, lease: Lease | None = None) -> int:
    """Deliver one batch of messages to the index; returns how many. The records are read anew and the messages deleted last."""
    with read_transaction(registry.engine) as connection:
        if lease:
            lease.check(connection)
        waiting = connection.execute(
            select(Message.id, Message.subject)
            .where(Message.topic == RECORD_TOPIC)
            .order_by(Message.id)
            .limit(INDEX_BATCH)
        ).all()
        subjects = list(dict.fromkeys(row.subject for row in waiting))
        looked_at = [indexing.look_at_records(connection, chunk) for chunk in batches(subjects, CHUNK_SIZE)]
        documents = [document for each in looked_at for document in each.documents]
        unread = [
            record_id
            for chunk in batches(subjects, CHUNK_SIZE)
            for record_id in text_reading.find_unread_texts(connection, chunk)
        ]
    if not waiting:
        return 0
    gone = set(subjects) - {document.id for document in documents}
    registry.search.write(documents, gone)
    ids = [row.id for row in waiting]
    with unit_of_work(registry.engine) as connection:
        for chunk in batches(ids, CHUNK_SIZE):
            connection.execute(delete(Message).where(Message.id.in_(chunk)))
        indexing.store_caution_codes(connection, documents)
        for each in looked_at:
            watch_lists.store_items(connection, each.dues)
        enqueue(connection, TEXT_TOPIC, unread)
    return len(waiting)


def count_pending(registry: Registry) -> int:
    """Count messages to the index and unsealed entries."""
    with read_transaction(registry.engine) as connection:
        messages = connection.execute(select(func.count()).where(Message.topic == RECORD_TOPIC)).scalar_one()
        entries = connection.execute(
            select(func.count()).select_from(Entry).where(Entry.index.is_(None))
        ).scalar_one()
    return int(messages) + int(entries)


def lag_seconds(registry: Registry) -> float:
    """Return the age in seconds of the oldest unsealed entry or message to the index; 0 when there is none."""
    with read_transaction(registry.engine) as connection:
        return read_lag_seconds(connection)


def read_lag_seconds(connection: Connection) -> float:
    """Return the same as `lag_seconds`, in the transaction at hand."""
    unsealed = connection.execute(
        select(Entry.recorded_at).where(Entry.index.is_(None)).order_by(Entry.id).limit(1)
    ).scalar()
    message = connection.execute(
        select(Message.next_try_at).where(Message.topic == RECORD_TOPIC).order_by(Message.id).limit(1)
    ).scalar()
    since = [moment for moment in (unsealed, message) if moment is not None]
    # What a wrong clock has dated into the future waits as well.
    return max(abs((clock.now() - moment).total_seconds()) for moment in since) if since else 0.0
