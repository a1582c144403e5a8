"""`serve`: one parent that holds the listening socket, and below it a generation of processes that can be replaced."""

from __future__ import annotations

import importlib
import logging
import os
import selectors
import signal
import socket
import sys
import time
from types import FrameType

import click

from portal.cli.children import Child, start_program
from portal.cli.plain_command import EXIT_DONE, EXIT_REFUSED, PlainCommand, fail
from portal.server.listening import bound_socket, raise_descriptor_limit
from portal.server.sizes import MAX_CONNECTIONS
from registry.config import LOOPBACK_HOSTS, Settings
from registry.observing.shared_files import own_directory, share_metrics

POLL_SECONDS = 0.2
RELOAD_TIMEOUT = 120.0  # seconds until a new generation has to be ready
TERMINATE_TIMEOUT = 9.0  # of the ten that the contract gives from SIGTERM to silence
INHERITED_STREAMS = (0, 1, 2)
log = logging.getLogger(__name__)


@click.command(cls=PlainCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--no-relay", is_flag=True, help="Start neither relay nor sheets: they run elsewhere.")
@click.option(
    "--check", is_flag=True, help="Print the settings in force and what is wrong with them, and end."
)
def serve(*, host: str, port: int, workers: int, no_relay: bool, check: bool) -> None:
    """Serve the portal, with relay and sheets beside it, until SIGTERM or SIGINT. SIGHUP loads everything anew."""
    settings = Settings.from_environment(
        local_address=server_url(host, port)
    )  # what is wrong with it is said here
    if check:
        sys.exit(check_settings(settings))
    with open_listener(host, port) as listener, own_directory() as metrics_directory:
        share_metrics(metrics_directory)
        arguments = [f"--served-at={server_url(host, port)}", f"--workers={workers}"]
        Parent(listener, workers, [*arguments, *(["--no-relay"] if no_relay else [])]).run(
            f"Pinzheng 品证: http://{host_in_url(host)}:{port}/"
        )


def check_settings(settings: Settings) -> int:
    """Print the settings in force; return the exit code: refused if the server could not answer."""
    shown = importlib.import_module(
        "portal.cli.settings_in_force"
    )  # loads the registers, which the parent does without
    for line in shown.settings_lines(settings):
        click.echo(line)
    for line in shown.warnings(settings):
        click.echo(f"warning: {line}", err=True)
    problems = list(shown.problems(settings))
    for line in problems:
        click.echo(f"problem: {line}", err=True)
    return EXIT_REFUSED if problems else EXIT_DONE


class Parent:
    """The parent of all processes of a server. `arguments`: of each generation."""

    def __init__(self, listener: socket.socket, workers: int, arguments: list[str]) -> None:
        self._listener = listener
        self._workers = workers
        self._arguments = arguments
        self._signals: list[int] = []
        self._had_terminal = has_terminal()
        self._generations: list[Child] = []  # the one that serves last; before it those that are ending
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def run(self, address: str) -> None:
        """Serve until SIGTERM or SIGINT; exits with the code of a generation that ends by itself."""
        try:
            ready = self._start("--announce")
            if self._is_ready(ready):
                click.echo(address)
                sys.stdout.flush()
            while not self._told_to_stop():
                if (code := self._generations[-1].poll()) is not None:
                    sys.exit(code or 1)
                self._generations = [each for each in self._generations if each.poll() is None]
                if signal.SIGHUP in self._signals:
                    self._signals.remove(signal.SIGHUP)
                    self._reload()
                time.sleep(POLL_SECONDS)
        finally:
            self._terminate()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._signals.append(number)

    def _told_to_stop(self) -> bool:
        if signal.SIGHUP in self._signals and self._had_terminal and not has_terminal():
            return True  # the terminal was closed: its user cannot stop the server any more
        return any(number != signal.SIGHUP for number in self._signals)

    def _start(self, *more: str) -> int:
        """Start a generation; return the descriptor on which it tells that it is ready."""
        reads, writes = os.pipe()
        self._generations.append(
            start_program(
                [
                    sys.executable,
                    "-m",
                    "portal.begin_generation",
                    f"--listener={self._listener.fileno()}",
                    f"--ready={writes}",
                    *self._arguments,
                    *more,
                ],
                (self._listener.fileno(), writes),
            )
        )
        os.close(writes)
        return reads

    def _is_ready(self, descriptor: int) -> bool:
        """Wait until all web processes of the newest generation accept connections; False when it ended before, or one told this to stop."""
        end = time.monotonic() + RELOAD_TIMEOUT
        heard = 0
        with selectors.DefaultSelector() as selector, open(descriptor, "rb", buffering=0) as pipe:
            selector.register(pipe, selectors.EVENT_READ)
            while heard < self._workers and time.monotonic() < end and not self._told_to_stop():
                if selector.select(POLL_SECONDS):
                    data = pipe.read(self._workers)
                    if not data:
                        return False
                    heard += len(data)
        return heard >= self._workers

    def _reload(self) -> None:
        """Replace the generation by a new one without losing a connection; keep the old one if the new one does not start."""
        old = self._generations[-1]
        if self._is_ready(self._start()):
            log.info("reloaded", extra={"child_pid": self._generations[-1].pid})
            old.send_signal(signal.SIGTERM)
            return
        failed = self._generations.pop()
        self._generations.insert(0, failed)
        failed.send_signal(signal.SIGTERM)
        if not self._told_to_stop():
            log.error("the server was not reloaded: what runs goes on")

    def _terminate(self) -> None:
        # Before the processes that accept let go of it: what came in between, no one would take.
        self._listener.close()
        for child in self._generations:
            child.send_signal(signal.SIGTERM)
        end = time.monotonic() + TERMINATE_TIMEOUT
        while any(child.poll() is None for child in self._generations) and time.monotonic() < end:
            time.sleep(POLL_SECONDS / 4)
        for child in self._generations:
            child.kill()
            child.wait()


def has_terminal() -> bool:
    """Return True if this process reads from or writes to a terminal that is still there."""
    return any(os.isatty(descriptor) for descriptor in INHERITED_STREAMS)


def server_url(host: str, port: int) -> str:
    """Return the address of the server on this machine: permalinks begin with it as long as no base URL is set."""
    return f"http://{host_in_url(host) if host in LOOPBACK_HOSTS else LOOPBACK_HOSTS[0]}:{port}"


def host_in_url(host: str) -> str:
    """Return the host as an address writes it (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket for the first generation to listen on, with as many descriptors as the system permits. Exits with one line if the port is taken."""
    allowed, connections = raise_descriptor_limit()
    if connections < MAX_CONNECTIONS:
        click.echo(
            f"Only {allowed} open files are allowed (ulimit -n): each web process holds {connections} connections, "
            f"not {MAX_CONNECTIONS}.",
            err=True,
        )
    try:
        return bound_socket(host, port)
    except OSError as problem:
        fail(
            f"Port {port} on {host} cannot be used: {problem.strerror}. Another one: --port {port % 65535 + 1}"
        )
