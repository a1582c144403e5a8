"""Reading of full texts: what a record makes public is read once, so that the record is found by the words in it.

The relay reads one file after another in the sandbox; a file that cannot be read has no words and is not read again.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.attachments import file_store, sandbox
from registry.attachments.model import Attachment, AttachmentText
from registry.errors import DatabaseUnavailable, NotFound
from registry.kit.draft import Receipt
from registry.kit.record import Record
from registry.observing.recent_trouble import note_system_error
from registry.outbox.model import TEXT_TOPIC, Message
from registry.reference.identifiers import personal
from registry.services.bootstrap import Registry
from registry.services.publication import link_resolution, record_queries
from registry.services.records import full_texts
from registry.store.batching import batches
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 500
IDLE_SECONDS = 2.0
ERROR_PAUSE_SECONDS = 10.0
LAST_FIGURES = re.compile(r"[\d\sXx*-]+\Z")  # of a number that the end of the text has cut off
log = logging.getLogger(__name__)


def find_unread_texts(connection: Connection, record_ids: Sequence[int] | None = None) -> list[int]:
    """Return which of these records, or of all, make a text public that has not been read."""
    statement = (
        select(Receipt.record_id)
        .join(Attachment, Attachment.id == Receipt.text_id)
        .outerjoin(AttachmentText, AttachmentText.sha256 == Attachment.sha256)
        .where(AttachmentText.sha256.is_(None))
        .distinct()
    )
    if record_ids is not None:
        statement = statement.where(Receipt.record_id.in_(record_ids))
    unread: list[int] = []
    for chunk in batches(sorted(connection.execute(statement).scalars()), BATCH_SIZE):
        rows = connection.execute(
            record_queries.select_records().where(Record.id.in_(chunk), record_queries.IS_PRESENT)
        ).all()
        searched = full_texts.fetch_searched_texts(connection, rows)
        unread += [record_id for record_id, text in searched.items() if text.text is None]
    return unread


def read_next_text(registry: Registry, stop: threading.Event | None = None) -> bool:
    """Read the text that has waited longest; False where none waits, or `stop` was set meanwhile.

    Its record is indexed again. Another relay that reads the same file leaves one text.
    """
    require(SYSTEM, Action.RELAY)
    with read_transaction(registry.engine) as connection:
        message = connection.execute(
            select(Message.id, Message.subject)
            .where(Message.topic == TEXT_TOPIC)
            .order_by(Message.id)
            .limit(1)
        ).one_or_none()
        if message is None:
            return False
        rows = connection.execute(record_queries.select_records().where(Record.id == message.subject)).all()
        searched = full_texts.fetch_searched_texts(connection, rows).get(message.subject)
    text = searched.text if searched else ""
    if searched and searched.text is None:
        text = _read_file(registry, searched.sha256, stop)
        if text is None:
            return False
    with unit_of_work(registry.engine) as connection:
        if searched and searched.text is None:
            row = {"sha256": searched.sha256, "text": text, "read_at": clock.now()}
            connection.execute(insert(AttachmentText).values(row))
        if text:
            link_resolution.bump_shown_records(connection, {message.subject})
        connection.execute(delete(Message).where(Message.id == message.id))
    return True


def _read_file(registry: Registry, sha256: str, stop: threading.Event | None) -> str | None:
    """Return the text of a file without numbers of people, "" if it has none; None if `stop` was set meanwhile."""
    try:
        path = file_store.path_of(registry.settings.attachments_dir, sha256)
    except NotFound:
        log.warning("the file of full text %s is missing", sha256)
        return ""
    text = sandbox.read_pdf_text(path, stop)
    if text is None:
        return None
    if len(text.encode()) >= sandbox.MAX_TEXT_BYTES:
        text = LAST_FIGURES.sub("", text)
    return personal.mask_numbers(text)


def run_text_reading(registry: Registry, stop: threading.Event) -> None:
    """Read texts until `stop` is set. Runs in a thread of its own, so that a slow file delays nothing else."""
    while not stop.is_set():
        try:
            pause = 0.0 if read_next_text(registry, stop) else IDLE_SECONDS
        except DatabaseUnavailable as problem:
            log.warning("full texts wait, the database cannot be used: %s", problem)
            pause = ERROR_PAUSE_SECONDS
        except Exception as error:
            if note_system_error(error):  # no fault of the program: one line
                log.warning("full texts wait, the system has nothing left: %s", error)
            else:
                log.warning("reading of full texts failed: %s", type(error).__name__, exc_info=error)
            pause = ERROR_PAUSE_SECONDS
        stop.wait(pause)


def forget_texts(registry: Registry) -> int:
    """Delete the texts that no record makes public any more; return how many."""
    require(SYSTEM, Action.RELAY)
    forgotten, last = 0, ""
    while True:
        with unit_of_work(registry.engine) as connection:
            hashes = list(
                connection.execute(
                    select(AttachmentText.sha256)
                    .where(AttachmentText.sha256 > last)
                    .order_by(AttachmentText.sha256)
                    .limit(BATCH_SIZE)
                ).scalars()
            )
            if not hashes:
                return forgotten
            gone = set(hashes) - full_texts.find_public_hashes(connection, hashes)
            connection.execute(delete(AttachmentText).where(AttachmentText.sha256.in_(gone)))
        forgotten, last = forgotten + len(gone), hashes[-1]
