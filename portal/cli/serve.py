"""`serve`: web workers, one relay and one process for sheets beside them, under one parent that ends them together."""

from __future__ import annotations

import signal
import socket
import sys
from types import FrameType

import click

from portal.cli.errors_and_exit import Command, fail, open_ready_registry
from portal.cli.supervisor import Supervisor
from portal.server.sizes import THREADS
from registry.accounts.policy import ANONYMOUS
from registry.config import LOOPBACK_HOSTS, write_served_address
from registry.i18n import gettext
from registry.observing.shared_files import own_directory, share_metrics
from registry.operator_profile import load_operator
from registry.services import records
from registry.services.bootstrap import Registry

GRACEFUL_TIMEOUT = 6  # of the ten between SIGTERM and silence
MAX_REQUEST_LINE = 8190  # bytes, Gunicorn's most: 500 Chinese characters in an address take 4,500
COMPANION_COMMANDS = ("relay", "sheets")  # commands that work beside the web processes


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--no-relay", is_flag=True, help="Start neither relay nor sheets: they run elsewhere.")
def serve(host: str, port: int, workers: int, no_relay: bool) -> None:
    """Serve the portal, with relay and sheets beside it, until SIGTERM or SIGINT."""
    registry = open_ready_registry()
    with listening_socket(host, port) as listener, own_directory() as metrics_directory:
        share_metrics(metrics_directory)
        write_served_address(registry.settings.data_dir, server_url(host, port))
        print_summary(registry, host, port)
        stopping: list[int] = []

        def on_signal(number: int, frame: FrameType | None) -> None:
            del frame
            stopping.append(number)

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, on_signal)
        supervisor = Supervisor()
        command = web_command(listener.fileno(), workers, server_url(host, port))
        web = supervisor.start("web", command, pass_fds=[listener.fileno()])
        if not no_relay:
            for name in COMPANION_COMMANDS:
                command_line = (
                    sys.executable,
                    "-m",
                    "portal.cli",
                    name,
                    "--served-at",
                    server_url(host, port),
                )
                supervisor.supervise(name, command_line)
        try:
            while not stopping and supervisor.exit_code(web) is None:
                supervisor.poll()
        finally:
            supervisor.terminate()
    if not stopping:
        fail(f"The web server ended by itself with code {supervisor.exit_code(web)}.")


def server_url(host: str, port: int) -> str:
    """Return the address of the server on this machine: permalinks begin with it as long as no base URL is set."""
    return f"http://{host_in_url(host) if host in LOOPBACK_HOSTS else LOOPBACK_HOSTS[0]}:{port}"


def host_in_url(host: str) -> str:
    """Return the host as an address writes it (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def web_command(descriptor: int, workers: int, served_at: str) -> list[str]:
    """Return the command line of Gunicorn with the buffered worker, on a socket that is open already."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        f"--bind=fd://{descriptor}",
        "--worker-class=portal.server.buffered_worker.BufferedWorker",
        f"--workers={workers}",
        f"--threads={THREADS}",
        f"--graceful-timeout={GRACEFUL_TIMEOUT}",
        "--timeout=60",
        "--keep-alive=15",
        "--no-control-socket",
        "--logger-class=portal.server.server_log.ServerLog",
        "--log-level=info",
        f"--limit-request-line={MAX_REQUEST_LINE}",
        f"portal.app:create_app(served_at={served_at!r})",
    ]


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket. Exits with one line if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as problem:
        listener.close()
        fail(
            f"Port {port} on {host} cannot be used: {problem.strerror}. Another one: --port {port % 65535 + 1}"
        )
    return listener


def print_summary(registry: Registry, host: str, port: int) -> None:
    """Print the registers with their sizes, in both languages, and the address."""
    for view in records.list_registers(registry, ANONYMOUS):
        click.echo(f"{view.total:>8,}  {gettext(view.label, 'zh')}  {gettext(view.label, 'en')}")
    if not registry.settings.mail_url:
        click.echo(f"No mail server (PINZHENG_MAIL_URL): mails are files in {registry.settings.mail_dir}/")
    if load_operator(registry.settings.operator_file, production=registry.settings.production) is None:
        click.echo("Nothing says who runs this register (PINZHENG_OPERATOR): its pages say so too.")
    click.echo(f"Pinzheng 品证: http://{host_in_url(host)}:{port}/")
    sys.stdout.flush()
