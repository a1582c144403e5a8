"""The files for deployment are true: their commands exist, their proxies start, and behind these no request is lost."""

from __future__ import annotations

import configparser
import contextlib
import http.client
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import psutil
import pytest

from portal.cli import pinzheng
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from tests.conftest import find_program
from tests.contracts.test_settings_law import VARIABLE, documented
from tests.packaging.conftest import ROOT
from tests.processes import Start, start

__all__ = ["start"]
pytestmark = pytest.mark.once
DEPLOY = ROOT / "docs" / "operations" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SECRET = "a secret of thirty-two characters for tests"
POSTGRESQL_OF_DEBIAN = {"bookworm": 15, "trixie": 17}
UPSTREAM_VARIABLES = {"PINZHENG_UPSTREAM"}  # of the proxy, not of Pinzheng
UPSTREAMS = "log_format upstreams '$request_method $upstream_addr $upstream_status';"
PAUSE = 0.05  # seconds between two pages of one reader: the processors are left to the servers that start


def parse_unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read(path, "utf-8")
    return unit


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Every call of `pinzheng` in the files: where, and its arguments."""
    for path in UNITS:
        service = parse_unit(path)["Service"]
        for name in ("ExecStartPre", "ExecStart"):
            if name in service:
                yield f"{path.name} {name}", shlex.split(service[name])[1:]
    for name in ("Containerfile", "compose.yaml"):
        for line in re.findall(r"\[\"?pinzheng\"?, ([^\]]+)\]", (DEPLOY / name).read_text("utf-8")):
            yield name, [word.strip().strip('"') for word in line.split(",")]


@pytest.mark.parametrize(("where", "arguments"), list(command_lines()))
def test_the_commands_exist_with_their_options(where: str, arguments: list[str]) -> None:
    context = click.Context(pinzheng, info_name="pinzheng")
    name, command, rest = pinzheng.resolve_command(context, arguments)
    assert command is not None, where
    command.make_context(name, rest, parent=context)  # raises for an unknown option


def test_the_units_are_hardened_alike_and_know_their_folders() -> None:
    assert [path.stem for path in UNITS] == [
        "pinzheng-backup",
        "pinzheng-relay",
        "pinzheng-sheets",
        "pinzheng-web",
    ]
    folders = re.findall(
        r"^d (\S+)", (DEPLOY / "systemd" / "pinzheng.tmpfiles.conf").read_text("utf-8"), re.MULTILINE
    )
    for path in UNITS:
        service = parse_unit(path)["Service"]
        assert service["User"] == "pinzheng"
        for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictSUIDSGID"):
            assert service[name] == "yes", (path.name, name)
        assert service["ProtectSystem"] == "strict"
        assert service["UMask"] == "0077"
        assert set(service["ReadWritePaths"].split()) <= set(folders)


def test_every_variable_in_the_files_is_a_setting() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            unknown = set(VARIABLE.findall(path.read_text("utf-8"))) - set(documented()) - UPSTREAM_VARIABLES
            assert unknown == set(), path.name


def test_the_command_of_the_operator_runs_as_the_units_do() -> None:
    script = (DEPLOY / "pinzheng").read_text("utf-8")
    assert os.access(DEPLOY / "pinzheng", os.X_OK)
    for path in UNITS:
        service = parse_unit(path)["Service"]
        assert f". {service['EnvironmentFile']}\n" in script
        assert f"umask {service['UMask'][1:]}\n" in script
        assert f"-u {service['User']} -- {shlex.split(service['ExecStart'])[0]} " in script


def test_the_database_beside_the_container_is_not_newer_than_its_client() -> None:
    (image,) = re.findall(
        r"^FROM \S+:[\d.]+-slim-(\w+)$", (DEPLOY / "Containerfile").read_text("utf-8"), re.MULTILINE
    )
    (server,) = re.findall(r"postgres:(\d+)-", (DEPLOY / "compose.yaml").read_text("utf-8"))
    assert int(server) <= POSTGRESQL_OF_DEBIAN[image]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost, signed by itself, under the names that nginx.conf has."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *(
                "-keyout",
                folder / "key.pem",
                "-out",
                folder / "fullchain.pem",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
        ],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def served(registry: Registry, start: Start) -> Callable[..., tuple[int, subprocess.Popen[str]]]:
    """Start a server of the store; returns its port and process once it answers."""
    relay.run_relay_once(registry)

    def begin(*options: str, port: int = 0) -> tuple[int, subprocess.Popen[str]]:
        port = port or free_port()
        settings = {"PINZHENG_BASE_URL": "https://localhost", "PINZHENG_SECRET_KEY": SECRET}
        process = start(
            "serve", "--port", str(port), "--workers", "2", *options, more=settings, stdout=subprocess.DEVNULL
        )
        wait_until_ready(port, process)
        return port, process

    return begin


def wait_until_ready(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr and process.stderr.read()
        with (
            contextlib.suppress(OSError),
            closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection,
        ):
            connection.request("GET", "/readyz", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(port)


@contextmanager
def nginx(folder: Path, certificate: Path, ports: list[int]) -> Iterator[int]:
    """The shipped nginx.conf with other ports and the certificate of a test; yields its port."""
    port = free_port()
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    servers = "\n".join(f"    server 127.0.0.1:{each} max_fails=1 fail_timeout=2s;" for each in ports)
    assert "    server 127.0.0.1:8000 max_fails=1 fail_timeout=2s;" in text
    text = text.replace("    server 127.0.0.1:8000 max_fails=1 fail_timeout=2s;", servers)
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}").replace(
        "listen 80;", f"listen 127.0.0.1:{free_port()};"
    )
    text = text.replace("register.example", "localhost").replace("/etc/ssl/pinzheng", str(certificate))
    (folder / "pinzheng.conf").write_text(text, "utf-8")
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\ndaemon off;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\n{UPSTREAMS}\naccess_log {folder}/upstreams.log upstreams;\n{temporary}\ninclude {folder}/pinzheng.conf;\n}}\n",
        "utf-8",
    )
    process = subprocess.Popen(
        [find_program("nginx") or "nginx", "-p", folder, "-c", folder / "nginx.conf"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def wait_until_asked(folder: Path, port: int, *methods: str) -> None:
    """Return once nginx has had an answer from a server to a request of each of the methods, sent since this was called.

    It asks a server that was away again after its `fail_timeout`, and sends it more only when it has answered once; those that read
    and those that write each for themselves.
    """
    log = folder / "upstreams.log"
    before = log.stat().st_size

    def has_answered() -> bool:
        with log.open("rb") as file:
            file.seek(before)
            lines = file.read().decode().splitlines()
        return all(
            any(re.match(rf"{method} (.*, )?127\.0\.0\.1:{port} (.*, )?2\d\d$", line) for line in lines)
            for method in methods
        )

    wait_until(has_answered)


def wait_until(is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not is_done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(200):
        assert process.poll() is None, f"the proxy ended with code {process.returncode}"
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


def ask(port: int, path: str, **headers: str) -> tuple[int, str]:
    """Ask a proxy over TLS for a page of localhost; returns its status and text."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with closing(http.client.HTTPSConnection("localhost", port, timeout=60, context=trusting)) as connection:
        connection.request("GET", path, headers={"Host": "localhost", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@dataclass
class Readers:
    """Two readers who ask for pages through a proxy, one after the other, until told to stop."""

    port: int
    statuses: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def reading(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._read) for _reader in range(2)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()

    def read_more(self, count: int = 5) -> None:
        """Wait until so many more pages have been answered."""
        target = len(self.statuses) + count
        wait_until(lambda: len(self.statuses) >= target or bool(self.failures))

    def _read(self) -> None:
        while not self.stop.wait(PAUSE):
            try:
                self.statuses.append(ask(self.port, "/en/search?q=tea")[0])
            except OSError as problem:
                self.failures.append(repr(problem))


@pytest.mark.nginx
def test_pages_come_through_nginx_under_their_own_address(
    served: Callable[..., tuple[int, subprocess.Popen[str]]], certificate: Path, tmp_path: Path
) -> None:
    port, _process = served("--no-relay")
    with nginx(tmp_path, certificate, [port]) as proxy:
        status, text = ask(proxy, "/en/", **{"X-Forwarded-For": "203.0.113.9", "SCRIPT_NAME": "/zh"})
        assert status == 200
        assert '<html lang="en"' in text


@pytest.mark.nginx
def test_a_server_that_loads_itself_anew_loses_no_request(
    served: Callable[..., tuple[int, subprocess.Popen[str]]], certificate: Path, tmp_path: Path
) -> None:
    port, process = served("--no-relay")
    with nginx(tmp_path, certificate, [port]) as proxy:
        readers = Readers(proxy)
        with readers.reading():
            readers.read_more()
            parent = psutil.Process(process.pid)
            old = {each.pid for each in parent.children()}
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: bool(parent.children()) and not old & {each.pid for each in parent.children()})
            readers.read_more()
        assert process.poll() is None
    assert readers.failures == []
    assert set(readers.statuses) == {200}


@pytest.mark.nginx
def test_servers_that_are_replaced_one_after_the_other_lose_no_request(
    served: Callable[..., tuple[int, subprocess.Popen[str]]], certificate: Path, tmp_path: Path
) -> None:
    first, second = served("--no-relay"), served("--no-relay")
    with nginx(tmp_path, certificate, [first[0], second[0]]) as proxy:
        readers = Readers(proxy)
        with readers.reading():
            for port, process in (first, second):
                readers.read_more()
                process.terminate()
                process.wait(20)
                readers.read_more()
                served("--no-relay", port=port)
                wait_until_asked(tmp_path, port, "GET")
    assert readers.failures == []
    assert set(readers.statuses) == {200}


@pytest.mark.caddy
def test_pages_come_through_caddy(
    served: Callable[..., tuple[int, subprocess.Popen[str]]], certificate: Path, tmp_path: Path
) -> None:
    port, _process = served("--no-relay")
    proxy = free_port()
    text = (DEPLOY / "Caddyfile").read_text("utf-8")
    assert "\tservers {" in text
    text = text.replace("\tservers {", "\tadmin off\n\tauto_https disable_redirects\n\tservers {", 1)
    text = text.replace(
        "\trequest_body {", f"\ttls {certificate}/fullchain.pem {certificate}/key.pem\n\trequest_body {{", 1
    )
    (tmp_path / "Caddyfile").write_text(text, "utf-8")
    process = subprocess.Popen(
        [
            find_program("caddy") or "caddy",
            "run",
            "--config",
            tmp_path / "Caddyfile",
            "--adapter",
            "caddyfile",
        ],
        env={
            "HOME": str(tmp_path),
            "PINZHENG_BASE_URL": f"https://localhost:{proxy}",
            "PINZHENG_UPSTREAM": f"127.0.0.1:{port}",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(proxy, process)
        assert ask(proxy, "/zh/")[0] == 200
    finally:
        process.terminate()
        process.wait(20)
