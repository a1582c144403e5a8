"""Recognises PDF, JPEG, PNG and OFD by content, never by name (OWASP ASVS 12.2.1), and refuses two files in one.

A file that another program could read as a second kind is refused: what is shown must be what was checked.
"""

from __future__ import annotations

from typing import Literal

from registry.attachments import ofd, pictures
from registry.attachments.rejection import RejectedFile

Kind = Literal["pdf", "jpeg", "png", "ofd"]
MEGABYTE = 1024 * 1024  # as file managers count
MAX_SIZE = 20 * MEGABYTE
MAX_PICTURE_SIZE = 10 * MEGABYTE
PDF_HEADER, PDF_END_MARK = b"%PDF-", b"%%EOF"
PDF_SEARCH_BYTES = (
    1024  # readers look for the header and the end mark so far into the file (ISO 32000-1, annex H.3)
)
ZIP_END = b"PK\x05\x06"  # end of central directory record (APPNOTE 4.3.16)
ZIP_END_SIZE = 22
ZIP_SEARCH_BYTES = ZIP_END_SIZE + 0xFFFF
HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}
)  # ISO/IEC 23008-12, 10
PDF_WHITESPACE = b" \t\r\n\f\0"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def size_limit(head: bytes) -> int:
    """The most bytes that a file may have which begins like this; pictures have less room than documents."""
    return (
        MAX_PICTURE_SIZE if head.startswith((pictures.JPEG_SIGNATURE, pictures.PNG_SIGNATURE)) else MAX_SIZE
    )


def recognise(data: bytes) -> Kind:
    """What a whole file is. Raises `Refused`: empty, of no kind, damaged, or two kinds in one."""
    if not data:
        raise RejectedFile("file_empty")
    if data.startswith(pictures.JPEG_SIGNATURE):
        pictures.check_jpeg(data)
        return _reject_polyglot("jpeg", data)
    if data.startswith(pictures.PNG_SIGNATURE):
        pictures.check_png(data)
        return _reject_polyglot("png", data)
    if data.startswith(ofd.ZIP_HEADER):
        ofd.check(data)
        return _reject_polyglot("ofd", data)
    if PDF_HEADER in data[:PDF_SEARCH_BYTES]:
        _check_pdf(data)
        return _reject_polyglot("pdf", data)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise RejectedFile("file_heic")
    raise RejectedFile("file_kind")


def _check_pdf(data: bytes) -> None:
    """Nothing but blanks around it: the last line holds the end mark and nothing else (ISO 32000-1, 7.5.5)."""
    before = data[: data.index(PDF_HEADER)].removeprefix(BYTE_ORDER_MARK)
    if before.strip(PDF_WHITESPACE):
        raise RejectedFile("file_mixed", kind="PDF")
    end = data.rfind(PDF_END_MARK, -PDF_SEARCH_BYTES)
    if end < 0:
        raise RejectedFile("file_damaged", kind="PDF")
    if data[end + len(PDF_END_MARK) :].strip(PDF_WHITESPACE):
        raise RejectedFile("file_mixed", kind="PDF")


def _reject_polyglot(kind: Kind, data: bytes) -> Kind:
    """Raises `Refused` when the bytes can be opened as a PDF or as a ZIP archive too."""
    other_pdf = kind != "pdf" and PDF_HEADER in data[:PDF_SEARCH_BYTES]
    other_zip = kind != "ofd" and _ends_as_zip(data)
    if other_pdf or other_zip:
        raise RejectedFile("file_mixed", kind=kind.upper())
    return kind


def _ends_as_zip(data: bytes) -> bool:
    """True when an archive ends where the file does: programs read a ZIP from its end, whatever stands before."""
    tail = data[-ZIP_SEARCH_BYTES:]
    place = tail.find(ZIP_END)
    while place >= 0:
        comment = int.from_bytes(tail[place + 20 : place + ZIP_END_SIZE], "little")
        if place + ZIP_END_SIZE + comment == len(tail):
            return True
        place = tail.find(ZIP_END, place + 1)
    return False
