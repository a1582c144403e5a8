"""Files that wait to be examined: handed over, worked off, asked for again; what is spent before anything is done."""

from __future__ import annotations

import errno
import io
import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import Actor
from registry.attachments import sandbox
from registry.attachments.model import Attachment
from registry.attachments.rejection import RejectedFile
from registry.errors import BeingExamined, Invalid
from registry.services.bootstrap import Registry
from registry.services.filing import draft_texts, drafts
from registry.services.filing.draft_texts import UploadedFile
from registry.services.filing.drafts import NewDraft
from registry.services.people import attachments, examinations
from registry.services.people.examinations import EXAMINER_LOCK, ReceivedFile
from registry.store.locks import hold_file_lock
from registry.store.unit_of_work import read_transaction
from tests.services import people
from tests.services.filers import firm
from tests.services.members import SLUG, sign_up_owner
from tests.unit.attachments.files import pdf, png

__all__ = ["firm"]
pytestmark = pytest.mark.once
PDF_WITH_SCRIPT = pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")


@pytest.fixture
def mei(registry: Registry) -> Actor:
    return people.sign_up(registry, "mei@example.com").actor


def hand_over(registry: Registry, actor: Actor, data: bytes, name: str = "a.pdf") -> BeingExamined:
    """Send a file while a process works off what waits, and does not come to this one."""
    with (
        pytest.MonkeyPatch.context() as patched,
        hold_file_lock(EXAMINER_LOCK, registry.settings.data_dir),
    ):
        patched.setattr(examinations, "WAIT_SECONDS", 0.0)
        patched.setattr(sandbox, "examine", None)  # the request must not do it
        with pytest.raises(BeingExamined) as examined:
            attachments.upload_attachment(registry, actor, name, io.BytesIO(data))
    return examined.value


def waiting_files(registry: Registry) -> list[str]:
    folder = registry.settings.attachments_dir / "examining"
    return sorted(path.suffix for path in folder.iterdir()) if folder.is_dir() else []


def test_a_file_is_taken_answered_and_worked_off(registry: Registry, mei: Actor) -> None:
    examined = hand_over(registry, mei, pdf(), "licence.pdf")
    assert examined.name == "licence.pdf"
    assert waiting_files(registry) == [".file", ".json"]
    assert examinations.run_examinations_once(registry) == 1
    assert waiting_files(registry) == [".result"]
    view = attachments.collect_attachment(registry, mei, examined.token)
    assert (view.kind, view.name) == ("pdf", "licence.pdf")
    assert attachments.collect_attachment(registry, mei, examined.token) == view  # pressed twice
    assert examinations.run_examinations_once(registry) == 0


def test_what_is_wrong_with_a_file_is_told_when_it_is_asked_for(registry: Registry, mei: Actor) -> None:
    examined = hand_over(registry, mei, PDF_WITH_SCRIPT)
    examinations.run_examinations_once(registry)
    for _ in range(2):
        with pytest.raises(Invalid) as refused:
            attachments.collect_attachment(registry, mei, examined.token)
        assert [(issue.code, issue.field) for issue in refused.value.issues] == [("pdf_active", "file")]
    assert waiting_files(registry) == [".result"]  # nothing of the file stays


def test_a_file_is_only_for_who_has_sent_it(registry: Registry, mei: Actor) -> None:
    examined = hand_over(registry, mei, pdf())
    wei = people.sign_up(registry, "wei@example.com").actor
    for actor, token in ((wei, examined.token), (mei, "1-" + 32 * "0"), (mei, "../lock"), (mei, "")):
        with pytest.raises(Invalid) as refused:
            attachments.collect_attachment(registry, actor, token)
        assert refused.value.issues[0].code == "file_lost"


def test_without_a_process_the_request_examines_the_file_itself(registry: Registry, mei: Actor) -> None:
    examined = hand_over(registry, mei, pdf())
    assert attachments.collect_attachment(registry, mei, examined.token).kind == "pdf"
    assert attachments.upload_attachment(registry, mei, "b.png", io.BytesIO(png())).kind == "png"


def test_a_process_works_off_what_waits_until_it_is_stopped(registry: Registry, mei: Actor) -> None:
    examined = hand_over(registry, mei, pdf())
    stop = threading.Event()
    worker = threading.Thread(target=examinations.run_examinations_forever, args=(registry, stop))
    worker.start()
    try:
        folder = registry.settings.attachments_dir / "examining"
        deadline = threading.Event()
        for _ in range(600):
            if (folder / f"{examined.token}.result").exists():
                break
            deadline.wait(0.05)
        assert attachments.collect_attachment(registry, mei, examined.token).kind == "pdf"
    finally:
        stop.set()
        worker.join()


def test_a_process_killed_after_storing_a_file_says_that_it_is_lost(registry: Registry, mei: Actor) -> None:
    examined = hand_over(registry, mei, pdf())
    (registry.settings.attachments_dir / "examining" / f"{examined.token}.file").unlink()
    examinations.run_examinations_once(registry)
    with pytest.raises(Invalid) as refused:
        attachments.collect_attachment(registry, mei, examined.token)
    assert refused.value.issues[0].code in ("file_lost", "file_too_complex")


def test_files_that_are_refused_count(registry: Registry, mei: Actor) -> None:
    def refuse(*_given: object) -> None:
        raise RejectedFile("file_kind")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sandbox, "examine", refuse)
        for _ in range(attachments.FILES_AN_HOUR.max_attempts):
            with pytest.raises(Invalid) as refused:
                attachments.upload_attachment(registry, mei, "a.txt", io.BytesIO(b"text"))
            assert refused.value.issues[0].code == "file_kind"
        patched.setattr(sandbox, "examine", None)  # nothing is done for the next one
        with pytest.raises(Invalid) as refused:
            attachments.upload_attachment(registry, mei, "a.png", io.BytesIO(png()))
    assert [(issue.code, issue.field) for issue in refused.value.issues] == [("too_many_files", "file")]


def test_machines_that_share_a_folder_examine_a_file_once(
    registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower one found no file any more, and said of a good one that it was lost."""
    examined = hand_over(registry, mei, pdf())
    begun, may_end = threading.Event(), threading.Event()

    def examine(_path: Path, _slots: Path) -> str:
        assert not begun.is_set()
        begun.set()
        assert may_end.wait(30)
        return "pdf"

    monkeypatch.setattr(sandbox, "examine", examine)
    other = threading.Thread(target=examinations.run_examinations_once, args=(registry,))
    other.start()
    try:
        assert begun.wait(30)
        with pytest.raises(BeingExamined):  # its own machine has no process for it, and would do it itself
            attachments.collect_attachment(registry, mei, examined.token)
    finally:
        may_end.set()
        other.join()
    assert attachments.collect_attachment(registry, mei, examined.token).kind == "pdf"


def test_what_no_one_has_asked_for_goes_after_a_day(registry: Registry, mei: Actor) -> None:
    hand_over(registry, mei, pdf())
    assert attachments.purge_attachments(registry) == 0
    yesterday = (clock.now() - 2 * attachments.STALE_UPLOAD_AFTER).timestamp()
    for path in (registry.settings.attachments_dir / "examining").iterdir():
        os.utime(path, (yesterday, yesterday))
    assert attachments.purge_attachments(registry) == 2
    assert waiting_files(registry) == []


def test_a_full_text_is_stored_with_its_draft_when_it_is_examined(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft("declarations"))

    def send(data: bytes) -> None:
        with (
            pytest.MonkeyPatch.context() as patched,
            hold_file_lock(EXAMINER_LOCK, firm.settings.data_dir),
        ):
            patched.setattr(examinations, "WAIT_SECONDS", 0.0)
            file = UploadedFile("Q-1.pdf", io.BytesIO(data))
            draft_texts.attach_full_text(firm, mei.actor, SLUG, draft, file=file)
            assert draft_texts.settle_full_text(firm, mei.actor, SLUG, draft) == "Q-1.pdf"

    send(PDF_WITH_SCRIPT)
    assert draft_texts.has_unsettled_text(firm, mei.actor, draft)
    examinations.run_examinations_once(firm)
    with pytest.raises(Invalid) as refused:
        draft_texts.settle_full_text(firm, mei.actor, SLUG, draft)
    assert [(issue.code, issue.field) for issue in refused.value.issues] == [("pdf_active", "text_hash")]
    assert not draft_texts.has_unsettled_text(firm, mei.actor, draft)
    send(pdf())
    examinations.run_examinations_once(firm)
    assert draft_texts.settle_full_text(firm, mei.actor, SLUG, draft) == ""
    view = drafts.get_draft(firm, mei.actor, SLUG, draft)
    with read_transaction(firm.engine) as connection:
        stored = connection.execute(select(Attachment.sha256).where(Attachment.kind == "pdf")).scalar_one()
    assert view.typed["text_hash"] == stored
    assert view.file is not None
    assert view.file.name == "Q-1.pdf"


def test_a_received_file_is_written_whole_or_not_at_all(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(pdf())
    token = examinations.hand_over(registry, path, ReceivedFile(None, "a.pdf", 64 * "0", 1))
    assert token.startswith("0-")
    assert not path.exists()
    assert waiting_files(registry) == [".file", ".json"]


def test_a_moment_without_descriptors_does_not_end_the_examination_of_files(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, asked = threading.Event(), []

    def list_waiting(_registry: Registry) -> list[str]:
        asked.append("asked")
        if len(asked) == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        stop.set()
        return []

    monkeypatch.setattr(examinations, "_waiting_tokens", list_waiting)
    monkeypatch.setattr(examinations, "RETRY_SECONDS", 0.0)
    examinations.run_examinations_forever(registry, stop)
    assert asked == ["asked", "asked"]
