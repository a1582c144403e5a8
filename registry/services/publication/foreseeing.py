"""What publication would make of documents, read from the store without changing it: no lock is taken, no number spent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from registry.kit.definition import RegisterDefinition
from registry.services.publication import near_doubles
from registry.services.publication.batch_writer import Authority
from registry.services.publication.near_doubles import PlannedRecord
from registry.services.publication.numbering import ForeseenNumbers
from registry.services.publication.publishing import (
    IMPORTED,
    PreparedDocument,
    Publication,
    PublishOutcome,
)


def foresee(
    connection: Connection,
    definition: RegisterDefinition,
    documents: Sequence[PreparedDocument],
    authority: Authority,
) -> list[PublishOutcome]:
    """Return what `publish` would say of these documents now, in their order.

    Numbers of new records are those that would be next. Raises `ConcurrentWrite` as `publish` does.
    """
    publication = Publication(connection, definition, authority, ForeseenNumbers())
    decided = publication.decide(documents, IMPORTED)
    batch = publication.batch
    numbers = {entry["record_id"]: (entry["number"], entry["status"]) for entry in batch.entries}
    planned = {
        record_id: PlannedRecord(*numbers[record_id], values) for record_id, values in batch.documents.items()
    }
    return decided.with_doubts(near_doubles.foresee(connection, definition, planned))
