"""The writer of the index, killed at a hundred random moments: the index can be read, and the next run makes it whole."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.kit.record import Record
from registry.outbox.model import RECORD_TOPIC, enqueue
from registry.search.port import Query
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.operations import indexing, relay
from registry.store.unit_of_work import unit_of_work
from tests.processes import organisations

KILLS, RECORDS, CHANGED = 100, 300, 60


def change(registry: Registry, chance: random.Random) -> None:
    """Some records change, as an import would leave them: what search knows of them is no longer what is so."""
    ids = sorted(chance.sample(range(1, RECORDS + 1), CHANGED))
    with unit_of_work(registry.engine) as connection:
        changed = Record.id.in_(ids)
        connection.execute(update(Record).where(changed).values(index_version=Record.index_version + 1))
        enqueue(connection, RECORD_TOPIC, ids)


def relayed(settings: Settings) -> int:
    """A process that does the relay's work in small commits and ends; its number."""
    child = os.fork()
    if child == 0:
        try:
            relay.INDEX_BATCH = 7  # many commits, segments joined between them
            relay.run_relay_once(open_registry(settings))
        finally:
            os._exit(0)
    return child


@pytest.mark.once
def test_a_writer_killed_at_a_hundred_moments_leaves_an_index_that_is_read_and_mended(
    registry: Registry, settings: Settings, tmp_path: Path
) -> None:
    chance = random.Random(4)
    importer.import_files(
        registry, REGISTRAR, "organisations", [organisations(tmp_path / "all.csv", RECORDS)]
    )
    relay.run_relay_once(registry)
    change(registry, chance)
    begun = time.monotonic()
    os.waitpid(relayed(settings), 0)
    lasts = time.monotonic() - begun
    assert relay.count_pending(registry) == 0
    cut_short = 0
    for _kill in range(KILLS):
        change(registry, chance)
        child = relayed(settings)
        time.sleep(chance.uniform(0.0, lasts))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        cut_short += relay.count_pending(registry) > 0
        reader = open_registry(settings)
        found = reader.search.find(Query("", include_ended=True))
        assert (found.total, reader.search.verify()) == (RECORDS, True)
        reader.search.close()
        reader.engine.dispose()
        relay.run_relay_once(registry)
        assert indexing.verify_index(registry) == indexing.IndexRepair()
    assert cut_short > KILLS / 4  # most of them were at work
