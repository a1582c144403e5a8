"""A newer version migrates, takes over server by server behind the shipped proxy file, and gives way again: no request fails.

The newer version is this one with one more migration, as a version that only adds has it. Both read and write the whole time.
"""

from __future__ import annotations

import http.client
import itertools
import json
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.services.bootstrap import Registry
from registry.services.operations import relay, schema_state
from registry.services.people import tokens
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.packaging.conftest import ROOT
from tests.packaging.test_deployment_files import (
    SECRET,
    ask,
    certificate,
    free_port,
    nginx,
    wait_until_asked,
    wait_until_ready,
)
from tests.processes import Start, start
from tests.services.filers import INDICATORS, OWN_STANDARD, firm
from tests.services.members import SLUG, sign_up_owner
from tests.services.people import PASSWORD

__all__ = ["certificate", "firm", "start"]
RECORDS = "/api/v1/registers/declarations/records"
PAUSE = 0.1  # between two requests of one client: one token may send 600 a minute
MIGRATION = '''"""A table and a column that only the newer version knows."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"
branch_labels = None
depends_on = None
serves_before = True


def upgrade():
    op.create_table("trial", sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"))
    op.add_column("record", sa.Column("trial", sa.Text(), server_default="", nullable=False))


def downgrade():
    op.drop_column("record", "trial")
    op.drop_table("trial")
'''


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A folder from which the newer version runs: this one, by links, with one more migration."""
    folder = tmp_path / "newer"
    (folder / "registry").mkdir(parents=True)
    for name in ("portal", "translations"):
        (folder / name).symlink_to(ROOT / name)
    for path in (ROOT / "registry").iterdir():
        if path.name not in ("resources.py", "__pycache__"):
            (folder / "registry" / path.name).symlink_to(path)
    for source in [ROOT / "registry" / "resources.py", *(ROOT / "migrations").rglob("*.py")]:
        copy = folder / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(source.read_text("utf-8"), "utf-8")
    trial = MIGRATION.format(before=schema_state.newest_revision())
    (folder / "migrations" / "versions" / "9999_trial.py").write_text(trial, "utf-8")
    return folder


@dataclass
class Traffic:
    """Readers and writers behind the proxy, each one request after the other, until told to stop."""

    port: int
    key: str
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    written: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        work = (self._read, self._write, self._write)
        threads = [threading.Thread(target=self._again, args=(each,)) for each in work]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()

    def _again(self, act: Callable[[], None]) -> None:
        while not self.stop.wait(PAUSE):
            try:
                act()
            except (OSError, http.client.HTTPException) as problem:
                self.failures.append(repr(problem))

    def _read(self) -> None:
        for path in ("/en/search?q=furniture", f"/zh/organisations/{SLUG}"):
            status, answer = ask(self.port, path)
            self._note("read", status, 200, answer)

    def _write(self) -> None:
        number = next(self.numbers)
        document: dict[str, Any] = {
            **OWN_STANDARD,
            "std_no": f"Q/ROLL {number:04}-2026",
            "indicators": [{**row, "value": float(row["value"])} for row in INDICATORS],
        }
        body = json.dumps({"document": document, "signer": "王强"})
        headers = {
            "Host": "localhost",
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"roll-{number}",
        }
        answer, given = self._send(body, headers)
        # On a slow machine either version may ask to come again.
        while answer.status == 503 and '"database_busy"' in given:
            time.sleep(float(answer.headers["Retry-After"]))
            answer, given = self._send(body, headers)
        self._note("write", answer.status, 201, given)
        if answer.status == 201:
            self.written.append(json.loads(given)["number"])

    def _send(self, body: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, str]:
        """Hand in a declaration; return the answer and its body."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=60, context=trusting)
        with closing(connection):
            connection.request("POST", RECORDS, body, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()

    def _note(self, kind: str, status: int, wanted: int, answer: str) -> None:
        self.statuses[kind, status] += 1
        if status != wanted:
            self.failures.append(f"{kind} {status}: {answer[:300]}")


SETTINGS = {"PINZHENG_BASE_URL": "https://localhost", "PINZHENG_SECRET_KEY": SECRET}


@dataclass(frozen=True)
class Version:
    """A version of the program, run from its folder."""

    folder: Path
    start: Start

    def serve(self, port: int) -> subprocess.Popen[str]:
        """Start a server; return it once it answers."""
        command = ("serve", "--workers", "1", "--no-relay", "--port", str(port))
        process = self.start(*command, more=SETTINGS, cwd=self.folder, stdout=subprocess.DEVNULL)
        wait_until_ready(port, process)
        return process

    def migrate(self, *arguments: str) -> tuple[int, str]:
        """Run `migrate`; return its exit code and what it said."""
        process = self.start("migrate", *arguments, more=SETTINGS, cwd=self.folder)
        out, err = process.communicate(timeout=120)
        return process.returncode, out + err


def end(server: subprocess.Popen[str], folder: Path, other: int) -> None:
    """End a server as it is when it is replaced: once nginx asks the other one again, whose port is given."""
    wait_until_asked(folder, other, "GET", "POST")
    server.terminate()
    server.wait(30)


def schema_word(port: int) -> str:
    """What a server that is ready says of the schema."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        answer = connection.getresponse()
        assert answer.status == 200
        return str(json.loads(answer.read())["schema"]["word"])


@pytest.mark.nginx
def test_a_newer_version_takes_over_and_gives_way_without_a_failed_request(
    firm: Registry, start: Start, newer: Path, certificate: Path, tmp_path: Path
) -> None:
    mei = sign_up_owner(firm)
    request = tokens.TokenRequest("ERP", "declare", 30, SLUG)
    key = tokens.create_token(firm, mei.actor, PASSWORD, request)
    relay.run_relay_once(firm)
    this, next_one = Version(ROOT, start), Version(newer, start)
    ports = [free_port(), free_port()]
    before = schema_state.newest_revision()
    old = this.serve(ports[0])
    with nginx(tmp_path, certificate, ports) as proxy:
        traffic = Traffic(proxy, key)
        with traffic.flowing():
            assert next_one.migrate("up") == (0, f"schema 9999 (was {before})\n")
            assert schema_word(ports[0]) == "newer_compatible"
            new = next_one.serve(ports[1])
            assert schema_word(ports[1]) == "equal"
            end(old, tmp_path, ports[1])
            with unit_of_work(firm.engine) as connection:
                connection.execute(text("INSERT INTO trial (id) VALUES (1)"))
            written_by_both = len(traffic.written)
            old = this.serve(ports[0])
            end(new, tmp_path, ports[0])
            assert len(traffic.written) > written_by_both
            code, said = next_one.migrate("down")
            assert (code, "trial (1)" in said) == (1, True)
            assert next_one.migrate("down", "--yes") == (0, f"schema {before} (was 9999)\n")
            assert schema_word(ports[0]) == "equal"
    assert traffic.failures == [], (tmp_path / "error.log").read_text("utf-8")[-9000:]
    assert {kind for kind, _status in traffic.statuses} == {"read", "write"}
    with read_transaction(firm.engine) as connection:
        for table in (Record, Entry):
            declared = select(table.number).where(table.register == "declarations")
            assert sorted(connection.execute(declared).scalars()) == sorted(traffic.written)
