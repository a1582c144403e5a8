"""The faults: what is done to a running server, and by which words it has to tell."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil

from tests.faults.databases import PostgresqlServer
from tests.faults.server import Look, Server

FULL = 400_000  # bytes of a file beyond which the disk is full
FEW = 8  # descriptors, all of them in use since the start
AHEAD = 40  # days by which a clock is wrong; tokens of a year still hold
HANG_SECONDS = 75.0  # the supervisor waits a minute for a sign of life
LEASE_SECONDS = 30.0  # until a relay that gives no sign has lost its lease
AWAY_SECONDS = 6.0

Told = Callable[[Look, Look], bool]  # of a look before the fault and one after it began


def has_attention(code: str) -> Told:
    """It stands in the attention of `/readyz`, and did not before."""
    return lambda before, now: code in now.attention and code not in before.attention


def rises(name: str, label: str = "") -> Told:
    """A metric is higher than before."""
    return lambda before, now: now.sum_of(name, label) > before.sum_of(name, label)


def is_zero(name: str) -> Told:
    """A metric is there, and zero."""
    return lambda _before, now: bool(now.metrics) and (name, "") in now.metrics and now.sum_of(name) == 0


def is_unready(part: str) -> Told:
    """`/readyz` says that this part cannot be used."""
    return lambda _before, now: now.ready.get(part) is False


def tokens_rise(companion: str) -> Told:
    """`/readyz` says that another process has taken the lease."""

    def told(before: Look, now: Look) -> bool:
        tokens = [
            (each.ready.get("operation") or {}).get(companion, {}).get("lease_token")
            for each in (before, now)
        ]
        return None not in tokens and tokens[1] > tokens[0]

    return told


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is done for some seconds. `log`: pattern of a line; `metric`, `ready`: what a look has to show.

    `quick`: the suite does it too.
    """

    name: str
    do: Callable[[Server, float, random.Random], None]
    log: str
    metric: Told
    ready: Told
    on: tuple[str, ...] = ("sqlite", "postgresql")
    quick: bool = False
    seconds: float = 10.0


def kill_at_random(server: Server, seconds: float, chance: random.Random) -> None:
    """Web processes, relay and sheets, each with SIGKILL, at random moments."""
    until = time.monotonic() + seconds
    kills = 0
    while time.monotonic() < until or kills < 3:
        time.sleep(chance.uniform(0.2, 1.2))
        names = ("relay", "sheets", "web")
        name = names[kills] if kills < 3 else chance.choice(names)
        with contextlib.suppress(psutil.NoSuchProcess):
            processes = server.web_processes() if name == "web" else [server.child(name)]
            if processes:
                chance.choice(processes).kill()
                kills += 1


def stop_database(server: Server, seconds: float, chance: random.Random) -> None:
    """It is stopped, and started after some seconds."""
    database = server.database
    assert isinstance(database, PostgresqlServer)
    database.stop()
    time.sleep(AWAY_SECONDS)
    database.start()


def crash_database(server: Server, seconds: float, chance: random.Random) -> None:
    """It is ended without writing what it holds, as by a power cut."""
    database = server.database
    assert isinstance(database, PostgresqlServer)
    database.crash()
    time.sleep(AWAY_SECONDS)
    database.start()


def end_connections(server: Server, seconds: float, chance: random.Random) -> None:
    """Connections are ended, again and again."""
    database = server.database
    assert isinstance(database, PostgresqlServer)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        database.end_connections()
        time.sleep(chance.uniform(0.2, 1.0))


def lock_database(server: Server, seconds: float, chance: random.Random) -> None:
    """Another program has the lock of all writers for longer than a web process waits."""
    with server.database.locked():
        time.sleep(max(seconds, 6.0))


def make_read_only(server: Server, seconds: float, chance: random.Random) -> None:
    """Writes are refused. Processes with an open file of SQLite may write on: they are started anew."""
    with server.database.read_only():
        if server.database.name == "sqlite":
            for process in (*server.web_processes(), server.child("relay"), server.child("sheets")):
                process.kill()
        time.sleep(max(seconds, 8.0))


@contextlib.contextmanager
def limited(
    processes: list[psutil.Process], kind: int, soft: Callable[[psutil.Process], int]
) -> Iterator[None]:
    """Processes with a lower limit of the system."""
    before = {}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            before[process] = process.rlimit(kind)
            process.rlimit(kind, (soft(process), before[process][1]))
    try:
        yield
    finally:
        for process, limit in before.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.rlimit(kind, limit)


def fill_disk(server: Server, seconds: float, chance: random.Random) -> None:
    """No file of these processes can grow beyond some size: what a full disk or a quota does."""
    with limited(server.processes(), resource.RLIMIT_FSIZE, lambda _process: FULL):
        time.sleep(max(seconds, 5.0))


def use_up_descriptors(server: Server, seconds: float, chance: random.Random) -> None:
    """No process may open a file more; then not even what a closed one has left."""
    processes = [*server.web_processes(), server.child("relay"), server.child("sheets")]
    for soft in (lambda process: process.num_fds(), lambda _process: FEW):
        with limited(processes, resource.RLIMIT_NOFILE, soft):
            time.sleep(max(seconds / 2, 3.0))


def shift_clock(days: int) -> Callable[[Server, float, random.Random], None]:
    """All processes see a wrong day, and the right one afterwards."""

    def do(server: Server, seconds: float, chance: random.Random) -> None:
        del chance
        server.set_clock(days)
        time.sleep(max(seconds, 8.0))  # the state of the register is looked up every five
        server.set_clock(0)

    return do


def overlap_relays(server: Server, seconds: float, chance: random.Random) -> None:
    """A relay of another data directory takes over from one that is held up, which then goes on."""
    other = server.folder.parent / "second"
    shutil.rmtree(other, ignore_errors=True)
    other.mkdir()
    second = server.start("relay", PINZHENG_DATA_DIR=str(other))
    try:
        server.wait_for_line("waits: another relay is at work", 120)
        time.sleep(1)
        first = server.child("relay")
        first.suspend()
        time.sleep(LEASE_SECONDS)
        with contextlib.suppress(psutil.NoSuchProcess):
            first.resume()
        time.sleep(5)
    finally:
        second.terminate()
        second.wait(60)  # on a busy machine


def hang_relay(server: Server, seconds: float, chance: random.Random) -> None:
    """The relay hangs and never goes on."""
    server.child("relay").suspend()
    time.sleep(HANG_SECONDS)


def destroy_index(server: Server, seconds: float, chance: random.Random) -> None:
    """Files of the index are overwritten, then all of it is gone; with PostgreSQL its tables."""
    if server.database.name == "postgresql":
        assert isinstance(server.database, PostgresqlServer)
        server.database.run("DROP SCHEMA IF EXISTS pinzheng_search CASCADE", "register")
        time.sleep(2)
        return
    for path in sorted(server.settings.index_dir.rglob("*")):
        if path.is_file() and path.stat().st_size > 100:
            with contextlib.suppress(OSError), path.open("r+b") as file:
                file.seek(50)
                file.write(os.urandom(40))
    time.sleep(max(1.0, seconds / 2))
    shutil.rmtree(server.settings.index_dir, ignore_errors=True)
    time.sleep(2)


FAULTS = (
    Fault("kill -9 of web, relay, sheets", kill_at_random, "has died and is started again", rises("pinzheng_child_restarts_total"), has_attention("process_died"), quick=True, seconds=30),
    Fault("database stopped", stop_database, "database cannot be used|database_unavailable", is_zero("pinzheng_database_up"), is_unready("database"), ("postgresql",)),
    Fault("database crashed", crash_database, "database cannot be used|database_unavailable", is_zero("pinzheng_database_up"), is_unready("database"), ("postgresql",)),
    Fault("connections ended", end_connections, "database_unavailable|could not be extended|cannot be used", rises("pinzheng_errors_total", "DatabaseUnavailable"), has_attention("writes_refused"), ("postgresql",)),
    Fault("database locked", lock_database, "database_busy", rises("pinzheng_errors_total", "DatabaseBusy"), has_attention("writes_refused")),
    Fault("database read-only", make_read_only, "(?i)read-?only", is_zero("pinzheng_database_writable"), has_attention("not_writable")),
    Fault("disk full", fill_disk, "disk|full|cannot be used|I/O error", rises("pinzheng_errors_total", "DatabaseUnavailable"), has_attention("writes_refused"), ("sqlite",), quick=True),
    Fault("clock 40 days ahead", shift_clock(AHEAD), "daily work refused", rises("pinzheng_daily_work_refused"), has_attention("daily_work_refused")),
    Fault("clock 40 days behind", shift_clock(-AHEAD), "daily work refused", rises("pinzheng_daily_work_refused"), has_attention("daily_work_refused")),
    Fault("two relays", overlap_relays, "has lost its lease", rises("pinzheng_lease_token", "relay"), tokens_rise("relay"), ("postgresql",)),
    Fault("relay hangs", hang_relay, "gives no sign of life and is killed", rises("pinzheng_child_restarts_total", "relay"), has_attention("process_died")),
    Fault("index destroyed", destroy_index, "no usable search index", lambda before, now: has_attention("index_rebuilt")(before, now) or is_zero("pinzheng_index_up")(before, now), lambda before, now: has_attention("index_rebuilt")(before, now) or is_unready("index")(before, now), quick=True),
    Fault("descriptors used up", use_up_descriptors, "(?i)no new connections|open files|unable to open", has_attention("descriptors_used_up"), has_attention("descriptors_used_up"), quick=True),
)  # fmt: skip
