"""What differs between the index and the store, record by record: in memory of some bytes a record, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from registry.kit.record import Record
from registry.observing.signs_of_life import give_sign
from registry.services.bootstrap import Registry
from registry.services.publication.record_queries import IS_PRESENT
from registry.store.unit_of_work import read_transaction

VERSION_OF_ID = np.dtype([("id", np.int64), ("version", np.int64)])
STORED_AT_A_TIME = 10_000
Versions = NDArray[Any]  # of `VERSION_OF_ID`


class IndexDifferences(NamedTuple):
    """Ids of records: `missing` from the index, `stale` in it, and `extra` documents in it of no record."""

    missing: list[int]
    stale: list[int]
    extra: list[int]


def compare_index(registry: Registry) -> IndexDifferences:
    """Compare the index versions of all records with those of the documents in the index."""
    # The index first: whatever it holds by then is in the database by the time that is read.
    indexed: Versions = np.fromiter(registry.search.index_versions(), VERSION_OF_ID)
    indexed.sort(order="id")
    ids, versions = indexed["id"].copy(), indexed["version"].copy()
    del indexed
    is_stored = np.zeros(len(ids), bool)
    missing: list[int] = []
    stale: list[int] = []
    with read_transaction(registry.engine) as connection:
        for stored in _stored_versions(connection):
            places = np.searchsorted(ids, stored["id"])
            found = places < len(ids)
            found[found] = ids[places[found]] == stored["id"][found]
            places = places[found]
            is_stored[places] = True
            missing += stored["id"][~found].tolist()
            stale += ids[places[versions[places] != stored["version"][found]]].tolist()
    return IndexDifferences(missing, stale, ids[~is_stored].tolist())


def _stored_versions(connection: Connection) -> Iterator[Versions]:
    last = 0
    while rows := connection.execute(
        select(Record.id, Record.index_version)
        .where(Record.id > last, IS_PRESENT)
        .order_by(Record.id)
        .limit(STORED_AT_A_TIME)
    ).all():
        give_sign()
        yield np.array([tuple(row) for row in rows], VERSION_OF_ID)
        last = rows[-1].id
