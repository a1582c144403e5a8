"""Work that a sender sizes keeps no other from an answer: long lists, hostile files and workbooks, many at the same time."""

from __future__ import annotations

import contextlib
import http.client
import http.cookiejar
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest

from registry.accounts.policy import REGISTRAR
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.people import examinations, tokens
from tests.attacks.conftest import ROOT, Server
from tests.attacks.test_slow_clients import MOST_MEMORY
from tests.databases import SECRET, settings
from tests.processes import START_SECONDS
from tests.services import samples
from tests.services.filers import FIRMS, OWN_STANDARD
from tests.services.members import MEI, SLUG, sign_up_owner
from tests.services.people import PASSWORD
from tests.services.test_hostile_sheets import workbook_of
from tests.unit.attachments.test_pdf_active_content import with_unlisted

pytestmark = pytest.mark.once
ATTACKERS = 8
DRY_RUN = "/api/v1/registers/declarations/records?dry_run=1"
FORM = re.compile(r'name="form" value="([^"]+)"')
HOSTILE_PDF = with_unlisted(20_000 * b"9 0 obj( " + 1_000_000 * b"x" + b"\n")  # took 40 s, each


@dataclass(frozen=True)
class Firm:
    """An enterprise in the store of the server. `key`: of a program of its owner, who signs in as `MEI`."""

    registry: Registry
    key: str


@pytest.fixture(scope="module")
def firm(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """An enterprise, and beside the server the process that examines files and sheets."""
    registry = open_registry(settings(server.data_dir))
    sheet = samples.write_sheet(tmp_path_factory.mktemp("firm") / "firms.csv", "organisations", FIRMS[:1])
    import_files(registry, REGISTRAR, "organisations", [sheet])
    owner = sign_up_owner(registry)
    key = tokens.create_token(
        registry, owner.actor, PASSWORD, tokens.TokenRequest("ERP", "declare", 365, SLUG)
    )
    environment = {
        **os.environ,
        "PINZHENG_DATA_DIR": str(server.data_dir),
        "PINZHENG_SECRET_KEY": SECRET,
        "PINZHENG_SEARCH_MEANING": "off",
    }
    environment.pop("PINZHENG_DATABASE_URL", None)
    companion = subprocess.Popen(
        [sys.executable, "-m", "portal.cli", "sheets"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + START_SECONDS
        while not examinations.is_at_work(registry):
            assert companion.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        yield Firm(registry, key)
    finally:
        companion.kill()  # it may be in the middle of a workbook, which another one would begin anew
        companion.wait()
        registry.engine.dispose()
        registry.search.close()


@dataclass
class Visitor:
    """A browser that is signed in as the owner of the enterprise."""

    server: Server
    opened: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
    )
    form: str = ""

    def sign_in(self) -> None:
        page = "/en/account/sign-in"
        status, text = self.send(page)
        assert status == 200
        self.form = FORM.findall(text)[0]
        self.send(page, urlencode({"form": self.form, "email": MEI, "password": PASSWORD}).encode())
        self.form = FORM.findall(self.send("/en/workspace/home")[1])[0]

    def send(self, page: str, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}{page}", body)
        request.add_header("Content-Type", kind or "application/x-www-form-urlencoded")
        try:
            with self.opened.open(request, timeout=90) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def send_file(self, page: str, name: str, data: bytes, **fields: str) -> int:
        """Send a form with a file; return the status of the page that comes in the end."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{each}"\r\n\r\n{value}\r\n'.encode()
            for each, value in {"form": self.form, **fields}.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        parts += [head.encode() + b"Content-Type: application/octet-stream\r\n\r\n", data, b"\r\n"]
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self.send(page, body, f"multipart/form-data; boundary={boundary}")[0]


def attack(server: Server, do: Callable[[int], int]) -> Counter[int]:
    """Let attackers do something twice while another client asks for pages; return what they were answered.

    What so many need at the same time is taken in the first round; the second one finds it there.
    """
    for path in server.pages() * 3:
        assert server.ask(path).status == 200
    answers = attack_together(server, do)
    before = server.memory() + server.database_bytes()
    answers += attack_together(server, do)
    assert server.memory() + server.database_bytes() - before < MOST_MEMORY
    return answers


def attack_together(server: Server, do: Callable[[int], int]) -> Counter[int]:
    answers: Counter[int] = Counter()
    asked = server.pages()

    def begin(attacker: int) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            answers[do(attacker)] += 1

    attackers = [threading.Thread(target=begin, args=(number,)) for number in range(ATTACKERS)]
    for thread in attackers:
        thread.start()
    while any(thread.is_alive() for thread in attackers):
        server.ask_in_turn(asked)
        time.sleep(0.05)
    return answers


def test_a_list_of_a_hundred_thousand_items_is_refused_before_work_is_done(
    server: Server, firm: Firm
) -> None:
    document = {**OWN_STANDARD, "models": [str(number) for number in range(100_000)]}
    body = json.dumps({"signer": "王强", "document": document}).encode()
    headers = {"Authorization": f"Bearer {firm.key}", "Content-Type": "application/json"}

    def dry_run(_attacker: int) -> int:
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        ) as connection:
            connection.request("POST", DRY_RUN, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status != 422 or b"too_many_items" in text
            return answer.status

    answers = attack(server, dry_run)
    assert set(answers) <= {422, 503}, answers
    assert answers[422] >= ATTACKERS


def test_files_that_cost_much_are_examined_beside_the_web_processes(server: Server, firm: Firm) -> None:
    visitor = Visitor(server)
    visitor.sign_in()

    def send(_attacker: int) -> int:
        return visitor.send_file("/en/workspace/claim", "a.pdf", HOSTILE_PDF, number=SLUG, post="质量经理")

    answers = attack(server, send)
    assert set(answers) <= {200, 202, 400, 429, 503}, (
        answers
    )  # taken and being examined, refused, or too many
    assert sum(answers.values()) == 2 * ATTACKERS


def test_workbooks_that_grow_are_opened_beside_the_web_processes(server: Server, firm: Firm) -> None:
    visitor = Visitor(server)
    visitor.sign_in()
    small, large = (
        workbook_of(rows, 249, "<c><f>A{}</f></c>").getvalue() for rows in (300, 3_000)
    )  # 3,000 rows are 100 kB, and were 64 MB in the database
    page = f"/en/workspace/organisations/{SLUG}/sheets"

    def send(attacker: int) -> int:
        return visitor.send_file(page, "a.xlsx", large if attacker % 2 else small, what="check", signer="")

    answers = attack(server, send)
    assert set(answers) <= {200, 400, 429, 503}, answers  # five wait at most
    assert answers[200] >= 1
