"""One fault tried on a running server under traffic, and what became of everything."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from registry.accounts.model import Letter
from registry.services.bootstrap import Registry
from registry.services.operations import maintenance, relay
from registry.store.unit_of_work import read_transaction
from tests.faults.catalogue import Fault
from tests.faults.server import LOOK_SECONDS, Look, Server
from tests.faults.traffic import Mailbox, Traffic, products_held

RECOVERY_SECONDS = 300.0  # of a busy machine, which sends some letters a second
LINES_OF_A_TRACEBACK = 60
BEFORE_SECONDS = 1.5  # of traffic without fault
PASSING = {
    "writes_refused",
    "descriptors_used_up",
    "process_died",
    "index_rebuilt",
}  # told for a while afterwards
NEEDS_SOMEBODY = {"daily_work_refused"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fault. `repeated`: letters that came again under the same Message-ID, which a killed relay may send."""

    fault: str
    database: str
    acknowledged: int
    lost: int
    doubled: int
    letters: int
    letters_lost: int
    letters_doubled: int
    repeated: int
    recovered_after: float | None  # seconds
    log: bool
    metric: bool
    ready: bool
    faults_of_ours: tuple[str, ...]  # answers with status 500, and each traceback of the log
    problems: tuple[str, ...]  # of the integrity check

    @property
    def is_sound(self) -> bool:
        """Nothing lost or doubled, recovered, and said so in all three places."""
        return (
            not (
                self.lost or self.doubled or self.letters_lost or self.letters_doubled or self.faults_of_ours
            )
            and not self.problems
            and self.recovered_after is not None
            and self.log
            and self.metric
            and self.ready
            and self.acknowledged > 0
        )


def try_fault(
    fault: Fault, traffic: Traffic, mailbox: Mailbox, *, seconds: float, chance: random.Random
) -> Outcome:
    """Do a fault under traffic, end it, wait until everything is as before, and count."""
    server, registry = traffic.server, traffic.registry
    with server.watched() as seen:
        before = _wait_for_rest(server)
        traffic.start()
        time.sleep(BEFORE_SECONDS)
        fault.do(server, seconds, chance)
        over = time.monotonic()
        time.sleep(BEFORE_SECONDS)
        traffic.finish()
        recovered = _wait(lambda: _is_recovered(server, registry, traffic, mailbox), over)
        told = tuple(_find(seen.looks, before, each) for each in (fault.metric, fault.ready))
    held = products_held(registry, traffic.name)
    received = [recipient for recipient, _id in mailbox.received]
    queued = set(traffic.queued)
    return Outcome(
        fault.name,
        server.database.name,
        acknowledged=len(traffic.acknowledged),
        lost=sum(product not in held for product in traffic.acknowledged) + traffic.unfinished,
        doubled=sum(number - 1 for number in held.values()),
        letters=len(queued),
        letters_lost=len(queued - set(received)),
        letters_doubled=len([each for each in received if each in queued]) - len(queued & set(received)),
        repeated=sum(
            number - 1 for (recipient, _id), number in mailbox.received.items() if recipient in queued
        ),
        recovered_after=recovered,
        log=any(re.search(fault.log, line) for line in seen.lines),
        metric=told[0],
        ready=told[1],
        faults_of_ours=("answered 500",) * traffic.answers[500] + tuple(_tracebacks(seen.lines)),
        problems=tuple(str(each) for each in maintenance.check_store(registry)),
    )


def _wait_for_rest(server: Server) -> Look:
    """A look at the server when it tells of no fault before this one any more."""
    for _attempt in range(100):
        look = server.look()
        if look.ready.get("ready") and not look.attention:
            break
        time.sleep(LOOK_SECONDS)
    return look


def _find(looks: list[Look], before: Look, told: Callable[[Look, Look], bool]) -> bool:
    return any(told(before, look) for look in looks)


def _tracebacks(lines: list[str]) -> Iterator[str]:
    """Each traceback of a log with the lines around it, which say whose it is and what ended it."""
    for place, line in enumerate(lines):
        if "Traceback (most recent call last)" in line:
            yield "".join(lines[max(place - 3, 0) : place + LINES_OF_A_TRACEBACK])


def _wait(is_so: Callable[[], bool], since: float) -> float | None:
    """The seconds since a moment after which something is so; None if it never is."""
    while time.monotonic() - since < RECOVERY_SECONDS:
        if is_so():
            return time.monotonic() - since
        time.sleep(LOOK_SECONDS)
    return None


def _is_recovered(server: Server, registry: Registry, traffic: Traffic, mailbox: Mailbox) -> bool:
    """The server is ready and asks for nobody, all is sealed, found and sent."""
    look = server.look()
    received = {recipient for recipient, _id in list(mailbox.received)}
    return (
        bool(look.ready.get("ready"))
        and not look.attention - PASSING
        and not relay.count_pending(registry)
        and _is_found(server, traffic)
        and set(traffic.queued) <= received
        and _letters_waiting(registry) == 0
    )


def _letters_waiting(registry: Registry) -> int:
    with read_transaction(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(Letter)).scalar_one())


def _is_found(server: Server, traffic: Traffic) -> bool:
    """The newest declaration that was acknowledged is found by its number."""
    if not traffic.acknowledged:
        return True
    number = list(traffic.acknowledged.values())[-1]
    status, body = server.ask("GET", f"/api/v1/search?q={number}")
    return status == 200 and number.encode() in body
