"""One generation of a server: the application is loaded once, and web processes, relay and sheets are forked from it.

`pinzheng serve` starts it as a program of its own, and a second one beside the first when it is told to reload. All
processes of a generation share the memory of what was loaded before they were forked.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
from functools import partial
from types import FrameType

import click

from portal import cli
from portal.app import create_app
from portal.cli.children import Fork
from portal.cli.errors_and_exit import EXIT_REFUSED, Command, fail, open_ready_registry
from portal.cli.supervisor import Supervisor
from portal.server.exchange import Application
from portal.server.listening import BACKLOG
from portal.server.web_server import WebServer
from registry.accounts.policy import ANONYMOUS
from registry.config import write_served_address
from registry.i18n import gettext
from registry.late_imports import load_late_modules
from registry.operator_profile import load_operator
from registry.prepared_files import keep_prepared_files
from registry.services import records
from registry.services.bootstrap import Registry

COMPANION_COMMANDS = ("relay", "sheets")  # commands that work beside the web processes
READY = b"."  # what each web process writes when it accepts connections


@click.command(cls=Command)
@click.option("--listener", required=True, type=int, help="Descriptor of the listening socket.")
@click.option("--ready", required=True, type=int, help="Descriptor to which each web process writes a byte.")
@click.option("--served-at", required=True, help="Address of the server on this machine.")
@click.option("--workers", required=True, type=click.IntRange(1, 64))
@click.option("--no-relay", is_flag=True)
@click.option("--announce", is_flag=True, help="Print the registers and what the settings lack.")
def generation(
    listener: int, ready: int, served_at: str, workers: int, *, no_relay: bool, announce: bool
) -> None:
    """Serve until SIGTERM or SIGINT."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stopping: list[int] = []

    def on_signal(number: int, frame: FrameType | None) -> None:
        del frame
        stopping.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # ends this process: nothing is begun while it loads
    application = load_application(served_at, announce=announce)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    supervisor = Supervisor()
    with socket.socket(fileno=listener) as open_listener:
        open_listener.listen(
            BACKLOG
        )  # not earlier: while the application was loaded nothing could have answered
        server = WebServer(open_listener, workers, lambda: application, lambda: _tell_ready(ready))
        web = supervisor.start("web", lambda: Fork(server.run))
    if not no_relay:
        for name in COMPANION_COMMANDS:
            supervisor.supervise(name, partial(start_companion, name, served_at))
    try:
        while not stopping and supervisor.exit_code(web) is None:
            supervisor.poll()
    finally:
        supervisor.terminate()
    if not stopping:
        fail(f"The web server ended by itself with code {supervisor.exit_code(web)}.")


def load_application(served_at: str, *, announce: bool) -> Application:
    """Return the application with nothing open, so that processes can be forked from this one."""
    gc.disable()  # as since the start of this process: what is loaded stays
    registry = open_ready_registry(served_at)
    keep_prepared_files(registry.settings.data_dir)
    write_served_address(registry.settings.data_dir, served_at)
    if announce:
        print_summary(registry)
    load_late_modules()  # once for all processes
    application = create_app(served_at=served_at, warm=True)
    registry.engine.dispose()
    gc.freeze()  # the collector would write into pages of memory that are shared; of garbage there is next to none
    gc.enable()
    return application


def print_summary(registry: Registry) -> None:
    """Print the registers with their sizes, in both languages, and what the settings lack."""
    for view in records.list_registers(registry, ANONYMOUS):
        click.echo(f"{view.total:>8,}  {gettext(view.label, 'zh')}  {gettext(view.label, 'en')}")
    if not registry.settings.mail_url:
        click.echo(f"No mail server (PINZHENG_MAIL_URL): mails are files in {registry.settings.mail_dir}/")
    if load_operator(registry.settings.operator_file, production=registry.settings.production) is None:
        click.echo("Nothing says who runs this register (PINZHENG_OPERATOR): its pages say so too.")
    sys.stdout.flush()


def start_companion(name: str, served_at: str, alive: int) -> Fork:
    """Start a command beside the web processes; it writes signs of life to the descriptor `alive`."""
    return Fork(partial(run_command, name, "--served-at", served_at, "--alive", str(alive)))


def run_command(*arguments: str) -> None:
    """Run a command of the `pinzheng` program in this process, and end it."""
    cli.pinzheng.main(args=list(arguments), prog_name="pinzheng")


def _tell_ready(descriptor: int) -> None:
    with contextlib.suppress(OSError):  # nothing waits for a process that is started again later
        os.write(descriptor, READY)
    os.close(descriptor)


def main() -> None:
    """Serve with the arguments of the command line, and end this process."""
    cli.prepare("generation")
    sys.exit(generation.main(prog_name="pinzheng serve") or EXIT_REFUSED)
