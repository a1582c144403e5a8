"""File types: PDF, JPEG, PNG and OFD, recognised by content, never by name (OWASP ASVS 12.2.1).

Polyglots, which another program could open as a second type, are refused: what is shown must be what was checked.
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
# Readers look for the header and the end mark so far from the start and the end of a file (ISO 32000-1, annex H.3).
PDF_SEARCH_BYTES = 1024
ZIP_END = b"PK\x05\x06"  # end of central directory record (APPNOTE 4.3.16)
ZIP_END_SIZE = 22
ZIP_SEARCH_BYTES = ZIP_END_SIZE + 0xFFFF
# ISO/IEC 23008-12, 10
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
PDF_WHITESPACE = b" \t\r\n\f\0"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def size_limit(head: bytes) -> int:
    """Return the maximum size in bytes of a file with this beginning; pictures have a lower limit than documents."""
    return (
        MAX_PICTURE_SIZE if head.startswith((pictures.JPEG_SIGNATURE, pictures.PNG_SIGNATURE)) else MAX_SIZE
    )


def recognise(data: bytes) -> Kind:
    """Return the type of a file. Raises `RejectedFile`: empty, of no known type, damaged, or a polyglot."""
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
    """Raise `RejectedFile` unless header and end mark have nothing but white space around them.

    The last line of a PDF holds the end mark only (ISO 32000-1, 7.5.5).
    """
    before = data[: data.index(PDF_HEADER)].removeprefix(BYTE_ORDER_MARK)
    if before.strip(PDF_WHITESPACE):
        raise RejectedFile("file_mixed", kind="PDF")
    end = data.rfind(PDF_END_MARK, -PDF_SEARCH_BYTES)
    if end < 0:
        raise RejectedFile("file_damaged", kind="PDF")
    if data[end + len(PDF_END_MARK) :].strip(PDF_WHITESPACE):
        raise RejectedFile("file_mixed", kind="PDF")


def _reject_polyglot(kind: Kind, data: bytes) -> Kind:
    """Raise `RejectedFile` if the bytes can also be opened as a PDF or as a ZIP archive."""
    other_pdf = kind != "pdf" and PDF_HEADER in data[:PDF_SEARCH_BYTES]
    other_zip = kind != "ofd" and _ends_as_zip(data)
    if other_pdf or other_zip:
        raise RejectedFile("file_mixed", kind=kind.upper())
    return kind


def _ends_as_zip(data: bytes) -> bool:
    """Return True if a ZIP archive ends where the file does: programs read ZIP from its end, whatever is in front.

    Every end mark is looked at, for the first one may be a decoy that leads nowhere.
    """
    tail = data[-ZIP_SEARCH_BYTES:]
    offset = tail.find(ZIP_END)
    while offset >= 0:
        comment_length = int.from_bytes(tail[offset + 20 : offset + ZIP_END_SIZE], "little")
        if offset + ZIP_END_SIZE + comment_length == len(tail):
            return True
        offset = tail.find(ZIP_END, offset + 1)
    return False
