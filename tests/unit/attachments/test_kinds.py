"""Kinds told by content: what is taken, what is cut off, what is two things at once, what would fill a disk."""

from __future__ import annotations

import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.attachments import ofd as ofd_room
from registry.attachments import pictures
from registry.attachments.file_names import sanitise_file_name
from registry.attachments.kinds import MAX_PICTURE_SIZE, MAX_SIZE, recognise, size_limit
from tests.unit.attachments import files
from tests.unit.attachments.files import GOOD, archive, jpeg, ofd, pdf, png
from tests.unit.attachments.refusals import code_for

HTML = b"<html><script>alert(1)</script></html>\n"


def code(data: bytes) -> str:
    return code_for(recognise, data)


@pytest.mark.parametrize("kind", GOOD)
def test_each_kind_is_recognised_by_what_is_in_it(kind: str) -> None:
    assert recognise(GOOD[kind]) == kind


def test_blanks_and_a_byte_order_mark_may_stand_around_a_pdf() -> None:
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
def test_nothing_else_is_taken(data: bytes) -> None:
    assert code(data) == "file_kind"


def test_an_archive_that_is_broken_is_not_called_an_ofd() -> None:
    word = archive({"word/document.xml": b"<w/>" * 100})
    assert {code(word[:end]) for end in range(4, len(word) - 1)} == {"file_kind"}
    assert code(GOOD["ofd"][:-30]) == "file_damaged"


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_a_photo_of_an_iphone_is_told_what_to_do(brand: bytes) -> None:
    assert code(b"\0\0\0\x18ftyp" + brand + bytes(100)) == "file_heic"


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert code(b"") == "file_empty"


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_that_is_cut_off_anywhere_is_refused(kind: str) -> None:
    whole = GOOD[kind].rstrip()
    assert [end for end in range(len(whole)) if not code(whole[:end])] == []


@pytest.mark.parametrize("kind", GOOD)
def test_nothing_may_follow(kind: str) -> None:
    for other in (HTML, archive({"a.txt": b"a"}), b"MZ", *GOOD.values()):
        data = GOOD[kind] + other
        # Of two PDFs the first is an earlier revision: one PDF all the same. Two archives read as the later one.
        assert code(data) == ("" if kind == "pdf" and other == GOOD["pdf"] else "file_mixed")


@pytest.mark.parametrize("before", [HTML, b"MZ", b"GIF89a;", b"#!/bin/sh\n"])
def test_nothing_may_stand_before_a_pdf(before: bytes) -> None:
    assert code(before + pdf()) == "file_mixed"


def ending_in_comment(data: bytes, rest: int) -> bytes:
    """An archive whose comment takes in what follows it in another file."""
    return data[:-2] + struct.pack("<H", rest)


@pytest.mark.parametrize(
    "data",
    [
        jpeg(comment=b"%PDF-1.7 and the rest"),
        png(text=b"Comment\0%PDF-1.7 and the rest"),
        archive({"%PDF-1.7": b"", "OFD.xml": files.OFD_XML}, zipfile.ZIP_STORED),
        pdf(unnamed=archive({"a": b"a"})) + b"",
    ],
)
def test_two_kinds_in_one_are_refused(data: bytes) -> None:
    if data.startswith(b"%PDF"):  # with a comment that reaches to the end
        end = data.index(b"PK\x05\x06") + 22
        data = data[: end - 2] + struct.pack("<H", len(data) - end) + data[end:]
    assert code(data) == "file_mixed"


def test_an_archive_whose_comment_is_the_rest_of_a_picture_is_seen() -> None:
    rest = len(jpeg(comment=b"x")) - jpeg(comment=b"x").index(b"x\xff\xc0") - 1
    assert code(jpeg(comment=ending_in_comment(archive({"a": b"a"}), rest))) == "file_mixed"


@pytest.mark.parametrize("make", [jpeg, png])
def test_a_picture_has_sane_dimensions(make) -> None:
    assert code(make(30_000, 3_000)) == ""
    assert code(make(30_001, 1)) == "picture_size"
    assert code(make(20_000, 20_000)) == "picture_size"
    assert code(make(0, 5)) == "file_damaged"


def test_a_png_is_checked_chunk_by_chunk() -> None:
    good = png()
    for place in range(8, len(good)):
        assert code(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]) == "file_damaged"
    start, end = files.chunk(b"IHDR", bytes(13)), files.chunk(b"IEND", b"")
    assert code(pictures.PNG_SIGNATURE + end) == "file_damaged"
    assert code(pictures.PNG_SIGNATURE + files.chunk(b"tEXt", b"a\0b") + good[8:]) == "file_damaged"
    assert code(pictures.PNG_SIGNATURE + good[8:33] + end) == "file_damaged"
    assert code(good[:-12] + start + end) == "file_damaged"


def test_an_ofd_names_nothing_outside() -> None:
    for name in ("../evil", "/etc/passwd", "a/../../b", "C:/x", "a\\b", "a\x01b"):
        assert code(ofd({name: b"x"})) == "ofd_paths"


def test_an_ofd_that_would_fill_a_disk_is_refused_unopened() -> None:
    assert code(ofd({"Doc_0/big": bytes(9_000_000)})) == "ofd_too_large"  # a thousandth of its size
    many = {f"Doc_0/{number}": b"" for number in range(ofd_room.MAX_ENTRIES)}
    assert code(ofd(many)) == "ofd_too_large"
    assert code(ofd({f"Doc_0/{number}": b"<Page/>" for number in range(200)})) == ""


def test_an_ofd_that_claims_more_than_fits_is_refused() -> None:
    data = bytearray(ofd())
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", ofd_room.MAX_UNPACKED_BYTES + 1)
    assert code(bytes(data)) == "ofd_too_large"


def test_entries_of_an_ofd_do_not_share_bytes() -> None:
    data = bytearray(ofd())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 1)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    assert code(bytes(data)) == "file_damaged"


def test_an_ofd_is_not_encrypted_has_one_root_and_no_entities() -> None:
    locked = bytearray(ofd())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert code(bytes(locked)) == "file_damaged"
    assert code(ofd({"ofd.XML": files.OFD_XML})) == "file_damaged"
    assert code(archive({"OFD.xml": b"<html/>"})) == "file_damaged"
    entity = files.OFD_XML.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaa">]>', 1)
    assert code(archive({"OFD.xml": entity})) == "file_damaged"
    assert code(archive({"OFD.xml": files.OFD_XML}, zipfile.ZIP_LZMA)) == "file_damaged"


def test_pictures_have_less_room() -> None:
    assert size_limit(jpeg()[:3]) == size_limit(png()) == MAX_PICTURE_SIZE
    assert size_limit(pdf()) == size_limit(b"") == MAX_SIZE


@given(
    st.sampled_from([b"", b"\xff\xd8\xff", pictures.PNG_SIGNATURE, b"PK\x03\x04", b"%PDF-1.7\n"]), st.binary()
)
def test_random_bytes_raise_nothing_but_our_own(head: bytes, data: bytes) -> None:
    code(head + data)


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_a_changed_byte_raises_nothing_but_our_own(kind: str, data: st.DataObject) -> None:
    changed = bytearray(GOOD[kind])
    for place in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=5)):
        changed[place] = data.draw(st.integers(0, 255))
    code(bytes(changed))


@pytest.mark.parametrize(
    ("given_name", "kept"),
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
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_only_something_to_read(given_name: str, kept: str) -> None:
    assert sanitise_file_name(given_name, "pdf") == kept


@given(st.text())
def test_any_name_becomes_a_safe_one(name: str) -> None:
    made = sanitise_file_name(name, "jpeg")
    assert made.endswith((".jpg", ".jpeg"))
    assert len(made) <= 200
    assert not set(made) & set("/\\\0\r\n")
    assert sanitise_file_name(made, "jpeg") == made
