"""Work while faults are done: programs that declare until they are acknowledged, and letters to a mail server."""

from __future__ import annotations

import email
import http.client
import itertools
import json
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from registry.accounts.policy import REGISTRAR
from registry.errors import DatabaseUnavailable
from registry.kit.record import Record
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.mail.letters import enqueue_letter
from registry.services.people import tokens
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.faults.server import Server
from tests.services import samples
from tests.services.filers import FIRMS, OWN_STANDARD
from tests.services.members import SLUG, sign_up_owner
from tests.services.people import PASSWORD

RECORDS = "/api/v1/registers/declarations/records"
WRITERS = 4
PAUSE = 0.1  # seconds between two declarations of one program, and before a request is repeated
LETTERS_AT_ONCE = 3
DELIVERY_SECONDS = 0.02  # that the mail server takes for each letter
PATIENCE = 90.0  # seconds for what was begun to be acknowledged after the fault has ended


class Mailbox:
    """A mail server that keeps whom it was given which letters for."""

    def __init__(self) -> None:
        self.received: Counter[tuple[str, str]] = Counter()  # recipient and Message-ID
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._controller: Controller | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        time.sleep(DELIVERY_SECONDS)  # noqa: ASYNC251 - one letter after the other
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, EmailMessage)
        self.received[envelope.rcpt_tos[0], str(mail["Message-ID"])] += 1
        return "250 OK"

    def open(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


def prepare_firm(registry: Registry, server: Server, programs: int = WRITERS) -> list[str]:
    """One enterprise, and a token for each program that declares for it."""
    sheet = samples.write_sheet(server.folder.parent / "firms.csv", "organisations", FIRMS[:1])
    import_files(registry, REGISTRAR, "organisations", [sheet])
    owner = sign_up_owner(registry)
    return [
        tokens.create_token(
            registry, owner.actor, PASSWORD, tokens.TokenRequest(f"ERP {number}", "declare", 365, SLUG)
        )
        for number in range(programs)
    ]


@dataclass
class Traffic:
    """What was acknowledged and what was answered, from the start of the work to its end."""

    server: Server
    registry: Registry
    keys: list[str]
    name: str  # of the work: its declarations and letters begin with it
    acknowledged: dict[str, str] = field(default_factory=dict)  # product → number
    answers: Counter[int] = field(default_factory=Counter)  # by status; 0: broken off
    queued: list[str] = field(default_factory=list)  # recipients of letters
    unfinished: int = 0

    def __post_init__(self) -> None:
        self._places = itertools.count()
        self._stop = threading.Event()
        self._until = float("inf")
        self._threads = [
            threading.Thread(target=self._declare, args=(key,), daemon=True) for key in self.keys
        ]
        self._threads.append(threading.Thread(target=self._write_letters, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Begin nothing new, and wait until what was begun is acknowledged."""
        self._until = time.monotonic() + PATIENCE
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE + 35)
            self.unfinished += thread.is_alive()

    def _declare(self, key: str) -> None:
        while not self._stop.is_set():
            place = next(self._places)
            product = f"{self.name} {place}"
            document = {
                **OWN_STANDARD,
                "std_no": f"Q/HZQY {place % 400 + 1:04d}-2026",
                "product_name_zh": product,
                "models": [product],
                "indicators": [
                    {
                        "name_zh": "抗弯强度",
                        "operator": ">=",
                        "value": 35,
                        "unit": "MPa",
                        "method": "GB/T 17657-2022",
                    }
                ],
            }
            body = json.dumps({"document": document, "signer": "王强"}).encode()
            headers = {
                "Authorization": f"Bearer {key}",
                "Idempotency-Key": f"{self.name}-{place}",
                "Content-Type": "application/json",
            }
            if not self._send(product, body, headers):
                self.unfinished += 1
            self._stop.wait(PAUSE)

    def _send(self, product: str, body: bytes, headers: dict[str, str]) -> bool:
        """Send a declaration until it is acknowledged or refused for what it says."""
        while time.monotonic() < self._until:
            try:
                status, answer = self.server.ask("POST", RECORDS, body, **headers)
            except (OSError, http.client.HTTPException):
                status, answer = 0, b""
            self.answers[status] += 1
            if status == 201:
                self.acknowledged[product] = json.loads(answer)["number"]
                return True
            if status and status < 500 and status != 429:
                raise AssertionError(answer.decode())  # a mistake of the test
            time.sleep(PAUSE)
        return False

    def _write_letters(self) -> None:
        for place in itertools.count():
            if self._stop.wait(PAUSE):
                return
            recipients = [f"{self.name}-{place}-{each}@example.com" for each in range(LETTERS_AT_ONCE)]
            try:
                with unit_of_work(self.registry.engine) as connection:
                    for recipient in recipients:
                        enqueue_letter(connection, "has_account", "en", recipient)
            except DatabaseUnavailable:
                continue
            self.queued += recipients


def products_held(registry: Registry, name: str) -> Counter[str]:
    """How many declarations there are of each product of some work."""
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(Record.title_zh).where(
                Record.register == "declarations", Record.title_zh.like(f"{name} %")
            )
        )
        return Counter(row.title_zh for row in rows)
