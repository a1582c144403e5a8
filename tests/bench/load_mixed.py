"""Readers and programs that declare, at the same time and for long: errors, waits, memory, and whether all is there.

python -m tests.bench.load_mixed [--minutes M] [--connections N] [--writers W] [--workers P] [--database sqlite|postgresql|both]

Each connection is kept and asks again as soon as it has its answer; programs pause so long that no token has more than its
600 requests a minute. Anything but the expected status is an error, 503 too. Ends with code 1 if there was one, if anything
acknowledged is missing or twice, or if memory grew by more than `MOST_GROWTH` after the first third.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import itertools
import json
import random
import selectors
import signal
import socket
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil

from registry.services.bootstrap import Registry, open_registry
from registry.services.operations import indexing, maintenance, relay
from tests.bench.__main__ import QUERIES, RECORDS, addresses
from tests.bench.load import finished
from tests.faults.databases import Database, PostgresqlServer, SqliteFile
from tests.faults.server import ROOT, Server
from tests.faults.traffic import RECORDS as FILING
from tests.faults.traffic import Mailbox, prepare_firm, products_held
from tests.services.filers import OWN_STANDARD

PAUSE = 0.12  # seconds between two requests of one program: fewer than 600 a minute
MOST_GROWTH = 100e6  # bytes, of all processes together after the first third
# So small that they are full before: with what they may hold by default, they grow for a quarter of an hour.
CACHES = {"PINZHENG_PAGE_CACHE_MB": "8", "PINZHENG_SEARCH_CACHE_MB": "16"}
LOOK_SECONDS = 5.0
PRODUCT = "mixed load"
SETTLE_SECONDS = 120.0
AMENDED_EVERY = 4
INDICATOR = {"name_zh": "抗弯强度", "operator": ">=", "unit": "MPa", "method": "GB/T 17657-2022"}

Script = Generator[
    tuple[str, int, bytes], tuple[int, bytes], None
]  # kind, expected status, request → status, answer


@dataclass(slots=True)
class Client:
    """One connection and what it asks. `pause`: seconds before its next request."""

    script: Script
    pause: float
    sock: socket.socket | None = None
    kind: str = ""
    expected: int = 200
    request: bytes = b""
    heard: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0


@dataclass
class Measured:
    """What was measured: waits by kind in seconds, wrong answers, memory of the processes at times since the start."""

    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, int]] = field(default_factory=list)
    lag: float = 0.0

    @property
    def growth(self) -> int:
        """Bytes by which memory was higher at most in the last third than at the end of the first."""
        end = self.memory[-1][0]
        first = [size for at, size in self.memory if at <= end / 3]
        last = [size for at, size in self.memory if at >= end * 2 / 3]
        return max(last) - max(first)

    def memory_by_tenths(self) -> str:
        """Megabytes at ten moments, evenly spread."""
        return " ".join(
            f"{self.memory[(len(self.memory) - 1) * tenth // 10][1] / 1e6:.0f}" for tenth in range(1, 11)
        )


def read_pages(paths: list[tuple[str, str]], chance: random.Random) -> Script:
    """Pages in an order of its own, for ever."""
    while True:
        kind, path = chance.choice(paths)
        yield kind, 200, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def declare(key: str, places: Iterator[int], acknowledged: dict[str, str], ends_at: float) -> Script:
    """Declarations of new products; some are amended afterwards."""

    def request(method: str, path: str, product: str, value: int, *headers: str) -> bytes:
        document = {
            **OWN_STANDARD,
            "product_name_zh": product,
            "models": [product],
            "indicators": [{**INDICATOR, "value": value}],
        }
        body = json.dumps({"document": document, "signer": "王强"}).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {key}",
            "Content-Type: application/json",
        ]
        return "\r\n".join([*lines, *headers, f"Content-Length: {len(body)}", "", ""]).encode() + body

    while time.perf_counter() < ends_at:
        place = next(places)
        product = f"{PRODUCT} {place}"
        status, answer = yield (
            "declare",
            201,
            request("POST", FILING, product, 35, f"Idempotency-Key: {PRODUCT.replace(' ', '-')}-{place}"),
        )
        if status != 201:
            continue
        acknowledged[product] = json.loads(answer)["number"]
        if place % AMENDED_EVERY == 0:
            number = acknowledged[product]
            because = request("PUT", f"{FILING}/{number}", product, 36, "If-Match: *")
            yield "amend", 200, because


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load_mixed")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--writers", type=int, default=8, help="of the connections; at most 20")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--log", type=Path, default=None, help="file for the log of the servers")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(1))  # so that all that was started ends
    sound = True
    for name in ("sqlite", "postgresql") if chosen.database == "both" else (chosen.database,):
        with demonstrated(name, chosen) as (server, registry, keys):
            sound = measure(server, registry, keys, chosen) and sound
    return 0 if sound else 1


@contextlib.contextmanager
def demonstrated(name: str, chosen: argparse.Namespace) -> Iterator[tuple[Server, Registry, list[str]]]:
    """A server over short demonstration records, and a token for each program."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pinzheng-load-"))) / "data"
        database: Database = SqliteFile()
        if name == "postgresql":
            database = stack.enter_context(contextlib.closing(PostgresqlServer()))
        mailbox = Mailbox()
        stack.callback(mailbox.close)
        mailbox.open()
        more = CACHES | ({"PINZHENG_SEARCH_URL": database.url(folder)} if name == "postgresql" else {})
        server = Server(database, folder, mailbox.port, chosen.log, PYTHONPATH=str(ROOT), **more)
        stack.callback(server.stop)
        maintenance.initialise(server.settings)
        server.run("tests.short_demonstration", str(folder.parent / "sheets"))
        registry = open_registry(server.settings)
        stack.callback(registry.engine.dispose)
        stack.callback(registry.search.close)
        keys = prepare_firm(registry, server, chosen.writers)
        server.command("relay", "--once")
        server.serve(chosen.workers)
        yield server, registry, keys


def measure(server: Server, registry: Registry, keys: list[str], chosen: argparse.Namespace) -> bool:
    """Drive the server, print what was measured, and say whether it may be so."""
    seconds = chosen.minutes * 60
    acknowledged: dict[str, str] = {}
    paths = pages(server.port)
    places = itertools.count()
    ends_at = time.perf_counter() + seconds
    clients = [Client(declare(key, places, acknowledged, ends_at), PAUSE) for key in keys]
    clients += [
        Client(read_pages(paths, random.Random(number)), 0.0)
        for number in range(chosen.connections - len(keys))
    ]
    measured = drive(server, clients, ends_at)
    lost, doubled, repair = settle(registry, acknowledged)
    wrong = sum(measured.wrong.values())
    print(
        f"\n{server.database.name}: {chosen.connections} connections, {len(keys)} of them write, {chosen.workers} web processes, "
        f"{chosen.minutes:g} minutes"
    )
    print(
        f"{'':16}{'answers':>9}{'a second':>10}{'median ms':>11}{'95 of 100':>11}{'99 of 100':>11}{'longest':>9}"
    )
    for kind, waits in sorted(measured.waits.items()):
        ranked = [each * 1000 for each in sorted(waits)]
        places_of = [ranked[int(len(ranked) * share)] for share in (0.5, 0.95, 0.99)]
        shown = "".join(f"{each:11,.0f}" for each in places_of)
        print(f"{kind:16}{len(ranked):9,}{len(ranked) / seconds:10,.1f}{shown}{ranked[-1]:9,.0f}")
    first, last = measured.memory[0][1] / 1e6, measured.memory[-1][1] / 1e6
    print(f"errors {wrong} {dict(measured.wrong) if wrong else ''}")
    print(
        f"declared {len(acknowledged):,}, lost {lost}, twice {doubled}; index compared with the store: {repair}"
    )
    print(
        f"memory of all processes {first:,.0f} MB at the beginning, {last:,.0f} MB at the end, "
        f"{measured.growth / 1e6:+,.0f} MB after the first third; longest lag of the relay {measured.lag:.1f} s\n"
        f"memory at each tenth of the time, MB: {measured.memory_by_tenths()}",
        flush=True,
    )
    return not (wrong or lost or doubled or repair.repaired) and measured.growth < MOST_GROWTH


def pages(port: int) -> list[tuple[str, str]]:
    """Kinds and addresses of pages: many records and searches, some of everything else."""
    records = addresses(port, RECORDS)
    searches = [f"/{lang}/search?q={quote(query)}" for query in QUERIES for lang in ("zh", "en")]
    return [
        *(("record", path) for path in records),
        *(("search", path) for path in searches * 2),
        *(("search JSON", f"/api/v1/search?q={quote(query)}") for query in QUERIES),
        *(("suggest", f"/api/v1/suggest?q={quote(query[:2])}&lang=zh") for query in QUERIES),
        *(("list", f"/{lang}/{slug}") for slug in RECORDS for lang in ("zh", "en")),
        *(("home", f"/{lang}/") for lang in ("zh", "en")),
        *(("statistics", f"/{lang}/statistics") for lang in ("zh", "en")),
    ]


def drive(server: Server, clients: list[Client], ends_at: float) -> Measured:
    """Let every client ask until the time is up, then take the answers that are still to come."""
    measured = Measured()
    chooser = selectors.DefaultSelector()
    due: list[tuple[float, int]] = [(0.0, number) for number in range(len(clients))]
    started = time.perf_counter()
    next_look = started
    waiting = 0
    while due or waiting:
        now = time.perf_counter()
        if now > ends_at + 60:
            measured.wrong["no answer for a minute"] += waiting
            break
        while due and due[0][0] <= now:
            _at, number = heapq.heappop(due)
            waiting += begin(clients[number], server.port, chooser, ends_at)
        for key, _events in chooser.select(0.05):
            client: Client = key.data
            if hear(client, measured, chooser):
                waiting -= 1
                heapq.heappush(due, (time.perf_counter() + client.pause, clients.index(client)))
        if now > next_look and now < ends_at:
            next_look = now + LOOK_SECONDS
            measured.memory.append((now - started, memory_of(server)))
            measured.lag = max(measured.lag, relay_lag(server))
    for client in clients:
        if client.sock is not None:
            client.sock.close()
    return measured


def begin(client: Client, port: int, chooser: selectors.BaseSelector, ends_at: float) -> bool:
    """Send the next request; False when the client has no more."""
    if time.perf_counter() > ends_at:
        return False
    if not client.request:
        try:
            client.kind, client.expected, client.request = next(client.script)
        except StopIteration:
            return False
    if client.sock is None:
        client.sock = socket.create_connection(("127.0.0.1", port), 30)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(client.sock, selectors.EVENT_READ, client)
    client.heard.clear()
    client.sent_at = time.perf_counter()
    client.sock.sendall(client.request)
    return True


def hear(client: Client, measured: Measured, chooser: selectors.BaseSelector) -> bool:
    """Take what has come; True when the answer is whole, or the connection broke."""
    assert client.sock is not None
    try:
        chunk = client.sock.recv(262_144)
    except OSError:
        chunk = b""
    client.heard += chunk
    status = finished(bytes(client.heard)) if client.heard else None
    if chunk and status is None:
        return False
    head, _blank, body = bytes(client.heard).partition(b"\r\n\r\n")
    if status is None:
        measured.wrong[f"{client.kind}: broken off"] += 1
    else:
        measured.waits[client.kind].append(time.perf_counter() - client.sent_at)
        if status != client.expected:
            measured.wrong[f"{client.kind}: {status}"] += 1
    if not chunk or b"connection: close" in head.lower():
        chooser.unregister(client.sock)
        client.sock.close()
        client.sock = None
    try:
        client.kind, client.expected, client.request = client.script.send((status or 0, body))
    except StopIteration:
        client.request = b""
    return True


def memory_of(server: Server) -> int:
    """Bytes that the processes of the server hold, what they share counted once."""
    sizes = []
    for process in server.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            sizes.append(process.memory_full_info().pss)
    return sum(sizes)


def relay_lag(server: Server) -> float:
    """Seconds that the oldest change has waited, as the server says."""
    return float(server.look().ready.get("relay_lag_seconds") or 0.0)


def settle(registry: Registry, acknowledged: dict[str, str]) -> tuple[int, int, indexing.IndexRepair]:
    """Wait until all is sealed and found; return what is missing, what is there twice, and how the index differs."""
    until = time.monotonic() + SETTLE_SECONDS
    while relay.count_pending(registry) and time.monotonic() < until:
        time.sleep(0.5)
    held = products_held(registry, PRODUCT)
    lost = sum(product not in held for product in acknowledged)
    return lost, sum(number - 1 for number in held.values()), indexing.verify_index(registry)


if __name__ == "__main__":
    sys.exit(main())
