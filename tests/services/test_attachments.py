"""Attachments: storage, access rights, refused files, quotas, retention of proofs, and the virus scanner."""

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
from sqlalchemy import delete, func, insert, select, update

from registry import clock
from registry.accounts.membership import WAITING, Claim
from registry.accounts.policy import ANONYMOUS, ROLES, SYSTEM, Action, Actor, require
from registry.attachments import file_store, kinds, sandbox, virus_scanner
from registry.attachments.model import Attachment
from registry.config import Settings
from registry.errors import Forbidden, Invalid, Misconfigured, NotFound, Unavailable
from registry.kit.draft import Draft, Receipt
from registry.kit.record import Record
from registry.messages import find_message
from registry.services.bootstrap import Registry
from registry.services.people import attachments, examinations
from registry.store.base import Base
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import fake_scanner, people
from tests.unit.attachments.files import VALID_FILES, archive, jpeg, ofd, pdf, png

pytestmark = pytest.mark.once

PDF_WITH_SCRIPT = pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")


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


def rejection(registry: Registry, actor: Actor, data: bytes) -> tuple[str, dict[str, object]]:
    """Code and parameters with which a file is refused; the message of the code has just these placeholders."""
    with pytest.raises(Invalid) as invalid:
        attach(registry, actor, data)
    [issue] = invalid.value.issues
    assert issue.field == "file"
    message = find_message(issue.code)
    assert message is not None
    assert message.text % issue.params
    return issue.code, issue.params


def stored_files(registry: Registry) -> list[Path]:
    """All files in the store except the lock."""
    root = registry.settings.attachments_dir
    return sorted(path for path in root.rglob("*") if path.is_file() and path.name != file_store.LOCK)


def row_count(registry: Registry) -> int:
    with read_transaction(registry.engine) as connection:
        return connection.execute(select(func.count()).select_from(Attachment)).scalar_one()


def with_scanner(registry: Registry, address: str) -> Registry:
    return replace(registry, settings=replace(registry.settings, clamav=address))


@pytest.mark.parametrize("kind", VALID_FILES)
def test_a_file_is_stored_under_its_hash(registry: Registry, mei: Actor, kind: str) -> None:
    view = attach(registry, mei, VALID_FILES[kind], "C:\\证书\\扫描.pdf")
    sha256 = hashlib.sha256(VALID_FILES[kind]).hexdigest()
    assert (view.sha256, view.size, view.kind, view.published) == (
        sha256,
        len(VALID_FILES[kind]),
        kind,
        False,
    )
    assert view.name.startswith("扫描.pdf")
    path = file_store.path_of(registry.settings.attachments_dir, sha256)
    assert path == registry.settings.data_dir / "attachments" / sha256[:2] / sha256
    assert path.read_bytes() == VALID_FILES[kind]


def test_other_accounts_of_the_machine_cannot_read_files(registry: Registry, mei: Actor) -> None:
    before = os.umask(0)
    try:
        attach(registry, mei, pdf())
    finally:
        os.umask(before)
    root = registry.settings.attachments_dir
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in (root, *root.rglob("*"))}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_the_same_content_from_two_users_is_stored_once(registry: Registry, mei: Actor, wei: Actor) -> None:
    first, second = attach(registry, mei, pdf(), "one.pdf"), attach(registry, wei, pdf(), "two.pdf")
    assert first.id != second.id
    assert (first.name, second.name, first.sha256) == ("one.pdf", "two.pdf", second.sha256)
    assert [path.name for path in stored_files(registry)] == [first.sha256]


def test_only_signed_in_users_may_upload(registry: Registry) -> None:
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
        (PDF_WITH_SCRIPT, "pdf_active"),
        (pdf(trailer=b"/Encrypt << >>"), "pdf_encrypted"),
        (pdf().replace(b"/Root 1 0 R", b"/Root 4 7 R"), "pdf_unreadable"),
    ],
)
def test_a_refused_file_leaves_nothing_behind(registry: Registry, mei: Actor, data: bytes, code: str) -> None:
    assert rejection(registry, mei, data)[0] == code
    assert (stored_files(registry), row_count(registry)) == ([], 0)


def test_a_rejection_names_the_active_content(registry: Registry, mei: Actor) -> None:
    assert rejection(registry, mei, PDF_WITH_SCRIPT)[1] == {"found": "/JS, /JavaScript, /OpenAction"}


class Endless:
    """A stream that never ends; `consumed` counts the bytes that were read."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.consumed = 0

    def read(self, size: int, /) -> bytes:
        chunk = self.head[self.consumed : self.consumed + size].ljust(size, b"x")
        self.consumed += size
        return chunk


@pytest.mark.parametrize(("head", "megabytes"), [(b"\xff\xd8\xff", 10), (png(), 10), (pdf(), 20), (b"", 20)])
def test_reading_stops_at_the_size_limit(registry: Registry, mei: Actor, head: bytes, megabytes: int) -> None:
    stream = Endless(head)
    with pytest.raises(Invalid) as invalid:
        attachments.upload_attachment(registry, mei, "a.pdf", stream)
    [issue] = invalid.value.issues
    assert (issue.code, issue.params) == ("file_too_large", {"at_most": megabytes})
    assert stream.consumed == megabytes * kinds.MEGABYTE + attachments.CHUNK_BYTES
    assert (stored_files(registry), row_count(registry)) == ([], 0)


def test_the_type_is_recognised_though_the_first_chunk_is_short(registry: Registry, mei: Actor) -> None:
    class Drip(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, 1))

    assert attachments.upload_attachment(registry, mei, "a.png", Drip(png())).kind == "png"
    stream = Endless(png())
    read = stream.read
    stream.read = lambda size: read(1 if stream.consumed < 10 else size)  # type: ignore[method-assign]
    with pytest.raises(Invalid) as invalid:
        attachments.upload_attachment(registry, mei, "a.png", stream)
    assert invalid.value.issues[0].params == {"at_most": 10}


def test_an_interrupted_upload_leaves_nothing_behind(registry: Registry, mei: Actor) -> None:
    class Broken:
        def read(self, _size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        attachments.upload_attachment(registry, mei, "a.pdf", Broken())
    assert stored_files(registry) == []


def test_the_quota_of_an_account(registry: Registry, mei: Actor, wei: Actor, monkeypatch) -> None:
    monkeypatch.setattr(attachments, "MAX_FILES", 2)
    attach(registry, mei, pdf())
    attach(registry, mei, png())
    assert rejection(registry, mei, jpeg())[0] == "file_quota"
    attach(registry, wei, jpeg())
    monkeypatch.setattr(attachments, "MAX_TOTAL_BYTES", 10)
    assert rejection(registry, wei, ofd())[0] == "file_quota"


def test_the_quota_counts_files_and_bytes_to_the_limit(
    registry: Registry, mei: Actor, wei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_TOTAL_BYTES", len(pdf()))
    attach(registry, mei, png())  # less than the limit is used: another file is accepted
    attach(registry, mei, pdf())
    assert rejection(registry, mei, png())[0] == "file_quota"
    attach(registry, wei, pdf())  # exactly the limit is used
    assert rejection(registry, wei, png())[1] == {"files": attachments.MAX_FILES, "at_most": 0}


@pytest.mark.parametrize(("head", "limit"), [(png()[:8], kinds.MAX_PICTURE_SIZE), (b"%PDF-", kinds.MAX_SIZE)])
def test_a_file_of_exactly_the_maximum_size_is_read(registry: Registry, head: bytes, limit: int) -> None:
    """It is refused for its content, one byte more for its size."""
    for size, code in ((limit, "file_damaged"), (limit + 1, "file_too_large")):
        assert rejection(registry, SYSTEM, head.ljust(size, b"x"))[0] == code


def test_an_interrupted_upload_is_purged_after_a_day(registry: Registry, mei: Actor) -> None:
    attach(registry, mei, pdf())
    incoming = registry.settings.attachments_dir / file_store.INCOMING / "half"
    incoming.write_bytes(b"%PDF")
    written = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
    os.utime(incoming, (written.timestamp(), written.timestamp()))
    with clock.frozen_at(written + attachments.STALE_UPLOAD_AFTER):
        assert attachments.purge_attachments(registry) == 0
    with clock.frozen_at(written + attachments.STALE_UPLOAD_AFTER + dt.timedelta(seconds=1)):
        assert attachments.purge_attachments(registry) == 1


def test_symbolic_links_out_of_the_store_are_not_followed(
    registry: Registry, mei: Actor, tmp_path: Path
) -> None:
    view = attach(registry, mei, pdf())
    root = registry.settings.attachments_dir
    path = file_store.path_of(root, view.sha256)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    path.unlink()
    with pytest.raises(NotFound):
        file_store.path_of(root, view.sha256)
    path.symlink_to(secret)
    with pytest.raises(NotFound):
        file_store.path_of(root, view.sha256)
    for wrong in ("../secret", "", view.sha256.upper(), view.sha256 + "/", "0" * 64):
        with pytest.raises(NotFound):
            file_store.path_of(root, wrong)


def test_purging_removes_files_without_a_row(registry: Registry, mei: Actor) -> None:
    assert attachments.purge_attachments(registry) == 0
    stored, orphan = attach(registry, mei, pdf()), attach(registry, mei, png())
    with unit_of_work(registry.engine) as connection:
        connection.execute(delete(Attachment).where(Attachment.id == orphan.id))
    half = registry.settings.attachments_dir / file_store.INCOMING / "half"
    half.write_bytes(b"%PDF")
    assert attachments.purge_attachments(registry) == 1
    assert [path.name for path in stored_files(registry)] == sorted([stored.sha256, "half"])
    with clock.frozen_at(clock.now() + dt.timedelta(days=2)):
        assert attachments.purge_attachments(registry) == 1
    assert [path.name for path in stored_files(registry)] == [stored.sha256]


def test_files_that_nothing_names_are_gone_after_a_week(registry: Registry, mei: Actor) -> None:
    proof, unsent, public = (attach(registry, mei, data) for data in (pdf(), png(), jpeg()))
    now = clock.now()
    claim = {
        "user_id": mei.user_id,
        "number": "1",
        "name": "x",
        "values": "{}",
        "post": "x",
        "created_at": now,
    }
    with unit_of_work(registry.engine) as connection:
        connection.execute(insert(Claim).values(**claim, attachment_id=proof.id, status=WAITING))
        connection.execute(update(Attachment).where(Attachment.id == public.id).values(published=True))
    week = now + attachments.UNUSED_AFTER
    with clock.frozen_at(week - dt.timedelta(seconds=60)):
        assert (attachments.purge_attachments(registry), row_count(registry)) == (0, 3)
    with clock.frozen_at(week + dt.timedelta(seconds=60)):
        assert (attachments.purge_attachments(registry), row_count(registry)) == (1, 2)
        assert attachments.purge_attachments(registry) == 0
    assert {path.name for path in stored_files(registry)} == {proof.sha256, public.sha256}
    assert unsent.sha256 not in {proof.sha256, public.sha256}


def test_whatever_names_a_file_is_known_to_the_purge() -> None:
    known = {(column.table.name, column.name) for column in attachments.naming_columns()}
    named = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith(("attachment_id", "text_id"))
    }
    assert named == known


@pytest.mark.parametrize("kept_by", [Draft, Receipt])
def test_a_full_text_stays_as_long_as_a_draft_or_a_receipt_names_it(
    registry: Registry, mei: Actor, kept_by: type[Draft | Receipt]
) -> None:
    view = attach(registry, mei, pdf())
    now = clock.now()
    record = dict.fromkeys(("register", "number", "slug", "natural_key", "document_hash", "status"), "x")
    owned = {"organisation_id": 1, "text_id": view.id, "made_at": now}
    named = {
        Draft: {
            "register": "x",
            "typed": "{}",
            "revision": 1,
            "made_by": mei.user_id,
            "changed_by": mei.user_id,
        }
        | {"changed_at": now},
        Receipt: {"record_id": 1, "version": 1, "user_id": mei.user_id, "signer": ""},
    }
    with unit_of_work(registry.engine) as connection:
        facts = {"id": 1, "version": 1, "entry_id": 1, "status_since": dt.date(2026, 1, 1)}
        connection.execute(insert(Record).values(**record, **facts))
        connection.execute(insert(kept_by).values(**owned, **named[kept_by]))
    with clock.frozen_at(now + dt.timedelta(days=400)):
        assert (attachments.purge_attachments(registry), row_count(registry)) == (0, 1)
        with unit_of_work(registry.engine) as connection:
            connection.execute(delete(kept_by))
        assert (attachments.purge_attachments(registry), row_count(registry)) == (1, 0)


def test_a_file_whose_row_could_not_be_written_is_purged(
    registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise OSError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(examinations, "unit_of_work", fail)
        with pytest.raises(OSError, match="away"):
            attach(registry, mei, pdf())
    assert attachments.purge_attachments(registry) == 1
    assert stored_files(registry) == []


@pytest.mark.parametrize("unix", [True, False], ids=["unix", "tcp"])
def test_the_scanner_receives_every_byte_before_a_file_is_stored(
    registry: Registry, mei: Actor, socket_folder: Path, unix: bool
) -> None:
    socket_path = socket_folder / "s" if unix else None
    with fake_scanner.fake_scanner(socket_path, b"stream: OK\0") as daemon:
        large = png(text=b"a\0" + b"b" * 200_000)
        assert attach(with_scanner(registry, daemon.address), mei, large).kind == "png"
        assert daemon.received == [large]
        daemon.answer = b"stream: Eicar-Test-Signature FOUND\0"
        assert rejection(with_scanner(registry, daemon.address), mei, pdf()) == (
            "file_infected",
            {"name": "Eicar-Test-Signature"},
        )
    assert (len(stored_files(registry)), row_count(registry)) == (1, 1)


@pytest.mark.parametrize("unix", [True, False], ids=["unix", "tcp"])
@pytest.mark.parametrize("answer", [None, b"", b"stream: O", b"INSTREAM size limit exceeded. ERROR\0"])
def test_without_a_verdict_of_the_scanner_nothing_is_stored(
    registry: Registry, mei: Actor, socket_folder: Path, unix: bool, answer: bytes | None
) -> None:
    with fake_scanner.fake_scanner(socket_folder / "s" if unix else None, answer) as daemon:
        for data in (pdf(), png(text=b"a\0" + b"b" * 2_000_000)):
            with pytest.raises(Unavailable):
                attach(with_scanner(registry, daemon.address), mei, data)
    with pytest.raises(Unavailable):
        attach(with_scanner(registry, daemon.address), mei, pdf())
    assert (stored_files(registry), row_count(registry)) == ([], 0)


def test_a_scanner_that_does_not_answer_times_out(
    registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert virus_scanner.TIMEOUT_SECONDS == 30
    monkeypatch.setattr(virus_scanner, "TIMEOUT_SECONDS", 0.05)
    with fake_scanner.fake_scanner(None, b"") as daemon:
        daemon.silent = True
        with pytest.raises(Unavailable):
            attach(with_scanner(registry, daemon.address), mei, pdf())


@pytest.mark.parametrize(
    "address", ["", "unix:/run/clamav/clamd.ctl", "tcp://127.0.0.1:3310", "tcp://[::1]:3310"]
)
def test_the_setting_names_a_socket(address: str) -> None:
    assert Settings.from_environment({"PINZHENG_CLAMAV": f" {address} "}).clamav == address


@pytest.mark.parametrize(
    "wrong",
    ["yes", "unix:relative", "tcp://host", "tcp://host:x", "tcp://host:0", "http://host:1", "tcp://h:1/x"],
)
def test_an_invalid_setting_is_named(wrong: str) -> None:
    with pytest.raises(Misconfigured, match="PINZHENG_CLAMAV"):
        Settings.from_environment({"PINZHENG_CLAMAV": wrong})


def test_a_pdf_that_crashes_the_sandbox_is_refused(
    registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/false")
    assert rejection(registry, mei, pdf())[0] == "file_too_complex"
