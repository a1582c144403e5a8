"""Active content of PDFs is detected however it is written, and where only some readers would look."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from registry.attachments import examination, pdf_active_content, sandbox, slots
from registry.attachments.rejection import RejectedFile
from registry.errors import Unavailable
from tests.unit.attachments.files import deflated_stream, object_stream, pdf, pdf_of_streams, stream
from tests.unit.attachments.rejections import rejection_code

SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"
# /JS is too short a name to be searched for in the raw bytes.
SCRIPT_IN_OBJECT = b"<< /X << /JS (app.alert(1)) >> >>"


def active_names(data: bytes) -> set[str]:
    try:
        pdf_active_content.check_pdf(data)
    except RejectedFile as rejection:
        assert rejection.code == "pdf_active", rejection.code
        return set(str(rejection.params["found"]).split(", "))
    return set()


def code(data: bytes) -> str:
    return rejection_code(pdf_active_content.check_pdf, data)


def test_a_pdf_without_active_content_is_accepted() -> None:
    assert len(PdfReader(io.BytesIO(pdf())).pages) == 1
    assert active_names(pdf()) == active_names(pdf_of_streams({6: b"<< /Title (x) >>"})) == set()
    link = b"/Annots [<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://a.example) >> >>]"
    assert active_names(pdf(page=link)) == set()
    assert (
        active_names(pdf(b"/OpenAction [3 0 R /Fit]"))
        == active_names(pdf(b"/OpenAction 5 0 R", more={5: b"null"}))
        == set()
    )
    assert active_names(pdf(b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>")) == set()
    assert active_names(b"\xef\xbb\xbf" + pdf()) == set()


@pytest.mark.parametrize(
    ("catalog", "page", "expected"),
    [
        (b"/OpenAction " + SCRIPT, b"", {"/OpenAction", "/JavaScript", "/JS"}),
        (b"/OpenAction << /S /GoTo /D [3 0 R /Fit] /Next [<< /S /URI /URI (x) >>] >>", b"", {"/OpenAction"}),
        (b"/OpenAction << /S /URI /URI (https://a.example) >>", b"", {"/OpenAction"}),
        (b"/Names << /JavaScript << /Names [(a) " + SCRIPT + b"] >> >>", b"", {"/JavaScript", "/JS"}),
        (b"", b"/AA << /O << /S /Named /N /Print >> >>", {"/AA"}),
        (b"", b"/Annots [<< /Subtype /Link /A << /S /Launch /F (a.exe) >> >>]", {"/Launch"}),
        (b"", b"/Annots [<< /Subtype /Link /A << /S /SubmitForm /F (x) >> >>]", {"/SubmitForm"}),
        (b"", b"/Annots [<< /Subtype /Link /A << /S /ImportData /F (x) >> >>]", {"/ImportData"}),
        (b"", b"/Annots [<< /Subtype /Link /A << /S /GoToR /F (//host/x) >> >>]", {"/GoToR"}),
        (b"", b"/Annots [<< /Subtype /RichMedia >>]", {"/RichMedia"}),
        (b"", b"/Annots [<< /Subtype /FileAttachment >>]", {"/FileAttachment"}),
        (b"/Names << /EmbeddedFiles << /Names [] >> >>", b"", {"/EmbeddedFiles"}),
        (b"/AcroForm << /XFA [] /Fields [] >>", b"", {"/XFA"}),
    ],
)
def test_each_kind_of_active_content_is_named(catalog: bytes, page: bytes, expected: set[str]) -> None:
    assert active_names(pdf(catalog, page)) == expected


@pytest.mark.parametrize("name", [b"/J#61vaScript", b"/#4a#61#76#61#53#63#72#69#70#74", b"/JavaScrip#74"])
def test_escaped_names_are_detected(name: bytes) -> None:
    assert active_names(pdf(page=b"/Annots [<< /A << /S %s /J#53 (x) >> >>]" % name)) == {
        "/JavaScript",
        "/JS",
    }
    assert active_names(pdf(page=b"/A#41 << >>")) == {"/AA"}


def test_names_behind_a_reference_are_detected() -> None:
    assert active_names(pdf(page=b"/Annots [<< /A << /S 5 0 R >> >>]", more={5: b"/GoToR"})) == {"/GoToR"}
    assert active_names(pdf(b"/OpenAction 5 0 R", more={5: b"<< /S /URI >>"})) == {"/OpenAction"}


def test_active_content_in_an_object_stream_is_detected() -> None:
    assert active_names(pdf_of_streams({6: b"<< /Title (x) >>", 7: SCRIPT})) == {"/JavaScript", "/JS"}
    assert active_names(pdf_of_streams({6: b"<< /S /J#61vaScript >>"})) == {"/JavaScript"}
    assert active_names(pdf_of_streams({6: b"<< /S /URI >>"}, b"/OpenAction 6 0 R")) == {"/OpenAction"}


def test_objects_that_no_table_lists_are_checked() -> None:
    """Older revisions, and objects that only a reader that repairs the file would see."""
    assert active_names(pdf(unlisted=b"9 0 obj\n%s\nendobj\n" % SCRIPT_IN_OBJECT)) == {"/JS"}
    assert active_names(pdf(unlisted=b"9\n0 obj%%c\n%s\nendobj\n" % SCRIPT_IN_OBJECT)) == {"/JS"}
    assert active_names(pdf(unlisted=b"9 0 obj\n%s\nendobj\n" % object_stream({10: SCRIPT_IN_OBJECT}))) == {
        "/JS"
    }
    assert active_names(pdf(more={5: object_stream({10: SCRIPT_IN_OBJECT}, b"/Type /#4fbjStm")})) == {"/JS"}
    assert active_names(pdf(more={5: object_stream({10: SCRIPT_IN_OBJECT}, b"/Type /Other")})) == {"/JS"}
    assert active_names(pdf(more={5: b"(x)"}, unlisted=b"5 0 obj\n%s\nendobj\n" % SCRIPT_IN_OBJECT)) == {
        "/JS"
    }
    assert active_names(pdf(unlisted=b"/JavaScript ")) == {"/JavaScript"}


def test_an_encrypted_pdf_has_a_code_of_its_own() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("secret", algorithm="RC4-128")
    encrypted = io.BytesIO()
    writer.write(encrypted)
    assert code(encrypted.getvalue()) == "pdf_encrypted"
    assert code(pdf(trailer=b"/Encrypt 5 0 R", more={5: b"<< /Filter /Standard >>"})) == "pdf_encrypted"
    assert code(pdf(trailer=b"/Encr#79pt 5 0 R", more={5: b"<< >>"})) == "pdf_encrypted"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7\n%%EOF\n",
        pdf().replace(b"/Root 1 0 R", b"/Root 4 7 R"),
        pdf(more={5: b"[" * 20_000}),
        pdf(more={5: stream(b"not deflated", b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")}),
        pdf(more={5: deflated_stream(b"7 0 (x)", b"/Type /ObjStm /N 9 /First 4")}),
        pdf(more={5: deflated_stream(b"7 0 (x)", b"/Type /ObjStm")}),
    ],
    ids=["empty", "nothing", "no root", "deep nesting", "not deflated", "too few objects", "no numbers"],
)
def test_an_unreadable_pdf_is_refused(data: bytes) -> None:
    assert code(data) == "pdf_unreadable"


def test_a_decompression_bomb_is_refused() -> None:
    bomb = deflated_stream(
        b"7 0 " + b" " * (pdf_active_content.MAX_UNPACKED_BYTES + 1), b"/Type /ObjStm /N 1 /First 4"
    )
    assert code(pdf(more={5: bomb})) in ("pdf_unreadable", "pdf_too_complex")


def test_objects_are_counted_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_active_content, "MAX_OBJECTS", 5)
    assert code(pdf()) == ""
    assert code(pdf(more={5: b"(a)"})) == ""
    assert code(pdf(more={5: b"(a)", 6: b"(b)"})) == "pdf_too_complex"


def test_values_are_counted_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = pdf(more={5: b"[" + b"1 " * 100 + b"]"})
    needed = next(limit for limit in range(1, 200) if _accepts_values(listed, limit, monkeypatch))
    assert needed > 100
    assert not _accepts_values(listed, needed - 1, monkeypatch)


def _accepts_values(data: bytes, limit: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(pdf_active_content, "MAX_VALUES", limit)
    return code(data) == ""


def test_unpacked_bytes_are_counted_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two object streams of 8 bytes each."""
    document = pdf(more={5: object_stream({7: b"(x)"}), 6: object_stream({8: b"(x)"})})
    for limit, expected in ((16, ""), (15, "pdf_too_complex")):
        monkeypatch.setattr(pdf_active_content, "MAX_UNPACKED_BYTES", limit)
        assert code(document) == expected, limit


@given(st.binary())
def test_random_bytes_raise_only_rejections(data: bytes) -> None:
    code(data)
    code(b"%PDF-1.7\n" + data + b"\n%%EOF")
    code(pdf(unlisted=data))


@given(st.data())
def test_changed_bytes_raise_only_rejections(data: st.DataObject) -> None:
    changed = bytearray(pdf_of_streams({6: b"<< /Title (x) >>"}))
    for offset in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=5)):
        changed[offset] = data.draw(st.integers(0, 255))
    code(bytes(changed))


def test_the_sandbox_gives_the_same_verdict(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf())
    assert examination.verdict(path) == {"kind": "pdf", "code": "", "params": {}}
    sandbox.examine(path, tmp_path)
    path.write_bytes(pdf(page=b"/AA << >>"))
    with pytest.raises(RejectedFile) as rejection:
        sandbox.examine(path, tmp_path)
    assert (rejection.value.code, rejection.value.params) == ("pdf_active", {"found": "/AA"})


@pytest.mark.parametrize("interpreter", ["/bin/false", "/bin/true"])
def test_a_sandbox_that_fails_or_prints_nothing_rejects_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interpreter: str
) -> None:
    monkeypatch.setattr(sys, "executable", interpreter)
    with pytest.raises(RejectedFile) as rejection:
        sandbox.examine(tmp_path / "a.pdf", tmp_path)
    assert rejection.value.code == "file_too_complex"


def test_a_sandbox_that_times_out_rejects_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def time_out(*_args: object, **_kwargs: object) -> None:
        raise subprocess.TimeoutExpired("python", 60)

    monkeypatch.setattr(sandbox.subprocess, "run", time_out)
    with pytest.raises(RejectedFile) as rejection:
        sandbox.examine(tmp_path / "a.pdf", tmp_path)
    assert rejection.value.code == "file_too_complex"


def test_the_pdf_library_is_loaded_in_the_sandbox_only() -> None:
    """The parser of untrusted files is not in the process that serves pages."""
    script = "import sys, registry.services.people.attachments; sys.exit('pypdf' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def with_unlisted(more: bytes) -> bytes:
    """A PDF with further bytes between its objects and its cross-reference table, which is found all the same."""
    whole = pdf()
    place = whole.rindex(b"\nxref") + 1
    start = whole.rindex(b"startxref\n") + len(b"startxref\n")
    end = whole[start:].replace(str(place).encode(), str(place + len(more)).encode(), 1)
    return whole[:place] + more + whole[place:start] + end


def test_the_search_for_unlisted_objects_is_linear() -> None:
    """Each of 20,000 headers opened a text that only the end of the file would close: 1.2 MB took 40 seconds."""
    hostile = with_unlisted(20_000 * b"9 0 obj( " + 1_000_000 * b"x" + b"\n")
    read = 0
    plain_read = pdf_active_content._MeteredBytes.read

    def counted(self: Any, size: int | None = -1, /) -> bytes:
        nonlocal read
        chunk = plain_read(self, size)
        read += len(chunk)
        return chunk

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pdf_active_content._MeteredBytes, "read", counted)
        assert code(hostile) in ("pdf_too_complex", "pdf_unreadable")
    assert read <= pdf_active_content.MIN_UNLISTED_BYTES + 8 * len(hostile)


def test_an_older_state_of_a_file_is_within_the_budget() -> None:
    """A file that was saved over and over again keeps its old objects, which no table lists any more."""
    old = b"".join(b"7 0 obj << /Old (%d) /More [1 2 3 4] >> endobj\n" % number for number in range(3000))
    assert code(with_unlisted(old)) == ""


def test_files_are_examined_two_at_a_time_over_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "WAIT_SECONDS", 0.0)
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf())
    with slots.hold_slot(tmp_path, "files", busy="files_busy"):
        with (
            slots.hold_slot(tmp_path, "files", busy="files_busy"),
            pytest.raises(Unavailable, match="files_busy"),
        ):
            sandbox.examine(path, tmp_path)
        assert sandbox.examine(path, tmp_path) == "pdf"


def test_only_one_thread_of_a_process_waits_for_a_slot(tmp_path: Path) -> None:
    with (
        slots.hold_slot(tmp_path, "files", busy="files_busy"),
        slots.hold_slot(tmp_path, "files", busy="files_busy"),
    ):
        assert slots._waiters.acquire(blocking=False)
        try:
            with pytest.raises(Unavailable), slots.hold_slot(tmp_path, "files", busy="files_busy"):
                pytest.fail("there are two slots")
        finally:
            slots._waiters.release()
