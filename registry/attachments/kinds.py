"""Recognises PDF, JPEG, PNG and OFD by content, never by name (OWASP ASVS 12.2.1), and refuses two files in one.

A file that another program could read as a second kind is refused: what is shown must be what was checked.
"""

from __future__ import annotations

from typing import Literal

from registry.attachments import ofd, pictures
from registry.attachments.rejection import Refused

Kind = Literal["pdf", "jpeg", "png", "ofd"]
MEGABYTE = 1024 * 1024  # as file managers count
LARGEST = 20 * MEGABYTE
LARGEST_PICTURE = 10 * MEGABYTE
PDF, END_OF_PDF = b"%PDF-", b"%%EOF"
PDF_SEARCHED = (
    1024  # readers look for the header and the end mark so far into the file (ISO 32000-1, annex H.3)
)
ZIP_END = b"PK\x05\x06"  # end of central directory record (APPNOTE 4.3.16)
ZIP_END_SIZE = 22
ZIP_SEARCHED = ZIP_END_SIZE + 0xFFFF
HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})  # ISO/IEC 23008-12, 10
BLANK = b" \t\r\n\f\0"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def size_limit(head: bytes) -> int:
    """The most bytes that a file may have which begins like this; pictures have less room than documents."""
    return LARGEST_PICTURE if head.startswith((pictures.JPEG, pictures.PNG)) else LARGEST


def recognise(data: bytes) -> Kind:
    """What a whole file is. Raises `Refused`: empty, of no kind, damaged, or two kinds in one."""
    if not data:
        raise Refused("file_empty")
    if data.startswith(pictures.JPEG):
        pictures.check_jpeg(data)
        return _alone("jpeg", data)
    if data.startswith(pictures.PNG):
        pictures.check_png(data)
        return _alone("png", data)
    if data.startswith(ofd.ZIP):
        ofd.check(data)
        return _alone("ofd", data)
    if PDF in data[:PDF_SEARCHED]:
        _check_pdf(data)
        return _alone("pdf", data)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        raise Refused("file_heic")
    raise Refused("file_kind")


def _check_pdf(data: bytes) -> None:
    """Nothing but blanks around it: the last line holds the end mark and nothing else (ISO 32000-1, 7.5.5)."""
    before = data[: data.index(PDF)].removeprefix(BYTE_ORDER_MARK)
    if before.strip(BLANK):
        raise Refused("file_mixed", kind="PDF")
    end = data.rfind(END_OF_PDF, -PDF_SEARCHED)
    if end < 0:
        raise Refused("file_damaged", kind="PDF")
    if data[end + len(END_OF_PDF) :].strip(BLANK):
        raise Refused("file_mixed", kind="PDF")


def _alone(kind: Kind, data: bytes) -> Kind:
    """Raises `Refused` when the bytes can be opened as a PDF or as a ZIP archive too."""
    other_pdf = kind != "pdf" and PDF in data[:PDF_SEARCHED]
    other_zip = kind != "ofd" and _ends_as_zip(data)
    if other_pdf or other_zip:
        raise Refused("file_mixed", kind=kind.upper())
    return kind


def _ends_as_zip(data: bytes) -> bool:
    """True when an archive ends where the file does: programs read a ZIP from its end, whatever stands before."""
    tail = data[-ZIP_SEARCHED:]
    place = tail.find(ZIP_END)
    while place >= 0:
        comment = int.from_bytes(tail[place + 20 : place + ZIP_END_SIZE], "little")
        if place + ZIP_END_SIZE + comment == len(tail):
            return True
        place = tail.find(ZIP_END, place + 1)
    return False
