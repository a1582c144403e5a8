"""Attachments: what is kept and where, who may open it, what is refused and leaves nothing, and the virus scanner."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, ROLES, SYSTEM, Action, Actor, require
from registry.attachments import file_store, kinds, sandbox, virus_scanner
from registry.attachments.model import Attachment
from registry.config import Settings
from registry.errors import Forbidden, Invalid, Misconfigured, NotFound, Unavailable
from registry.kit.issues import MESSAGES
from registry.services.bootstrap import Registry
from registry.services.people import attachments
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people, scanners
from tests.unit.attachments.files import GOOD, archive, jpeg, ofd, pdf, png

pytestmark = pytest.mark.once

ACTIVE = pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")


@pytest.fixture
def mei(registry: Registry) -> Actor:
    return people.sign_up(registry, "mei@example.com").actor


@pytest.fixture
def wei(registry: Registry) -> Actor:
    return people.sign_up(registry, "wei@example.com").actor


@pytest.fixture
def socket_folder() -> Iterator[Path]:
    """A folder whose name is short: a unix socket's address has room for about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="clam") as folder:
        yield Path(folder)


def attach(registry: Registry, actor: Actor, data: bytes, name: str = "a.pdf") -> attachments.AttachmentView:
    return attachments.upload_attachment(registry, actor, name, io.BytesIO(data))


def refusal(registry: Registry, actor: Actor, data: bytes) -> tuple[str, dict[str, object]]:
    """Code and parameters with which a file is refused; its words are there and fit."""
    with pytest.raises(Invalid) as invalid:
        attach(registry, actor, data)
    [issue] = invalid.value.issues
    assert issue.field == "file"
    assert MESSAGES[issue.code] % issue.params
    return issue.code, issue.params


def lying(registry: Registry) -> list[Path]:
    """All files in the attachments' folder but the lock."""
    root = registry.settings.attachments_dir
    return sorted(path for path in root.rglob("*") if path.is_file() and path.name != file_store.LOCK)


def rows(registry: Registry) -> int:
    with read_transaction(registry.engine) as connection:
        return connection.execute(select(func.count()).select_from(Attachment)).scalar_one()


def scanned_by(registry: Registry, address: str) -> Registry:
    return replace(registry, settings=replace(registry.settings, clamav=address))


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_is_kept_under_its_hash(registry: Registry, mei: Actor, kind: str) -> None:
    view = attach(registry, mei, GOOD[kind], "C:\\证书\\扫描.pdf")
    sha256 = hashlib.sha256(GOOD[kind]).hexdigest()
    assert (view.sha256, view.size, view.kind, view.published) == (sha256, len(GOOD[kind]), kind, False)
    assert view.name.startswith("扫描.pdf")
    again, path = attachments.open_attachment(registry, mei, view.id)
    assert again == view
    assert path == registry.settings.data_dir / "attachments" / sha256[:2] / sha256
    assert path.read_bytes() == GOOD[kind]


def test_nobody_else_on_the_machine_may_read(registry: Registry, mei: Actor) -> None:
    before = os.umask(0)
    try:
        attach(registry, mei, pdf())
    finally:
        os.umask(before)
    root = registry.settings.attachments_dir
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in (root, *root.rglob("*"))}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_the_same_content_twice_is_one_file_of_two_people(registry: Registry, mei: Actor, wei: Actor) -> None:
    first, second = attach(registry, mei, pdf(), "one.pdf"), attach(registry, wei, pdf(), "two.pdf")
    assert first.id != second.id
    assert (first.name, second.name, first.sha256) == ("one.pdf", "two.pdf", second.sha256)
    assert [path.name for path in lying(registry)] == [first.sha256]


def test_only_the_uploader_opens_it_until_it_is_published(registry: Registry, mei: Actor, wei: Actor) -> None:
    view = attach(registry, mei, pdf())
    for other in (wei, ANONYMOUS, REGISTRAR, SYSTEM, Actor("admin", 999)):
        with pytest.raises(NotFound) as hidden:
            attachments.open_attachment(registry, other, view.id)
        with pytest.raises(NotFound) as missing:
            attachments.open_attachment(registry, other, view.id + 1)
        assert (hidden.value.what, hidden.value.code) == (missing.value.what, missing.value.code)
        assert hidden.value.what == "attachment"
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Attachment).values(published=True))
    assert attachments.open_attachment(registry, ANONYMOUS, view.id)[0] == replace(view, published=True)


def test_what_the_platform_attached_is_not_everybodys(registry: Registry) -> None:
    view = attach(registry, SYSTEM, pdf())
    with pytest.raises(NotFound):
        attachments.open_attachment(registry, ANONYMOUS, view.id)


def test_who_is_signed_in_may_attach(registry: Registry) -> None:
    for role in ROLES - {"visitor"}:
        require(Actor(role, 1), Action.ATTACH)
    with pytest.raises(Forbidden):
        attach(registry, ANONYMOUS, pdf())
    assert not registry.settings.attachments_dir.exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"<html></html>", "file_kind"),
        (pdf()[:-20], "file_damaged"),
        (jpeg() + archive({"a": b"a"}), "file_mixed"),
        (png(40_000, 1), "picture_size"),
        (ofd({"../a": b"a"}), "ofd_paths"),
        (ofd({"a": bytes(9_000_000)}), "ofd_too_large"),
        (ACTIVE, "pdf_active"),
        (pdf(trailer=b"/Encrypt << >>"), "pdf_encrypted"),
        (pdf().replace(b"/Root 1 0 R", b"/Root 4 7 R"), "pdf_unreadable"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    registry: Registry, mei: Actor, data: bytes, code: str
) -> None:
    assert refusal(registry, mei, data)[0] == code
    assert (lying(registry), rows(registry)) == ([], 0)


def test_a_refusal_says_what_was_found(registry: Registry, mei: Actor) -> None:
    assert refusal(registry, mei, ACTIVE)[1] == {"found": "/JS, /JavaScript, /OpenAction"}


class Endless:
    """A stream that never ends; counts what was read of it."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.given = 0

    def read(self, size: int, /) -> bytes:
        piece = self.head[self.given : self.given + size].ljust(size, b"x")
        self.given += size
        return piece


@pytest.mark.parametrize(("head", "megabytes"), [(b"\xff\xd8\xff", 10), (png(), 10), (pdf(), 20), (b"", 20)])
def test_a_file_without_end_is_refused_at_the_limit(
    registry: Registry, mei: Actor, head: bytes, megabytes: int
) -> None:
    stream = Endless(head)
    with pytest.raises(Invalid) as invalid:
        attachments.upload_attachment(registry, mei, "a.pdf", stream)
    [issue] = invalid.value.issues
    assert (issue.code, issue.params) == ("file_too_large", {"at_most": megabytes})
    assert stream.given == megabytes * kinds.MEGABYTE + attachments.CHUNK_BYTES
    assert (lying(registry), rows(registry)) == ([], 0)


def test_the_kind_is_told_though_the_first_piece_is_short(registry: Registry, mei: Actor) -> None:
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, 1))

    assert attachments.upload_attachment(registry, mei, "a.png", Drip(png())).kind == "png"
    stream = Endless(png())
    read = stream.read
    stream.read = lambda size: read(1 if stream.given < 10 else size)  # type: ignore[method-assign]
    with pytest.raises(Invalid) as invalid:
        attachments.upload_attachment(registry, mei, "a.png", stream)
    assert invalid.value.issues[0].params == {"at_most": 10}


def test_a_stream_that_breaks_off_leaves_nothing(registry: Registry, mei: Actor) -> None:
    class Broken:
        def read(self, _size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        attachments.upload_attachment(registry, mei, "a.pdf", Broken())
    assert lying(registry) == []


def test_an_account_has_so_much_room(registry: Registry, mei: Actor, wei: Actor, monkeypatch) -> None:
    monkeypatch.setattr(attachments, "MAX_FILES", 2)
    attach(registry, mei, pdf())
    attach(registry, mei, png())
    assert refusal(registry, mei, jpeg())[0] == "file_quota"
    attach(registry, wei, jpeg())
    monkeypatch.setattr(attachments, "MAX_TOTAL_BYTES", 10)
    assert refusal(registry, wei, ofd())[0] == "file_quota"


def test_a_link_out_of_the_folder_is_not_followed(registry: Registry, mei: Actor, tmp_path: Path) -> None:
    view = attach(registry, mei, pdf())
    _, path = attachments.open_attachment(registry, mei, view.id)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    path.unlink()
    with pytest.raises(NotFound):
        attachments.open_attachment(registry, mei, view.id)
    path.symlink_to(secret)
    with pytest.raises(NotFound):
        attachments.open_attachment(registry, mei, view.id)
    for wrong in ("../secret", "", view.sha256.upper(), view.sha256 + "/", "0" * 64):
        with pytest.raises(NotFound):
            file_store.path_of(registry.settings.attachments_dir, wrong)


def test_tidying_removes_what_no_row_names(registry: Registry, mei: Actor) -> None:
    assert attachments.purge_attachments(registry) == 0
    kept, lost = attach(registry, mei, pdf()), attach(registry, mei, png())
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(Attachment).where(Attachment.id == lost.id))
    half = registry.settings.attachments_dir / file_store.INCOMING / "half"
    half.write_bytes(b"%PDF")
    assert attachments.purge_attachments(registry) == 1
    assert [path.name for path in lying(registry)] == sorted([kept.sha256, "half"])
    with clock.frozen_at(clock.now() + dt.timedelta(days=2)):
        assert attachments.purge_attachments(registry) == 1
    assert [path.name for path in lying(registry)] == [kept.sha256]


def test_a_row_that_cannot_be_written_leaves_a_file_for_tidying(
    registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> None:
        raise OSError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(attachments, "_insert_attachment", broken)
        with pytest.raises(OSError, match="away"):
            attach(registry, mei, pdf())
    assert attachments.purge_attachments(registry) == 1
    assert lying(registry) == []


@pytest.mark.parametrize("unix", [True, False], ids=["unix", "tcp"])
def test_the_scanner_sees_every_byte_before_a_file_is_kept(
    registry: Registry, mei: Actor, socket_folder: Path, unix: bool
) -> None:
    where = socket_folder / "s" if unix else None
    with scanners.fake_scanner(where, b"stream: OK\0") as daemon:
        long = png(text=b"a\0" + b"b" * 200_000)
        assert attach(scanned_by(registry, daemon.address), mei, long).kind == "png"
        assert daemon.received == [long]
        daemon.answer = b"stream: Eicar-Test-Signature FOUND\0"
        assert refusal(scanned_by(registry, daemon.address), mei, pdf()) == (
            "file_infected",
            {"name": "Eicar-Test-Signature"},
        )
    assert (len(lying(registry)), rows(registry)) == (1, 1)


@pytest.mark.parametrize("unix", [True, False], ids=["unix", "tcp"])
@pytest.mark.parametrize("answer", [None, b"", b"stream: O", b"INSTREAM size limit exceeded. ERROR\0"])
def test_without_the_scanners_word_nothing_is_kept(
    registry: Registry, mei: Actor, socket_folder: Path, unix: bool, answer: bytes | None
) -> None:
    with scanners.fake_scanner(socket_folder / "s" if unix else None, answer) as daemon:
        for data in (pdf(), png(text=b"a\0" + b"b" * 2_000_000)):
            with pytest.raises(Unavailable):
                attach(scanned_by(registry, daemon.address), mei, data)
    with pytest.raises(Unavailable):
        attach(scanned_by(registry, daemon.address), mei, pdf())
    assert (lying(registry), rows(registry)) == ([], 0)


def test_a_scanner_that_does_not_answer_is_not_waited_for_long(
    registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert virus_scanner.TIMEOUT_SECONDS == 30
    monkeypatch.setattr(virus_scanner, "TIMEOUT_SECONDS", 0.05)
    with scanners.fake_scanner(None, b"") as daemon:
        daemon.silent = True
        with pytest.raises(Unavailable):
            attach(scanned_by(registry, daemon.address), mei, pdf())


@pytest.mark.parametrize(
    "given", ["", "unix:/run/clamav/clamd.ctl", "tcp://127.0.0.1:3310", "tcp://[::1]:3310"]
)
def test_the_setting_names_a_socket(given: str) -> None:
    assert Settings.from_environment({"PINZHENG_CLAMAV": f" {given} "}).clamav == given


@pytest.mark.parametrize(
    "wrong",
    ["yes", "unix:relative", "tcp://host", "tcp://host:x", "tcp://host:0", "http://host:1", "tcp://h:1/x"],
)
def test_a_wrong_setting_is_named(wrong: str) -> None:
    with pytest.raises(Misconfigured, match="PINZHENG_CLAMAV"):
        Settings.from_environment({"PINZHENG_CLAMAV": wrong})


def test_a_pdf_that_stops_its_examiner_is_refused(
    registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/false")
    assert refusal(registry, mei, pdf())[0] == "pdf_too_complex"
