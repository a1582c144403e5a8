"""Mails: sent to a real server on loopback, tried again, given up; in the reader's language; or laid down as files."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy import func, select

from registry import clock
from registry.accounts.model import Letter
from registry.accounts.policy import ANONYMOUS
from registry.config import Settings
from registry.errors import Misconfigured
from registry.i18n import LOCALES
from registry.outbox.model import MAIL_TOPIC, Message
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters, transport
from registry.services.operations import relay
from registry.services.people import registration
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people

NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore:Requiring AUTH"),  # of the server on loopback
]
GONE, BUSY = "gone@example.com", "busy@example.com"


class Box:
    """A mail server's mailbox that refuses one address for good and another for now."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address == GONE:
            return "550 no such user"
        if address == BUSY:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(email.message_from_bytes(content, EmailMessage, policy=email.policy.default))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def mailed(registry: Registry, box: Box) -> Iterator[Registry]:
    """A registry whose mails go to the box, by a server that wants a name and a password."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        del server, session, envelope, mechanism
        right = isinstance(data, LoginPassword) and data.password == b"p@ss/word"
        return AuthResult(success=right)

    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=authenticate,
        auth_require_tls=False,
        auth_required=True,
    )
    controller.start()
    url = f"smtp://clerk:p%40ss%2Fword@127.0.0.1:{controller.port}?from=register@example.org"
    yield replace(registry, settings=replace(registry.settings, mail_url=url))
    controller.stop()


def ask(registry: Registry, address: str, lang: Any = "en") -> None:
    registration.request_sign_up(registry, ANONYMOUS, address, lang=lang, network=people.NETWORK)


def waiting(registry: Registry) -> list[tuple[int, str]]:
    with read_transaction(registry.engine) as connection:
        found = connection.execute(
            select(Message.attempts, Message.last_error).where(Message.topic == MAIL_TOPIC)
        )
        return [(row.attempts, row.last_error) for row in found]


def test_a_mail_reaches_a_server(mailed: Registry, box: Box) -> None:
    ask(mailed, "mei@example.com", "zh")
    assert relay.run_relay_once(mailed) == 1
    [mail] = box.taken
    assert (mail["To"], mail["From"]) == ("mei@example.com", "register@example.org")
    assert mail["Subject"] == "完成品证账户注册"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "zh")
    assert "http://127.0.0.1:8000/zh/account/finish/" in mail.get_content()
    assert waiting(mailed) == []
    with read_transaction(mailed.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Letter)).scalar() == 0
    assert not mailed.settings.mail_dir.exists()


@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize("kind", sorted(letters.LETTERS))
def test_every_letter_reads_in_both_languages(registry: Registry, kind: str, lang: str) -> None:
    with unit_of_work(registry.engine) as connection:
        ticket = email_links.create_link(connection, email_links.SIGN_UP_LINK, "mei@example.com")
        details = {
            "organisation": "青屿 Qingyu",
            "person": "Wei",
            "reason": "expired",
            "number": "SD-2026-000001-S",
            "file": "a.csv",
            "count": "2",
            "slug": "91330100MAWY010175",
            "good": "3",
            "refused": "1",
            "sheet": "91330100MAWY010175/sheets/1",
            "name": "家具 furniture" if lang == "zh" else "furniture",
            "lines": "- Furniture (GP-2026-000001-X): Valid",
            "search": "/search?q=a",
        }
        email_links.enqueue_mail(connection, kind, lang, "mei@example.com", link_id=ticket, **details)
    [mail] = people.read_mails(registry)
    text = f"{mail['Subject']} {mail.get_content()}"
    assert "%(" not in text
    assert any("\u4e00" <= sign <= "\u9fff" for sign in text.replace("青屿", "")) == (lang == "zh")
    assert max(map(len, mail.as_bytes().splitlines())) < 998  # RFC 5322, 2.1.1


def test_a_line_end_in_a_name_ends_no_header(mailed: Registry, box: Box) -> None:
    name = "Qingyu\r\nBcc: everybody@example.com"
    with unit_of_work(mailed.engine) as connection:
        email_links.enqueue_mail(connection, "claim_confirmed", "en", "mei@example.com", organisation=name)
    assert letters.deliver_letters(mailed) == 1
    [mail] = box.taken
    assert mail["Bcc"] is None
    assert mail["Subject"] == "You may act for Qingyu Bcc: everybody@example.com now"


def test_a_letter_that_cannot_be_written_holds_nobody_up(
    mailed: Registry, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    with unit_of_work(mailed.engine) as connection:
        email_links.enqueue_mail(
            connection, "claim_confirmed", "en", "mei@example.com"
        )  # lacks the organisation
        email_links.enqueue_mail(connection, "factor_set", "en", "wei@example.com")
    assert letters.deliver_letters(mailed) == 2
    assert [mail["To"] for mail in box.taken] == ["wei@example.com"]
    assert "cannot be written" in caplog.text
    assert waiting(mailed) == []


def test_a_server_that_is_away_is_asked_again_and_nothing_is_lost(mailed: Registry, box: Box) -> None:
    away = replace(mailed, settings=replace(mailed.settings, mail_url=f"smtp://127.0.0.1:{free_port()}"))
    with clock.frozen_at(NOW):
        ask(away, "mei@example.com")
        assert letters.deliver_letters(away) == 1
        assert letters.deliver_letters(away) == 0  # not before its time
        assert waiting(away) == [(1, "ConnectionRefusedError")]
    with clock.frozen_at(NOW + dt.timedelta(seconds=6)):
        assert letters.deliver_letters(away) == 1
        assert waiting(away) == [(2, "ConnectionRefusedError")]
    with clock.frozen_at(NOW + dt.timedelta(minutes=1)):
        assert letters.deliver_letters(mailed) == 1
    assert [mail["To"] for mail in box.taken] == ["mei@example.com"]


def test_one_bad_address_holds_nobody_up(
    mailed: Registry, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    with clock.frozen_at(NOW):
        for address in (GONE, "mei@example.com", BUSY, "wei@example.com"):
            ask(mailed, address)
        with caplog.at_level(logging.WARNING):
            letters.deliver_letters(mailed)
    assert [mail["To"] for mail in box.taken] == ["mei@example.com", "wei@example.com"]
    assert "550" in caplog.text
    assert "example.com" not in caplog.text
    assert [attempts for attempts, _error in waiting(mailed)] == [1]


def test_a_wrong_password_for_the_server_is_no_reason_to_forget_a_letter(
    mailed: Registry, box: Box, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 1.0)  # this server says nothing more
    wrong = mailed.settings.mail_url.replace("p%40ss", "open-sesame")
    with clock.frozen_at(NOW):
        ask(mailed, "mei@example.com")
        letters.deliver_letters(replace(mailed, settings=replace(mailed.settings, mail_url=wrong)))
        [(attempts, error)] = waiting(mailed)
    assert (attempts, error[:4]) == (1, "SMTP")
    assert "open-sesame" not in caplog.text
    assert box.taken == []


def test_a_letter_is_given_up_at_last(
    registry: Registry, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MAX_ATTEMPTS", 5)
    away = replace(registry, settings=replace(registry.settings, mail_url=f"smtp://127.0.0.1:{free_port()}"))
    with clock.frozen_at(NOW), unit_of_work(registry.engine) as connection:
        email_links.enqueue_mail(connection, "factor_set", "zh", "mei@example.com")
    at, tries = NOW, 0
    while waiting(away):
        with clock.frozen_at(at):
            tries += letters.deliver_letters(away)
        at += dt.timedelta(hours=1)
    assert tries == 5
    assert "given up" in caplog.text


def test_a_link_that_has_ended_is_not_sent_any_more(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        for _turn in range(4):
            ask(registry, "mei@example.com")  # of four links the first is void now
        *_others, only = sent = people.read_mails(registry)
        assert len(sent) == 3
        ask(registry, "wei@example.com")
    with clock.frozen_at(NOW + dt.timedelta(days=2)):
        assert people.read_mails(registry)[-1]["Message-ID"] == only["Message-ID"]
    assert waiting(registry) == []


def test_files_are_for_the_owner_of_the_directory_alone(registry: Registry) -> None:
    ask(registry, "mei@example.com")
    letters.deliver_letters(registry)
    [path] = registry.settings.mail_dir.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert registry.settings.mail_dir.stat().st_mode & 0o077 == 0


def test_a_slow_mail_server_does_not_hold_up_the_index(registry: Registry) -> None:
    """Letters have a thread of their own beside the relay's other work."""
    with socket.socket() as mute:  # takes connections, never says a word
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        url = f"smtp://127.0.0.1:{mute.getsockname()[1]}"
        slow = replace(registry, settings=replace(registry.settings, mail_url=url))
        ask(slow, "mei@example.com")
        stop = threading.Event()
        worker = threading.Thread(target=relay.run_relay, args=(slow, stop), daemon=True)
        worker.start()
        connected, _address = mute.accept()
        deadline = threading.Event()
        for _turn in range(200):
            if registry.search.status().documents is not None:
                break
            deadline.wait(0.05)
        assert registry.search.status().documents == 0
        stop.set()
        connected.close()
        worker.join(20)
    assert not worker.is_alive()


@pytest.mark.parametrize(
    "wrong", ["http://mail.example", "smtp://", "smtp://host:0", "smtp://host/path", "smtps://[x", "host:25"]
)
def test_a_wrong_mail_url_is_said_without_its_password(wrong: str) -> None:
    with pytest.raises(Misconfigured) as stopped:
        Settings.from_environment({"PINZHENG_MAIL_URL": wrong.replace("//host", "//clerk:open-sesame@host")})
    assert stopped.value.setting == "PINZHENG_MAIL_URL"
    assert "open-sesame" not in str(stopped.value)


def test_the_sender_is_named_or_made_of_the_base_url() -> None:
    made = Settings.from_environment({"PINZHENG_BASE_URL": "http://127.0.0.1:8000"})
    assert made.mail_from == "pinzheng@127.0.0.1"
    assert replace(made, mail_url="smtp://mx.example?from=a%40b.example").mail_from == "a@b.example"
