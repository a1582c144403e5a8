"""Mail: sent to a real server on loopback, retried, given up; composed in the reader's language; or written to files."""

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
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.mail import delivery, email_links, letters, transport
from registry.services.mail.letter_texts import LETTER_TEXTS
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


class Mailbox:
    """A mail server that rejects one address permanently and defers another."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []

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
        self.received.append(email.message_from_bytes(content, EmailMessage, policy=email.policy.default))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mailed(registry: Registry, box: Mailbox) -> Iterator[Registry]:
    """A registry whose mails go to the mailbox, through a server that requires a user name and a password."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        del server, session, envelope, mechanism
        correct = isinstance(data, LoginPassword) and data.password == b"p@ss/word"
        return AuthResult(success=correct)

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


def request_link(registry: Registry, address: str, lang: Any = "en") -> None:
    registration.request_sign_up(registry, ANONYMOUS, address, lang=lang, network=people.NETWORK)


def queued(registry: Registry) -> list[tuple[int, str]]:
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(Message.attempts, Message.last_error).where(Message.topic == MAIL_TOPIC)
        )
        return [(row.attempts, row.last_error) for row in rows]


def test_a_mail_reaches_a_server(mailed: Registry, box: Mailbox) -> None:
    request_link(mailed, "mei@example.com", "zh")
    assert relay.run_relay_once(mailed) == 1
    [mail] = box.received
    assert (mail["To"], mail["From"]) == ("mei@example.com", "register@example.org")
    assert mail["Subject"] == "完成品证账户注册"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "zh")
    assert "http://127.0.0.1:8000/zh/account/finish/" in mail.get_content()
    assert queued(mailed) == []
    with read_transaction(mailed.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Letter)).scalar() == 0
    assert not mailed.settings.mail_dir.exists()


@pytest.mark.parametrize("lang", LOCALES)
@pytest.mark.parametrize(
    "kind", sorted({*LETTER_TEXTS, *(kind for each in catalogue().values() for kind in each.letters)})
)
def test_every_letter_reads_in_both_languages(registry: Registry, kind: str, lang: str) -> None:
    with unit_of_work(registry.engine) as connection:
        link_id = email_links.create_link(connection, email_links.SIGN_UP_LINK, "mei@example.com")
        details = {
            "organisation": "青屿 Qingyu",
            "person": "“Wei” (wei@example.com)",
            "problem": "1",
            "left": "7",
            "scope": "只" if lang == "zh" else "check",
            "until": "2026-08-02",
            "reason": "expired",
            "number": "SD-2026-000001-S",
            "record": "SD-2026-000001-S",
            "decision": "暂停" if lang == "zh" else "Suspended",
            "stop": "停止使用" if lang == "zh" else "Stop",
            "appeal": "可以申诉" if lang == "zh" else "Appeal",
            "file": "a.csv",
            "count": "2",
            "slug": "91330100MAWY010175",
            "good": "3",
            "refused": "1",
            "sheet": "91330100MAWY010175/sheets/1",
            "page": "desk/imports/1",
            "name": "家具 furniture" if lang == "zh" else "furniture",
            "lines": "- Furniture (GP-2026-000001-X): Valid",
            "search": "/search?q=a",
            "region": "浙江省" if lang == "zh" else "Zhejiang",
            "first": "2026-12-01",
            "last": "2026-12-31",
            "request": "1",
            "report": "RP-2026-000001-Q",
            "report_nonce": "0" * 32,
            "due": "2026-12-22",
            "check": "RC-2026-000001",
            "result": "不合格" if lang == "zh" else "Not in order",
            "title": "青屿坊" if lang == "zh" else "Qingyu Fang",
            "state": "公示" if lang == "zh" else "Proposed",
            "path": "organisations/91330100MAWY010175/brands/applications/1",
            "role_given": "角色" if lang == "zh" else "Role",
        }
        letters.enqueue_letter(connection, kind, lang, "mei@example.com", link_id=link_id, **details)
    [mail] = people.read_mails(registry)
    text = f"{mail['Subject']} {mail.get_content()}"
    assert "%(" not in text
    assert any("\u4e00" <= sign <= "\u9fff" for sign in text.replace("青屿", "")) == (lang == "zh")
    assert max(map(len, mail.as_bytes().splitlines())) < 998  # RFC 5322, 2.1.1


def test_a_line_break_in_a_name_begins_no_header(mailed: Registry, box: Mailbox) -> None:
    name = "Qingyu\r\nBcc: everybody@example.com"
    with unit_of_work(mailed.engine) as connection:
        letters.enqueue_letter(connection, "claim_confirmed", "en", "mei@example.com", organisation=name)
    assert delivery.deliver_letters(mailed) == 1
    [mail] = box.received
    assert mail["Bcc"] is None
    assert mail["Subject"] == "You may act for Qingyu Bcc: everybody@example.com now"


def test_a_letter_that_cannot_be_composed_does_not_hold_up_others(
    mailed: Registry, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    with unit_of_work(mailed.engine) as connection:
        letters.enqueue_letter(
            connection, "claim_confirmed", "en", "mei@example.com"
        )  # lacks the organisation
        letters.enqueue_letter(connection, "factor_set", "en", "wei@example.com")
    assert delivery.deliver_letters(mailed) == 2
    assert [mail["To"] for mail in box.received] == ["wei@example.com"]
    assert "cannot be composed" in caplog.text
    assert queued(mailed) == []


def test_letters_are_retried_when_the_server_is_back(mailed: Registry, box: Mailbox) -> None:
    away = replace(mailed, settings=replace(mailed.settings, mail_url=f"smtp://127.0.0.1:{free_port()}"))
    with clock.frozen_at(NOW):
        request_link(away, "mei@example.com")
        assert delivery.deliver_letters(away) == 1
        assert delivery.deliver_letters(away) == 0  # not due yet
        assert queued(away) == [(1, "ConnectionRefusedError")]
    with clock.frozen_at(NOW + dt.timedelta(seconds=6)):
        assert delivery.deliver_letters(away) == 1
        assert queued(away) == [(2, "ConnectionRefusedError")]
    with clock.frozen_at(NOW + dt.timedelta(minutes=1)):
        assert delivery.deliver_letters(mailed) == 1
    assert [mail["To"] for mail in box.received] == ["mei@example.com"]


def test_a_rejected_address_does_not_hold_up_others(
    mailed: Registry, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    with clock.frozen_at(NOW):
        for address in (GONE, "mei@example.com", BUSY, "wei@example.com"):
            request_link(mailed, address)
        with caplog.at_level(logging.WARNING):
            delivery.deliver_letters(mailed)
    assert [mail["To"] for mail in box.received] == ["mei@example.com", "wei@example.com"]
    assert "550" in caplog.text
    assert "example.com" not in caplog.text
    assert [attempts for attempts, _error in queued(mailed)] == [1]


def test_letters_are_kept_when_the_server_refuses_our_password(
    mailed: Registry, box: Mailbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 1.0)  # this server sends no further reply
    wrong = mailed.settings.mail_url.replace("p%40ss", "open-sesame")
    with clock.frozen_at(NOW):
        request_link(mailed, "mei@example.com")
        delivery.deliver_letters(replace(mailed, settings=replace(mailed.settings, mail_url=wrong)))
        [(attempts, error)] = queued(mailed)
    assert (attempts, error[:4]) == (1, "SMTP")
    assert "open-sesame" not in caplog.text
    assert box.received == []


def test_pauses_double_up_to_an_hour(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MAX_ATTEMPTS", 13)
    away = replace(registry, settings=replace(registry.settings, mail_url=f"smtp://127.0.0.1:{free_port()}"))
    with clock.frozen_at(NOW), unit_of_work(registry.engine) as connection:
        letters.enqueue_letter(connection, "factor_set", "zh", "mei@example.com")
    now, pauses = NOW, []
    for _attempt in range(12):
        with clock.frozen_at(now - dt.timedelta(seconds=1)):
            assert delivery.deliver_letters(away) == 0
        with clock.frozen_at(now):
            assert delivery.deliver_letters(away) == 1
        with read_transaction(registry.engine) as connection:
            due = connection.execute(
                select(Message.next_try_at).where(Message.topic == MAIL_TOPIC)
            ).scalar_one()
        pauses.append((due - now).total_seconds())
        now = due
    assert pauses == [5.0 * 2**attempt for attempt in range(10)] + [3600.0, 3600.0]


def test_a_batch_is_not_exceeded(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "BATCH_SIZE", 3)
    with unit_of_work(registry.engine) as connection:
        for number in range(4):
            letters.enqueue_letter(connection, "factor_set", "zh", f"user{number}@example.com")
    assert [delivery.deliver_letters(registry) for _turn in range(3)] == [3, 1, 0]


@pytest.mark.parametrize("before_expiry", [dt.timedelta(seconds=1), dt.timedelta(0)])
def test_a_link_is_sent_until_its_last_second(registry: Registry, before_expiry: dt.timedelta) -> None:
    with clock.frozen_at(NOW):
        request_link(registry, "mei@example.com")
    lifetime = email_links.LINK_LIFETIMES[email_links.SIGN_UP_LINK]
    with clock.frozen_at(NOW + lifetime - before_expiry):
        assert len(people.read_mails(registry)) == (1 if before_expiry else 0)


def test_a_letter_is_given_up_after_the_last_attempt(
    registry: Registry, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "MAX_ATTEMPTS", 5)
    away = replace(registry, settings=replace(registry.settings, mail_url=f"smtp://127.0.0.1:{free_port()}"))
    with clock.frozen_at(NOW), unit_of_work(registry.engine) as connection:
        letters.enqueue_letter(connection, "factor_set", "zh", "mei@example.com")
    now, attempts = NOW, 0
    while queued(away):
        with clock.frozen_at(now):
            attempts += delivery.deliver_letters(away)
        now += dt.timedelta(hours=1)
    assert attempts == 5
    assert "given up" in caplog.text


def test_a_letter_with_an_expired_link_is_not_sent(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        for _turn in range(4):
            request_link(registry, "mei@example.com")  # of four links the first is void now
        *_others, only = sent = people.read_mails(registry)
        assert len(sent) == 3
        request_link(registry, "wei@example.com")
    with clock.frozen_at(NOW + dt.timedelta(days=2)):
        assert people.read_mails(registry)[-1]["Message-ID"] == only["Message-ID"]
    assert queued(registry) == []


def test_mail_files_are_readable_by_the_owner_only(registry: Registry) -> None:
    request_link(registry, "mei@example.com")
    delivery.deliver_letters(registry)
    [path] = registry.settings.mail_dir.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert registry.settings.mail_dir.stat().st_mode & 0o077 == 0


def test_a_slow_mail_server_does_not_delay_the_index(registry: Registry) -> None:
    """Delivery has a thread of its own."""
    with socket.socket() as silent:  # accepts connections, never replies
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        slow = replace(registry, settings=replace(registry.settings, mail_url=url))
        request_link(slow, "mei@example.com")
        stop = threading.Event()
        worker = threading.Thread(target=relay.run_relay, args=(slow, stop), daemon=True)
        worker.start()
        connected, _address = silent.accept()
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
def test_an_invalid_mail_url_is_reported_without_its_password(wrong: str) -> None:
    with pytest.raises(Misconfigured) as stopped:
        Settings.from_environment({"PINZHENG_MAIL_URL": wrong.replace("//host", "//clerk:open-sesame@host")})
    assert stopped.value.setting == "PINZHENG_MAIL_URL"
    assert "open-sesame" not in str(stopped.value)


def test_the_sender_is_configured_or_derived_from_the_base_url() -> None:
    settings = Settings.from_environment({"PINZHENG_BASE_URL": "http://127.0.0.1:8000"})
    assert settings.mail_from == "pinzheng@127.0.0.1"
    assert replace(settings, mail_url="smtp://mx.example?from=a%40b.example").mail_from == "a@b.example"


@pytest.mark.parametrize(
    ("kind", "purpose", "validity"),
    [
        ("sign_up", email_links.SIGN_UP_LINK, "within 24 hours."),
        ("password", email_links.PASSWORD_LINK, "within 1 hour."),
        ("invitation", email_links.INVITATION_LINK, "for 14 days."),
    ],
)
def test_a_letter_says_how_long_its_link_is_valid(
    registry: Registry, kind: str, purpose: str, validity: str
) -> None:
    with unit_of_work(registry.engine) as connection:
        link_id = email_links.create_link(connection, purpose, "mei@example.com")
        letters.enqueue_letter(
            connection, kind, "en", "mei@example.com", link_id=link_id, organisation="Qingyu", person="Wei"
        )
    [mail] = people.read_mails(registry)
    assert validity in mail.get_content()
