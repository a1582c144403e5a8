"""The writer of the index is killed at forty random moments: the index stays readable, the next run repairs it."""

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

KILLS, RECORDS, CHANGED = 40, 300, 60


def change(registry: Registry, chance: random.Random) -> None:
    """Change some records as an import does: their search documents are out of date."""
    ids = sorted(chance.sample(range(1, RECORDS + 1), CHANGED))
    with unit_of_work(registry.engine) as connection:
        changed = Record.id.in_(ids)
        connection.execute(update(Record).where(changed).values(index_version=Record.index_version + 1))
        enqueue(connection, RECORD_TOPIC, ids)


def relayed(settings: Settings) -> int:
    """Start a process that runs the relay once, in small commits; return its process id."""
    child = os.fork()
    if child == 0:
        try:
            relay.INDEX_BATCH = 7  # many commits, segments joined between them
            relay.run_relay_once(open_registry(settings))
        finally:
            os._exit(0)
    return child


@pytest.mark.once
def test_an_index_stays_readable_and_is_repaired_after_its_writer_is_killed(
    registry: Registry, settings: Settings, tmp_path: Path
) -> None:
    chance = random.Random(4)
    importer.import_files(
        registry, REGISTRAR, "organisations", [organisations(tmp_path / "all.csv", RECORDS)]
    )
    relay.run_relay_once(registry)
    change(registry, chance)
    started = time.monotonic()
    os.waitpid(relayed(settings), 0)
    duration = time.monotonic() - started
    assert relay.count_pending(registry) == 0
    cut_short = 0
    for _kill in range(KILLS):
        change(registry, chance)
        child = relayed(settings)
        time.sleep(chance.uniform(0.0, duration))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        unfinished = relay.count_pending(registry) > 0
        cut_short += unfinished
        # Whatever the load of the machine: later after a run cut short, earlier after one that had ended.
        duration *= 1.05 if unfinished else 0.95
        reader = open_registry(settings)
        result = reader.search.find(Query("", include_ended=True))
        assert (result.total, reader.search.verify()) == (RECORDS, True)
        reader.search.close()
        reader.engine.dispose()
        relay.run_relay_once(registry)
        assert indexing.verify_index(registry) == indexing.IndexRepair()
    assert cut_short > KILLS / 4  # enough of them were killed before they had ended
