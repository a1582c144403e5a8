"""File types are recognised by content; truncated files, polyglots and archives that expand too far are refused."""

from __future__ import annotations

import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.attachments import ofd as ofd_module
from registry.attachments import pictures
from registry.attachments.file_names import sanitise_file_name
from registry.attachments.kinds import MAX_PICTURE_SIZE, MAX_SIZE, recognise, size_limit
from tests.unit.attachments import files
from tests.unit.attachments.files import VALID_FILES, archive, jpeg, ofd, pdf, png
from tests.unit.attachments.rejections import rejection_code

HTML = b"<html><script>alert(1)</script></html>\n"


def code(data: bytes) -> str:
    return rejection_code(recognise, data)


@pytest.mark.parametrize("kind", VALID_FILES)
def test_each_type_is_recognised_by_content(kind: str) -> None:
    assert recognise(VALID_FILES[kind]) == kind


def test_white_space_and_a_byte_order_mark_around_a_pdf_are_accepted() -> None:
    assert recognise(b"\xef\xbb\xbf\r\n" + pdf() + b"\r\n\0\0") == "pdf"


@pytest.mark.parametrize(
    "data",
    [
        HTML,
        b"MZ\x90\0",
        b"\x7fELF",
        b"GIF89a" + bytes(20),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x07\x08",
        b"x" * 1024 + pdf(),
        archive({"word/document.xml": b"<w/>"}),
        archive({"Doc/OFD.xml": files.OFD_XML}),
        b"\xff\xd8",
    ],
)
def test_other_types_are_refused(data: bytes) -> None:
    assert code(data) == "file_kind"


def test_a_damaged_archive_without_ofd_xml_is_no_damaged_ofd() -> None:
    word = archive({"word/document.xml": b"<w/>" * 100})
    assert {code(word[:end]) for end in range(4, len(word) - 1)} == {"file_kind"}
    assert code(VALID_FILES["ofd"][:-30]) == "file_damaged"


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_a_heic_picture_has_a_code_of_its_own(brand: bytes) -> None:
    assert code(b"\0\0\0\x18ftyp" + brand + bytes(100)) == "file_heic"


def test_an_empty_file_has_a_code_of_its_own() -> None:
    assert code(b"") == "file_empty"


@pytest.mark.parametrize("kind", VALID_FILES)
def test_a_file_truncated_at_any_offset_is_refused(kind: str) -> None:
    whole = VALID_FILES[kind].rstrip()
    assert [end for end in range(len(whole)) if not code(whole[:end])] == []


@pytest.mark.parametrize("kind", VALID_FILES)
def test_trailing_data_is_refused(kind: str) -> None:
    for other in (HTML, archive({"a.txt": b"a"}), b"MZ", *VALID_FILES.values()):
        data = VALID_FILES[kind] + other
        # Of two PDFs the first is an earlier revision: one PDF all the same. Two archives read as the later one.
        assert code(data) == ("" if kind == "pdf" and other == VALID_FILES["pdf"] else "file_mixed")


@pytest.mark.parametrize("before", [HTML, b"MZ", b"GIF89a;", b"#!/bin/sh\n"])
def test_data_before_a_pdf_is_refused(before: bytes) -> None:
    assert code(before + pdf()) == "file_mixed"


def with_comment_length(data: bytes, length: int) -> bytes:
    """An archive whose comment is the `length` bytes that follow it in another file."""
    return data[:-2] + struct.pack("<H", length)


@pytest.mark.parametrize(
    "data",
    [
        jpeg(comment=b"%PDF-1.7 and the rest"),
        png(text=b"Comment\0%PDF-1.7 and the rest"),
        archive({"%PDF-1.7": b"", "OFD.xml": files.OFD_XML}, zipfile.ZIP_STORED),
        pdf(unlisted=archive({"a": b"a"})) + b"",
    ],
)
def test_polyglots_are_refused(data: bytes) -> None:
    if data.startswith(b"%PDF"):  # give the archive a comment that reaches to the end
        end = data.index(b"PK\x05\x06") + 22
        data = data[: end - 2] + struct.pack("<H", len(data) - end) + data[end:]
    assert code(data) == "file_mixed"


def test_an_archive_whose_comment_is_the_rest_of_a_picture_is_detected() -> None:
    rest = len(jpeg(comment=b"x")) - jpeg(comment=b"x").index(b"x\xff\xc0") - 1
    assert code(jpeg(comment=with_comment_length(archive({"a": b"a"}), rest))) == "file_mixed"


def test_a_decoy_end_mark_does_not_hide_an_archive() -> None:
    """The first end mark leads nowhere; programs find the second one, which ends the file."""
    decoy = b"PK\x05\x06" + bytes(18)
    rest = len(jpeg(comment=b"x")) - jpeg(comment=b"x").index(b"x\xff\xc0") - 1
    polyglot = jpeg(comment=decoy + with_comment_length(archive({"a": b"a"}), rest))
    assert code(polyglot) == "file_mixed"
    assert code(jpeg(comment=decoy)) == ""


def test_the_longest_comment_of_an_archive_is_searched() -> None:
    """The length has 16 bits: the end record begins at most 22 + 65,535 bytes before the end of the file."""
    zipped = with_comment_length(archive({"a": b"a"}), 0xFFFF)
    padded = pdf(unlisted=zipped + b"\n" * 65_000)
    padding = 65_000 + 0xFFFF - (len(padded) - padded.index(zipped) - len(zipped))
    assert code(pdf(unlisted=zipped + b"\n" * padding)) == "file_mixed"
    assert code(pdf(unlisted=zipped + b"\n" * (padding - 1))) == ""


def test_header_and_end_mark_of_a_pdf_are_searched_within_1024_bytes() -> None:
    assert code(b"\n" * (1024 - len(b"%PDF-")) + pdf()) == ""
    assert code(b"\n" * (1024 - len(b"%PDF-") + 1) + pdf()) == "file_kind"
    assert code(pdf().rstrip() + b"\n" * (1024 - len(b"%%EOF"))) == ""
    assert code(pdf().rstrip() + b"\n" * (1024 - len(b"%%EOF") + 1)) == "file_damaged"


@pytest.mark.parametrize("make", [jpeg, png])
def test_dimensions_of_pictures_are_limited(make) -> None:
    assert code(make(30_000, 3_000)) == ""
    assert code(make(30_001, 1)) == "picture_size"
    assert code(make(10_000, pictures.MAX_PIXELS // 10_000)) == ""
    assert code(make(10_000, pictures.MAX_PIXELS // 10_000 + 1)) == "picture_size"
    assert code(make(1, 1)) == ""
    assert code(make(5, 0)) == "file_damaged"
    assert code(make(0, 5)) == "file_damaged"


def test_every_chunk_of_a_png_is_checked() -> None:
    valid = png()
    for offset in range(8, len(valid)):
        assert code(valid[:offset] + bytes([valid[offset] ^ 1]) + valid[offset + 1 :]) == "file_damaged"
    start, end = files.chunk(b"IHDR", bytes(13)), files.chunk(b"IEND", b"")
    assert code(pictures.PNG_SIGNATURE + end) == "file_damaged"
    assert code(pictures.PNG_SIGNATURE + files.chunk(b"tEXt", b"a\0b") + valid[8:]) == "file_damaged"
    assert code(pictures.PNG_SIGNATURE + valid[8:33] + end) == "file_damaged"
    assert code(valid[:-12] + start + end) == "file_damaged"


def test_path_traversal_in_an_ofd_is_refused() -> None:
    for name in ("../evil", "/etc/passwd", "a/../../b", "C:/x", "a\\b", "a\x01b"):
        assert code(ofd({name: b"x"})) == "ofd_paths"


def test_an_ofd_with_a_high_compression_ratio_or_many_entries_is_refused() -> None:
    assert code(ofd({"Doc_0/big": bytes(9_000_000)})) == "ofd_too_large"  # compresses to a thousandth
    root_entries = 2
    for count, expected in ((ofd_module.MAX_ENTRIES, ""), (ofd_module.MAX_ENTRIES + 1, "ofd_too_large")):
        assert code(ofd({f"Doc_0/{number}": b"" for number in range(count - root_entries)})) == expected
    assert code(ofd({f"Doc_0/{number}": b"<Page/>" for number in range(200)})) == ""


@pytest.mark.parametrize(
    ("unpacked", "packed", "expected"),
    [
        (ofd_module.RATIO_EXEMPT_BYTES, 1, ""),
        (ofd_module.RATIO_EXEMPT_BYTES + 1, 1, "ofd_too_large"),
        (2_000_000, 10_000, ""),  # exactly the allowed ratio
        (2_000_001, 10_000, "ofd_too_large"),
        (ofd_module.MAX_UNPACKED_BYTES, ofd_module.MAX_UNPACKED_BYTES // 2, ""),
        (ofd_module.MAX_UNPACKED_BYTES + 1, ofd_module.MAX_UNPACKED_BYTES // 2, "ofd_too_large"),
    ],
)
def test_the_unpacked_size_of_an_ofd_is_limited(unpacked: int, packed: int, expected: str) -> None:
    entry = zipfile.ZipInfo("Doc_0/Document.xml")
    entry.file_size, entry.compress_size = unpacked, packed
    assert rejection_code(lambda _data: ofd_module._check_sizes([entry]), b"") == expected


def test_an_ofd_that_claims_too_large_an_entry_is_refused() -> None:
    data = bytearray(ofd())
    offset = data.rindex(b"PK\x01\x02")
    data[offset + 24 : offset + 28] = struct.pack("<I", ofd_module.MAX_UNPACKED_BYTES + 1)
    assert code(bytes(data)) == "ofd_too_large"


def test_overlapping_entries_of_an_ofd_are_refused() -> None:
    data = bytearray(ofd())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 1)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    assert code(bytes(data)) == "file_damaged"


def test_an_encrypted_ofd_a_second_root_and_entities_are_refused() -> None:
    encrypted = bytearray(ofd())
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert code(bytes(encrypted)) == "file_damaged"
    assert code(ofd({"ofd.XML": files.OFD_XML})) == "file_damaged"
    assert code(archive({"OFD.xml": b"<html/>"})) == "file_damaged"
    entity = files.OFD_XML.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaa">]>', 1)
    assert code(archive({"OFD.xml": entity})) == "file_damaged"
    assert code(archive({"OFD.xml": files.OFD_XML}, zipfile.ZIP_LZMA)) == "file_damaged"


def test_pictures_have_a_lower_size_limit_than_documents() -> None:
    assert size_limit(jpeg()[:3]) == size_limit(png()) == MAX_PICTURE_SIZE
    assert size_limit(pdf()) == size_limit(b"") == MAX_SIZE


@given(
    st.sampled_from([b"", b"\xff\xd8\xff", pictures.PNG_SIGNATURE, b"PK\x03\x04", b"%PDF-1.7\n"]), st.binary()
)
def test_random_bytes_raise_only_rejections(head: bytes, data: bytes) -> None:
    code(head + data)


@given(st.sampled_from(sorted(VALID_FILES)), st.data())
def test_changed_bytes_raise_only_rejections(kind: str, data: st.DataObject) -> None:
    changed = bytearray(VALID_FILES[kind])
    for offset in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=5)):
        changed[offset] = data.draw(st.integers(0, 255))
    code(bytes(changed))


@pytest.mark.parametrize(
    ("name", "sanitised"),
    [
        ("证书.PDF", "证书.pdf"),
        ("C:\\Users\\mei\\scan.pdf", "scan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("holiday.exe", "holiday.exe.pdf"),
        ("\u202efdp.exe\0\n", "fdp.exe.pdf"),
        ("Cafe\u0301.pdf", "Café.pdf"),
        ("a\ud800b.pdf", "a b.pdf"),
        (".pdf", "file.pdf"),
        ("", "file.pdf"),
        ("x" * 196 + ".pdf", "x" * 196 + ".pdf"),
        ("x" * 197 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_file_names_are_sanitised(name: str, sanitised: str) -> None:
    assert sanitise_file_name(name, "pdf") == sanitised


@given(st.text())
def test_any_name_is_sanitised_to_a_safe_one(name: str) -> None:
    sanitised = sanitise_file_name(name, "jpeg")
    assert sanitised.endswith((".jpg", ".jpeg"))
    assert len(sanitised) <= 200
    assert not set(sanitised) & set("/\\\0\r\n")
    assert sanitise_file_name(sanitised, "jpeg") == sanitised
