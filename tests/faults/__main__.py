"""`make faults`: every fault on a running register under traffic, and a table of what became of it.

python -m tests.faults [--database sqlite|postgresql|both] [--only WORDS] [--seconds S] [--seed N] [--list]

Ends with code 1 if anything was lost, doubled, not recovered or not said. Needs no rights that an account does not have.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import signal
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

from registry.services.bootstrap import Registry, open_registry
from registry.services.operations import indexing, maintenance
from tests.faults.catalogue import FAULTS
from tests.faults.databases import Database, PostgresqlServer, SqliteFile
from tests.faults.server import Server
from tests.faults.traffic import Mailbox, Traffic, prepare_firm
from tests.faults.trial import Outcome, try_fault

HEADER = (
    f"{'fault':34}{'store':12}{'taken':>6}{'lost':>6}{'twice':>6}{'letters':>8}{'lost':>6}{'twice':>6}{'again':>6}"
    f"{'well after':>11}  log metric readyz"
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--only", default="", help="faults with these words in their name")
    parser.add_argument("--seconds", type=float, default=None, help="how long each fault is done")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument("--log", type=Path, default=None, help="file for the log of the servers")
    parser.add_argument("--list", action="store_true", help="name the faults and end")
    chosen = parser.parse_args()
    faults = [each for each in FAULTS if chosen.only in each.name]
    if chosen.list:
        for fault in faults:
            print(f"{fault.name:34}{', '.join(fault.on)}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(1))  # so that all that was started ends
    chance = random.Random(chosen.seed)
    print(HEADER)
    sound = True
    for name in ("sqlite", "postgresql") if chosen.database == "both" else (chosen.database,):
        with running(name, chosen.log) as (server, registry, mailbox, keys):
            for number, fault in enumerate(each for each in faults if name in each.on):
                traffic = Traffic(server, registry, keys, f"{name}-{number}")
                seconds = fault.seconds if chosen.seconds is None else chosen.seconds
                outcome = try_fault(fault, traffic, mailbox, seconds=seconds, chance=chance)
                print_outcome(outcome, dict(sorted(traffic.answers.items())))
                sound = sound and outcome.is_sound
            repair = indexing.verify_index(registry)
            print(f"{name}: index compared with the store: {repair}")
            sound = sound and repair == indexing.IndexRepair()
    return 0 if sound else 1


@contextlib.contextmanager
def running(name: str, log: Path | None = None) -> Iterator[tuple[Server, Registry, Mailbox, list[str]]]:
    """A server with a firm that declares and a mail server, over a new store."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pinzheng-faults-"))) / "data"
        database: Database = SqliteFile()
        if name == "postgresql":
            database = stack.enter_context(contextlib.closing(PostgresqlServer()))
        mailbox = Mailbox()
        stack.callback(mailbox.close)
        mailbox.open()
        more = {"PINZHENG_SEARCH_URL": database.url(folder)} if name == "postgresql" else {}
        server = Server(database, folder, mailbox.port, log, **more)
        stack.callback(server.stop)
        maintenance.initialise(server.settings)
        registry = open_registry(server.settings)
        stack.callback(registry.engine.dispose)
        stack.callback(registry.search.close)
        keys = prepare_firm(registry, server)
        server.command("relay", "--once")
        server.serve()
        yield server, registry, mailbox, keys


def print_outcome(outcome: Outcome, answers: dict[int, int]) -> None:
    """One line of the table, and what is wrong below it."""
    well = f"{outcome.recovered_after:.0f} s" if outcome.recovered_after is not None else "never"
    said = "  ".join("yes" if each else "NO " for each in (outcome.log, outcome.metric, outcome.ready))
    print(
        f"{outcome.fault:34}{outcome.database:12}{outcome.acknowledged:6}{outcome.lost:6}{outcome.doubled:6}"
        f"{outcome.letters:8}{outcome.letters_lost:6}{outcome.letters_doubled:6}{outcome.repeated:6}{well:>11}  {said}",
        flush=True,
    )
    for fault in outcome.faults_of_ours:
        print(textwrap.indent(fault, "    "))
    if not outcome.is_sound:
        print(f"    answers by status: {answers}")
    for problem in outcome.problems:
        print(f"    {problem}")


if __name__ == "__main__":
    sys.exit(main())
