"""What a PDF would do by itself is found however it is written, and where only some readers would look."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from registry.attachments import pdf_active_content, sandbox
from registry.attachments.rejection import RejectedFile
from tests.unit.attachments.files import object_stream, packed, pdf, pdf_of_streams, stream
from tests.unit.attachments.refusals import code_for

SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"
SHORT = b"<< /X << /JS (app.alert(1)) >> >>"  # too short a name to be looked for in the bytes


def found(data: bytes) -> set[str]:
    try:
        pdf_active_content.check_pdf(data)
    except RejectedFile as refused:
        assert refused.code == "pdf_active", refused.code
        return set(str(refused.params["found"]).split(", "))
    return set()


def code(data: bytes) -> str:
    return code_for(pdf_active_content.check_pdf, data)


def test_a_document_that_is_only_read_passes() -> None:
    assert len(PdfReader(io.BytesIO(pdf())).pages) == 1
    assert found(pdf()) == found(pdf_of_streams({6: b"<< /Title (x) >>"})) == set()
    link = b"/Annots [<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://a.example) >> >>]"
    assert found(pdf(page=link)) == set()
    assert (
        found(pdf(b"/OpenAction [3 0 R /Fit]"))
        == found(pdf(b"/OpenAction 5 0 R", more={5: b"null"}))
        == set()
    )
    assert found(pdf(b"/OpenAction << /S /GoTo /D [3 0 R /Fit] >>")) == set()
    assert found(b"\xef\xbb\xbf" + pdf()) == set()


@pytest.mark.parametrize(
    ("catalog", "page", "told"),
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
def test_each_is_told_by_its_name(catalog: bytes, page: bytes, told: set[str]) -> None:
    assert found(pdf(catalog, page)) == told


@pytest.mark.parametrize("name", [b"/J#61vaScript", b"/#4a#61#76#61#53#63#72#69#70#74", b"/JavaScrip#74"])
def test_names_written_in_hexadecimal_are_read(name: bytes) -> None:
    assert found(pdf(page=b"/Annots [<< /A << /S %s /J#53 (x) >> >>]" % name)) == {"/JavaScript", "/JS"}
    assert found(pdf(page=b"/A#41 << >>")) == {"/AA"}


def test_a_name_behind_a_reference_is_read() -> None:
    assert found(pdf(page=b"/Annots [<< /A << /S 5 0 R >> >>]", more={5: b"/GoToR"})) == {"/GoToR"}
    assert found(pdf(b"/OpenAction 5 0 R", more={5: b"<< /S /URI >>"})) == {"/OpenAction"}


def test_what_lies_in_an_object_stream_is_found() -> None:
    assert found(pdf_of_streams({6: b"<< /Title (x) >>", 7: SCRIPT})) == {"/JavaScript", "/JS"}
    assert found(pdf_of_streams({6: b"<< /S /J#61vaScript >>"})) == {"/JavaScript"}
    assert found(pdf_of_streams({6: b"<< /S /URI >>"}, b"/OpenAction 6 0 R")) == {"/OpenAction"}


def test_what_no_table_names_is_found() -> None:
    """Older revisions, and objects that only a reader that repairs the file would see."""
    assert found(pdf(unnamed=b"9 0 obj\n%s\nendobj\n" % SHORT)) == {"/JS"}
    assert found(pdf(unnamed=b"9\n0 obj%%c\n%s\nendobj\n" % SHORT)) == {"/JS"}
    assert found(pdf(unnamed=b"9 0 obj\n%s\nendobj\n" % object_stream({10: SHORT}))) == {"/JS"}
    assert found(pdf(more={5: object_stream({10: SHORT}, b"/Type /#4fbjStm")})) == {"/JS"}
    assert found(pdf(more={5: object_stream({10: SHORT}, b"/Type /Other")})) == {"/JS"}
    assert found(pdf(more={5: b"(x)"}, unnamed=b"5 0 obj\n%s\nendobj\n" % SHORT)) == {"/JS"}
    assert found(pdf(unnamed=b"/JavaScript ")) == {"/JavaScript"}


def test_an_encrypted_pdf_is_refused_as_such() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    assert code(written.getvalue()) == "pdf_encrypted"
    assert code(pdf(trailer=b"/Encrypt 5 0 R", more={5: b"<< /Filter /Standard >>"})) == "pdf_encrypted"
    assert code(pdf(trailer=b"/Encr#79pt 5 0 R", more={5: b"<< >>"})) == "pdf_encrypted"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7\n%%EOF\n",
        pdf().replace(b"/Root 1 0 R", b"/Root 4 7 R"),
        pdf(more={5: b"[" * 20_000}),
        pdf(more={5: stream(b"not packed", b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")}),
        pdf(more={5: packed(b"7 0 (x)", b"/Type /ObjStm /N 9 /First 4")}),
        pdf(more={5: packed(b"7 0 (x)", b"/Type /ObjStm")}),
    ],
    ids=["empty", "nothing", "no root", "deep", "not packed", "short", "no numbers"],
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    assert code(data) == "pdf_unreadable"


def test_much_in_little_is_refused() -> None:
    bomb = packed(
        b"7 0 " + b" " * (pdf_active_content.MAX_UNPACKED_BYTES + 1), b"/Type /ObjStm /N 1 /First 4"
    )
    assert code(pdf(more={5: bomb})) in ("pdf_unreadable", "pdf_too_complex")


def test_too_many_objects_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_active_content, "MAX_OBJECTS", 5)
    assert code(pdf()) == ""
    assert code(pdf(more={5: b"(a)", 6: b"(b)"})) == "pdf_too_complex"
    monkeypatch.setattr(pdf_active_content, "MAX_VALUES", 5)
    assert code(pdf()) == "pdf_too_complex"


@given(st.binary())
def test_random_bytes_raise_nothing_but_our_own(data: bytes) -> None:
    code(data)
    code(b"%PDF-1.7\n" + data + b"\n%%EOF")
    code(pdf(unnamed=data))


@given(st.data())
def test_a_changed_byte_raises_nothing_but_our_own(data: st.DataObject) -> None:
    changed = bytearray(pdf_of_streams({6: b"<< /Title (x) >>"}))
    for place in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=5)):
        changed[place] = data.draw(st.integers(0, 255))
    code(bytes(changed))


def test_a_process_of_its_own_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf())
    assert pdf_active_content.verdict(path) == {"code": "", "params": {}}
    sandbox.check_pdf(path)
    path.write_bytes(pdf(page=b"/AA << >>"))
    with pytest.raises(RejectedFile) as refused:
        sandbox.check_pdf(path)
    assert (refused.value.code, refused.value.params) == ("pdf_active", {"found": "/AA"})


@pytest.mark.parametrize("interpreter", ["/bin/false", "/bin/true"])
def test_a_process_that_fails_or_says_nothing_is_no_consent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interpreter: str
) -> None:
    monkeypatch.setattr(sys, "executable", interpreter)
    with pytest.raises(RejectedFile) as refused:
        sandbox.check_pdf(tmp_path / "a.pdf")
    assert refused.value.code == "pdf_too_complex"


def test_a_process_that_takes_too_long_is_no_consent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_given: object, **_named: object) -> None:
        raise subprocess.TimeoutExpired("python", 60)

    monkeypatch.setattr(sandbox.subprocess, "run", late)
    with pytest.raises(RejectedFile) as refused:
        sandbox.check_pdf(tmp_path / "a.pdf")
    assert refused.value.code == "pdf_too_complex"


def test_the_library_is_loaded_by_the_other_process_only() -> None:
    """What reads files from outside is not in the process that serves pages."""
    asked = "import sys, registry.services.people.attachments; sys.exit('pypdf' in sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True)
