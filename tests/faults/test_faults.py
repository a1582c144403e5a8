"""Some of the faults of `make faults`, each for some seconds, on a file of SQLite: nothing lost, nothing doubled, all told."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from registry.services.bootstrap import Registry
from registry.services.operations import indexing
from tests.faults.__main__ import running
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.server import Server
from tests.faults.traffic import Mailbox, Traffic
from tests.faults.trial import try_fault

pytestmark = pytest.mark.once
SECONDS = 2.0
QUICK = [fault for fault in FAULTS if fault.quick]
Running = tuple[Server, Registry, Mailbox, list[str]]


@pytest.fixture(scope="module")
def register() -> Iterator[Running]:
    with running("sqlite") as started:
        yield started


@pytest.mark.parametrize("fault", QUICK, ids=[fault.name for fault in QUICK])
def test_a_fault_loses_and_doubles_nothing_and_is_told(register: Running, fault: Fault) -> None:
    server, registry, mailbox, keys = register
    traffic = Traffic(server, registry, keys, f"suite-{QUICK.index(fault)}")
    outcome = try_fault(fault, traffic, mailbox, seconds=SECONDS, chance=random.Random(fault.name))
    assert outcome.is_sound, "\n".join((str(outcome), *outcome.faults_of_ours))
    assert indexing.verify_index(registry) == indexing.IndexRepair()
